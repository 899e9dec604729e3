"""Scripts of notes: preview cards on typed links, and navigation along a Workflow."""

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


def record_index_requests(page: Page) -> list[str]:
    """Requests for pages.js, recorded from now on."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if "pages.js" in request.url else None)
    return requests


def test_hovering_a_link_shows_a_card_that_can_be_hovered(site: Site, page: Page) -> None:
    requests = record_index_requests(page)
    page.goto(site.url + site.hub)
    link = first_step(page)
    title = link.inner_text().strip()
    assert requests == []
    link.hover()
    card = page.locator(CARD)
    expect(card).to_contain_text(title)
    expect(card).to_contain_text("Principle")
    expect(card).to_contain_text("min read")
    assert len(requests) == 1
    assert link.get_attribute("aria-describedby") == card.get_attribute("id")
    card.hover()
    page.wait_for_timeout(600)
    expect(card).to_be_visible()
    page.mouse.move(5, 5)
    expect(card).to_have_count(0)
    assert link.get_attribute("aria-describedby") is None


def test_focus_shows_a_card_and_escape_closes_it(site: Site, page: Page) -> None:
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


def test_escape_closes_a_card_under_the_pointer(site: Site, page: Page) -> None:
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


def test_drawing_is_no_tab_stop(site: Site, page: Page) -> None:
    page.goto(site.url + site.hub)
    page.locator(".tw-graph").scroll_into_view_if_needed()
    page.wait_for_selector(".tw-graph[data-drawn]")
    expect(page.locator(".tw-graph [tabindex='0']")).to_have_count(0)


def test_drawing_is_hidden_without_scripts(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.url + site.hub)
    expect(page.locator(".tw-edges a").first).to_be_visible()
    expect(page.locator(".tw-drawn")).to_be_hidden()
    context.close()


def test_link_to_the_same_page_has_no_card(site: Site, page: Page) -> None:
    requests = record_index_requests(page)
    page.goto(site.url + site.hub)
    first_step(page).evaluate("element => { element.href = `${location.pathname}#sources`; }")
    first_step(page).hover()
    page.wait_for_timeout(600)
    expect(page.locator(CARD)).to_have_count(0)
    assert requests == []


def test_tap_opens_the_link_without_a_card(site: Site, page: Page) -> None:
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
    background = page.locator(CARD).evaluate("card => getComputedStyle(card).backgroundColor")
    assert background == page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_following_a_step_shows_the_workflow_bar(site: Site, page: Page) -> None:
    page.goto(site.url + site.hub)
    workflow = page.locator("h1.title").inner_text()
    expect(page.locator(".tw-along")).to_have_count(0)
    first_step(page).click()
    bar = page.get_by_role("navigation", name="Reading path")
    expect(bar).to_contain_text(f"Along {workflow}: ")
    title, address = page.locator("h1.title").inner_text(), page.url
    bar.locator("a[rel=next]").click()
    expect(page.locator("h1.title")).not_to_have_text(title)
    bar.locator("a[rel=prev]").click()
    page.wait_for_url(address)
    bar.get_by_role("button", name="Leave").focus()
    page.keyboard.press("Enter")
    expect(bar).to_have_count(0)
    page.reload()
    page.wait_for_timeout(300)
    expect(bar).to_have_count(0)


def test_other_links_show_no_workflow_bar(site: Site, page: Page) -> None:
    requests = record_index_requests(page)
    page.goto(site.url + site.note)
    page.locator("#connections a.tw-link").first.click()
    page.wait_for_timeout(300)
    page.goto(site.url + site.note)
    page.wait_for_timeout(300)
    expect(page.locator(".tw-along")).to_have_count(0)
    assert requests == []


def test_path_page_shows_the_workflow_bar(site: Site, page: Page) -> None:
    page.goto(site.url + site.hub.replace("/workflow/", "/path/"))
    page.locator("main a.tw-principle").first.click()
    expect(page.locator(".tw-along")).to_contain_text("Along")
    name = site.hub.rpartition("/")[2]
    assert page.locator(".tw-along a").first.evaluate("a => a.href").endswith(f"/workflow/{name}")


def test_workflow_bar_works_from_disk(site: Site, page: Page) -> None:
    page.goto(f"file://{site.folder}{site.hub}")
    first_step(page).click()
    expect(page.locator(".tw-along")).to_be_visible()
    page.locator("#connections a.tw-link").first.hover()
    expect(page.locator(CARD)).to_be_visible()


def test_first_sentence_is_near_the_top(site: Site, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 740})
    page.goto(site.url + site.note)
    tops = page.evaluate("['h1', '.tw-lead p'].map(s => document.querySelector(s).getBoundingClientRect().top)")
    assert tops[0] <= 100
    assert tops[1] <= 300


def test_labels_of_a_narrow_graph_are_readable(site: Site, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(site.url + site.hub)
    box = page.locator(".tw-graph")
    box.scroll_into_view_if_needed()
    page.wait_for_selector(".tw-graph[data-drawn]")
    assert box.evaluate("box => box.network.getScale()") * 14 >= 9


@pytest.mark.parametrize("site", ["draft"], indirect=True)  # Quarto has its own menu
def test_draft_lists_all_pages_in_a_menu(site: Site, page: Page) -> None:
    page.goto(site.url + site.note)
    box = page.locator(".all-pages")
    box.locator("summary").first.click()
    expect(box.locator("a[aria-current=page]")).to_have_count(1)
    page.reload()
    expect(box.locator("a[aria-current=page]")).to_have_count(1)


def test_first_sentence_is_near_the_title_on_a_phone(site: Site, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 740})
    for kind in site.note_pages[1:]:
        page.goto(site.url + kind)
        title, lead = (page.locator(part).first.bounding_box() for part in ("h1.title", ".tw-lead"))
        assert title
        assert lead
        assert title["y"] <= 100
        assert lead["y"] - title["y"] - title["height"] < 115, kind  # one at 250 below a title of one line
        assert page.locator(".tw-crumbs li:visible").count() <= 1
        assert page.locator(".tw-strip .tw-domain:visible").count() <= 1


def test_diagram_scrolls_instead_of_shrinking(draft_site: Path, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto((draft_site / "notes/workflow/From_Derivatives_to_a_Training_Loop.html").as_uri())
    diagram = page.locator(".tw-mermaid").first
    diagram.scroll_into_view_if_needed()
    page.wait_for_selector(".tw-mermaid[data-drawn]")
    scale = diagram.locator("svg").evaluate("svg => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width")
    assert scale > 0.69
    assert diagram.evaluate("box => box.scrollWidth > box.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


LUMINANCE = """(elements, property) => elements.map((element) => {
  const [r, g, b, a = 1] = getComputedStyle(element)[property].match(/[\\d.]+/g).map(Number);
  return a * (0.2126 * r + 0.7152 * g + 0.0722 * b) + (1 - a) * 255;
})"""
"""The lightness of a colour on paper, from 0 to 255."""


def test_dark_theme_prints_dark_on_light(site: Site, page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(site.url + site.hub)
    page.wait_for_timeout(300)  # the theme's style sheet
    page.emulate_media(media="print", color_scheme="dark")
    for parts in ("main a[href]", "main :is(pre, code) span", "main .tw-badge"):
        assert max(page.locator(parts).evaluate_all(LUMINANCE, "color"), default=0) < 130, parts
    assert min(page.locator("main :is(pre, code)").evaluate_all(LUMINANCE, "backgroundColor"), default=255) > 230
    assert page.locator(".tw-search-open, #quarto-search").first.is_hidden()
