"""Watch a wiki while it is edited: which files change, and which problems come and go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..build import BuildOutcome
from ..config import Config
from ..incremental import Cache
from ..problems import Problem
from ..read import is_hidden
from .bodies import DraftCache

PAUSE = 50
"""Milliseconds of quiet after which a burst of changes counts as one."""
TICK = 500
"""Milliseconds after which waiting for changes is interrupted, so the caller can do other work."""


@dataclass
class PreviewSession:
    """The state of a preview between builds."""

    config: Config
    """From the last valid _quarto.yml."""
    cache: Cache = field(default_factory=lambda: Cache(contents={}))
    draft_cache: DraftCache = field(default_factory=DraftCache)
    problems: tuple[Problem, ...] = ()
    since: float = 0.0
    """When the last change was noticed (time.perf_counter)."""
    edited: frozenset[str] | None = None
    """The pages of the last change, if the notes of other pages shall keep their modification times."""


def changed_problems(outcome: BuildOutcome, session: PreviewSession) -> tuple[list[Problem], list[Problem]]:
    """Return the problems that are new since the last build, and those that are gone.

    A problem that has only moved to another line is neither.
    """
    problems = tuple(p for p in outcome.wiki.problems if p.severity != "info")
    old_problems, session.problems = session.problems, problems
    return _added_problems(problems, old_problems), _added_problems(old_problems, problems)


def _added_problems(problems: tuple[Problem, ...], other_problems: tuple[Problem, ...]) -> list[Problem]:
    """Return the problems that the others do not have. Of equal problems, the last ones count as added."""
    remaining = Counter(map(_problem_key, other_problems))
    added = []
    for problem in problems:
        remaining[_problem_key(problem)] -= 1
        if remaining[_problem_key(problem)] < 0:
            added.append(problem)
    return added


def _problem_key(problem: Problem) -> tuple[str, str, str]:
    return problem.path, problem.code, problem.message


def watch_files(config: Config) -> Iterator[set[Path]]:
    """Yield sets of changed files, one for each burst of changes, and an empty set every half second.

    Watches the wiki, hand-written notes, the home page, the settings and the extension. The first set holds the
    settings file, to cover changes before the watch began.
    """
    from watchfiles import watch

    settings = config.project / "_quarto.yml"
    folders = [*config.sources, config.project / "_extensions", *([config.by_hand] if config.by_hand else [])]
    # Checked by name: a watch on a file is lost when an editor replaces it.
    by_name = [settings, config.project / "index.qmd", *folders]
    old_state = {path: _identity(path) for path in by_name}
    started = False
    while True:
        present = [folder for folder in folders if folder.is_dir()]
        for events in watch(
            *present, watch_filter=None, step=PAUSE, rust_timeout=TICK, yield_on_timeout=True, raise_interrupt=True
        ):
            new_state = {path: _identity(path) for path in by_name}
            changed = {path for path in by_name if new_state[path] != old_state[path]} | (
                set() if started else {settings}
            )
            old_state, started = new_state, True
            yield changed | {path for _, name in events if is_watched(path := Path(name), config)}
            if changed.intersection(folders):  # a watch follows the folder, not its name
                break


def is_watched(path: Path, config: Config) -> bool:
    """Whether a change of this file may change the site. Temporary files of editors do not."""
    if is_hidden(path.name) or path.name.startswith("#") or path.name.endswith("~"):
        return False
    by_hand = config.by_hand
    if (
        by_hand
        and path.is_relative_to(by_hand)
        and not any(source.is_relative_to(by_hand) for source in config.sources)
    ):
        return path.parent == by_hand and path.suffix == ".qmd"
    for folder in (*config.sources, config.project / "_extensions"):
        for root in (folder, folder.resolve()):  # some systems report real paths
            if path.is_relative_to(root):
                return not any(part.startswith(".") for part in path.relative_to(root).parts[:-1])
    return False


def _identity(path: Path) -> tuple[int, ...]:
    """Return a value that changes with a file's content; for a folder, only when it is replaced."""
    try:
        state = path.stat()
    except OSError:
        return ()
    return (state.st_ino,) if path.is_dir() else (state.st_ino, state.st_size, state.st_mtime_ns)
