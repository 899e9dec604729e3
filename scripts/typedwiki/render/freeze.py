"""Read the results of executed notes that Quarto keeps in ``_freeze``, so the draft can show them."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from ..notes.cells import NOT_IN_THE_DRAFT, as_code

SOURCE = "tw-source"
"""The format of the raw block that passes a note's source to the filter for figures. No writer prints it."""


def frozen_result(project: Path, name: str, source: str) -> str | None:
    """Return a note's Markdown with the results of its cells; None if they have not run since its last edit.

    ``name`` is relative to the project, with its suffix. Quarto stores an MD5 of the source with LF line ends,
    which ``source`` must have.
    """
    try:
        result = json.loads(_folder(project, name).joinpath("execute-results/html.json").read_bytes())
        if result["hash"] == hashlib.md5(source.encode(), usedforsecurity=False).hexdigest():
            return str(result["result"]["markdown"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def is_executed(project: Path, name: str) -> bool:
    """Whether there are results for the current text of a note."""
    if not _folder(project, name).is_dir():
        return False
    return frozen_result(project, name, (project / name).read_text(encoding="utf-8", errors="replace")) is not None


def draft_note(project: Path, name: str, source: str) -> tuple[str, dict[str, bytes]]:
    """Return a hand-written note as pandoc can read it, and its images by path relative to the site."""
    result = frozen_result(project, name, source)
    if result is None:
        return as_code(source, NOT_IN_THE_DRAFT), {}
    fence = "`" * (3 + max(map(len, re.findall("`+", source)), default=0))
    images = _folder(project, name) / "figure-html"
    beside = f"{name.removesuffix('.qmd')}_files/figure-html"
    files = {f"{beside}/{path.name}": path.read_bytes() for path in sorted(images.glob("*")) if path.is_file()}
    return f"{result}\n\n{fence}{{={SOURCE}}}\n{source}\n{fence}\n", files


def _folder(project: Path, name: str) -> Path:
    return project / "_freeze" / Path(name).with_suffix("")
