"""The enrichment report that maintainers write by hand: who needs what, and how much is covered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from ..model import Graph, WikiPage
from ..regex import regex
from ..requirements.inherit import wiki_requirements
from ..requirements.merge import MergedRequirement, merge
from ..requirements.model import Requirement
from ..schema import ADVICE, ENVIRONMENT, ROLES, PageType, Schema
from ..text.markdown import code_span, escape
from ..text.tables import pipe_lines

KEY_REQUIREMENTS = 8
"""How many an Environment's row shows."""
_ABBREVIATION = regex(r"(?:\b(?:e\.g|i\.e|vs|cf|etc|approx|no)|\b[A-Z])\.$")


Name = Callable[[WikiPage], str]
"""How a page is named in Markdown."""
Asked = Mapping[str, Sequence[Requirement]]


def report(graph: Graph, schema: Schema, named: Name | None = None, requirements: Asked | None = None) -> str:
    """Totals, Environments, Heuristics and each Workflow's coverage, as Markdown with pipe tables.

    ``named`` shows a page, as a link for instance; otherwise the tables' own pages have title and
    id, all others their title. ``requirements`` are those of each Environment by id, read from the pages if they
    are not given.
    """
    asked = wiki_requirements(graph.pages.values(), {}).rows if requirements is None else requirements
    own, other = named or _named, named or _titled
    parts = [
        [_totals(graph, schema)],
        *(_environments(kind, graph, schema, asked, own, other) for kind in schema.with_role(ENVIRONMENT)),
        *(_advice(kind, graph, schema, own, other) for kind in schema.with_role(ADVICE)),
        ["## Coverage", *_coverage(graph, schema, own, other)] if schema.ranked else [],
    ]
    return "\n\n".join(text for part in parts for text in part if text) + "\n"


def covered_types(schema: Schema) -> list[PageType]:
    """The types of page that a step should lead to: code, what that requires, and advice."""
    return [kind for role in ROLES for kind in schema.with_role(role)]


def steps_of(page_id: str, graph: Graph, schema: Schema) -> list[str]:
    """The ids of the steps of a page: where its edges lead that have an order."""
    ordered = {edge.name for edge in schema.edges.values() if edge.ordered}
    return [edge.target for edge in graph.outgoing.get(page_id, ()) if edge.type in ordered]


def key_requirements(rows: Iterable[Requirement]) -> list[str]:
    """What an Environment requires that has a version, and its graphics card, in words."""
    merged = merge(rows)
    return [_asked(one) for one in (*merged.facts, *merged.packages) if not one.optional and _is_key(one)]


def first_sentence(text: str) -> str:
    """The first sentence of plain text."""
    for end in re.finditer(r"[.!?](?=\s+[^\sa-z])", text):
        if not _ABBREVIATION.search(text[: end.end()]):
            return text[: end.end()]
    return text


def _is_key(one: MergedRequirement) -> bool:
    graphics = one.kind == "fact" and re.search(r"\bgpu|\bvram\b", f"{one.name} {one.value}", re.IGNORECASE)
    return bool(graphics or one.constraint) or len(one.specifier) > 0


def _asked(one: MergedRequirement) -> str:
    return f"{one.name} {one.value}".strip()


def _totals(graph: Graph, schema: Schema) -> str:
    pages = Counter(page.page_type for page in graph.pages.values())
    edges = Counter(edge.type for edge in graph.edges)
    rows = [(escape(schema.types[name].plural), str(pages[name])) for name in schema.types if pages[name]]
    typed = [name for name in schema.edges if edges[name]]
    rows += [(f"Edges: {escape(name)}", str(edges[name])) for name in [*typed, *sorted(edges.keys() - set(typed))]]
    for role in (ENVIRONMENT, ADVICE):
        number = sum(edges[name] for name in schema.edges_to(role))
        rows += [(f"{escape(kind.name)} links", str(number)) for kind in schema.with_role(role)]
    return "## Totals\n\n" + _table(("What", "Count"), rows)


