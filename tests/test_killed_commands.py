"""A killed command loses nothing: the next command completes or undoes its changes.

`python tests/faults/kill.py --rounds 200` is the long form of this test.
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


def test_commands_killed_at_random_lose_nothing(tmp_path: Path) -> None:
    only = "build,rename,retype,fix,convert"
    command = [sys.executable, str(FAULTS / "kill.py"), "--rounds", "10", "--only", only]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, env=environment)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "10 rounds good, 0 bad" in result.stdout
    assert "killed" in result.stdout


LOSS = "# Loss\n\nWhat it costs.\n"
TRAIN = "# Train\n\n[[step::Principle:Loss]]\n"
FILES = {"Principle/Loss.md": LOSS, "Workflow/Train.md": TRAIN, "Workflow/Test.md": TRAIN}


class Killed(BaseException):
    """Raised in place of SIGKILL, so that the process can go on testing."""


@pytest.fixture
def half_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, dict[str, bytes]]:
    """A wiki with a half-done rename, and its files before."""
    project = write_project(tmp_path, FILES)
    before = read_wiki_files(project)
    apply_change = page_files._apply_change

    def stop_before_train(path: Path, target: Path, change: Change) -> None:
        if path.stem == "Train":  # the last of three
            raise Killed
        apply_change(path, target, change)

    with monkeypatch.context() as patch:
        patch.setattr(page_files, "_apply_change", stop_before_train)
        patch.setattr("typedwiki.atomic.undo", lambda project: [])
        with pytest.raises(Killed):
            run_command(project, "rename", "Principle:Loss", "Principle:Risk")
    assert {"Principle/Risk.md", "Workflow/Train.md"} < read_wiki_files(project).keys()
    assert read_wiki_files(project)["Workflow/Test.md"] != before["Workflow/Test.md"]
    return project, before


@pytest.mark.parametrize("command", [["check"], ["report"], ["export", "--format", "graph.json"]])
def test_reading_command_reports_interruption_and_changes_nothing(
    half_renamed: tuple[Path, dict[str, bytes]], command: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    project, before = half_renamed
    now = read_wiki_files(project)
    assert run_command(project, *command) == 2
    assert "was interrupted" in capfd.readouterr().err
    assert read_wiki_files(project) == now
    assert run_command(project, "build") == 0
    assert "were interrupted, and have been taken back" in capfd.readouterr().err
    assert read_wiki_files(project) == before
    assert run_command(project, *command) in (0, 1)


def append_line(page: Path) -> None:
    page.write_text(page.read_text(encoding="utf-8") + "Mine.\n", encoding="utf-8")


def restore(page: Path) -> None:
    page.write_text(TRAIN, encoding="utf-8")


@pytest.mark.parametrize(
    ("edit", "content", "message"),
    [
        (append_line, TRAIN.replace("Loss", "Risk") + "Mine.\n", "edited since, so it stays"),
        (restore, TRAIN, ""),
        (Path.unlink, None, "edited since, so it stays"),
    ],
)
def test_page_edited_after_interruption_is_kept(
    half_renamed: tuple[Path, dict[str, bytes]],
    edit: Callable[[Path], None],
    content: str | None,
    message: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    project, before = half_renamed
    page = project / "data/wikis/Workflow/Test.md"
    edit(page)
    assert run_command(project, "build") == 0
    stderr = capfd.readouterr().err
    assert message in stderr
    after = read_wiki_files(project)
    assert after.pop("Workflow/Test.md", None) == (content and content.encode())
    assert after == {name: data for name, data in before.items() if name != "Workflow/Test.md"}
    if message:
        assert TRAIN.encode() in {path.read_bytes() for path in (project / UNDONE).iterdir()}
    assert not (project / FOLDER).exists()


def test_moved_page_edited_after_interruption_is_kept(
    half_renamed: tuple[Path, dict[str, bytes]], capfd: pytest.CaptureFixture[str]
) -> None:
    project, _ = half_renamed
    page = project / "data/wikis/Principle/Risk.md"
    append_line(page)
    assert run_command(project, "build") == 0
    assert "data/wikis/Principle/Risk.md: edited since, so it stays" in capfd.readouterr().err
    assert page.read_text(encoding="utf-8").endswith("Mine.\n")
    assert not (project / "data/wikis/Principle/Loss.md").exists()


def test_damaged_undo_record_is_reported_and_nothing_changes(
    half_renamed: tuple[Path, dict[str, bytes]], capfd: pytest.CaptureFixture[str]
) -> None:
    project, _ = half_renamed
    (project / FOLDER / "changes.json").write_text("{", encoding="utf-8")
    now = read_wiki_files(project)
    assert run_command(project, "build") == 2
    assert "changes.json: cannot be read" in capfd.readouterr().err
    assert read_wiki_files(project) == now
