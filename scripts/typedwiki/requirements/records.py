"""Requirements as plain records, for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .install import commands, word
from .merge import ChoiceGroup, MergedRequirement, MergedRequirements
from .model import Requirement
from .versions import shown


def merged_record(merged: MergedRequirements) -> dict[str, Any]:
    """All that a page's Environments ask for, with its commands and where every row was read.

    - commands: install command by ecosystem, a list for docker
    - facts, packages, optional: [entry …], alternatives: [{several, optional, conditions, alternatives: [{commands,
      packages: [entry …]} …]} …], also: [row …]
    - entry: kind, name, value, requirement (as the package manager reads it), extras, url, marker, optional,
      conditions, notes, conflict, rows
    - row: page, line, text, and what was read from it
    """
    return {
        "commands": _commands(merged.packages),
        "facts": [_entry(one) for one in merged.facts],
        "packages": [_entry(one) for one in merged.packages],
        "alternatives": [_choice(group) for group in merged.choices],
        "optional": [{**_entry(one), "commands": _commands([one])} for one in merged.optional],
        "also": [row_record(row) for row in merged.also],
    }


def row_record(row: Requirement) -> dict[str, Any]:
    """One row with its place."""
    record: dict[str, Any] = {
        "kind": row.kind,
        "name": row.name,
        "page": row.origin.page,
        "line": row.origin.line,
        "text": row.origin.text,
        "written": row.written,
        "versions": shown(row.specifier) or row.constraint,
        "optional": row.optional,
    }
    more = {
        "extras": list(row.extras),
        "url": row.url,
        "marker": row.marker,
        "condition": row.condition,
        "note": row.note,
    }
    record |= {name: value for name, value in more.items() if value}
    if row.alternative:
        record["alternative"] = row.alternative.name
    return record


def _commands(packages: Iterable[MergedRequirement]) -> Mapping[str, str | list[str]]:
    found: dict[str, str | list[str]] = {}
    images: list[str] = []
    for kind, command in commands(packages):
        if kind == "docker":
            images.append(command)
        else:
            found[kind] = command
    return found | ({"docker": images} if images else {})


def _entry(one: MergedRequirement) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "name": one.name,
        "value": one.value,
        "requirement": "" if one.kind == "fact" else word(one),
        "extras": list(one.extras),
        "url": one.url,
        "marker": one.marker,
        "optional": one.optional,
        "conditions": list(one.conditions),
        "notes": list(one.notes),
        "conflict": one.conflict,
        "rows": [row_record(row) for row in one.rows],
    }


def _choice(group: ChoiceGroup) -> dict[str, Any]:
    return {
        "several": group.several,
        "optional": group.optional,
        "conditions": list(group.conditions),
        "alternatives": [_alternative(alternative) for alternative in group.alternatives],
    }


def _alternative(packages: Sequence[MergedRequirement]) -> dict[str, Any]:
    return {"commands": _commands(packages), "packages": [_entry(one) for one in packages]}
