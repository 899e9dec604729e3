"""List the inputs that Quarto renders, and compute a hash of everything that decides each page."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from ..notes.by_hand import FOLDER as BY_HAND
from ..notes.cells import can_run, runnable
from . import SITE
from .render_list import NOT_SEARCHED, SUFFIXES, is_input

_NAMED = re.compile(r"(?<![\w./-])[\w./-]+\.\w+")
"""What may be a file name in an input: an include, a listing, a data file."""


def quarto_settings(project: Path) -> dict[str, Any]:
    """Return the content of the project's _quarto.yml."""
    return yaml.safe_load((project / "_quarto.yml").read_text(encoding="utf-8")) or {}


def inputs(project: Path) -> list[str]:
    """Return the files that ``project: render:`` selects, relative to the project, sorted."""
    written = (quarto_settings(project).get("project") or {}).get("render")
    patterns = [written] if isinstance(written, str) else written
    candidates = {path.relative_to(project) for path in _candidates(project, patterns)}
    return sorted(path.as_posix() for path in candidates if is_input(PurePosixPath(path), patterns))


def _candidates(project: Path, patterns: Sequence[str] | None) -> Iterator[Path]:
    """Yield files that include all inputs: only those of a few folders, if the patterns name these."""
    included = [pattern for pattern in patterns or () if not pattern.startswith("!")]
    if patterns and all(pattern.startswith("/") or not set("*?{[").intersection(pattern) for pattern in included):
        for pattern in included:
            for path in project.glob(pattern.strip("/")):
                yield from path.rglob("*") if path.is_dir() else [path]
        return
    skipped = {SITE} if patterns else {SITE, *NOT_SEARCHED}
    for folder, folders, names in os.walk(project):
        folders[:] = [name for name in folders if not name.startswith((".", "_")) and name not in skipped]
        yield from (Path(folder, name) for name in names if name.lower().endswith(SUFFIXES))


def output_of(name: str) -> str:
    """Return the path of an input's page, relative to the site."""
    return f"{name.rpartition('.')[0]}.html"


def shared_hash(project: Path, quarto: str) -> str:
    """Return a hash of what decides every page: Quarto's version, _quarto.yml, files it names, extensions."""
    version = subprocess.run([quarto, "--version"], capture_output=True, check=False).stdout
    digest = hashlib.sha256(version)
    paths = {p for p in (project / "_extensions").rglob("*") if p.suffix != ".md"} | set(project.glob("_*.yml"))
    # Notes and their shared scripts are not part of other pages.
    paths |= {
        p for p in _named_files(project / "_quarto.yml", project) if p.suffix != ".qmd" and "notes" not in p.parts
    }
    for path in sorted(p for p in paths if p.is_file()):
        digest.update(path.relative_to(project).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def input_hashes(project: Path, names: Iterable[str]) -> dict[str, str]:
    """Return, for each input, a hash of what else decides its page: its text and the files that it names."""

    @cache
    def digest(path: Path) -> bytes:
        return hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b""

    result = {}
    for name in names:
        path = project / name
        combined = hashlib.sha256(digest(path))
        for folder in [path.parent, *path.parent.parents]:
            combined.update(digest(folder / "_metadata.yml"))
            if folder == project:
                break
        has_cells = bool(runnable(path.read_text(encoding="utf-8", errors="replace")))
        if has_cells or path.parent in (project, project / "notes"):  # written by hand
            for named_path in sorted(_named_files(path, project)):
                combined.update(os.path.relpath(named_path, project).encode() + digest(named_path))
        if has_cells:
            combined.update(b"run" if can_run() else b"not run")
        result[name] = combined.hexdigest()[:32]
    return result


def _named_files(path: Path, project: Path) -> set[Path]:
    """Return the files that a note names, its frozen results, and the prebuild's record of it."""
    words = set(_NAMED.findall(path.read_text(encoding="utf-8", errors="replace")))
    places = {(folder / word.lstrip("/")) for word in words for folder in (project, path.parent)}
    frozen = project / "_freeze" / path.relative_to(project).with_suffix("")
    results = set(frozen.rglob("*.json")) if frozen.is_dir() else set()
    results.add(project / "notes" / BY_HAND / f"{path.stem}.json")
    return {place for place in places | results if place.is_file() and place != path}
