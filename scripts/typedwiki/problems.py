"""Problems of a wiki, and the rules that find them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from .text.characters import escaped
from .yaml_errors import load_own_yaml

SEVERITIES = ("error", "warning", "info", "off")


class StopError(Exception):
    """An error that ends a command. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the audit: an entry of rules.yml."""

    code: str
    name: str
    severity: str
    text: str
    example: str
    mend: str


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A problem of the wiki. Problems sort by place, then by code."""

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
    """Return every rule by code, in the order of rules.yml."""
    data = load_own_yaml("rules.yml")
    return {code: Rule(code, **entry) for code, entry in data.items()}


def problem(code: str, path: str, line: int, column: int, message: str, hint: str = "") -> Problem:
    """Return a problem with the default severity of its rule, which may be ``off``."""
    severity = rules()[code].severity
    # Messages quote pages and go to terminals: control characters of a page must not take effect there.
    return Problem(path, line, column, code, severity, escaped(message), escaped(hint))


def with_severities(problems: Iterable[Problem], severities: Mapping[str, str]) -> list[Problem]:
    """Apply the site's severities. Return the problems that are not off, sorted, each once."""
    changed = {replace(p, severity=severities.get(p.code, p.severity)) for p in problems}
    return sorted(p for p in changed if p.severity != "off")


def explain(code: str) -> str:
    """Return the text of a rule for the command line."""
    rule = rules()[code]
    return f"{code} {rule.name} ({rule.severity})\n\n{rule.text}\n\nExample:  {rule.example}\nMend:     {rule.mend}"


def summary(problems: Iterable[Problem]) -> str:
    """Return one line with the count of each severity."""
    counts = {"error": 0, "warning": 0, "info": 0}
    for entry in problems:
        counts[entry.severity] += 1
    parts = [f"{n} {name}{'s' if n != 1 and name != 'info' else ''}" for name, n in counts.items() if n]
    return ", ".join(parts) or "no problems"
