"""A wiki project in a temporary folder, and the commands to run on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import wiki as command
from typedwiki.config import load_config
from typedwiki.pipeline import Wiki, load_wiki


def write_project(folder: Path, files: Mapping[str, str]) -> Path:
    """Create a project whose wiki, below ``data/wikis``, holds these files; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "_quarto.yml").write_text("{}", encoding="utf-8")
    (folder / "data/wikis").mkdir(parents=True)
    for name, text in files.items():
        path = folder / "data/wikis" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return folder


def run_command(project: Path, *arguments: str | Path) -> int:
    """Run a command in this process; return its exit status."""
    return command.main(["--project", str(project), *map(str, arguments)])


def load_project(project: Path) -> Wiki:
    """Load the wiki of a project."""
    return load_wiki(load_config(project))


def read_wiki_files(project: Path) -> dict[str, bytes]:
    """The content of every file of the wiki, by path."""
    wiki = project / "data/wikis"
    return {path.relative_to(wiki).as_posix(): path.read_bytes() for path in sorted(wiki.rglob("*")) if path.is_file()}


def problem_codes(project: Path) -> list[str]:
    """The problems of the wiki, as "path CODE"."""
    return [f"{p.path} {p.code}" for p in load_project(project).problems]
