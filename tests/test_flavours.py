"""Markdown of other tools: a table of cases, and how pandoc reads the result."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pypandoc
import pytest
from bs4 import BeautifulSoup

import cases
from conftest import ROOT
from typedwiki.audit.markup import raw_markup
from typedwiki.text.directives import CALLOUTS
from typedwiki.text.flavour_inlines import block_anchor
from typedwiki.text.flavours import to_pandoc
from typedwiki.text.verbatim import verbatim_parts

CASES = cases.load("flavours")
READER = (
    "markdown-citations-smart-example_lists-raw_tex-latex_macros-blank_before_header-blank_before_blockquote"
    "+wikilinks_title_after_pipe+autolink_bare_uris+lists_without_preceding_blankline+mark"
)
LUA = ROOT / "_extensions/typedwiki/flavours.lua"
Read = Callable[[str], BeautifulSoup]


@pytest.fixture
def read_by_pandoc(tmp_path: Path) -> Read:
    """Converts a page, with the Lua filter for its blocks, to HTML by pandoc."""
    filter_code = f"local rows = dofile({json.dumps(str(LUA))})\n"
    walk_code = "function Pandoc(doc) doc.blocks = rows.blocks(doc.blocks) return doc end\n"
    (tmp_path / "rows.lua").write_text(filter_code + walk_code, encoding="utf-8")
    options = [f"--lua-filter={tmp_path / 'rows.lua'}", "--mathml"]

    def convert(text: str) -> BeautifulSoup:
        return BeautifulSoup(pypandoc.convert_text(to_pandoc(text), "html", READER, options), "html.parser")

    return convert


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_conversion_of_cases(case: cases.Case) -> None:
    converted = to_pandoc(case.given)
    assert converted == (case.given if case.expected == "same" else case.expected)
    assert to_pandoc(converted) == converted, "a second conversion changes it"


RENDERED = {
    "docusaurus": (
        ":::tip[Use it]\nText\n:::\nBelow",
        {".callout-tip[title='Use it'] > p": "Text", "body > p": "Below"},
    ),
    "docusaurus in a list": ("- One\n\n  :::note\n  Text\n  :::\n\n- Two", {"li .callout-note > p": "Text"}),
    "mkdocs": ("!!! danger\n    One\n\n    - Two\n\nBelow", {".callout-warning li": "Two", "body > p": "Below"}),
    "mkdocs in a list": ("1. One\n\n    !!! note\n        Text\n\n2. Two", {"li .callout-note > p": "Text"}),
    "mkdocs folded": ("??? note\n    Text", {".callout-note[data-collapse=true] > p": "Text"}),
    "mkdocs tabs": (
        '=== "A b"\n\n    One\n\n=== "C"\n\n    Two',
        {".panel-tabset > h6": "A b", ".panel-tabset > p": "One"},
    ),
    "myst": ("````{tip}\n```{code-block} sh\nls\n```\n````", {".callout-tip pre.sh": "ls"}),
    "myst figure": (
        "```{figure} a.png\n:width: 50%\n\nThe *a*\n```",
        {"figcaption em": "a", "img[style*='50.0%']": ""},
    ),
    "azure diagram": ("::: mermaid\ngraph LR\n:::", {"pre.mermaid": "graph LR"}),
    "image width": (
        "Text ![P|300](x.png) ![P](y.png =20x30)",
        {"img[width='300']": "", "img[width='20'][height='30']": ""},
    ),
    "comment": ("One %%two%% three", {"p": "One three"}),
    "block id": ("A paragraph ^ab", {"p > span#block-ab": ""}),
    "words behind a fence": ('```py title="a.py" {1}\nx\n```', {"[data-filename='a.py'] pre.py": "x"}),
    "open fence": ("```sh\nls", {"pre.sh": "ls"}),
    "environment": ("\\begin{align}\na &= b\n\\end{align}", {"math[display=block] mtable": None}),
    "link in a table": ("| a |\n|---|\n| [[B|c]] |", {"td a.wikilink": "c"}),
    "alert": ("> [!WARNING]\n> Text", {".callout-warning > p": "Text"}),
    "alert with a title": ("> [!note]- See [[A|b]]\n> Text", {".callout-note[data-collapse=true] h2 a.wikilink": "b"}),
    "alert of a name without a title": (
        "> [!bug]\n> Text",
        {".callout-warning h2": "Bug", ".callout-warning > p": "Text"},
    ),
    "alert in an alert": ("> [!tip] A\n> > [!todo]+\n> > - One", {".callout-tip .callout-note li": "One"}),
    "alert of another name": ("> [!pied-piper|right] T\n> - One", {".callout-note h2": "T", ".callout-note li": "One"}),
    "table of contents": ("[TOC]\n\n[[_TOC_]]\n\nText", {"body > p": "Text"}),
    "html comments": ("A <!-- b -->c\n\n<!-- d -->", {"p": "A c"}),
}


@pytest.mark.parametrize(("text", "expected"), RENDERED.values(), ids=RENDERED)
def test_pandoc_renders_converted_markup(read_by_pandoc: Read, text: str, expected: dict[str, str | None]) -> None:
    page = BeautifulSoup(f"<body>{read_by_pandoc(text)}</body>", "html.parser")
    for selector, words in expected.items():
        matches = page.select(selector)
        assert matches, f"no {selector} in {page}"
        assert words is None or matches[0].get_text().strip() == words
    assert not any(mark in page.get_text() for mark in (":::", "!!!", "???", "===", "[!", "%%", "TOC", "<!--"))


def test_quotes_that_are_not_alerts_stay_quotes(read_by_pandoc: Read) -> None:
    assert read_by_pandoc("> [!note\n\n> See [!note] there\n\n> [note] x").select("blockquote > p") != []
    assert not read_by_pandoc("> [!note\n\n> See [!note] there").select("[class^=callout]")


def test_lua_and_python_have_the_same_callouts(tmp_path: Path) -> None:
    script = (
        f"local rows = dofile({json.dumps(str(LUA))})\nfunction Writer() return pandoc.json.encode(rows.callouts) end\n"
    )
    (tmp_path / "names.lua").write_text(script, encoding="utf-8")
    assert json.loads(pypandoc.convert_text("x", str(tmp_path / "names.lua"), "markdown")) == CALLOUTS


def test_block_anchor_equals_the_written_id() -> None:
    assert to_pandoc("Text ^a-1") == f"Text []{{#{block_anchor('a-1')}}}"


def test_random_mixtures_of_cases_convert_fast() -> None:
    pieces = [line for case in CASES for line in case.given.split("\n")]
    random = Random(7)
    for _ in range(300):
        text = "\n".join(random.choice(("", "  ", "> ", "- ", "    ")) + random.choice(pieces) for _ in range(30))
        start = time.process_time()
        to_pandoc(text)
        find_unknown_markup(text)
        assert time.process_time() - start < 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "opener",
    [
        ":::tip\n",
        "::::",
        "!!! note\n",
        '=== "a"\n',
        "```{note}\n",
        "- ```\n",
        "> ",
        ">>>\n> x\n",
        "%%a\n",
        "%%a ",
        "<aside>\n",
        "<!-- toc -->\n",
        "<!--",
        "{% hint %}\n",
        "{/*",
        "{::comment}",
        "\\(x",
        "\\[x\n",
        "\\begin{align}\n",
        "$`",
        "$$a\n",
        "$a ",
        "![a](",
        "![a](   ",
        "[https://a ",
        "'''a ",
        "''",
        "{{",
        "{++a",
        "<math>",
        "<code>",
        "<source>",
        "`",
        "`` ` ",
        "^^a ",
        "++a",
        "[[",
        "| a |\n|---|\n| [[",
        "<Tab ",
        "import a ",
        "* TOC\n{:toc}\n",
        "  ",
        "\t",
        "<A ",
        "{%",
        "__NO",
        "~~~~\n",
        "](",
        "](a(",
    ],
)
def test_time_is_linear(opener: str) -> None:
    def seconds(times: int) -> float:
        text = "x\n" + opener * times
        start = time.process_time()
        to_pandoc(text)
        find_unknown_markup(text)
        return time.process_time() - start

    seconds(100)
    small, large = seconds(2_000), seconds(16_000)
    assert large < max(24 * small, 1.0)


def find_unknown_markup(text: str) -> list[tuple[int, int, str]]:
    return list(raw_markup(text, verbatim_parts(text)))


UNKNOWN_MARKUP = {
    "{% include x.html %}": "tag include",
    "{{ site.url }}": "variable site.url",
    "{{Infobox|a=b}}": "template Infobox",
    "{{#if: a | b }}": "parser function if",
    '{{< figure src="a.png" >}}': "shortcode figure",
    "{{% notice %}}": "shortcode notice",
    "export const a = {b: 1}": "export of MDX",
    '<Steps value="1">\n\ntext\n\n</Steps>': "component Steps",
    "<DocCardList />": "component DocCardList",
    "<my-element>a</my-element>": "element my-element",
    ":::pied-piper Title\nText\n:::": "box pied-piper",
    ":::{pied-piper}\nText\n:::": "directive pied-piper",
    "```{csv-table}\nA, B\n```": "directive csv-table",
    ".. toctree::": "directive of reStructuredText toctree",
    ":ref:`x`": "role of reStructuredText ref",
    '--8<-- "a.md"': "inclusion of MkDocs",
    ":material-check:": "icon material-check",
    "[[_TOSP_]]": "list of subpages of Azure",
    "__NOEDITSECTION__": "magic word NOEDITSECTION",
    "<% tp.date.now() %>": "command of Templater",
    "\\begin{itemize}": "LaTeX itemize",
}


@pytest.mark.parametrize(("text", "kind"), UNKNOWN_MARKUP.items(), ids=UNKNOWN_MARKUP.values())
def test_unknown_markup_is_found(text: str, kind: str) -> None:
    ((start, end, actual),) = find_unknown_markup(f"Before\n\n{text}\n\nAfter `{{{{ code }}}}`\n")
    assert (start, actual) == (8, kind)
    assert 8 < end <= 8 + len(text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_converted_markup_is_not_reported(case: cases.Case) -> None:
    actual = [kind for _, _, kind in find_unknown_markup(case.given)]
    assert actual == (["directive csv-table"] if "csv-table" in case.given else [])


@pytest.mark.parametrize(
    "text",
    [
        "A <placeholder> and a List<String>, a<b and c>d, <PERSON> and <https://example.org>",
        "<details><summary>A</summary>B</details> <br/> <kbd>C</kbd>",
        "``` {.python}\n{{ x }} {% y %}\n```\n\n    {{ indented }}",
        "::: {.column-margin}\nText\n:::\n\n::: aside\nText\n:::\n\n{{< video a.mp4 >}}",
        "Time 12:30:45, a ratio a:b:c, $\\begin{matrix}a\\end{matrix}$ and :smile:",
        "[[step::Principle:A|b]] [x](y.md) ![[z]] - {a: {b}} 100%",
        "<!-- {{ hidden }} -->",
    ],
)
def test_ordinary_text_is_not_reported(text: str) -> None:
    assert find_unknown_markup(text) == []
