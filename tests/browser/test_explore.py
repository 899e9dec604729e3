"""The Explore page as a reader uses it: opened from a disk, and in both sites."""

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


def ready(page: Page) -> None:
    page.wait_for_selector(".tw-explore[data-ready]")


def total(page: Page) -> int:
    return int(page.locator(".tw-state").inner_text().split(" of ")[0])


def titles(page: Page) -> list[str]:
    """Of the notes that are drawn, from the top."""
    return page.locator(".tw-rows a").all_inner_texts()[1:]


def value(page: Page, facet: str, label: str) -> Any:
    return page.locator(f"fieldset[name={facet}] label").filter(has_text=label)


def count(page: Page, facet: str, label: str) -> int:
    return int(value(page, facet, label).locator("span").last.inner_text())


@pytest.fixture
def explore(draft_site: Path, page: Page) -> Page:
    """The page of this project's own wiki, from a disk."""
    page.goto(f"file://{draft_site}{PATH}")
    ready(page)
    return page


def test_values_of_a_facet_add_up_and_facets_narrow(explore: Page) -> None:
    everything = total(explore)
    workflows, principles = count(explore, "type", "Workflows"), count(explore, "type", "Principles")
    value(explore, "type", "Workflows").click()
    assert total(explore) == workflows
    value(explore, "type", "Principles").click()
    assert total(explore) == workflows + principles
    memory = count(explore, "domain", "Memory")
    assert 0 < memory < workflows + principles
    value(explore, "domain", "Memory").click()
    assert total(explore) == memory
    explore.get_by_role("button", name="Clear all").click()
    assert total(explore) == everything
    assert not explore.locator(".tw-chips button").count()


def test_counts_say_what_a_click_would_show(explore: Page) -> None:
    value(explore, "domain", "Memory").click()
    value(explore, "type", "Principles").click()
    would = count(explore, "type", "Heuristics")
    value(explore, "type", "Principles").click()
    value(explore, "type", "Heuristics").click()
    assert total(explore) == would


def test_a_value_without_notes_is_greyed_and_can_be_taken_back(explore: Page) -> None:
    value(explore, "heuristic", "Clip the Gradient Norm").click()
    explore.get_by_label("Find pages").fill("zzzz")
    expect(explore.get_by_role("status")).to_contain_text("0 of")
    line = value(explore, "heuristic", "Clip the Gradient Norm")
    assert line.get_attribute("class") == "tw-none"
    assert line.locator("input").is_checked()
    line.click()
    assert not line.locator("input").is_checked()


def test_facets_that_tell_nothing_are_hidden(explore: Page) -> None:
    shown = [f.get_attribute("name") for f in explore.locator("fieldset:visible").all()]
    assert {"type", "domain", "environment", "heuristic"} <= set(shown)
    for facet in explore.locator("fieldset:visible").all():
        assert facet.locator("label").count() > 1
    assert "namespace" not in shown  # the sample wiki has none


def test_long_facets_show_all_on_demand(explore: Page) -> None:
    values = explore.locator("fieldset[name=domain] label")
    assert values.count() == 8
    more = explore.locator("fieldset[name=domain] button")
    every = int(more.inner_text().removeprefix("Show all "))
    more.click()
    assert values.count() == every > 8
    more.click()
    assert values.count() == 8


def test_the_address_holds_the_view_and_back_works(explore: Page) -> None:
    start = explore.url
    value(explore, "type", "Workflows").click()
    value(explore, "domain", "Memory").click()
    explore.get_by_label("Order").select_option("title")
    explore.wait_for_url("**?type=Workflow&domain=Memory&sort=title")
    shown = titles(explore)
    explore.goto("about:blank")
    explore.goto(f"{start}?type=Workflow&domain=Memory&sort=title")
    ready(explore)
    assert titles(explore) == shown
    for _ in range(3):
        explore.go_back()
    ready(explore)
    assert explore.url.endswith("?type=Workflow&domain=Memory")
    assert value(explore, "domain", "Memory").locator("input").is_checked()
    explore.go_back()
    explore.wait_for_url("**?type=Workflow")
    expect(value(explore, "domain", "Memory").locator("input")).not_to_be_checked()
    explore.go_back()
    explore.wait_for_url(start)
    expect(explore.locator(".tw-chips button")).to_have_count(0)


def test_typing_is_one_step_and_reaches_the_address(explore: Page) -> None:
    value(explore, "type", "Principles").click()
    explore.get_by_label("Find pages").press_sequentially("gradient", delay=10)
    explore.wait_for_url("**?type=Principle&q=gradient")
    explore.go_back()
    expect(explore.locator(".tw-chips button")).to_have_count(0)
    assert explore.get_by_label("Find pages").input_value() == ""


