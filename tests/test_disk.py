"""Faults of the file system and concurrent use: each is reported clearly, and nothing is lost.

Root may read, write and mount everything: tests that need root, or another user, skip otherwise.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import pytest

from conftest import ROOT
from typedwiki.atomic import create_file, replace_file, rewrite_file
from typedwiki.config import load_config
from typedwiki.lock import LockedError, exclusive, hold_lock
from typedwiki.read import read_whole
from wiki_project import read_wiki_files, run_command, write_project

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")]

LOSS = "# Loss\n\nWhat it costs.\n"
FILES = {
    "Principle/Loss.md": LOSS,
    "Workflow/Train.md": "# Train\n\n[[step::Principle:Loss]]\n",
    "Workflow/Test.md": "# Test\n\n[[step::Principle:Loss]]\n",
}
WIKI = str(ROOT / "scripts/wiki.py")


def run_in_process(project: Path, *arguments: str, prefix: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    full_command = [*prefix, sys.executable, WIKI, "--project", str(project), *arguments]
    result = subprocess.run(full_command, capture_output=True, encoding="utf-8", check=False)
    assert "Traceback" not in result.stderr, result.stderr
    return result


@pytest.fixture
def unprivileged() -> list[str]:
    """A command prefix under which file modes bind the command even if root runs it."""
    if os.geteuid():
        return []
    if not shutil.which("setpriv"):
        pytest.skip("modes of files do not bind root, and there is no setpriv")
    return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]


@contextmanager
def temporary_mode(path: Path, mode: int) -> Iterator[None]:
    """Give a file another mode within the body."""
    original = path.stat().st_mode
    path.chmod(mode)
    try:
        yield
    finally:
        path.chmod(original)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project", FILES)


def read_notes(project: Path) -> dict[str, bytes]:
    return {p.relative_to(project).as_posix(): p.read_bytes() for p in (project / "notes").rglob("*") if p.is_file()}


def build_in_copy(project: Path, tmp_path: Path, *arguments: str) -> Path:
    """Run a command on a copy of the wiki where nothing is wrong; return the copy."""
    copy = tmp_path / "clean"
    copy.mkdir()
    shutil.copy(project / "_quarto.yml", copy)
    shutil.copytree(project / "data", copy / "data")
    assert run_in_process(copy, *arguments).returncode == 0
    return copy


# Full disk


@pytest.fixture
def full_disk_project(tmp_path: Path) -> Iterator[Path]:
    """A project on a disk of 1 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=False).returncode:
        pytest.skip("a small disk can be mounted by root alone")
    try:
        yield write_project(disk / "project", FILES)
    finally:
        subprocess.run(["umount", disk], check=True)


def fill_disk(project: Path, free: int) -> Path:
    """Fill the disk, except for some bytes."""
    filler = project / "filler"
    filler.touch()
    with filler.open("wb") as file:
        stat = os.statvfs(project)
        file.write(b"x" * max(0, stat.f_bavail * stat.f_frsize - free))
    return filler


@pytest.mark.parametrize("free", [0, 4096, 8192, 20480, 65536, 131072])
def test_build_on_full_disk_fails_and_succeeds_later(full_disk_project: Path, tmp_path: Path, free: int) -> None:
    filler = fill_disk(full_disk_project, free)
    result = run_in_process(full_disk_project, "build")
    assert result.returncode == 2
    assert "the disk is full" in result.stderr
    assert str(full_disk_project) in result.stderr  # it says where
    expected = build_in_copy(full_disk_project, tmp_path, "build")
    for name, data in read_notes(full_disk_project).items():
        assert name == "notes/.typedwiki.json" or data == read_notes(expected)[name]
    filler.unlink()
    assert run_in_process(full_disk_project, "build").returncode == 0
    assert read_notes(full_disk_project) == read_notes(expected)


@pytest.mark.parametrize("free", [0, 8192, 16384])
def test_rename_on_full_disk_changes_nothing_and_succeeds_later(full_disk_project: Path, free: int) -> None:
    before = read_wiki_files(full_disk_project)
    (full_disk_project / ".typedwiki").mkdir()
    filler = fill_disk(full_disk_project, free)
    result = run_in_process(full_disk_project, "rename", "Principle:Loss", "Principle:Risk")
    assert result.returncode == 2
    assert "the disk is full" in result.stderr
    assert read_wiki_files(full_disk_project) == before
    filler.unlink()
    assert run_in_process(full_disk_project, "rename", "Principle:Loss", "Principle:Risk").returncode == 0
    assert "[[step::Principle:Risk]]" in read_wiki_files(full_disk_project)["Workflow/Test.md"].decode()


# Permissions


def test_unwritable_notes_folder_is_reported(project: Path, tmp_path: Path, unprivileged: list[str]) -> None:
    assert run_in_process(project, "build").returncode == 0
    page = project / "data/wikis/Principle/Loss.md"
    page.write_text(LOSS.replace("costs", "yields"), encoding="utf-8")
    with temporary_mode(project / "notes/principle", 0o555):
        result = run_in_process(project, "build", prefix=unprivileged)
    assert result.returncode == 2
    assert "permission denied" in result.stderr
    assert "notes/principle" in result.stderr
    assert run_in_process(project, "build").returncode == 0
    assert read_notes(project) == read_notes(build_in_copy(project, tmp_path, "build"))


