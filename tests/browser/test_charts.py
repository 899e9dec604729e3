"""Plotly figures in hand-written notes as a reader meets them: light, at home, in both themes, by keyboard."""

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
from test_notes import CHART, chart, freeze

from .test_axe import AXE, FOUND

pytestmark = pytest.mark.browser
BOX = ".tw-figure"
NOTE = CHART.replace("@fig-line", "\n".join(["Text.\n"] * 60) + "\n@fig-line").replace(
    "go.Figure(go.Scatter(y=[1, 2]))", 'go.Figure(go.Scatter(y=[1, 2], mode="markers", marker_size=20)).show()'
)
"""The figure is far below the top."""


class Charts(NamedTuple):
    url: str
    toggle: str


@pytest.fixture(scope="module", params=["draft", pytest.param("quarto", marks=pytest.mark.quarto)])
def charts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Charts:
    """A note with a figure: in the draft from frozen results, by Quarto from a run of its cell."""
    here = copy_project(tmp_path_factory.mktemp(request.param), GOLDEN / "two_dialects/wiki", with_about_pages=False)
    note = here / "notes/chart.qmd"
    note.write_text(NOTE, encoding="utf-8")
    if request.param == "draft":
        figure = go.Figure(go.Scatter(y=[1, 2], mode="markers", marker_size=20))
        freeze(here, "chart", chart(figure).replace("@fig-line", "\n".join(["Text.\n"] * 60) + "\n@fig-line"))
        build_draft(here)
        toggle = ".theme-toggle"
    else:
        render(here, request.getfixturevalue("quarto"))
        toggle = ".quarto-color-scheme-toggle"
    return Charts(f"file://{here / '_site/notes/chart.html'}", toggle)


def render(here: Path, quarto: str) -> None:
    if not (find_spec("nbclient") and find_spec("ipykernel")):
        skip_or_fail("quarto", "Jupyter is not installed")
    command = [sys.executable, "scripts/wiki.py", "render", "--renderer=quarto"]
    environment = {**os.environ, "QUARTO_PATH": quarto}
    for _ in range(2):
        done = subprocess.run(command, cwd=here, env=environment, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing has changed" in done.stdout  # the results of the cells are part of what was rendered


def drawn(page: Page, url: str) -> None:
    page.goto(url)
    page.locator(BOX).scroll_into_view_if_needed()
    page.wait_for_selector(f"{BOX}[data-drawn]")


def range_of(page: Page) -> list[float]:
    """What the vertical axis shows."""
    shown: list[float] = page.evaluate("document.querySelector('.tw-figure-canvas')._fullLayout.yaxis.range")
    return shown


def test_plotly_loads_when_a_figure_comes_into_view(charts: Charts, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(charts.url)
    page.wait_for_timeout(300)
    assert page.locator(".tw-figure-text").inner_text() == "It rises"
    assert not any("plotly" in url for url in asked)
    drawn(page, charts.url)
    assert sum("plotly" in url for url in asked) == 1
    assert not page.locator(".tw-figure-text").is_visible()
    assert page.locator("figure", has=page.locator(BOX)).locator("figcaption").inner_text() == "Figure\u00a01: A line"


def test_a_point_tells_its_values(charts: Charts, page: Page) -> None:
    drawn(page, charts.url)
    page.locator(f"{BOX} .point").last.hover(force=True)
    page.wait_for_selector(f"{BOX} .hovertext")
    assert "2" in (page.locator(f"{BOX} .hovertext").first.text_content() or "")


def test_zooms_by_keyboard(charts: Charts, page: Page) -> None:
    drawn(page, charts.url)
    low, high = range_of(page)
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
    assert range_of(page)[0] == pytest.approx(low)


def test_follows_the_theme(charts: Charts, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    drawn(page, charts.url)
    text = "getComputedStyle(document.querySelector('.tw-figure .xtick text')).fill"
    mark = "getComputedStyle(document.querySelector('.tw-figure .point')).fill"
    before = page.evaluate(f"[{text}, {mark}]")
    page.evaluate("scrollTo(0, 0)")
    page.locator(charts.toggle).first.click()
    page.wait_for_function(f"{text} !== {before[0]!r} && {mark} !== {before[1]!r}")
    assert page.evaluate(text) == page.evaluate("getComputedStyle(document.body).color")


def test_is_named_by_its_alternative_text(charts: Charts, page: Page) -> None:
    drawn(page, charts.url)
    assert page.get_by_role("img", name="It rises").count() == 1


def test_axe_finds_nothing_serious(charts: Charts, page: Page) -> None:
    drawn(page, charts.url)
    page.add_script_tag(path=AXE)
    from_disk = FOUND.replace("{ resultTypes", "{ preload: false, resultTypes")  # which cannot fetch
    assert page.evaluate(from_disk) == []


@pytest.mark.parametrize("width", [360, 1280, 2560])
def test_fits(charts: Charts, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    drawn(page, charts.url)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 360, "height": 800})
    page.wait_for_function("document.querySelector('.tw-figure .main-svg').clientWidth < 360")
