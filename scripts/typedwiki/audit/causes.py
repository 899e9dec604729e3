"""Drop problems that are only consequences of other problems.

A problem is a consequence if it would not exist without the other one. For problems of the graph this is tested: links
that lead nowhere, or state no edge of the schema, are replaced by what was probably intended, and the rules run again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from msgspec.structs import replace

from ..model import Ambiguous, Edge, Found, Graph, Link, Missing, Resolution, WikiPage, grouped
from ..problems import SEVERITIES, Problem
from ..resolve import canonical, normalise
from ..schema import Schema, key
from ..words import nearest
from .context import Context

_CONSEQUENCES_ON_PAGE = {
    "R003": frozenset(
        ["C001", "C003", "C004", "C007", "C008", "C010", "C011", "C012", "C017", "L008", "S003", "S005", "S007"]
    ),
    "R008": frozenset(["R003", "C001", "C003", "C004", "C007", "C008", "C010", "C011", "C012", "C017", "L008"]),
    "R010": frozenset({"C001", "C004", "C007", "C012", "S003", "S004", "S005", "S006", "S007"}),
    "C017": frozenset({"C001", "C003", "C004", "C007"}),
    "C018": frozenset({"C004", "C007"}),
    "C013": frozenset({"C012"}),
    "C010": frozenset({"C011"}),
}
"""The possible consequences of a problem on the same page."""
_GRAPH_CODES = frozenset({"S003", "S004", "S005", "S006", "S007"})
"""The possible consequences of a broken link."""
_LINK_CODES = frozenset({"L001", "L002", "L003", "L004", "L005", "L008", "L012"})
Rule = Callable[[Context], Iterator[Problem]]


class _Repair(NamedTuple):
    """The place of a broken link, and the edge that it was probably intended to state."""

    place: tuple[str, int, int]
    edge: Edge


def without_consequences(
    context: Context,
    problems: Sequence[Problem],
    rules: Collection[Rule],
    unread: Collection[str],
    held_back: Collection[str] = (),
) -> list[Problem]:
    """Return the problems that are no consequences, sorted. A cause is as severe as its worst consequence.

    ``rules`` are the rules about the graph, ``unread`` the names of pages whose files could not be read, and
    ``held_back`` those of unpublished pages, which an index may list.
    """
    raised: dict[Problem, str] = {}
    hidden_names = set(map(normalise, held_back))
    dropped = {p for p in problems if hidden_names and _missing_entry(p) in hidden_names}
    for cause, consequence in (
        *_on_same_page(problems),
        *_from_links(context, problems, rules),
        *_from_unread_files(context, problems, unread),
        *_from_duplicate_names(context, problems),
        *_from_redirects(context, problems),
    ):
        if cause != consequence and cause not in dropped:
            dropped.add(consequence)
            if cause.code != "L012":  # only information: it does not become an error
                raised[cause] = min(raised.get(cause, cause.severity), consequence.severity, key=SEVERITIES.index)
    remaining = (replace(p, severity=raised.get(p, p.severity)) for p in problems if p not in dropped)
    return sorted(remaining)


def _missing_entry(problem: Problem) -> str:
    """Return the name of the missing page that an index lists; empty for any other problem."""
    entry = problem.code in ("I001", "I003") and problem.message.partition("`")[2].partition("`")[0]
    return normalise(PurePosixPath(entry.rpartition(":")[2]).stem) if entry else ""


def _on_same_page(problems: Iterable[Problem]) -> Iterator[tuple[Problem, Problem]]:
    for page_problems in grouped(problems, lambda problem: problem.path).values():
        worst: dict[str, Problem | None] = {}
        for cause in page_problems:
            if cause.code not in _CONSEQUENCES_ON_PAGE:
                continue
            if cause.code not in worst:
                codes = _CONSEQUENCES_ON_PAGE[cause.code]
                consequences = [consequence for consequence in page_problems if consequence.code in codes]
                worst[cause.code] = min(consequences, key=lambda p: SEVERITIES.index(p.severity), default=None)
                yield from ((cause, consequence) for consequence in consequences)
            elif repeated := worst[cause.code]:  # one is enough: a page may have thousands of both
                yield cause, repeated


def _from_links(
    context: Context, problems: Sequence[Problem], rules: Collection[Rule]
) -> Iterator[tuple[Problem, Problem]]:
    consequences = [p for p in problems if p.code in _GRAPH_CODES]
    causes = {(p.path, p.line, p.column): p for p in problems if p.code in _LINK_CODES}
    if not consequences or not causes:
        return
    intended = [repair for repair in _intended_edges(context) if repair.place in causes]
    repaired = replace(context, graph=_add_edges(context.graph, [repair.edge for repair in intended]))
    remaining = {(p.code, p.path, p.message) for rule in rules for p in rule(repaired)}
    pages = context.graph.pages
    for consequence in consequences:
        if (consequence.code, consequence.path, consequence.message) not in remaining:
            ends = ((repair, end) for repair in intended for end in (repair.edge.source, repair.edge.target))
            nearest_repair = next(
                (repair for repair, end in ends if end in pages and pages[end].path == consequence.path), intended[0]
            )
            yield causes[nearest_repair.place], consequence


def _from_redirects(context: Context, problems: Iterable[Problem]) -> Iterator[tuple[Problem, Problem]]:
    """Yield what a page lacks that only redirects, with the problem that it leads nowhere."""
    paths = {page.path for page in context.pages() if page.redirect}
    causes = {p.path: p for p in problems if p.path in paths and p.code == "L001" and (p.line, p.column) == (1, 1)}
    for consequence in problems if causes else ():
        if consequence.path in causes and consequence.code in _CONSEQUENCES_ON_PAGE["R010"]:
            yield causes[consequence.path], consequence


def _from_duplicate_names(context: Context, problems: Sequence[Problem]) -> Iterator[tuple[Problem, Problem]]:
    """Yield ambiguous links whose candidates have the same type and name, with the problem of that name."""
    causes = {p.path: p for p in problems if p.code == "S001"}
    ambiguous_links = {(p.path, p.line, p.column): p for p in problems if p.code == "L002"} if causes else {}
    if not ambiguous_links:
        return
    for page in context.pages():
        for link, resolution in context.graph.links(page):
            place = (page.path, link.span.line, link.span.column)
            if isinstance(resolution, Ambiguous) and place in ambiguous_links:
                candidates = [context.graph.pages[candidate] for candidate in resolution.candidates]
                cause = next((causes[other.path] for other in candidates if other.path in causes), None)
                names = {(other.page_type, normalise(other.stem)) for other in candidates}
                if cause and len(names) == 1:
                    yield cause, ambiguous_links[place]


def _add_edges(graph: Graph, edges: Sequence[Edge]) -> Graph:
    outgoing: dict[str, tuple[Edge, ...]] = dict(graph.outgoing)
    incoming: dict[str, tuple[Edge, ...]] = dict(graph.incoming)
    for edge in edges:
        outgoing[edge.source] = (*outgoing.get(edge.source, ()), edge)
        incoming[edge.target] = (*incoming.get(edge.target, ()), edge)
    return replace(graph, outgoing=outgoing, incoming=incoming)


def _intended_edges(context: Context) -> Iterator[_Repair]:
    """Yield the edges that broken links were probably intended to state: links without a target, without double
    brackets, or with an edge that the schema lacks or forbids."""
    pages, schema = context.graph.pages, context.schema
    for page in context.pages():
        for single in context.outline(page).single:
            end = pages.get(single.page_id(schema)) if single.edge else None
            for source, kind, target_id in _possible_edges(single.edge, page, end, schema) if end else ():
                place = (page.path, single.span.line, single.span.column)
                yield _Repair(place, Edge(source, kind, target_id, ((page.id, single.span),)))
        for link, resolution in context.graph.links(page):
            name = _intended_edge_name(link, schema)
            target = _intended_target(link, resolution, pages, schema) if name else None
            is_sound = name == link.edge and isinstance(resolution, Found)
            if name and target and not (is_sound and _allowed(page, target, name, schema)):
                for source, kind, target_id in _possible_edges(name, page, target, schema):
                    place = (page.path, link.span.line, link.span.column)
                    yield _Repair(place, Edge(source, kind, target_id, ((page.id, link.span),)))


def _possible_edges(name: str, page: WikiPage, target: WikiPage, schema: Schema) -> Iterator[tuple[str, str, str]]:
    if _allowed(page, target, name, schema):
        yield canonical(name, page, target, schema)
    else:  # the edge does not join these types: assume any edge that does
        for edge in schema.edges.values():
            if edge.association:
                continue
            if edge.allows(page.page_type, target.page_type):
                yield page.id, edge.name, target.id
            if edge.allows(target.page_type, page.page_type):
                yield target.id, edge.name, page.id


def _allowed(page: WikiPage, target: WikiPage, name: str, schema: Schema) -> bool:
    return any(reading.allows(page.page_type, target.page_type) for reading in schema.orientations(name))


def _intended_edge_name(link: Link, schema: Schema) -> str | None:
    """Return the edge name of a link, corrected if it is a misspelling."""
    if not link.edge or schema.orientations(link.edge):
        return link.edge
    return nearest(key(link.edge), schema.edge_names(), 0.8) or link.edge


def _intended_target(
    link: Link, resolution: Resolution, pages: Mapping[str, WikiPage], schema: Schema
) -> WikiPage | None:
    """Return the page that a link leads to, or was probably intended to. It need not exist."""
    if isinstance(resolution, Found):
        return pages[resolution.page_id]
    if isinstance(resolution, Ambiguous):
        return pages[resolution.candidates[0]]
    page_type = schema.page_type(link.type or "") or schema.page_type(nearest(link.type or "", schema.type_names()))
    suggested = (pages[i] for i in resolution.suggestions if not page_type or pages[i].page_type == page_type.name)
    suggestion = next(suggested, None)
    if suggestion or not page_type:
        return suggestion
    name = normalise(link.target)
    namesakes = (p for p in pages.values() if p.page_type == page_type.name and normalise(p.stem) == name)
    return next(namesakes, None) or WikiPage(f"{page_type.name}/?{link.target}", link.target, page_type.name, "", "")


def _from_unread_files(
    context: Context, problems: Sequence[Problem], unread: Collection[str]
) -> Iterator[tuple[Problem, Problem]]:
    """Yield links and index entries that name a page whose file was not read, with that file's problem."""
    names = {normalise(stem) for stem in unread}
    causes = [p for p in problems if p.code in ("R001", "R004", "R006", "R007")]
    if not names or not causes:
        return
    links_to_unread: set[tuple[str, int, int]] = set()
    for page in context.pages():
        for link, resolution in context.graph.links(page):
            target = PurePosixPath(link.target).stem if link.is_path else link.target
            if isinstance(resolution, Missing) and normalise(target) in names:
                links_to_unread.add((page.path, link.span.line, link.span.column))
    for problem in problems:
        name = _missing_entry(problem)
        if (problem.code == "L001" and (problem.path, problem.line, problem.column) in links_to_unread) or (
            name and name in names
        ):
            named_causes = (p for p in causes if name and PurePosixPath(p.path).stem == name)
            yield next(named_causes, causes[0]), problem
