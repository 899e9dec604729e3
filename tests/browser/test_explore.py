"""The Explore page: facets, search, order, address, keyboard; from disk and in both sites."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, expect

if TYPE_CHECKING:
    from .conftest import Site

pytestmark = pytest.mark.browser
PATH = "/notes/wiki/explore.html"


def wait_until_ready(page: Page) -> None:
    page.wait_for_selector(".tw-explore[data-ready]")


def result_count(page: Page) -> int:
    return int(page.locator(".tw-state").inner_text().split(" of ")[0])


def result_titles(page: Page) -> list[str]:
    """Titles of the notes that are drawn, from the top."""
    return page.locator(".tw-rows a").all_inner_texts()[1:]


def facet_value(page: Page, facet: str, label: str) -> Any:
    return page.locator(f"fieldset[name={facet}] label").filter(has_text=label)


def value_count(page: Page, facet: str, label: str) -> int:
    return int(facet_value(page, facet, label).locator("span").last.inner_text())


@pytest.fixture
def explore_page(draft_site: Path, page: Page) -> Page:
    """The Explore page of this project's own wiki, from disk."""
    page.goto(f"file://{draft_site}{PATH}")
    wait_until_ready(page)
    return page


def test_values_of_a_facet_add_up_and_facets_narrow_results(explore_page: Page) -> None:
    all_count = result_count(explore_page)
    workflows, principles = (
        value_count(explore_page, "type", "Workflows"),
        value_count(explore_page, "type", "Principles"),
    )
    facet_value(explore_page, "type", "Workflows").click()
    assert result_count(explore_page) == workflows
    facet_value(explore_page, "type", "Principles").click()
    assert result_count(explore_page) == workflows + principles
    memory = value_count(explore_page, "domain", "Memory")
    assert 0 < memory < workflows + principles
    facet_value(explore_page, "domain", "Memory").click()
    assert result_count(explore_page) == memory
    explore_page.get_by_role("button", name="Clear all").click()
    assert result_count(explore_page) == all_count
    assert not explore_page.locator(".tw-chips button").count()


def test_counts_predict_the_results_of_a_click(explore_page: Page) -> None:
    facet_value(explore_page, "domain", "Memory").click()
    facet_value(explore_page, "type", "Principles").click()
    expected = value_count(explore_page, "type", "Heuristics")
    facet_value(explore_page, "type", "Principles").click()
    facet_value(explore_page, "type", "Heuristics").click()
    assert result_count(explore_page) == expected


def test_value_without_results_is_greyed_and_can_be_unchecked(explore_page: Page) -> None:
    facet_value(explore_page, "heuristic", "Clip the Gradient Norm").click()
    explore_page.get_by_label("Find pages").fill("zzzz")
    expect(explore_page.get_by_role("status")).to_contain_text("0 of")
    line = facet_value(explore_page, "heuristic", "Clip the Gradient Norm")
    assert line.get_attribute("class") == "tw-none"
    assert line.locator("input").is_checked()
    line.click()
    assert not line.locator("input").is_checked()


def test_facets_with_one_value_are_hidden(explore_page: Page) -> None:
    visible = [f.get_attribute("name") for f in explore_page.locator("fieldset:visible").all()]
    assert {"type", "domain", "environment", "heuristic"} <= set(visible)
    for facet in explore_page.locator("fieldset:visible").all():
        assert facet.locator("label").count() > 1
    assert "namespace" not in visible  # the sample wiki has none


def test_long_facets_show_all_on_demand(explore_page: Page) -> None:
    values = explore_page.locator("fieldset[name=domain] label")
    assert values.count() == 8
    toggle = explore_page.locator("fieldset[name=domain] button")
    all_count = int(toggle.inner_text().removeprefix("Show all "))
    toggle.click()
    assert values.count() == all_count > 8
    toggle.click()
    assert values.count() == 8


def test_address_stores_the_view_and_back_restores_it(explore_page: Page) -> None:
    start = explore_page.url
    facet_value(explore_page, "type", "Workflows").click()
    facet_value(explore_page, "domain", "Memory").click()
    explore_page.get_by_label("Order").select_option("title")
    explore_page.wait_for_url("**?type=Workflow&domain=Memory&sort=title")
    expected = result_titles(explore_page)
    explore_page.goto("about:blank")
    explore_page.goto(f"{start}?type=Workflow&domain=Memory&sort=title")
    wait_until_ready(explore_page)
    assert result_titles(explore_page) == expected
    for _ in range(3):
        explore_page.go_back()
    wait_until_ready(explore_page)
    assert explore_page.url.endswith("?type=Workflow&domain=Memory")
    assert facet_value(explore_page, "domain", "Memory").locator("input").is_checked()
    explore_page.go_back()
    explore_page.wait_for_url("**?type=Workflow")
    expect(facet_value(explore_page, "domain", "Memory").locator("input")).not_to_be_checked()
    explore_page.go_back()
    explore_page.wait_for_url(start)
    expect(explore_page.locator(".tw-chips button")).to_have_count(0)


