"""Only what a change brought: problems on lines changed since a git revision, and new ones anywhere."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ..config import Config, ConfigError
from ..problems import Problem
from .baseline import Key, key_of, new_since

_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@")


def since(
    revision: str, problems: Sequence[Problem], config: Config, check: Callable[[Config], Sequence[Problem]]
) -> list[Problem]:
    """The problems on lines that changed since ``revision``, and those that were not there then: a
    page that nobody touched is broken when the page it links to goes.

    Raises:
        ConfigError: this is no git repository, or it has no such revision.
    """
    lines = _changed_lines(revision, config)
    fresh = set(new_since(problems, _known(revision, config, check)))
    return [p for p in problems if p in fresh or p.line in lines.get(p.path, ())]


def _changed_lines(revision: str, config: Config) -> dict[str, set[int]]:
    """Lines of the present files that differ, by path as problems name it."""
    changed: dict[str, set[int]] = {}
    root = Path(_git(config, "rev-parse", "--show-toplevel").decode().strip())
    diff = _git(config, "diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-prefix", revision, "--", ".")
    here: set[int] = set()
    for line in diff.decode("utf-8", "replace").splitlines():
        if line.startswith("+++ "):
            here = changed.setdefault(_shown(root / line[4:].strip('"'), config), set())
        elif hunk := _HUNK.match(line):
            start, count = int(hunk[1]), int(hunk[2] or 1)
            here.update(range(start, start + count))
    return changed


def _shown(path: Path, config: Config) -> str:
    try:
        return path.relative_to(config.project.resolve()).as_posix()
    except ValueError:
        return path.as_posix()


def _known(revision: str, config: Config, check: Callable[[Config], Sequence[Problem]]) -> Counter[Key]:
    """The problems that the wiki had at a revision, with today's rules."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(_git(config, "rev-parse", "--show-toplevel").decode().strip())
        archive = _git(config, "archive", "--format=tar", f"{revision}^{{tree}}", cwd=top)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        old = Path(folder) / config.project.resolve().relative_to(top)
        sources = [old / source.resolve().relative_to(config.project.resolve()) for source in config.sources]
        present = tuple(source for source in sources if source.is_dir())
        then = replace(config, project=old, sources=present)
        return Counter(map(key_of, check(then)))


def _git(config: Config, *arguments: str, cwd: Path | None = None) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=cwd or config.project, capture_output=True, check=False)
    if done.returncode:
        raise ConfigError(f"git {arguments[0]}: {done.stderr.decode('utf-8', 'replace').strip()}")
    return done.stdout
