"""The parts in which a large wiki is drawn: few enough to see at once, each small enough to open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from ..model import WikiPage
from ..notes.note_links import Site

MOST_DRAWN = 1000
"""Pages that a browser draws at once without making its reader wait: no larger wiki starts open."""
LARGEST = 500
"""Pages that one click may add to the drawing."""

Cluster = tuple[str, list[WikiPage]]
"""A name and its pages, in reading order."""


def clusters(pages: Sequence[WikiPage], site: Site) -> list[Cluster]:
    """The parts of a wiki's pages (in reading order); a single one without name where that will do.

    By namespace; what is larger than ``LARGEST`` by Workflow, a page that several lead to with the
    nearest; and what is still larger, or part of no Workflow, by type and in runs of titles.
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
    found: dict[str, list[WikiPage]] = defaultdict(list)
    for page in pages:
        found[key(page)].append(page)
    return [(f"{name}: {own}" if name else own, members) for own, members in sorted(found.items())]


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
