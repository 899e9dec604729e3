"""Conversion of MediaWiki pages: tables of cases for the Markdown, and for what pandoc reads in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from time import process_time

import pypandoc
import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag

import cases
from typedwiki.text.wikitext import convert

READER = (
    "markdown-citations-smart-example_lists-raw_tex-latex_macros-blank_before_header-blank_before_blockquote"
    "+wikilinks_title_after_pipe+autolink_bare_uris+lists_without_preceding_blankline+mark"
)
_SHOWN_ATTRIBUTES = frozenset({"href", "src", "alt", "width", "height", "colspan", "rowspan", "checked"})
"""Attributes that matter to the cases."""


def convert_page(text: str) -> str:
    """The Markdown of a page, and below it the page's own metadata."""
    page = convert(text, "Tools")
    metadata = [*page.fields, ("title", page.title), ("redirect", page.redirect)]
    metadata_lines = "".join(f"\n⟦{name}⟧ {value}" for name, value in metadata if value)
    return re.sub(r"\n{3,}", "\n\n", page.markdown + metadata_lines).strip("\n")


def read_by_pandoc(text: str) -> BeautifulSoup:
    """The Markdown of a page as pandoc reads it."""
    markdown = convert(text, "Tools").markdown
    return BeautifulSoup(pypandoc.convert_text(markdown, "html", READER, ["--wrap=none", "--mathml"]), "html.parser")


def simplify(soup: BeautifulSoup) -> str:
    """HTML without pandoc's additions, one block a line."""
    for span in soup.find_all("span"):
        span.unwrap()
    for tag in soup.find_all(True):
        assert isinstance(tag, Tag)
        tag.attrs = {
            name: value for name, value in tag.attrs.items() if name in _SHOWN_ATTRIBUTES and value != "wikilink"
        }
    html = re.sub(r"\s*\n\s*", "\n", str(soup).replace("<!-- -->", ""))
    html = re.sub(r"</?(?:thead|tbody)>\n?", "", html)
    return re.sub(r"\n(?=</?(?:tr|td|th|dd|dt)\b)|(?<=<td>|<th>|<dd>)\n", "", html).strip()


@pytest.mark.parametrize("case", cases.load("wikitext"), ids=lambda case: case.title)
def test_markdown_of_cases(case: cases.Case) -> None:
    lines = [line.rstrip() for line in convert_page(case.given).split("\n")]
    assert "\n".join(lines) == case.expected


@pytest.mark.parametrize("case", cases.load("wikitext_read"), ids=lambda case: case.title)
def test_cases_as_pandoc_reads_them(case: cases.Case) -> None:
    assert simplify(read_by_pandoc(case.given)) == case.expected


def test_code_is_kept_byte_for_byte() -> None:
    body = "\tx = '''a''' [[b]] {{c}} &lt; `d` $e$\n\n```\n````\n  ~~~ <!-- f -->\n|- \\| \\\\ %%"
    page = "\n".join(f"* item\n<{tag}>\n{body}\n</{tag}>" for tag in ("syntaxhighlight", 'source lang="c"'))
    page = page.replace('</source lang="c">', "</source>")
    tree = read_by_pandoc(f"{page}\n{{|\n| cell\n<syntaxhighlight>\n{body}\n</syntaxhighlight>\n|}}")
    expected = body.replace("\t", "    ")  # pandoc expands tabs by default
    assert [code.get_text() for code in tree.find_all("code")] == [expected] * 3


def test_footnote_in_an_infobox_is_kept() -> None:
    page = convert("{{Infobox|born=1912<ref>A register.</ref>}}\nText.")
    assert page.fields == [("born", "1912[^1]")]
    assert page.markdown.endswith("[^1]: A register.")


def test_page_name_is_escaped() -> None:
    assert convert("{{PAGENAME}} x", "A_*b*").markdown == "A\\_\\*b\\* x"
    assert convert("{{PAGENAME}} x").markdown == "`{{PAGENAME}}` x"


ADVERSARIAL: dict[str, Callable[[int], str]] = {
    "a template, then spaces": lambda n: "{{a" + " " * n,
    "templates left open": lambda n: "{{a|" * (n // 4),
    "templates within templates": lambda n: "{{a|" * (n // 6) + "}}" * (n // 6),
    "an infobox of spaces": lambda n: "{{Infobox|a" + " " * n + "=b}}",
    "an address, then spaces": lambda n: "[http://x" + " " * n,
    "addresses left open": lambda n: "[http://x " * (n // 10),
    "apostrophes": lambda n: "'" * n,
    "bold and italics": lambda n: "'''''a'''b''" * (n // 11),
    "links left open": lambda n: "[[" * (n // 2),
    "links with labels left open": lambda n: "[[a|" * (n // 4),
    "links within links": lambda n: "[[a|" * (n // 6) + "]]" * (n // 6),
    "links within links, apart": lambda n: "[[a|" * (n // 7) + "]] " * (n // 7),
    "links within a template": lambda n: "{{" + "[[" * (n // 4) + "}}" * (n // 4),
    "pictures within pictures": lambda n: "[[File:a.png|" * (n // 15) + "]]" * (n // 15),
    "brackets": lambda n: "[" * n,
    "labels left open": lambda n: "[a](" * (n // 4),
    "tables left open": lambda n: "{|\n" * (n // 3),
    "tables within tables": lambda n: "{|\n|" * (n // 8) + "\n|}" * (n // 8),
    "attributes left open": lambda n: '{|\n| class="' * (n // 12),
    "references left open": lambda n: "<ref>" * (n // 5),
    "references": lambda n: "<ref>a</ref>" * (n // 12),
    "quotations within quotations": lambda n: "<blockquote>" * (n // 25) + "</blockquote>" * (n // 25),
    "colons": lambda n: ":" * n,
    "terms": lambda n: ";a<b>" * (n // 5),
    "stars": lambda n: "*a " * (n // 3),
    "struck out": lambda n: "</s>" * (n // 4),
    "underscores": lambda n: "_" * n + "a",
    "a heading, then spaces": lambda n: "== a" + " " * n + "b",
    "lines of spaces": lambda n: ("\n" + " " * 50) * (n // 51),
    "comments left open": lambda n: "<!--" * (n // 4),
    "backticks": lambda n: "` `` " * (n // 5),
    "dollars": lambda n: "$a " * (n // 3),
    "items ever deeper": lambda n: "".join(" " * (2 * (i % 100)) + "- x\n" for i in range(n // 104)),
    "cells": lambda n: "a|\n|-|\n" + "|" * n,
}


def cost(page: str) -> float:
    """The processor seconds of a conversion; the least of three, because other processes disturb."""
    times = []
    for _ in range(3):
        start = process_time()
        convert(page)
        times.append(process_time() - start)
    return min(times)


@pytest.mark.slow
@pytest.mark.parametrize("name", ADVERSARIAL)
def test_cost_is_linear(name: str) -> None:
    floor = 0.01  # seconds; shorter times are not measurable
    for _ in range(3):  # a busy machine may need another try
        small, middle, large = (cost(ADVERSARIAL[name](length)) for length in (10_000, 20_000, 40_000))
        if large < 3.2 * max(middle, floor) and large < 7 * max(small, floor):
            return
    pytest.fail(f"{small:.3f} s, {middle:.3f} s and {large:.3f} s for 10, 20 and 40 KB")
