"""Behaviour on Windows, as far as other systems can test it: names, paths, locks and processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from conftest import ROOT
from test_author_mistakes import FILES
from typedwiki import lock
from typedwiki.author import new
from typedwiki.author.page_names import BadNameError, stem_of
from typedwiki.cli import shortest
from typedwiki.cli.report import too_long
from typedwiki.config import load_config
from typedwiki.notes.permalinks import _file_name
from typedwiki.program import MACHINERY, use_utf8
from typedwiki.render import processes
from wiki_project import run_command, write_project


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")


STEMS = {
    "Chain Rule": "Chain_Rule",
    "a:b": "a_b",
    "what? <why> *how* | or": "what_why_how_or",
    "back\\slash/and slash": "back_slash_and_slash",
    "ends with a dot.": "ends_with_a_dot",
    "Console": "Console",
    "COM10": "COM10",
}
RESERVED_TITLES = ("CON", "nul", "aux.md", "COM1", "lpt9.notes", "Prn", "x" * 260)


@pytest.mark.parametrize(("title", "stem"), STEMS.items())
def test_stem_of_title_is_valid_on_windows(title: str, stem: str) -> None:
    assert stem_of(title) == stem


@pytest.mark.parametrize("title", RESERVED_TITLES)
def test_reserved_names_are_refused_on_every_system(title: str) -> None:
    with pytest.raises(BadNameError):
        stem_of(title)


@pytest.mark.parametrize(
    ("page", "note"),
    [("con", "page-con"), ("Aux", "page-Aux"), ("COM1", "page-COM1"), ("nul.x", "page-nul.x"), ("a b:c", "a_b_c")],
)
def test_note_names_avoid_reserved_names(page: str, note: str) -> None:
    assert _file_name(page) == note


def test_long_note_names_are_shortened() -> None:
    assert len(_file_name("x" * 400)) <= 180


def test_pages_that_differ_by_case_have_distinct_notes(tmp_path: Path) -> None:
    text = FILES["Environment/Kitchen.md"]
    project = write_project(tmp_path, FILES | {"Environment/Oven.md": text, "Environment/OVEN.md": text})
    assert run_command(project, "build") == 0
    names = [path.name.casefold() for path in (project / "notes/environment").glob("*.qmd")]
    assert len(names) == len(set(names))


SOURCES = (r"D:\wikis\bread", r"\\server\share\wiki", "C:/wiki", "../wiki")


@pytest.mark.parametrize("folder", SOURCES)
def test_source_may_be_on_another_drive(folder: str) -> None:
    text = new.edit_settings((ROOT / "_quarto.yml").read_text("utf-8"), "Bread", "", PureWindowsPath(folder).as_posix())
    assert PureWindowsPath(yaml.safe_load(text)["typedwiki"]["source"]) == PureWindowsPath(folder)


def test_path_on_another_drive_is_shown_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    def other_drive(path: object, start: object = None) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(os.path, "relpath", other_drive)
    assert shortest(Path("D:/site")) == str(Path("D:/site"))


def test_project_files_have_names_valid_on_windows() -> None:
    from typedwiki.program import machinery

    names = [to for _, to in machinery(*MACHINERY)]
    assert len({name.casefold() for name in names}) == len(names)
    assert max(map(len, names)) < 120
    assert not [name for name in names if any(part.endswith((".", " ")) or ":" in part for part in name.split("/"))]


def test_doctor_counts_paths_over_260_characters(tmp_path: Path, windows: None) -> None:
    deep = tmp_path / "/".join(["a-rather-long-name-of-a-folder"] * 8)
    assert too_long(load_config(write_project(tmp_path / "short", FILES))) == 0
    config = load_config(write_project(deep, FILES))
    assert too_long(config) == len(list((deep / "data/wikis").rglob("*.md")))


def test_lock_covers_one_byte(tmp_path: Path, windows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[tuple[int, int, int]] = []

    def locking(descriptor: int, mode: int, count: int) -> None:
        if taken:
            raise PermissionError(13, "Permission denied")
        taken.append((os.lseek(descriptor, 0, os.SEEK_CUR), mode, count))

    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
    file = tmp_path / "lock"
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT)
    try:
        assert lock._try_lock(descriptor)
        assert taken == [(lock._LOCK_OFFSET, 2, 1)]
        assert not lock._try_lock(descriptor)
    finally:
        os.close(descriptor)


def test_terminate_ends_the_process_tree(windows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: commands.append(command))
    waited: list[bool] = []
    process: Any = SimpleNamespace(pid=42, wait=lambda: waited.append(True))
    processes.terminate(process)
    assert commands == [["taskkill", "/T", "/F", "/PID", "42"]]
    assert waited


def test_is_running_sends_no_signal(windows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    task_list = b"quarto.exe    42 Console    1    10,000 K\r\n"
    monkeypatch.setattr(subprocess, "run", lambda command, **_: SimpleNamespace(stdout=task_list))
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("signal 0 is Ctrl-C on Windows"))
    assert processes.is_running(42)
    assert not processes.is_running(4)


def test_use_utf8_does_not_restart_python(windows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "execv", lambda *_: pytest.fail("file names are Unicode on Windows"))
    use_utf8()


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("win32", {"LOCALAPPDATA": "/users/ada/local"}, "/users/ada/local/typedwiki"),
        ("darwin", {}, "/users/ada/Library/Caches/typedwiki"),
        ("linux", {"XDG_CACHE_HOME": "/cache"}, "/cache/typedwiki"),
        ("linux", {"XDG_CACHE_HOME": ""}, "/users/ada/.cache/typedwiki"),
        ("win32", {"TYPEDWIKI_CACHE": "/mine"}, "/mine"),
    ],
)
def test_cache_folder_follows_the_system(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], folder: str
) -> None:
    monkeypatch.delenv("TYPEDWIKI_CACHE", raising=False)
    monkeypatch.setenv("HOME", "/users/ada")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert new.cache_folder() == Path(folder)
