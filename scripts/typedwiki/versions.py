"""Versions that pages ask for: how people write them, what they come to together, and whether any can hold."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.version import Version

Kind = Literal["package", "python", "system"]
_KINDS: tuple[Kind, ...] = ("python", "package", "system")

_VERSION = r"v?(\d{1,18}(?:\.\d{1,18})*(?:(?:a|b|rc|\.post|\.dev)\d{1,18})*(?:\+[A-Za-z]\w*(?:\.\w+)*)?)(\.[xX*])?"
_CLAUSE = re.compile(rf"(>=|<=|==|!=|~=|>|<|≥|≤|=)\s*{_VERSION}")
_FLOOR = re.compile(
    rf"(?:{_VERSION}\s*(?:\+|(?:or|and)\s+(?:newer|later|higher|above|up|greater|more)\b)"
    rf"|(?:at least|min(?:imum)?|from)\s+{_VERSION}\+?)"
)
_RANGE = re.compile(rf"{_VERSION}\s*(?:-|–|—|to|through)\s*{_VERSION}")
_BARE = re.compile(_VERSION)
_AND = re.compile(r"\s*(?:,|&|\band\b)?\s*")
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
    clauses: list[str] = []
    position = 0
    while True:
        found = _part(text, position, first=not clauses)
        if not found:
            break
        clauses += found[0]
        end = found[1]
        joint = _AND.match(text, end)
        position = joint.end() if joint else end
    if not clauses or _NO_VERSION.match(text, end):
        return None
    try:
        return SpecifierSet(",".join(clauses)), text[end:]
    except InvalidSpecifier:
        return None


def _part(text: str, position: int, first: bool) -> tuple[list[str], int] | None:
    if match := _CLAUSE.match(text, position):
        return _clause(*match.groups()), match.end()
    if not first:
        return None
    if match := _FLOOR.match(text, position):
        return [f">={match[1] or match[3]}"], match.end()
    if match := _RANGE.match(text, position):
        return [f">={match[1]}", *_up_to(match[3])], match.end()
    if (match := _BARE.match(text, position)) and _AFTER_BARE.match(text, match.end()):
        rest = text[match.end() :]
        if _OR_NEWER.search(rest):
            return [f">={match[1]}"], match.end()
        if not _ADVICE.search(rest):
            return _clause("=" if match[2] or match[1].count(".") < 2 else "==", match[1], match[2]), match.end()
    return None


def _clause(operator: str, version: str, wildcard: str | bool | None) -> list[str]:
    """A clause as PEP 440 has it: a series can be equalled, but not compared with."""
    plain = bool(re.fullmatch(r"[\d.]+", version))
    wildcard = wildcard or operator == "="  # as conda means it
    operator = {"≥": ">=", "≤": "<=", "=": "=="}.get(operator, operator)
    if not wildcard or not plain:
        return [f"{operator}{version}"]
    if operator in ("==", "!=", "~="):
        return [f"{operator.replace('~', '=')}{version}.*"]
    if operator in ("<=", ">"):
        return [f"{'<' if operator == '<=' else '>='}{_next(version)}"]
    return [f"{operator}{version}"]


def _up_to(version: str) -> list[str]:
    """The end of a range: "3.10-3.12" takes in 3.12.4."""
    series = re.fullmatch(r"\d+(?:\.\d+)?", version)
    return [f"<{_next(version)}" if series else f"<={version}"]


def _next(series: str) -> str:
    *head, last = series.split(".")
    return ".".join([*head, str(int(last) + 1)])


# Conflicts. Versions are keyed so that tuples compare as versions do, and a cut is a place between
# two keys. Each clause becomes an interval between cuts that holds at least what it allows, so an
# empty intersection proves a conflict, while a clause that is read too widely can only hide one.

_Cut = tuple[Any, ...]
_ALL = (-2,)
"""Sorts before every phase of a release, from dev to post."""
_PAST = (2,)
"""Sorts after every phase, and as a local part after every local version."""
_BOTTOM: _Cut = (0, (), _ALL)
"""0.dev0, before which there is nothing."""
_TOP: _Cut = (math.inf,)


def unsatisfiable(specifier: SpecifierSet) -> bool:
    """Whether it is certain that no version, pre-releases included, satisfies all clauses."""
    low, high = _BOTTOM, _TOP
    holes = []
    for clause in specifier:
        for start, end, hole in _intervals(clause.operator, clause.version):
            if hole:
                holes.append((start, end))
            else:
                low, high = max(low, start), min(high, end)
    for start, end in sorted(holes):
        if start <= low:
            low = max(low, end)
    return low >= high


def _intervals(operator: str, version: str) -> list[tuple[_Cut, _Cut, bool]]:
    """(from, to, whether that is what is excluded)."""
    if operator == "===":
        return []
    if version.endswith(".*"):
        return [(*_series(version[:-2]), operator == "!=")]
    wanted = Version(version)
    below, above = (*_key(wanted), 0), (*_key(wanted, past=not wanted.local), 1)
    final = not (wanted.is_prerelease or wanted.is_postrelease)
    whole = (wanted.epoch, _trimmed(wanted.release))
    if operator in ("==", "!="):
        return [(below, above, operator == "!=")]
    if operator == "~=":
        epoch = f"{wanted.epoch}!" if wanted.epoch else ""
        prefix = ".".join(map(str, wanted.release[:-1]))
        return [(below, _TOP, False), (*_series(epoch + prefix), False)]
    if operator == "<":
        return [(_BOTTOM, (*whole, _ALL) if final else below, False)]
    if operator == ">":
        return [((*whole, _PAST) if final else above, _TOP, False)]
    return [(below, _TOP, False)] if operator == ">=" else [(_BOTTOM, above, False)]


def _series(prefix: str) -> tuple[_Cut, _Cut]:
    """``prefix.*``: from its first development release to that of the next prefix."""
    version = Version(prefix)
    following = (*version.release[:-1], version.release[-1] + 1)
    return (version.epoch, _trimmed(version.release), _ALL), (version.epoch, following, _ALL)


def _key(version: Version, past: bool = False) -> _Cut:
    """Compares as the version does; ``past`` all of its local versions if so asked."""
    pre: tuple[Any, ...] = (1,)
    if version.pre:
        pre = (0, *version.pre)
    elif version.dev is not None and version.post is None:
        pre = (-1,)
    post = -1 if version.post is None else version.post
    dev = math.inf if version.dev is None else version.dev
    parts = re.split(r"[._-]", version.local) if version.local else []
    local = tuple((1, int(part)) if part.isdigit() else (0, part) for part in parts)
    return version.epoch, _trimmed(version.release), pre, post, dev, (_PAST,) if past else local


def _trimmed(release: tuple[int, ...]) -> tuple[int, ...]:
    """Without trailing zeros: 2.0 is 2."""
    end = len(release)
    while end and not release[end - 1]:
        end -= 1
    return release[:end]
