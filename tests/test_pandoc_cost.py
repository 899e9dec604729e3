"""Texts that would cost pandoc minutes are detected before pandoc reads them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from build_steps import read_pages
from conftest import ROOT
from typedwiki.schema import load
from typedwiki.text.cost import DEEPEST_FORMULA, find_pandoc, formula_depth, suspicious, too_costly
from typedwiki.text.parse import parse

pytestmark = pytest.mark.slow

HEAD = "# Page\n\nWords of a page.\n\n"

COSTLY = {
    "brackets": "[" * 300,
    "links that are not closed": "[a](b " * 170,
    "attributes that are not closed": "[a]{" * 250,
    "pictures that are not closed": "![[[[" * 60,
    "brackets in one another": "[" * 14 + "x" + "]" * 14,
    "links in one another": "[[" * 8 + "x" + "]]" * 8,
    "quotes as stairs": "\n".join("> " * depth + "x" for depth in range(14)),
    "quotes on one line": "> " * 2000 + "x",
    "lists on one line": "1. - " * 1000 + "x",
    "lists as stairs": "\n".join("  " * depth + "- x" for depth in range(200)),
    "spans": "<span>a " * 20,
    "sections of data": "<![CDATA[" * 100,
    "comments": "<!--" * 2000,
    "elements": "<a " * 3000,
    "ampersands": "&a" * 12_000,
    "emphasis": "*a **a " * 3000,
    "subscripts": f"${'x_{' * 12}a{'}' * 12}$",
    "subscripts that are not closed": f"${'x_{' * 9}$",
    "marks of two kinds": "a==b_c" * 80,
    "marks of two other kinds": "a~~*b*" * 80,
    "ticks": "`" * 9000,
    "ticks of many lengths": " ".join("`" * length + "a" for length in range(140)),
    "a long row": "|a|b|\n|-|-|\n" + "|" * 5000,
    "short rows": "|" + "a|" * 1000 + "\n|" + "-|" * 1000 + "\n" + "|x|\n" * 1000,
    "items": "- a\n" * 14_000,
    "sections": "# a\n\n" * 9000,
    "divisions": "::: a\n" * 3000,
    "a long address used often": f"[a]: <http://x/{'a' * 5000}>\n\n{'[a] ' * 1000}",
    "a long note used often": f"{'[^a] ' * 500}\n\n[^a]: {'word ' * 1000}",
    "empty lines of code": "```python\n" + "\n" * 20_000 + "```",
    "YAML": "---\na: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: &d [*c,*c]\n---",
    "length": "Words and words. " * 6000,
}

CHEAP = {
    "prose": "Plain words that say what the page is about, with `code` and a [link](x.md).\n\n" * 300,
    "double brackets": "See [[step::Principle:Loss]] and [[related::Principle:Data|data]].\n\n" * 50,
    "a table": "| a | b | c |\n|---|---|---|\n" + "| x | `y` | [z](w) |\n" * 200,
    "code": "```python\n" + "    x[i] = f(a[0], {'b': [1, 2]})  # & more\n" * 200 + "```\n",
    "formulas": "The sum $\\sum_{i=1}^{n} x_{i_{j}}^2$ and $e^{-x^{2}}$.\n\n" * 60,
    "lists": "- a\n  - b\n    - c\n      - d\n" * 50,
    "prompts": "```python\n>>> x\n>>> y\n```\n\n> a quote\n> > in a quote\n" * 20,
    "rules": "a\n\n---\n\n***\n\n" * 30,
    "notes": "".join(f"Text[^{n}].\n\n[^{n}]: A note.\n\n" for n in range(20)),
    "diagrams": '```mermaid\ngraph TD\n  A["x"] --> B{y} --> C((z))\n```\n\n' * 20,
}


@pytest.mark.parametrize("kind", COSTLY)
def test_costly_texts_are_suspicious(kind: str) -> None:
    suspicion = suspicious(HEAD + COSTLY[kind])
    assert suspicion
    assert suspicion.reason
    assert 0 <= suspicion.offset <= len(HEAD + COSTLY[kind])
    assert (
        len(COSTLY[kind]) > 30_000
        or suspicion.offset >= len(HEAD) - 2
        or "times" in suspicion.reason
        or "lines" in suspicion.reason
    )


@pytest.mark.parametrize("kind", CHEAP)
def test_ordinary_text_is_not_suspicious(kind: str) -> None:
    assert suspicious(HEAD + CHEAP[kind]) is None


def test_no_page_of_the_sample_wiki_is_suspicious() -> None:
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "data/wikis").rglob("*.md")]
    assert len(pages) > 50
    assert [suspicion for text in pages if (suspicion := suspicious(text))] == []


def processor_seconds(function: Callable[[], object]) -> float:
    start = time.process_time()
    function()
    return time.process_time() - start


def test_detection_is_fast() -> None:
    """Detection takes less than a third of the time of parsing, and seconds at most for costly text."""
    schema = load()
    files, _, _ = read_pages([ROOT / "data/wikis"], schema, ROOT)
    detections, parses = zip(
        *(
            (
                processor_seconds(lambda: [suspicious(file.text) for file in files]),
                processor_seconds(lambda: [parse(file, schema) for file in files]),
            )
            for _ in range(2)
        ),
        strict=True,
    )
    assert min(detections) < min(parses) / 3
    for text in COSTLY.values():
        large = text * (100_000 // len(text) + 1)
        assert processor_seconds(lambda: suspicious(large)) < 2  # noqa: B023 - called at once


@pytest.mark.parametrize(
    ("tex", "depth"),
    [
        ("x", 0),
        ("x_1^2", 0),
        ("x_{1}", 1),
        ("x_{a}^{b}_{c}", 1),
        ("x_{a_{b}}", 2),
        ("x_ {a^\n{b}}", 2),
        ("\\frac{x_{a}}{{y}_{b}}", 1),
        ("x_{\\text{a}_{b}}", 2),
        ("x_{a_{b_{c", 3),
        ("}}}x_{a}", 1),
    ],
)
def test_depth_of_formulas(tex: str, depth: int) -> None:
    assert formula_depth(tex) == depth
    assert depth <= DEEPEST_FORMULA


@pytest.fixture(scope="module")
def pandoc() -> Path:
    path = find_pandoc()
    assert path, "pandoc is a requirement"
    return path


@pytest.mark.parametrize("kind", ["prose", "a table", "code", "formulas"])
def test_pandoc_confirms_that_ordinary_text_is_cheap(kind: str, pandoc: Path) -> None:
    assert too_costly(CHEAP[kind], pandoc) == ""


@pytest.mark.parametrize("kind", ["links in one another", "subscripts that are not closed", "spans"])
def test_pandoc_is_stopped_after_its_time(kind: str, pandoc: Path) -> None:
    start = time.monotonic()
    assert too_costly(COSTLY[kind], pandoc, seconds=1) == "takes more than 1 seconds"
    assert time.monotonic() - start < 60  # not minutes


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file size limit")
def test_pandoc_is_stopped_at_its_output_limit(pandoc: Path) -> None:
    assert too_costly(COSTLY["a long address used often"], pandoc) == "becomes more than 20 times as large"


def test_missing_pandoc_never_reports_cost(tmp_path: Path) -> None:
    assert too_costly("x", tmp_path / "none") == ""
