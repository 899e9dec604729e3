"""Plotly figures in hand-written notes: loading, local requests, themes, keyboard."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import plotly.graph_objects as go
import pytest
from playwright.sync_api import Page

from conftest import GOLDEN, build_draft, copy_project, skip_or_fail
from test_hand_written_notes import CHART_NOTE, chart_result, freeze_result

from .test_axe import AXE, RUN_AXE

pytestmark = pytest.mark.browser
BOX = ".tw-figure"
LONG_NOTE = CHART_NOTE.replace("@fig-line", "\n".join(["Text.\n"] * 60) + "\n@fig-line").replace(
    "go.Figure(go.Scatter(y=[1, 2]))", 'go.Figure(go.Scatter(y=[1, 2], mode="markers", marker_size=20)).show()'
)
"""A note whose figure is far below the top."""


class ChartPage(NamedTuple):
    url: str
    toggle: str


@pytest.fixture(scope="module", params=["draft", pytest.param("quarto", marks=pytest.mark.quarto)])
def chart_page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ChartPage:
    """A note with a figure: in the draft from frozen results, by Quarto from running its cell."""
    project = copy_project(tmp_path_factory.mktemp(request.param), GOLDEN / "two_dialects/wiki", with_about_pages=False)
    note = project / "notes/chart.qmd"
    note.write_text(LONG_NOTE, encoding="utf-8")
    if request.param == "draft":
        figure = go.Figure(go.Scatter(y=[1, 2], mode="markers", marker_size=20))
        freeze_result(
            project, "chart", chart_result(figure).replace("@fig-line", "\n".join(["Text.\n"] * 60) + "\n@fig-line")
        )
        build_draft(project)
        toggle = ".theme-toggle"
    else:
        render(project, request.getfixturevalue("quarto"))
        toggle = ".quarto-color-scheme-toggle"
    return ChartPage(f"file://{project / '_site/notes/chart.html'}", toggle)


def render(project: Path, quarto: str) -> None:
    if not (find_spec("nbclient") and find_spec("ipykernel")):
        skip_or_fail("quarto", "Jupyter is not installed")
    command = [sys.executable, "scripts/wiki.py", "render", "--renderer=quarto"]
    environment = {**os.environ, "QUARTO_PATH": quarto}
    for _ in range(2):
        result = subprocess.run(
            command, cwd=project, env=environment, capture_output=True, encoding="utf-8", check=False
        )
        assert result.returncode == 0, result.stdout + result.stderr
    assert "nothing has changed" in result.stdout  # results of cells belong to the rendered input


def open_figure(page: Page, url: str) -> None:
    page.goto(url)
    page.locator(BOX).scroll_into_view_if_needed()
    page.wait_for_selector(f"{BOX}[data-drawn]")


def vertical_range(page: Page) -> list[float]:
    """The range of the vertical axis."""
    axis_range: list[float] = page.evaluate("document.querySelector('.tw-figure-canvas')._fullLayout.yaxis.range")
    return axis_range


def test_plotly_loads_when_a_figure_comes_into_view(chart_page: ChartPage, page: Page) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(chart_page.url)
    page.wait_for_timeout(300)
    assert page.locator(".tw-figure-text").inner_text() == "It rises"
    assert not any("plotly" in url for url in requests)
    open_figure(page, chart_page.url)
    assert sum("plotly" in url for url in requests) == 1
    assert not page.locator(".tw-figure-text").is_visible()
    assert page.locator("figure", has=page.locator(BOX)).locator("figcaption").inner_text() == "Figure\u00a01: A line"


def test_hovering_a_point_shows_its_values(chart_page: ChartPage, page: Page) -> None:
    open_figure(page, chart_page.url)
    page.locator(f"{BOX} .point").last.hover(force=True)
    page.wait_for_selector(f"{BOX} .hovertext")
    assert "2" in (page.locator(f"{BOX} .hovertext").first.text_content() or "")


def test_keyboard_zooms(chart_page: ChartPage, page: Page) -> None:
    open_figure(page, chart_page.url)
    low, high = vertical_range(page)
    page.get_by_role("button", name="Zoom in").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "([y]) => document.querySelector('.tw-figure-canvas')._fullLayout.yaxis.range[1] < y", arg=[high]
    )
    assert page.locator(f"{BOX} .modebar").evaluate("bar => getComputedStyle(bar).opacity") == "1"
    page.get_by_role("button", name="Reset axes").press("Enter")
    page.wait_for_function(
        "([y]) => document.querySelector('.tw-figure-canvas')._fullLayout.yaxis.range[1] >= y", arg=[high]
    )
    assert vertical_range(page)[0] == pytest.approx(low)


def test_figure_follows_the_theme(chart_page: ChartPage, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    open_figure(page, chart_page.url)
    text = "getComputedStyle(document.querySelector('.tw-figure .xtick text')).fill"
    mark = "getComputedStyle(document.querySelector('.tw-figure .point')).fill"
    before = page.evaluate(f"[{text}, {mark}]")
    page.evaluate("scrollTo(0, 0)")
    page.locator(chart_page.toggle).first.click()
    page.wait_for_function(f"{text} !== {before[0]!r} && {mark} !== {before[1]!r}")
    assert page.evaluate(text) == page.evaluate("getComputedStyle(document.body).color")


def test_figure_is_named_by_its_alternative_text(chart_page: ChartPage, page: Page) -> None:
    open_figure(page, chart_page.url)
    assert page.get_by_role("img", name="It rises").count() == 1


def test_axe_finds_nothing_serious(chart_page: ChartPage, page: Page) -> None:
    open_figure(page, chart_page.url)
    page.add_script_tag(path=AXE)
    from_disk = RUN_AXE.replace("{ resultTypes", "{ preload: false, resultTypes")  # a page from disk cannot fetch
    assert page.evaluate(from_disk) == []


@pytest.mark.parametrize("width", [360, 1280, 2560])
def test_figure_fits_the_window(chart_page: ChartPage, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    open_figure(page, chart_page.url)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 360, "height": 800})
    page.wait_for_function("document.querySelector('.tw-figure .main-svg').clientWidth < 360")
