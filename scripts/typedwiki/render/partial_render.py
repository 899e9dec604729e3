"""Render some inputs with a Quarto process of their own, in a copy of the project.

In a copy, because rendering a few pages in place rewrites files that all pages share, and because several processes
must not interfere. The project's own site is not touched before a part is complete.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import yaml

from ..atomic import replace_file
from ..notes.cells import NOT_INSTALLED, as_code, can_run
from ..problems import StopError
from . import SITE
from .freeze import frozen_result
from .project_inputs import quarto_settings
from .subprocesses import running

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
        yaml.safe_dump(_settings_for(project, names), sort_keys=False), encoding="utf-8"
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


def _settings_for(project: Path, names: Sequence[str]) -> Mapping[str, object]:
    data = quarto_settings(project)
    own = {k: v for k, v in (data.get("project") or {}).items() if k not in ("pre-render", "post-render")}
    return data | {"project": own | {"render": list(names), "output-dir": SITE}}


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
            # From within: where the current folder is empty, Quarto tries to remove it.
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
