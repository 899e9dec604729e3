"""Tables of cases in Markdown: a heading, what goes in, what must come out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent / "cases"
_CASE = re.compile(
    r"^## (?P<title>[^\n]+)\n+(?P<fence>`{4,}|~{4,})(?P<flags>[^\n]*)\n(?P<given>.*?)^(?P=fence)\n+"
    r"(?P<fence2>`{4,}|~{4,})[^\n]*\n(?P<expected>.*?)^(?P=fence2)$",
    re.MULTILINE | re.DOTALL,
)


class Case(NamedTuple):
    """One row of a table."""

    title: str
    flags: str
    given: str
    expected: str


def load(name: str) -> list[Case]:
    """The cases of ``cases/<name>.md``; every heading of the file must be one."""
    text = (HERE / f"{name}.md").read_text(encoding="utf-8")
    found = [
        Case(m["title"], m["flags"].strip(), m["given"].removesuffix("\n"), m["expected"].removesuffix("\n"))
        for m in _CASE.finditer(text)
    ]
    outside = _CASE.sub("", text)
    assert len(found) > 1
    assert "\n## " not in outside, f"a case of {name}.md is not well formed"
    return found