def test_unreadable_pages_are_reported(project: Path, unprivileged: list[str]) -> None:
    with (
        temporary_mode(project / "data/wikis/Principle/Loss.md", 0),
        temporary_mode(project / "data/wikis/Workflow", 0),
    ):
        result = run_in_process(project, "check", prefix=unprivileged)
    assert "data/wikis/Principle/Loss.md:1:1: error R001 cannot be read: Permission denied" in result.stdout
    assert "2 places, also data/wikis/Workflow:1:1" in result.stdout


@pytest.mark.parametrize("locked", ["Workflow/Test.md", "Workflow", "Principle"])
def test_rename_without_permission_changes_nothing(project: Path, locked: str, unprivileged: list[str]) -> None:
    before = read_wiki_files(project)
    path = project / "data/wikis" / locked
    with temporary_mode(path, 0o555 if path.is_dir() else 0o444):
        result = run_in_process(project, "rename", "Principle:Loss", "Principle:Risk", prefix=unprivileged)
    assert result.returncode == 2
    assert "permission denied" in result.stderr
    assert locked in result.stderr
    assert read_wiki_files(project) == before


# Files that change while they are read


def test_file_changed_while_reading_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_bytes(b"half")
    original_fstat, calls = os.fstat, iter(range(100))

    def fstat(descriptor: int) -> os.stat_result:
        if next(calls) == 1:  # between reading and asking again
            page.write_bytes(b"half and half")
        return original_fstat(descriptor)

    monkeypatch.setattr("typedwiki.read.os.fstat", fstat)
    assert read_whole(page) == b"half and half"


