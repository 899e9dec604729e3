"""Copies of this project with a generated wiki in them: what is measured never touches the project itself."""

from __future__ import annotations

import compileall
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.generate import write_wiki
from conftest import copy_project

WIKI = Path("data/wikis")
SETTLED = 2.5
"""Seconds after which the age of a file tells whether it has changed."""


@contextmanager
def generated(pages: int) -> Iterator[Path]:
    """A copy of the project with a wiki of so many pages, ready to be built."""
    with tempfile.TemporaryDirectory(prefix="typedwiki-bench-") as folder:
        empty = Path(folder, "empty")
        empty.mkdir()
        here = copy_project(Path(folder, "site"), empty)
        write_wiki(here / WIKI, pages)
        compileall.compile_dir(here / "scripts", quiet=2)
        time.sleep(SETTLED)
        yield here


def edit(here: Path, *, overview: bool = False) -> None:
    """Add words to one page in the middle of the wiki: to its last paragraph, or to its overview, which
    other pages show."""
    pages = sorted(path for path in (here / WIKI).rglob("*.md") if not path.name.startswith("_"))
    page = pages[len(pages) // 2]
    lines = page.read_text(encoding="utf-8").split("\n")
    first = next(n for n, line in enumerate(lines) if line.strip("=# ") == "Overview")
    prose = [n for n, line in enumerate(lines) if n > first and line[:1].isalpha() and len(line) > 60]
    lines[prose[0 if overview else -1]] += " More words here."
    page.write_text("\n".join(lines), encoding="utf-8")


def stamps(folder: Path) -> dict[Path, int]:
    """When each file below a folder was written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
