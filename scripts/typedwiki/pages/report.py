"""Write the report on Environments, Heuristics and coverage, as Markdown and as JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..model import Graph, WikiPage
from ..regex import regex
from ..requirements.install import merged_record, row_record
from ..requirements.merge import MergedRequirement, environments_on_path, merge, merge_on_path
from ..requirements.model import Requirement
from ..schema import ADVICE, ENVIRONMENT, ROLES, PageType, Schema
from ..text.markdown import code_span, escape
from ..text.tables import pipe_lines

KEY_REQUIREMENTS = 8
"""Maximum number of requirements in an Environment's row."""
_ABBREVIATION = regex(r"(?:\b(?:e\.g|i\.e|vs|cf|etc|approx|no)|\b[A-Z])\.$")


Asked = Mapping[str, Sequence[Requirement]]


def report(graph: Graph, schema: Schema, requirements: Asked) -> str:
    """Return totals, Environments, Heuristics and each Workflow's coverage, as Markdown with pipe tables.

    The tables' own pages are shown by title and id, all others by title. ``requirements`` are those of each Environment
    by id.
    """
    parts = [
        [_totals(graph, schema)],
        *(_environments(kind, graph, schema, requirements) for kind in schema.with_role(ENVIRONMENT)),
        *(_advice(kind, graph, schema) for kind in schema.with_role(ADVICE)),
        ["## Coverage", *_coverage(graph, schema)] if schema.ranked else [],
    ]
    return "\n\n".join(text for part in parts for text in part if text) + "\n"


def covered_types(schema: Schema) -> list[PageType]:
    """Return the types of page that a step should lead to: code, its environment, and advice."""
    return [kind for role in ROLES for kind in schema.with_role(role)]


def steps_of(page_id: str, graph: Graph, schema: Schema) -> list[str]:
    """Return the ids of a page's steps: the targets of its ordered edges."""
    ordered = {edge.name for edge in schema.edges.values() if edge.ordered}
    return [edge.target for edge in graph.outgoing.get(page_id, ()) if edge.type in ordered]


def covered_steps(graph: Graph, schema: Schema) -> Iterator[tuple[WikiPage, list[tuple[str, set[str]]]]]:
    """Yield each page of the top rank with the ids of its steps, and the types that each step leads to."""
    reached: dict[str, set[str]] = {}
    for page in graph.pages.values():
        if schema.types[page.page_type].rank == 0:
            steps = steps_of(page.id, graph, schema)
            for step in steps:
                if step not in reached:
                    reached[step] = types_below(step, graph, schema)
            yield page, [(step, reached[step]) for step in steps]


def key_requirements(rows: Iterable[Requirement]) -> tuple[str, int]:
    """Return an Environment's first requirements that have a version, and its graphics card, in words, and the number
    of further ones."""
    merged = merge(rows)
    texts = [
        f"{entry.name} {entry.value}".strip()
        for entry in (*merged.facts, *merged.packages)
        if not entry.optional and _is_key(entry)
    ]
    return ", ".join(texts[:KEY_REQUIREMENTS]), max(0, len(texts) - KEY_REQUIREMENTS)


def first_sentence(text: str) -> str:
    """Return the first sentence of plain text."""
    for end in re.finditer(r"[.!?](?=\s+[^\sa-z])", text):
        if not _ABBREVIATION.search(text[: end.end()]):
            return text[: end.end()]
    return text


def _is_key(entry: MergedRequirement) -> bool:
    graphics = entry.kind == "fact" and re.search(r"\bgpu|\bvram\b", f"{entry.name} {entry.value}", re.IGNORECASE)
    return bool(graphics or entry.constraint) or len(entry.specifier) > 0


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


def _environments(kind: PageType, graph: Graph, schema: Schema, requirements: Asked) -> list[str]:
    rows = []
    for page in pages_of_type(kind.name, graph):
        users = [_titled(user) for user in pages_that_use(page, schema.edges_to(ENVIRONMENT), graph)]
        key_texts, more = key_requirements(requirements.get(page.id, ()))
        key_texts += f" and {more} more" if more else ""
        rows.append((_title_and_id(page), str(len(users)), ", ".join(users), escape(key_texts)))
    head = (escape(kind.name), "Links", "Required by", "Key requirements")
    return [f"## {escape(kind.plural)}", _table(head, rows)]


