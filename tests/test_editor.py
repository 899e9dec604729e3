"""The problem matchers of .vscode/tasks.json parse the output of `check`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import ROOT
from test_author_mistakes import FILES, page
from wiki_project import run_command, write_project

pytestmark = pytest.mark.slow

TASKS = {task["label"]: task for task in json.loads((ROOT / ".vscode/tasks.json").read_text(encoding="utf-8"))["tasks"]}
WIKI_WITH_PROBLEM = FILES | {"Environment/Kitchen.md": page("Kitchen", body="See [[Principle:Nowhere]].\n\n")}


def test_problem_matcher_finds_location_severity_and_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(write_project(tmp_path, WIKI_WITH_PROBLEM), "check", "--all") == 1
    pattern = TASKS["Typedwiki: check"]["problemMatcher"]["pattern"]
    matches = [m for line in capsys.readouterr().out.splitlines() if (m := re.match(pattern["regexp"], line))]
    names = ("file", "line", "column", "severity", "code", "message")
    assert [tuple(m[pattern[name]] for name in names) for m in matches] == [
        ("data/wikis/Environment/Kitchen.md", "7", "5", "error", "L001", "no page `Principle:Nowhere`")
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="a signal ends it")
def test_watch_mode_updates_the_problem_list(tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", WIKI_WITH_PROBLEM)
    log = tmp_path / "log"
    command = [sys.executable, str(ROOT / "scripts/wiki.py"), "--project", str(project), "check", "--watch"]
    background = TASKS["Typedwiki: check while editing"]["problemMatcher"]["background"]

    def wait_for_rounds(number: int) -> str:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            text = log.read_text(encoding="utf-8")
            if len(re.findall(background["endsPattern"], text, re.MULTILINE)) >= number:
                return text
            time.sleep(0.1)
        pytest.fail(log.read_text(encoding="utf-8"))

    with log.open("w") as out, subprocess.Popen(command, stdout=out, env={**os.environ}) as process:
        try:
            assert "error L001 no page `Principle:Nowhere`" in wait_for_rounds(1)
            (project / "data/wikis/Environment/Kitchen.md").write_text(page("Kitchen"), encoding="utf-8")
            last_round = re.split(background["beginsPattern"], wait_for_rounds(2), flags=re.MULTILINE)[-1]
            assert last_round.splitlines()[1:] == [
                "mended: error L001 no page `Principle:Nowhere` in data/wikis/Environment/Kitchen.md",
                "typedwiki: check ends",
            ]
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(180) == 0
