"""This program as a process and on disk: its data files, UTF-8 mode, and garbage collection."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGE = Path(__file__).parent
IN_WHEEL = PACKAGE / "parts"
"""Where an installed package has the files that a clone has at its root."""
EXTENSION = "_extensions/typedwiki"
GUIDE = ("docs/writing.md", "docs/requirements.md")
"""Pages for authors, from which the guide on the site is generated."""
MACHINERY = (
    "_quarto.yml", "index.qmd", EXTENSION, "scripts", *GUIDE, "requirements.txt", "Makefile", ".gitignore", ".vscode",
    "notes/README.md", ".github/workflows/publish.yml",
)  # fmt: skip
"""Files that a project needs beside its wiki."""


def root() -> Path:
    """Return the folder of these files: the root of a clone or of a project made from it, or a part of the
    package.
    """
    return IN_WHEEL if IN_WHEEL.is_dir() else PACKAGE.parents[1]


def extension(project: Path) -> Path:
    """Return the folder of the Quarto extension: the project's own, where `quarto add` has put it, or ours."""
    places = [project / EXTENSION, *sorted((project / "_extensions").glob("*/typedwiki"))]
    return next((place for place in places if (place / "_extension.yml").is_file()), root() / EXTENSION)


def machinery(*names: str) -> Iterator[tuple[Path, str]]:
    """Yield the files that a project needs beside its wiki, or only those below ``names``, and the target of each."""
    for name in names or MACHINERY:
        top = root() / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and "__pycache__" not in path.parts:
                yield path, path.relative_to(root()).as_posix()
        if name == "scripts" and root() == IN_WHEEL:
            for path in sorted(PACKAGE.rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts and IN_WHEEL not in path.parents:
                    yield path, f"scripts/typedwiki/{path.relative_to(PACKAGE).as_posix()}"


def use_utf8() -> None:
    """Restart this program in a UTF-8 locale, if the current locale has another encoding.

    Python, pandoc and Quarto decode file names by the locale, so the same wiki would give different notes, or none. The
    locale C.UTF-8 sorts and formats like C.
    """
    if sys.platform == "win32":  # file names are Unicode on Windows
        return
    import locale

    if locale.nl_langinfo(locale.CODESET).upper() != "UTF-8":
        os.environ["LC_ALL"] = "C.UTF-8"
        if sys.getfilesystemencoding().lower() != "utf-8":
            os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606


_THRESHOLDS = (700_000, 50, 100)
"""Collect a thousand times less often than by default: that many objects take some 50 MB."""


def gc_paused_for_good() -> None:
    """Reduce garbage collection in a process that ends with the build. There is nothing to free then or at exit."""
    gc.set_threshold(*_THRESHOLDS)
    atexit.register(gc.freeze)


@contextmanager
def gc_paused() -> Iterator[None]:
    """Reduce garbage collection within this context."""
    before = gc.get_threshold()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
