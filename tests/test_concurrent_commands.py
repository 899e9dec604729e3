"""Two commands at once: a command is stopped at a change of a file, and another one runs meanwhile.

The result must equal that of both commands in some order, or the second must say why it stops. By default each
pair is tried at a few moments; TYPEDWIKI_TESTS=all tries every moment.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ALL_CASES, ROOT
from faults.kill import RUN_KILLED, WIKI
from wiki_project import write_project

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGSTOP")]

PAGE = "# {0}\n\n## Overview\n\nWhat {0} is.\n\n## Connections\n- [[{1}]]\n"
FILES = {
    "Principle/Kneading.md": PAGE.format("Kneading", "step_of::Workflow:Bread"),
    "Principle/Proofing.md": PAGE.format("Proofing", "step_of::Workflow:Bread"),
    "Workflow/Bread.md": PAGE.format("Bread", "step::Principle:Kneeding"),
    "Workflow/Pizza.md": PAGE.format("Pizza", "step::Principle:Prooffing"),
    "Workflow/Rolls.md": PAGE.format("Rolls", "step::Principle:Kneading"),
}
OTHER = {
    "Principle/Sowing.md": PAGE.format("Sowing", "step_of::Workflow:Garden"),
    "Workflow/Garden.md": PAGE.format("Garden", "step::Principle:Sowing"),
}
WRITERS = {
    "rename": ("rename", "Principle:Kneading", "Principle:Folding"),
    "fix": ("check", "--fix"),
    "convert": ("convert", "Workflow:Rolls", "Principle:Kneading", "--to", "mediawiki"),
    "new": ("new", "Heuristic", "Wait"),
    "build": ("build",),
    "rename in another wiki": ("rename", "Principle:Sowing", "Principle:Planting", "--source", "{0}/other"),
    "build elsewhere": ("build", "--source", "{0}/other", "--output", "{0}/elsewhere"),
    "export": ("export", "--output", "{0}/exported"),
    "clean": ("clean",),
}
READERS = {"check": ("check",), "report": ("report",), "check another": ("check", "--source", "{0}/other")}
COMMANDS = WRITERS | READERS
STOPPED = ["rename", "fix", "build", "build elsewhere"]
"""The commands that are stopped in a short run."""


def write_wikis(folder: Path) -> Path:
    """A project with two wikis, with old modification times."""
    project = write_project(folder, FILES)
    for name, text in OTHER.items():
        path = project / "other" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "index.qmd", project)
    for path in project.rglob("*.md"):
        os.utime(path, (1e9, 1e9))
    return project


def wiki_arguments(project: Path, command: tuple[str, ...]) -> list[str]:
    return [WIKI, "--project", str(project), *(part.format(project) for part in command)]


def run_command(project: Path, command: tuple[str, ...]) -> tuple[int, str]:
    """Run a command; return its status and its output (stderr, stdout)."""
    result = subprocess.run(
        [sys.executable, *wiki_arguments(project, command)], capture_output=True, encoding="utf-8", check=False
    )
    assert "Traceback" not in result.stderr, result.stderr
    return result.returncode, result.stderr + result.stdout


def read_tree(project: Path) -> dict[str, bytes]:
    """Every file except the records of builds, which contain times."""
    files = {p.relative_to(project).as_posix(): p.read_bytes() for p in project.rglob("*") if p.is_file()}
    return {name: data for name, data in files.items() if not name.startswith(".typedwiki/")}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], dict[str, bytes]]:
    """The files that sequences of commands leave: a cache that ``files_after`` fills."""
    return {}


def files_after(
    names: tuple[str, ...], folder: Path, results: dict[tuple[str, ...], dict[str, bytes]]
) -> dict[str, bytes]:
    """The files after these commands, run one after the other."""
    if names not in results:
        project = write_wikis(folder / "in-order")
        for name in names:
            run_command(project, COMMANDS[name])
        results[names] = {
            name: data.replace(str(project).encode(), b"PROJECT") for name, data in read_tree(project).items()
        }
        shutil.rmtree(project)
    return results[names]


def count_changes(name: str, folder: Path) -> int:
    """How many changes of files a command makes."""
    project = write_wikis(folder / "counted")
    result = subprocess.run(
        [sys.executable, RUN_KILLED, "0", "", str(project), *wiki_arguments(project, WRITERS[name])],
        capture_output=True,
        check=False,
    )
    shutil.rmtree(project)
    return int(result.stdout.split()[-1])


def sample_changes(changes: int) -> Iterator[int]:
    """The changes to stop at: all of them, or the middle one and the last."""
    if ALL_CASES:
        yield from range(1, changes + 1)
    else:
        yield from sorted({changes // 2 + 1, changes})


@pytest.mark.parametrize("first", WRITERS if ALL_CASES else STOPPED)
def test_second_command_waits_or_stops_while_first_is_suspended(
    first: str, tmp_path: Path, results: dict[tuple[str, ...], dict[str, bytes]]
) -> None:
    for turn, number in enumerate(sample_changes(count_changes(first, tmp_path))):
        for second in COMMANDS if ALL_CASES else list(COMMANDS)[turn + STOPPED.index(first) :: 5]:
            project = write_wikis(tmp_path / "project")
            command = [
                sys.executable,
                RUN_KILLED,
                str(number),
                "stop",
                str(project),
                *wiki_arguments(project, WRITERS[first]),
            ]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as process:
                _, state = os.waitpid(process.pid, os.WUNTRACED)
                assert os.WIFSTOPPED(state), f"{first} did not stop at {number}"
                status, output = run_command(project, COMMANDS[second])
                process.send_signal(signal.SIGCONT)
                _, errors = process.communicate(timeout=300)
            actual = {
                name: data.replace(str(project).encode(), b"PROJECT") for name, data in read_tree(project).items()
            }
            allowed: list[tuple[str, ...]] = [(first, second), (second, first)]
            if status == 2:
                assert "running" in output, output
                assert "taken back" not in output, output
                allowed = [(first,)]
            elif process.returncode == 2:
                allowed.append((second,))
            assert "taken back" not in errors
            expected = [files_after(names, tmp_path, results) for names in allowed]
            assert actual in expected, (
                f"{second} while {first} was stopped at change {number}: {output}{errors}"
                + "".join(
                    f"\n{sorted(name for name in actual.keys() | files.keys() if actual.get(name) != files.get(name))}"
                    for files in expected
                )
            )
            shutil.rmtree(project)


@pytest.mark.parametrize("first", ["rename", "fix", "convert"])
def test_next_command_reports_or_undoes_killed_command(first: str, tmp_path: Path) -> None:
    """A command that only reads reports the interruption and changes nothing; one that writes undoes it first."""
    for number in range(count_changes(first, tmp_path), 0, -1):
        project = write_wikis(tmp_path / str(number))
        before = read_tree(project)
        command = [sys.executable, RUN_KILLED, str(number), "", str(project), *wiki_arguments(project, WRITERS[first])]
        subprocess.run(command, capture_output=True, check=False)
        half_done = read_tree(project)
        if half_done != before and (project / ".typedwiki/undo/changes.json").exists():
            break
    else:
        pytest.fail("no moment at which only some files are changed")
    status, output = run_command(project, ("check", "--source", "{0}/other"))
    assert (status, "was interrupted" in output) == (2, True), output
    assert read_tree(project) == half_done
    status, output = run_command(project, ("new", "Heuristic", "Wait", "--source", "{0}/other"))
    assert "taken back" in output
    assert {n: d for n, d in read_tree(project).items() if "Wait" not in n} == before
