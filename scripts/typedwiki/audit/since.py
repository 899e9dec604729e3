"""Only what a change brought: problems on lines changed since a git revision, and new ones anywhere."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..config import Config, ConfigError
from ..problems import Problem
from ..read import display_path
from ..regex import regex
from .baseline import Key, key_of, new_since

_HUNK = regex(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@")


def since(
    revision: str, problems: Sequence[Problem], config: Config, check: Callable[[Config], Sequence[Problem]]
) -> list[Problem]:
    """The problems on lines that changed since ``revision``, and those that were not there then: a
    page that nobody touched is broken when the page it links to goes.

    The wiki may be a repository of its own, or several; each must have the revision.

    Raises:
        ConfigError: a source lies in no git repository, or its repository has no such revision.
    """
    tops = {source.resolve(): _top(source) for source in config.sources}
    for top in dict.fromkeys(tops.values()):
        if not _git(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}", check=False):
            raise ConfigError(f"--since: the repository {top} has no revision `{revision}`")
    lines: dict[str, set[int]] = {}
    for top in dict.fromkeys(tops.values()):
        lines |= {_shown(path, config): changed for path, changed in _changed(revision, top)}
    fresh = set(new_since(problems, _known(revision, tops, config, check)))
    return [p for p in problems if p in fresh or p.line in lines.get(p.path, ())]


def _shown(path: Path, config: Config) -> str:
    """The path of a file as problems name it: sources may be links."""
    for source in config.sources:
        if path.is_relative_to(source.resolve()):
            return display_path(source / path.relative_to(source.resolve()), config.project)
    return display_path(path, config.project.resolve())


def _changed(revision: str, top: Path) -> Iterable[tuple[Path, set[int]]]:
    """Lines of the present files of a repository that differ."""
    options = ("--unified=0", "--no-color", "--no-ext-diff", "--no-prefix")
    diff = _git(top, "-c", "core.quotepath=off", "diff", *options, revision, "--", ".")
    changed: dict[Path, set[int]] = {}
    here: set[int] = set()
    for line in diff.decode("utf-8", "replace").splitlines():
        if line.startswith("+++ "):
            here = changed.setdefault(top / line[4:].strip('"'), set())
        elif hunk := _HUNK.match(line):
            start, number = int(hunk[1]), int(hunk[2] or 1)
            here.update(range(start, start + number))
    return changed.items()


def _known(
    revision: str, tops: Mapping[Path, Path], config: Config, check: Callable[[Config], Sequence[Problem]]
) -> Counter[Key]:
    """The problems that the wiki had at a revision, with today's rules and today's paths."""
    with tempfile.TemporaryDirectory() as folder:
        olds = {top: Path(folder).resolve() / str(number) for number, top in enumerate(dict.fromkeys(tops.values()))}
        for top, old in olds.items():
            archive = _git(top, "archive", "--format=tar", f"{revision}^{{tree}}")
            with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
                tar.extractall(old, filter="data")
        project = config.project.resolve()
        inside = next((top for top in olds if project.is_relative_to(top)), None)
        sources = [olds[top] / source.relative_to(top) for source, top in tops.items()]
        then = replace(
            config,
            project=olds[inside] / project.relative_to(inside) if inside else config.project,
            sources=tuple(source for source in sources if source.is_dir()),
            by_hand=olds[inside] / project.relative_to(inside) / "notes"
            if inside and config.by_hand
            else config.by_hand,
        )

        def today(text: str) -> str:
            for source in config.sources:
                real, top = source.resolve(), tops[source.resolve()]
                old = olds[top] / real.relative_to(top)
                text = text.replace(f"{old}/", f"{display_path(source, config.project)}/")
            for top, old in olds.items():
                text = text.replace(f"{old}/", f"{top}/")
            return text

        found = check(then) if then.sources else ()
        return Counter(key_of(replace(p, path=today(p.path), message=today(p.message))) for p in found)


def _top(folder: Path) -> Path:
    """The repository that a folder lies in."""
    found = _git(folder, "rev-parse", "--show-toplevel", check=False)
    if not found:
        raise ConfigError(f"--since: {folder} lies in no git repository")
    return Path(found.decode().strip()).resolve()


def _git(folder: Path, *arguments: str, check: bool = True) -> bytes:
    """What git prints; empty if it fails and that is no surprise."""
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    except FileNotFoundError:
        raise ConfigError("--since: git is not installed") from None
    if done.returncode and check:
        why = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise ConfigError(f"--since: git cannot compare the wiki in {folder} with that revision: {why}")
    return b"" if done.returncode else done.stdout
