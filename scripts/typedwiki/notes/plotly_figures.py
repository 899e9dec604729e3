"""plotly.js, for the figures that cells draw: once per site, from the installed package."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from .cells import runnable

PLOTLY = "assets/plotly.min.js"
"""Relative to the notes folder. About 5 MB, which only pages with a figure load."""


def figure_files(notes: Iterable[str]) -> dict[str, bytes]:
    """plotly.js, if one of the notes, given by their text, has a cell that draws with it and it is installed."""
    if any(_draws(note) for note in notes):
        spec = find_spec("plotly")
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            script = Path(folder, "package_data", "plotly.min.js")
            if script.is_file():
                return {PLOTLY: script.read_bytes()}
    return {}


def _draws(note: str) -> bool:
    return "plotly" in note and any("plotly" in cell.code for cell in runnable(note))
