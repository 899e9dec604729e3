"""A page with more neighbours than a drawing can show."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from build_steps import generate
from typedwiki.config import load_config
from typedwiki.model import Graph
from typedwiki.notes.graph import LONGEST_COLUMN, MOST_NODES, columns, count_neighbours, neighbours
from typedwiki.pipeline import load_wiki
from typedwiki.schema import load

HUB = "Principle/Hub"


def load_hub(tmp_path: Path, spokes: int) -> tuple[Graph, str]:
    """The graph of a page with so many neighbours, and its note."""
    (tmp_path / "wiki/Principle").mkdir(parents=True)
    (tmp_path / "wiki/Implementation").mkdir()
    (tmp_path / "_quarto.yml").write_text("typedwiki: {source: wiki}\n", encoding="utf-8")
    links = "\n".join(f"- [[implemented_by::Implementation:Spoke_{n}]]" for n in range(spokes))
    (tmp_path / "wiki/Principle/Hub.md").write_text(f"# Hub\n\n## Connections\n{links}\n", encoding="utf-8")
    for n in range(spokes):
        path = tmp_path / f"wiki/Implementation/Spoke_{n}.md"
        # Linked both ways, which still counts as one neighbour.
        path.write_text(f"# Spoke {n}\n\nOf [[Hub]].\n\n[[implements::Principle:Hub]]\n", encoding="utf-8")
    config = load_config(tmp_path)
    wiki = load_wiki(config)
    return wiki.graph, generate(wiki, config)[0]["principle/Hub.qmd"].decode()


@pytest.mark.parametrize(("spokes", "message"), [(MOST_NODES - 1, ""), (60, "23 of 60 connected pages are drawn.")])
def test_note_counts_pages_that_are_not_drawn(spokes: int, message: str, tmp_path: Path) -> None:
    graph, note = load_hub(tmp_path, spokes)
    assert count_neighbours(HUB, graph, load()) == (MOST_NODES - 1, spokes)
    assert ("connected pages are drawn" in note) == bool(message)
    assert f"[{message}]{{.tw-cut}}" in note or not message
    assert note.count("{.tw-link .tw-implementation}") >= spokes  # the list contains all of them
    fragment = BeautifulSoup(note, "html.parser").select_one(".tw-graph")
    assert fragment
    assert fragment["style"] == f"--tw-rows:{LONGEST_COLUMN}"


def test_long_column_is_split(tmp_path: Path) -> None:
    graph, _ = load_hub(tmp_path, 60)
    edges = neighbours(HUB, graph, load())
    places = columns(HUB, edges, {page_id: int(page_id != HUB) for page_id in graph.pages})
    rows = Counter(x for x, _ in places.values())
    assert max(rows.values()) == LONGEST_COLUMN
    outer, inner = sorted((x for x in rows if x), reverse=True)
    heights = {x: [y for across, y in places.values() if across == x] for x in (outer, inner)}
    assert not set(heights[outer]) & set(heights[inner])  # edges to the outer column pass between the inner nodes
