"""What Environment pages ask for, read from their lists, tables and install commands.

A section counts if a heading above it speaks of requirements; prose does not count, nor does a line
that says that nothing is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from ..model import Graph, WikiPage
from ..schema import Schema
from ..text.plain import plain
from ..text.sections import Section, split, with_code_state
from .install_commands import added, installations
from .requirement_lines import from_list, from_table
from .requirement_places import Place
from .versions import Requirement, merge

__all__ = ["environments_on_path", "merge", "requirements_of"]


@lru_cache(maxsize=1 << 16)  # the audit, the notes and the report ask for it
def requirements_of(page: WikiPage) -> tuple[Requirement, ...]:
    """Everything that a page asks for, in its order; what commands add to the lists comes last."""
    parts = list(_places(page))
    installed = [found for part, place in parts for found in installations(part, place)]
    system = frozenset(word for tool, word, _ in installed if tool == "system")
    listed = [r for part, place in parts if place.wanted for r in _section(part, replace(place, system=system))]
    return (*listed, *added(installed, listed))


def environments_on_path(page_id: str, graph: Graph, schema: Schema) -> list[str]:
    """Every Environment that typed edges lead to from a page, itself included, in reading order."""
    found: list[str] = []
    seen: set[str] = set()
    todo = [page_id]
    while todo:
        here = todo.pop()
        if here in seen or here not in graph.pages:
            continue
        seen.add(here)
        if graph.pages[here].page_type == "Environment":
            found.append(here)
        for edge in reversed(graph.outgoing.get(here, ())):
            known = schema.edges.get(edge.type)
            if known and not known.association:
                todo.append(edge.target)
    return found


def _places(page: WikiPage) -> Iterator[tuple[Section, Place]]:
    """The sections that may ask for something, each with what its headings say."""

    path: list[tuple[int, Place]] = [(-1, Place(page.id))]
    for part in split(page.content):
        while path[-1][0] >= part.level:
            path.pop()
        place = path[-1][1].below(plain(part.title))
        path.append((part.level, place))
        if not place.blocked:
            yield part, place


def _section(part: Section, place: Place) -> Iterator[Requirement]:
    lines = [line for line, in_code in with_code_state(part.body) if not in_code]
    yield from from_table([line for line in lines if line.startswith("|")], place)
    yield from from_list([line for line in lines if not line.startswith("|")], place)
