"""JSON schemas and VS Code snippets that the repository publishes for editors."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from typedwiki.audit.rules_metadata import LISTS, WORDS
from typedwiki.author.new import escape_snippet, possible_links, skeleton, snippets_json
from typedwiki.problems import SEVERITIES, rules
from typedwiki.program import EXTENSION
from typedwiki.schema import Schema
from typedwiki.settings import SETTINGS
from typedwiki.text.metadata import COMMIT_KEYS, DATE_KEYS, DOMAIN_KEYS, REPOSITORY_KEYS, SOURCE_KEYS
from typedwiki.text.parse import HELD_BACK

_TODAY = date(1, 2, 3)
_DRAFT = "http://json-schema.org/draft-07/schema#"
_TEXTS = {"anyOf": [{"type": "string"}, {"type": "array"}]}


def files(schema: Schema) -> dict[str, str]:
    """The text of each schema, by its path in a project."""
    schemas = {"settings": settings_schema(), "page": page_schema(schema)}
    return {
        f"{EXTENSION}/schemas/{name}.json": json.dumps(data, indent=2, ensure_ascii=False) + "\n"
        for name, data in schemas.items()
    }


def settings_schema() -> dict[str, Any]:
    """The schema of Typedwiki's settings in _quarto.yml."""
    properties = {name: dict(setting) for name, setting in SETTINGS.items()}
    codes = {
        code: {"enum": [*SEVERITIES, False], "description": rule.name, "default": rule.severity}
        for code, rule in rules().items()
    }
    properties["rules"] |= {"properties": codes, "additionalProperties": False}
    return {
        "$schema": _DRAFT,
        "title": "Settings of Typedwiki in _quarto.yml",
        "type": "object",
        "properties": {
            "typedwiki": {
                "description": "Settings of Typedwiki",
                "type": ["object", "null"],
                "properties": properties,
                "additionalProperties": False,
            }
        },
    }


def page_schema(schema: Schema) -> dict[str, Any]:
    """The schema of a page's front matter. Other fields are allowed: a note shows them."""
    kinds = [kind.name for kind in schema.types.values() if not kind.by_hand]
    fields: dict[str, Any] = {name: {"type": ["string", "number"]} for name in sorted(WORDS)}
    fields |= {name: _TEXTS | {"description": "Names of domains"} for name in sorted(DOMAIN_KEYS)}
    fields |= {name: _TEXTS | {"description": "Sources: links, or text"} for name in sorted(SOURCE_KEYS)}
    fields |= {name: fields.get(name, _TEXTS) for name in sorted(LISTS)}
    fields |= {name: {"type": "string", "description": "The day of the last change"} for name in sorted(DATE_KEYS)}
    fields |= {name: {"type": "string", "description": "A revision"} for name in sorted(COMMIT_KEYS)}
    fields |= {name: {"type": "string", "description": "The code's repository"} for name in sorted(REPOSITORY_KEYS)}
    fields |= {
        name: {"type": "boolean", "description": f"{str(value).lower()}: the page is held back"}
        for name, value in HELD_BACK.items()
    }
    fields["type"] = {"type": "string", "examples": kinds, "description": "The type; the folder decides it"}
    return {"$schema": _DRAFT, "title": "Front matter of a page", "type": "object", "properties": fields}


def schema_snippets(schema: Schema) -> str:
    """The snippets file: the skeleton of each type in both dialects, and each typed link."""
    snippets: dict[str, dict[str, object]] = {}
    for name in schema.types:
        for dialect in ("markdown", "mediawiki"):
            text = escape_snippet(skeleton(name, "\ue000", "", "", dialect, schema, _TODAY, "\ue001"))
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
    return snippets_json(snippets)
