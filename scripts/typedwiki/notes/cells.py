"""Handle cells of notes, and the drawing scripts: plotly.js for figures, Mermaid for diagrams."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from ..regex import regex

NOT_INSTALLED = """\
::: {.callout-note}
## These cells were not run: Jupyter is not installed
`pip install -r requirements.txt` brings it; the next render then shows what they print and draw.
:::"""
NOT_IN_THE_DRAFT = "::: {.tw-not-run}\nThe code of this note was not run in the draft.\n:::"
"""Replaces the output of cells, in Quarto's site and in the draft."""
DIAGRAMS = frozenset({"mermaid", "dot", "ojs"})
"""Cells that are drawn, not run."""
_FENCE = regex(r"\s*(`{3,}|~{3,})(.*)")
_OPENING = regex(r"^[ \t]*(?:`{3,}|~{3,})\s*\{\w", re.MULTILINE)
_LANGUAGE = regex(r"\s*\{(\w+)[^}]*\}\s*")


class Cell(Struct, frozen=True):
    """A fenced block such as ```` ```{python} ````, without its fences."""

    language: str
    options: Mapping[str, Any]
    """The options in its ``#|`` lines."""
    code: str


def parts(text: str) -> Iterator[str | Cell]:
    """Yield the cells of a note, and the text between them: a line, or another fenced block."""
    lines = iter(text.split("\n"))
    for line in lines:
        fence = _FENCE.match(line)
        if not fence:
            yield line
            continue
        inside: list[str] = []
        end: list[str] = []
        for other in lines:
            if other.strip().startswith(fence[1]) and not other.strip().strip(fence[1][0]):
                end = [other]
                break
            inside.append(other)
        language = _LANGUAGE.fullmatch(fence[2])
        yield _cell(language[1], inside) if language else "\n".join([line, *inside, *end])


def _cell(language: str, lines: list[str]) -> Cell:
    marked = next((i for i, line in enumerate(lines) if not line.startswith("#|")), len(lines))
    try:
        options = yaml.safe_load("\n".join(line[2:] for line in lines[:marked]))
    except yaml.YAMLError:
        options = None  # Quarto reports the error
    code = "\n".join(lines[marked:]).strip("\n")
    return Cell(language, options if isinstance(options, dict) else {}, code)


def runnable(text: str) -> list[Cell]:
    """Return the cells of a note that Jupyter would run."""
    if not _OPENING.search(text):
        return []
    return [part for part in parts(text) if isinstance(part, Cell) and part.language not in DIAGRAMS]


def can_run() -> bool:
    """Return whether this Python has the packages that Quarto needs to run cells."""
    return all(find_spec(name) for name in ("nbclient", "ipykernel"))


def as_code(text: str, remark: str) -> str:
    """Return a note with its cells as plain code blocks, and a remark before the first. Without cells, it is
    unchanged."""
    if not runnable(text):
        return text
    shown, remarked = [], False
    for part in parts(text):
        if isinstance(part, str):
            shown.append(part)
            continue
        if not remarked and part.language not in DIAGRAMS:
            shown += [remark, ""]
            remarked = True
        shown.append(_block(part))
    return "\n".join(shown)


def _block(cell: Cell) -> str:
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", cell.code)), default=0))
    if cell.language in DIAGRAMS:
        return f"{fence}{{{cell.language}}}\n{cell.code}\n{fence}"
    if cell.options.get("include") is False or not cell.code:
        return ""
    block = f"{fence}{{.{cell.language}}}\n{cell.code}\n{fence}"
    label = str(cell.options.get("label", ""))
    if label.startswith("fig-"):  # so that references to the figure still resolve
        caption = str(cell.options.get("fig-cap", "")).replace("\n", " ")
        block = f"::: {{#{label}}}\n{block}\n\n{caption}\n:::"
    return block


PLOTLY = "assets/plotly.min.js"
"""Relative to the notes folder. About 5 MB, loaded only by pages with a figure."""


def figure_files(notes: Iterable[str]) -> dict[str, bytes]:
    """Return plotly.js if one of the notes, given as texts, has a cell that uses it and it is installed."""
    if any("plotly" in note and any("plotly" in cell.code for cell in runnable(note)) for note in notes):
        spec = find_spec("plotly")
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            script = Path(folder, "package_data", "plotly.min.js")
            if script.is_file():
                return {PLOTLY: script.read_bytes()}
    return {}


_BELOW = "formats/html/mermaid/mermaid.min.js"


@lru_cache(maxsize=1)
def mermaid_script() -> Path | None:
    """Return the path of Quarto's Mermaid script; None without Quarto, in which case diagrams are shown as text."""
    shared = os.environ.get("QUARTO_SHARE_PATH", "")  # Quarto sets it for its hooks
    if not shared and (quarto := os.environ.get("QUARTO_PATH") or shutil.which("quarto")):
        try:
            done = subprocess.run([quarto, "--paths"], capture_output=True, encoding="utf-8", check=False, timeout=60)
        except (OSError, subprocess.TimeoutExpired):
            return None
        shared = [*done.stdout.splitlines(), "", ""][1].strip()
    script = Path(shared, _BELOW) if shared else None
    return script if script and script.is_file() else None
