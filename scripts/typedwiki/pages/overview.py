"""Write the Graph page: the whole wiki in one drawing, beside an outline of the same relations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..model import WikiPage, grouped
from ..notes.graph import TEMPLATES
from ..notes.note_links import Site
from ..schema import PageType
from .graph_layout import GAP, NARROW_GAP, layout, pack_rows
from .site import in_reading_order, script

MOST_DRAWN = 1000
"""Maximum number of pages that a browser draws at once without delay. A larger wiki starts collapsed."""
LARGEST = 500
"""Maximum number of pages that one click adds to the drawing."""

Cluster = tuple[str, list[WikiPage]]
"""A name and its pages, in reading order."""


def clusters(pages: Sequence[WikiPage], site: Site) -> list[Cluster]:
    """Return clusters of a wiki's pages, which are in reading order; a single unnamed cluster if that is enough.

    By namespace; clusters larger than ``LARGEST`` are split by Workflow, a page below several going with the nearest;
    clusters that are still too large, or outside any Workflow, by type and by ranges of titles.
    """
    if len(pages) <= MOST_DRAWN:
        return [("", list(pages))]
    parts = _split(("", list(pages)), lambda page: page.namespace or "Other pages")
    if len(parts) == 1:
        parts = [("", list(pages))]
    by_path = [_workflow(site)] if site.trails else []
    for key in (*by_path, lambda page: site.schema.types[page.page_type].plural):
        parts = [piece for part in parts for piece in (_split(part, key) if len(part[1]) > LARGEST else [part])]
    return [run for part in parts for run in _runs(part)]


def _split(part: Cluster, key: Callable[[WikiPage], str]) -> list[Cluster]:
    name, pages = part
    groups = sorted(grouped(pages, key).items())
    return [(f"{name}: {group}" if name else group, members) for group, members in groups]


def _workflow(site: Site) -> Callable[[WikiPage], str]:
    def name(page: WikiPage) -> str:
        trail = site.trails.get(page.id)
        return site.graph.pages[trail[0]].page_title if trail else "Not part of a Workflow"

    return name


def _runs(part: Cluster) -> list[Cluster]:
    name, pages = part
    if len(pages) <= LARGEST:
        return [part]
    count = -(-len(pages) // LARGEST)
    size = -(-len(pages) // count)
    runs = [pages[i : i + size] for i in range(0, len(pages), size)]
    return [(f"{name}: {run[0].page_title} – {run[-1].page_title}", run) for run in runs]


FEW = 60
"""Clusters of this many pages or fewer are drawn closer together, so that their names are readable at once."""
MARGIN, HEAD, GUTTER = 40, 130, 120
"""Pixels around the pages of a cluster, above them for its name, and between two clusters."""

Place = tuple[int, int]
Frame = tuple[int, int, int, int]
Edges = list[tuple[str, bool, list[int]]]


def overview_files(site: Site) -> dict[str, bytes]:
    """Return the Graph page and its data by path relative to the notes folder."""
    data = layers(site)
    drawn = script("typedwikiLayers", data)
    return {"wiki/graph.qmd": _page(site, data["edges"]).encode(), "assets/layers.js": drawn.encode()}


def _page(site: Site, edges: Edges) -> str:
    words = site.words
    title = words("graph")
    lead = words(
        "graph-lead" if site.schema.ranked else "graph-lead-open",
        pages=len(site.graph.pages),
        edges=len(site.graph.edges),
    )
    ways = f"{words('graph-paths')} {words('graph-home')}" if site.paths else words("graph-home")
    return (
        f'---\ntitle: {title}\ndescription-meta: "{lead}"\npage-layout: full\ntoc: false\n---\n\n'
        f"::: {{.tw-lead}}\n{lead}\n:::\n\n"
        f":::: {{.tw-network}}\n::: {{}}\n{words('graph-needs')} {ways}\n:::\n\n"
        f"```{{=html}}\n{_controls(site, edges)}\n```\n::::\n"
    )


def _controls(site: Site, edges: Edges) -> str:
    used_types = {page.page_type for page in site.graph.pages.values()}
    types = [(i, t.plural, True, f"tw-{t.slug}") for i, t in enumerate(_types(site)) if t.name in used_types]
    kinds = [(i, label, downward, "") for i, (label, downward, _) in enumerate(edges)]
    from jinja2 import Environment, FileSystemLoader  # imported here, because most builds do not redraw it

    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    return (
        environment.get_template("overview.html")
        .render(groups=[("types", types), ("edges", kinds)], words=site.words)
        .strip()
    )


def layers(site: Site) -> dict[str, Any]:
    """Return the value of ``window.typedwikiLayers``:

    - x, y: centre of each page in pixels, by the page's number (its place in ``typedwikiPages.pages``)
    - edges: for each edge type [label, whether it is part of the DAG, [source, target, source, target …]]; pairs are
      in source order. The last entry may combine all types that the schema lacks.
    - types: [rank, SVG path of its icon] of each type, in the order of ``typedwikiPages.types``
    - clusters: [name, left, top, width, height] of each; a single one if the wiki is drawn as a whole
    - cluster: by page number, the index of the page's cluster in this list
    - roots: the roots of the outline, see ``outline_roots``
    """
    graph, schema = site.graph, site.schema
    pages = in_reading_order(site)
    number = {page.id: i for i, page in enumerate(pages)}
    edges = [(i, number[e.target], e.type) for i, page in enumerate(pages) for e in graph.outgoing.get(page.id, ())]
    parts = clusters(pages, site)
    members = [[number[page.id] for page in part] for _, part in parts]
    ranks = [schema.types[page.page_type].rank for page in pages]
    downward = [(source, target) for source, target, name in edges if schema.is_drawn_down(name)]
    is_small = not schema.ranked and len(pages) <= FEW
    places, frames = arranged(members, ranks, downward, NARROW_GAP if is_small else GAP)
    ends: dict[str, list[int]] = {name: [] for name in [*schema.edges, ""]}
    for source, target, name in edges:
        ends[name if name in schema.edges else ""] += (source, target)
    labels = {"": site.words("other" if schema.ranked else "mentions")} | {
        name: edge.label for name, edge in schema.edges.items()
    }
    cluster_of = {page: i for i, part in enumerate(members) for page in part}
    return {
        "x": [x for x, _ in places],
        "y": [y for _, y in places],
        "edges": [
            (labels[name], schema.is_drawn_down(name) or not schema.ranked, pairs)
            for name, pairs in ends.items()
            if pairs
        ],
        "types": [(t.rank, t.icon) for t in _types(site)],
        "clusters": [(name, *frame) for (name, _), frame in zip(parts, frames, strict=True)],
        "cluster": [cluster_of[i] for i in range(len(pages))],
        "roots": outline_roots(pages, downward, site),
    }


def outline_roots(pages: Sequence[WikiPage], downward: Sequence[tuple[int, int]], site: Site) -> list[Any]:
    """Return page numbers, and [name, roots] of groups: the Workflows, by namespace if there are several, and by type
    all pages outside any Workflow. The top rank may have another name, or other types in it."""
    if not site.schema.ranked:
        return _groups(range(len(pages)), lambda i: site.schema.types[pages[i].page_type].plural)
    first = _types(site)[0]
    below: list[list[int]] = [[] for _ in pages]
    for source, target in downward:
        below[source].append(target)
    tops = [i for i, page in enumerate(pages) if site.schema.types[page.page_type].rank == first.rank]
    todo = list(tops)
    reached = set(tops)
    while todo:
        new = [other for other in below[todo.pop()] if other not in reached]
        reached.update(new)
        todo += new
    roots: list[Any] = list(tops)
    other = site.words("other")
    if len({pages[i].namespace for i in tops}) > 1:
        roots = sorted(
            _groups(tops, lambda i: pages[i].namespace or other),
            key=lambda group: str(group[0]).casefold(),
        )
    if outside_pages := [i for i in range(len(pages)) if i not in reached]:
        types = site.schema.types
        roots.append(
            [
                site.words.count("outside", len(outside_pages), type=first.name),
                _groups(outside_pages, lambda i: types[pages[i].page_type].plural),
            ]
        )
    return roots


def _groups(numbers: Iterable[int], key: Callable[[int], str]) -> list[Any]:
    return [[f"{name} ({len(members)})", members] for name, members in grouped(numbers, key).items()]


def _types(site: Site) -> list[PageType]:
    return sorted(site.schema.types.values(), key=lambda t: t.rank)


def arranged(
    members: list[list[int]], ranks: list[int], downward: list[tuple[int, int]], gap: int = GAP
) -> tuple[list[Place], list[Frame]]:
    """Lay out each cluster and pack them. Return the place of every page and the frame of every cluster."""
    cluster_of = {page: i for i, part in enumerate(members) for page in part}
    inside: list[list[tuple[int, int]]] = [[] for _ in members]
    for source, target in downward:
        if cluster_of[source] == cluster_of[target]:
            inside[cluster_of[source]].append((source, target))
    drawn = [
        layout({i: ranks[i] for i in part}, edges_inside, gap)
        for part, edges_inside in zip(members, inside, strict=True)
    ]
    head, gutter = (HEAD, GUTTER) if len(members) > 1 else (0, 0)
    sizes = [(drawing.width + 2 * MARGIN, drawing.height + 2 * MARGIN + head) for drawing in drawn]
    corners = pack_rows([(width + gutter, height + gutter) for width, height in sizes])
    places: list[Place] = [(0, 0)] * len(cluster_of)
    for drawing, (left, top) in zip(drawn, corners, strict=True):
        for page, (x, y) in drawing.places.items():
            places[page] = (left + MARGIN + x, top + MARGIN + head + y)
    return places, [(*corner, *size) for corner, size in zip(corners, sizes, strict=True)]
