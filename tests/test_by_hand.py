"""Typed links in notes that people write: the filter finds in pandoc's text what the grammar finds in the source."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pypandoc
import pytest

import cases
from conftest import ROOT
from typedwiki.notes.by_hand import link_key
from typedwiki.text.links import scan

SCRIPT = """
local by_hand = dofile(arg[1])
local case = pandoc.json.decode(io.read("a"), false)
local doc = pandoc.read(case.text, "markdown")
doc = doc:walk({ Inlines = function(list) return by_hand.link(list, case) end })
local found = {}
doc:walk({ Link = function(link) if link.target:match("^#k") then table.insert(found, link.target) end end })
print(pandoc.json.encode(found))
"""


def targets(text: str, links: dict[str, str], folder: Path) -> list[str]:
    """What the filter makes links of, in order."""
    script = folder / "links.lua"
    script.write_text(SCRIPT, encoding="utf-8")
    command = [pypandoc.get_pandoc_path(), "lua", str(script), str(ROOT / "_extensions/typedwiki/byhand.lua")]
    given = json.dumps({"text": text, "links": links, "reader": "markdown"})
    done = subprocess.run(command, input=given, capture_output=True, encoding="utf-8", check=True)
    return list(json.loads(done.stdout) or [])


@pytest.mark.parametrize("case", cases.load("links"), ids=lambda case: case.title)
def test_the_filter_reads_the_grammar(case: cases.Case, tmp_path: Path) -> None:
    found = scan(case.given, indented_code=True).links
    found = [k for k in found if case.given.startswith("[[", k.span.start)]  # others are pandoc's own
    keys = [link_key(case.given[k.span.start + 2 : k.span.end - 2]) for k in found]
    numbers = {key: f"#k{i}" for i, key in enumerate(dict.fromkeys(keys))}
    links = {key: f"[x]({number})" for key, number in numbers.items()}
    assert targets(case.given, links, tmp_path) == [numbers[key] for key in keys]


@pytest.mark.parametrize(
    "written",
    [
        "See [[Principle:Don't stop]].",
        'A *[[Principle:"Quoted" -- name]]* one.',
        "- [[Principle:A_b_c|a *label*]]\n",
        "([[Principle:A]], [[Principle:B]])",
        "**[[Principle:A]]**",
        "> [[Principle:A]]\n",
    ],
)
def test_running_text_changes_nothing(written: str, tmp_path: Path) -> None:
    found = scan(written, indented_code=True).links
    keys = [link_key(written[k.span.start + 2 : k.span.end - 2]) for k in found]
    links = {key: f"[x](#k{i})" for i, key in enumerate(keys)}
    assert targets(written, links, tmp_path) == [f"#k{i}" for i in range(len(keys))] != []
