"""Accessibility: axe finds nothing serious on any kind of page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import axe_playwright_python
import pytest
from playwright.sync_api import Page

if TYPE_CHECKING:
    from .conftest import Site

pytestmark = pytest.mark.browser
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
READY = {"explore": ".tw-explore[data-ready]", "graph": ".tw-network[data-drawn]"}
"""Selectors that show that a script has completed a page."""
RUN_AXE = """async () => {
  const { violations } = await axe.run({ resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}"""


ABOUT_PAGES = ("explore", "graph", "paths", "report", "audit", "rules", "wanted")


def page_addresses(site: Site, kind: str) -> list[str]:
    """Addresses relative to the site."""
    if kind == "notes":
        return site.note_pages  # the home page and a note of each type
    if kind == "path":
        return [f"/notes/path/{path.name}" for path in sorted((site.folder / "notes/path").glob("*.html"))[:1]]
    return [f"/notes/wiki/{kind}.html"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["notes", "path", *ABOUT_PAGES])
def test_axe_finds_nothing_serious(site: Site, page: Page, kind: str, theme: str) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(site.url + site.home)
    if theme == "dark":
        page.locator(site.toggle).first.click()
    actual = []
    for path in page_addresses(site, kind):
        page.goto(site.url + path)
        page.wait_for_selector(READY.get(kind, "main"), state="attached")
        page.wait_for_timeout(200)  # the theme's style sheet
        page.add_script_tag(path=AXE)
        actual += [f"{path} {violation}" for violation in page.evaluate(RUN_AXE)]
    assert actual == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_serious_in_search_and_highlights(site: Site, page: Page, theme: str, width: int) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site.url + site.note)
    if theme == "dark":
        page.evaluate("(selector) => document.querySelector(selector).click()", site.toggle)
    title = page.locator("h1.title").inner_text()
    page.goto(f"{site.url}{site.note}?{urlencode({'q': title})}")
    page.wait_for_selector(".tw-marks")
    for query in ("", title, "kubernetes"):
        if query:
            page.keyboard.press("/")
            page.locator("dialog.tw-search input").fill(query)
            page.wait_for_selector("dialog.tw-search ol[aria-busy=false]", state="attached")
            page.wait_for_timeout(200)
        page.add_script_tag(path=AXE)
        assert page.evaluate(RUN_AXE) == []
        page.keyboard.press("Escape")
