"""A finding about the wiki, and the rules that findings come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from .text.characters import escaped
from .yaml_errors import own_yaml

SEVERITIES = ("error", "warning", "info", "off")


class StopError(Exception):
    """What a command cannot go on from; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A thing that the audit checks, and how to mend it: an entry of rules.yml."""

    code: str
    name: str
    severity: str
    text: str
    example: str
    mend: str


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend. Sorts by place, then code."""

    path: str
    line: int
    column: int
    code: str
    severity: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.path}:{self.line}:{self.column}: {self.severity} {self.code} {self.message}{hint}"


@cache
def rules() -> dict[str, Rule]:
    """Every rule by code, in the order of rules.yml."""
    data = own_yaml("rules.yml")
    return {code: Rule(code, **entry) for code, entry in data.items()}


def problem(code: str, path: str, line: int, column: int, message: str, hint: str = "") -> Problem:
    """A problem with its rule's own severity, which may be ``off``."""
    severity = rules()[code].severity
    # They quote pages, and go to terminals: no line end of a page's may begin a line of its own there.
    return Problem(path, line, column, code, severity, escaped(message), escaped(hint))


def with_severities(problems: Iterable[Problem], severities: Mapping[str, str]) -> list[Problem]:
    """The site's severities in place of the rules' own; what is off is left out. Sorted, each once."""
    changed = {replace(p, severity=severities.get(p.code, p.severity)) for p in problems}
    return sorted(p for p in changed if p.severity != "off")


def explain(code: str) -> str:
    """A rule as the command line shows it."""
    rule = rules()[code]
    return f"{code} {rule.name} ({rule.severity})\n\n{rule.text}\n\nExample:  {rule.example}\nMend:     {rule.mend}"


def summary(problems: Iterable[Problem]) -> str:
    """One line with the count of each severity."""
    counts = {"error": 0, "warning": 0, "info": 0}
    for found in problems:
        counts[found.severity] += 1
    said = [f"{n} {name}{'s' if n != 1 and name != 'info' else ''}" for name, n in counts.items() if n]
    return ", ".join(said) or "no problems"
