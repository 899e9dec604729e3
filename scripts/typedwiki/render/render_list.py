"""Which files Quarto takes for pages of a website, by `project: render:`, as Quarto 1.9 reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

SUFFIXES = (".qmd", ".md", ".ipynb", ".rmd")
"""Of files that Quarto renders."""
NOT_SEARCHED = frozenset({"node_modules", "venv", "env", "packrat", "renv"})
"""Folders in which Quarto looks for no page, unless a list says so."""
_GLOB = re.compile(r"[*?{\[]")
_PARTS = re.compile(r"/\*\*$|\*\*/|\*\*|\*|\?|\{[^{}]*\}|\[[^\[\]]*\]|[^*?{\[/]+|.")


def is_hidden(path: PurePosixPath) -> bool:
    """Whether Quarto skips a file, relative to the project, whatever the list says."""
    return path.name.lower() == "readme.md" or any(part.startswith(("_", ".")) for part in path.parts)


def is_input(path: PurePosixPath, patterns: Sequence[str] | None) -> bool:
    """Whether Quarto renders a file, relative to the project, of a project with these patterns; None: with none."""
    if path.suffix.lower() not in SUFFIXES or is_hidden(path):
        return False
    if patterns is None:
        return not NOT_SEARCHED.intersection(path.parts)
    taken = _any(one for one in patterns if not one.startswith("!"))
    left_out = _any(one[1:] for one in patterns if one.startswith("!"))
    # A folder that is listed is taken whole, so that what leaves out files alone has no effect in it.
    places = [folder.as_posix() for folder in path.parents if folder.name]
    places += [] if NOT_SEARCHED.intersection(path.parts) else [path.as_posix()]
    return any(taken.match(place) and not left_out.match(place) for place in places)


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return _compiled(tuple(patterns))


@lru_cache(maxsize=64)
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_expression(one)})" for one in patterns) + r"\Z" if patterns else r"(?!)")


def _expression(pattern: str) -> str:
    """A pattern as a regular expression for paths: a glob without a slash in front is meant in every folder."""
    glob = pattern.removeprefix("./") + ("**/*" if pattern.endswith("/") else "")
    anywhere = bool(_GLOB.search(glob)) and not glob.startswith("/")
    return (r"(?:[^/]+/)*" if anywhere else "") + "".join(map(_part, _PARTS.findall(glob.lstrip("/")))) + r"\Z"


def _part(part: str) -> str:
    if part[0] == "{" and part[-1] == "}":
        return "(?:" + "|".join(map(re.escape, part[1:-1].split(","))) + ")"
    if part[0] == "[" and part[-1] == "]" and len(part) > 2:
        return part.replace("\\", "\\\\")
    known = {"/**": r"(?:/.*)?", "**/": r"(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return known.get(part, re.escape(part))


def published_pages(project: Path, folder: Path, patterns: Sequence[str] | None) -> list[Path]:
    """The files below a folder that Quarto would render as they stand; none if the folder lies outside the project."""
    if not folder.is_relative_to(project) or is_hidden(PurePosixPath(folder.relative_to(project), "x")):
        return []
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    return [path for path in files if is_input(PurePosixPath(path.relative_to(project)), patterns)]
