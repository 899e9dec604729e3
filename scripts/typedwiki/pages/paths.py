"""Ways through the DAG: the reading path of each Workflow, and how Workflows lead to each page."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..model import Graph
from ..schema import ADVICE, ENVIRONMENT, Schema


@dataclass(frozen=True, slots=True)
class Phase:
    """One step of a Workflow: the Principle, then all that it leads to and no earlier phase has met."""

    step: str
    """Page id of the Principle; that of the Workflow for what hangs off the Workflow itself."""
    items: tuple[str, ...]
    """Page ids by type, from the top of the schema down, those of one type in the order in which they are met."""


@dataclass(frozen=True, slots=True)
class ReadingPath:
    """A guide down the DAG: every page below a Workflow, once, where it is first met."""

    workflow: str
    phases: tuple[Phase, ...]

    def pages(self) -> Iterator[str]:
        """The Workflow and every page of its path, in reading order."""
        yield self.workflow
        for phase in self.phases:
            if phase.step != self.workflow:
                yield phase.step
            yield from phase.items


def reading_paths(graph: Graph, schema: Schema) -> dict[str, ReadingPath]:
    """The reading path of each page of the top rank that leads anywhere, by its id."""
    if not schema.ranked:
        return {}
    types = sorted(schema.types.values(), key=lambda t: t.rank)
    layers = {page_type.name: layer for layer, page_type in enumerate(types)}
    places = {page.id: layers[page.page_type] for page in graph.pages.values()}
    found = {}
    for page_id, place in places.items():
        if types[place].rank == types[0].rank and (phases := tuple(_phases(page_id, graph, schema, places))):
            found[page_id] = ReadingPath(page_id, phases)
    return found


def absent_pages(graph: Graph, schema: Schema, paths: Mapping[str, ReadingPath]) -> frozenset[str]:
    """The pages about the whole wiki that have nothing to show where pages have types without ranks: ``paths`` without
    reading paths, ``report`` without a page that it is about."""
    kinds = [schema.types[name] for name in {page.page_type for page in graph.pages.values()}]
    if all(kind.ranked for kind in kinds):
        return frozenset()
    top = min(kind.rank for kind in schema.types.values())
    reported = any(kind.ranked and (kind.rank == top or kind.role in (ENVIRONMENT, ADVICE)) for kind in kinds)
    return frozenset(({"paths"} if not paths else set()) | ({"report"} if not reported else set()))


def _phases(workflow: str, graph: Graph, schema: Schema, places: dict[str, int]) -> Iterator[Phase]:
    steps: list[str] = []
    others: list[str] = []
    for edge in graph.outgoing.get(workflow, ()):
        if schema.leads_down(edge.type):
            (steps if schema.edges[edge.type].ordered else others).append(edge.target)
    seen = {workflow, *steps}
    # What the Workflow itself names is good to know before the first step.
    direct = [page for page in dict.fromkeys(others) if page not in seen]
    seen.update(direct)
    if direct:
        items = [*direct, *_unseen(direct, seen, graph, schema)]
        yield Phase(workflow, tuple(sorted(items, key=places.__getitem__)))
    for step in dict.fromkeys(steps):
        yield Phase(step, tuple(sorted(_unseen([step], seen, graph, schema), key=places.__getitem__)))


def _unseen(starts: list[str], seen: set[str], graph: Graph, schema: Schema) -> Iterator[str]:
    """What lies below some pages and has not been seen, nearest first; it is seen then."""
    todo = deque(starts)
    while todo:
        for edge in graph.outgoing.get(todo.popleft(), ()):
            if schema.leads_down(edge.type) and edge.target not in seen:
                seen.add(edge.target)
                yield edge.target
                todo.append(edge.target)


def trails(graph: Graph, schema: Schema) -> dict[str, tuple[str, ...]]:
    """The shortest way from a Workflow down to each page that one leads to, both ends included.

    Of equally short ways the one whose Workflow, and then whose edge, is written first.
    """
    if not schema.ranked:
        return {}
    top = min(page_type.rank for page_type in schema.types.values())
    starts = [page.id for page in graph.pages.values() if schema.types[page.page_type].rank == top]
    found: dict[str, tuple[str, ...]] = {start: (start,) for start in starts}
    todo = deque(starts)
    while todo:
        here = todo.popleft()
        for edge in graph.outgoing.get(here, ()):
            if schema.leads_down(edge.type) and edge.target not in found:
                found[edge.target] = (*found[here], edge.target)
                todo.append(edge.target)
    return found


def below(page_id: str, graph: Graph, schema: Schema) -> list[str]:
    """Every page that typed edges lead to from a page, itself first, nearest first."""
    found = {page_id: None}
    todo = deque([page_id])
    while todo:
        for edge in graph.outgoing.get(todo.popleft(), ()):
            if schema.leads_down(edge.type) and edge.target not in found:
                found[edge.target] = None
                todo.append(edge.target)
    return list(found)
