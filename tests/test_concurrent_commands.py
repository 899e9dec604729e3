"""Two commands at once: a command is stopped at each of its changes of files, and another one runs meanwhile.

In the end everything is as if one had run after the other, or the second has said why it stops. By default each pair
has its turn at a few moments; TYPEDWIKI_TESTS=all takes every moment.
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
SECONDS = WRITERS | READERS
FIRST = ["rename", "fix", "build", "build elsewhere"]
"""Those that are stopped in a short run."""


def laid_out(folder: Path) -> Path:
    """A project with two wikis, one of them built, as git would have it."""
    here = write_project(folder, FILES)
    for name, text in OTHER.items():
        path = here / "other" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "index.qmd", here)
    for path in here.rglob("*.md"):
        os.utime(path, (1e9, 1e9))
    return here


def line(here: Path, command: tuple[str, ...]) -> list[str]:
    return [WIKI, "--project", str(here), *(part.format(here) for part in command)]


def run(here: Path, command: tuple[str, ...]) -> tuple[int, str]:
    """Status and what it says on stderr and stdout."""
    done = subprocess.run([sys.executable, *line(here, command)], capture_output=True, encoding="utf-8", check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr + done.stdout


def tree(here: Path) -> dict[str, bytes]:
    """What people see: not the records of builds, which hold times."""
    found = {p.relative_to(here).as_posix(): p.read_bytes() for p in here.rglob("*") if p.is_file()}
    return {name: data for name, data in found.items() if not name.startswith(".typedwiki/")}


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], dict[str, bytes]]:
    """What sequences of commands leave, filled as they are asked for."""
    return {}


def after(names: tuple[str, ...], folder: Path, orders: dict[tuple[str, ...], dict[str, bytes]]) -> dict[str, bytes]:
    if names not in orders:
        here = laid_out(folder / "in-order")
        for name in names:
            run(here, SECONDS[name])
        orders[names] = {name: data.replace(str(here).encode(), b"HERE") for name, data in tree(here).items()}
        shutil.rmtree(here)
    return orders[names]


def changes_of(name: str, folder: Path) -> int:
    here = laid_out(folder / "counted")
    done = subprocess.run(
        [sys.executable, RUN_KILLED, "0", "", str(here), *line(here, WRITERS[name])], capture_output=True, check=False
    )
    shutil.rmtree(here)
    return int(done.stdout.split()[-1])


def moments(changes: int) -> Iterator[int]:
    if ALL_CASES:
        yield from range(1, changes + 1)
    else:
        yield from sorted({changes // 2 + 1, changes})


@pytest.mark.parametrize("first", WRITERS if ALL_CASES else FIRST)
def test_whoever_runs_meanwhile(first: str, tmp_path: Path, orders: dict[tuple[str, ...], dict[str, bytes]]) -> None:
    for turn, number in enumerate(moments(changes_of(first, tmp_path))):
        for second in SECONDS if ALL_CASES else list(SECONDS)[turn + FIRST.index(first) :: 5]:
            here = laid_out(tmp_path / "here")
            command = [sys.executable, RUN_KILLED, str(number), "stop", str(here), *line(here, WRITERS[first])]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as process:
                _, state = os.waitpid(process.pid, os.WUNTRACED)
                assert os.WIFSTOPPED(state), f"{first} did not stop at {number}"
                status, said = run(here, SECONDS[second])
                process.send_signal(signal.SIGCONT)
                _, errors = process.communicate(timeout=300)
            now = {name: data.replace(str(here).encode(), b"HERE") for name, data in tree(here).items()}
            allowed: list[tuple[str, ...]] = [(first, second), (second, first)]
            if status == 2:
                assert "running" in said, said
                assert "taken back" not in said, said
                allowed = [(first,)]
            elif process.returncode == 2:
                allowed.append((second,))
            assert "taken back" not in errors
            wanted = [after(names, tmp_path, orders) for names in allowed]
            assert now in wanted, f"{second} while {first} was stopped at change {number}: {said}{errors}" + "".join(
                f"\n{sorted(n for n in now.keys() | w.keys() if now.get(n) != w.get(n))}" for w in wanted
            )
            shutil.rmtree(here)


@pytest.mark.parametrize("first", ["rename", "fix", "convert"])
def test_killed_and_then_another(first: str, tmp_path: Path) -> None:
    """Who only reads takes nothing back and says what is the matter; who writes takes it back first."""
    for number in range(changes_of(first, tmp_path), 0, -1):
        here = laid_out(tmp_path / str(number))
        before = tree(here)
        command = [sys.executable, RUN_KILLED, str(number), "", str(here), *line(here, WRITERS[first])]
        subprocess.run(command, capture_output=True, check=False)
        half = tree(here)
        if half != before and (here / ".typedwiki/undo/changes.json").exists():
            break
    else:
        pytest.fail("no moment at which only some files are changed")
    status, said = run(here, ("check", "--source", "{0}/other"))
    assert (status, "was interrupted" in said) == (2, True), said
    assert tree(here) == half
    status, said = run(here, ("new", "Heuristic", "Wait", "--source", "{0}/other"))
    assert "taken back" in said
    assert {n: d for n, d in tree(here).items() if "Wait" not in n} == before
