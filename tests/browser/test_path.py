"""Checkboxes of a reading path: stored, counted, reset; and the page without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page

if TYPE_CHECKING:
    from .conftest import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def path_address(site: Site) -> str:
    """The address of the first reading path."""
    result = sorted((site.folder / "notes/path").glob("*.html"))[0]
    return f"{site.url}/notes/path/{result.name}"


def open_path(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(".tw-path-tools progress")


def progress_text(page: Page) -> str:
    return page.locator(".tw-path-tools output").inner_text()


def checked_boxes(page: Page) -> list[bool]:
    return [box.is_checked() for box in page.locator(".task-list input").all()]


def test_checks_are_stored_and_counted(site: Site, path_address: str, page: Page) -> None:
    open_path(page, path_address)
    boxes = page.locator(".task-list input")
    times = [int(text.split()[0]) for text in page.locator(".task-list .tw-minutes").all_inner_texts()]
    number, total = len(times), sum(times)
    assert progress_text(page) == f"0 of {number} read, {total} min left"
    boxes.nth(1).check()
    boxes.nth(2).check()
    expected = f"2 of {number} read, {total - times[1] - times[2]} min left"
    assert progress_text(page) == expected
    page.reload()
    page.wait_for_selector("progress")
    assert checked_boxes(page) == [i in (1, 2) for i in range(number)]
    assert progress_text(page) == expected
    assert page.locator("progress").evaluate("bar => [bar.value, bar.max]") == [2, number]
    boxes.nth(1).uncheck()
    page.reload()
    page.wait_for_selector("progress")
    assert checked_boxes(page) == [i == 2 for i in range(number)]

    page.goto(f"{site.url}/notes/wiki/paths.html")
    page.get_by_text("(1 read)").wait_for()
    assert page.get_by_text("read)").count() == 1


def test_checks_belong_to_pages_not_positions(path_address: str, page: Page) -> None:
    open_path(page, path_address)
    page.locator(".task-list input").nth(2).check()
    # A page has been added to the path since.
    page.add_init_script("""addEventListener("DOMContentLoaded", () => {
      const first = document.querySelector(".task-list li");
      const added = first.cloneNode(true);
      added.querySelector("a").href = "../principle/Added.html";
      first.after(added);
    })""")
    open_path(page, path_address)
    assert [i for i, ticked in enumerate(checked_boxes(page)) if ticked] == [3]


def test_reset_can_be_undone(path_address: str, page: Page) -> None:
    open_path(page, path_address)
    reset = page.get_by_role("button", name="Reset")
    assert reset.is_disabled()
    page.locator(".task-list input").first.check()
    before = progress_text(page)
    reset.click()
    assert not any(checked_boxes(page))
    page.get_by_role("button", name="Undo reset").click()
    assert progress_text(page) == before
    reset.click()
    page.locator(".task-list input").nth(1).check()
    assert page.get_by_role("button", name="Undo reset").count() == 0
    page.reload()
    page.wait_for_selector("progress")
    assert checked_boxes(page)[:3] == [False, True, False]


def test_keyboard_checks_and_resets(path_address: str, page: Page) -> None:
    open_path(page, path_address)
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


def test_completed_step_is_marked(path_address: str, page: Page) -> None:
    open_path(page, path_address)
    mark = "getComputedStyle(document.querySelector('#before > h2'), '::before').content"
    assert "✓" not in page.evaluate(mark)
    for box in page.locator("#before .task-list input").all():
        box.check()
    assert "✓" in page.evaluate(mark)


def test_denied_storage_is_reported(path_address: str, page: Page) -> None:
    # Quarto's own script fails without storage, so deny only the keys of paths.
    page.add_init_script("""for (const name of ["getItem", "setItem"]) {
      const own = Storage.prototype[name];
      Storage.prototype[name] = function (key, ...rest) {
        if (key.startsWith("typedwiki ")) throw new DOMException("denied", "SecurityError");
        return own.call(this, key, ...rest);
      };
    }""")
    open_path(page, path_address)
    page.locator(".task-list input").first.check()
    assert progress_text(page).startswith("1 of ")
    assert progress_text(page).endswith("(not remembered here)")


def test_page_works_without_scripts(path_address: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(path_address)
        assert "min" in page.locator("h2 .tw-minutes").first.inner_text()
        assert page.locator(".task-list li").count() == page.locator(".task-list input[type=checkbox]").count() > 2
        assert page.locator("button:visible", has_text="Print").count() == 0
        page.locator(".task-list input").first.check()
        page.get_by_role("link", name="Download as Markdown").wait_for()
    finally:
        context.close()


@pytest.mark.parametrize("width", [360, 2560])
def test_page_fits_the_window(site: Site, path_address: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for address in (path_address, f"{site.url}/notes/wiki/paths.html"):
        page.goto(address)
        page.wait_for_selector(".tw-path")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_print_hides_the_tools(path_address: str, page: Page) -> None:
    open_path(page, path_address)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator(".tw-path-tools").is_hidden()
    assert page.locator(".task-list input").first.is_visible()
    assert page.locator("main .tw-checkpoint li").first.evaluate("li => getComputedStyle(li).color") == "rgb(0, 0, 0)"
