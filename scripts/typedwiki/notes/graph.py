"""Draw graphs: select and place the nodes of a neighbourhood. Only this module imports pyvis."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from ..model import Edge, Graph
from ..schema import Schema
from ..words import Words

TEMPLATES = Path(__file__).with_name("templates")
MOST_NODES = 24
"""Maximum number of nodes in a neighbourhood. The list beside it is complete."""
LONGEST_COLUMN = 12
"""Maximum number of nodes in a column. Longer columns are folded into two, or their labels would be unreadable."""
STEP_X, STEP_Y = 270, 58
"""Pixels between columns, and between the nodes of a column."""


def neighbours(page_id: str, graph: Graph, schema: Schema) -> list[Edge]:
    """Return the edges of a page, DAG edges first, up to ``MOST_NODES`` nodes."""
    touching = [*graph.outgoing.get(page_id, ()), *graph.incoming.get(page_id, ())]

    def weight(edge: Edge) -> int:
        known = schema.edges.get(edge.type)
        return 2 if not known else int(known.association)

    kept: dict[tuple[str, str], Edge] = {}
    seen = {page_id}
    for edge in sorted(touching, key=weight):
        other = edge.target if edge.source == page_id else edge.source
        if other in seen or len(seen) < MOST_NODES:
            seen.add(other)
            # An association that both pages state is drawn as one line.
            kept.setdefault((edge.type, other), edge)
    return list(kept.values())


def count_neighbours(page_id: str, graph: Graph, schema: Schema) -> tuple[int, int]:
    """Return how many neighbours of a page its graph draws, and how many there are in all."""

    def count(edges: Iterable[Edge]) -> int:
        return len({end for edge in edges for end in (edge.source, edge.target)} - {page_id})

    edges_of_page = [*graph.outgoing.get(page_id, ()), *graph.incoming.get(page_id, ())]
    return count(neighbours(page_id, graph, schema)), count(edges_of_page)


def columns(page_id: str, edges: Sequence[Edge], ranks: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Return x, y in pixels for each node: sources on the left, the page in the middle, targets on the right.

    Lower ranks stand on the left, higher ranks on the right, equal ranks by the direction of the edge. Columns rather
    than rows, because labels are wide and low, and so that no edge runs through a node.
    """
    sides: dict[int, list[str]] = {-1: [], 0: [page_id], 1: []}
    placed = {page_id}
    for edge in edges:
        other = edge.target if edge.source == page_id else edge.source
        if other in placed:
            continue
        placed.add(other)
        direction = 1 if edge.source == page_id else -1
        difference = ranks[other] - ranks[page_id]
        sides[direction if difference == 0 else (1 if difference > 0 else -1)].append(other)
    positions = {}
    for side, nodes in sides.items():
        nodes.sort(key=lambda node: ranks[node])  # stable: steps stay in order
        folds = 2 if len(nodes) > LONGEST_COLUMN else 1  # staggered, so that lines to the outer one pass between nodes
        for i, node in enumerate(nodes):
            y = (i - (len(nodes) - 1) / 2) * STEP_Y / folds
            positions[node] = (side * (1 + i % folds) * STEP_X, round(y))
    return positions


def neighbourhood_html(page_id: str, graph: Graph, schema: Schema, url: Callable[[str], str], words: Words) -> str:
    """Return the graph around a page as an HTML fragment of a few kilobytes; empty without neighbours.

    ``url`` returns the address of a page relative to this one.
    """
    edges = neighbours(page_id, graph, schema)
    if not edges:
        return ""
    nodes = list(dict.fromkeys([page_id, *(end for e in edges for end in (e.source, e.target))]))
    ranks = {n: schema.types[graph.pages[n].page_type].rank for n in nodes}
    positions = columns(page_id, edges, ranks)
    rows = max(Counter(x for x, _ in positions.values()).values())
    numbers = {node: i for i, node in enumerate(nodes)}
    title = graph.pages[page_id].page_title
    network = _network(words("graph-label", title=title), rows)
    for node in nodes:
        page = graph.pages[node]
        x, y = positions[node]
        network.add_node(
            numbers[node],
            label=page.page_title,
            shape="box",
            group=schema.types[page.page_type].slug,
            x=x,
            y=y,
            url=url(node),
        )
    for edge in edges:
        network.add_edge(numbers[edge.source], numbers[edge.target], label=schema.edge_label(edge.type))
    return str(network.generate_html()).strip()


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader

    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)


@cache
def _pyvis() -> Any:
    """Return pyvis's Network without its imports for notebooks and networkx, which take 0.2 s to load, more than the
    rest of a small edit."""
    left_out = [name for name in ("networkx", "jsonpickle", "IPython.display") if name not in sys.modules]
    for name in left_out:
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name])["IFrame"] = None
    try:
        from pyvis.network import Network
    finally:
        for name in left_out:
            del sys.modules[name]
    return Network


def _network(heading: str, rows: int) -> Any:
    network = _pyvis()(height=str(rows), directed=True, heading=heading)
    network.path = "graph.html"
    network.options = {}  # the scripts set them; pyvis would serialise its own for every graph
    network.templateEnv = _environment()  # shared by all graphs, because it caches the compiled template
    return network


def vis_network() -> bytes:
    """Return the vis-network script in the installed pyvis."""
    spec = find_spec("pyvis")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("pyvis")
    found = sorted(Path(spec.submodule_search_locations[0]).glob("**/vis-network.min.js"))
    return found[-1].read_bytes()
