"""Other tools' Markdown: its table of cases, and what pandoc makes of it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from random import Random

import pypandoc
import pytest
from bs4 import BeautifulSoup

import cases
from conftest import ROOT
from typedwiki.text.flavours import block_anchor, to_pandoc, without_notion_id
from typedwiki.text.flavours.callouts import CALLOUTS

CASES = cases.load("flavours")
READER = (
    "markdown-citations-smart-example_lists-raw_tex-latex_macros-blank_before_header-blank_before_blockquote"
    "+wikilinks_title_after_pipe+autolink_bare_uris+lists_without_preceding_blankline+mark"
)
LUA = ROOT / "_extensions/typedwiki/flavours.lua"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_table(case: cases.Case) -> None:
    written = to_pandoc(case.given)
    assert written == (case.given if case.expected == "same" else case.expected)
    assert to_pandoc(written) == written, "a second time changes it"


@pytest.fixture
def read(tmp_path: Path) -> object:
    """Pandoc with the rows for nodes, as HTML."""
    lua = f"local rows = dofile({json.dumps(str(LUA))})\nfunction Pandoc(doc) doc.blocks = rows.blocks(doc.blocks) return doc end\n"
    (tmp_path / "rows.lua").write_text(lua, encoding="utf-8")

    def convert(text: str) -> BeautifulSoup:
        html = pypandoc.convert_text(
            to_pandoc(text), "html", READER, [f"--lua-filter={tmp_path / 'rows.lua'}", "--mathml"]
        )
        return BeautifulSoup(html, "html.parser")

    return convert