def _advice(kind: PageType, graph: Graph, schema: Schema) -> list[str]:
    rows = []
    for page in pages_of_type(kind.name, graph):
        users = [_titled(user) for user in pages_that_use(page, schema.edges_to(ADVICE), graph)]
        summary = escape(first_sentence(page.overview))
        rows.append((_title_and_id(page), str(len(users)), ", ".join(users), summary))
    head = (escape(kind.name), "Links", "Applies to", "Summary")
    return [f"## {escape(kind.plural)}", _table(head, rows)]


def pages_that_use(page: WikiPage, edge_types: Collection[str], graph: Graph) -> list[WikiPage]:
    """Return the pages from which edges of these types lead to a page."""
    return [graph.pages[edge.source] for edge in graph.incoming.get(page.id, ()) if edge.type in edge_types]


def _coverage(graph: Graph, schema: Schema) -> Iterable[str]:
    """Yield, for each Workflow, what each of its steps has, and the share of steps that have it."""
    for page, steps in covered_steps(graph, schema):
        yield f"### {_title_and_id(page)}"
        titled_steps = [(_titled(graph.pages[step]), types) for step, types in steps]
        yield _steps(titled_steps, [kind.name for kind in covered_types(schema)]) if steps else "No steps."


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
    """Return the types of the pages that typed edges reach."""
    return {graph.pages[other].page_type for other in graph.below([page_id], schema)}


def pages_of_type(name: str, graph: Graph) -> list[WikiPage]:
    """Return the pages of a type."""
    return [page for page in graph.pages.values() if page.page_type == name]


def _titled(page: WikiPage) -> str:
    return escape(page.page_title)


def _title_and_id(page: WikiPage) -> str:
    """Return title and id. An id that cannot be code in a table is shown as text."""
    shown_id = escape(page.id) if re.search(r"[|`\\\n]", page.id) else code_span(page.id)
    return f"{escape(page.page_title)} ({shown_id})"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a pipe table of Markdown cells, with their pipes escaped."""
    return "\n".join(pipe_lines([[re.sub(r"\s+", " ", cell) for cell in line] for line in (head, *rows)]))


def report_json(graph: Graph, schema: Schema, requirements: Asked) -> str:
    """Return the report as one JSON object.

    - totals: {pages: {type: count}, edges: {type: count}}
    - environments: [{id, title, required_by: [id …], rows: [row …]} …]
    - heuristics: [{id, title, applies_to: [id …], summary} …]
    - workflows: [{id, title, steps: [{id, title, covered: {type: bool}} …], environments: [id …],
      requirements} …]; ``requirements.install`` describes rows and requirements
    """
    pages = list(graph.pages.values())
    data = {
        "totals": {
            "pages": dict(Counter(page.page_type for page in pages)),
            "edges": dict(Counter(edge.type for edge in graph.edges)),
        },
        "environments": [
            {
                **_identity(page),
                "required_by": [user.id for user in pages_that_use(page, schema.edges_to(ENVIRONMENT), graph)],
                "rows": [row_record(row) for row in requirements.get(page.id, ())],
            }
            for page in pages
            if schema.types[page.page_type].role == ENVIRONMENT
        ],
        "heuristics": [
            {
                **_identity(page),
                "applies_to": [user.id for user in pages_that_use(page, schema.edges_to(ADVICE), graph)],
                "summary": first_sentence(page.overview),
            }
            for page in pages
            if schema.types[page.page_type].role == ADVICE
        ],
        "workflows": [
            _workflow_record(page, graph, schema, requirements)
            for page in pages
            if schema.types[page.page_type].rank == 0
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _workflow_record(page: WikiPage, graph: Graph, schema: Schema, requirements: Asked) -> dict[str, Any]:
    steps = [graph.pages[step] for step in steps_of(page.id, graph, schema)]
    kinds = [kind.name for kind in covered_types(schema)]
    return {
        **_identity(page),
        "steps": [
            {**_identity(step), "covered": {name: name in types_below(step.id, graph, schema) for name in kinds}}
            for step in steps
        ],
        "environments": environments_on_path(page.id, graph, schema),
        "requirements": merged_record(merge_on_path(page.id, graph, schema, requirements)),
    }


def _identity(page: WikiPage) -> dict[str, Any]:
    return {"id": page.id, "title": page.page_title}
