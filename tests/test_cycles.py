"""Cycle finding, compared with networkx."""

from __future__ import annotations

import networkx
from hypothesis import given
from hypothesis import strategies as st

from typedwiki.audit.rules_graph import components, cycles

NODES = st.sampled_from("abcdef")
GRAPHS = st.sets(st.tuples(NODES, NODES), max_size=18)


def adjacency(edges: set[tuple[str, str]]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for source, target in sorted(edges):
        result.setdefault(source, []).append(target)
    return result


def rotate(cycle: list[str]) -> tuple[str, ...]:
    start = cycle.index(min(cycle))
    return tuple(cycle[start:] + cycle[:start])


@given(GRAPHS)
def test_every_elementary_cycle_is_found_once(edges: set[tuple[str, str]]) -> None:
    expected = sorted(rotate(cycle) for cycle in networkx.simple_cycles(networkx.DiGraph(list(edges))))
    actual = [tuple(cycle) for cycle in cycles(adjacency(edges), limit=10_000)]
    assert sorted(actual) == expected
    assert all(cycle[0] == min(cycle) for cycle in actual)


@given(GRAPHS)
def test_strongly_connected_components(edges: set[tuple[str, str]]) -> None:
    graph = networkx.DiGraph(list(edges))
    strong = [sorted(c) for c in networkx.strongly_connected_components(graph)]
    expected = [c for c in strong if len(c) > 1 or graph.has_edge(c[0], c[0])]
    assert components(adjacency(edges)) == sorted(expected)


def test_cycles_are_limited_for_each_component() -> None:
    names = [f"n{i:02}" for i in range(30)]
    dense = {(a, b) for a in names for b in names if a != b}
    ring = {(f"r{i:03}", f"r{(i + 1) % 500:03}") for i in range(500)}
    actual = list(cycles(adjacency(dense | ring)))
    assert len([c for c in actual if c[0].startswith("n")]) == 20
    assert [len(c) for c in actual if c[0].startswith("r")] == [500]
