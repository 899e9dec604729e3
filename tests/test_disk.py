"""What disks and other people do to a wiki: each fault is told clearly, and nothing is lost by it.

Root may read and write everything, and mount: tests that need that, or the lack of it, say so.
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

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="its files have other faults")]

LOSS = "# Loss\n\nWhat it costs.\n"
FILES = {
    "Principle/Loss.md": LOSS,
    "Workflow/Train.md": "# Train\n\n[[step::Principle:Loss]]\n",
    "Workflow/Test.md": "# Test\n\n[[step::Principle:Loss]]\n",
}
WIKI = str(ROOT / "scripts/wiki.py")


def command(here: Path, *arguments: str, before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    line = [*before, sys.executable, WIKI, "--project", str(here), *arguments]
    done = subprocess.run(line, capture_output=True, encoding="utf-8", check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture
def bound() -> list[str]:
    """What makes the modes of files bind a command even if it is root's."""
    if os.geteuid():
        return []
    if not shutil.which("setpriv"):
        pytest.skip("modes of files do not bind root, and there is no setpriv")
    return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]


@contextmanager
def of_mode(path: Path, mode: int) -> Iterator[None]:
    before = path.stat().st_mode
    path.chmod(mode)
    try:
        yield
    finally:
        path.chmod(before)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return write_project(tmp_path / "here", FILES)


def notes(here: Path) -> dict[str, bytes]:
    return {p.relative_to(here).as_posix(): p.read_bytes() for p in (here / "notes").rglob("*") if p.is_file()}


def clean(here: Path, tmp_path: Path, *arguments: str) -> Path:
    """What a command makes of the same wiki where nothing is wrong."""
    other = tmp_path / "clean"
    other.mkdir()
    shutil.copy(here / "_quarto.yml", other)
    shutil.copytree(here / "data", other / "data")
    assert command(other, *arguments).returncode == 0
    return other


# The disk is full


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A project on a disk of 1 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=False).returncode:
        pytest.skip("a small disk can be mounted by root alone")
    try:
        yield write_project(disk / "here", FILES)
    finally:
        subprocess.run(["umount", disk], check=True)


def fill(here: Path, left: int) -> Path:
    """Leave room for some bytes."""
    filler = here / "filler"
    filler.touch()
    with filler.open("wb") as file:
        stat = os.statvfs(here)
        file.write(b"x" * max(0, stat.f_bavail * stat.f_frsize - left))
    return filler


@pytest.mark.parametrize("left", [0, 4096, 8192, 20480, 65536, 131072])
def test_a_full_disk_and_a_build(full: Path, tmp_path: Path, left: int) -> None:
    filler = fill(full, left)
    done = command(full, "build")
    assert done.returncode == 2
    assert "the disk is full" in done.stderr
    assert str(full) in done.stderr  # it says where
    right = clean(full, tmp_path, "build")
    for name, data in notes(full).items():
        assert name == "notes/.typedwiki.json" or data == notes(right)[name]
    filler.unlink()
    assert command(full, "build").returncode == 0
    assert notes(full) == notes(right)


@pytest.mark.parametrize("left", [0, 8192, 16384])
def test_a_full_disk_and_a_rename(full: Path, left: int) -> None:
    before = read_wiki_files(full)
    (full / ".typedwiki").mkdir()
    filler = fill(full, left)
    done = command(full, "rename", "Principle:Loss", "Principle:Risk")
    assert done.returncode == 2
    assert "the disk is full" in done.stderr
    assert read_wiki_files(full) == before
    filler.unlink()
    assert command(full, "rename", "Principle:Loss", "Principle:Risk").returncode == 0
    assert "[[step::Principle:Risk]]" in read_wiki_files(full)["Workflow/Test.md"].decode()


# What may not be read or written


def test_notes_that_cannot_be_written(here: Path, tmp_path: Path, bound: list[str]) -> None:
    assert command(here, "build").returncode == 0
    page = here / "data/wikis/Principle/Loss.md"
    page.write_text(LOSS.replace("costs", "yields"), encoding="utf-8")
    with of_mode(here / "notes/principle", 0o555):
        done = command(here, "build", before=bound)
    assert done.returncode == 2
    assert "permission denied" in done.stderr
    assert "notes/principle" in done.stderr
    assert command(here, "build").returncode == 0
    assert notes(here) == notes(clean(here, tmp_path, "build"))


