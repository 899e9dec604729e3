"""The baseline: problems that a wiki already has, so only new ones fail."""

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
    """Return what identifies a problem even if its line has moved."""
    return problem.code, problem.path, problem.message


def load_baseline(path: Path) -> Counter[Key]:
    """Read a baseline. A missing file is an empty baseline.

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


def save_baseline(path: Path, problems: Iterable[Problem]) -> None:
    """Write a baseline of these problems, sorted for readable diffs."""
    counts = Counter(map(key_of, problems))
    entries = [
        {"code": code, "path": where, "message": message, "count": count}
        for (code, where, message), count in sorted(counts.items(), key=lambda item: (item[0][1], item[0]))
    ]
    rewrite_file(path, (json.dumps(entries, ensure_ascii=False, indent=1) + "\n").encode())


def new_problems(problems: Iterable[Problem], baseline: Counter[Key]) -> list[Problem]:
    """Return the problems that the baseline does not have. One that it has n times is ignored n times."""
    remaining = Counter(baseline)
    added = []
    for problem in problems:
        if remaining[key_of(problem)] > 0:
            remaining[key_of(problem)] -= 1
        else:
            added.append(problem)
    return added
