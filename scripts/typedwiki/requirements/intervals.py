"""Whether any version can satisfy a set of clauses.

Versions are keyed so that tuples compare as versions do, and a cut is a place between two keys. Each
clause becomes an interval between cuts that holds at least what it allows, so an empty intersection
proves a conflict, while a clause that is read too widely can only hide one.
"""

from __future__ import annotations

import math
from itertools import dropwhile
from operator import not_
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version

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
        for start, end in _intervals(clause.operator, clause.version):
            if clause.operator == "!=":
                holes.append((start, end))
            else:
                low, high = max(low, start), min(high, end)
    for start, end in sorted(holes):
        if start <= low:
            low = max(low, end)
    return low >= high


def _intervals(operator: str, version: str) -> list[tuple[_Cut, _Cut]]:
    """What a clause allows, all of it at once; for ``!=`` what it excludes."""
    if operator == "===":
        return []
    if version.endswith(".*"):
        return [_series(version[:-2])]
    wanted = Version(version)
    below, above = (*_key(wanted), 0), (*_key(wanted, past=not wanted.local), 1)
    final = not (wanted.is_prerelease or wanted.is_postrelease)
    whole = (wanted.epoch, _trimmed(wanted.release))
    if operator in ("==", "!="):
        return [(below, above)]
    if operator == "~=":
        return [(below, _TOP), _series(wanted.base_version.rpartition(".")[0])]
    if operator == "<":
        return [(_BOTTOM, (*whole, _ALL) if final else below)]
    if operator == ">":
        return [((*whole, _PAST) if final else above, _TOP)]
    return [(below, _TOP) if operator == ">=" else (_BOTTOM, above)]


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
    parts = version.local.split(".") if version.local else []
    local = tuple((1, int(part)) if part.isdigit() else (0, part) for part in parts)
    return version.epoch, _trimmed(version.release), pre, post, dev, (_PAST,) if past else local


def _trimmed(release: tuple[int, ...]) -> tuple[int, ...]:
    """Without trailing zeros: 2.0 is 2."""
    return tuple(dropwhile(not_, reversed(release)))[::-1]
