"""Write requirements for package managers and programs: commands, files and records for JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from ..model import grouped
from ..regex import regex
from .merge import ChoiceGroup, MergedRequirement, MergedRequirements
from .model import ECOSYSTEMS, Kind, Requirement, format_specifier

_PLAIN = regex(r"[\w./:^=+-][\w@./:^=+-]*", re.ASCII)
_TOOLS: dict[Kind, str] = {
    "pip": "pip install",
    "conda": "conda install",
    "npm": "npm install",
    "apt": "sudo apt-get install",
    "cargo": "cargo add",
    "docker": "docker pull",
}


def install_commands(packages: Iterable[MergedRequirement]) -> list[tuple[Kind, str]]:
    """Return the command that installs the packages of each ecosystem; each docker image has its own."""
    result: list[tuple[Kind, str]] = []
    required = list(packages)
    for kind in ECOSYSTEMS:
        texts = sorted({format_package(package) for package in required if package.kind == kind})
        words = [text if _PLAIN.fullmatch(text) else f"'{text}'" for text in texts]  # for bash and PowerShell
        if kind == "docker":
            result += [(kind, f"{_TOOLS[kind]} {package}") for package in words]
        elif words:
            result.append((kind, f"{_TOOLS[kind]} {' '.join(words)}"))
    return result


def format_package(package: MergedRequirement) -> str:
    """Return a package with its versions, as its package manager reads it."""
    if package.kind == "pip":
        return format_pep508(package)
    constraint = package.constraint
    if package.kind == "conda":
        return f"{package.name}{constraint if re.match('[<>=!~]', constraint) or not constraint else f'={constraint}'}"
    if package.kind in ("npm", "cargo"):
        return f"{package.name}@{constraint.removeprefix('==').removeprefix('=')}" if constraint else package.name
    return package.name  # apt installs what the distribution has; an image's tag is part of its name


def format_pep508(package: MergedRequirement) -> str:
    """Return a pip package in PEP 508's syntax."""
    extras = f"[{','.join(package.extras)}]" if package.extras else ""
    if package.url:
        prefix = "" if package.name == package.url else f"{package.name}{extras} @ "
        text, gap = f"{prefix}{package.url}", " ;"
    else:
        text, gap = f"{package.name}{extras}{','.join(sorted(map(str, package.specifier)))}", ";"
    return f"{text}{gap} {package.marker}" if package.marker else text


def requirements_txt(merged: MergedRequirements, title: str) -> str:
    """Return a requirements.txt: required packages, each below the lines that require it; all others as comments."""
    lines = [f"# {_one_line(title)}"]
    for package in merged.packages:
        if package.kind == "pip":
            lines += [
                "",
                *_origins([package]),
                *(["# conflict: no version suits all of these"] if package.conflict else []),
                format_pep508(package),
            ]
    for group in merged.choices:
        if all(package.kind == "pip" for alternative in group.alternatives for package in alternative):
            lines += ["", f"# {'one or more of' if group.several else 'one of'}:"]
            for alternative in group.alternatives:
                lines += [*_origins(alternative), f"# {' '.join(map(format_pep508, alternative))}"]
    for package in merged.optional:
        if package.kind == "pip":
            condition = f" ({_one_line('; '.join(package.conditions))})" if package.conditions else ""
            lines += ["", *_origins([package]), f"# optional{condition}: {format_pep508(package)}"]
    return "\n".join(lines) + "\n"


def environment_yml(merged: MergedRequirements, name: str) -> str:
    """Return an environment.yml; empty if no conda package is required."""
    conda = [row for row in merged.packages if row.kind == "conda"]
    if not conda:
        return ""
    python = [row for row in merged.facts if row.name == "Python" and len(row.specifier) and not row.conflict]
    dependencies: list[object] = [f"python {format_specifier(row.specifier)}" for row in python]
    dependencies += [f"{format_package(row)}" for row in conda]
    if pip := [format_pep508(row) for row in merged.packages if row.kind == "pip"]:
        dependencies += ["pip", {"pip": pip}]
    return yaml.safe_dump(
        {
            "name": re.sub(r"[^\w.-]+", "-", name).strip("-").lower(),
            "channels": ["conda-forge"],
            "dependencies": dependencies,
        },
        sort_keys=False,
        allow_unicode=True,
        width=1000,
    )


def _origins(packages: Sequence[MergedRequirement]) -> list[str]:
    places = dict.fromkeys(row.origin for package in packages for row in package.rows)
    return [f"# {o.page}:{o.line}: {_one_line(o.text)}" for o in places]


def _one_line(text: str) -> str:
    return " ".join(text.split())


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
    commands = grouped(install_commands(packages), lambda entry: entry[0])
    return {
        kind: [command for _, command in entries] if kind == "docker" else entries[0][1]
        for kind, entries in commands.items()
    }


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
        "alternatives": [
            {"commands": _commands(packages), "packages": [_entry_record(package) for package in packages]}
            for packages in group.alternatives
        ],
    }
