"""Errors of libraries and of the system become plain messages; the original error is never shown."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from conftest import GOLDEN, copy_project
from typedwiki.problems import DETAILS
from wiki_project import run_command, write_project

LIBRARY_WORDS = (
    "Traceback",
    "[Errno",
    "Error(",
    "Exception",
    "Expecting",
    "codec",
    "while ",
    "non-zero",
    "NoneType",
    "0x",
)
"""Fragments of messages of libraries."""
NO_SPACE = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/a/page.md")
DENIED = PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/a/page.md")
FAILED = subprocess.CalledProcessError(3, ["/usr/bin/pandoc", "-f"], stderr=b"one\npandoc: out of ink\n")
NOT_UTF8 = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
NO_JSON = json.JSONDecodeError("Expecting value", "x", 0)
NO_YAML = yaml.scanner.ScannerError("while scanning", None, "found character", None)
UNEXPECTED = [
    KeyError("x"),
    RuntimeError("Symlink loop from '/a'"),
    RecursionError("maximum"),
    AttributeError("NoneType"),
]
INJECTED_ERRORS: list[tuple[tuple[str, ...], str, Exception, str]] = [
    (("check",), "typedwiki.config.load_yaml", NO_YAML, "W002"),
    (("check",), "typedwiki.read.page_files", NO_SPACE, "/a/page.md: the disk is full"),
    (("check",), "typedwiki.read.page_files", DENIED, "/a/page.md: permission denied"),
    (("check",), "typedwiki.read.page_files", NOT_UTF8, "is not UTF-8"),
    (("check",), "typedwiki.notes.permalinks.record", NO_JSON, "is not JSON at its line 1"),
    (("check",), "typedwiki.cli.check.load_baseline", NO_JSON, "is not JSON"),
    (("check", "--since", "HEAD"), "subprocess.run", FileNotFoundError(2, "x", "git"), "git is not installed"),
    (("check",), "typedwiki.pipeline.check", MemoryError(), "not enough memory"),
    (("build",), "typedwiki.build.write", NO_SPACE, "the disk is full"),
    (("build",), "typedwiki.incremental.replace_file", NO_SPACE, "the disk is full"),
    (("draft",), "typedwiki.render.bodies.subprocess.Popen", FileNotFoundError(2, "No such", "pandoc"), "pandoc"),
    (("draft",), "typedwiki.cli.render._index_draft", FAILED, "`pandoc` failed with status 3: pandoc: out of ink"),
    (("draft",), "typedwiki.render.draft.load_yaml", NO_YAML, "is not YAML"),
    (("export",), "typedwiki.cli.report.replace_if_changed", DENIED, "permission denied"),
    (("new", "Principle", "X"), "typedwiki.cli.edit.create_file", NO_SPACE, "the disk is full"),
    (("rename", "Principle:acme_kit_Loss", "Principle:X"), "typedwiki.cli.edit.apply_changes", NO_SPACE,
     "disk is full"),
    (("clean",), "typedwiki.cli.build.write", DENIED, "permission denied"),
    *((("report",), "typedwiki.cli.report.report", error, "should not happen") for error in UNEXPECTED),
    (("report",), "typedwiki.cli.report.report", tarfile.ReadError("bad"), "should not happen"),
    (("report",), "typedwiki.cli.report.report", subprocess.TimeoutExpired("pagefind", 5), "did not end within 5 s"),
]  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("errors"), GOLDEN / "two_dialects/wiki")


@pytest.mark.parametrize(("command", "function", "error", "message"), INJECTED_ERRORS)
def test_error_has_a_plain_message(
    command: tuple[str, ...],
    function: str,
    error: Exception,
    message: str,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def raise_error(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(function, raise_error)
    assert run_command(project, *command) == 2
    stderr = capfd.readouterr().err
    assert message in stderr
    assert not [words for words in LIBRARY_WORDS if words in stderr.replace(str(project), "")], stderr
    if "should not happen" in stderr:
        assert type(error).__name__ in (project / DETAILS).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("_quarto.yml", "a: [", "the bracket that opens on line 1 is never closed"),
        ("_quarto.yml", "<<<<<<< HEAD\na: 1\n=======\n>>>>>>> x\n", "git's conflict marks are still in it"),
        ("notes/addresses.json", "<<<<<<< HEAD\n{}\n=======\n>>>>>>> x\n", "git's conflict marks are still in it"),
        ("notes/addresses.json", "{", "addresses.json: is not JSON"),
        (".typedwiki-baseline.json", "{", "is not a baseline"),
        (".typedwiki-baseline.json", '{"a": 1}', "is not a baseline"),
    ],
)
def test_broken_project_file_is_named(
    name: str, text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write_project(tmp_path, {"Principle/A.md": "# A\n"})
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_text(text, encoding="utf-8")
    assert run_command(project, "check") == 2
    stderr = capsys.readouterr().err
    assert message in stderr
    assert Path(name).name in stderr
    assert not [words for words in LIBRARY_WORDS if words in stderr], stderr
