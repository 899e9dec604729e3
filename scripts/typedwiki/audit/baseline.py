"""The problems that a wiki already has, so that only new ones fail."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from ..atomic import rewrite_file
from ..problems import Problem

BASELINE = ".typedwiki-baseline.json"

Key = tuple[str, str, str]


def key_of(problem: Problem) -> Key:
    """What makes two findings the same although lines have moved."""
    return problem.code, problem.path, problem.message


def load(path: Path) -> Counter[Key]:
    """Read a baseline; a missing file is an empty one.

    Raises:
        ValueError: the file is not a baseline.
    """
    if not path.exists():
        return Counter()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Counter({(e["code"], e["path"], e["message"]): int(e["count"]) for e in data})
    except (TypeError, KeyError, ValueError):
        message = f"{path}: is not a baseline; write it anew with `check --update-baseline`"
        raise ValueError(message) from None


def save(path: Path, problems: Iterable[Problem]) -> None:
    """Write the baseline of these problems, sorted, so that it reads well in a diff."""
    counts = Counter(map(key_of, problems))
    entries = [
        {"code": code, "path": where, "message": message, "count": count}
        for (code, where, message), count in sorted(counts.items(), key=lambda item: (item[0][1], item[0]))
    ]
    rewrite_file(path, (json.dumps(entries, ensure_ascii=False, indent=1) + "\n").encode())


def new_since(problems: Iterable[Problem], known: Counter[Key]) -> list[Problem]:
    """The problems that a baseline does not have, each known one forgiven as often as it was there."""
    left = Counter(known)
    found = []
    for problem in problems:
        if left[key_of(problem)] > 0:
            left[key_of(problem)] -= 1
        else:
            found.append(problem)
    return found
