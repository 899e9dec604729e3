"""The pure parts of the Explore page: finding words, counting, sorting, and the state in the address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from conftest import ROOT
from typedwiki.pages.explore import FACETS, ORDERS

pytestmark = pytest.mark.browser
ASSETS = ROOT / "_extensions/typedwiki/assets"
TODAY = "2026-06-30"

PAGES = [
    ("LoRA", "Adapts a model with few weights."),
    ("QLoRA Finetuning", "LoRA on a quantized model."),
    ("Quantization", "Fewer bits for each weight."),
    ("Memory of Training", "What LoRA saves; quantization too."),
    ("Café Crème", "Über naïve défauts."),
    ("Straße", "日本語の概要 and more."),
    ("量化与QAT微调", "在大语言模型上节省显存，速度也快。"),
    ("미세조정방법", "학습률을 작게 시작한다."),
    ("หน่วยความจำ", "การปรับแต่งแบบจำลองภาษาขนาดใหญ่"),
]
"""Titles and overviews, in reading order."""


@pytest.fixture(scope="module")
def scripts(browser: Browser) -> Iterator[Page]:
    """An empty page with the two scripts."""
    page = browser.new_page()
    for name in ("match.js", "facets.js"):
        page.add_script_tag(path=ASSETS / name)
    yield page
    page.close()


def found(scripts: Page, query: str) -> tuple[list[str], str]:
    """Titles, best first, and what the query was taken for."""
    result: dict[str, Any] = scripts.evaluate(
        """([pages, query]) => {
          const index = { words: new Map(), titles: [] };
          for (const [title, overview] of pages) typedwikiMatch.add(index, title, overview);
          const { scores, meant } = typedwikiMatch.find(index, query);
          return { scores: scores && [...scores], meant };
        }""",
        [PAGES, query],
    )
    scores = result.get("scores")
    if scores is None:
        return [title for title, _ in PAGES], result["meant"]
    order = sorted((-score, number) for number, score in enumerate(scores) if score)
    return [PAGES[number][0] for _, number in order], result["meant"]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", [title for title, _ in PAGES]),
        ("?!", [title for title, _ in PAGES]),  # no word in it
        ("lora", ["LoRA", "QLoRA Finetuning", "Memory of Training"]),  # title, inside a title, overview
        ("LORA weights", ["LoRA"]),
        ("fine", ["QLoRA Finetuning"]),
        ("quant", ["Quantization", "QLoRA Finetuning", "Memory of Training"]),
        ("we", ["LoRA", "Quantization"]),
        ("or", []),  # two letters are looked for at beginnings only
        ("cafe creme", ["Café Crème"]),
        ("CAFÉ", ["Café Crème"]),
        ("uber defaut", ["Café Crème"]),
        ("straße", ["Straße"]),
        ("日本", ["Straße"]),
        ("概要", ["Straße"]),
        ("微调", ["量化与QAT微调"]),  # inside a run
        ("显存 速", ["量化与QAT微调"]),
        ("qat微调", ["量化与QAT微调"]),  # where scripts meet a word ends
        ("调微", []),
        ("조정", ["미세조정방법"]),
        ("จำลอง", ["หน่วยความจำ"]),
        ("model zebra", []),
    ],
)
def test_finds_whole_words_beginnings_and_insides(scripts: Page, query: str, titles: list[str]) -> None:
    assert found(scripts, query)[0] == titles


@pytest.mark.parametrize(
    ("query", "meant", "titles"),
    [
        ("quantizatoin", "quantization", ["Quantization", "Memory of Training"]),  # swapped
        ("qantization", "quantization", ["Quantization", "Memory of Training"]),  # left out
        ("quanntizatoin", "quantization", ["Quantization", "Memory of Training"]),  # two typos in a long word
        ("memary", "memory", ["Memory of Training"]),
        ("memroy tra", "memory tra", ["Memory of Training"]),
        ("qantiz", "quantized", ["Quantization", "QLoRA Finetuning", "Memory of Training"]),  # a beginning with a typo
        ("mxmxry", "memory", []),  # too far to be taken for it, near enough to ask
        ("lra", "lora", []),
        ("model", "model", ["LoRA", "QLoRA Finetuning"]),  # written so: no typo of anything
        ("xylophone", "", []),
    ],
)
def test_finds_words_with_typos(scripts: Page, query: str, meant: str, titles: list[str]) -> None:
    assert found(scripts, query) == (titles, meant)


@pytest.mark.parametrize(
    ("word", "other", "most", "edits"),
    [
        ("lora", "lora", 2, 0),
        ("lora", "loraconfig", 2, 0),
        ("loar", "lora", 2, 1),
        ("lra", "lora", 2, 1),
        ("loora", "lora", 2, 1),
        ("lira", "lora", 2, 1),
        ("lira", "qlora", 2, 2),
        ("abcd", "wxyz", 2, 3),
        ("lora", "", 2, 3),
    ],
)
def test_counts_edits(scripts: Page, word: str, other: str, most: int, edits: int) -> None:
    assert scripts.evaluate("([a, b, most]) => typedwikiMatch.edits(a, b, most)", [word, other, most]) == edits


WIKI: dict[str, Any] = {
    "types": [["recipe", "Recipe", "Recipes"], ["tool", "Tool", "Tools"], ["place", "Place", "Places"]],
    "namespaces": ["acme", "other"],
    "domains": ["A & B", "Memory"],
    "pages": [
        # stem, title, type, overview, namespace, domains, environments, heuristics, problems, date, edges, minutes,
        # place by title
        ["one", "Zebra", 0, "", 0, [0, 1], [3], [], 0, "2026-06-20", 4, 9, 3],
        ["two", "Apple", 1, "", 1, [1], [3], [], 2, "2026-05-01", 1, 3, 0],
        ["three", "Mango", 1, "", 0, [], [], [], 0, "", 7, 5, 1],
        ["four", "Place", 2, "", -1, [0], [3], [], 0, "2020-01-01", 2, 5, 2],
    ],
    "paths": [],
}

SHOWN = f"""([wiki, search]) => {{
  const facets = typedwikiFacets.facets(wiki, Date.parse("{TODAY}"));
  const {{ pages, counts }} = typedwikiFacets.show(wiki, facets, new URLSearchParams(search));
  const shown = pages.map((page) => wiki.pages[page][0]);
  const count = Object.fromEntries(facets.map(({{ key }}, i) => [key, counts[i]]));
  return {{ shown, count }};
}}"""


@pytest.mark.parametrize(
    ("search", "shown"),
    [
        ("", ["one", "two", "three", "four"]),
        ("?type=Tool", ["two", "three"]),
        ("?type=Tool&type=Recipe", ["one", "two", "three"]),  # values of a facet: or
        ("?type=Tool&domain=Memory", ["two"]),  # facets: and
        ("?domain=A+%26+B&namespace=acme", ["one"]),
        ("?environment=four", ["one", "two", "four"]),
        ("?problems=yes", ["two"]),
        ("?updated=30-days&updated=undated", ["one", "three"]),
        ("?updated=90-days", ["two"]),
        ("?type=Nonsense", []),  # a value that is gone hides nothing silently
        ("?nonsense=1", ["one", "two", "three", "four"]),
        ("?sort=title", ["two", "three", "four", "one"]),
        ("?sort=date", ["one", "two", "four", "three"]),
        ("?sort=connections", ["three", "one", "four", "two"]),
        ("?sort=minutes", ["two", "three", "four", "one"]),
        ("?sort=constructor", ["one", "two", "three", "four"]),
    ],
)
def test_addresses_say_what_is_shown(scripts: Page, search: str, shown: list[str]) -> None:
    assert scripts.evaluate(SHOWN, [WIKI, search])["shown"] == shown


def test_counts_are_those_under_all_other_facets(scripts: Page) -> None:
    count = scripts.evaluate(SHOWN, [WIKI, "?type=Tool&domain=Memory"])["count"]
    assert count["type"] == [1, 1, 0]  # with the domain, whatever the type
    assert count["domain"] == [0, 1]  # with the type, whatever the domain
    assert count["namespace"] == [0, 1]
    assert count["problems"] == [1, 0]


@pytest.mark.parametrize(
    ("date", "age"),
    [
        ("2026-06-30", "30-days"),
        ("2026-12-01", "30-days"),  # a clock that is wrong
        ("2026-05-31", "30-days"),
        ("2026-05-30", "90-days"),
        ("2026-04-01", "90-days"),
        ("2026-03-31", "year"),
        ("2025-06-30", "year"),
        ("2025-06-29", "older"),
        ("", "undated"),
    ],
)
def test_ages(scripts: Page, date: str, age: str) -> None:
    asked = """([wiki, today]) => {
      const { values, of } = typedwikiFacets.facets(wiki, Date.parse(today)).at(-1);
      return values[of[0][0]][0];
    }"""
    page = [*WIKI["pages"][0][:9], date, *WIKI["pages"][0][10:]]
    assert scripts.evaluate(asked, [{**WIKI, "pages": [page]}, TODAY]) == age


def test_the_page_and_its_scripts_name_the_same_facets_and_orders(scripts: Page) -> None:
    keys = scripts.evaluate("wiki => typedwikiFacets.facets(wiki, 0).map(({ key }) => key)", WIKI)
    assert keys == [name.lower() for name in FACETS]
    assert ["", *scripts.evaluate("Object.keys(typedwikiFacets.orders)")] == list(ORDERS)
