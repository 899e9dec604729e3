"""Convert requirements to plain records for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .install import format_package, install_commands
from .merge import ChoiceGroup, MergedRequirement, MergedRequirements
from .model import Requirement
from .versions import format_specifier


def merged_record(merged: MergedRequirements) -> dict[str, Any]:
    """Return merged requirements with install commands and the origin of every row.

    - commands: install command by ecosystem, a list for docker
    - facts, packages, optional: [entry …], alternatives: [{several, optional, conditions, alternatives: [{commands,
      packages: [entry …]} …]} …], also: [row …]
    - entry: kind, name, value, requirement (as the package manager reads it), extras, url, marker, optional,
      conditions, notes, conflict, rows
    - row: page, line, text, and what was read from it
    """
    return {
        "commands": _commands(merged.packages),
        "facts": [_entry_record(entry) for entry in merged.facts],
        "packages": [_entry_record(entry) for entry in merged.packages],
        "alternatives": [_choice_record(group) for group in merged.choices],
        "optional": [{**_entry_record(entry), "commands": _commands([entry])} for entry in merged.optional],
        "also": [row_record(row) for row in merged.also],
    }


def row_record(row: Requirement) -> dict[str, Any]:
    """Return one row with its origin."""
    record: dict[str, Any] = {
        "kind": row.kind,
        "name": row.name,
        "page": row.origin.page,
        "line": row.origin.line,
        "text": row.origin.text,
        "written": row.written,
        "versions": format_specifier(row.specifier) or row.constraint,
        "optional": row.optional,
    }
    optional_fields = {
        "extras": list(row.extras),
        "url": row.url,
        "marker": row.marker,
        "condition": row.condition,
        "note": row.note,
    }
    record |= {name: value for name, value in optional_fields.items() if value}
    if row.alternative:
        record["alternative"] = row.alternative.name
    return record


def _commands(packages: Iterable[MergedRequirement]) -> Mapping[str, str | list[str]]:
    by_ecosystem: dict[str, str | list[str]] = {}
    images: list[str] = []
    for kind, command in install_commands(packages):
        if kind == "docker":
            images.append(command)
        else:
            by_ecosystem[kind] = command
    return by_ecosystem | ({"docker": images} if images else {})


def _entry_record(entry: MergedRequirement) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "name": entry.name,
        "value": entry.value,
        "requirement": "" if entry.kind == "fact" else format_package(entry),
        "extras": list(entry.extras),
        "url": entry.url,
        "marker": entry.marker,
        "optional": entry.optional,
        "conditions": list(entry.conditions),
        "notes": list(entry.notes),
        "conflict": entry.conflict,
        "rows": [row_record(row) for row in entry.rows],
    }


def _choice_record(group: ChoiceGroup) -> dict[str, Any]:
    return {
        "several": group.several,
        "optional": group.optional,
        "conditions": list(group.conditions),
        "alternatives": [_alternative_record(alternative) for alternative in group.alternatives],
    }


def _alternative_record(packages: Sequence[MergedRequirement]) -> dict[str, Any]:
    return {"commands": _commands(packages), "packages": [_entry_record(package) for package in packages]}