def test_what_is_sought_stands_first_and_typos_are_forgiven(explore: Page) -> None:
    field = explore.get_by_label("Find pages")
    field.fill("chain rule")
    expect(explore.locator(".tw-rows a").nth(1)).to_have_text("Chain Rule")
    assert explore.locator(".tw-rows mark").first.inner_text() == "Chain"
    field.fill("qantization")
    expect(explore.locator(".tw-hint")).to_contain_text("Showing “quantization” for “qantization”")
    assert any("Quantization" in title for title in titles(explore))


def test_nothing_found_says_what_to_do(explore: Page) -> None:
    everything = total(explore)
    explore.get_by_label("Find pages").fill("quantomania")
    expect(explore.get_by_role("status")).to_have_text(f"0 of {everything} pages")
    expect(explore.locator(".tw-hint a").first).to_contain_text("Quant")
    explore.get_by_role("button", name="Clear all filters").click()
    expect(explore.get_by_role("status")).to_have_text(f"{everything} of {everything} pages")
    assert explore.evaluate("document.activeElement.type") == "search"


def dates(text: str) -> list[datetime]:
    """The dates in a text, as notes write them."""
    return [datetime.strptime(day, "%b %d, %Y") for day in re.findall(r"[A-Z][a-z]{2} \d+, \d{4}", text)]


def test_dates_are_written_as_in_notes(explore: Page) -> None:
    item = explore.locator(".tw-rows .tw-item").nth(1)
    facts = item.locator(".tw-item-facts").inner_text()
    assert dates(facts)
    explore.goto(str(item.locator("a.tw-link").evaluate("a => a.href")))
    assert dates(explore.locator(".tw-strip").first.inner_text()) == dates(facts)


def test_the_order_is_called_relevance_only_while_one_searches(explore: Page) -> None:
    chosen = "document.querySelector('.tw-explore select').selectedOptions[0].text"
    assert explore.evaluate(chosen) == "Type"
    explore.get_by_label("Find pages").fill("adapter")
    explore.wait_for_function(f"{chosen} === 'Relevance'")
    explore.get_by_label("Find pages").fill("")
    explore.wait_for_function(f"{chosen} === 'Type'")


def test_what_searches_is_loaded_when_the_field_is_entered(explore: Page) -> None:
    loaded = "[...document.scripts].some(({ src }) => src.endsWith('/find.js'))"
    assert not explore.evaluate(loaded)
    explore.get_by_label("Find pages").focus()
    explore.wait_for_function(loaded)


@pytest.mark.parametrize("order", ["title", "date", "connections", "minutes"])
def test_orders(explore: Page, order: str) -> None:
    explore.get_by_label("Order").select_option(order)
    facts = explore.locator(".tw-rows .tw-item-facts").all_inner_texts()[1:]

    def fact(text: str, unit: str) -> int:
        words = text.split()
        return int(words[next(i for i, word in enumerate(words) if word.startswith(unit)) - 1])

    keys: dict[str, list[Any]] = {
        "title": [title.casefold() for title in titles(explore)],
        "date": [dates(text) for text in facts],
        "connections": [-fact(text, "connection") for text in facts],
        "minutes": [fact(text, "min") for text in facts],
    }
    assert keys[order] == sorted(keys[order], reverse=order == "date")


def test_chips_name_what_is_chosen_and_take_it_away(explore: Page) -> None:
    value(explore, "type", "Principles").click()
    value(explore, "domain", "Memory").click()
    chips = explore.locator(".tw-chips button")
    assert [chip.inner_text().removesuffix(" ×") for chip in chips.all()] == [
        "Type: Principles",
        "Subject: Memory",
        "Clear all",
    ]
    chips.first.press("Enter")
    assert not value(explore, "type", "Principles").locator("input").is_checked()
    assert explore.evaluate("document.activeElement.textContent") == "Subject: Memory"


def test_only_what_is_in_view_is_drawn_and_the_end_can_be_reached(explore: Page) -> None:
    everything = total(explore)
    assert len(titles(explore)) < everything
    explore.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last = explore.locator(f'.tw-rows [aria-posinset="{everything}"]')
    expect(last).to_be_in_viewport()
    assert last.get_attribute("aria-setsize") == str(everything)


