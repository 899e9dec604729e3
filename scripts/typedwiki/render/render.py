"""Find Quarto, and run it only for notes whose page would change."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from ..atomic import replace_file, replace_if_changed
from . import SITE
from .merge import (
    INDEXES,
    SITEMAP,
    delete_obsolete,
    files_to_keep,
    merge_indexes,
    merge_sitemap,
    move_part,
    used_libraries,
)
from .quarto import (
    PartialRender,
    RenderError,
    copy_project,
    input_hashes,
    inputs,
    is_executed,
    keep_cache,
    output_of,
    quarto_settings,
    render_parts,
    shared_hash,
    site_url,
    split_evenly,
)

WORK = Path(".typedwiki/render")
STATE = Path(".typedwiki/site.json")
FEW = 10
"""Rendering this many pages or fewer needs no progress."""


class State(Struct):
    """The inputs and files of a rendered site. Inputs that have not changed since are not rendered again."""

    shared: str = ""
    """Hash of everything that affects every page."""
    resources: str = ""
    """Hash of the files that are copied to the site unchanged."""
    notes: dict[str, tuple[str, str, list[str]]] = field(default_factory=dict)
    """For each input: its hash, the size and time of its page, and the libraries that the page uses."""
    files: list[str] = field(default_factory=list)
    """All files of the site that renders have written."""
    redirects: dict[str, str] = field(default_factory=dict)
    """The target of each redirect."""


Engine = Callable[[Sequence[str], Callable[[Sequence[str]], list[PartialRender]]], list[PartialRender]]
"""Renders inputs. The second argument is a function that renders inputs with Quarto."""


class RenderResult(Struct, frozen=True):
    """The numbers of pages that a render has made and deleted."""

    rendered: int
    deleted: int


def find_quarto() -> str | None:
    """Return the path of Quarto: from QUARTO_PATH, beside this Python, or on PATH; None if there is none."""
    if path := os.environ.get("QUARTO_PATH"):
        return shutil.which(path) or shutil.which("quarto", path=path)
    return shutil.which("quarto", path=str(Path(sys.executable).parent)) or shutil.which("quarto")


def render(
    project: Path,
    quarto: str,
    shards: int = 1,
    force: bool = False,
    quiet: bool = False,
    skipped: Sequence[str] = (),
    engine: Engine | None = None,
) -> RenderResult:
    """Bring the site up to date, with ``shards`` Quarto processes at once.

    ``force`` renders all pages. ``quiet`` hides the progress of up to ``FEW`` pages. ``skipped`` inputs keep their
    current page and are rendered next time. An ``engine`` renders the changed inputs, with Quarto's help.

    After an interruption at any point, the next run finds the pages that differ from the recorded state and
    renders those.

    Raises:
        RenderError: Quarto failed. It has printed why.
    """
    old_state = State() if force else load_state(project)
    new_state, dirty = plan_render(project, quarto, old_state)
    for name in set(skipped).intersection(dirty):
        dirty.remove(name)
        del new_state.notes[name]
        if name in old_state.notes:
            new_state.notes[name] = ("", *old_state.notes[name][1:])
    if not dirty and old_state.notes.keys() == new_state.notes.keys():
        return RenderResult(0, 0)
    shutil.rmtree(project / WORK, ignore_errors=True)  # of a run that was interrupted

    def render_with_quarto(names: Sequence[str]) -> list[PartialRender]:
        return _render_with_quarto(project, quarto, names, shards, quiet and len(names) <= FEW)

    parts = engine(dirty, render_with_quarto) if engine else render_with_quarto(dirty)
    deleted = assemble(project, old_state, new_state, parts)
    shutil.rmtree(project / WORK, ignore_errors=True)
    return RenderResult(len(dirty), sum(name.endswith(".html") for name in deleted))


def plan_render(project: Path, quarto: str, old_state: State) -> tuple[State, list[str]]:
    """Return the new state of the site, and the inputs that must be rendered for it."""
    names = inputs(project)
    new_state = State(shared_hash(project, quarto), _resources(project))
    for name, digest in input_hashes(project, names).items():
        new_state.notes[name] = (digest, "", [])
    if old_state.shared != new_state.shared or not (project / SITE).is_dir():
        return new_state, names
    dirty = []
    for name in names:
        recorded = old_state.notes.get(name)
        if (
            recorded
            and recorded[0] == new_state.notes[name][0]
            and recorded[1] == _file_stamp(project / SITE / output_of(name))
        ):
            new_state.notes[name] = recorded
        else:
            dirty.append(name)
    if (
        not dirty
        and (old_state.resources != new_state.resources or old_state.notes.keys() != new_state.notes.keys())
        and names
    ):
        dirty = ["index.qmd" if "index.qmd" in names else names[0]]  # any render copies the resources
    return new_state, dirty


def _render_with_quarto(
    project: Path, quarto: str, names: Sequence[str], shards: int, quiet: bool
) -> list[PartialRender]:
    groups = split_evenly(names, input_sizes(project, names), max(1, shards))
    existing = len(list(scratch_folder(project).glob("part-*"))) if scratch_folder(project).is_dir() else 0
    folders = [scratch_folder(project) / f"part-{existing + i}" for i in range(1, len(groups) + 1)]
    for folder, group in zip(folders, groups, strict=True):
        copy_project(project, group, folder)
    render_parts(quarto, folders, quiet)
    for folder in folders:
        save_freeze(folder, project)
    keep_cache(folders[0], project)
    return [(folder / SITE, group) for folder, group in zip(folders, groups, strict=True)]


def scratch_folder(project: Path) -> Path:
    """Return the folder for this process's parts. If it is killed, its Quarto may go on writing there for a while."""
    return project / WORK / str(os.getpid())


