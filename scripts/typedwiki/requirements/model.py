"""Define the vocabulary of requirements, and version ranges: parsed as people write them, formatted and combined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct, field
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..regex import regex

Kind = Literal["pip", "conda", "npm", "apt", "cargo", "docker", "fact", "prose"]
ECOSYSTEMS: tuple[Kind, ...] = ("pip", "conda", "npm", "apt", "cargo", "docker")
"""The kinds that have an install command, in display order."""


class Origin(Struct, frozen=True):
    """Where a requirement is written."""

    page: str
    """Page id."""
    line: int
    """Line of the page's file, from 1."""
    text: str
    """The item or table row, in plain text."""


class Alternative(Struct, frozen=True):
    """The place of a requirement in a group of alternatives from which the reader chooses."""

    group: str
    """Unique in the wiki."""
    name: str
    """Requirements of a group with the same name form one alternative."""
    several: bool = False
    """The reader may choose more than one alternative."""


class Systems(Struct, frozen=True, tag=True):
    """Operating systems, any of which is enough."""

    names: frozenset[str]


class Amount(Struct, frozen=True, tag=True):
    """A minimum size in bytes."""

    size: int


class Versions(Struct, frozen=True, tag=True):
    """Alternatives of things and their versions: CUDA 12.1 or later, or ROCm 6."""

    choices: tuple[tuple[str, SpecifierSet], ...]


Value = Systems | Amount | Versions | None
"""The parsed value of a system fact; None if its words are not understood."""


class Requirement(Struct, frozen=True):
    """One thing that a page requires: a package, a fact about the system, or a line of prose."""

    kind: Kind
    name: str
    """The name as its ecosystem normalises it; for a fact, the label."""
    origin: Origin
    written: str = ""
    """The text on the page, without the note; for a fact, its value."""
    specifier: SpecifierSet = field(default_factory=SpecifierSet)
    """Versions of a pip package (PEP 440)."""
    constraint: str = ""
    """Versions of a package of another ecosystem, in that ecosystem's syntax."""
    extras: tuple[str, ...] = ()
    url: str = ""
    """URL from which a pip package is installed."""
    marker: str = ""
    """Environment marker (PEP 508)."""
    optional: bool = False
    condition: str = ""
    """When an optional requirement is needed, in the page's words."""
    note: str = ""
    alternative: Alternative | None = None
    value: Value = None
    label: str = ""
    """For a fact: the normal form of its label."""
    command: bool = False
    """Read from an install command, not from a list or table."""


class Inheritance(Struct, frozen=True):
    """A line that inherits the requirements of another page."""

    target: str
    """The other page, as the line names it."""
    scope: Literal["all", "packages", "facts"]
    label: str
    """If not empty, only facts with this label are inherited."""
    must_exist: bool
    """The name is code or a link, so there must be such a page."""
    linked: bool
    """The name is a link. Other rules check links."""
    optional: bool
    condition: str
    origin: Origin


class Remark(Struct, frozen=True):
    """A problem of a line."""

    origin: Origin
    message: str
    hint: str = ""


class PageRequirements(Struct, frozen=True):
    """The requirements of one page, without inherited ones."""

    rows: tuple[Requirement, ...] = ()
    inherited: tuple[Inheritance, ...] = ()
    unclear: tuple[Remark, ...] = ()
    """Lines that seem to name a dependency, but are not understood."""
    disagreements: tuple[Remark, ...] = ()
    """Install commands that contradict the lists."""


class WikiRequirements(Struct, frozen=True):
    """The requirements of every Environment of a wiki, and the problems in them."""

    rows: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict)
    """Requirements by page id, inherited ones included."""
    inheritance: tuple[Remark, ...] = ()
    """Unknown names, and pages that inherit from each other."""
    unclear: tuple[Remark, ...] = ()
    disagreements: tuple[Remark, ...] = ()


def as_plain(value: object) -> object:
    """Return the form in which a cache stores a value of a foreign type.

    Raises:
        TypeError: this module does not use values of that type.
    """
    if isinstance(value, SpecifierSet):
        return str(value)
    raise TypeError(type(value))


def from_plain(kind: type, value: object) -> object:
    """Restore a value that ``as_plain`` has converted.

    Raises:
        ValueError: the value is not of that type.
    """
    if kind is SpecifierSet and isinstance(value, str):
        return SpecifierSet(value)
    raise ValueError(f"no {kind.__name__}")


class Collected(Struct):
    """What has been read so far from the lines of a page."""

    rows: list[Requirement] = field(default_factory=list)
    inherited: list[Inheritance] = field(default_factory=list)
    unclear: list[Remark] = field(default_factory=list)
    disagreements: list[Remark] = field(default_factory=list)


class Line(Struct, frozen=True):
    """A line to read: its text with code in backticks, links shown by label (``text``) or by target (``targets``)."""

    text: str
    targets: str
    origin: Origin
    linked: bool = False


_VERSION = r"v?(\d{1,18}(?:\.\d{1,18})*(?:(?:a|b|rc|\.post|\.dev)\d{1,18})*(?:\+[A-Za-z]\w*(?:\.\w+)*)?)(\.[xX*])?"
_CLAUSE = rf"(>=|<=|==|!=|~=|>|<|≥|≤|=)\s*{_VERSION}"
_FIRST_CLAUSE = regex(_CLAUSE)
_NEXT_CLAUSE = regex(rf"\s*(?:(?:,|&|\band\b)\s*)?{_CLAUSE}")
_FLOOR = regex(
    rf"(?:{_VERSION}\s*(?:\+|(?:or|and)\s+(?:newer|later|higher|above|up|greater|more)\b)"
    rf"|(?:at least|min(?:imum)?|from)\s+{_VERSION}\+?)"
)
_RANGE = regex(rf"{_VERSION}\s*(?:-|–|—|to|through)\s*{_VERSION}")
_BARE_VERSION = regex(_VERSION)
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
        other_clauses = SpecifierSet(",".join(str(other) for other in clauses if other is not clause))
        if (
            len(clauses) > 1
            and not other_clauses.is_unsatisfiable()
            and other_clauses.is_subset(SpecifierSet(str(clause)))
        ):
            clauses.remove(clause)
    return SpecifierSet(",".join(map(str, clauses)))


def read_specifier(text: str) -> tuple[SpecifierSet, str] | None:
    """Parse the versions at the start of a text. Return them and the rest of the text.
    ``>= 2.2, <3``, ``2.2+``, ``2.2 or newer``, ``12.x``, ``0.22.0-0.23.0`` and a version alone, which
    means that series (``11.8``) or, with three numbers, that release. None if it begins otherwise.
    """
    text = text.lstrip()
    clauses, end = _first_clauses(text)
    while clauses and (match := _NEXT_CLAUSE.match(text, end)):
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
    if match := _FIRST_CLAUSE.match(text):
        return [_clause(*match.groups())], match.end()
    if match := _FLOOR.match(text):
        return [f">={match[1] or match[3]}"], match.end()
    if match := _RANGE.match(text):
        series = re.fullmatch(r"\d+(?:\.\d+)?", match[3])  # "3.10-3.12" takes in 3.12.4
        return [f">={match[1]}", f"<{_next_series(match[3])}" if series else f"<={match[3]}"], match.end()
    if (match := _BARE_VERSION.match(text)) and _AFTER_BARE.match(text, match.end()):
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