def test_the_keyboard_walks_through_facets_and_notes(explore: Page) -> None:
    focused = "document.activeElement.closest('li')?.ariaPosInSet ?? document.activeElement.type"
    explore.get_by_label("Find pages").focus()
    explore.keyboard.press("Tab")
    explore.keyboard.press("Tab")
    assert explore.evaluate(focused) == "checkbox"
    explore.keyboard.press("Space")
    assert explore.evaluate("document.activeElement.checked") is True
    explore.keyboard.press("Space")
    explore.get_by_label("Find pages").focus()
    explore.keyboard.press("ArrowDown")
    assert explore.evaluate(focused) == "1"
    for _ in range(30):
        explore.keyboard.press("Tab")
        explore.wait_for_timeout(10)
    assert explore.evaluate(focused) == "31"
    expect(explore.locator("li:focus-within")).to_be_in_viewport()
    explore.keyboard.press("ArrowUp")
    assert explore.evaluate(focused) == "30"
    everything = total(explore)
    explore.keyboard.press("End")
    assert explore.evaluate(focused) == str(everything)
    explore.keyboard.press("Home")
    assert explore.evaluate(focused) == "1"
    title = titles(explore)[0]
    explore.keyboard.press("Enter")
    expect(explore.locator("h1.title")).to_have_text(title)


def test_back_from_a_note_finds_the_place(explore: Page) -> None:
    explore.mouse.wheel(0, 3000)
    explore.wait_for_function("scrollY > 2900")
    place = explore.evaluate("scrollY")
    explore.locator(".tw-rows li:not(:first-child) a").nth(12).click()
    explore.wait_for_selector(".tw-strip")
    explore.go_back()
    ready(explore)
    explore.wait_for_function(f"Math.abs(scrollY - {place}) < 400")


def test_cards_of_the_home_page_and_domains_of_a_note_lead_here(draft_site: Path, page: Page) -> None:
    page.goto(f"file://{draft_site}/index.html")
    page.get_by_role("link", name="Heuristics").click()
    ready(page)
    assert set(page.locator(".tw-rows .tw-item-facts > span:first-child").all_inner_texts()[1:]) == {"Heuristic"}
    page.goto(f"file://{draft_site}/notes/workflow/QLoRA_Finetuning.html")
    page.locator(".tw-strip .tw-domain").first.click()
    ready(page)
    assert page.locator(".tw-chips button").first.inner_text().startswith("Subject: ")


def test_on_a_phone_the_filters_are_folded(explore: Page) -> None:
    explore.set_viewport_size({"width": 360, "height": 740})
    expect(explore.locator("fieldset[name=type]")).to_be_hidden()
    explore.get_by_text("Filters", exact=True).click()
    value(explore, "type", "Principles").click()
    explore.get_by_text("Filters", exact=True).click()
    expect(explore.locator(".tw-rows a").nth(1)).to_be_in_viewport()
    assert set(explore.locator(".tw-rows .tw-item-facts > span:first-child").all_inner_texts()[1:]) == {"Principle"}


@pytest.mark.parametrize("width", [360, 1280, 2560])
def test_both_sites_have_it_and_nothing_scrolls_sideways(site: Site, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site.url}{PATH}")
    ready(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    row = page.locator(".tw-rows li").nth(1)
    assert row.locator("a").count() == 1
    assert len(row.locator(".tw-item-text").inner_text()) > 10
    assert re.search(r"\d min", row.locator(".tw-item-facts").inner_text())
    title = row.locator("a").inner_text()
    row.locator("a").click()
    expect(page.locator("h1.title")).to_have_text(title)


def test_without_scripts_it_leads_on(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}{PATH}")
    expect(page.locator(".tw-explore")).to_contain_text("needs JavaScript")
    page.locator(".tw-explore").get_by_role("link", name="home page").click()
    expect(page.locator(".tw-list > li").nth(3)).to_be_visible()
    context.close()


@pytest.mark.parametrize("name", ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"])
def test_names_that_every_object_has_are_no_orders_and_no_values(draft_site: Path, page: Page, name: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"file://{draft_site}{PATH}")
    ready(page)
    everything, first = total(page), titles(page)
    page.goto(f"file://{draft_site}{PATH}?sort={name}&q=")
    ready(page)
    assert (total(page), titles(page)) == (everything, first)
    page.goto(f"file://{draft_site}{PATH}?{name}=x&sort={name}&q={name}#{name}")
    ready(page)
    page.goto(f"file://{draft_site}{PATH}?type={name}&domain={name}&updated={name}&{name}={name}")
    ready(page)
    assert total(page) == 0
    assert page.evaluate("({}).polluted") is None
    assert errors == []
