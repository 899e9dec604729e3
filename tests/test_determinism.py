"""The same wiki gives the same bytes: whatever the locale, the time zone, the clock, the seed of hashes, the
order in which the file system lists files, the ends of lines, or where the project lies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import GOLDEN, ROOT, copy_project

pytestmark = pytest.mark.slow

OTHERWISE = '''
"""Loaded by Python before anything else: folders are listed in another order, and it is next year."""
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
"""Kiritimati's date is a day ahead of most. Under C the names of files are ASCII."""


def tree(here: Path) -> dict[str, bytes]:
    found = {}
    for top in ("notes", "_site", "exports"):
        for path in (here / top).rglob("*"):
            if path.is_file():
                found[path.relative_to(here).as_posix()] = path.read_bytes()
    return found


def wiki(here: Path, environment: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "scripts/wiki.py", *arguments]
    whole = {**os.environ, **environment}
    done = subprocess.run(command, cwd=here, env=whole, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


def otherwise(tmp_path: Path, here: Path, *, windows: bool) -> tuple[Path, dict[str, str]]:
    """A copy of a project elsewhere, made in another order, with the ends of lines that Windows has."""
    there = tmp_path / "ein zweites Verzeichnis, größer" / "project"
    files = [Path(folder, name) for folder, _, names in os.walk(here, followlinks=True) for name in names]
    for path in sorted(files, key=lambda path: path.name[::-1]):
        target = there / path.relative_to(here)
        target.parent.mkdir(parents=True, exist_ok=True)
        data = path.read_bytes()
        if windows and "data" in path.parts and path.suffix == ".md":
            data = data.replace(b"\n", b"\r\n")
        target.write_bytes(data)
    (there / "notes").mkdir(exist_ok=True)
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(OTHERWISE, encoding="utf-8")
    return there, {**ENVIRONMENT, "PYTHONPATH": str(tmp_path / "site")}


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def test_the_draft_and_the_exports(tmp_path: Path) -> None:
    here = copy_project(tmp_path / "here", ROOT / "data/wikis")
    for note in (ROOT / "notes").glob("*.qmd"):
        shutil.copy(note, here / "notes")
    (here / "data/wikis/Principle/Größe_und_Maß.md").write_text("# Größe\n\n## Overview\n\nMaß.\n", encoding="utf-8")
    there, environment = otherwise(tmp_path, here, windows=True)
    for folder, around in ((here, {"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"}), (there, environment)):
        wiki(folder, around, "draft")
        wiki(folder, around, "export", "--output", "exports")
    made = tree(here)
    assert {"_site/index.html", "exports/graph.json", "notes/principle/Größe_und_Maß.qmd"} < made.keys()
    assert any(name.startswith("_site/search-index/terms-") for name in made)
    assert differing(made, tree(there)) == []


def test_another_encoding_of_file_names(tmp_path: Path) -> None:
    """Python is told not to help itself: names of files are bytes beyond ASCII to it."""
    here = copy_project(tmp_path / "here", GOLDEN / "two_dialects/wiki")
    (here / "data/wikis/heuristics/acme_kit_Größe.md").write_text("# Größe\n", encoding="utf-8")
    there, _ = otherwise(tmp_path, here, windows=False)
    wiki(here, {}, "build")
    wiki(there, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, "build")
    assert "notes/heuristic/acme_kit_Größe.qmd" in tree(there)
    assert differing(tree(here), tree(there)) == []


@pytest.mark.quarto
def test_what_quarto_makes(quarto: str, tmp_path: Path) -> None:
    here = copy_project(tmp_path / "here", GOLDEN / "two_dialects/wiki")
    address = "website:\n  site-url: https://example.org/wiki/\n"
    settings = (here / "_quarto.yml").read_text(encoding="utf-8").replace("website:\n", address)
    (here / "_quarto.yml").write_text(settings, encoding="utf-8")
    there, environment = otherwise(tmp_path, here, windows=True)
    wiki(here, {"TZ": "America/Los_Angeles"}, "render")
    wiki(there, environment, "render", "--shards", "2")
    assert "_site/sitemap.xml" in tree(here)
    assert differing(tree(here), tree(there)) == []
