"""The settings under `typedwiki:` in _quarto.yml, and Quarto's own settings that affect the notes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from msgspec import Struct

_FOLDERS: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
    ]
}
_HOST = r"^(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
TYPE_NAME = r"^\w[^/\\:|\[\]#<>{}\"`\n]{0,59}$"
_WHOLE = {"type": "integer", "minimum": 1}

SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "source": {"description": "The folder or folders that hold the wiki. Default: data/wikis, or wiki.", **_FOLDERS},
    "schema": {
        "description": "Page types and edge types of your own, or changes to the built-in ones.",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            part: {"type": "object", "additionalProperties": {"type": "object"}} for part in ("types", "edges")
        },
    },
    "default-type": {
        "description": "The type of pages that neither their front matter nor a folder gives one.",
        "type": ["string", "null"],
        "pattern": TYPE_NAME,
    },
    "names": {
        "description": "More names for types, edges, sections and fields, by the name that these have.",
        "type": ["object", "null"],
        "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    },
    "rules": {
        "description": "The severity of rules of the audit, by their codes.",
        "type": ["object", "null"],
    },
    "overview-limit": {"description": "The longest overview, in characters, for rule C002. Default: 600.", **_WHOLE},
    "stale-months": {"description": "The age of a stale page, in months, for rule C009. Default: 24.", **_WHOLE},
    "fast-from": {"description": "Notes above which the fast engine renders the site. Default: 30.", **_WHOLE},
    "execute": {
        "description": "Folders whose pages may run Python cells while the site is built.",
        "anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": {"type": "string", "minLength": 1}}],
    },
    "dates": {
        "description": "`git`: a page without a date has that of the last commit of its file.",
        "enum": ["git", False, None],
    },
    "remote-images": {
        "description": "Hosts from which pictures are loaded, or true for all.",
        "anyOf": [
            {"type": ["boolean", "null"]},
            {"type": "string", "pattern": _HOST},
            {"type": "array", "items": {"type": "string", "pattern": _HOST}},
        ],
    },
}
WHOLE_NUMBERS = tuple(name for name, entry in SETTINGS.items() if entry.get("type") == "integer")
DATES = tuple(SETTINGS["dates"]["enum"])


EXPLORE = "notes/wiki/explore."
DATA = "notes/assets"
ALL_PAGES = ('"*.qmd"', '"*.md"', '"*.ipynb"')
"""Patterns for all pages. A pattern for a whole folder would include files in it that are to be left out."""
NOTE_EXAMPLES = ("wiki/explore", "wiki/graph", "principle/a", "wiki/paths")
PICTURES = "assets/pictures"
"""Folder of the pictures for sharing, relative to the notes folder. See pages/pictures.py."""
SITE_PICTURE = f"{PICTURES}/site.png"
"""The picture of the home page and of the pages about the whole wiki."""
CARDS = ("open-graph", "twitter-card")
"""Quarto's settings that describe each page for other sites."""


class Website(Struct, frozen=True):
    """The settings of a project's _quarto.yml that matter here."""

    kind: str = "website"
    render: tuple[str, ...] | None = None
    """Patterns of `render:`; None if it is missing."""
    output_dir: str = "_site"
    leads_here: bool = True
    """Whether the site's navigation links to the Explore page."""
    chooses_math: bool = True
    """Whether a setting chooses how formulas are shown. Quarto's default loads a script from another host."""
    filtered: bool = True
    hooked: bool = True
    cards: tuple[str, ...] = ()
    """Which of ``CARDS`` are on."""
    has_image: bool = False
    """Whether the site has a picture of its own for all pages."""


def website(data: Mapping[str, Any]) -> Website:
    """Return the settings of _quarto.yml. Invalid ones count as missing: Quarto reports them."""
    project = _mapping(data.get("project"))
    render = project.get("render")
    patterns = (render,) if isinstance(render, str) else render if isinstance(render, list) else None
    filters = data.get("filters")
    site = _mapping(data.get("website"))
    images = [site.get("image"), *(_mapping(site.get(name)).get("image") for name in CARDS)]
    return Website(
        str(project.get("type") or "default"),
        None if patterns is None else tuple(str(entry) for entry in patterns),
        str(project.get("output-dir") or ("_site" if project.get("type") else "")).rstrip("/"),
        EXPLORE in json.dumps(data.get("website"), default=str),
        "html-math-method" in json.dumps(data, default=str),
        any("typedwiki" in str(entry) for entry in (filters if isinstance(filters, list) else [filters])),
        any(word in json.dumps(project.get("pre-render")) for word in ("prebuild", "typedwiki build")),
        tuple(name for name in CARDS if site.get(name)),
        any(images),
    )


