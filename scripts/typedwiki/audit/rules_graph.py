"""Rules about the graph: cycles, missing edges, and requirements that contradict each other along a path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from ..model import Edge, Span, WikiPage
from ..problems import Problem
from ..requirements.merge import MergedRequirement, merge_on_path
from ..requirements.model import Origin, Requirement, Systems, Versions
from ..schema import CODE
from ..words import join_names
from .context import Context

LIMIT_PER_COMPONENT = 20
"""A dense component has exponentially many cycles. These are enough to begin with."""


def components(following: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return the strongly connected components with a cycle, sorted: several nodes, or one with an edge to itself.

    Tarjan's algorithm (1972), without recursion.
    """
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    result: list[list[str]] = []
    for root in sorted(following):
        if root in number:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(following.get(root, ())))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in number:
                    number[target] = low[target] = len(number)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(following.get(target, ()))))
                    break
                if target in on_stack:
                    low[node] = min(low[node], number[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    component = _pop_through(node, stack)
                    on_stack.difference_update(component)
                    result.append(sorted(component))
    return sorted(nodes for nodes in result if len(nodes) > 1 or nodes[0] in following.get(nodes[0], ()))


def _pop_through(node: str, stack: list[str]) -> list[str]:
    """Remove the nodes from this one on from a stack, and return them."""
    nodes = [stack.pop()]
    while nodes[-1] != node:
        nodes.append(stack.pop())
    return nodes


def cycles(following: Mapping[str, Sequence[str]], limit: int = LIMIT_PER_COMPONENT) -> Iterator[list[str]]:
    """Yield elementary cycles, each once, beginning with its smallest node.

    A component yields at least one cycle and at most ``limit``, shorter ones first.
    """
    for component in components(following):
        neighbours = {node: [t for t in sorted(set(following[node])) if t in set(component)] for node in component}
        yield from _cycles_of_component(component, neighbours, limit)


def _cycles_of_component(component: list[str], neighbours: Mapping[str, list[str]], limit: int) -> Iterator[list[str]]:
    """Yield paths that return to their smallest node, shortest first. Work is bounded as well as output."""
    paths = [[node] for node in component]
    count = effort = 0
    while paths and count < limit and effort < 2000 * limit:
        longer: list[list[str]] = []
        for path, target in ((p, t) for p in paths for t in neighbours[p[-1]]):
            effort += 1
            if target == path[0]:
                yield list(path)
                count += 1
                if count == limit:
                    return
            elif target > path[0] and target not in path and len(longer) < 5000:
                longer.append([*path, target])
        paths = longer
    if not count:
        yield _any_cycle(component, neighbours)


def _any_cycle(component: list[str], neighbours: Mapping[str, list[str]]) -> list[str]:
    """Return some cycle of a component: walk until a node repeats."""
    path = [component[0]]
    while neighbours[path[-1]][0] not in path:
        path.append(neighbours[path[-1]][0])
    cycle = path[path.index(neighbours[path[-1]][0]) :]
    smallest = cycle.index(min(cycle))
    return cycle[smallest:] + cycle[:smallest]


CONVENTION, FEWEST_EDGES = 0.8, 10
"""It is a convention to state an edge on both pages if this share of at least so many edges is."""


def cycle(context: Context) -> Iterator[Problem]:
    """S002: a cycle of typed edges, with the place of every hop."""
    edges: dict[tuple[str, str], Edge] = {}
    following: dict[str, list[str]] = defaultdict(list)
    for edge in context.graph.edges:
        if context.schema.leads_down(edge.type) and (edge.source, edge.target) not in edges:
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
    code_types = join_names([kind.name for kind in context.schema.with_role(CODE)], "or")
    for page in _of_rank(context, 1) if code_types else ():
        if not any(_has_edge(context.graph.outgoing, page, name) for name in edge_names):
            yield context.problem_at(page, "S003", None, f"{page.page_type} `{page.page_title}` has no {code_types}")


def unreached(context: Context) -> Iterator[Problem]:
    """S004: a Principle that no Workflow reaches by typed edges."""
    types = context.schema.types
    workflows = [page.id for page in context.pages() if types[page.page_type].rank == 0]
    reached = {*workflows, *context.graph.below(workflows, context.schema)}
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
    reported_paths = {p.path for rule in (without_implementation, few_steps, unused) for p in rule(context)}
    for page in context.pages():
        if (
            page.path not in reported_paths
            and page.id not in context.graph.outgoing
            and page.id not in context.graph.incoming
        ):
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


EDGE_RULES = (cycle, without_implementation, unreached, few_steps, unused, isolated, one_sided)
GRAPH = (without_implementation, unreached, few_steps, unused, isolated)
"""Rules that report a missing edge."""


def conflict(context: Context) -> Iterator[Problem]:
    """Q001: requirements of a Workflow's Environments that contradict each other."""
    graph, types = context.graph, context.schema.types
    for page in context.pages():
        if types[page.page_type].rank != 0:
            continue
        on_path = merge_on_path(page.id, graph, context.schema, context.requirements.rows)
        for merged in (*on_path.facts, *on_path.packages):
            if merged.conflict and not merged.optional:
                yield _conflict_problem(context, page, merged)


def _conflict_problem(context: Context, page: WikiPage, merged: MergedRequirement) -> Problem:
    rows = [row for row in merged.rows if not row.optional and _has_versions(row)]
    statements = dict.fromkeys(
        f"{row.origin.page} (line {row.origin.line}) asks for `{_requirement_text(row)}`" for row in rows
    )
    subject = "operating system" if merged.name == "OS" else f"version of {merged.name}"
    page_name = f"{page.page_type} `{page.page_title}`"
    return _problem_at_origin(
        context, "Q001", rows[0].origin, f"no {subject} suits {page_name}: {', '.join(statements)}"
    )


def _requirement_text(row: Requirement) -> str:
    if row.kind == "fact" and not row.written.casefold().startswith(row.name.casefold()):
        return f"{row.name} {row.written}"
    return row.written


def _has_versions(row: Requirement) -> bool:
    return bool(len(row.specifier) or row.url or isinstance(row.value, (Systems, Versions)))


def remarks(context: Context) -> Iterator[Problem]:
    """Report what was found while requirements were read.

    Q002: a page that inherits from a missing page, or in a cycle. Q003: a line that names a dependency, but is not
    understood. Q004: an install command that contradicts the lists of its page.
    """
    asked = context.requirements
    for code, found in (("Q002", asked.inheritance), ("Q003", asked.unclear), ("Q004", asked.disagreements)):
        for remark in found:
            if remark.origin.page in context.graph.pages:
                yield _problem_at_origin(context, code, remark.origin, remark.message, remark.hint)


def _problem_at_origin(context: Context, code: str, origin: Origin, message: str, hint: str = "") -> Problem:
    page = context.graph.pages[origin.page]
    lines = context.files[origin.page].text.split("\n")
    line = lines[origin.line - 1] if 0 < origin.line <= len(lines) else ""
    start = sum(len(earlier_line) + 1 for earlier_line in lines[: origin.line - 1]) + len(line) - len(line.lstrip())
    span: Span | None = context.span(page, start, start + len(line.strip())) if line else None
    return context.problem_at(page, code, span, message, hint)


REQUIREMENT_RULES = (conflict, remarks)
RULES = (*EDGE_RULES, *REQUIREMENT_RULES)
