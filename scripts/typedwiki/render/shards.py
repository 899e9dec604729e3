"""Share a render between machines without a common disk: each renders one shard, and one merges them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..atomic import replace_file
from . import SITE
from .partial_render import RenderError, copy_project, render_parts, split_evenly
from .render import RenderResult, assemble, input_sizes, load_state, plan_render, save_freeze, scratch_folder, state_of

PLAN = "shard.json"


def render_shard(project: Path, quarto: str, number: int, count: int, folder: Path) -> int:
    """Render shard ``number`` (from 1) of ``count`` into ``folder``. Return its number of pages.

    All machines that start from the same tree and the same earlier site plan the same shards.

    Raises:
        RenderError: Quarto failed, or ``folder`` holds something that is not a shard.
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
    plan_data = {
        "number": number,
        "count": count,
        "old": asdict(old_state),
        "new": asdict(new_state),
        "dirty": dirty,
        "own": group,
    }
    replace_file(folder / PLAN, json.dumps(plan_data, ensure_ascii=False).encode())
    return len(group)


def merge_shards(project: Path, folders: Sequence[Path]) -> RenderResult:
    """Merge all shards of one render into the site.

    Raises:
        RenderError: a shard is missing, or they do not belong together or to this site.
    """
    plans = [_read_plan(folder) for folder in folders]
    first_plan = plans[0]
    count = first_plan["count"]
    for name in ("count", "old", "new", "dirty"):
        for folder, shard_plan in zip(folders, plans, strict=True):
            if shard_plan[name] != first_plan[name]:
                raise RenderError(f"{folder}: not of the same render as {folders[0]}")
    missing = sorted(set(range(1, count + 1)) - {shard["number"] for shard in plans})
    if missing or len(plans) != count:
        raise RenderError(f"{len(plans)} of {count} shards given; missing: {', '.join(map(str, missing)) or 'none'}")
    old_state = load_state(project)
    if asdict(old_state) != asdict(state_of(first_plan["old"])):
        raise RenderError("these shards were made for another earlier site than the one that is here")
    new_state = state_of(first_plan["new"])
    parts = [(folder / SITE, shard["own"]) for folder, shard in zip(folders, plans, strict=True) if shard["own"]]
    if not parts:
        return RenderResult(0, 0)
    for folder in folders:
        save_freeze(folder, project)
    deleted = assemble(project, old_state, new_state, parts)
    return RenderResult(len(first_plan["dirty"]), sum(name.endswith(".html") for name in deleted))


def _read_plan(folder: Path) -> dict[str, Any]:
    try:
        data = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise RenderError(f"{folder}: not a shard") from None
    return dict(data)
