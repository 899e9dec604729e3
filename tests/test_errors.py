"""Errors of libraries and of the system: an author is told what is the matter, in words, and never shown the error."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from authoring import run, written
from conftest import GOLDEN, project
from typedwiki.problems import DETAILS

RAW = ("Traceback", "[Errno", "Error(", "Exception", "Expecting", "codec", "while ", "non-zero", "NoneType", "0x")
"""What is found in the messages of libraries."""
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/a/page.md")
DENIED = PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/a/page.md")
FAILED = subprocess.CalledProcessError(3, ["/usr/bin/pandoc", "-f"], stderr=b"one\npandoc: out of ink\n")
BROKEN = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
NO_JSON = json.JSONDecodeError("Expecting value", "x", 0)
NO_YAML = yaml.scanner.ScannerError("while scanning", None, "found character", None)
UNFORESEEN = [
    KeyError("x"),
    RuntimeError("Symlink loop from '/a'"),
    RecursionError("maximum"),
    AttributeError("NoneType"),
]
INJECTED: list[tuple[tuple[str, ...], str, Exception, str]] = [
    (("check",), "typedwiki.config.yaml.safe_load", NO_YAML, "W002"),
    (("check",), "typedwiki.read.page_files", FULL, "/a/page.md: the disk is full"),
    (("check",), "typedwiki.read.page_files", DENIED, "/a/page.md: permission denied"),
    (("check",), "typedwiki.read.page_files", BROKEN, "is not UTF-8"),
    (("check",), "typedwiki.notes.permalinks.record", NO_JSON, "is not JSON at its line 1"),
    (("check",), "typedwiki.cli.check.load_baseline", NO_JSON, "is not JSON"),
    (("check", "--since", "HEAD"), "subprocess.run", FileNotFoundError(2, "x", "git"), "git is not installed"),
    (("check",), "typedwiki.pipeline.check", MemoryError(), "not enough memory"),
    (("build",), "typedwiki.build.write", FULL, "the disk is full"),
    (("build",), "typedwiki.incremental.replace_file", FULL, "the disk is full"),
    (("draft",), "typedwiki.render.bodies.subprocess.Popen", FileNotFoundError(2, "No such", "pandoc"), "pandoc"),
    (("draft",), "typedwiki.cli.render._index_draft", FAILED, "`pandoc` failed with status 3: pandoc: out of ink"),
    (("draft",), "typedwiki.render.draft.yaml.safe_load", NO_YAML, "is not YAML"),
    (("export",), "typedwiki.cli.report.replace_if_changed", DENIED, "permission denied"),
    (("new", "Principle", "X"), "typedwiki.cli.edit.create_file", FULL, "the disk is full"),
    (("rename", "Principle:acme_kit_Loss", "Principle:X"), "typedwiki.cli.edit.apply_changes", FULL, "disk is full"),
    (("clean",), "typedwiki.cli.project.write", DENIED, "permission denied"),
    *((("report",), "typedwiki.cli.report.report", error, "should not happen") for error in UNFORESEEN),
    (("report",), "typedwiki.cli.report.report", tarfile.ReadError("bad"), "should not happen"),
    (("report",), "typedwiki.cli.report.report", subprocess.TimeoutExpired("pagefind", 5), "did not end within 5 s"),
]  # fmt: skip


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("errors"), GOLDEN / "two_dialects/wiki")


@pytest.mark.parametrize(("command", "place", "error", "said"), INJECTED)
def test_an_error_is_told_in_words(
    command: tuple[str, ...],
    place: str,
    error: Exception,
    said: str,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(place, fails)
    assert run(here, *command) == 2
    err = capfd.readouterr().err
    assert said in err
    assert not [raw for raw in RAW if raw in err.replace(str(here), "")], err
    if "should not happen" in err:
        assert type(error).__name__ in (here / DETAILS).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("_quarto.yml", "a: [", "the bracket that opens on line 1 is never closed"),
        ("_quarto.yml", "<<<<<<< HEAD\na: 1\n=======\n>>>>>>> x\n", "git's conflict marks are still in it"),
        ("notes/addresses.json", "<<<<<<< HEAD\n{}\n=======\n>>>>>>> x\n", "git's conflict marks are still in it"),
        ("notes/addresses.json", "{", "addresses.json: is not JSON"),
        (".typedwiki-baseline.json", "{", "is not a baseline"),
        (".typedwiki-baseline.json", '{"a": 1}', "is not a baseline"),
    ],
)
def test_a_file_of_ours_that_is_broken_is_named(
    name: str, text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = written(tmp_path, {"Principle/A.md": "# A\n"})
    (there / name).parent.mkdir(exist_ok=True)
    (there / name).write_text(text, encoding="utf-8")
    assert run(there, "check") == 2
    err = capsys.readouterr().err
    assert said in err
    assert Path(name).name in err
    assert not [raw for raw in RAW if raw in err], err