def test_typing_is_one_history_step(explore_page: Page) -> None:
    facet_value(explore_page, "type", "Principles").click()
    explore_page.get_by_label("Find pages").press_sequentially("gradient", delay=10)
    explore_page.wait_for_url("**?type=Principle&q=gradient")
    explore_page.go_back()
    expect(explore_page.locator(".tw-chips button")).to_have_count(0)
    assert explore_page.get_by_label("Find pages").input_value() == ""


def test_search_ranks_exact_title_first_and_corrects_typos(explore_page: Page) -> None:
    field = explore_page.get_by_label("Find pages")
    field.fill("chain rule")
    expect(explore_page.locator(".tw-rows a").nth(1)).to_have_text("Chain Rule")
    assert explore_page.locator(".tw-rows mark").first.inner_text() == "Chain"
    field.fill("qantization")
    expect(explore_page.locator(".tw-hint")).to_contain_text("Showing “quantization” for “qantization”")
    assert any("Quantization" in title for title in result_titles(explore_page))


def test_search_without_results_suggests_terms(explore_page: Page) -> None:
    all_count = result_count(explore_page)
    explore_page.get_by_label("Find pages").fill("quantomania")
    expect(explore_page.get_by_role("status")).to_have_text(f"0 of {all_count} pages")
    expect(explore_page.locator(".tw-hint a").first).to_contain_text("Quant")
    explore_page.get_by_role("button", name="Clear all filters").click()
    expect(explore_page.get_by_role("status")).to_have_text(f"{all_count} of {all_count} pages")
    assert explore_page.evaluate("document.activeElement.type") == "search"


def parse_dates(text: str) -> list[datetime]:
    """The dates in a text, as notes write them."""
    return [datetime.strptime(day, "%b %d, %Y") for day in re.findall(r"[A-Z][a-z]{2} \d+, \d{4}", text)]


def test_dates_have_the_format_of_notes(explore_page: Page) -> None:
    item = explore_page.locator(".tw-rows .tw-item").nth(1)
    facts = item.locator(".tw-item-facts").inner_text()
    assert parse_dates(facts)
    explore_page.goto(str(item.locator("a.tw-link").evaluate("a => a.href")))
    assert parse_dates(explore_page.locator(".tw-strip").first.inner_text()) == parse_dates(facts)


def test_order_is_relevance_only_during_a_search(explore_page: Page) -> None:
    chosen = "document.querySelector('.tw-explore select').selectedOptions[0].text"
    assert explore_page.evaluate(chosen) == "Type"
    explore_page.get_by_label("Find pages").fill("adapter")
    explore_page.wait_for_function(f"{chosen} === 'Relevance'")
    explore_page.get_by_label("Find pages").fill("")
    explore_page.wait_for_function(f"{chosen} === 'Type'")


def test_search_script_loads_on_focus(explore_page: Page) -> None:
    loaded = "[...document.scripts].some(({ src }) => src.endsWith('/find.js'))"
    assert not explore_page.evaluate(loaded)
    explore_page.get_by_label("Find pages").focus()
    explore_page.wait_for_function(loaded)


@pytest.mark.parametrize("order", ["title", "date", "connections", "minutes"])
def test_results_are_sorted(explore_page: Page, order: str) -> None:
    explore_page.get_by_label("Order").select_option(order)
    facts = explore_page.locator(".tw-rows .tw-item-facts").all_inner_texts()[1:]

    def fact(text: str, unit: str) -> int:
        words = text.split()
        return int(words[next(i for i, word in enumerate(words) if word.startswith(unit)) - 1])

    keys: dict[str, list[Any]] = {
        "title": [title.casefold() for title in result_titles(explore_page)],
        "date": [parse_dates(text) for text in facts],
        "connections": [-fact(text, "connection") for text in facts],
        "minutes": [fact(text, "min") for text in facts],
    }
    assert keys[order] == sorted(keys[order], reverse=order == "date")


def test_chips_name_filters_and_remove_them(explore_page: Page) -> None:
    facet_value(explore_page, "type", "Principles").click()
    facet_value(explore_page, "domain", "Memory").click()
    chips = explore_page.locator(".tw-chips button")
    assert [chip.inner_text().removesuffix(" ×") for chip in chips.all()] == [
        "Type: Principles",
        "Subject: Memory",
        "Clear all",
    ]
    chips.first.press("Enter")
    assert not facet_value(explore_page, "type", "Principles").locator("input").is_checked()
    assert explore_page.evaluate("document.activeElement.textContent") == "Subject: Memory"


def test_only_visible_results_are_drawn(explore_page: Page) -> None:
    all_count = result_count(explore_page)
    assert len(result_titles(explore_page)) < all_count
    explore_page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last = explore_page.locator(f'.tw-rows [aria-posinset="{all_count}"]')
    expect(last).to_be_in_viewport()
    assert last.get_attribute("aria-setsize") == str(all_count)


