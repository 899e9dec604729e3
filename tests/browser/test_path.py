"""Ticks on a reading path: remembered, counted, taken back; and the page without any script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page

if TYPE_CHECKING:
    from .conftest import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def path(site: Site) -> str:
    """Address of the first reading path."""
    found = sorted((site.folder / "notes/path").glob("*.html"))[0]
    return f"{site.url}/notes/path/{found.name}"


def opened(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_selector(".tw-path-tools progress")


def said(page: Page) -> str:
    return page.locator(".tw-path-tools output").inner_text()


def ticks(page: Page) -> list[bool]:
    return [box.is_checked() for box in page.locator(".task-list input").all()]


def test_ticks_are_remembered_and_counted(site: Site, path: str, page: Page) -> None:
    opened(page, path)
    boxes = page.locator(".task-list input")
    times = [int(text.split()[0]) for text in page.locator(".task-list .tw-minutes").all_inner_texts()]
    number, whole = len(times), sum(times)
    assert said(page) == f"0 of {number} read, {whole} min left"
    boxes.nth(1).check()
    boxes.nth(2).check()
    counted = f"2 of {number} read, {whole - times[1] - times[2]} min left"
    assert said(page) == counted
    page.reload()
    page.wait_for_selector("progress")
    assert ticks(page) == [i in (1, 2) for i in range(number)]
    assert said(page) == counted
    assert page.locator("progress").evaluate("bar => [bar.value, bar.max]") == [2, number]
    boxes.nth(1).uncheck()
    page.reload()
    page.wait_for_selector("progress")
    assert ticks(page) == [i == 2 for i in range(number)]

    page.goto(f"{site.url}/notes/wiki/paths.html")
    page.get_by_text("(1 read)").wait_for()
    assert page.get_by_text("read)").count() == 1


def test_ticks_belong_to_pages_not_places(path: str, page: Page) -> None:
    opened(page, path)
    page.locator(".task-list input").nth(2).check()
    # A page has been added to the path since.
    page.add_init_script("""addEventListener("DOMContentLoaded", () => {
      const first = document.querySelector(".task-list li");
      const added = first.cloneNode(true);
      added.querySelector("a").href = "../principle/Added.html";
      first.after(added);
    })""")
    opened(page, path)
    assert [i for i, ticked in enumerate(ticks(page)) if ticked] == [3]


def test_reset_can_be_undone(path: str, page: Page) -> None:
    opened(page, path)
    reset = page.get_by_role("button", name="Reset")
    assert reset.is_disabled()
    page.locator(".task-list input").first.check()
    before = said(page)
    reset.click()
    assert not any(ticks(page))
    page.get_by_role("button", name="Undo reset").click()
    assert said(page) == before
    reset.click()
    page.locator(".task-list input").nth(1).check()
    assert page.get_by_role("button", name="Undo reset").count() == 0
    page.reload()
    page.wait_for_selector("progress")
    assert ticks(page)[:3] == [False, True, False]


def test_the_keyboard_does_it_all(path: str, page: Page) -> None:
    opened(page, path)
    first = page.locator(".task-list input").first
    first.focus()
    page.keyboard.press("Space")
    assert first.is_checked()
    assert first.evaluate("box => getComputedStyle(box).outlineStyle") != "none"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.task-list a')")
    page.get_by_role("button", name="Reset").focus()
    page.keyboard.press("Enter")
    assert not first.is_checked()
    assert page.evaluate("document.activeElement.textContent") == "Undo reset"


def test_a_step_that_is_read_is_marked(path: str, page: Page) -> None:
    opened(page, path)
    mark = "getComputedStyle(document.querySelector('#before > h2'), '::before').content"
    assert "✓" not in page.evaluate(mark)
    for box in page.locator("#before .task-list input").all():
        box.check()
    assert "✓" in page.evaluate(mark)


def test_a_browser_that_keeps_nothing_says_so(path: str, page: Page) -> None:
    # Quarto's own script does not bear a refusal: only what paths keep is refused.
    page.add_init_script("""for (const name of ["getItem", "setItem"]) {
      const own = Storage.prototype[name];
      Storage.prototype[name] = function (key, ...rest) {
        if (key.startsWith("typedwiki ")) throw new DOMException("denied", "SecurityError");
        return own.call(this, key, ...rest);
      };
    }""")
    opened(page, path)
    page.locator(".task-list input").first.check()
    assert said(page).startswith("1 of ")
    assert said(page).endswith("(not remembered here)")


def test_it_reads_without_scripts(path: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(path)
        assert "min" in page.locator("h2 .tw-minutes").first.inner_text()
        assert page.locator(".task-list li").count() == page.locator(".task-list input[type=checkbox]").count() > 2
        assert page.locator("button:visible", has_text="Print").count() == 0
        page.locator(".task-list input").first.check()
        page.get_by_role("link", name="Download as Markdown").wait_for()
    finally:
        context.close()


@pytest.mark.parametrize("width", [360, 2560])
def test_it_fits_the_window(site: Site, path: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for address in (path, f"{site.url}/notes/wiki/paths.html"):
        page.goto(address)
        page.wait_for_selector(".tw-path")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_paper_there_are_no_tools(path: str, page: Page) -> None:
    opened(page, path)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator(".tw-path-tools").is_hidden()
    assert page.locator(".task-list input").first.is_visible()
    assert page.locator("main .tw-checkpoint li").first.evaluate("li => getComputedStyle(li).color") == "rgb(0, 0, 0)"
