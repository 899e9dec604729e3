"""What notes do while they are read: preview cards on typed links, and the way along a Workflow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

if TYPE_CHECKING:
    from .conftest import Site

pytestmark = pytest.mark.browser

CARD = "#tw-preview[role=tooltip]"


def first_step(page: Page) -> Locator:
    return page.locator("#connections .tw-edges ol a.tw-link").first


def asked_for_pages(page: Page) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "pages.js" in request.url else None)
    return asked


def test_a_hovered_link_shows_a_card_that_can_be_hovered(site: Site, page: Page) -> None:
    asked = asked_for_pages(page)
    page.goto(site.url + site.hub)
    link = first_step(page)
    title = link.inner_text().strip()
    assert asked == []
    link.hover()
    card = page.locator(CARD)
    expect(card).to_contain_text(title)
    expect(card).to_contain_text("Principle")
    expect(card).to_contain_text("min read")
    assert len(asked) == 1
    assert link.get_attribute("aria-describedby") == card.get_attribute("id")
    card.hover()
    page.wait_for_timeout(600)
    expect(card).to_be_visible()
    page.mouse.move(5, 5)
    expect(card).to_have_count(0)
    assert link.get_attribute("aria-describedby") is None


def test_the_keyboard_shows_a_card_and_escape_takes_it_away(site: Site, page: Page) -> None:
    page.goto(site.url + site.hub)
    link = first_step(page)
    link.scroll_into_view_if_needed()
    page.keyboard.press("Tab")  # from now on focus is by keyboard
    link.focus()
    card = page.locator(CARD)
    expect(card).to_contain_text(link.inner_text().strip())
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(link).to_be_focused()
    page.keyboard.press("Tab")
    expect(card).to_have_count(1)
    page.evaluate("document.activeElement.blur()")
    expect(card).to_have_count(0)


def test_escape_dismisses_a_card_under_the_pointer(site: Site, page: Page) -> None:
    page.goto(site.url + site.hub)
    first_step(page).hover()
    expect(page.locator(CARD)).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_timeout(500)
    expect(page.locator(CARD)).to_have_count(0)


def test_cards_stay_within_a_narrow_window(site: Site, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    for path in (site.hub, site.note):
        page.goto(site.url + path)
        for diagram in page.locator(".tw-mermaid").all():
            diagram.scroll_into_view_if_needed()
            expect(diagram).to_have_attribute("data-drawn", "")  # a drawing moves the links below it
        wide = page.evaluate("document.documentElement.scrollWidth")
        for link in page.locator("main a.tw-link:visible").all()[:6]:
            link.scroll_into_view_if_needed()
            link.hover()
            box = page.locator(CARD).bounding_box()
            assert box
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 360
            assert page.evaluate("document.documentElement.scrollWidth") == wide
            page.keyboard.press("Escape")


def test_a_drawing_is_no_stop_of_the_keyboard(site: Site, page: Page) -> None:
    page.goto(site.url + site.hub)
    page.locator(".tw-graph").scroll_into_view_if_needed()
    page.wait_for_selector(".tw-graph[data-drawn]")
    expect(page.locator(".tw-graph [tabindex='0']")).to_have_count(0)


def test_without_scripts_there_is_no_empty_drawing(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.url + site.hub)
    expect(page.locator(".tw-edges a").first).to_be_visible()
    expect(page.locator(".tw-drawn")).to_be_hidden()
    context.close()


def test_a_link_to_the_page_itself_has_no_card(site: Site, page: Page) -> None:
    asked = asked_for_pages(page)
    page.goto(site.url + site.hub)
    first_step(page).evaluate("element => { element.href = `${location.pathname}#sources`; }")
    first_step(page).hover()
    page.wait_for_timeout(600)
    expect(page.locator(CARD)).to_have_count(0)
    assert asked == []


def test_a_tap_only_opens_the_link(site: Site, page: Page) -> None:
    browser = page.context.browser
    assert browser
    context = browser.new_context(has_touch=True, viewport={"width": 360, "height": 640})
    phone = context.new_page()
    phone.goto(site.url + site.hub)
    phone.evaluate("document.addEventListener('click', event => event.preventDefault())")
    first_step(phone).tap()
    phone.wait_for_timeout(600)
    expect(phone.locator(CARD)).to_have_count(0)
    context.close()


def test_cards_follow_the_theme(site: Site, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(site.url + site.hub)
    page.locator(site.toggle).first.click()
    page.wait_for_timeout(600)
    first_step(page).hover()
    shown = page.locator(CARD).evaluate("card => getComputedStyle(card).backgroundColor")
    assert shown == page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_who_follows_a_workflow_is_led_along_it(site: Site, page: Page) -> None:
    page.goto(site.url + site.hub)
    workflow = page.locator("h1.title").inner_text()
    expect(page.locator(".tw-along")).to_have_count(0)
    first_step(page).click()
    bar = page.get_by_role("navigation", name="Reading path")
    expect(bar).to_contain_text(f"Along {workflow}: ")
    title, there = page.locator("h1.title").inner_text(), page.url
    bar.locator("a[rel=next]").click()
    expect(page.locator("h1.title")).not_to_have_text(title)
    bar.locator("a[rel=prev]").click()
    page.wait_for_url(there)
    bar.get_by_role("button", name="Leave").focus()
    page.keyboard.press("Enter")
    expect(bar).to_have_count(0)
    page.reload()
    page.wait_for_timeout(300)
    expect(bar).to_have_count(0)


def test_nobody_else_is_led_anywhere(site: Site, page: Page) -> None:
    asked = asked_for_pages(page)
    page.goto(site.url + site.note)
    page.locator("#connections a.tw-link").first.click()
    page.wait_for_timeout(300)
    page.goto(site.url + site.note)
    page.wait_for_timeout(300)
    expect(page.locator(".tw-along")).to_have_count(0)
    assert asked == []


def test_a_path_page_leads_along_its_workflow(site: Site, page: Page) -> None:
    page.goto(site.url + site.hub.replace("/workflow/", "/path/"))
    page.locator("main a.tw-principle").first.click()
    expect(page.locator(".tw-along")).to_contain_text("Along")
    name = site.hub.rpartition("/")[2]
    assert page.locator(".tw-along a").first.evaluate("a => a.href").endswith(f"/workflow/{name}")


def test_the_way_along_works_from_disk(site: Site, page: Page) -> None:
    page.goto(f"file://{site.folder}{site.hub}")
    first_step(page).click()
    expect(page.locator(".tw-along")).to_be_visible()
    page.locator("#connections a.tw-link").first.hover()
    expect(page.locator(CARD)).to_be_visible()


def test_the_facts_leave_the_first_sentence_on_the_first_screen(site: Site, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 740})
    page.goto(site.url + site.note)
    tops = page.evaluate("['h1', '.tw-lead p'].map(s => document.querySelector(s).getBoundingClientRect().top)")
    assert tops[0] <= 100
    assert tops[1] <= 300


def test_a_narrow_graph_is_one_column_of_labels_that_can_be_read(site: Site, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(site.url + site.hub)
    box = page.locator(".tw-graph")
    box.scroll_into_view_if_needed()
    page.wait_for_selector(".tw-graph[data-drawn]")
    assert box.evaluate("box => box.network.getScale()") * 14 >= 9


def test_the_draft_lists_all_pages_beside_the_text(site: Site, page: Page) -> None:
    page.goto(site.url + site.note)
    box = page.locator(".all-pages")
    if not box.count():  # Quarto has a menu of its own
        return
    box.locator("summary").first.click()
    expect(box.locator("a[aria-current=page]")).to_have_count(1)
    page.reload()
    expect(box.locator("a[aria-current=page]")).to_have_count(1)


def test_a_phone_shows_the_first_sentence_at_once(site: Site, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 740})
    for kind in site.kinds[1:]:
        page.goto(site.url + kind)
        title, lead = (page.locator(part).first.bounding_box() for part in ("h1.title", ".tw-lead"))
        assert title
        assert lead
        assert title["y"] <= 100
        assert lead["y"] - title["y"] - title["height"] < 115, kind  # one at 250 below a title of one line
        assert page.locator(".tw-crumbs li:visible").count() <= 1
        assert page.locator(".tw-strip .tw-domain:visible").count() <= 1


def test_a_diagram_is_not_shrunk_until_it_cannot_be_read(draft_site: Path, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto((draft_site / "notes/workflow/From_Derivatives_to_a_Training_Loop.html").as_uri())
    diagram = page.locator(".tw-mermaid").first
    diagram.scroll_into_view_if_needed()
    page.wait_for_selector(".tw-mermaid[data-drawn]")
    drawn = diagram.locator("svg").evaluate("svg => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width")
    assert drawn > 0.69
    assert diagram.evaluate("box => box.scrollWidth > box.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


LUMINANCE = """(elements, property) => elements.map((element) => {
  const [r, g, b, a = 1] = getComputedStyle(element)[property].match(/[\\d.]+/g).map(Number);
  return a * (0.2126 * r + 0.7152 * g + 0.0722 * b) + (1 - a) * 255;
})"""
"""How light a colour is on paper, from 0 to 255."""


def test_the_dark_theme_prints_dark_on_light(site: Site, page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(site.url + site.hub)
    page.wait_for_timeout(300)  # the theme's style sheet
    page.emulate_media(media="print", color_scheme="dark")
    for parts in ("main a[href]", "main :is(pre, code) span", "main .tw-badge"):
        assert max(page.locator(parts).evaluate_all(LUMINANCE, "color"), default=0) < 130, parts
    assert min(page.locator("main :is(pre, code)").evaluate_all(LUMINANCE, "backgroundColor"), default=255) > 230
    assert page.locator(".tw-search-open, #quarto-search").first.is_hidden()
