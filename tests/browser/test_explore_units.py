"""The pure functions of the Explore page: counting, sorting, and the state in the address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from conftest import ROOT
from typedwiki.pages.static_pages import FACETS, ORDERS

pytestmark = pytest.mark.browser
ASSETS = ROOT / "_extensions/typedwiki/assets"
TODAY = "2026-06-30"


@pytest.fixture(scope="module")
def script_page(browser: Browser) -> Iterator[Page]:
    """An empty page with facets.js."""
    page = browser.new_page()
    page.add_script_tag(content="const typedwiki = { say: (key) => key };")
    page.add_script_tag(path=ASSETS / "facets.js")
    yield page
    page.close()


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

EVALUATE = f"""([wiki, search]) => {{
  const facets = typedwikiFacets.facets(wiki, Date.parse("{TODAY}"));
  const {{ pages, counts }} = typedwikiFacets.show(wiki, facets, new URLSearchParams(search));
  const shown = pages.map((page) => wiki.pages[page][0]);
  const count = Object.fromEntries(facets.map(({{ key }}, i) => [key, counts[i]]));
  return {{ shown, count }};
}}"""


@pytest.mark.parametrize(
    ("search", "expected"),
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
        ("?type=Nonsense", []),  # an unknown value matches nothing
        ("?nonsense=1", ["one", "two", "three", "four"]),
        ("?sort=title", ["two", "three", "four", "one"]),
        ("?sort=date", ["one", "two", "four", "three"]),
        ("?sort=connections", ["three", "one", "four", "two"]),
        ("?sort=minutes", ["two", "three", "four", "one"]),
        ("?sort=constructor", ["one", "two", "three", "four"]),
    ],
)
def test_address_selects_and_sorts_results(script_page: Page, search: str, expected: list[str]) -> None:
    assert script_page.evaluate(EVALUATE, [WIKI, search])["shown"] == expected


def test_counts_apply_all_other_facets(script_page: Page) -> None:
    count = script_page.evaluate(EVALUATE, [WIKI, "?type=Tool&domain=Memory"])["count"]
    assert count["type"] == [1, 1, 0]  # with the domain, whatever the type
    assert count["domain"] == [0, 1]  # with the type, whatever the domain
    assert count["namespace"] == [0, 1]
    assert count["problems"] == [1, 0]


@pytest.mark.parametrize(
    ("date", "age"),
    [
        ("2026-06-30", "30-days"),
        ("2026-12-01", "30-days"),  # a date in the future
        ("2026-05-31", "30-days"),
        ("2026-05-30", "90-days"),
        ("2026-04-01", "90-days"),
        ("2026-03-31", "year"),
        ("2025-06-30", "year"),
        ("2025-06-29", "older"),
        ("", "undated"),
    ],
)
def test_age_groups(script_page: Page, date: str, age: str) -> None:
    expression = """([wiki, today]) => {
      const { values, of } = typedwikiFacets.facets(wiki, Date.parse(today)).at(-1);
      return values[of[0][0]][0];
    }"""
    page = [*WIKI["pages"][0][:9], date, *WIKI["pages"][0][10:]]
    assert script_page.evaluate(expression, [{**WIKI, "pages": [page]}, TODAY]) == age


def test_page_and_script_have_the_same_facets_and_orders(script_page: Page) -> None:
    keys = script_page.evaluate("wiki => typedwikiFacets.facets(wiki, 0).map(({ key }) => key)", WIKI)
    assert keys == list(FACETS)
    assert ["", *script_page.evaluate("Object.keys(typedwikiFacets.orders)")] == list(ORDERS)
