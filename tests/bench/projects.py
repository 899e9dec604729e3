"""Copies of this project with a generated wiki: measurements never touch the project itself."""

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
SETTLE_SECONDS = 2.5
"""Seconds after which the modification time of a file reliably shows a change."""


@contextmanager
def generated_project(pages: int) -> Iterator[Path]:
    """A copy of the project with a wiki of so many pages, ready to be built."""
    with tempfile.TemporaryDirectory(prefix="typedwiki-bench-") as folder:
        empty = Path(folder, "empty")
        empty.mkdir()
        project = copy_project(Path(folder, "site"), empty)
        write_wiki(project / WIKI, pages)
        compileall.compile_dir(project / "scripts", quiet=2)
        time.sleep(SETTLE_SECONDS)
        yield project


def edit_page(project: Path, *, overview: bool = False) -> None:
    """Add words to a page in the middle of the wiki: to its last paragraph, or to its overview, which others show."""
    pages = sorted(path for path in (project / WIKI).rglob("*.md") if not path.name.startswith("_"))
    page = pages[len(pages) // 2]
    lines = page.read_text(encoding="utf-8").split("\n")
    overview_line = next(n for n, line in enumerate(lines) if line.strip("=# ") == "Overview")
    prose_lines = [n for n, line in enumerate(lines) if n > overview_line and line[:1].isalpha() and len(line) > 60]
    lines[prose_lines[0 if overview else -1]] += " More words here."
    page.write_text("\n".join(lines), encoding="utf-8")


def modification_times(folder: Path) -> dict[Path, int]:
    """The modification time of each file below a folder."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
