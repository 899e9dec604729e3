"""Problems on lines changed since a git revision, and new problems anywhere."""

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
from .baseline import Key, key_of, new_problems

_HUNK = regex(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@")


def problems_since(
    revision: str, problems: Sequence[Problem], config: Config, check: Callable[[Config], Sequence[Problem]]
) -> list[Problem]:
    """Return the problems on lines that changed since ``revision``, and those that are new since then: deleting a page
    breaks links on pages that did not change.

    The wiki may be a repository of its own, or several; each must have the revision.

    Raises:
        ConfigError: a source lies in no git repository, or its repository has no such revision.
    """
    tops = {source.resolve(): _repository_of(source) for source in config.sources}
    for top in dict.fromkeys(tops.values()):
        if not _git(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}", check=False):
            raise ConfigError(f"--since: the repository {top} has no revision `{revision}`")
    lines: dict[str, set[int]] = {}
    for top in dict.fromkeys(tops.values()):
        lines |= {_display_path(path, config): changed for path, changed in _changed_lines(revision, top)}
    fresh = set(new_problems(problems, _problems_at_revision(revision, tops, config, check)))
    return [p for p in problems if p in fresh or p.line in lines.get(p.path, ())]


def _display_path(path: Path, config: Config) -> str:
    """Return a file's path as problems show it. Sources may be symbolic links."""
    for source in config.sources:
        if path.is_relative_to(source.resolve()):
            return display_path(source / path.relative_to(source.resolve()), config.project)
    return display_path(path, config.project.resolve())


def _changed_lines(revision: str, top: Path) -> Iterable[tuple[Path, set[int]]]:
    """Return the changed lines of a repository's files, by path."""
    options = ("--unified=0", "--no-color", "--no-ext-diff", "--no-prefix")
    diff = _git(top, "-c", "core.quotepath=off", "diff", *options, revision, "--", ".")
    changed: dict[Path, set[int]] = {}
    file_lines: set[int] = set()
    for line in diff.decode("utf-8", "replace").splitlines():
        if line.startswith("+++ "):
            file_lines = changed.setdefault(top / line[4:].strip('"'), set())
        elif hunk := _HUNK.match(line):
            start, number = int(hunk[1]), int(hunk[2] or 1)
            file_lines.update(range(start, start + number))
    return changed.items()


def _problems_at_revision(
    revision: str, tops: Mapping[Path, Path], config: Config, check: Callable[[Config], Sequence[Problem]]
) -> Counter[Key]:
    """Return the problems that the wiki had at a revision, with the current rules and paths."""
    with tempfile.TemporaryDirectory() as folder:
        old_tops = {
            top: Path(folder).resolve() / str(number) for number, top in enumerate(dict.fromkeys(tops.values()))
        }
        for top, old_top in old_tops.items():
            archive = _git(top, "archive", "--format=tar", f"{revision}^{{tree}}")
            with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
                tar.extractall(old_top, filter="data")
        project = config.project.resolve()
        inside = next((top for top in old_tops if project.is_relative_to(top)), None)
        sources = [old_tops[top] / source.relative_to(top) for source, top in tops.items()]
        old_config = replace(
            config,
            project=old_tops[inside] / project.relative_to(inside) if inside else config.project,
            sources=tuple(source for source in sources if source.is_dir()),
            by_hand=old_tops[inside] / project.relative_to(inside) / "notes"
            if inside and config.by_hand
            else config.by_hand,
        )

        def to_current_path(text: str) -> str:
            for source in config.sources:
                real, top = source.resolve(), tops[source.resolve()]
                old_top = old_tops[top] / real.relative_to(top)
                text = text.replace(f"{old_top}/", f"{display_path(source, config.project)}/")
            for top, old_top in old_tops.items():
                text = text.replace(f"{old_top}/", f"{top}/")
            return text

        old_problems = check(old_config) if old_config.sources else ()
        return Counter(
            key_of(replace(p, path=to_current_path(p.path), message=to_current_path(p.message))) for p in old_problems
        )


def _repository_of(folder: Path) -> Path:
    """Return the top folder of the repository that a folder lies in."""
    output = _git(folder, "rev-parse", "--show-toplevel", check=False)
    if not output:
        raise ConfigError(f"--since: {folder} lies in no git repository")
    return Path(output.decode().strip()).resolve()


def _git(folder: Path, *arguments: str, check: bool = True) -> bytes:
    """Return the output of git; empty if it fails and ``check`` is false."""
    try:
        process = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    except FileNotFoundError:
        raise ConfigError("--since: git is not installed") from None
    if process.returncode and check:
        reason = process.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise ConfigError(f"--since: git cannot compare the wiki in {folder} with that revision: {reason}")
    return b"" if process.returncode else process.stdout
