"""What Quarto renders: the inputs of a project, and a hash of everything that decides each one's page."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ..notes.by_hand import FOLDER as BY_HAND
from ..notes.cells import can_run, runnable

_NAMED = re.compile(r"(?<![\w./-])[\w./-]+\.\w+")
"""What may be the name of a file in an input: an include, a listing, a data file."""


def settings(project: Path) -> dict[str, Any]:
    """The project's _quarto.yml."""
    return yaml.safe_load((project / "_quarto.yml").read_text(encoding="utf-8")) or {}


def inputs(project: Path) -> list[str]:
    """The files that ``project: render:`` lists, relative to the project, sorted."""
    patterns = (settings(project).get("project") or {}).get("render") or ["*.qmd", "/notes/**/*.qmd"]
    wanted: set[Path] = set()
    for pattern in patterns:
        negated = pattern.startswith("!")
        written = pattern.removeprefix("!")
        # As Quarto reads them: with a slash from the top, without one anywhere, if it is a glob.
        anywhere = "*" in written and not written.startswith("/")
        found = set(project.rglob(written) if anywhere else project.glob(written.lstrip("/")))
        wanted = wanted - found if negated else wanted | found
    relative = (path.relative_to(project) for path in wanted if path.suffix in (".qmd", ".ipynb", ".md"))
    return sorted(path.as_posix() for path in relative if not _skipped(path))


def _skipped(path: Path) -> bool:
    return any(part.startswith(("_", ".")) for part in path.parts) or path.name.lower() == "readme.md"


def output_of(name: str) -> str:
    """The page that an input becomes, relative to the site."""
    return f"{name.rpartition('.')[0]}.html"


def shared_hash(project: Path, quarto: str) -> str:
    """A hash of what decides every page: Quarto's version, _quarto.yml, what it names, the extensions."""
    version = subprocess.run([quarto, "--version"], capture_output=True, check=False).stdout
    digest = hashlib.sha256(version)
    paths = {p for p in (project / "_extensions").rglob("*") if p.suffix != ".md"} | set(project.glob("_*.yml"))
    # Notes and their shared scripts are not part of other pages.
    paths |= {p for p in _named(project / "_quarto.yml", project) if p.suffix != ".qmd" and "notes" not in p.parts}
    for path in sorted(p for p in paths if p.is_file()):
        digest.update(path.relative_to(project).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def hashes(project: Path, names: Iterable[str]) -> dict[str, str]:
    """A hash of what decides the page of each input beside that: its text and what it names."""

    @cache
    def digest(path: Path) -> bytes:
        return hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b""

    found = {}
    for name in names:
        path = project / name
        whole = hashlib.sha256(digest(path))
        for folder in [path.parent, *path.parent.parents]:
            whole.update(digest(folder / "_metadata.yml"))
            if folder == project:
                break
        has_cells = bool(runnable(path.read_text(encoding="utf-8", errors="replace")))
        if has_cells or path.parent in (project, project / "notes"):  # written by hand
            for other in sorted(_named(path, project)):
                whole.update(os.path.relpath(other, project).encode() + digest(other))
        if has_cells:
            whole.update(b"run" if can_run() else b"not run")
        found[name] = whole.hexdigest()[:32]
    return found


def _named(path: Path, project: Path) -> set[Path]:
    """The files that a note names, its frozen results, and what the prebuild knows of it."""
    words = set(_NAMED.findall(path.read_text(encoding="utf-8", errors="replace")))
    places = {(folder / word.lstrip("/")) for word in words for folder in (project, path.parent)}
    frozen = project / "_freeze" / path.relative_to(project).with_suffix("")
    results = set(frozen.rglob("*.json")) if frozen.is_dir() else set()
    results.add(project / "notes" / BY_HAND / f"{path.stem}.json")
    return {place for place in places | results if place.is_file() and place != path}
