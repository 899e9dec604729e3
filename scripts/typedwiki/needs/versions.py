"""Versions that pages ask for: how people write them, and what they come to together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.version import Version

from .intervals import unsatisfiable as unsatisfiable

Kind = Literal["package", "python", "system"]
_KINDS: tuple[Kind, ...] = ("python", "package", "system")

_VERSION = r"v?(\d{1,18}(?:\.\d{1,18})*(?:(?:a|b|rc|\.post|\.dev)\d{1,18})*(?:\+[A-Za-z]\w*(?:\.\w+)*)?)(\.[xX*])?"
_CLAUSE = rf"(>=|<=|==|!=|~=|>|<|≥|≤|=)\s*{_VERSION}"
_FIRST = re.compile(_CLAUSE)
_NEXT = re.compile(rf"\s*(?:(?:,|&|\band\b)\s*)?{_CLAUSE}")
_FLOOR = re.compile(
    rf"(?:{_VERSION}\s*(?:\+|(?:or|and)\s+(?:newer|later|higher|above|up|greater|more)\b)"
    rf"|(?:at least|min(?:imum)?|from)\s+{_VERSION}\+?)"
)
_RANGE = re.compile(rf"{_VERSION}\s*(?:-|–|—|to|through)\s*{_VERSION}")
_BARE = re.compile(_VERSION)
# What follows shows that the number was no version ("16GB", "4-bit"), or only one choice of several.
_NO_VERSION = re.compile(r"[\w+*=]|[-/.]\w|\s*(?:[KMGT]i?B|GHz|cores?|GPUs?|bits?|years?)\b|\s*(?:or|\|{1,2}|/)(?!\w)")
_AFTER_BARE = re.compile(r"\s*(?:$|[;:()–—]|-\s|,(?!\s*v?\d)|(?:with|for|on|only|via|from|series|release|build)\b)")
_OR_NEWER = re.compile(r"\b(?:newer|later|higher|above|min(?:imum)?)\b")
_ADVICE = re.compile(r"\b(?:tested|recommended|preferred|latest|e\.g\.)")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that an Environment asks for."""

    name: str
    """As pip normalises it for a package, ``python``, or as written."""
    specifier: SpecifierSet | None
    """None if no version is asked for, or in words that are not understood."""
    written: str
    """As the page says it, in plain text without the note."""
    kind: Kind
    optional: bool
    note: str
    environment: str
    """Page id."""
    extras: tuple[str, ...] = ()
    """What stands in brackets after a package's name, sorted."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What several Environments ask of one thing."""

    name: str
    kind: Kind
    optional: bool
    """Nobody requires it."""
    specifier: SpecifierSet
    """Of those who require it; of all if nobody does."""
    requirements: tuple[Requirement, ...]
    conflict: bool
    """No version satisfies ``specifier``. Never of system things: their names are too loose to tell."""
    extras: tuple[str, ...] = ()


def merge(requirements: Iterable[Requirement]) -> list[Merged]:
    """One entry for each thing: Python, then packages, then the system, each in order of appearance."""
    groups: dict[tuple[Kind, str], list[Requirement]] = {}
    for requirement in requirements:
        groups.setdefault((requirement.kind, requirement.name.casefold()), []).append(requirement)
    return [_merged(groups[place]) for place in sorted(groups, key=lambda place: _KINDS.index(place[0]))]


def _merged(group: list[Requirement]) -> Merged:
    binding = [r for r in group if not r.optional]
    counted = binding or group
    specifier = combined(r.specifier for r in counted if r.specifier is not None)
    extras = tuple(sorted({extra for r in counted for extra in r.extras}))
    conflict = group[0].kind != "system" and unsatisfiable(specifier)
    return Merged(group[0].name, group[0].kind, not binding, specifier, tuple(group), conflict, extras)


