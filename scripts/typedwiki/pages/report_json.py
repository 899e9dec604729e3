"""The enrichment report for other programs, with every row of requirements and its place."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from typing import Any

from ..model import Graph, WikiPage
from ..requirements.merge import environments_on_path, merge
from ..requirements.records import merged_record, row_record
from ..schema import ADVICE, ENVIRONMENT, Schema
from .report import Asked, covered_types, first_sentence, steps_of, types_below


def report_json(graph: Graph, schema: Schema, requirements: Asked) -> str:
    """The report as one JSON object.

    - totals: {pages: {type: count}, edges: {type: count}}
    - environments: [{id, title, required_by: [id …], rows: [row …]} …]
    - heuristics: [{id, title, applies_to: [id …], summary} …]
    - workflows: [{id, title, steps: [{id, title, covered: {type: bool}} …], environments: [id …],
      requirements} …]; ``requirements.records`` says what rows and requirements hold
    """
    pages = list(graph.pages.values())
    data = {
        "totals": {
            "pages": dict(Counter(page.page_type for page in pages)),
            "edges": dict(Counter(edge.type for edge in graph.edges)),
        },
        "environments": [
            {
                **_named(page),
                "required_by": _users(page, schema.edges_to(ENVIRONMENT), graph),
                "rows": [row_record(row) for row in requirements.get(page.id, ())],
            }
            for page in pages
            if schema.types[page.page_type].role == ENVIRONMENT
        ],
        "heuristics": [
            {
                **_named(page),
                "applies_to": _users(page, schema.edges_to(ADVICE), graph),
                "summary": first_sentence(page.overview),
            }
            for page in pages
            if schema.types[page.page_type].role == ADVICE
        ],
        "workflows": [
            _workflow(page, graph, schema, requirements) for page in pages if schema.types[page.page_type].rank == 0
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _workflow(page: WikiPage, graph: Graph, schema: Schema, requirements: Asked) -> dict[str, Any]:
    steps = [graph.pages[step] for step in steps_of(page.id, graph, schema)]
    kinds = [kind.name for kind in covered_types(schema)]
    environments = environments_on_path(page.id, graph, schema)
    return {
        **_named(page),
        "steps": [
            {**_named(step), "covered": {name: name in types_below(step.id, graph, schema) for name in kinds}}
            for step in steps
        ],
        "environments": environments,
        "requirements": merged_record(merge(row for one in environments for row in requirements.get(one, ()))),
    }


def _named(page: WikiPage) -> dict[str, Any]:
    return {"id": page.id, "title": page.page_title}


def _users(page: WikiPage, edge_types: Collection[str], graph: Graph) -> list[str]:
    return [edge.source for edge in graph.incoming.get(page.id, ()) if edge.type in edge_types]
