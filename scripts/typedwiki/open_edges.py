"""The schema of a wiki without ranks: its own types in layers that its edges tell, and the edges that it uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from rapidfuzz import fuzz, process

from .model import Graph
from .resolve import MENTIONS, RELATED
from .schema import UNRANKED, EdgeType, Schema, key
from .words import Words
from .yaml_errors import load_own_yaml

_UPWARD = frozenset({"up", "part_of"})
"""Edges that lead from the smaller to the larger."""
FEWEST_USES = 3
"""An edge name with so many edges is intended, however near it is to another."""
_MISSPELT = 85
"""Percent of likeness from which on a rare name is taken for a misspelling of a frequent one."""


def without_ranks(schema: Schema, used: Iterable[str]) -> Schema:
    """Return the schema of a wiki whose pages have the types ``used``: none of them has a rank, or else the schema as
    it is. Types without pages and edges between them, which schema.yml is about, are left out; common ones come in."""
    names = set(used)
    if any(schema.types[name].ranked and not schema.types[name].by_hand for name in names):
        return schema
    kept = names | schema.own
    if not names or any(kind.ranked and not kind.by_hand for kind in schema.types.values() if kind.name in kept):
        return schema
    types = {name: kind for name, kind in schema.types.items() if name in kept or kind.by_hand}
    edges = {name: edge for name, edge in schema.edges.items() if name in schema.own or name == RELATED}
    known = {key(name) for edge in edges.values() for name in (edge.name, *edge.synonyms, *edge.inverses)}
    for name, edge in _common_edges().items():
        if not known & {key(one) for one in (name, *edge.synonyms, *edge.inverses)}:
            edges[name] = edge
    return replace(schema, types=types, edges=edges)


def _common_edges() -> dict[str, EdgeType]:
    data = load_own_yaml("common_edges.yml")["edges"]
    return {
        name: _open_edge(
            name, entry["label"], entry["inverse_label"], entry.get("inverses", ()), entry.get("synonyms", ())
        )
        for name, entry in data.items()
    }


def _open_edge(
    name: str, label: str, inverse_label: str, inverses: Iterable[str] = (), synonyms: Iterable[str] = ()
) -> EdgeType:
    whole = frozenset({"any"})
    return EdgeType(
        name, whole, whole, label, inverse_label, tuple(inverses), tuple(synonyms), association=True, open=True
    )


def with_edges(schema: Schema, graph: Graph, words: Words) -> Schema:
    """Return the schema with the edges that a wiki without ranks uses, and without common ones that it does not use;
    its types stand in layers. ``words`` are those of the site's language."""
    if schema.ranked:
        return schema
    counts = Counter(edge.type for edge in graph.edges if edge.type != MENTIONS)
    edges = {
        name: _translated(edge, words) if edge.open else edge
        for name, edge in schema.edges.items()
        if not edge.open or name in counts
    }
    for name, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if name in edges or (number < FEWEST_USES and _like_another(name, edges)):
            continue
        label = name.replace("_", " ").capitalize()
        edges[name] = _open_edge(name, label, words("from", label=label))
    related = {RELATED: edges.pop(RELATED)} if RELATED in edges else {}
    schema = replace(schema, edges={**edges, **related})
    layers = type_layers(schema, graph)
    types = {
        name: kind if kind.ranked else replace(kind, rank=UNRANKED + layers.get(name, 0))
        for name, kind in schema.types.items()
    }
    return replace(schema, types=types)


def _translated(edge: EdgeType, words: Words) -> EdgeType:
    labels = words.edges.get(edge.name)
    return replace(edge, label=labels["label"], inverse_label=labels["inverse_label"]) if labels else edge


def _like_another(name: str, edges: Mapping[str, EdgeType]) -> bool:
    names = [key(one) for edge in edges.values() for one in (edge.name, *edge.synonyms, *edge.inverses)]
    return process.extractOne(key(name), names, scorer=fuzz.ratio, score_cutoff=_MISSPELT) is not None


def type_layers(schema: Schema, graph: Graph) -> dict[str, int]:
    """Return the layer of each type that has pages, 0 on top: below the types from which more edges lead to it than
    back. Where edges lead in a circle, the type from which more of all edges lead than to it comes first."""
    joined: Counter[tuple[str, str]] = Counter()
    for edge in graph.edges:
        ends = graph.pages[edge.source].page_type, graph.pages[edge.target].page_type
        if ends[0] != ends[1] and schema.is_drawn_down(edge.type):
            joined[ends[::-1] if edge.type in _UPWARD else ends] += 1
    balance: Counter[str] = Counter({page.page_type: 0 for page in graph.pages.values()})
    for (source, target), number in joined.items():
        balance[source] += number
        balance[target] -= number
    order = sorted(balance, key=lambda name: (-balance[name], name))
    layers: dict[str, int] = {}
    for name in order:
        above = [layers[other] for other in layers if joined[other, name] > joined[name, other]]
        layers[name] = max(above, default=-1) + 1
    return layers
