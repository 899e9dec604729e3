"""What a Quarto project must say for the notes to be part of its site, and what is missing: lines to add."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

EXPLORE = "notes/wiki/explore."
DATA = "notes/assets"
EVERY = ('"*.qmd"', '"*.md"', '"*.ipynb"')
"""Patterns for all pages; one for whole folders would take what is in them whatever is to be left out."""
OURS = ("wiki/explore", "wiki/graph", "principle/a", "wiki/paths")


@dataclass(frozen=True, slots=True)
class Website:
    """What matters here of a project's _quarto.yml."""

    kind: str = "website"
    render: tuple[str, ...] | None = None
    """The patterns of `render:`; None without that."""
    output_dir: str = "_site"
    leads_here: bool = True
    """Whether the navigation of the site leads to the Explore page."""
    styled: bool = True
    """Whether a setting names our style sheet of the types."""
    chooses_math: bool = True
    """Whether a setting says how formulas are shown; Quarto's own way asks another host."""
    filtered: bool = True
    hooked: bool = True


def website(data: Mapping[str, Any]) -> Website:
    """The settings of _quarto.yml, wrong ones as Quarto's own check finds them: as if they were not there."""
    project = _mapping(data.get("project"))
    render = project.get("render")
    patterns = (render,) if isinstance(render, str) else render if isinstance(render, list) else None
    filters = data.get("filters")
    return Website(
        str(project.get("type") or "default"),
        None if patterns is None else tuple(str(one) for one in patterns),
        str(project.get("output-dir") or ("_site" if project.get("type") else "")).rstrip("/"),
        EXPLORE in json.dumps(data.get("website"), default=str),
        "types.css" in json.dumps(data.get("format"), default=str),
        "html-math-method" in json.dumps(data, default=str),
        any("typedwiki" in str(one) for one in (filters if isinstance(filters, list) else [filters])),
        any(word in json.dumps(project.get("pre-render")) for word in ("prebuild", "typedwiki build")),
    )


def _change(site: Website, left_out: list[str], page: PurePosixPath) -> str:
    """What to change in `render:` to leave files out, such as a ``page``."""
    from .render.render_list import is_input

    if site.render is None:
        return f"add to `project:` the line  render: [{', '.join([*EVERY, *left_out])}]"
    if is_input(page, (*site.render, *(one.strip('"') for one in left_out))):  # a folder that is listed is taken whole
        return f"list files, not folders, in `project:`:  render: [{', '.join([*EVERY, *left_out])}]"
    return f"add to `project: render:` the line  - {'  and  - '.join(left_out)}"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def obstacles(site: Website, project: Path, sources: Iterable[Path]) -> Iterator[str]:
    """Why Quarto must not render the project as it is, each with what to change in _quarto.yml."""
    from .render.render_list import is_input, published_pages

    if site.kind in ("book", "manuscript", "default"):
        what = "no type" if site.kind == "default" else f"`type: {site.kind}`"
        yield f"the project has {what}; notes are pages of a website: set `project: type: website`"
        return
    raw = {folder: len(published_pages(project, folder, site.render)) for folder in sources}
    shown = {folder.relative_to(project).as_posix(): number for folder, number in raw.items() if number}
    left_out = [f'"!/{name}/**"' for name in shown]
    if is_input(PurePosixPath(f"{DATA}/a.md"), site.render):
        left_out.append(f'"!/{DATA}/**"')
    if left_out:
        pages = " and ".join(f"{number} raw page{'s'[: number > 1]} of `{name}`" for name, number in shown.items())
        what = f"the {pages}" if shown else f"the data in `{DATA}`"
        change = _change(site, left_out, PurePosixPath(next(iter(shown), DATA), "a.md"))
        yield f"Quarto would publish {what} as they stand; {change}"
    if not all(is_input(PurePosixPath(f"notes/{name}.qmd"), site.render) for name in OURS):
        yield "Quarto would leave out the notes; add to `project: render:` the line  - /notes/*/*.qmd"
