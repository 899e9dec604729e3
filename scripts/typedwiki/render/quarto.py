"""Run Quarto on parts of the project: its inputs, the hashes that determine each page, and results of executed
notes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from ..atomic import replace_file
from ..notes.cells import NOT_IN_THE_DRAFT, NOT_INSTALLED, as_code, can_run, runnable
from ..notes.note_file import FOLDER as BY_HAND
from ..problems import StopError, load_yaml
from ..settings import NOT_SEARCHED, SUFFIXES, is_input
from . import SITE
from .processes import running

_FILE_NAME = re.compile(r"(?<![\w./-])[\w./-]+\.\w+")
"""A possible file name in an input: an include, a listing, a data file."""


def quarto_settings(project: Path) -> dict[str, Any]:
    """Return the content of the project's _quarto.yml."""
    return load_yaml((project / "_quarto.yml").read_text(encoding="utf-8")) or {}


def site_url(project: Path) -> str:
    """Return the address of the site, without a slash at its end; empty if it has none."""
    return str((quarto_settings(project).get("website") or {}).get("site-url") or "").rstrip("/")


def inputs(project: Path) -> list[str]:
    """Return the files that ``project: render:`` selects, relative to the project, sorted."""
    setting = (quarto_settings(project).get("project") or {}).get("render")
    patterns = [setting] if isinstance(setting, str) else setting
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
    """Return a hash of everything that affects every page: Quarto's version, _quarto.yml, files it names,
    extensions."""
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
    """Return, for each input, a hash of everything else that affects its page: its text and the files that it names."""

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
    words = set(_FILE_NAME.findall(path.read_text(encoding="utf-8", errors="replace")))
    places = {(folder / word.lstrip("/")) for word in words for folder in (project, path.parent)}
    frozen = project / "_freeze" / path.relative_to(project).with_suffix("")
    results = set(frozen.rglob("*.json")) if frozen.is_dir() else set()
    results.add(project / "notes" / BY_HAND / f"{path.stem}.json")
    return {place for place in places | results if place.is_file() and place != path}


SOURCE = "tw-source"
"""The format of the raw block that passes a note's source to the filter for figures. No writer prints it."""