def install_command(merged: Iterable[Merged]) -> str:
    """One ``pip install`` line for the required packages; empty if there are none."""
    words = []
    for package in merged:
        if package.kind == "package" and not package.optional:
            extras = f"[{','.join(package.extras)}]" if package.extras else ""
            word = f"{package.name}{extras}{shown(package.specifier)}"
            words.append(word if re.fullmatch(r"[\w.-]+", word) else f'"{word}"')
    return f"pip install {' '.join(words)}" if words else ""


def shown(specifier: SpecifierSet) -> str:
    """A specifier set as people write it, lower bounds first: ``>=2.6,<3``."""
    order = ("==", "===", "~=", ">=", ">", "<=", "<", "!=")
    clauses = sorted(specifier, key=lambda s: (order.index(s.operator), s.version))
    return ",".join(f"{clause.operator}{clause.version}" for clause in clauses)


def combined(specifiers: Iterable[SpecifierSet]) -> SpecifierSet:
    """All of them together, without bounds that others make superfluous."""
    tightest: dict[str, Specifier] = {}
    rest: dict[Specifier, None] = {}
    for clause in (clause for specifier in specifiers for clause in specifier):
        operator = clause.operator
        # Only among plain releases does one bound imply the other: `<3rc1` allows 3b1, `<3` does not.
        if operator not in (">=", ">", "<", "<=") or not re.fullmatch(r"[\d.]+", clause.version):
            rest[clause] = None
        elif operator not in tightest or (
            (Version(clause.version) > Version(tightest[operator].version)) == operator.startswith(">")
        ):
            tightest[operator] = clause
    return SpecifierSet(",".join(map(str, [*tightest.values(), *rest])))


def read_specifier(text: str) -> tuple[SpecifierSet, str] | None:
    """The versions that a text begins by asking for, and the rest of it.

    ``>= 2.2, <3``, ``2.2+``, ``2.2 or newer``, ``12.x``, ``0.22.0-0.23.0`` and a version alone, which
    means that series (``11.8``) or, with three numbers, that release. None if it begins otherwise.
    """
    text = text.lstrip()
    clauses, end = _first(text)
    while clauses and (match := _NEXT.match(text, end)):
        clauses.append(_clause(*match.groups()))
        end = match.end()
    if not clauses or _NO_VERSION.match(text, end):
        return None
    try:
        return SpecifierSet(",".join(clauses)), text[end:]
    except InvalidSpecifier:
        return None


def _first(text: str) -> tuple[list[str], int]:
    """The clauses that a text begins with, none if it begins otherwise, and where they end."""
    if match := _FIRST.match(text):
        return [_clause(*match.groups())], match.end()
    if match := _FLOOR.match(text):
        return [f">={match[1] or match[3]}"], match.end()
    if match := _RANGE.match(text):
        series = re.fullmatch(r"\d+(?:\.\d+)?", match[3])  # "3.10-3.12" takes in 3.12.4
        return [f">={match[1]}", f"<{_next(match[3])}" if series else f"<={match[3]}"], match.end()
    if (match := _BARE.match(text)) and _AFTER_BARE.match(text, match.end()):
        rest = text[match.end() :]
        if _OR_NEWER.search(rest):
            return [f">={match[1]}"], match.end()
        if not _ADVICE.search(rest):
            return [_clause("=" if match[2] or match[1].count(".") < 2 else "==", match[1], match[2])], match.end()
    return [], 0


def _clause(operator: str, version: str, wildcard: str | None) -> str:
    """A clause as PEP 440 has it: a series can be equalled, but not compared with."""
    series = (wildcard or operator == "=") and re.fullmatch(r"[\d.]+", version)  # conda's = means a series
    operator = {"≥": ">=", "≤": "<=", "=": "=="}.get(operator, operator)
    if series and operator in ("==", "!=", "~="):
        return f"{operator.replace('~', '=')}{version}.*"
    if series and operator in ("<=", ">"):
        return f"{'<' if operator == '<=' else '>='}{_next(version)}"
    return f"{operator}{version}"


def _next(series: str) -> str:
    *head, last = series.split(".")
    return ".".join([*head, str(int(last) + 1)])
