"""A part of the site: some inputs, rendered by a Quarto process of its own in a copy of the project.

In a copy, because Quarto's own way to render a few pages rewrites what all pages share, and so that
several processes do not meet; the project's own site is not touched before a part is complete.
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
from .freeze import executed
from .project_inputs import settings
from .subprocesses import running

CACHE = Path(".typedwiki/cache")
"""What Quarto keeps in .quarto/project-cache, themes made of SCSS above all: seconds that each copy would cost."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_WRONG = re.compile(r"(?:WARN|ERROR)\w*:? ")
LINKED = ("notes", "_extensions", "_freeze")
"""Folders in which Quarto writes, or in which it must not find links."""

PartialRender = tuple[Path, list[str]]
"""A folder with a part of the site, and the inputs that its pages were made from."""


class RenderError(StopError):
    """Quarto is missing or failed; the message says what to do."""


def prepare(project: Path, names: Sequence[str], folder: Path) -> None:
    """Make ``folder`` a copy of the project that renders nothing but ``names``."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for entry in sorted(project.iterdir()):
        if entry.name.startswith(".") or entry.name in (SITE, "_quarto.yml", "venv", "node_modules"):
            continue
        if entry.is_dir() and entry.name not in LINKED:
            (folder / entry.name).symlink_to(entry, target_is_directory=True)
        elif entry.is_dir():
            shutil.copytree(entry, folder / entry.name, copy_function=_link)
        else:
            shutil.copy2(entry, folder / entry.name)
    if (project / CACHE).is_dir():
        shutil.copytree(project / CACHE, folder / ".quarto/project-cache")
    (folder / "_quarto.yml").write_text(yaml.safe_dump(_settings(project, names), sort_keys=False), encoding="utf-8")
    if not can_run():
        show_code(folder, names)


def show_code(folder: Path, names: Sequence[str]) -> None:
    """Take the cells out of a copy's notes that would have to be run, for want of Jupyter."""
    for name in names:
        if name.endswith(".qmd"):
            source = (folder / name).read_text(encoding="utf-8", errors="replace")
            shown = as_code(source, NOT_INSTALLED)
            if shown != source and executed(folder, name, source) is None:
                replace_file(folder / name, shown.encode())  # the file is a link: never in place


def keep_cache(folder: Path, project: Path) -> None:
    """Keep for the next copy what Quarto has kept in this one."""
    cache = folder / ".quarto/project-cache"
    if cache.is_dir():
        # Never half a cache under its name: Quarto would believe it.
        fresh, stale = (project / CACHE.with_name(f"{CACHE.name}-{word}") for word in ("fresh", "stale"))
        for folder in (fresh, stale):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(cache, fresh)
        if (project / CACHE).exists():
            (project / CACHE).rename(stale)
        fresh.rename(project / CACHE)
        shutil.rmtree(stale, ignore_errors=True)


def _settings(project: Path, names: Sequence[str]) -> Mapping[str, object]:
    data = settings(project)
    own = {k: v for k, v in (data.get("project") or {}).items() if k not in ("pre-render", "post-render")}
    return data | {"project": own | {"render": list(names), "output-dir": SITE}}


def _link(source: str, target: str) -> None:
    """A second name for a file, where the file system has that; it keeps the time of the last change."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def render_parts(quarto: str, folders: Sequence[Path], quiet: bool = False) -> None:
    """Run Quarto in each folder, all at once. The only one shows its progress unless it is to be ``quiet``:
    then, and of several, only what is wrong is shown, in the end.

    Raises:
        RenderError: a Quarto failed.
    """
    # Quarto's own search for a Python does not find the one that has our requirements.
    # In one time zone, because a listing holds dates as moments.
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable, "TZ": "UTC"}
    logs = {folder: folder.parent / f"{folder.name}.log" for folder in folders if quiet or len(folders) > 1}
    with ExitStack() as stack:
        processes = []
        for folder in folders:
            log = stack.enter_context(logs[folder].open("w")) if folder in logs else None
            # A kernel kept for the next time would not find its folder again.
            command = [quarto, "render", str(folder), "--no-execute-daemon"]
            processes.append(stack.enter_context(running(command, environment, log)))
        statuses = [process.wait() for process in processes]
    for folder, status in zip(folders, statuses, strict=True):
        said = _COLOUR.sub("", logs[folder].read_text(encoding="utf-8", errors="replace")) if folder in logs else ""
        if status:
            raise RenderError("\n".join([f"quarto render failed with status {status}", *said.splitlines()[-30:]]))
        for line in filter(_WRONG.match, said.splitlines()):
            print(line, file=sys.stderr, flush=True)


def split(names: Sequence[str], sizes: Mapping[str, int], count: int) -> list[list[str]]:
    """Share inputs between ``count`` parts of about the same size; the same way every time."""
    parts: list[list[str]] = [[] for _ in range(count)]
    loads = [0] * count
    for name in sorted(names, key=lambda n: (-sizes[n], n)):
        lightest = loads.index(min(loads))
        parts[lightest].append(name)
        loads[lightest] += sizes[name] + 4000  # what a page costs whatever its size
    return [sorted(part) for part in parts if part]
