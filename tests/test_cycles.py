"""Cycle finding, against networkx."""

from __future__ import annotations

import networkx
from hypothesis import given
from hypothesis import strategies as st

from typedwiki.audit.rules_graph import components, cycles

NODES = st.sampled_from("abcdef")
GRAPHS = st.sets(st.tuples(NODES, NODES), max_size=18)


def following(edges: set[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for source, target in sorted(edges):
        found.setdefault(source, []).append(target)
    return found


def rotated(cycle: list[str]) -> tuple[str, ...]:
    start = cycle.index(min(cycle))
    return tuple(cycle[start:] + cycle[:start])


@given(GRAPHS)
def test_every_elementary_cycle_once(edges: set[tuple[str, str]]) -> None:
    expected = sorted(rotated(cycle) for cycle in networkx.simple_cycles(networkx.DiGraph(list(edges))))
    found = [tuple(cycle) for cycle in cycles(following(edges), limit=10_000)]
    assert sorted(found) == expected
    assert all(cycle[0] == min(cycle) for cycle in found)


@given(GRAPHS)
def test_components(edges: set[tuple[str, str]]) -> None:
    graph = networkx.DiGraph(list(edges))
    strong = [sorted(c) for c in networkx.strongly_connected_components(graph)]
    expected = [c for c in strong if len(c) > 1 or graph.has_edge(c[0], c[0])]
    assert components(following(edges)) == sorted(expected)


def test_output_is_bounded_for_each_component() -> None:
    names = [f"n{i:02}" for i in range(30)]
    dense = {(a, b) for a in names for b in names if a != b}
    ring = {(f"r{i:03}", f"r{(i + 1) % 500:03}") for i in range(500)}
    found = list(cycles(following(dense | ring)))
    assert len([c for c in found if c[0].startswith("n")]) == 20
    assert [len(c) for c in found if c[0].startswith("r")] == [500]