def _change(site: Website, left_out: list[str], page: PurePosixPath) -> str:
    """Return the change to `render:` that leaves files out, such as a ``page``."""
    if site.render is None:
        return f"add to `project:` the line  render: [{', '.join([*ALL_PAGES, *left_out])}]"
    if is_input(page, (*site.render, *(entry.strip('"') for entry in left_out))):  # a listed folder is included whole
        return f"list files, not folders, in `project:`:  render: [{', '.join([*ALL_PAGES, *left_out])}]"
    return f"add to `project: render:` the line  - {'  and  - '.join(left_out)}"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def obstacles(site: Website, project: Path, sources: Iterable[Path]) -> Iterator[str]:
    """Yield the reasons why Quarto must not render the project, each with the change needed in _quarto.yml."""
    if site.kind in ("book", "manuscript", "default"):
        subject = "no type" if site.kind == "default" else f"`type: {site.kind}`"
        yield f"the project has {subject}; notes are pages of a website: set `project: type: website`"
        return
    page_counts = {
        folder.relative_to(project).as_posix(): number
        for folder in sources
        if (number := published_pages(project, folder, site.render))
    }
    left_out = [f'"!/{name}/**"' for name in page_counts]
    if is_input(PurePosixPath(f"{DATA}/a.md"), site.render):
        left_out.append(f'"!/{DATA}/**"')
    if left_out:
        pages = " and ".join(
            f"{number} raw page{'s'[: number > 1]} of `{name}`" for name, number in page_counts.items()
        )
        subject = f"the {pages}" if page_counts else f"the data in `{DATA}`"
        change = _change(site, left_out, PurePosixPath(next(iter(page_counts), DATA), "a.md"))
        yield f"Quarto would publish {subject} as they stand; {change}"
    if not all(is_input(PurePosixPath(f"notes/{name}.qmd"), site.render) for name in NOTE_EXAMPLES):
        yield "Quarto would leave out the notes; add to `project: render:` the line  - /notes/*/*.qmd"


SUFFIXES = (".qmd", ".md", ".ipynb", ".rmd")
"""Suffixes of files that Quarto renders."""
NOT_SEARCHED = frozenset({"node_modules", "venv", "env", "packrat", "renv"})
"""Folders in which Quarto looks for pages only if a list names them."""
_GLOB = re.compile(r"[*?{\[]")
_PARTS = re.compile(r"/\*\*$|\*\*/|\*\*|\*|\?|\{[^{}]*\}|\[[^\[\]]*\]|[^*?{\[/]+|.")


def is_input(path: PurePosixPath, patterns: Sequence[str] | None) -> bool:
    """Return whether Quarto renders a file, given relative to the project. ``patterns`` are those of `render:`, or
    None.
    """
    return _input_test(path.parent, patterns)(path.name)


def _input_test(folder: PurePosixPath, patterns: Sequence[str] | None) -> Callable[[str], bool]:
    """Return a function that returns whether Quarto renders a file of this name in a folder."""
    searched = not NOT_SEARCHED.intersection(folder.parts)
    if _is_hidden(folder) or (patterns is None and not searched):
        return lambda name: False
    if patterns is None:
        return _is_page
    rendered = _any(pattern for pattern in patterns if not pattern.startswith("!"))
    left_out = _any(pattern[1:] for pattern in patterns if pattern.startswith("!"))

    def is_listed(path: str) -> bool:
        return bool(rendered.match(path) and not left_out.match(path))

    # A listed folder is included whole, so patterns that exclude single files have no effect in it.
    if any(is_listed(place.as_posix()) for place in (folder, *folder.parents) if place.name):
        return _is_page
    prefix = f"{folder}/" if folder.name else ""
    return lambda name: searched and _is_page(name) and is_listed(prefix + name)


def _is_hidden(folder: PurePosixPath) -> bool:
    return any(part.startswith(("_", ".")) for part in folder.parts)


def _is_page(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.startswith(("_", ".")) and name.lower() != "readme.md"


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return _compiled(tuple(patterns))


@lru_cache(maxsize=64)
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_expression(entry)})" for entry in patterns) + r"\Z" if patterns else r"(?!)")


def _expression(pattern: str) -> str:
    """Return a pattern as a regular expression for paths. A glob without a leading slash applies in every folder."""
    glob = pattern.removeprefix("./") + ("**/*" if pattern.endswith("/") else "")
    anywhere = bool(_GLOB.search(glob)) and not glob.startswith("/")
    return (r"(?:[^/]+/)*" if anywhere else "") + "".join(map(_part, _PARTS.findall(glob.lstrip("/")))) + r"\Z"


def _part(part: str) -> str:
    if part[0] == "{" and part[-1] == "}":
        return "(?:" + "|".join(map(re.escape, part[1:-1].split(","))) + ")"
    if part[0] == "[" and part[-1] == "]" and len(part) > 2:
        return part.replace("\\", "\\\\")
    expressions = {"/**": r"(?:/.*)?", "**/": r"(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return expressions.get(part, re.escape(part))


def published_pages(project: Path, folder: Path, patterns: Sequence[str] | None) -> int:
    """Return the number of files below a folder that Quarto would render; 0 if the folder is outside the project."""
    number = 0
    for path, names, files in os.walk(folder) if folder.is_relative_to(project) else ():
        relative_path = PurePosixPath(os.path.relpath(path, project).replace(os.sep, "/"))
        if _is_hidden(relative_path):
            names.clear()
        number += sum(map(_input_test(relative_path, patterns), files))
    return number
