"""A wiki to write in: files in a temporary project, and the commands that change them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import wiki as command
from typedwiki.config import load_config
from typedwiki.pipeline import Wiki, load_wiki


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """A project whose wiki, below ``data/wikis``, holds these files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "_quarto.yml").write_text("{}", encoding="utf-8")
    (folder / "data/wikis").mkdir(parents=True)
    for name, text in files.items():
        path = folder / "data/wikis" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return folder


def run(project: Path, *arguments: str | Path) -> int:
    """Run a command; its exit status."""
    return command.main(["--project", str(project), *map(str, arguments)])


def understood(project: Path) -> Wiki:
    return load_wiki(load_config(project))


def snapshot(project: Path) -> dict[str, bytes]:
    """Every file of the wiki."""
    here = project / "data/wikis"
    return {path.relative_to(here).as_posix(): path.read_bytes() for path in sorted(here.rglob("*")) if path.is_file()}


def codes(project: Path) -> list[str]:
    """The problems of the wiki, but for those that tell of nothing wrong."""
    return [f"{p.path} {p.code}" for p in understood(project).problems]
