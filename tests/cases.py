"""Tables of cases in Markdown files: a heading, the input, the expected output."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "cases"
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
    """The cases of ``cases/<name>.md``. Every heading of the file must be a case."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    cases = [
        Case(m["title"], m["flags"].strip(), m["given"].removesuffix("\n"), m["expected"].removesuffix("\n"))
        for m in _CASE.finditer(text)
    ]
    rest = _CASE.sub("", text)
    assert len(cases) > 1
    assert "\n## " not in rest, f"a case of {name}.md is not well formed"
    return cases
