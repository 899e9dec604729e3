"""Nothing is lost when a command is killed, and what it had begun is completed or taken back.

`python tests/faults/kill.py --rounds 200` is the long form of this.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from typedwiki.atomic import FOLDER, UNDONE, Change
from typedwiki.author import page_files
from wiki_project import read_wiki_files, run_command, write_project

FAULTS = Path(__file__).parent / "faults"

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")]


def test_killed_at_random(tmp_path: Path) -> None:
    only = "build,rename,retype,fix,convert"
    command = [sys.executable, str(FAULTS / "kill.py"), "--rounds", "10", "--only", only]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 rounds good, 0 bad" in done.stdout
    assert "killed" in done.stdout


LOSS = "# Loss\n\nWhat it costs.\n"
TRAIN = "# Train\n\n[[step::Principle:Loss]]\n"
FILES = {"Principle/Loss.md": LOSS, "Workflow/Train.md": TRAIN, "Workflow/Test.md": TRAIN}


class Killed(BaseException):
    """As sudden as SIGKILL, for a process that goes on testing."""


@pytest.fixture
def half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, dict[str, bytes]]:
    """A wiki with half a rename in it, and what it was before."""
    here = write_project(tmp_path, FILES)
    before = read_wiki_files(here)
    real = page_files._apply_change

    def stops(path: Path, target: Path, change: Change) -> None:
        if path.stem == "Train":  # the last of three
            raise Killed
        real(path, target, change)

    with monkeypatch.context() as patch:
        patch.setattr(page_files, "_apply_change", stops)
        patch.setattr("typedwiki.atomic.undo", lambda project: [])
        with pytest.raises(Killed):
            run_command(here, "rename", "Principle:Loss", "Principle:Risk")
    assert {"Principle/Risk.md", "Workflow/Train.md"} < read_wiki_files(here).keys()
    assert read_wiki_files(here)["Workflow/Test.md"] != before["Workflow/Test.md"]
    return here, before


@pytest.mark.parametrize("command", [["check"], ["report"], ["export", "--format", "graph.json"]])
def test_what_only_reads_takes_nothing_back_and_says_so(
    half: tuple[Path, dict[str, bytes]], command: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    here, before = half
    now = read_wiki_files(here)
    assert run_command(here, *command) == 2
    assert "was interrupted" in capfd.readouterr().err
    assert read_wiki_files(here) == now
    assert run_command(here, "build") == 0
    assert "were interrupted, and have been taken back" in capfd.readouterr().err
    assert read_wiki_files(here) == before
    assert run_command(here, *command) in (0, 1)


def append(page: Path) -> None:
    page.write_text(page.read_text(encoding="utf-8") + "Mine.\n", encoding="utf-8")


def restore(page: Path) -> None:
    page.write_text(TRAIN, encoding="utf-8")


@pytest.mark.parametrize(
    ("touch", "content", "said"),
    [
        (append, TRAIN.replace("Loss", "Risk") + "Mine.\n", "edited since, so it stays"),
        (restore, TRAIN, ""),
        (Path.unlink, None, "edited since, so it stays"),
    ],
)
def test_what_has_been_edited_since_stays(
    half: tuple[Path, dict[str, bytes]],
    touch: Callable[[Path], None],
    content: str | None,
    said: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    here, before = half
    page = here / "data/wikis/Workflow/Test.md"
    touch(page)
    assert run_command(here, "build") == 0
    err = capfd.readouterr().err
    assert said in err
    after = read_wiki_files(here)
    assert after.pop("Workflow/Test.md", None) == (content and content.encode())
    assert after == {name: data for name, data in before.items() if name != "Workflow/Test.md"}
    if said:
        assert TRAIN.encode() in {path.read_bytes() for path in (here / UNDONE).iterdir()}
    assert not (here / FOLDER).exists()


def test_a_page_that_has_moved_and_been_edited_stays_where_it_is(
    half: tuple[Path, dict[str, bytes]], capfd: pytest.CaptureFixture[str]
) -> None:
    here, _ = half
    page = here / "data/wikis/Principle/Risk.md"
    append(page)
    assert run_command(here, "build") == 0
    assert "data/wikis/Principle/Risk.md: edited since, so it stays" in capfd.readouterr().err
    assert page.read_text(encoding="utf-8").endswith("Mine.\n")
    assert not (here / "data/wikis/Principle/Loss.md").exists()


def test_a_damaged_record_is_named_and_nothing_changes(
    half: tuple[Path, dict[str, bytes]], capfd: pytest.CaptureFixture[str]
) -> None:
    here, _ = half
    (here / FOLDER / "changes.json").write_text("{", encoding="utf-8")
    now = read_wiki_files(here)
    assert run_command(here, "build") == 2
    assert "changes.json: cannot be read" in capfd.readouterr().err
    assert read_wiki_files(here) == now
