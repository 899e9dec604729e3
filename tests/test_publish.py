"""The publishing workflow: it is well formed, and its steps do what they say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup

from conftest import GOLDEN, ROOT, copy_project

pytestmark = pytest.mark.slow

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
OF_OTHERS = re.findall(r"```yaml\n(name: .*?)```", (ROOT / "docs/ways.md").read_text(encoding="utf-8"), re.DOTALL)
"""Workflows for projects that are no copy of ours, as the documentation shows them."""
NEEDS_A_NETWORK = ("Install", "Audit the dependencies")


def jobs() -> dict[str, Any]:
    data = yaml.safe_load((ROOT / ".github/workflows/publish.yml").read_text(encoding="utf-8"))
    return dict(data["jobs"])


def run_steps(job: str, here: Path, **variables: str) -> str:
    """Run the commands of a job as a runner would; what they print."""
    printed = ""
    for step in jobs()[job]["steps"]:
        if "run" not in step or step["name"] in NEEDS_A_NETWORK:
            continue
        if (condition := step.get("if")) and (condition == "vars.ENGINE == 'quarto'") != (
            variables["ENGINE"] == "quarto"
        ):
            continue
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "SHARDS": "4", **variables}
        command = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
        done = subprocess.run(command, cwd=here, env=environment, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, f"{step['name']}: {done.stdout}{done.stderr}"
        printed += done.stdout
    return printed


@pytest.fixture(
    params=[*WORKFLOWS, *range(len(OF_OTHERS))], ids=lambda p: p.stem if isinstance(p, Path) else f"other-{p}"
)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if isinstance(request.param, Path):
        return request.param
    made = tmp_path / ".github/workflows/publish.yml"
    made.parent.mkdir(parents=True)
    made.write_text(OF_OTHERS[request.param], encoding="utf-8")
    return made


def test_is_a_workflow(path: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout


def test_has_no_hole(path: Path) -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    command = [str(zizmor), "--offline", "--quiet", "--no-progress", str(path)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_pull_request_needs_no_secret_and_dates_have_their_history(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    assert "secrets." not in text
    assert data["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in text
    steps = [step for job in data["jobs"].values() for step in job["steps"]]
    checkouts = [step["with"] for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(one["fetch-depth"] == 0 and one["persist-credentials"] is False for one in checkouts)
    for job in data["jobs"].values():
        writes = [name for name, level in job.get("permissions", {}).items() if level == "write"]
        assert not writes or "pull_request" in job["if"]


def test_actions_are_pinned(path: Path) -> None:
    used = re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8"))
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w-]+/[\w./-]+@[0-9a-f]{40}", action)] == []


def test_the_check_annotates(tmp_path: Path) -> None:
    here = copy_project(tmp_path / "here", GOLDEN / "two_dialects/wiki")
    shutil.rmtree(here / "data/wikis/Principle")
    with pytest.raises(AssertionError, match=r"::error file=data/wikis/\S+,line=\d+,col=\d+"):
        run_steps("check", here)


@pytest.mark.quarto
def test_four_machines_publish_one_site(quarto: str, tmp_path: Path) -> None:
    wiki = tmp_path / "wiki"
    shutil.copytree(GOLDEN / "two_dialects/wiki", wiki)
    squared = wiki / "implementations/acme_kit_Squared_Error.md"  # a page with an error is not published
    squared.write_text(squared.read_text(encoding="utf-8").replace("[[depends_on::Library:numpy]]", "NumPy"), "utf-8")
    implementation = (
        "# Step\n\n## Overview\n\nCode.\n\n## Connections\n\n- [[implements::Principle:Gradient Descent]]\n"
    )
    (wiki / "implementations/acme_kit_Step.md").write_text(implementation, encoding="utf-8")
    main = copy_project(tmp_path / "main", wiki)
    for number in range(1, 5):
        shutil.copytree(main, tmp_path / f"machine-{number}")
    run_steps("check", main)
    for shard in jobs()["render"]["strategy"]["matrix"]["shard"]:
        machine = tmp_path / f"machine-{shard}"
        run_steps("render", machine, SHARD=str(shard), ENGINE="quarto")
        shutil.copytree(machine / "shards", main / "shards", dirs_exist_ok=True)
    assert re.search(r"\b1\d pages merged", run_steps("publish", main, ENGINE="quarto"))
    notes = [BeautifulSoup(n.read_bytes(), "html.parser") for n in (main / "_site/notes/principle").glob("*.html")]
    assert [len(note.select("h1.title")) for note in notes] == [1, 1]


@pytest.mark.quarto
def test_one_machine_publishes_a_site(quarto: str, tmp_path: Path) -> None:
    main = copy_project(tmp_path / "main", GOLDEN / "two_dialects/wiki")
    assert re.search(r"\b1\d pages rendered", run_steps("publish", main, ENGINE="auto"))
    assert (main / "_site/notes/principle/acme_kit_Loss.html").is_file()


def test_a_wiki_alone_is_checked_and_rendered(tmp_path: Path, installed: dict[str, str]) -> None:
    shutil.copytree(ROOT / "wiki", tmp_path / "wiki")
    start = tmp_path / "wiki/Workflow/Start_a_Wiki.md"  # the note by hand that it names is not part of the wiki
    start.write_text(start.read_text("utf-8").replace("- [[related::Note:a-note-by-hand]]\n", ""), "utf-8")
    (job,) = (yaml.safe_load(text)["jobs"]["render"] for text in OF_OTHERS)
    for step in job["steps"]:
        if "run" in step and step["name"] != "Install":
            command = step["run"] + (" --renderer draft" if step["name"] == "Render" else "")  # Quarto: see test_doors
            done = subprocess.run(
                ["bash", "-c", command], cwd=tmp_path, env=installed, capture_output=True, encoding="utf-8", check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "_site/notes/principle/Typed_Links.html").is_file()
