"""Lay out the drawing of the whole wiki in layers by rank, once per build.

Pages are numbers here. Each rank is ordered so that few edges cross (barycentre sweeps: Sugiyama, Tagawa and Toda
1981), then folded, column by column, into a band of several rows, because a rank of a thousand pages on one line is
unreadable. Bands are then shifted horizontally by isotonic regression (pool adjacent violators: Ayer et al. 1955), so
that pages stand above their targets. All lengths are pixels at full size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

CELL_X, CELL_Y = 180, 70
"""The space for a page, including its share of the gaps; see `drawn` in network.js."""
GAP, NARROW_GAP = 110, 45
"""Space between two bands, where edges turn. The narrow gap is for few pages in many layers."""
ASPECT = 1.6
"""Width to height of the whole drawing, about that of a screen."""
SWEEPS = 20

Edges = Iterable[tuple[int, int]]
Near = Mapping[int, Sequence[int]]


class Layout(Struct, frozen=True):
    """Centres of pages relative to the top left corner of the drawing, and the drawing's size."""

    places: Mapping[int, tuple[int, int]]
    width: int
    height: int


def layout(ranks: Mapping[int, int], edges: Edges, gap: int = GAP) -> Layout:
    """Return the layout of pages from the rank of each and the edges.

    Ties keep the order of ``ranks``. ``gap`` is the space between two ranks.
    """
    above: dict[int, list[int]] = {node: [] for node in ranks}
    below: dict[int, list[int]] = {node: [] for node in ranks}
    for source, target in edges:
        if source in ranks and target in ranks and ranks[source] != ranks[target]:
            upper, lower = sorted((source, target), key=ranks.__getitem__)
            above[lower].append(upper)
            below[upper].append(lower)
    return fold(ordered(ranks, above, below), above, below, gap)


def ordered(ranks: Mapping[int, int], above: Near, below: Near) -> list[list[int]]:
    """Return the pages of each rank from left to right, ordered so that few edges cross."""
    layers: dict[int, list[int]] = {rank: [] for rank in sorted(set(ranks.values()))}
    for node in _depth_first(ranks, below):
        layers[ranks[node]].append(node)
    rows = list(layers.values())
    # Places are fractions of a rank's width, so ranks of different lengths can be compared.
    place: dict[int, float] = {}
    for row in rows:
        _number(row, place)
    for sweep in range(SWEEPS):
        # The last sweep goes down, and ties keep their order: steps of a Workflow stay together, in order.
        moved = False
        near, todo = (above, rows[1:]) if sweep % 2 else (below, rows[-2::-1])
        for row in todo:
            centres = {n: sum(map(place.__getitem__, near[n])) / len(near[n]) if near[n] else place[n] for n in row}
            new = sorted(row, key=centres.__getitem__)
            if new != row:
                row[:] = new
                _number(row, place)
                moved = True
        if not moved and sweep % 2:
            break
    return rows


def _number(row: Sequence[int], place: dict[int, float]) -> None:
    for i, node in enumerate(row):
        place[node] = (i + 0.5) / len(row)


def _depth_first(ranks: Mapping[int, int], below: Near) -> list[int]:
    """Return all pages, each before its unvisited targets: a tree would have no crossing."""
    order: dict[int, None] = {}
    for start in sorted(ranks, key=ranks.__getitem__):
        todo = [start]
        while todo:
            node = todo.pop()
            if node not in order:
                order[node] = None
                todo.extend(reversed(below[node]))
    return list(order)


def fold(rows: Sequence[Sequence[int]], above: Near, below: Near, gap: int = GAP) -> Layout:
    """Arrange ordered ranks in bands of cells whose width gives the whole drawing about ``ASPECT``."""
    if not rows:
        return Layout({}, 0, 0)
    wide = _columns([len(row) for row in rows])
    bands = []
    for row in rows:
        high = -(-len(row) // wide)
        bands.append([row[i : i + high] for i in range(0, len(row), high)])
    x: dict[int, float] = {}
    width = max(map(len, bands)) * CELL_X
    first = max(range(len(bands)), key=lambda i: len(bands[i]))
    # From the fullest band outwards, place each over, or under, its connected pages.
    for i in [*range(first, -1, -1), *range(first + 1, len(bands))]:
        near = below if i < first else above
        centres = []
        for place, column in enumerate(bands[i]):
            joined = [x[other] for node in column for other in near[node] if other in x]
            even = (place + 0.5) * width / len(bands[i])
            centres.append(sum(joined) / len(joined) if joined and i != first else even)
        for column, centre in zip(bands[i], spread(centres, CELL_X, width), strict=True):
            x.update(dict.fromkeys(column, centre))
    places = {}
    top = 0
    for band in bands:
        for column in band:
            for row_number, node in enumerate(column):
                places[node] = (round(x[node]), top + row_number * CELL_Y + CELL_Y // 2)
        top += len(band[0]) * CELL_Y + gap
    return Layout(places, width, top - gap)


def _columns(counts: Sequence[int]) -> int:
    """Return the fewest columns for which bands of these sizes are at least ``ASPECT`` times as wide as high."""
    least, most = 1, max(counts)
    while least < most:
        columns = (least + most) // 2
        height = sum(-(-count // columns) for count in counts) * CELL_Y + (len(counts) - 1) * GAP
        if columns * CELL_X >= ASPECT * height:
            most = columns
        else:
            least = columns + 1
    return least


def spread(centres: Sequence[float], apart: float, width: float) -> list[float]:
    """Return the places nearest to the wanted ones (least squares), in the same order, ``apart``, within the width."""
    blocks: list[tuple[float, int]] = []  # sum and number of wanted places, as if `apart` were 0
    for i, place in enumerate(centres):
        total, count = place - i * apart, 1
        while blocks and blocks[-1][0] * count > total * blocks[-1][1]:
            before = blocks.pop()
            total, count = total + before[0], count + before[1]
        blocks.append((total, count))
    room = width - len(centres) * apart
    places: list[float] = []
    for total, count in blocks:
        start = apart / 2 + min(max(total / count - apart / 2, 0.0), max(room, 0.0))
        places += [start + (len(places) + i) * apart for i in range(count)]
    return places


def pack_rows(sizes: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the top left corners of rectangles packed on shelves, highest first, with about ``ASPECT`` overall.

    Next-fit decreasing height (Coffman et al. 1980): never more than about twice the area.
    """
    area = sum(width * height for width, height in sizes)
    limit = max([(area * ASPECT) ** 0.5, *(width for width, _ in sizes)])
    corners = [(0, 0)] * len(sizes)
    x = y = shelf = 0
    for i in sorted(range(len(sizes)), key=lambda i: (-sizes[i][1], i)):
        width, height = sizes[i]
        if x and x + width > limit:
            x, y, shelf = 0, y + shelf, 0
        corners[i] = (x, y)
        x, shelf = x + width, max(shelf, height)
    return corners