def test_keyboard_navigation(explore_page: Page) -> None:
    focused = "document.activeElement.closest('li')?.ariaPosInSet ?? document.activeElement.type"
    explore_page.get_by_label("Find pages").focus()
    explore_page.keyboard.press("Tab")
    explore_page.keyboard.press("Tab")
    assert explore_page.evaluate(focused) == "checkbox"
    explore_page.keyboard.press("Space")
    assert explore_page.evaluate("document.activeElement.checked") is True
    explore_page.keyboard.press("Space")
    explore_page.get_by_label("Find pages").focus()
    explore_page.keyboard.press("ArrowDown")
    assert explore_page.evaluate(focused) == "1"
    for _ in range(30):
        explore_page.keyboard.press("Tab")
        explore_page.wait_for_timeout(10)
    assert explore_page.evaluate(focused) == "31"
    expect(explore_page.locator("li:focus-within")).to_be_in_viewport()
    explore_page.keyboard.press("ArrowUp")
    assert explore_page.evaluate(focused) == "30"
    all_count = result_count(explore_page)
    explore_page.keyboard.press("End")
    assert explore_page.evaluate(focused) == str(all_count)
    explore_page.keyboard.press("Home")
    assert explore_page.evaluate(focused) == "1"
    title = result_titles(explore_page)[0]
    explore_page.keyboard.press("Enter")
    expect(explore_page.locator("h1.title")).to_have_text(title)


def test_back_from_a_note_restores_the_scroll_position(explore_page: Page) -> None:
    explore_page.mouse.wheel(0, 3000)
    explore_page.wait_for_function("scrollY > 2900")
    position = explore_page.evaluate("scrollY")
    explore_page.locator(".tw-rows li:not(:first-child) a").nth(12).click()
    explore_page.wait_for_selector(".tw-strip")
    explore_page.go_back()
    wait_until_ready(explore_page)
    explore_page.wait_for_function(f"Math.abs(scrollY - {position}) < 400")


def test_home_cards_and_domains_of_notes_link_to_explore(draft_site: Path, page: Page) -> None:
    page.goto(f"file://{draft_site}/index.html")
    page.get_by_role("link", name="Heuristics").click()
    wait_until_ready(page)
    assert set(page.locator(".tw-rows .tw-item-facts > span:first-child").all_inner_texts()[1:]) == {"Heuristic"}
    page.goto(f"file://{draft_site}/notes/workflow/QLoRA_Finetuning.html")
    page.locator(".tw-strip .tw-domain").first.click()
    wait_until_ready(page)
    assert page.locator(".tw-chips button").first.inner_text().startswith("Subject: ")


def test_filters_are_collapsed_on_a_phone(explore_page: Page) -> None:
    explore_page.set_viewport_size({"width": 360, "height": 740})
    expect(explore_page.locator("fieldset[name=type]")).to_be_hidden()
    explore_page.get_by_text("Filters", exact=True).click()
    facet_value(explore_page, "type", "Principles").click()
    explore_page.get_by_text("Filters", exact=True).click()
    expect(explore_page.locator(".tw-rows a").nth(1)).to_be_in_viewport()
    assert set(explore_page.locator(".tw-rows .tw-item-facts > span:first-child").all_inner_texts()[1:]) == {
        "Principle"
    }


@pytest.mark.parametrize("width", [360, 1280, 2560])
def test_page_fits_the_window(site: Site, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site.url}{PATH}")
    wait_until_ready(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    row = page.locator(".tw-rows li").nth(1)
    assert row.locator("a").count() == 1
    assert len(row.locator(".tw-item-text").inner_text()) > 10
    assert re.search(r"\d min", row.locator(".tw-item-facts").inner_text())
    title = row.locator("a").inner_text()
    row.locator("a").click()
    expect(page.locator("h1.title")).to_have_text(title)


def test_page_without_scripts_links_to_the_home_page(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}{PATH}")
    expect(page.locator(".tw-explore")).to_contain_text("needs JavaScript")
    page.locator(".tw-explore").get_by_role("link", name="home page").click()
    expect(page.locator(".tw-list > li").nth(3)).to_be_visible()
    context.close()


@pytest.mark.parametrize("name", ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"])
def test_object_property_names_in_the_address_are_ignored(draft_site: Path, page: Page, name: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"file://{draft_site}{PATH}")
    wait_until_ready(page)
    all_count, first = result_count(page), result_titles(page)
    page.goto(f"file://{draft_site}{PATH}?sort={name}&q=")
    wait_until_ready(page)
    assert (result_count(page), result_titles(page)) == (all_count, first)
    page.goto(f"file://{draft_site}{PATH}?{name}=x&sort={name}&q={name}#{name}")
    wait_until_ready(page)
    page.goto(f"file://{draft_site}{PATH}?type={name}&domain={name}&updated={name}&{name}={name}")
    wait_until_ready(page)
    assert result_count(page) == 0
    assert page.evaluate("({}).polluted") is None
    assert errors == []