def _environments(
    kind: PageType, graph: Graph, schema: Schema, requirements: Asked, own: Name, other: Name
) -> list[str]:
    rows = []
    for page in _of_type(graph, kind.name):
        users = _users(page, schema.edges_to(ENVIRONMENT), graph, other)
        asked = key_requirements(requirements.get(page.id, ()))
        more = len(asked) - KEY_REQUIREMENTS
        listed = ", ".join(asked[:KEY_REQUIREMENTS]) + (f" and {more} more" if more > 0 else "")
        rows.append((own(page), str(len(users)), ", ".join(users), escape(listed)))
    head = (escape(kind.name), "Links", "Required by", "Key requirements")
    return [f"## {escape(kind.plural)}", _table(head, rows)]


def _advice(kind: PageType, graph: Graph, schema: Schema, own: Name, other: Name) -> list[str]:
    rows = []
    for page in _of_type(graph, kind.name):
        users = _users(page, schema.edges_to(ADVICE), graph, other)
        summary = escape(first_sentence(page.overview))
        rows.append((own(page), str(len(users)), ", ".join(users), summary))
    head = (escape(kind.name), "Links", "Applies to", "Summary")
    return [f"## {escape(kind.plural)}", _table(head, rows)]


def _users(page: WikiPage, edge_types: Collection[str], graph: Graph, named: Name) -> list[str]:
    return [named(graph.pages[edge.source]) for edge in graph.incoming.get(page.id, ()) if edge.type in edge_types]


def _coverage(graph: Graph, schema: Schema, own: Name, other: Name) -> Iterable[str]:
    """For each Workflow what each of its steps has, and the share of steps that have it."""
    reached: dict[str, set[str]] = {}
    for page in graph.pages.values():
        if schema.types[page.page_type].rank != 0:
            continue
        steps = steps_of(page.id, graph, schema)
        for step in steps:
            if step not in reached:
                reached[step] = types_below(step, graph, schema)
        yield f"### {own(page)}"
        shown = [(other(graph.pages[step]), reached[step]) for step in steps]
        yield _steps(shown, [kind.name for kind in covered_types(schema)]) if steps else "No steps."


def _steps(steps: Sequence[tuple[str, set[str]]], covered: Sequence[str]) -> str:
    rows = [
        (str(number), page, *("yes" if name in types else "no" for name in covered))
        for number, (page, types) in enumerate(steps, 1)
    ]
    counts = [sum(name in types for _, types in steps) for name in covered]
    whole = round(100 * sum(counts) / (len(steps) * max(1, len(covered))))
    shares = (f"{count} of {len(steps)}, {round(100 * count / len(steps))}%" for count in counts)
    return _table(("Step", "Principle", *map(escape, covered)), [*rows, ("", f"Covered: {whole}%", *shares)])


def types_below(page_id: str, graph: Graph, schema: Schema) -> set[str]:
    """The types of the pages that typed edges lead to."""
    types: set[str] = set()
    seen, todo = {page_id}, [page_id]
    while todo:
        for edge in graph.outgoing.get(todo.pop(), ()):
            known = schema.edges.get(edge.type)
            if known and not known.association and edge.target not in seen:
                seen.add(edge.target)
                todo.append(edge.target)
                types.add(graph.pages[edge.target].page_type)
    return types


def _of_type(graph: Graph, name: str) -> list[WikiPage]:
    return [page for page in graph.pages.values() if page.page_type == name]


def _titled(page: WikiPage) -> str:
    return escape(page.page_title)


def _named(page: WikiPage) -> str:
    """Title and id. An id that code in a table cannot hold is shown as text."""
    shown_id = escape(page.id) if re.search(r"[|`\\\n]", page.id) else code_span(page.id)
    return f"{escape(page.page_title)} ({shown_id})"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A pipe table of cells that are Markdown already, their pipes escaped."""
    return "\n".join(pipe_lines([[_one_line(cell) for cell in line] for line in (head, *rows)]))


def _one_line(cell: str) -> str:
    return re.sub(r"\s+", " ", cell)
