"""A render shared between machines that have no disk in common: each makes one shard, one merges them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..atomic import replace_file
from . import SITE
from .partial_render import RenderError, prepare, render_parts, split
from .render import Rendered, assemble, keep_frozen, load_state, plan, scratch_folder, sizes, state_of

PLAN = "shard.json"


def render_shard(project: Path, quarto: str, number: int, count: int, folder: Path) -> int:
    """Render shard ``number`` of ``count`` (from 1) into ``folder``; how many pages it has.

    Every machine that starts from the same tree and the same earlier site plans the same shards.

    Raises:
        RenderError: Quarto failed, or ``folder`` holds something that is no shard.
    """
    old = load_state(project)
    new, dirty = plan(project, quarto, old)
    groups = split(dirty, sizes(project, dirty), count)
    group = groups[number - 1] if number <= len(groups) else []
    if folder.exists():
        if any(folder.iterdir()) and not (folder / PLAN).is_file():
            raise RenderError(f"{folder}: not empty and not a shard; it stays as it is")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    if group:
        work = scratch_folder(project) / f"shard-{number}"
        prepare(project, group, work)
        render_parts(quarto, [work])
        shutil.move(work / SITE, folder / SITE)
        frozen = work / "_freeze"
        if frozen.is_dir():
            shutil.move(frozen, folder / "_freeze")
        shutil.rmtree(work)
    said = {"number": number, "count": count, "old": asdict(old), "new": asdict(new), "dirty": dirty, "own": group}
    replace_file(folder / PLAN, json.dumps(said, ensure_ascii=False).encode())
    return len(group)


def merge_shards(project: Path, folders: Sequence[Path]) -> Rendered:
    """Put all shards of one render into the site.

    Raises:
        RenderError: a shard is missing, or they do not belong together or to this site.
    """
    plans = [_plan(folder) for folder in folders]
    first = plans[0]
    count = first["count"]
    for name in ("count", "old", "new", "dirty"):
        for folder, other in zip(folders, plans, strict=True):
            if other[name] != first[name]:
                raise RenderError(f"{folder}: not of the same render as {folders[0]}")
    missing = sorted(set(range(1, count + 1)) - {shard["number"] for shard in plans})
    if missing or len(plans) != count:
        raise RenderError(f"{len(plans)} of {count} shards given; missing: {', '.join(map(str, missing)) or 'none'}")
    old = load_state(project)
    if asdict(old) != asdict(state_of(first["old"])):
        raise RenderError("these shards were made for another earlier site than the one that is here")
    new = state_of(first["new"])
    parts = [(folder / SITE, shard["own"]) for folder, shard in zip(folders, plans, strict=True) if shard["own"]]
    if not parts:
        return Rendered(0, 0)
    for folder in folders:
        keep_frozen(folder, project)
    gone = assemble(project, old, new, parts)
    return Rendered(len(first["dirty"]), sum(name.endswith(".html") for name in gone))


def _plan(folder: Path) -> dict[str, Any]:
    try:
        data = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise RenderError(f"{folder}: not a shard") from None
    return dict(data)
