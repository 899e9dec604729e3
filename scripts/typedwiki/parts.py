"""Where the files of this program lie that are not Python, and which of them a project of its own needs."""

from __future__ import annotations

from collections.abc import Iterator
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
