"""`typedwiki add`: this version's extension in a Quarto project, and its scripts where the project has them."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from ..atomic import replace_file
from ..config import Config, ConfigError
from ..parts import EXTENSION, extension, machinery, root
from ..wording import count
from . import OK, VERSION, Add
from .console import print_status

REPLACED = Path(".typedwiki/replaced")
"""Where what stood there before is kept."""
LINES = """\
project:
  pre-render: typedwiki prebuild
filters: [typedwiki]
typedwiki: {source: FOLDER}"""


def register(add: Add) -> None:
    """Add the command."""
    add("add", run, "put this version's extension into a Quarto project, or bring a project up to date with it")


def run(options: argparse.Namespace, config: Config) -> int:
    """Copy what has changed; what it replaces is kept.

    Raises:
        ConfigError: there is no Quarto project, or it is the one that this program runs from.
    """
    project = config.project
    if not (project / "_quarto.yml").is_file():
        raise ConfigError(f"{project} is no Quarto project: it has no _quarto.yml; `typedwiki init` makes a new site")
    if root().resolve() == project.resolve():
        raise ConfigError("this project runs its own scripts; run the `typedwiki` that is to be brought here")
    there = extension(project)
    files = [(path, _place(to, project, there)) for path, to in machinery(EXTENSION)]
    if (project / "scripts/typedwiki").is_dir():
        files += [(path, project / to) for path, to in machinery("scripts")]
    changed = [(path, to) for path, to in files if not to.is_file() or to.read_bytes() != path.read_bytes()]
    wanted = {to for _, to in files}
    folders = {there if there.is_relative_to(project) else project / EXTENSION, project / "scripts/typedwiki"}
    gone = [p for folder in folders if folder.is_dir() for p in folder.rglob("*") if _is_left(p, wanted)]
    for to in (*(to for _, to in changed if to.exists()), *gone):
        kept = project / REPLACED / to.relative_to(project)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(to, kept)
    for path, to in changed:
        replace_file(to, path.read_bytes())
    if changed or gone:
        print_status(f"version {VERSION} is in {project}: {count(len(changed), 'file')} written, {len(gone)} removed")
    else:
        print_status(f"version {VERSION} is in {project} already")
    if not config.website.hooked or not config.website.filtered:
        print_status(f"these lines belong into _quarto.yml:\n\n{LINES}\n\nthen run: typedwiki doctor")
    return OK


def _place(to: str, project: Path, there: Path) -> Path:
    """Where a file of the extension goes: where `quarto add` has put the extension, if it has."""
    folder = there if there.is_relative_to(project) else project / EXTENSION
    return folder / Path(to).relative_to(EXTENSION)


def _is_left(path: Path, wanted: set[Path]) -> bool:
    return path.is_file() and path not in wanted and "__pycache__" not in path.parts and path.suffix != ".pyc"
