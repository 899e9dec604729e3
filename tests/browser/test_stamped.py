"""Quarto's scripts work on stamped pages as on Quarto's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page

if TYPE_CHECKING:
    from .conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("site", ["quarto", "fast"], indirect=True)]


def code_note_address(site: Site) -> str:
    return site.url + next(path for path in site.note_pages if "/implementation/" in path)


def test_copy_button_copies_code(site: Site, page: Page) -> None:
    page.goto(code_note_address(site))
    button = page.locator(".code-copy-button").first
    code = page.locator(".code-copy-outer-scaffold").first
    code.hover()
    button.click()
    page.wait_for_selector(".code-copy-button-checked")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<textarea id=pasted></textarea>')")
    page.locator("#pasted").focus()
    page.keyboard.press("Control+V")
    assert page.locator("#pasted").input_value().strip() == code.locator("code").inner_text().strip()


def test_table_of_contents_follows_scrolling(site: Site, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 400})
    page.goto(site.url + site.note)
    active = "#TOC a.active"
    first = page.locator(active).last.inner_text()
    page.locator("#sources").scroll_into_view_if_needed()
    page.mouse.wheel(0, 10_000)
    page.wait_for_function(f"[...document.querySelectorAll('{active}')].at(-1)?.textContent === 'Sources'")
    assert first != "Sources"


def test_search_finds_a_note(site: Site, page: Page) -> None:
    page.goto(site.url + site.note)
    title = page.locator("h1.title").inner_text()
    page.goto(code_note_address(site))
    page.locator("#quarto-search button").first.click()
    page.locator("dialog.tw-search input").fill(title)
    page.locator("dialog.tw-search a.tw-hit", has_text=title.split(":")[0]).first.click()
    page.wait_for_url(f"**{site.note}*")
    assert page.locator("h1.title").inner_text() == title


def test_headings_have_anchor_links(site: Site, page: Page) -> None:
    page.goto(site.url + site.note)
    page.locator("h2.anchored").first.hover()
    assert str(page.locator("h2.anchored a.anchorjs-link").first.get_attribute("href")).startswith("#")
