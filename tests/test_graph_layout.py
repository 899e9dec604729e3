"""The layout of the drawing of a whole wiki."""

from __future__ import annotations

import random
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from typedwiki.pages.graph_layout import ASPECT, CELL_X, CELL_Y, layout, ordered, pack_rows, spread

Wiki = tuple[dict[int, int], list[tuple[int, int]]]


def random_wiki(*counts: int, seed: int = 1) -> Wiki:
    """Ranks with so many pages each; every page links to one or two of the next rank."""
    rng = random.Random(seed)
    ranks: dict[int, int] = {}
    edges = []
    layers = []
    for rank, count in enumerate(counts):
        layers.append(list(range(len(ranks), len(ranks) + count)))
        ranks.update(dict.fromkeys(layers[-1], rank))
    for upper, lower in pairwise(layers):
        edges += [(rng.choice(upper), target) for target in lower]
        edges += [(source, rng.choice(lower)) for source in upper]
    return ranks, edges


def count_crossings(rows: list[list[int]], edges: list[tuple[int, int]]) -> int:
    positions = {node: (rank, i) for rank, row in enumerate(rows) for i, node in enumerate(row)}
    count = 0
    for (a, b), (c, d) in combinations(edges, 2):
        (ra, pa), (_, pb), (rc, pc), (_, pd) = positions[a], positions[b], positions[c], positions[d]
        count += ra == rc and (pa - pc) * (pb - pd) < 0
    return count


CASES = {
    "empty": ({}, []),
    "one": ({0: 0}, []),
    "no edges": (dict.fromkeys(range(30), 2), []),
    "small": random_wiki(2, 6, 9, 3),
    "realistic": random_wiki(6, 43, 79, 15),
    "thousand": random_wiki(40, 300, 550, 110),
    "a leaf below all others": ({0: 0, **dict.fromkeys(range(1, 200), 1), 200: 2}, [(i, 200) for i in range(1, 200)]),
    "upwards and sideways": ({0: 0, 1: 1, 2: 1, 3: 2}, [(3, 0), (1, 2), (2, 1), (0, 9)]),
}


@pytest.mark.parametrize(("ranks", "edges"), CASES.values(), ids=CASES)
def test_ranks_descend_and_nothing_overlaps(ranks: dict[int, int], edges: list[tuple[int, int]]) -> None:
    drawing = layout(ranks, edges)
    assert drawing.places.keys() == ranks.keys()
    lowest: dict[int, int] = {}
    highest: dict[int, int] = {}
    taken: dict[int, list[int]] = {}
    for node, (x, y) in drawing.places.items():
        lowest[ranks[node]] = max(y, lowest.get(ranks[node], y))
        highest[ranks[node]] = min(y, highest.get(ranks[node], y))
        taken.setdefault(y, []).append(x)
        assert CELL_X // 2 <= x <= drawing.width - CELL_X // 2
        assert CELL_Y // 2 <= y <= drawing.height - CELL_Y // 2
    for upper, lower in combinations(sorted(highest), 2):
        assert lowest[upper] < highest[lower]
    for row in taken.values():
        row.sort()
        assert all(right - left >= CELL_X - 1 for left, right in pairwise(row))
    rows = sorted(taken)
    assert all(below - above >= CELL_Y for above, below in pairwise(rows))


@pytest.mark.parametrize("name", ["realistic", "thousand"])
def test_drawing_has_the_aspect_ratio_of_a_screen(name: str) -> None:
    drawing = layout(*CASES[name])
    assert ASPECT <= drawing.width / drawing.height < ASPECT * 1.25


@pytest.mark.parametrize("seed", range(5))
def test_ordering_removes_most_crossings(seed: int) -> None:
    ranks, edges = random_wiki(5, 30, 50, 10, seed=seed)
    above: dict[int, list[int]] = {node: [] for node in ranks}
    below: dict[int, list[int]] = {node: [] for node in ranks}
    for source, target in edges:
        above[target].append(source)
        below[source].append(target)
    unsorted = [[node for node in ranks if ranks[node] == rank] for rank in range(4)]
    assert count_crossings(ordered(ranks, above, below), edges) < count_crossings(unsorted, edges) / 2


def test_tree_has_no_crossings_and_keeps_the_order_of_steps() -> None:
    ranks = {0: 0, 1: 0, **dict.fromkeys(range(2, 8), 1)}
    edges = [(0, 5), (0, 2), (0, 7), (1, 3), (1, 6), (1, 4)]
    below: dict[int, list[int]] = {node: [t for s, t in edges if s == node] for node in ranks}
    above: dict[int, list[int]] = {node: [s for s, t in edges if t == node] for node in ranks}
    assert ordered(ranks, above, below) == [[0, 1], [5, 2, 7, 3, 6, 4]]


def test_page_is_above_its_targets() -> None:
    ranks = {0: 0, 1: 0, **dict.fromkeys(range(2, 8), 1)}
    places = layout(ranks, [(0, 2), (0, 3), (1, 4), (1, 5), (1, 6), (1, 7)]).places
    assert abs(places[0][0] - (places[2][0] + places[3][0]) / 2) <= CELL_X / 2
    assert abs(places[1][0] - (places[4][0] + places[7][0]) / 2) <= CELL_X / 2


def test_layout_is_deterministic() -> None:
    ranks, edges = CASES["thousand"]
    assert layout(ranks, edges) == layout(dict(ranks), list(edges))


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=20))
def test_spread_keeps_order_distance_and_bounds(positions: list[float]) -> None:
    result = spread(positions, 50, 1000)
    assert len(result) == len(positions)
    assert all(b - a >= 50 - 1e-6 for a, b in pairwise(result))
    assert result[0] >= 25 - 1e-6
    assert result[-1] <= 975 + 1e-6


def test_spread_moves_only_what_overlaps() -> None:
    assert spread([100, 300, 400], 50, 1000) == pytest.approx([100, 300, 400])
    assert spread([300, 300], 50, 1000) == pytest.approx([275, 325])


@given(st.lists(st.tuples(st.integers(1, 900), st.integers(1, 900)), max_size=25))
def test_packed_rectangles_do_not_overlap(sizes: list[tuple[int, int]]) -> None:
    if not sizes:
        return
    placed = [(x, y, x + w, y + h) for (x, y), (w, h) in zip(pack_rows(sizes), sizes, strict=True)]
    for (l1, t1, r1, b1), (l2, t2, r2, b2) in combinations(placed, 2):
        assert r1 <= l2 or r2 <= l1 or b1 <= t2 or b2 <= t1
