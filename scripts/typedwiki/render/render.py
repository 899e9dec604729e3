"""Quarto: found, and run for those notes alone whose page would change."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ..atomic import replace_file
from . import SITE
from .freeze import is_executed
from .merge import INDEXES, SITEMAP, libraries, merge_indexes, merge_sitemap, prune, still_needed, take
from .partial_render import PartialRender, RenderError, keep_cache, prepare, render_parts, split
from .project_inputs import hashes, inputs, output_of, settings, shared_hash

WORK = Path(".typedwiki/render")
STATE = Path(".typedwiki/site.json")
FEW = 10
"""Pages that are rendered before somebody wants to see progress."""


@dataclass
class State:
    """What the site was made from: if it still is, nothing needs to be rendered."""

    shared: str = ""
    """Hash of what decides every page."""
    resources: str = ""
    """Hash of the files that are copied to the site as they are."""
    notes: dict[str, tuple[str, str, list[str]]] = field(default_factory=dict)
    """Of each input its hash, the stamp of its page, and the libraries that the page uses."""
    files: list[str] = field(default_factory=list)
    """Every file of the site that a render has brought."""
    redirects: dict[str, str] = field(default_factory=dict)
    """The page that each redirect leads to."""


Engine = Callable[[Sequence[str], Callable[[Sequence[str]], list[PartialRender]]], list[PartialRender]]
"""Makes the pages of some inputs; what it is given beside them has Quarto render inputs."""


@dataclass(frozen=True)
class Rendered:
    """What one render did: numbers of pages."""

    rendered: int
    deleted: int


def find_quarto() -> str | None:
    """QUARTO_PATH, the Quarto beside this Python, or the one on PATH."""
    named = os.environ.get("QUARTO_PATH")
    if named:
        return shutil.which(named) or shutil.which("quarto", path=named)
    return shutil.which("quarto", path=str(Path(sys.executable).parent)) or shutil.which("quarto")


def render(
    project: Path,
    quarto: str,
    shards: int = 1,
    force: bool = False,
    quiet: bool = False,
    without: Sequence[str] = (),
    engine: Engine | None = None,
) -> Rendered:
    """Bring the site up to date, with ``shards`` Quarto processes at once. ``quiet`` ones, with a ``FEW`` pages,
    say only what is wrong. Inputs to do ``without`` keep the page that they have, and stay to be rendered.
    An ``engine`` makes the pages of what has changed and leaves to Quarto what it must.

    Interrupted at any point, the next run finds the pages that do not have the stamp they had, and
    renders those again.

    Raises:
        RenderError: Quarto failed. It has said why.
    """
    old = State() if force else load_state(project)
    new, dirty = plan(project, quarto, old)
    for name in set(without).intersection(dirty):
        dirty.remove(name)
        del new.notes[name]
        if name in old.notes:
            new.notes[name] = ("", *old.notes[name][1:])
    if not dirty and old.notes.keys() == new.notes.keys():
        return Rendered(0, 0)
    shutil.rmtree(project / WORK, ignore_errors=True)  # of a run that was interrupted

    def by_quarto(names: Sequence[str]) -> list[PartialRender]:
        return _parts(project, quarto, names, shards, quiet and len(names) <= FEW)

    parts = engine(dirty, by_quarto) if engine else by_quarto(dirty)
    gone = assemble(project, old, new, parts)
    shutil.rmtree(project / WORK, ignore_errors=True)
    return Rendered(len(dirty), sum(name.endswith(".html") for name in gone))


def plan(project: Path, quarto: str, old: State) -> tuple[State, list[str]]:
    """What the site should be made from, and the inputs that must be rendered for that."""
    names = inputs(project)
    new = State(shared_hash(project, quarto), _resources(project))
    for name, digest in hashes(project, names).items():
        new.notes[name] = (digest, "", [])
    if old.shared != new.shared or not (project / SITE).is_dir():
        return new, names
    dirty = []
    for name in names:
        known = old.notes.get(name)
        if known and known[0] == new.notes[name][0] and known[1] == _stamp(project / SITE / output_of(name)):
            new.notes[name] = known
        else:
            dirty.append(name)
    if not dirty and (old.resources != new.resources or old.notes.keys() != new.notes.keys()) and names:
        dirty = ["index.qmd" if "index.qmd" in names else names[0]]  # Quarto brings the resources with it
    return new, dirty


def _parts(project: Path, quarto: str, names: Sequence[str], shards: int, quiet: bool) -> list[PartialRender]:
    groups = split(names, sizes(project, names), max(1, shards))
    before = len(list(scratch_folder(project).glob("part-*"))) if scratch_folder(project).is_dir() else 0
    folders = [scratch_folder(project) / f"part-{before + i}" for i in range(1, len(groups) + 1)]
    for folder, group in zip(folders, groups, strict=True):
        prepare(project, group, folder)
    render_parts(quarto, folders, quiet)
    for folder in folders:
        keep_frozen(folder, project)
    keep_cache(folders[0], project)
    return [(folder / SITE, group) for folder, group in zip(folders, groups, strict=True)]


def scratch_folder(project: Path) -> Path:
    """The folder for this process's parts. Of its own: if we are killed, our Quarto may live on for a while."""
    return project / WORK / str(os.getpid())


