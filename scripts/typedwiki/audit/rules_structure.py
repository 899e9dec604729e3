"""Rules about the graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ..model import Edge, WikiPage
from ..problems import Problem
from ..schema import CODE
from ..wording import join_names
from .context import Context
from .cycles import cycles

CONVENTION, FEWEST_EDGES = 0.8, 10
"""It is a convention to state an edge on both pages if this share of at least so many edges is."""


def cycle(context: Context) -> Iterator[Problem]:
    """S002: a cycle of typed edges, with the place of every hop."""
    edges: dict[tuple[str, str], Edge] = {}
    following: dict[str, list[str]] = defaultdict(list)
    for edge in context.graph.edges:
        edge_type = context.schema.edges.get(edge.type)
        if edge_type and not edge_type.association and (edge.source, edge.target) not in edges:
            edges[edge.source, edge.target] = edge
            following[edge.source].append(edge.target)
    for path in cycles(following):
        hops = [edges[hop] for hop in zip(path, [*path[1:], path[0]], strict=True)]
        where = " → ".join(f"{hop.source} ({_place(context, hop)})" for hop in hops)
        page_id, span = hops[0].declared[0]
        message = f"cycle: {where} → {path[0]}"
        yield context.problem_at(context.graph.pages[page_id], "S002", span, message)


def without_implementation(context: Context) -> Iterator[Problem]:
    """S003: a page of rank 1 (theory) without code."""
    edge_names = context.schema.edges_to(CODE)
    wanted = join_names([kind.name for kind in context.schema.with_role(CODE)], "or")
    for page in _of_rank(context, 1) if wanted else ():
        if not any(_has_edge(context.graph.outgoing, page, name) for name in edge_names):
            yield context.problem_at(page, "S003", None, f"{page.page_type} `{page.page_title}` has no {wanted}")


def unreached(context: Context) -> Iterator[Problem]:
    """S004: a Principle that no Workflow reaches by typed edges."""
    types = context.schema.types
    reached = {page.id for page in context.pages() if types[page.page_type].rank == 0}
    todo = list(reached)
    while todo:
        for edge in context.graph.outgoing.get(todo.pop(), ()):
            edge_type = context.schema.edges.get(edge.type)
            if edge_type and not edge_type.association and edge.target not in reached:
                reached.add(edge.target)
                todo.append(edge.target)
    top = join_names([kind.name for kind in types.values() if kind.ranked and kind.rank == 0], "or")
    for page in _of_rank(context, 1) if top else ():
        if page.id not in reached:
            yield context.problem_at(page, "S004", None, f"no {top} reaches {page.page_type} `{page.page_title}`")


def few_steps(context: Context) -> Iterator[Problem]:
    """S005: a Workflow of fewer than two steps."""
    ordered = {edge.name for edge in context.schema.edges.values() if edge.ordered}
    for page in _of_rank(context, 0):
        steps = sum(edge.type in ordered for edge in context.graph.outgoing.get(page.id, ()))
        if steps < 2:
            yield context.problem_at(
                page, "S005", None, f"{page.page_type} `{page.page_title}` has {'one step' if steps else 'no steps'}"
            )


def unused(context: Context) -> Iterator[Problem]:
    """S006: an Environment or Heuristic that no typed edge leads to."""
    typed_edges = {name: edge for name, edge in context.schema.edges.items() if not edge.association}
    for page in context.pages():
        edge_names = [name for name, edge in typed_edges.items() if page.page_type in edge.targets]
        kind = context.schema.types[page.page_type]
        leaf = kind.ranked and kind.rank >= 3
        if (
            leaf
            and edge_names
            and not any(_has_edge(context.graph.incoming, page, edge_name) for edge_name in edge_names)
        ):
            yield context.problem_at(page, "S006", None, f"nothing uses {page.page_type} `{page.page_title}`")


def isolated(context: Context) -> Iterator[Problem]:
    """S007: a page without edges, unless a more specific rule reports it."""
    named = {p.path for rule in (without_implementation, few_steps, unused) for p in rule(context)}
    for page in context.pages():
        if page.path not in named and page.id not in context.graph.outgoing and page.id not in context.graph.incoming:
            yield context.problem_at(page, "S007", None, f"no edge leads from or to `{page.page_title}`")


def one_sided(context: Context) -> Iterator[Problem]:
    """S008: a typed edge that only one of its pages states, if this wiki usually states such edges on both.

    A site that sets the rule's severity gets it always.
    """
    always = "S008" in context.settings.severities
    for name, edge_type in context.schema.edges.items():
        edges = [edge for edge in context.graph.edges if edge.type == name and not edge_type.association]
        one_sided_edges = [edge for edge in edges if len({page_id for page_id, _ in edge.declared}) == 1]
        conventional = len(edges) >= FEWEST_EDGES and len(one_sided_edges) <= (1 - CONVENTION) * len(edges)
        for edge in one_sided_edges if always or conventional else ():
            page_id, span = edge.declared[0]
            silent_page = edge.target if page_id == edge.source else edge.source
            message = f"{silent_page} does not state its `{edge.type}` with {page_id}"
            yield context.problem_at(context.graph.pages[page_id], "S008", span, message)


def _place(context: Context, edge: Edge) -> str:
    page_id, span = edge.declared[0]
    return f"{context.graph.pages[page_id].path}:{span.line}"


def _of_rank(context: Context, rank: int) -> Iterator[WikiPage]:
    for page in context.pages():
        kind = context.schema.types[page.page_type]
        if kind.ranked and kind.rank == rank:
            yield page


def _has_edge(edges: Mapping[str, tuple[Edge, ...]], page: WikiPage, name: str) -> bool:
    return any(edge.type == name for edge in edges.get(page.id, ()))


RULES = (cycle, without_implementation, unreached, few_steps, unused, isolated, one_sided)
GRAPH = (without_implementation, unreached, few_steps, unused, isolated)
"""Rules that report a missing edge."""
