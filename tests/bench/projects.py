"""Copies of this project with a generated wiki: measurements never touch the project itself."""

from __future__ import annotations

import compileall
import functools
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
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


def forget_build(project: Path) -> None:
    """Delete the notes and all caches: the next command is as slow as the first one in a new clone."""
    shutil.rmtree(project / "notes")
    shutil.rmtree(project / ".typedwiki", ignore_errors=True)
    (project / "notes").mkdir()


def edit_page(project: Path, kind: str = "text") -> None:
    """Make an edit of a kind of ``EDITS``, always to the same page: a Markdown page that a Principle shows."""
    for page in _middle_first(sorted((project / WIKI).rglob("Implementation/*.md"))):
        text = page.read_text(encoding="utf-8")
        if text.startswith("# ") and "[[implements::" in text:
            EDITS[kind](page, text)
            return
    raise LookupError("the wiki has no such page")


def _middle_first(paths: list[Path]) -> list[Path]:
    middle = len(paths) // 2
    return paths[middle:] + paths[:middle]


def _add_words(page: Path, text: str, paragraph: int) -> None:
    overview, _, rest = text.partition("\n## Overview\n")
    lines = rest.split("\n")
    prose_lines = [n for n, line in enumerate(lines) if line[:1].isalpha() and len(line) > 60]
    lines[prose_lines[paragraph]] += " More words here."
    page.write_text("\n".join([overview, "## Overview", *lines]), encoding="utf-8")


def _change_title(page: Path, text: str) -> None:
    page.write_text(text.replace("\n", " Revised\n", 1), encoding="utf-8")


def _add_link(page: Path, text: str) -> None:
    other = next(path for path in sorted(page.parent.glob("*.md")) if path != page)
    page.write_text(f"{text.rstrip()}\n- [[related::Implementation:{other.stem}]]\n", encoding="utf-8")


def _add_page(page: Path, text: str) -> None:
    _change_title(page.with_name(f"{page.stem}_Two.md"), text)


EDITS: Mapping[str, Callable[[Path, str], None]] = {
    "text": functools.partial(_add_words, paragraph=-1),
    "overview": functools.partial(_add_words, paragraph=0),
    "title": _change_title,
    "link added": _add_link,
    "new page": _add_page,
    "deleted page": lambda page, text: page.unlink(),
}
"""Edits of a page, given its text. Other pages show its overview and its title, and link to it."""


def modification_times(folder: Path) -> dict[Path, int]:
    """The modification time of each file below a folder."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
