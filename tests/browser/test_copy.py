"""The draft's button that copies a block of code."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
NOTE = "notes/implementation/Torch_AdamW.html"
MEASURE_BUTTONS = """() => [...document.querySelectorAll("button.copy")].map(button => {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const code = button.nextElementSibling.getBoundingClientRect();
  return {
    apart: right <= code.left || left >= code.right || bottom <= code.top || top >= code.bottom,
    inside: left >= 0 && right <= innerWidth, high: bottom - top, share: code.width / button.parentElement.clientWidth,
  };
})"""


@pytest.mark.parametrize("width", [320, 360, 768, 1280, 1920])
def test_copy_button_never_covers_code(draft_site: Path, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((draft_site / NOTE).as_uri())
    buttons = page.evaluate(MEASURE_BUTTONS)
    assert len(buttons) == page.locator("main pre:has(> code)").count() > 2
    assert all(button["apart"] and button["inside"] and button["high"] >= 24 for button in buttons)
    assert all(
        button["share"] > (0.99 if width < 576 else 0.8) for button in buttons
    )  # on a phone the button is above the code


def test_keyboard_copies_code_on_a_page_from_disk(draft_site: Path, page: Page) -> None:
    page.goto((draft_site / NOTE).as_uri())
    button = page.get_by_role("button", name="Copy", exact=True).first
    for _ in range(80):
        page.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            break
    else:
        pytest.fail("the button cannot be reached")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copied").wait_for()
    page.keyboard.press("Enter")  # again, while it says "Copied"
    assert page.evaluate("document.activeElement.matches('button.copy')")
    code = page.locator("main pre > code").first.inner_text()
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<textarea id=pasted></textarea>')")
    page.locator("#pasted").focus()
    page.keyboard.press("Control+V")
    assert page.locator("#pasted").input_value().strip() == code.strip()
    page.wait_for_timeout(2_500)
    assert page.get_by_role("button", name="Copied").count() == 0


def test_copy_without_clipboard_access_keeps_focus(draft_site: Path, page: Page) -> None:
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('refused'))")
    page.goto((draft_site / NOTE).as_uri())
    button = page.locator("button.copy").nth(1)
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copied").wait_for()
    assert button.evaluate("button => button === document.activeElement")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<textarea id=pasted></textarea>')")
    page.locator("#pasted").focus()
    page.keyboard.press("Control+V")
    assert page.locator("#pasted").input_value().strip() == page.locator("main pre > code").nth(1).inner_text().strip()