def test_file_that_keeps_changing_is_reported(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = project / "data/wikis/Principle/Loss.md"
    original_fstat = os.fstat

    def fstat(descriptor: int) -> os.stat_result:
        stat = original_fstat(descriptor)
        if stat.st_ino == page.stat().st_ino:
            with page.open("a") as file:
                file.write("x")
        return stat

    monkeypatch.setattr("typedwiki.read.os.fstat", fstat)
    run_command(project, "check")
    assert "Loss.md:1:1: error R001 cannot be read: somebody is writing it" in capsys.readouterr().out


def test_page_deleted_while_reading_is_skipped(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def delete_and_read(path: Path) -> bytes:
        if path.name == "Loss.md":
            path.unlink()
        return read_whole(path)

    monkeypatch.setattr("typedwiki.read.read_whole", delete_and_read)
    run_command(project, "check")
    out = capsys.readouterr().out
    assert "R001" not in out
    assert "L001" in out  # the links to it


def test_build_after_concurrent_changes_is_correct(project: Path) -> None:
    """Builds during concurrent renames may see any state; the build after them is correct."""
    stop = threading.Event()

    def keep_renaming() -> None:
        page, other = project / "data/wikis/Principle/Loss.md", project / "data/wikis/Principle/Lost.md"
        while not stop.is_set():
            page.rename(other)
            other.write_text(LOSS * 50, encoding="utf-8")
            other.rename(page)

    thread = threading.Thread(target=keep_renaming)
    thread.start()
    for _ in range(3):
        assert run_in_process(project, "build").returncode == 0
    stop.set()
    thread.join()
    assert run_in_process(project, "build").returncode == 0
    assert "notes/principle/Loss.qmd" in read_notes(project)
    assert "notes/principle/Lost.qmd" not in read_notes(project)


# Links and names


def test_circular_symbolic_links_are_reported(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = project / "data/wikis/Principle"
    (folder / "A.md").symlink_to("B.md")
    (folder / "B.md").symlink_to("A.md")
    (folder / "round").symlink_to(".", target_is_directory=True)
    (folder / "plot.png").symlink_to("plot.png")
    (folder / "Loss.md").write_text(f"{LOSS}\n![plot](plot.png)\n", encoding="utf-8")
    assert run_command(project, "build") == 0
    assert run_command(project, "check") == 1
    out = capsys.readouterr().out
    assert "Principle/A.md:1:1: error R001" in out
    assert "2 places, also data/wikis/Principle/B.md:1:1" in out
    assert {p.name for p in (project / "notes/principle").glob("*.qmd")} == {"Loss.qmd"}


@pytest.mark.parametrize("stem", ["x" * 252, "ß" * 126, "漢" * 84], ids=["1", "2", "3"])
def test_names_of_255_bytes_work(project: Path, stem: str) -> None:
    page = project / f"data/wikis/Principle/{stem}.md"
    assert len(os.fsencode(page.name)) == 255
    page.write_text("# Long\n", encoding="utf-8")
    page_with_link = project / "data/wikis/Workflow/Train.md"
    page_with_link.write_text(f"# Train\n\n[[step::Principle:{stem}]]\n", encoding="utf-8")
    assert run_command(project, "build") == 0
    (note,) = set((project / "notes/principle").glob("*.qmd")) - {project / "notes/principle/Loss.qmd"}
    assert len(os.fsencode(note.name)) <= 190
    note_text = unquote((project / "notes/workflow/Train.qmd").read_text(encoding="utf-8"))
    assert f"{note.stem}.html" in note_text
    assert run_command(project, "rename", f"Principle:{stem}", "Principle:Short") == 0
    assert "[[step::principle:short]]" in page_with_link.read_text(encoding="utf-8").lower()


def test_rename_keeps_symbolic_link(project: Path, tmp_path: Path) -> None:
    target = project / "data/wikis/shared/loss.md"
    target.parent.mkdir()
    (project / "data/wikis/Principle/Loss.md").rename(target)
    page = project / "data/wikis/Principle/deep/Loss.md"
    page.parent.mkdir()
    page.symlink_to("../../shared/loss.md")
    assert run_command(project, "rename", "Principle:Loss", "Heuristic:Risk") == 0
    moved = project / "data/wikis/Heuristic/Risk.md"
    assert moved.is_symlink()
    assert moved.samefile(target)
    assert "# Risk" in target.read_text(encoding="utf-8")


def test_files_outside_the_wiki_are_never_written(project: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("# Mine\n\n[[step::Principle:Loss]]\n", encoding="utf-8")
    (project / "data/wikis/Workflow/Mine.md").symlink_to(outside)
    before = outside.read_bytes()
    assert run_command(project, "rename", "Principle:Loss", "Principle:Risk") == 0
    assert run_command(project, "build") == 0
    note = project / "notes/principle/Risk.qmd"
    elsewhere = tmp_path / "elsewhere.qmd"
    note.rename(elsewhere)
    note.symlink_to(elsewhere)
    before_note = elsewhere.read_bytes()
    (project / "data/wikis/Principle/Risk.md").write_text("# Risk\n\nMore.\n", encoding="utf-8")
    assert run_command(project, "build") == 0
    assert (outside.read_bytes(), elsewhere.read_bytes()) == (before, before_note)
    assert not note.is_symlink()


def test_rewritten_files_keep_their_mode(project: Path) -> None:
    pages = {project / "data/wikis/Workflow/Train.md": 0o664, project / "data/wikis/Principle/Loss.md": 0o640}
    for page, mode in pages.items():
        page.chmod(mode)
    assert run_command(project, "rename", "Principle:Loss", "Principle:Risk") == 0
    assert (project / "data/wikis/Workflow/Train.md").stat().st_mode & 0o777 == 0o664
    assert (project / "data/wikis/Principle/Risk.md").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("write", [replace_file, rewrite_file, create_file])
def test_failed_write_leaves_no_temporary_file(tmp_path: Path, write: Callable[[Path, bytes], None]) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(OSError, match="folder"):
        write(path, b"x")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_create_file_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="a"):
        create_file(tmp_path / "a", b"x")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a": b"mine"}


# Concurrent commands


@pytest.mark.parametrize(
    ("arguments", "lock"),
    [
        (["build"], "wiki"),
        (["rename", "Principle:Loss", "Principle:Risk"], "pages"),
        (["check", "--fix"], "pages"),
        (["new", "Principle", "Gain"], "pages"),
        (["draft"], "site"),
        (["clean"], "site"),
        (["render"], "site"),
    ],
)
def test_second_command_names_the_running_one(project: Path, arguments: list[str], lock: str) -> None:
    before = read_wiki_files(project)
    with hold_lock(project, lock, "rename"):
        result = run_in_process(project, *arguments)
    assert result.returncode == 2
    holder = "another rename" if arguments[0] == "rename" else "a rename"
    expected = f"typedwiki: {holder} of this project is running (process {os.getpid()}); try again when it has ended\n"
    assert result.stderr == expected
    assert read_wiki_files(project) == before
    assert not (project / "notes").exists()


def test_quarto_hook_names_the_running_command(project: Path) -> None:
    settings = "project: {type: website, render: [/notes/*.qmd, /notes/*/*.qmd]}\n"
    (project / "_quarto.yml").write_text(settings, encoding="utf-8")
    hook = [sys.executable, str(ROOT / "scripts/prebuild.py")]
    with hold_lock(project, "wiki", "build"):
        result = subprocess.run(hook, cwd=project, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 2
    assert "another build of this project is running" in result.stderr
    assert subprocess.run(hook, cwd=project, check=False, capture_output=True).returncode == 0


def test_exclusive_waits_up_to_its_timeout(project: Path) -> None:
    config = load_config(project)
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        with hold_lock(project, "wiki", "build"):
            locked.set()
            release.wait(0.3)

    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait()
    with pytest.raises(LockedError), exclusive(config, "wiki", "preview"):
        pass
    with exclusive(config, "wiki", "preview", 30):
        pass
    thread.join()


def test_lock_does_not_block_other_output_folders_or_readers(project: Path, tmp_path: Path) -> None:
    with hold_lock(project, "wiki", "build"):
        assert run_in_process(project, "build", "--output", str(tmp_path / "elsewhere")).returncode == 0
        assert run_in_process(project, "check").returncode in (0, 1)