def input_sizes(project: Path, names: Iterable[str]) -> dict[str, int]:
    """Return the size of each input in bytes."""
    return {name: (project / name).stat().st_size for name in names}


def assemble(project: Path, old_state: State, new_state: State, parts: Sequence[PartialRender]) -> list[str]:
    """Merge parts into the site and save its state. Return the deleted files, relative to the site."""
    site = project / SITE
    fresh = {output_of(name) for _, group in parts for name in group}
    missing = sorted(output_of(n) for f, group in parts for n in group if not (f / output_of(n)).is_file())
    if missing:
        raise RenderError(f"Quarto made no page for {', '.join(missing[:5])}")
    site.mkdir(exist_ok=True)
    # Record the files before they are moved: after an interruption we must know that they are ours.
    expected = {path.relative_to(f).as_posix() for f, _ in parts for path in f.rglob("*") if path.is_file()}
    _save_state(project, replace(old_state, files=sorted({*old_state.files, *expected - {*INDEXES, SITEMAP}})))
    moved_files: set[str] = set()
    all_pages = {output_of(name) for name in new_state.notes}
    redirects = {name: page for name, page in old_state.redirects.items() if page not in fresh}
    for folder, group in parts:
        files, part_redirects = move_part(folder, site, {output_of(name) for name in group}, all_pages)
        moved_files.update(files)
        redirects.update(part_redirects)
    rendered = {name for _, group in parts for name in group}
    # Hashed again, now with the results of cells.
    executed = input_hashes(project, sorted(name for name in rendered if is_executed(project, name)))
    for name in rendered:
        page = site / output_of(name)
        new_state.notes[name] = (executed.get(name, new_state.notes[name][0]), _file_stamp(page), used_libraries(page))
    pages = {output_of(name): note[2] for name, note in new_state.notes.items()}
    new_state.redirects = {name: page for name, page in sorted(redirects.items()) if page in pages}
    folders = [folder for folder, _ in parts]
    merge_indexes(site, folders, list(pages), fresh)
    merge_sitemap(site, folders, site_url(project), list(pages), fresh)
    site_files = files_to_keep(old_state.files, moved_files, pages, fresh) | new_state.redirects.keys()
    new_state.files = sorted(site_files)
    deleted = delete_obsolete(site, old_state.files, site_files)
    _save_state(project, new_state)
    return deleted


