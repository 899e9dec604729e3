"""The data of the Graph page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from build_steps import generate
from typedwiki.config import load_config
from typedwiki.pages import overview
from typedwiki.pipeline import load_wiki
from wiki_generator import write_wiki

ROOT = Path(__file__).parent.parent
PAGE = "# {title}\n\n## Overview\nA page.\n\n## Connections\n{links}\n"


def graph_data(wiki: Path) -> tuple[dict[str, Any], list[Any]]:
    """The layers of a wiki, and its pages."""
    config = load_config(ROOT, [wiki])
    files, _ = generate(load_wiki(config), config)
    layers, pages = (
        json.loads(files[f"assets/{name}.js"].decode().partition("=")[2].rstrip(";\n")) for name in ("layers", "pages")
    )
    return layers, pages["pages"]


def write(wiki: Path, page: str, *links: str) -> None:
    folder, _, title = page.partition("/")
    (wiki / folder).mkdir(parents=True, exist_ok=True)
    text = PAGE.format(title=title, links="\n".join(f"- [[{link}]]" for link in links))
    (wiki / folder / f"{title}.md").write_text(text, encoding="utf-8")


@pytest.fixture
def small_wiki(tmp_path: Path) -> Path:
    write(tmp_path, "Workflow/Bake", "step::Principle:Knead", "step::Principle:Heat")
    write(tmp_path, "Principle/Knead", "implemented_by::Implementation:Hand", "near::Principle:Heat")
    write(tmp_path, "Principle/Heat", "implemented_by::Implementation:Oven")
    write(tmp_path, "Implementation/Hand")
    write(tmp_path, "Implementation/Oven")
    write(tmp_path, "Heuristic/Patience")
    return tmp_path


def test_edges_have_labels_of_the_schema_and_order_of_the_page(small_wiki: Path) -> None:
    layers, pages = graph_data(small_wiki)
    title = [page[0] for page in pages]
    actual = {
        label: (down, [(title[a], title[b]) for a, b in zip(ends[::2], ends[1::2], strict=True)])
        for label, down, ends in layers["edges"]
    }
    assert actual == {
        "Steps": (True, [("Bake", "Knead"), ("Bake", "Heat")]),
        "Implemented by": (True, [("Heat", "Oven"), ("Knead", "Hand")]),
        "Other": (False, [("Knead", "Heat")]),
    }


def test_outline_starts_with_workflows_and_ends_with_unlinked_pages(small_wiki: Path) -> None:
    layers, pages = graph_data(small_wiki)
    number = {page[0]: i for i, page in enumerate(pages)}
    assert layers["roots"] == [
        number["Bake"],
        ["Not part of a Workflow (1)", [["Heuristics (1)", [number["Patience"]]]]],
    ]


def test_small_wiki_is_one_cluster(small_wiki: Path) -> None:
    layers, pages = graph_data(small_wiki)
    assert len(layers["clusters"]) == 1
    assert layers["cluster"] == [0] * len(pages)
    assert len(layers["x"]) == len(layers["y"]) == len(pages)


def test_empty_wiki_has_a_graph_page(tmp_path: Path) -> None:
    layers, _ = graph_data(tmp_path)
    assert layers["x"] == layers["roots"] == layers["edges"] == []


@pytest.mark.slow
@pytest.mark.parametrize(("most", "largest"), [(100, 200), (100, 60), (100, 7)])
def test_large_wiki_is_split_into_clusters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, largest: int
) -> None:
    write_wiki(tmp_path, 300)
    monkeypatch.setattr(overview, "MOST_DRAWN", most)
    monkeypatch.setattr(overview, "LARGEST", largest)
    layers, pages = graph_data(tmp_path)
    names = [name for name, *_ in layers["clusters"]]
    if largest == 200:  # by namespace
        assert names == ["owner0_repo", "owner1_repo"]
        assert [group for group, _ in layers["roots"]] == ["owner0_repo (6)", "owner1_repo (6)"]
    else:  # by Workflow
        assert len(names) >= 12
        assert all(name.startswith(("owner0_repo: ", "owner1_repo: ")) for name in names)
    assert len(set(names)) == len(names)
    sizes = [layers["cluster"].count(i) for i in range(len(names))]
    assert sum(sizes) == len(pages)
    assert 0 < max(sizes) <= largest
    for page, cluster in enumerate(layers["cluster"]):
        _, left, top, width, height = layers["clusters"][cluster]
        assert left < layers["x"][page] < left + width
        assert top < layers["y"][page] < top + height
