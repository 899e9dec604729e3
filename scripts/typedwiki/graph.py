"""Neighbourhood graphs: which nodes, where they stand, and pyvis, which only this module imports."""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from .model import Edge, Graph
from .schema import Schema

TEMPLATES = Path(__file__).with_name("templates")
MOST_NODES = 24
"""A neighbourhood larger than this is cut; the list beside it is complete."""
ROW = 3
STEP_X, STEP_Y = 190, 90
_SWEEPS = 20


def neighbours(page_id: str, graph: Graph, schema: Schema) -> list[Edge]:
    """The edges that touch a page, those of the DAG first, at most one node's worth each."""
    touching = [*graph.outgoing.get(page_id, ()), *graph.incoming.get(page_id, ())]

    def weight(edge: Edge) -> int:
        known = schema.edges.get(edge.type)
        return 2 if not known else int(known.association)

    kept: list[Edge] = []
    seen = {page_id}
    for edge in sorted(touching, key=weight):
        other = edge.target if edge.source == page_id else edge.source
        if other in seen or len(seen) < MOST_NODES:
            seen.add(other)
            kept.append(edge)
    return kept


def layered(ranks: Mapping[str, int], edges: Iterable[tuple[str, str]]) -> dict[str, tuple[int, int]]:
    """x, y of each node in pixels: one layer per rank, ordered by barycentre sweeps.

    The method is Sugiyama, Tagawa and Toda's (1981), without dummy nodes. A layer wider than
    ``ROW`` nodes is broken into rows.
    """
    layers: dict[int, list[str]] = defaultdict(list)
    for node in ranks:
        layers[ranks[node]].append(node)
    joined: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        joined[source].append(target)
        joined[target].append(source)
    order = [layers[rank] for rank in sorted(layers)]
    place = {node: float(i) for layer in order for i, node in enumerate(layer)}
    for _ in range(_SWEEPS):
        moved = False
        for layer in order:
            before = list(layer)
            layer.sort(key=lambda n: sum(place[m] for m in joined[n]) / len(joined[n]) if joined[n] else place[n])
            place.update((node, i - (len(layer) - 1) / 2) for i, node in enumerate(layer))
            moved = moved or layer != before
        if not moved:
            break
    positions: dict[str, tuple[int, int]] = {}
    y = 0
    for layer in order:
        for start in range(0, len(layer), ROW):
            row = layer[start : start + ROW]
            for i, node in enumerate(row):
                positions[node] = (round((i - (len(row) - 1) / 2) * STEP_X), y)
            y += STEP_Y
    return positions


def neighbourhood_html(
    page_id: str, graph: Graph, schema: Schema, url: Callable[[str], str], assets: str
) -> str:
    """The graph around a page as an HTML fragment of a few kilobytes; empty without neighbours.

    ``url`` gives the address of a page relative to this one, ``assets`` that of the shared scripts.
    """
    edges = neighbours(page_id, graph, schema)
    if not edges:
        return ""
    nodes = list(dict.fromkeys([page_id, *(end for e in edges for end in (e.source, e.target))]))
    ranks = {n: 2 * schema.types[graph.pages[n].page_type].rank for n in nodes}
    # Same-rank neighbours stand in a row of their own, so that no edge runs through a node.
    here = ranks[page_id]
    ranks.update((n, here + 1) for n in nodes if n != page_id and ranks[n] == here)
    positions = layered(ranks, [(e.source, e.target) for e in edges])
    numbers = {node: i for i, node in enumerate(nodes)}
    title = graph.pages[page_id].page_title
    network = _network(f"Graph of the {len(nodes) - 1} nearest connections of {title}; listed beside it", assets)
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
            page=node,
        )
    for edge in edges:
        known = schema.edges.get(edge.type)
        label = known.label if known else edge.type.replace("_", " ").capitalize()
        network.add_edge(numbers[edge.source], numbers[edge.target], label=label)
    return str(network.generate_html()).strip()


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader

    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)


def _network(heading: str, assets: str) -> Any:
    from pyvis.network import Network  # here: it imports IPython, which costs most of a second

    network = Network(directed=True, heading=heading, bgcolor=html.escape(assets))
    network.path = "graph.html"
    network.templateEnv = _environment()  # one for all graphs: it caches the compiled template
    return network


def vis_network() -> bytes:
    """The vis-network script that the installed pyvis carries."""
    from importlib.util import find_spec

    spec = find_spec("pyvis")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("pyvis")
    found = sorted(Path(spec.submodule_search_locations[0]).glob("**/vis-network.min.js"))
    return found[-1].read_bytes()


def types_used(edges: Sequence[Edge], graph: Graph) -> list[str]:
    """The page types that a graph's legend must name."""
    return sorted({graph.pages[end].page_type for e in edges for end in (e.source, e.target)})
