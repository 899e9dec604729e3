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
