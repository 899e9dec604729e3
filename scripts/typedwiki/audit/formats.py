"""How problems are printed: for people, for GitHub's annotations, as SARIF."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from ..problems import Problem, rules, summary

_COLOURS = {"error": "\033[31m", "warning": "\033[33m", "info": "\033[36m"}
_RESET = "\033[0m"
_GITHUB = {"error": "error", "warning": "warning", "info": "notice"}
_SARIF = {"error": "error", "warning": "warning", "info": "note"}


def text(problems: Sequence[Problem], colour: bool) -> str:
    """Grouped by file, one line each, then a summary. Editors find the places in these lines."""
    blocks = []
    for _, group in groupby(problems, key=lambda p: p.path):
        lines = [_coloured(p) if colour else str(p) for p in group]
        blocks.append("\n".join(lines))
    return "\n\n".join([*blocks, summary(problems)])


def _coloured(problem: Problem) -> str:
    place, _, rest = str(problem).partition(f" {problem.code} ")
    return f"\033[1m{place}{_RESET} {_COLOURS[problem.severity]}{problem.code}{_RESET} {rest}"


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
