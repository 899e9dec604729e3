"""Format problems: for people, as GitHub annotations, as records, as SARIF."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from ..problems import Problem, rules, summary

_COLOURS = {"error": "\033[31m", "warning": "\033[33m", "info": "\033[36m"}
_RESET = "\033[0m"
_PLACES_SHOWN = 3
"""Places to name in a message that has several."""
_GITHUB = {"error": "error", "warning": "warning", "info": "notice"}
_SARIF = {"error": "error", "warning": "warning", "info": "note"}


def format_text(problems: Sequence[Problem], colour: bool, every: bool = False) -> str:
    """Return the problems grouped by file, and a summary. Editors can follow the places in these lines.

    Equal messages share a line, unless ``every`` problem is wanted.
    """
    blocks = []
    equal_groups = [[p] for p in problems] if every else group_equal(problems)
    for _, groups in groupby(equal_groups, key=lambda group: group[0].path):
        blocks.append("\n".join(_line(group, colour) for group in groups))
    return "\n\n".join([*blocks, summary(problems)])


def group_equal(problems: Sequence[Problem]) -> list[list[Problem]]:
    """Group problems with the same message, in the order of their first places."""
    groups: dict[tuple[str, str, str, str], list[Problem]] = {}
    for p in problems:
        groups.setdefault((p.code, p.severity, p.message, p.hint), []).append(p)
    return list(groups.values())


def format_lines(problems: Sequence[Problem]) -> list[str]:
    """Return one line for each different message, with the number of places and the first of them."""
    return [_line(group, False) for group in group_equal(problems)]


def _line(group: Sequence[Problem], colour: bool) -> str:
    first_problem, *other_problems = group
    line = _colour(first_problem) if colour else str(first_problem)
    if not other_problems:
        return line
    places = [f"{p.path}:{p.line}:{p.column}" for p in other_problems[: _PLACES_SHOWN - 1]]
    more = f" and {len(other_problems) - len(places)} more" if len(other_problems) > len(places) else ""
    return f"{line}: {len(group)} places, also {', '.join(places)}{more}"


def _colour(problem: Problem) -> str:
    place, _, message = str(problem).partition(f" {problem.severity} {problem.code} ")
    return f"\033[1m{place}{_RESET} {_COLOURS[problem.severity]}{problem.severity} {problem.code}{_RESET} {message}"


def format_github(problems: Sequence[Problem]) -> str:
    """Return GitHub workflow commands, shown as annotations on the lines they name."""
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


def to_records(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Return the `problems` of `check --format json`."""
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


def format_sarif(problems: Sequence[Problem], version: str) -> str:
    """Return problems as SARIF 2.1.0, the exchange format of code scanners."""
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
