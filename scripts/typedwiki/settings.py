"""Every setting under `typedwiki:`, once: what it may be, for the validation here and in editors, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FOLDERS: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
    ]
}
_HOST = r"^(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
TYPE_NAME = r"^\w[^/\\:|\[\]#<>{}\"`\n]{0,59}$"
_WHOLE = {"type": "integer", "minimum": 1}

SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "source": {"description": "The folder or folders that hold the wiki. Default: data/wikis, or wiki.", **_FOLDERS},
    "schema": {
        "description": "Page types and edge types of your own, or changes to the built-in ones.",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            part: {"type": "object", "additionalProperties": {"type": "object"}} for part in ("types", "edges")
        },
    },
    "default-type": {
        "description": "The type of pages that neither their front matter nor a folder gives one.",
        "type": ["string", "null"],
        "pattern": TYPE_NAME,
    },
    "names": {
        "description": "More names for types, edges, sections and fields, by the name that these have.",
        "type": ["object", "null"],
        "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    },
    "rules": {
        "description": "The severity of rules of the audit, by their codes.",
        "type": ["object", "null"],
    },
    "overview-limit": {"description": "The longest overview, in characters, for rule C002. Default: 600.", **_WHOLE},
    "stale-months": {"description": "The age of a stale page, in months, for rule C009. Default: 24.", **_WHOLE},
    "pagefind-from": {
        "description": "Has no effect any more: there is one search.",
        **_WHOLE,
    },
    "fast-from": {"description": "Notes above which the fast engine renders the site. Default: 30.", **_WHOLE},
    "execute": {
        "description": "Folders whose pages may run Python cells while the site is built.",
        "anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": {"type": "string", "minLength": 1}}],
    },
    "dates": {
        "description": "`git`: a page without a date has that of the last commit of its file.",
        "enum": ["git", False, None],
    },
    "remote-images": {
        "description": "Hosts from which pictures are loaded, or true for all.",
        "anyOf": [
            {"type": ["boolean", "null"]},
            {"type": "string", "pattern": _HOST},
            {"type": "array", "items": {"type": "string", "pattern": _HOST}},
        ],
    },
}
WHOLE_NUMBERS = tuple(name for name, one in SETTINGS.items() if one.get("type") == "integer")
DATES = tuple(SETTINGS["dates"]["enum"])