def sizes(project: Path, names: Iterable[str]) -> dict[str, int]:
    """Bytes of each input."""
    return {name: (project / name).stat().st_size for name in names}


def assemble(project: Path, old: State, new: State, parts: Sequence[PartialRender]) -> list[str]:
    """Merge parts into the site and record it; the files that were deleted, relative to the site."""
    site = project / SITE
    fresh = {output_of(name) for _, group in parts for name in group}
    missing = sorted(output_of(n) for f, group in parts for n in group if not (f / output_of(n)).is_file())
    if missing:
        raise RenderError(f"Quarto made no page for {', '.join(missing[:5])}")
    site.mkdir(exist_ok=True)
    # Before they are there: else nobody would know whose they are if this is interrupted.
    coming = {path.relative_to(f).as_posix() for f, _ in parts for path in f.rglob("*") if path.is_file()}
    _save_state(project, replace(old, files=sorted({*old.files, *coming - {*INDEXES, SITEMAP}})))
    brought: set[str] = set()
    every = {output_of(name) for name in new.notes}
    redirects = {name: page for name, page in old.redirects.items() if page not in fresh}
    for folder, group in parts:
        files, found = take(folder, site, {output_of(name) for name in group}, every)
        brought.update(files)
        redirects.update(found)
    done = {name for _, group in parts for name in group}
    executed = hashes(project, sorted(name for name in done if is_executed(project, name)))  # with what cells gave
    for name in done:
        page = site / output_of(name)
        new.notes[name] = (executed.get(name, new.notes[name][0]), _stamp(page), libraries(page))
    pages = {output_of(name): note[2] for name, note in new.notes.items()}
    new.redirects = {name: page for name, page in sorted(redirects.items()) if page in pages}
    folders = [folder for folder, _ in parts]
    merge_indexes(site, folders, list(pages), fresh)
    merge_sitemap(site, folders, _address(project), list(pages), fresh)
    keep = still_needed(old.files, brought, pages, fresh) | new.redirects.keys()
    new.files = sorted(keep)
    gone = prune(site, old.files, keep)
    _save_state(project, new)
    return gone


def keep_frozen(folder: Path, project: Path) -> None:
    """Results of cells that the copy has executed belong to the project."""
    for path in (folder / "_freeze").rglob("*"):
        target = project / path.relative_to(folder)
        if path.is_file() and not (target.is_file() and target.read_bytes() == path.read_bytes()):
            replace_file(target, path.read_bytes())


def _resources(project: Path) -> str:
    patterns = (settings(project).get("project") or {}).get("resources") or []
    digest = hashlib.sha256()
    for path in sorted({p for pattern in patterns for p in project.glob(str(pattern).lstrip("/")) if p.is_file()}):
        digest.update(path.relative_to(project).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _address(project: Path) -> str:
    return str((settings(project).get("website") or {}).get("site-url") or "")


def _stamp(page: Path) -> str:
    try:
        stat = page.stat()
    except FileNotFoundError:
        return ""
    return f"{stat.st_size}-{stat.st_mtime_ns}"


def load_state(project: Path) -> State:
    """What the last render recorded; nothing, if there was none or its record cannot be read."""
    try:
        return state_of(json.loads((project / STATE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, IndexError):
        return State()


def state_of(data: Mapping[str, Any]) -> State:
    """A state as JSON holds it."""
    notes = {name: (note[0], note[1], list(note[2])) for name, note in data["notes"].items()}
    return State(data["shared"], data["resources"], notes, list(data["files"]), dict(data["redirects"]))


def _save_state(project: Path, state: State) -> None:
    replace_file(project / STATE, json.dumps(asdict(state), ensure_ascii=False, indent=0).encode())