def test_pages_that_cannot_be_read_are_named(here: Path, bound: list[str]) -> None:
    with of_mode(here / "data/wikis/Principle/Loss.md", 0), of_mode(here / "data/wikis/Workflow", 0):
        done = command(here, "check", before=bound)
    assert "data/wikis/Principle/Loss.md:1:1: error R001 cannot be read: Permission denied" in done.stdout
    assert "2 places, also data/wikis/Workflow:1:1" in done.stdout


@pytest.mark.parametrize("locked", ["Workflow/Test.md", "Workflow", "Principle"])
def test_a_rename_that_may_not_write_all_changes_nothing(here: Path, locked: str, bound: list[str]) -> None:
    before = read_wiki_files(here)
    path = here / "data/wikis" / locked
    with of_mode(path, 0o555 if path.is_dir() else 0o444):
        done = command(here, "rename", "Principle:Loss", "Principle:Risk", before=bound)
    assert done.returncode == 2
    assert "permission denied" in done.stderr
    assert locked in done.stderr
    assert read_wiki_files(here) == before


# Files that move under our eyes


def test_a_file_that_is_being_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_bytes(b"half")
    real, told = os.fstat, iter(range(100))

    def fstat(descriptor: int) -> os.stat_result:
        if next(told) == 1:  # between reading and asking again
            page.write_bytes(b"half and half")
        return real(descriptor)

    monkeypatch.setattr("typedwiki.read.os.fstat", fstat)
    assert read_whole(page) == b"half and half"


