"""Versions: parse them as people write them, format and combine them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..regex import regex

_VERSION = r"v?(\d{1,18}(?:\.\d{1,18})*(?:(?:a|b|rc|\.post|\.dev)\d{1,18})*(?:\+[A-Za-z]\w*(?:\.\w+)*)?)(\.[xX*])?"
_CLAUSE = rf"(>=|<=|==|!=|~=|>|<|≥|≤|=)\s*{_VERSION}"
_FIRST = regex(_CLAUSE)
_NEXT = regex(rf"\s*(?:(?:,|&|\band\b)\s*)?{_CLAUSE}")
_FLOOR = regex(
    rf"(?:{_VERSION}\s*(?:\+|(?:or|and)\s+(?:newer|later|higher|above|up|greater|more)\b)"
    rf"|(?:at least|min(?:imum)?|from)\s+{_VERSION}\+?)"
)
_RANGE = regex(rf"{_VERSION}\s*(?:-|–|—|to|through)\s*{_VERSION}")
_BARE = regex(_VERSION)
# What follows shows that the number was no version ("16GB", "4-bit"), or only one choice of several.
_NO_VERSION = regex(r"[\w+*=]|[-/.]\w|\s*(?:[KMGT]i?B|GHz|cores?|GPUs?|bits?|years?)\b|\s*(?:or|\|{1,2}|/)(?!\w)")
_AFTER_BARE = regex(r"\s*(?:$|[;:()–—]|-\s|,(?!\s*v?\d)|(?:with|for|on|only|via|from|series|release|build)\b)")
_OR_NEWER = regex(r"\b(?:newer|later|higher|above|min(?:imum)?)\b")
_ADVICE = regex(r"\b(?:tested|recommended|preferred|latest|e\.g\.)")


def format_specifier(specifier: SpecifierSet) -> str:
    """Return a specifier set as people write it, lower bounds first: ``>=2.6,<3``."""
    order = ("==", "===", "~=", ">=", ">", "<=", "<", "!=")
    clauses = sorted(specifier, key=lambda s: (order.index(s.operator), s.version))
    return ",".join(f"{clause.operator}{clause.version}" for clause in clauses)


def combine(specifiers: Iterable[SpecifierSet]) -> SpecifierSet:
    """Return the intersection of specifier sets, without clauses that the others imply."""
    clauses = list(dict.fromkeys(clause for specifier in specifiers for clause in specifier))
    if any(clause.operator == "===" for clause in clauses):
        return SpecifierSet(",".join(map(str, clauses)))
    for clause in clauses[:]:
        others = SpecifierSet(",".join(str(other) for other in clauses if other is not clause))
        if len(clauses) > 1 and not others.is_unsatisfiable() and others.is_subset(SpecifierSet(str(clause))):
            clauses.remove(clause)
    return SpecifierSet(",".join(map(str, clauses)))


def read_specifier(text: str) -> tuple[SpecifierSet, str] | None:
    """Parse the versions at the start of a text. Return them and the rest of the text.
    ``>= 2.2, <3``, ``2.2+``, ``2.2 or newer``, ``12.x``, ``0.22.0-0.23.0`` and a version alone, which
    means that series (``11.8``) or, with three numbers, that release. None if it begins otherwise.
    """
    text = text.lstrip()
    clauses, end = _first_clauses(text)
    while clauses and (match := _NEXT.match(text, end)):
        clauses.append(_clause(*match.groups()))
        end = match.end()
    if not clauses or _NO_VERSION.match(text, end):
        return None
    try:
        return SpecifierSet(",".join(clauses)), text[end:]
    except InvalidSpecifier:
        return None


def _first_clauses(text: str) -> tuple[list[str], int]:
    """Return the clauses at the start of a text, and where they end. There may be none."""
    if match := _FIRST.match(text):
        return [_clause(*match.groups())], match.end()
    if match := _FLOOR.match(text):
        return [f">={match[1] or match[3]}"], match.end()
    if match := _RANGE.match(text):
        series = re.fullmatch(r"\d+(?:\.\d+)?", match[3])  # "3.10-3.12" takes in 3.12.4
        return [f">={match[1]}", f"<{_next_series(match[3])}" if series else f"<={match[3]}"], match.end()
    if (match := _BARE.match(text)) and _AFTER_BARE.match(text, match.end()):
        tail = text[match.end() :]
        if _OR_NEWER.search(tail):
            return [f">={match[1]}"], match.end()
        if not _ADVICE.search(tail):
            return [_clause("=" if match[2] or match[1].count(".") < 2 else "==", match[1], match[2])], match.end()
    return [], 0


def _clause(operator: str, version: str, wildcard: str | None) -> str:
    """Return a clause in PEP 440's syntax, which allows a series only with ``==`` and ``!=``."""
    # One equals sign means a series to conda; with three numbers that is the release.
    series = (wildcard or (operator == "=" and version.count(".") < 2)) and re.fullmatch(r"[\d.]+", version)
    operator = {"≥": ">=", "≤": "<=", "=": "=="}.get(operator, operator)
    if series and operator in ("==", "!=", "~="):
        return f"{operator.replace('~', '=')}{version}.*"
    if series and operator in ("<=", ">"):
        return f"{'<' if operator == '<=' else '>='}{_next_series(version)}"
    return f"{operator}{version}"


def _next_series(series: str) -> str:
    *head, minor = series.split(".")
    return ".".join([*head, str(int(minor) + 1)])