def save_freeze(folder: Path, project: Path) -> None:
    """Copy the results of cells that a copy of the project has executed to the project."""
    for path in (folder / "_freeze").rglob("*"):
        target = project / path.relative_to(folder)
        if path.is_file():
            replace_if_changed(target, path.read_bytes())


def _resources(project: Path) -> str:
    patterns = (quarto_settings(project).get("project") or {}).get("resources") or []
    digest = hashlib.sha256()
    for path in sorted({p for pattern in patterns for p in project.glob(str(pattern).lstrip("/")) if p.is_file()}):
        digest.update(path.relative_to(project).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _file_stamp(page: Path) -> str:
    try:
        stat = page.stat()
    except FileNotFoundError:
        return ""
    return f"{stat.st_size}-{stat.st_mtime_ns}"


def load_state(project: Path) -> State:
    """Load the state of the last render. It is empty if there is none, or if it cannot be read."""
    try:
        return msgspec.json.decode((project / STATE).read_bytes(), type=State)
    except (OSError, msgspec.DecodeError):
        return State()


def _save_state(project: Path, state: State) -> None:
    replace_file(project / STATE, msgspec.json.encode(state))


PLAN = "shard.json"


class ShardPlan(Struct, frozen=True):
    """The content of a shard, and the render that it is a part of."""

    number: int
    count: int
    old: State
    new: State
    dirty: list[str]
    own: list[str]
    """The inputs of this shard."""


def render_shard(project: Path, quarto: str, number: int, count: int, folder: Path) -> int:
    """Render shard ``number`` (from 1) of ``count`` into ``folder``. Return its number of pages.

    All machines that start from the same tree and the same earlier site plan the same shards.

    Raises:
        RenderError: Quarto failed, or ``folder`` contains something other than a shard.
    """
    old_state = load_state(project)
    new_state, dirty = plan_render(project, quarto, old_state)
    groups = split_evenly(dirty, input_sizes(project, dirty), count)
    group = groups[number - 1] if number <= len(groups) else []
    if folder.exists():
        if any(folder.iterdir()) and not (folder / PLAN).is_file():
            raise RenderError(f"{folder}: not empty and not a shard; it stays as it is")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    if group:
        work = scratch_folder(project) / f"shard-{number}"
        copy_project(project, group, work)
        render_parts(quarto, [work])
        shutil.move(work / SITE, folder / SITE)
        frozen = work / "_freeze"
        if frozen.is_dir():
            shutil.move(frozen, folder / "_freeze")
        shutil.rmtree(work)
    replace_file(folder / PLAN, msgspec.json.encode(ShardPlan(number, count, old_state, new_state, dirty, group)))
    return len(group)


def merge_shards(project: Path, folders: Sequence[Path]) -> RenderResult:
    """Merge all shards of one render into the site.

    Raises:
        RenderError: a shard is missing, or they do not belong together or to this site.
    """
    plans = [_read_plan(folder) for folder in folders]
    first = plans[0]
    for folder, plan in zip(folders, plans, strict=True):
        if replace(plan, number=first.number, own=first.own) != first:
            raise RenderError(f"{folder}: not of the same render as {folders[0]}")
    missing = sorted(set(range(1, first.count + 1)) - {plan.number for plan in plans})
    if missing or len(plans) != first.count:
        raise RenderError(
            f"{len(plans)} of {first.count} shards given; missing: {', '.join(map(str, missing)) or 'none'}"
        )
    old_state = load_state(project)
    if old_state != first.old:
        raise RenderError("these shards were made for another earlier site than the one that is here")
    parts = [(folder / SITE, plan.own) for folder, plan in zip(folders, plans, strict=True) if plan.own]
    if not parts:
        return RenderResult(0, 0)
    for folder in folders:
        save_freeze(folder, project)
    deleted = assemble(project, old_state, first.new, parts)
    return RenderResult(len(first.dirty), sum(name.endswith(".html") for name in deleted))


def _read_plan(folder: Path) -> ShardPlan:
    try:
        return msgspec.json.decode((folder / PLAN).read_bytes(), type=ShardPlan)
    except (OSError, msgspec.DecodeError):
        raise RenderError(f"{folder}: not a shard") from None
