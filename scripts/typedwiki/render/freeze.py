"""What Quarto keeps of the execution of a note, in ``_freeze``: the draft shows that as well."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from ..notes.cells import NOT_IN_THE_DRAFT, as_code

SOURCE = "tw-source"
"""The format of the raw block that carries a note's source to the figures' filter; no writer prints it."""


def executed(project: Path, name: str, source: str) -> str | None:
    """The Markdown that a note became when its cells last ran; None if that was never, or before its last edit.

    ``name`` is relative to the project, with its suffix. Quarto stores an MD5 of the source with
    lines that end in LF, as ``source`` has them.
    """
    try:
        kept = json.loads(_folder(project, name).joinpath("execute-results/html.json").read_bytes())
        if kept["hash"] == hashlib.md5(source.encode(), usedforsecurity=False).hexdigest():
            return str(kept["result"]["markdown"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def is_executed(project: Path, name: str) -> bool:
    """Whether there are results of the cells of a note as it is now."""
    if not _folder(project, name).is_dir():
        return False
    return executed(project, name, (project / name).read_text(encoding="utf-8", errors="replace")) is not None


def drafted(project: Path, name: str, source: str) -> tuple[str, dict[str, bytes]]:
    """A hand-written note as pandoc can read it, and the images in it by path relative to the site."""
    found = executed(project, name, source)
    if found is None:
        return as_code(source, NOT_IN_THE_DRAFT), {}
    fence = "`" * (3 + max(map(len, re.findall("`+", source)), default=0))
    images = _folder(project, name) / "figure-html"
    beside = f"{name.removesuffix('.qmd')}_files/figure-html"
    files = {f"{beside}/{path.name}": path.read_bytes() for path in sorted(images.glob("*")) if path.is_file()}
    return f"{found}\n\n{fence}{{={SOURCE}}}\n{source}\n{fence}\n", files


def _folder(project: Path, name: str) -> Path:
    return project / "_freeze" / Path(name).with_suffix("")