def test_a_file_that_never_holds_still_is_a_problem(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = here / "data/wikis/Principle/Loss.md"
    real = os.fstat

    def fstat(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        if found.st_ino == page.stat().st_ino:
            with page.open("a") as file:
                file.write("x")
        return found

    monkeypatch.setattr("typedwiki.read.os.fstat", fstat)
    run_command(here, "check")
    assert "Loss.md:1:1: error R001 cannot be read: somebody is writing it" in capsys.readouterr().out


def test_a_page_that_vanishes_is_no_page(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def vanishes(path: Path) -> bytes:
        if path.name == "Loss.md":
            path.unlink()
        return read_whole(path)

    monkeypatch.setattr("typedwiki.read.read_whole", vanishes)
    run_command(here, "check")
    out = capsys.readouterr().out
    assert "R001" not in out
    assert "L001" in out  # the links to it


def test_wikis_change_while_they_are_built(here: Path) -> None:
    """Whatever a build meets meanwhile, the one after it is right."""
    stop = threading.Event()

    def restless() -> None:
        page, other = here / "data/wikis/Principle/Loss.md", here / "data/wikis/Principle/Lost.md"
        while not stop.is_set():
            page.rename(other)
            other.write_text(LOSS * 50, encoding="utf-8")
            other.rename(page)

    thread = threading.Thread(target=restless)
    thread.start()
    for _ in range(3):
        assert command(here, "build").returncode == 0
    stop.set()
    thread.join()
    assert command(here, "build").returncode == 0
    assert "notes/principle/Loss.qmd" in notes(here)
    assert "notes/principle/Lost.qmd" not in notes(here)


# Links and names


def test_links_that_lead_to_each_other(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = here / "data/wikis/Principle"
    (folder / "A.md").symlink_to("B.md")
    (folder / "B.md").symlink_to("A.md")
    (folder / "round").symlink_to(".", target_is_directory=True)
    (folder / "plot.png").symlink_to("plot.png")
    (folder / "Loss.md").write_text(f"{LOSS}\n![plot](plot.png)\n", encoding="utf-8")
    assert run_command(here, "build") == 0
    assert run_command(here, "check") == 1
    out = capsys.readouterr().out
    assert "Principle/A.md:1:1: error R001" in out
    assert "2 places, also data/wikis/Principle/B.md:1:1" in out
    assert {p.name for p in (here / "notes/principle").glob("*.qmd")} == {"Loss.qmd"}


@pytest.mark.parametrize("stem", ["x" * 252, "ß" * 126, "漢" * 84], ids=["1", "2", "3"])
def test_the_longest_names_there_are(here: Path, stem: str) -> None:
    page = here / f"data/wikis/Principle/{stem}.md"
    assert len(os.fsencode(page.name)) == 255
    page.write_text("# Long\n", encoding="utf-8")
    train = here / "data/wikis/Workflow/Train.md"
    train.write_text(f"# Train\n\n[[step::Principle:{stem}]]\n", encoding="utf-8")
    assert run_command(here, "build") == 0
    (note,) = set((here / "notes/principle").glob("*.qmd")) - {here / "notes/principle/Loss.qmd"}
    assert len(os.fsencode(note.name)) <= 190
    shown = unquote((here / "notes/workflow/Train.qmd").read_text(encoding="utf-8"))
    assert f"{note.stem}.html" in shown
    assert run_command(here, "rename", f"Principle:{stem}", "Principle:Short") == 0
    assert "[[step::principle:short]]" in train.read_text(encoding="utf-8").lower()


def test_a_page_that_is_a_link_stays_one(here: Path, tmp_path: Path) -> None:
    real = here / "data/wikis/shared/loss.md"
    real.parent.mkdir()
    (here / "data/wikis/Principle/Loss.md").rename(real)
    page = here / "data/wikis/Principle/deep/Loss.md"
    page.parent.mkdir()
    page.symlink_to("../../shared/loss.md")
    assert run_command(here, "rename", "Principle:Loss", "Heuristic:Risk") == 0
    moved = here / "data/wikis/Heuristic/Risk.md"
    assert moved.is_symlink()
    assert moved.samefile(real)
    assert "# Risk" in real.read_text(encoding="utf-8")


def test_what_lies_outside_the_wiki_is_never_written(here: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("# Mine\n\n[[step::Principle:Loss]]\n", encoding="utf-8")
    (here / "data/wikis/Workflow/Mine.md").symlink_to(outside)
    before = outside.read_bytes()
    assert run_command(here, "rename", "Principle:Loss", "Principle:Risk") == 0
    assert run_command(here, "build") == 0
    note = here / "notes/principle/Risk.qmd"
    elsewhere = tmp_path / "elsewhere.qmd"
    note.rename(elsewhere)
    note.symlink_to(elsewhere)
    was = elsewhere.read_bytes()
    (here / "data/wikis/Principle/Risk.md").write_text("# Risk\n\nMore.\n", encoding="utf-8")
    assert run_command(here, "build") == 0
    assert (outside.read_bytes(), elsewhere.read_bytes()) == (before, was)
    assert not note.is_symlink()


def test_modes_of_rewritten_files_stay(here: Path) -> None:
    pages = {here / "data/wikis/Workflow/Train.md": 0o664, here / "data/wikis/Principle/Loss.md": 0o640}
    for page, mode in pages.items():
        page.chmod(mode)
    assert run_command(here, "rename", "Principle:Loss", "Principle:Risk") == 0
    assert (here / "data/wikis/Workflow/Train.md").stat().st_mode & 0o777 == 0o664
    assert (here / "data/wikis/Principle/Risk.md").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("make", [replace_file, rewrite_file, create_file])
def test_a_failed_write_leaves_nothing(tmp_path: Path, make: Callable[[Path, bytes], None]) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(OSError, match="folder"):
        make(path, b"x")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_a_new_file_takes_nobodys_place(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="a"):
        create_file(tmp_path / "a", b"x")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a": b"mine"}


# Two at once


@pytest.mark.parametrize(
    ("arguments", "held"),
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
def test_who_comes_second_is_told_who_is_at_work(here: Path, arguments: list[str], held: str) -> None:
    before = read_wiki_files(here)
    with hold_lock(here, held, "rename"):
        done = command(here, *arguments)
    assert done.returncode == 2
    who = "another rename" if arguments[0] == "rename" else "a rename"
    wanted = f"typedwiki: {who} of this project is running (process {os.getpid()}); try again when it has ended\n"
    assert done.stderr == wanted
    assert read_wiki_files(here) == before
    assert not (here / "notes").exists()


def test_quartos_hook_is_told_too(here: Path) -> None:
    settings = "project: {type: website, render: [/notes/*.qmd, /notes/*/*.qmd]}\n"
    (here / "_quarto.yml").write_text(settings, encoding="utf-8")
    hook = [sys.executable, str(ROOT / "scripts/prebuild.py")]
    with hold_lock(here, "wiki", "build"):
        done = subprocess.run(hook, cwd=here, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert "another build of this project is running" in done.stderr
    assert subprocess.run(hook, cwd=here, check=False, capture_output=True).returncode == 0


def test_who_is_patient_waits(here: Path) -> None:
    config = load_config(here)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with hold_lock(here, "wiki", "build"):
            held.set()
            done.wait(0.3)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    with pytest.raises(LockedError), exclusive(config, "wiki", "preview"):
        pass
    with exclusive(config, "wiki", "preview", 30):
        pass
    thread.join()


def test_other_wikis_and_other_folders_are_in_nobodys_way(here: Path, tmp_path: Path) -> None:
    with hold_lock(here, "wiki", "build"):
        assert command(here, "build", "--output", str(tmp_path / "elsewhere")).returncode == 0
        assert command(here, "check").returncode in (0, 1)
