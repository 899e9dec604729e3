"""The wiki as it is being edited: what changes on disk, and what that does to its problems."""

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
from .drafted import Drafted

PAUSE = 50
"""Milliseconds of quiet after which a burst of changes counts as one."""
TICK = 500
"""Milliseconds after which those who wait for changes may look around."""


@dataclass
class Session:
    """What a preview knows from build to build."""

    config: Config
    """As _quarto.yml was when it last made sense."""
    cache: Cache = field(default_factory=lambda: Cache(contents={}))
    drafted: Drafted = field(default_factory=Drafted)
    problems: tuple[Problem, ...] = ()
    since: float = 0.0
    """When the last change was noticed, as time.perf_counter counts."""
    edited: frozenset[str] | None = None
    """The pages of the last change, if notes that come from others shall keep their times."""


def changed_problems(built: BuildOutcome, session: Session) -> tuple[list[Problem], list[Problem]]:
    """The problems that a build has brought and those it has taken away since the last.

    One that has only moved to another line is neither.
    """
    problems = tuple(p for p in built.wiki.problems if p.severity != "info")
    before, session.problems = session.problems, problems
    return _beyond(problems, before), _beyond(before, problems)


def _beyond(problems: tuple[Problem, ...], others: tuple[Problem, ...]) -> list[Problem]:
    """The problems that there are more of than among the others; the last ones of equals."""
    left = Counter(map(_what, others))
    found = []
    for problem in problems:
        left[_what(problem)] -= 1
        if left[_what(problem)] < 0:
            found.append(problem)
    return found


def _what(problem: Problem) -> tuple[str, str, str]:
    return problem.path, problem.code, problem.message


def changes(config: Config) -> Iterator[set[Path]]:
    """The files that change, burst by burst; an empty set each half second, so that others can look around.

    Watched are the wiki, the notes that people write, the home page, the settings and the extension.
    The first burst names the settings, for whatever has happened before the watch began.
    """
    from watchfiles import watch

    settings = config.project / "_quarto.yml"
    folders = [*config.sources, config.project / "_extensions", *([config.by_hand] if config.by_hand else [])]
    # Looked at by name: whoever watches a file itself loses it when an editor puts another in its place.
    named = [settings, config.project / "index.qmd", *folders]
    before = {path: _identity(path) for path in named}
    began = False
    while True:
        present = [folder for folder in folders if folder.is_dir()]
        for found in watch(
            *present, watch_filter=None, step=PAUSE, rust_timeout=TICK, yield_on_timeout=True, raise_interrupt=True
        ):
            now = {path: _identity(path) for path in named}
            moved = {path for path in named if now[path] != before[path]} | (set() if began else {settings})
            before, began = now, True
            yield moved | {path for _, name in found if watched(path := Path(name), config)}
            if moved.intersection(folders):  # a watch follows the folder, not its name
                break


def watched(path: Path, config: Config) -> bool:
    """Whether a site may change with this file: not with what editors keep beside it while it is open."""
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
    """Changes with the content of a file; with a folder only when another takes its place."""
    try:
        state = path.stat()
    except OSError:
        return ()
    return (state.st_ino,) if path.is_dir() else (state.st_ino, state.st_size, state.st_mtime_ns)
