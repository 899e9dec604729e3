"""Causes before consequences: what follows from another problem is not told beside it.

A problem is a consequence if it would not be there without the other one. For the graph that is tried out: the links
that lead nowhere, or state no edge of the schema, are taken as they were probably meant, and the rules are asked again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from ..model import Ambiguous, Edge, Found, Graph, Link, Missing, Resolution, WikiPage
from ..problems import SEVERITIES, Problem
from ..resolve import canonical, normalise
from ..schema import Schema, key
from ..wording import nearest
from .context import Context

_OF_FILE = {
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
"""What follows from a problem on the same page."""
GRAPH = frozenset({"S003", "S004", "S005", "S006", "S007"})
"""What may follow from a link that does not do what it was meant to do."""
_LINKS = frozenset({"L001", "L002", "L003", "L004", "L005", "L012"})
Rule = Callable[[Context], Iterator[Problem]]


class _Meant(NamedTuple):
    """A link that goes wrong, and the edge that it was meant to state."""

    place: tuple[str, int, int]
    edge: Edge


def without_consequences(
    context: Context,
    problems: Sequence[Problem],
    rules: Collection[Rule],
    unread: Collection[str],
    held: Collection[str] = (),
) -> list[Problem]:
    """The problems that do not follow from others; what others follow from is as severe as the worst of them.

    ``rules`` are those about the graph, ``unread`` the names of pages whose files could not be read.
    """
    raised: dict[Problem, str] = {}
    hidden = set(map(normalise, held))
    dropped = {p for p in problems if hidden and _entry(p) in hidden}
    for cause, consequence in (
        *_on_pages(problems),
        *_of_links(context, problems, rules),
        *_unread(context, problems, unread),
        *_twins(context, problems),
    ):
        if cause != consequence and cause not in dropped:
            dropped.add(consequence)
            if cause.code != "L012":  # nothing is wrong with it
                raised[cause] = _worse(raised.get(cause, cause.severity), consequence.severity)
    kept = (replace(p, severity=raised.get(p, p.severity)) for p in problems if p not in dropped)
    return sorted(kept)


def _worse(one: str, other: str) -> str:
    return min(one, other, key=SEVERITIES.index)


def _entry(told: Problem) -> str:
    """The name of the page that an index lists and that does not exist; empty if that is not what is told."""
    entry = told.code in ("I001", "I003") and told.message.partition("`")[2].partition("`")[0]
    return normalise(PurePosixPath(entry.rpartition(":")[2]).stem) if entry else ""


def _on_pages(problems: Iterable[Problem]) -> Iterator[tuple[Problem, Problem]]:
    by_path: dict[str, list[Problem]] = defaultdict(list)
    for found in problems:
        by_path[found.path].append(found)
    for listed in by_path.values():
        for cause in listed:
            follows = _OF_FILE.get(cause.code, frozenset())
            yield from ((cause, found) for found in listed if found.code in follows)


def _of_links(
    context: Context, problems: Sequence[Problem], rules: Collection[Rule]
) -> Iterator[tuple[Problem, Problem]]:
    told = [p for p in problems if p.code in GRAPH]
    causes = {(p.path, p.line, p.column): p for p in problems if p.code in _LINKS}
    if not told or not causes:
        return
    meant = [one for one in _meant(context) if one.place in causes]
    after = replace(context, graph=_with(context.graph, [one.edge for one in meant]))
    left = {(p.code, p.path, p.message) for rule in rules for p in rule(after)}
    pages = context.graph.pages
    for found in told:
        if (found.code, found.path, found.message) not in left:
            ends = (
                (one, pages[end].path) for one in meant for end in (one.edge.source, one.edge.target) if end in pages
            )
            own = next((one for one, path in ends if path == found.path), meant[0])
            yield causes[own.place], found


def _twins(context: Context, problems: Sequence[Problem]) -> Iterator[tuple[Problem, Problem]]:
    """Links that are ambiguous since two pages have the same type and name."""
    causes = {p.path: p for p in problems if p.code == "S001"}
    told = {(p.path, p.line, p.column): p for p in problems if p.code == "L002"} if causes else {}
    if not told:
        return
    for page in context.pages():
        for link, found in zip(page.outgoing_links, context.graph.resolutions[page.id], strict=True):
            place = (page.path, link.span.line, link.span.column)
            if isinstance(found, Ambiguous) and place in told:
                pages = [context.graph.pages[candidate] for candidate in found.candidates]
                cause = next((causes[one.path] for one in pages if one.path in causes), None)
                if cause and len({(one.page_type, normalise(one.stem)) for one in pages}) == 1:
                    yield cause, told[place]


def _with(graph: Graph, edges: Sequence[Edge]) -> Graph:
    outgoing: dict[str, tuple[Edge, ...]] = dict(graph.outgoing)
    incoming: dict[str, tuple[Edge, ...]] = dict(graph.incoming)
    for edge in edges:
        outgoing[edge.source] = (*outgoing.get(edge.source, ()), edge)
        incoming[edge.target] = (*incoming.get(edge.target, ()), edge)
    return replace(graph, outgoing=outgoing, incoming=incoming)


def _meant(context: Context) -> Iterator[_Meant]:
    """The edges that links without a target, or with an edge that the schema lacks or forbids, were meant to state."""
    pages, schema = context.graph.pages, context.schema
    for page in context.pages():
        for link, found in zip(page.outgoing_links, context.graph.resolutions[page.id], strict=True):
            name = _edge(link, schema)
            target = _target(link, found, pages, schema) if name else None
            if (
                name
                and target
                and (name != link.edge or not isinstance(found, Found) or not _allowed(page, target, name, schema))
            ):
                for source, kind, to in _readings(name, page, target, schema):
                    place = (page.path, link.span.line, link.span.column)
                    yield _Meant(place, Edge(source, kind, to, ((page.id, link.span),)))


def _readings(name: str, page: WikiPage, target: WikiPage, schema: Schema) -> Iterator[tuple[str, str, str]]:
    if _allowed(page, target, name, schema):
        yield canonical(name, page, target, schema)
    else:  # between types that it does not join: whichever edge was meant, both pages were to have one
        for edge in schema.edges.values():
            if edge.association:
                continue
            if edge.allows(page.page_type, target.page_type):
                yield page.id, edge.name, target.id
            if edge.allows(target.page_type, page.page_type):
                yield target.id, edge.name, page.id


def _allowed(page: WikiPage, target: WikiPage, name: str, schema: Schema) -> bool:
    ends = page.page_type, target.page_type
    return any(r.edge.allows(*(ends[::-1] if r.backwards else ends)) for r in schema.orientations(name))


def _edge(link: Link, schema: Schema) -> str | None:
    """The edge that a link states or nearly states."""
    if not link.edge or schema.orientations(link.edge):
        return link.edge
    return nearest(key(link.edge), schema.edge_names(), 0.8) or link.edge


def _target(link: Link, found: Resolution, pages: Mapping[str, WikiPage], schema: Schema) -> WikiPage | None:
    """The page that a link leads to or was probably meant to lead to, which need not exist yet."""
    if isinstance(found, Found):
        return pages[found.page_id]
    if isinstance(found, Ambiguous):
        return pages[found.candidates[0]]
    kind = schema.page_type(link.type or "") or schema.page_type(nearest(link.type or "", schema.type_names()))
    near = next((pages[i] for i in found.suggestions if not kind or pages[i].page_type == kind.name), None)
    if near or not kind:
        return near
    same = (
        page
        for page in pages.values()
        if page.page_type == kind.name and normalise(page.stem) == normalise(link.target)
    )
    return next(same, None) or WikiPage(f"{kind.name}/?{link.target}", link.target, kind.name, "", "")


def _unread(
    context: Context, problems: Sequence[Problem], unread: Collection[str]
) -> Iterator[tuple[Problem, Problem]]:
    """Links and index entries that name a page whose file could not be read, or lies where none is looked for."""
    names = {normalise(stem) for stem in unread}
    causes = [p for p in problems if p.code in ("R001", "R004", "R006", "R007")]
    if not names or not causes:
        return
    lost: set[tuple[str, int, int]] = set()
    for page in context.pages():
        for link, found in zip(page.outgoing_links, context.graph.resolutions[page.id], strict=True):
            target = PurePosixPath(link.target).stem if link.is_path else link.target
            if isinstance(found, Missing) and normalise(target) in names:
                lost.add((page.path, link.span.line, link.span.column))
    for told in problems:
        name = _entry(told)
        if (told.code == "L001" and (told.path, told.line, told.column) in lost) or (name and name in names):
            own = (p for p in causes if name and PurePosixPath(p.path).stem == name)
            yield next(own, causes[0]), told