def frozen_result(project: Path, name: str, source: str) -> str | None:
    """Return a note's Markdown with the results of its cells; None if they have not run since its last edit.

    ``name`` is relative to the project, with its suffix. Quarto stores an MD5 of the source with LF line ends,
    which ``source`` must have.
    """
    try:
        result = json.loads(_folder(project, name).joinpath("execute-results/html.json").read_bytes())
        if result["hash"] == hashlib.md5(source.encode(), usedforsecurity=False).hexdigest():
            return str(result["result"]["markdown"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def is_executed(project: Path, name: str) -> bool:
    """Return whether there are results for the current text of a note."""
    if not _folder(project, name).is_dir():
        return False
    return frozen_result(project, name, (project / name).read_text(encoding="utf-8", errors="replace")) is not None


def draft_note(project: Path, name: str, source: str) -> tuple[str, dict[str, bytes]]:
    """Return a hand-written note as pandoc can read it, and its images by path relative to the site."""
    result = frozen_result(project, name, source)
    if result is None:
        return as_code(source, NOT_IN_THE_DRAFT), {}
    fence = "`" * (3 + max(map(len, re.findall("`+", source)), default=0))
    images = _folder(project, name) / "figure-html"
    beside = f"{name.removesuffix('.qmd')}_files/figure-html"
    files = {f"{beside}/{path.name}": path.read_bytes() for path in sorted(images.glob("*")) if path.is_file()}
    return f"{result}\n\n{fence}{{={SOURCE}}}\n{source}\n{fence}\n", files


def _folder(project: Path, name: str) -> Path:
    return project / "_freeze" / Path(name).with_suffix("")


CACHE = Path(".typedwiki/cache")
"""A copy of .quarto/project-cache, mainly compiled themes. It saves seconds in each copy of the project."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_PROBLEM_LINE = re.compile(r"(?:WARN|ERROR)\w*:? ")
COPIED_FOLDERS = ("notes", "_extensions", "_freeze")
"""Folders that Quarto writes to, or in which it must not find symbolic links."""

PartialRender = tuple[Path, list[str]]
"""A folder with a part of the site, and the inputs of its pages."""


class RenderError(StopError):
    """Quarto is missing or failed. The message says what to do."""


def copy_project(project: Path, names: Sequence[str], folder: Path) -> None:
    """Make ``folder`` a copy of the project that renders only ``names``."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for entry in sorted(project.iterdir()):
        if entry.name.startswith(".") or entry.name in (SITE, "_quarto.yml", "venv", "node_modules"):
            continue
        if entry.is_dir() and entry.name not in COPIED_FOLDERS:
            (folder / entry.name).symlink_to(entry, target_is_directory=True)
        elif entry.is_dir():
            shutil.copytree(entry, folder / entry.name, copy_function=_hard_link)
        else:
            shutil.copy2(entry, folder / entry.name)
    if (project / CACHE).is_dir():
        shutil.copytree(project / CACHE, folder / ".quarto/project-cache")
    (folder / "_quarto.yml").write_text(
        yaml.safe_dump(_part_settings(project, names), sort_keys=False), encoding="utf-8"
    )
    if not can_run():
        replace_cells(folder, names)


def replace_cells(folder: Path, names: Sequence[str]) -> None:
    """Show the cells of a copy's notes as code, unless they have results: Jupyter is not installed."""
    for name in names:
        if name.endswith(".qmd"):
            source = (folder / name).read_text(encoding="utf-8", errors="replace")
            code = as_code(source, NOT_INSTALLED)
            if code != source and frozen_result(folder, name, source) is None:
                replace_file(folder / name, code.encode())  # a hard link: writing in place would change the original


def keep_cache(folder: Path, project: Path) -> None:
    """Keep Quarto's cache of this copy for the next one."""
    cache = folder / ".quarto/project-cache"
    if cache.is_dir():
        # Replace it as a whole: Quarto would trust an incomplete cache.
        fresh, stale = (project / CACHE.with_name(f"{CACHE.name}-{word}") for word in ("fresh", "stale"))
        for folder in (fresh, stale):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(cache, fresh)
        if (project / CACHE).exists():
            (project / CACHE).rename(stale)
        fresh.rename(project / CACHE)
        shutil.rmtree(stale, ignore_errors=True)


def _part_settings(project: Path, names: Sequence[str]) -> Mapping[str, object]:
    data = quarto_settings(project)
    project_settings = {k: v for k, v in (data.get("project") or {}).items() if k not in ("pre-render", "post-render")}
    return data | {"project": project_settings | {"render": list(names), "output-dir": SITE}}


def _hard_link(source: str, target: str) -> None:
    """Make a hard link, or a copy where there are none. Both keep the modification time."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def render_parts(quarto: str, folders: Sequence[Path], quiet: bool = False) -> None:
    """Run Quarto in all folders at once.

    A single process shows its progress, unless ``quiet``. Otherwise only warnings and errors are shown, at the end.

    Raises:
        RenderError: a Quarto process failed.
    """
    # Quarto would not find the Python that has our requirements.
    # A fixed time zone, because a listing stores dates as points in time.
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable, "TZ": "UTC"}
    logs = {folder: folder.parent / f"{folder.name}.log" for folder in folders if quiet or len(folders) > 1}
    with ExitStack() as stack:
        processes = []
        for folder in folders:
            log = stack.enter_context(logs[folder].open("w")) if folder in logs else None
            # A kernel that is kept running would lose its folder.
            command = [quarto, "render", str(folder), "--no-execute-daemon"]
            # Run it from within, because Quarto tries to remove the current folder if that is empty.
            processes.append(stack.enter_context(running(command, environment, log, folder)))
        statuses = [process.wait() for process in processes]
    for folder, status in zip(folders, statuses, strict=True):
        output = _COLOUR.sub("", logs[folder].read_text(encoding="utf-8", errors="replace")) if folder in logs else ""
        if status:
            raise RenderError("\n".join([f"quarto render failed with status {status}", *output.splitlines()[-30:]]))
        for line in filter(_PROBLEM_LINE.match, output.splitlines()):
            print(line, file=sys.stderr, flush=True)


def split_evenly(names: Sequence[str], sizes: Mapping[str, int], count: int) -> list[list[str]]:
    """Split inputs into ``count`` parts of about the same size. The result is deterministic."""
    parts: list[list[str]] = [[] for _ in range(count)]
    loads = [0] * count
    for name in sorted(names, key=lambda n: (-sizes[n], n)):
        lightest = loads.index(min(loads))
        parts[lightest].append(name)
        loads[lightest] += sizes[name] + 4000  # the fixed cost of a page, in bytes
    return [sorted(part) for part in parts if part]
