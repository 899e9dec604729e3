"""Select the problems to report (new ones by the baseline, or since a revision of git), and format them."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ..atomic import rewrite_file
from ..config import Config, ConfigError
from ..model import grouped
from ..problems import Problem, rules, summary, unmatched
from ..read import display_path
from ..regex import regex

BASELINE = ".typedwiki-baseline.json"

Key = tuple[str, str, str]


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
    counts = Counter(p.key for p in problems)
    entries = [
        {"code": code, "path": where, "message": message, "count": count}
        for (code, where, message), count in sorted(counts.items(), key=lambda item: (item[0][1], item[0]))
    ]
    rewrite_file(path, (json.dumps(entries, ensure_ascii=False, indent=1) + "\n").encode())


def new_problems(problems: Iterable[Problem], baseline: Counter[Key]) -> list[Problem]:
    """Return the problems that the baseline does not have. One that it has n times is ignored n times."""
    return unmatched(problems, lambda p: p.key, Counter(baseline))


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
        lines |= {_display_path(path, config): changed_lines for path, changed_lines in _changed_lines(revision, top)}
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
    lines_by_path: dict[Path, set[int]] = {}
    file_lines: set[int] = set()
    for line in diff.decode("utf-8", "replace").splitlines():
        if line.startswith("+++ "):
            file_lines = lines_by_path.setdefault(top / line[4:].strip('"'), set())
        elif hunk := _HUNK.match(line):
            start, number = int(hunk[1]), int(hunk[2] or 1)
            file_lines.update(range(start, start + number))
    return lines_by_path.items()


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
        project_top = next((top for top in old_tops if project.is_relative_to(top)), None)
        sources = [old_tops[top] / source.relative_to(top) for source, top in tops.items()]
        old_config = replace(
            config,
            project=old_tops[project_top] / project.relative_to(project_top) if project_top else config.project,
            sources=tuple(source for source in sources if source.is_dir()),
            by_hand=old_tops[project_top] / project.relative_to(project_top) / "notes"
            if project_top and config.by_hand
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
            replace(p, path=to_current_path(p.path), message=to_current_path(p.message)).key for p in old_problems
        )


def _repository_of(folder: Path) -> Path:
    """Return the top folder of the repository that contains a folder."""
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


_COLOURS = {"error": "\033[31m", "warning": "\033[33m", "info": "\033[36m"}
_RESET = "\033[0m"
_PLACES_SHOWN = 3
"""Places to name in a message that has several."""
_GITHUB = {"error": "error", "warning": "warning", "info": "notice"}
_SARIF = {"error": "error", "warning": "warning", "info": "note"}


def format_text(problems: Sequence[Problem], colour: bool, every: bool = False) -> str:
    """Return the problems grouped by file, and a summary. Editors can follow the places in these lines.

    Equal messages share a line, unless ``every`` problem is wanted.
    """
    blocks = []
    equal_groups = [[p] for p in problems] if every else group_equal(problems)
    for _, groups in groupby(equal_groups, key=lambda group: group[0].path):
        blocks.append("\n".join(_line(group, colour) for group in groups))
    return "\n\n".join([*blocks, summary(problems)])


def group_equal(problems: Sequence[Problem]) -> list[list[Problem]]:
    """Group problems with the same message, in the order of their first places."""
    return list(grouped(problems, lambda p: (p.code, p.severity, p.message, p.hint)).values())


def format_lines(problems: Sequence[Problem]) -> list[str]:
    """Return one line for each different message, with the number of places and the first of them."""
    return [_line(group, False) for group in group_equal(problems)]


def _line(group: Sequence[Problem], colour: bool) -> str:
    first_problem, *other_problems = group
    line = _colour(first_problem) if colour else str(first_problem)
    if not other_problems:
        return line
    places = [f"{p.path}:{p.line}:{p.column}" for p in other_problems[: _PLACES_SHOWN - 1]]
    rest = f" and {len(other_problems) - len(places)} more" if len(other_problems) > len(places) else ""
    return f"{line}: {len(group)} places, also {', '.join(places)}{rest}"


def _colour(problem: Problem) -> str:
    place, _, message = str(problem).partition(f" {problem.severity} {problem.code} ")
    return f"\033[1m{place}{_RESET} {_COLOURS[problem.severity]}{problem.severity} {problem.code}{_RESET} {message}"


def format_github(problems: Sequence[Problem]) -> str:
    """Return GitHub workflow commands, shown as annotations on the lines they name."""
    return "\n".join(
        f"::{_GITHUB[p.severity]} file={_property(p.path)},line={p.line},col={p.column},"
        f"title={_property(f'{p.code} {rules()[p.code].name}')}::{_data(p.words)}"
        for p in problems
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def to_records(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Return the `problems` of `check --format json`."""
    names = ("code", "severity", "path", "line", "column", "message", "hint")
    return [{name: getattr(p, name) for name in names} for p in problems]


def format_sarif(problems: Sequence[Problem], version: str) -> str:
    """Return problems as SARIF 2.1.0, the exchange format of code scanners."""
    codes = sorted({p.code for p in problems})
    described = [
        {
            "id": code,
            "name": rules()[code].name.title().replace(" ", ""),
            "shortDescription": {"text": rules()[code].name},
            "fullDescription": {"text": rules()[code].text},
            "help": {"text": f"Example: {rules()[code].example}\nMend: {rules()[code].mend}"},
        }
        for code in codes
    ]
    results = [
        {
            "ruleId": p.code,
            "ruleIndex": codes.index(p.code),
            "level": _SARIF[p.severity],
            "message": {"text": p.words},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": p.path.replace(" ", "%20")},
                        "region": {"startLine": p.line, "startColumn": p.column},
                    }
                }
            ],
        }
        for p in problems
    ]
    driver = {"name": "Typedwiki", "version": version, "rules": described}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)
