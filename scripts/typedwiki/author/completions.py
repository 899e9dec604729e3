"""Snippets for VS Code and the editors that read its format."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

from ..model import WikiPage
from ..schema import ANY, Schema
from .new import links, skeleton

_TODAY = date(1, 2, 3)


def page_snippets(pages: Iterable[WikiPage], schema: Schema) -> str:
    """A completion for each page: its title, or its name after ``[[``, inserts a typed link."""
    made: dict[str, dict[str, object]] = {
        page.id: {
            "prefix": list(dict.fromkeys([page.page_title, f"[[{page.page_type}:{page.stem}"])),
            "body": f"[[${{1|{','.join(_edges(page.page_type, schema))}|}}::{page.page_type}:{_literal(page.stem)}]]",
            "description": page.overview[:200],
        }
        for page in pages
    }
    return _file(made)


def schema_snippets(schema: Schema) -> str:
    """A completion for the skeleton of each type in both dialects, and for each typed link."""
    made: dict[str, dict[str, object]] = {}
    for name in schema.types:
        for dialect in ("markdown", "mediawiki"):
            text = _literal(skeleton(name, "\ue000", "", "", dialect, schema, _TODAY, "\ue001"))
            today = "$CURRENT_YEAR-$CURRENT_MONTH-$CURRENT_DATE"
            text = text.replace(_TODAY.isoformat(), today)
            text = text.replace("\ue000", "${1:Title}").replace("\ue001", "${2:Overview}")
            made[f"{name} in {dialect}"] = {
                "prefix": f"{name.lower()}-{dialect}",
                "body": text.rstrip("\n").split("\n"),
                "description": f"{name}: {schema.types[name].about}",
            }
    for name in schema.types:
        for edge, other in links(name, schema):
            made[f"{edge} to {other}"] = {
                "prefix": f"[[{edge}",
                "body": f"[[{edge}::{other}:${{1:Title}}]]",
                "description": f"{edge.replace('_', ' ')}: {'an' if other[0] in 'AEIOU' else 'a'} {other}",
            }
    return _file(made)


def _edges(page_type: str, schema: Schema) -> list[str]:
    """The edge names that may stand before a link to a page of this type."""
    found = [edge.name for edge in schema.edges.values() if {page_type, ANY} & edge.targets and not edge.association]
    for edge in schema.edges.values():
        if page_type in edge.sources and edge.inverses and not edge.association:
            found.append(edge.inverses[0])
    return [*found, *(edge.name for edge in schema.edges.values() if edge.association)]


def _literal(text: str) -> str:
    """Text in which no snippet syntax is."""
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")


def _file(snippets: dict[str, dict[str, object]]) -> str:
    scoped = {name: {"scope": "markdown,mediawiki,wikitext", **snippet} for name, snippet in snippets.items()}
    return json.dumps(scoped, ensure_ascii=False, indent=2) + "\n"
