"""Notes, graphs and lists of both sites in headless Chromium."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from conftest import ROOT

if TYPE_CHECKING:
    from .conftest import Site

pytestmark = pytest.mark.browser


def scroll_to_graph(page: Page) -> None:
    page.locator("#connections").scroll_into_view_if_needed()
    page.wait_for_selector(".tw-graph[data-drawn]")


def node_position(page: Page, index: int) -> tuple[float, float]:
    """The position of a node on the screen."""
    x, y = page.evaluate(
        """index => {
          const box = document.querySelector(".tw-graph");
          const id = box.network.body.nodeIndices[index];
          const dom = box.network.canvasToDOM(box.network.getPositions([id])[id]);
          const canvas = box.querySelector("canvas").getBoundingClientRect();
          return [canvas.x + dom.x, canvas.y + dom.y];
        }""",
        index,
    )
    return x, y


def test_pages_open_without_errors(site: Site, page: Page) -> None:
    for path in site.note_pages:
        page.goto(site.url + path)
        assert page.locator("h1.title").inner_text()


def test_the_keyboard_can_skip_the_menus(site: Site, page: Page) -> None:
    for path in (site.home, *site.note_pages):
        page.goto(site.url + path)
        page.keyboard.press("Tab")
        skip = page.locator(":focus")
        expect(skip).to_have_text("Skip to content")
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.wait_for_url("**#quarto-document-content")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#quarto-document-content') !== null"), path


@pytest.mark.parametrize("width", [360, 1280, 2560])
def test_pages_fit_the_window(site: Site, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in site.note_pages:
        page.goto(site.url + path)
        if path != site.home:
            scroll_to_graph(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_graph_loads_when_it_comes_into_view(site: Site, page: Page) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.set_viewport_size({"width": 1280, "height": 400})
    page.goto(site.url + site.hub)
    page.wait_for_timeout(300)
    assert not any("vis-network" in url for url in requests)
    scroll_to_graph(page)
    assert sum("vis-network" in url for url in requests) == 1


def test_clicking_a_node_opens_its_note(site: Site, page: Page) -> None:
    page.goto(site.url + site.hub)
    scroll_to_graph(page)
    x, y = node_position(page, 1)
    with page.expect_navigation():
        page.mouse.click(x, y)
    assert "/notes/principle/" in page.url


def test_hovering_a_node_shows_its_overview(site: Site, page: Page) -> None:
    page.goto(site.url + site.note)
    scroll_to_graph(page)
    x, y = node_position(page, 0)
    page.mouse.move(x - 3, y)
    page.wait_for_timeout(300)
    page.mouse.move(x, y)
    page.wait_for_function("document.querySelector('.vis-tooltip')?.style.visibility === 'visible'")
    assert page.locator("h1.title").inner_text()[:4] in page.locator(".vis-tooltip strong").inner_text()
    assert len(page.locator(".vis-tooltip").inner_text()) > 25


def test_graph_follows_the_theme(site: Site, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(site.url + site.hub)
    scroll_to_graph(page)
    label_colour = "document.querySelector('.tw-graph').network.body.nodes[0].labelModule.fontOptions.color"
    light = page.evaluate(label_colour)
    page.evaluate("scrollTo(0, 0)")
    page.locator(site.toggle).first.click()
    page.wait_for_function(f"{label_colour} !== {light!r}")
    text = page.evaluate("getComputedStyle(document.body).color")
    assert page.evaluate(label_colour) == text != light


def test_pages_open_from_disk(site: Site, page: Page) -> None:
    for path in (site.home, site.note):
        page.goto(f"file://{site.folder}{path}")
    scroll_to_graph(page)


@pytest.mark.parametrize("site", ["quarto"], indirect=True)
def test_home_page_of_quarto_filters(site: Site, page: Page) -> None:
    page.goto(site.url + site.home)
    items = page.locator(".tw-list > li:visible")
    everything = items.count()
    page.locator(".quarto-listing-filter input").first.type("loss")
    expect(items).not_to_have_count(everything)
    assert items.count()


def test_long_list_filters_and_shows_more(browser: Browser, tmp_path: Path) -> None:
    """An audit with many problems: the page contains the first; the others load from a file, or by a filter."""
    folder = tmp_path / "wiki/Workflow"
    folder.mkdir(parents=True)
    for number in range(200):
        text = f"# Flow {number}\n\n## Overview\n\nWords.\n\n[[step::Principle:Gone_{number}]]\n"
        (folder / f"Flow_{number}.md").write_text(text, encoding="utf-8")
    command = [sys.executable, "scripts/wiki.py", "draft", f"--source={tmp_path}/wiki", f"--site={tmp_path}/site"]
    subprocess.run([*command, "--no-search"], cwd=ROOT, check=True, capture_output=True)
    page = browser.new_page()
    page.goto(f"file://{tmp_path}/site/notes/wiki/audit.html")
    rows = page.locator("#problems .tw-long > li")
    before = rows.count()
    page.get_by_role("button", name="Show 100 more").click()
    expect(rows).to_have_count(before + 100)
    page.locator(".tw-filter-bar input").fill("gone 199")
    expect(rows.first).to_contain_text("Flow 199")
    page.goto("about:blank")
    page.goto(f"file://{tmp_path}/site/notes/wiki/audit.html#workflow-flow_99")
    expect(page.locator("#workflow-flow_99")).to_be_in_viewport()
    page.close()
