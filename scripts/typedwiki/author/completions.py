"""Write snippets for VS Code and editors that read its format."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

from ..model import WikiPage
from ..schema import ANY, Schema
from .new import possible_links, skeleton

_TODAY = date(1, 2, 3)


def page_snippets(pages: Iterable[WikiPage], schema: Schema) -> str:
    """Return the snippets file with one completion for each page.

    The page's title, or ``[[`` and its name, inserts a typed link.
    """
    snippets: dict[str, dict[str, object]] = {
        page.id: {
            "prefix": list(dict.fromkeys([page.page_title, f"[[{page.page_type}:{page.stem}"])),
            "body": f"[[${{1|{','.join(_edges(page.page_type, schema))}|}}::{page.page_type}:{_escape(page.stem)}]]",
            "description": page.overview[:200],
        }
        for page in pages
    }
    return _to_json(snippets)


def schema_snippets(schema: Schema) -> str:
    """Return the snippets file with the skeleton of each type in both dialects, and with each typed link."""
    snippets: dict[str, dict[str, object]] = {}
    for name in schema.types:
        for dialect in ("markdown", "mediawiki"):
            text = _escape(skeleton(name, "\ue000", "", "", dialect, schema, _TODAY, "\ue001"))
            today = "$CURRENT_YEAR-$CURRENT_MONTH-$CURRENT_DATE"
            text = text.replace(_TODAY.isoformat(), today)
            text = text.replace("\ue000", "${1:Title}").replace("\ue001", "${2:Overview}")
            snippets[f"{name} in {dialect}"] = {
                "prefix": f"{name.lower()}-{dialect}",
                "body": text.rstrip("\n").split("\n"),
                "description": f"{name}: {schema.types[name].about}",
            }
    for name in schema.types:
        for edge, other_type in possible_links(name, schema):
            snippets[f"{edge} to {other_type}"] = {
                "prefix": f"[[{edge}",
                "body": f"[[{edge}::{other_type}:${{1:Title}}]]",
                "description": f"{edge.replace('_', ' ')}: {'an' if other_type[0] in 'AEIOU' else 'a'} {other_type}",
            }
    return _to_json(snippets)


def _edges(page_type: str, schema: Schema) -> list[str]:
    """Return the edge names that a link to a page of this type may have."""
    names = [edge.name for edge in schema.edges.values() if {page_type, ANY} & edge.targets and not edge.association]
    for edge in schema.edges.values():
        if page_type in edge.sources and edge.inverses and not edge.association:
            names.append(edge.inverses[0])
    return [*names, *(edge.name for edge in schema.edges.values() if edge.association)]


def _escape(text: str) -> str:
    """Escape snippet syntax."""
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")


def _to_json(snippets: dict[str, dict[str, object]]) -> str:
    scoped = {name: {"scope": "markdown,mediawiki,wikitext", **snippet} for name, snippet in snippets.items()}
    return json.dumps(scoped, ensure_ascii=False, indent=2) + "\n"
