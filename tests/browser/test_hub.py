"""The drawing of a page with hundreds of neighbours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page

from conftest import ROOT

pytestmark = pytest.mark.browser

COUNT_PIXELS = """box => {
  const { network } = box;
  const canvas = box.querySelector("canvas");
  const dots = canvas.width / canvas.clientWidth;
  const at = (id, side) => network.canvasToDOM({ x: network.getBoundingBox(id)[side], y: 0 }).x * dots;
  const ids = Object.keys(network.body.nodes).filter((id) => !id.includes(":")).map(Number);
  const left = Math.ceil(at(0, "right")) + 2;
  const right = Math.floor(Math.min(...ids.slice(1).map((id) => at(id, "left")))) - 2;
  const { data } = canvas.getContext("2d").getImageData(left, 0, right - left, canvas.height);
  let lines = 0, gaps = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] > 0) lines++;
    if (data[i + 3] > 0 && data[i] > 200) gaps++;
  }
  return { lines, gaps };
}"""
"""Counts the pixels drawn between a page and its neighbours, and those that have no line's colour."""


@pytest.fixture(scope="module")
def hub_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The draft of a wiki in which every page is linked to one."""
    project = tmp_path_factory.mktemp("hub")
    for kind in ("Principle", "Implementation"):
        (project / "wiki" / kind).mkdir(parents=True)
    links = "\n".join(f"- [[implemented_by::Implementation:Spoke_{n}]]" for n in range(500))
    (project / "wiki/Principle/Hub.md").write_text(f"# Hub\n\n## Connections\n{links}\n", encoding="utf-8")
    for n in range(500):
        (project / f"wiki/Implementation/Spoke_{n}.md").write_text(f"# Spoke number {n}\n", encoding="utf-8")
    command = [sys.executable, "scripts/wiki.py", "draft", "--no-search", "--source", str(project / "wiki")]
    subprocess.run([*command, "--site", str(project / "site")], cwd=ROOT, check=True, capture_output=True)
    return project / "site"


def test_hidden_labels_leave_no_gaps_in_lines(hub_site: Path, page: Page) -> None:
    page.goto(f"file://{hub_site}/notes/principle/Hub.html")
    graph = page.locator(".tw-graph")
    graph.scroll_into_view_if_needed()
    page.wait_for_selector(".tw-graph[data-drawn]")
    assert page.locator(".tw-cut").inner_text() == "23 of 500 connected pages are drawn."
    graph.evaluate("box => box.network.moveTo({ scale: 0.5 })")  # labels of 12 pixels are hidden below 9
    page.wait_for_timeout(100)
    pixels = graph.evaluate(COUNT_PIXELS)
    assert pixels["lines"] > 500
    assert pixels["gaps"] == 0


@pytest.mark.parametrize("name", ["principle/Hub", "implementation/Spoke_399"])
def test_graph_page_shows_the_addressed_page_at_readable_size(hub_site: Path, page: Page, name: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"file://{hub_site}/notes/wiki/graph.html#focus={name}")
    page.wait_for_selector(".tw-network[data-drawn=true]")
    scale, x, y = page.evaluate(
        """async name => {
          const { network } = document.querySelector(".tw-network");
          const page = (await typedwiki.pages()).find(name);
          const at = network.canvasToDOM(network.getPositions([page])[page]);
          const { clientWidth, clientHeight } = document.querySelector(".tw-stage");
          return [network.getScale(), at.x / clientWidth, at.y / clientHeight];
        }""",
        name,
    )
    assert scale * 12 > 8  # pixels of a label
    assert 0 < x < 1
    assert 0 < y < 1


LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
EDGES = """(p) => {
  const range = document.createRange();
  range.selectNodeContents(p);
  const text = range.getBoundingClientRect(), box = p.getBoundingClientRect();
  return [Math.round(text.left - box.left), Math.round(box.right - text.right)];
}"""
"""How far a paragraph of one line lies from the left and the right of its box."""


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The draft of a wiki with words that do not end, in both directions."""
    here = tmp_path_factory.mktemp("names")
    (here / "wiki/Principle").mkdir(parents=True)
    more = f"## {LONG}\n\nקו.\n\nA line.\n\n> One\n>\n> > Two\n\n## Metadata\n- **Domains**: {LONG}, B\n"
    text = f"# {LONG}\n\n## Overview\nOne word. [[{LONG}]]\n\n{more}- **Last Updated**: 2026-01-01\n"
    (here / "wiki/Principle/Long.md").write_text(text, encoding="utf-8")
    command = [sys.executable, "scripts/wiki.py", "draft", "--no-search", "--source", str(here / "wiki")]
    subprocess.run([*command, "--site", str(here / "site")], cwd=ROOT, check=True, capture_output=True)
    return here / "site"


@pytest.mark.parametrize("name", ["index", "notes/principle/Long", "notes/wiki/explore", "notes/wiki/audit"])
def test_long_words_do_not_widen_a_page(names: Path, page: Page, name: str) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"file://{names}/{name}.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_each_paragraph_has_its_own_direction(names: Path, page: Page) -> None:
    page.goto(f"file://{names}/notes/principle/Long.html")
    hebrew, english = (page.locator("main p", has_text=text).last.evaluate(EDGES) for text in ("קו.", "A line."))
    assert hebrew[1] == 0 < hebrew[0]
    assert english[0] == 0 < english[1]
    outer, inner = (page.locator(f"blockquote p:text-is('{word}')") for word in ("One", "Two"))
    colour = "p => getComputedStyle(p).color"
    assert inner.evaluate(colour) == outer.evaluate(colour)
