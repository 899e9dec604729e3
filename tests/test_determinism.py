"""The same wiki gives the same bytes, whatever the locale, time zone, clock, hash seed, order of files in
folders, line endings or location of the project.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import GOLDEN, ROOT, copy_project

pytestmark = pytest.mark.slow

SITE_CUSTOMIZE = '''
"""Python loads this first: it shuffles the files of folders and moves the clock to next year."""
import datetime, os, random, time

rng = random.Random(7)
scandir, listdir, clock = os.scandir, os.listdir, time.time


class Entries:
    def __init__(self, path):
        with scandir(path) as found:
            self.entries = list(found)
        rng.shuffle(self.entries)
    def __iter__(self): return self
    def __next__(self):
        if not self.entries: raise StopIteration
        return self.entries.pop()
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def close(self): pass


def shuffled(path="."):
    names = listdir(path)
    rng.shuffle(names)
    return names


class Later(datetime.datetime):
    @classmethod
    def now(cls, tz=None): return super().now(tz) + datetime.timedelta(days=400)


os.scandir, os.listdir = lambda path=".": Entries(path), shuffled
time.time = lambda: clock() + 400 * 86400
datetime.datetime = Later
'''
ENVIRONMENT = {"PYTHONHASHSEED": "5", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "C"}
"""Kiritimati is a day ahead of most time zones. Under C, file names are ASCII."""


def read_tree(project: Path) -> dict[str, bytes]:
    result = {}
    for top in ("notes", "_site", "exports"):
        for path in (project / top).rglob("*"):
            if path.is_file():
                result[path.relative_to(project).as_posix()] = path.read_bytes()
    return result


def run_wiki(project: Path, environment: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "scripts/wiki.py", *arguments]
    variables = {**os.environ, **environment}
    result = subprocess.run(command, cwd=project, env=variables, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stderr


def copy_differently(tmp_path: Path, project: Path, *, windows: bool) -> tuple[Path, dict[str, str]]:
    """Copy a project in another order, optionally with Windows line endings; return the copy and its environment."""
    copy = tmp_path / "ein zweites Verzeichnis, größer" / "project"
    files = [Path(folder, name) for folder, _, names in os.walk(project, followlinks=True) for name in names]
    for path in sorted(files, key=lambda path: path.name[::-1]):
        target = copy / path.relative_to(project)
        target.parent.mkdir(parents=True, exist_ok=True)
        data = path.read_bytes()
        if windows and "data" in path.parts and path.suffix == ".md":
            data = data.replace(b"\n", b"\r\n")
        target.write_bytes(data)
    (copy / "notes").mkdir(exist_ok=True)
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(SITE_CUSTOMIZE, encoding="utf-8")
    return copy, {**ENVIRONMENT, "PYTHONPATH": str(tmp_path / "site")}


def differing_files(first: dict[str, bytes], second: dict[str, bytes]) -> list[str]:
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def test_draft_and_exports_are_reproducible(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", ROOT / "data/wikis")
    for note in (ROOT / "notes").glob("*.qmd"):
        shutil.copy(note, project / "notes")
    (project / "data/wikis/Principle/Größe_und_Maß.md").write_text("# Größe\n\n## Overview\n\nMaß.\n", encoding="utf-8")
    copy, environment = copy_differently(tmp_path, project, windows=True)
    for folder, variables in ((project, {"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"}), (copy, environment)):
        run_wiki(folder, variables, "draft")
        run_wiki(folder, variables, "export", "--output", "exports")
    files = read_tree(project)
    assert {"_site/index.html", "exports/graph.json", "notes/principle/Größe_und_Maß.qmd"} < files.keys()
    assert any(name.startswith("_site/search-index/terms-") for name in files)
    assert differing_files(files, read_tree(copy)) == []


def test_notes_are_reproducible_with_ascii_file_names(tmp_path: Path) -> None:
    """Without Python's UTF-8 mode, non-ASCII file names are surrogate escapes."""
    project = copy_project(tmp_path / "project", GOLDEN / "two_dialects/wiki")
    (project / "data/wikis/heuristics/acme_kit_Größe.md").write_text("# Größe\n", encoding="utf-8")
    copy, _ = copy_differently(tmp_path, project, windows=False)
    run_wiki(project, {}, "build")
    run_wiki(copy, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, "build")
    assert "notes/heuristic/acme_kit_Größe.qmd" in read_tree(copy)
    assert differing_files(read_tree(project), read_tree(copy)) == []


@pytest.mark.quarto
def test_quarto_site_is_reproducible(quarto: str, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", GOLDEN / "two_dialects/wiki")
    address = "website:\n  site-url: https://example.org/wiki/\n"
    settings = (project / "_quarto.yml").read_text(encoding="utf-8").replace("website:\n", address)
    (project / "_quarto.yml").write_text(settings, encoding="utf-8")
    copy, environment = copy_differently(tmp_path, project, windows=True)
    run_wiki(project, {"TZ": "America/Los_Angeles"}, "render")
    run_wiki(copy, environment, "render", "--shards", "2")
    assert "_site/sitemap.xml" in read_tree(project)
    assert differing_files(read_tree(project), read_tree(copy)) == []
