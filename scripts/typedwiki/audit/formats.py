"""How problems are printed: for people, for GitHub's annotations, as SARIF."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from ..problems import Problem, rules, summary

_COLOURS = {"error": "\033[31m", "warning": "\033[33m", "info": "\033[36m"}
_RESET = "\033[0m"
_PLACES = 3
"""Places that a message of several names."""
_GITHUB = {"error": "error", "warning": "warning", "info": "notice"}
_SARIF = {"error": "error", "warning": "warning", "info": "note"}


def text(problems: Sequence[Problem], colour: bool, every: bool = False) -> str:
    """Grouped by file, then a summary. Editors find the places in these lines. Equal messages are one unless
    ``every`` one is wanted."""
    blocks = []
    told = [[p] for p in problems] if every else together(problems)
    for _, groups in groupby(told, key=lambda group: group[0].path):
        blocks.append("\n".join(_line(group, colour) for group in groups))
    return "\n\n".join([*blocks, summary(problems)])


def together(problems: Sequence[Problem]) -> list[list[Problem]]:
    """Problems that are told in the same words, in the order of their first places."""
    groups: dict[tuple[str, str, str, str], list[Problem]] = {}
    for p in problems:
        groups.setdefault((p.code, p.severity, p.message, p.hint), []).append(p)
    return list(groups.values())


def lines(problems: Sequence[Problem]) -> list[str]:
    """One line for each of the messages, with the number of places and the first of them."""
    return [_line(group, False) for group in together(problems)]


def _line(group: Sequence[Problem], colour: bool) -> str:
    first, *others = group
    said = _coloured(first) if colour else str(first)
    if not others:
        return said
    places = [f"{p.path}:{p.line}:{p.column}" for p in others[: _PLACES - 1]]
    rest = f" and {len(others) - len(places)} more" if len(others) > len(places) else ""
    return f"{said}: {len(group)} places, also {', '.join(places)}{rest}"


def _coloured(problem: Problem) -> str:
    place, _, rest = str(problem).partition(f" {problem.severity} {problem.code} ")
    return f"\033[1m{place}{_RESET} {_COLOURS[problem.severity]}{problem.severity} {problem.code}{_RESET} {rest}"


def github(problems: Sequence[Problem]) -> str:
    """Workflow commands, which GitHub shows as annotations on the lines they name."""
    return "\n".join(
        f"::{_GITHUB[p.severity]} file={_property(p.path)},line={p.line},col={p.column},"
        f"title={_property(f'{p.code} {rules()[p.code].name}')}::{_data(_message(p))}"
        for p in problems
    )


def _message(problem: Problem) -> str:
    return f"{problem.message} ({problem.hint})" if problem.hint else problem.message


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_records(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """The `problems` of `check --format json`."""
    return [
        {
            "code": p.code,
            "severity": p.severity,
            "path": p.path,
            "line": p.line,
            "column": p.column,
            "message": p.message,
            "hint": p.hint,
        }
        for p in problems
    ]


def sarif(problems: Sequence[Problem], version: str) -> str:
    """SARIF 2.1.0, as code scanners exchange it."""
    codes = sorted({p.code for p in problems})
    described = [
        {
            "id": code,
            "name": rules()[code].name.title().replace(" ", ""),
            "shortDescription": {"text": rules()[code].name},
            "fullDescription": {"text": rules()[code].text},
            "help": {"text": f"Example: {rules()[code].example}\nMend: {rules()[code].mend}"},
        }
        for code in codes
    ]
    results = [
        {
            "ruleId": p.code,
            "ruleIndex": codes.index(p.code),
            "level": _SARIF[p.severity],
            "message": {"text": _message(p)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": p.path.replace(" ", "%20")},
                        "region": {"startLine": p.line, "startColumn": p.column},
                    }
                }
            ],
        }
        for p in problems
    ]
    driver = {"name": "Typedwiki", "version": version, "rules": described}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)
