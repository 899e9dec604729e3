"""Typed links in hand-written notes: the pandoc filter finds the links that Python finds in the source."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pypandoc
import pytest

import cases
from conftest import ROOT
from typedwiki.notes.link_table import link_key
from typedwiki.text.links import scan

RESOLVE_LINKS = """
local links = assert(loadfile(arg[1]))({ html = {} })
local case = pandoc.json.decode(io.read("a"), false)
local doc = pandoc.read(case.text, "markdown"):walk({ Inlines = links.bracketed })
doc = doc:walk({
  Link = function(link) if link.classes:includes("wikilink") then return links.link(link, case) end end,
})
local found = {}
doc:walk({ Link = function(link) if link.target:match("^#k") then table.insert(found, link.target) end end })
print(pandoc.json.encode(found))
"""


def resolved_targets(text: str, wiki: dict[str, dict[str, str]], folder: Path) -> list[str]:
    """The targets of the links that the filter creates, in order."""
    script = folder / "links.lua"
    script.write_text(RESOLVE_LINKS, encoding="utf-8")
    command = [pypandoc.get_pandoc_path(), "lua", str(script), str(ROOT / "_extensions/typedwiki/links.lua")]
    case = json.dumps({"text": text, "wiki": wiki, "files": {}, "images": {}, "reader": "markdown"})
    result = subprocess.run(command, input=case, capture_output=True, encoding="utf-8", check=True)
    return list(json.loads(result.stdout) or [])


@pytest.mark.parametrize("case", cases.load("links"), ids=lambda case: case.title)
def test_filter_and_python_parse_links_alike(case: cases.Case, tmp_path: Path) -> None:
    links = [link for link in scan(case.given).links if case.given.startswith("[[", link.span.start)]
    keys = [link_key(link.written) for link in links]
    numbers = {key: f"#k{i}" for i, key in enumerate(dict.fromkeys(keys))}
    table = {key: {"to": number, "text": "x"} for key, number in numbers.items()}
    assert resolved_targets(case.given, table, tmp_path) == [numbers[key] for key in keys]


@pytest.mark.parametrize(
    "text",
    [
        "See [[Principle:Don't stop]].",
        'A *[[Principle:"Quoted" -- name]]* one.',
        "- [[Principle:A_b_c|a *label*]]\n",
        "([[Principle:A]], [[Principle:B]])",
        "**[[Principle:A]]**",
        "> [[Principle:A]]\n",
    ],
)
def test_filter_finds_links_within_markup(text: str, tmp_path: Path) -> None:
    keys = [link_key(link.written) for link in scan(text).links]
    table = {key: {"to": f"#k{i}", "text": "x"} for i, key in enumerate(keys)}
    assert resolved_targets(text, table, tmp_path) == [f"#k{i}" for i in range(len(keys))] != []


LIST_HEADINGS = """
local folder = arg[1]
local note = dofile(folder .. "load.lua")(folder)
local case = pandoc.json.decode(io.read("a"), false)
local doc = note.complete_by_hand(pandoc.read(case.text, "markdown"), case)
local found = {}
for _, block in ipairs(doc.blocks) do
  if block.t == "Header" then table.insert(found, pandoc.utils.stringify(block.content)) end
end
print(pandoc.json.encode(found))
"""


@pytest.mark.parametrize(("title", "sources_title"), [("Sources", None), ("Quellen", "Quellen"), ("Fuentes", None)])
def test_connections_precede_the_sources_section(title: str, sources_title: str | None, tmp_path: Path) -> None:
    script = tmp_path / "placed.lua"
    script.write_text(LIST_HEADINGS, encoding="utf-8")
    case: dict[str, object] = {
        "text": f"## A\n\na\n\n## {title}\n\n- b\n",
        "strip": "",
        "connections": "## Connections\n",
    }
    case |= {"wiki": {}, "files": {}, "images": {}, "reader": "markdown"} | (
        {"sources": sources_title} if sources_title else {}
    )
    command = [pypandoc.get_pandoc_path(), "lua", str(script), f"{ROOT / '_extensions/typedwiki'}/"]
    result = subprocess.run(command, input=json.dumps(case), capture_output=True, encoding="utf-8", check=True)
    expected = ["A", "Connections", title] if sources_title or title == "Sources" else ["A", title, "Connections"]
    assert json.loads(result.stdout) == expected
