"""This program as a process and on the disk: its files that are not Python, UTF-8, and the search for garbage."""

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
"""Where an installed package has what a clone has at its top."""
EXTENSION = "_extensions/typedwiki"
GUIDE = ("docs/writing.md", "docs/requirements.md")
"""Pages for authors, from which the guide on the site is made."""
MACHINERY = (
    "_quarto.yml", "index.qmd", EXTENSION, "scripts", *GUIDE, "requirements.txt", "Makefile", ".gitignore", ".vscode",
    "notes/README.md", ".github/workflows/publish.yml",
)  # fmt: skip
"""What a project needs beside its wiki."""


def root() -> Path:
    """The folder that holds these files: the top of a clone or of a project made from it, or a part of the package."""
    return IN_WHEEL if IN_WHEEL.is_dir() else PACKAGE.parents[1]


def extension(project: Path) -> Path:
    """The folder of the Quarto extension: the project's own, wherever `quarto add` has put it, or ours."""
    places = [project / EXTENSION, *sorted((project / "_extensions").glob("*/typedwiki"))]
    return next((place for place in places if (place / "_extension.yml").is_file()), root() / EXTENSION)


def machinery(*names: str) -> Iterator[tuple[Path, str]]:
    """The files that a project needs beside its wiki, or those below ``names``, and where each goes."""
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

    Python, pandoc and Quarto decode file names as the locale says, so the same wiki would give other notes, or
    none. The locale C.UTF-8 sorts and formats like C.
    """
    if sys.platform == "win32":  # file names are Unicode on Windows
        return
    import locale

    if locale.nl_langinfo(locale.CODESET).upper() != "UTF-8":
        os.environ["LC_ALL"] = "C.UTF-8"
        if sys.getfilesystemencoding().lower() != "utf-8":
            os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606


_THRESHOLDS = (700_000, 50, 100)
"""A thousand times as many objects are made before each search as usual: so many are some 50 MB."""


def gc_paused_for_good() -> None:
    """The same for a process that ends with the build: neither then nor when it ends is there anything to free."""
    gc.set_threshold(*_THRESHOLDS)
    atexit.register(gc.freeze)


@contextmanager
def gc_paused() -> Iterator[None]:
    """Search seldom meanwhile."""
    before = gc.get_threshold()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
