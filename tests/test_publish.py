"""The publishing workflows are valid and safe, and their steps do what they promise."""

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
DOCUMENTED_WORKFLOWS = re.findall(
    r"```yaml\n(name: .*?)```", (ROOT / "docs/ways.md").read_text(encoding="utf-8"), re.DOTALL
)
"""Workflows in the documentation, for projects that are not a copy of this one."""
NEEDS_A_NETWORK = ("Install", "Audit the dependencies")


def jobs() -> dict[str, Any]:
    data = yaml.safe_load((ROOT / ".github/workflows/publish.yml").read_text(encoding="utf-8"))
    return dict(data["jobs"])


def run_steps(job: str, project: Path, **variables: str) -> str:
    """Run the commands of a job as a runner would; return what they print."""
    output = ""
    for step in jobs()[job]["steps"]:
        if "run" not in step or step["name"] in NEEDS_A_NETWORK:
            continue
        if (condition := step.get("if")) and (condition == "vars.ENGINE == 'quarto'") != (
            variables["ENGINE"] == "quarto"
        ):
            continue
        workflow_path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": workflow_path, "SHARDS": "4", **variables}
        command = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
        result = subprocess.run(
            command, cwd=project, env=environment, capture_output=True, encoding="utf-8", check=False
        )
        assert result.returncode == 0, f"{step['name']}: {result.stdout}{result.stderr}"
        output += result.stdout
    return output


@pytest.fixture(
    params=[*WORKFLOWS, *range(len(DOCUMENTED_WORKFLOWS))],
    ids=lambda p: p.stem if isinstance(p, Path) else f"other-{p}",
)
def workflow_path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if isinstance(request.param, Path):
        return request.param
    path = tmp_path / ".github/workflows/publish.yml"
    path.parent.mkdir(parents=True)
    path.write_text(DOCUMENTED_WORKFLOWS[request.param], encoding="utf-8")
    return path


def test_workflow_matches_the_schema(workflow_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.github-workflows",
        str(workflow_path),
    ]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stdout


def test_workflow_has_no_security_findings(workflow_path: Path) -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    command = [str(zizmor), "--offline", "--quiet", "--no-progress", str(workflow_path)]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_workflow_needs_no_secrets_and_fetches_the_history(workflow_path: Path) -> None:
    text = workflow_path.read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    assert "secrets." not in text
    assert data["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in text
    steps = [step for job in data["jobs"].values() for step in job["steps"]]
    checkouts = [step["with"] for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(checkout["fetch-depth"] == 0 and checkout["persist-credentials"] is False for checkout in checkouts)
    for job in data["jobs"].values():
        writes = [name for name, level in job.get("permissions", {}).items() if level == "write"]
        assert not writes or "pull_request" in job["if"]


def test_actions_are_pinned(workflow_path: Path) -> None:
    actions = re.findall(r"uses: (\S+)", workflow_path.read_text(encoding="utf-8"))
    assert actions
    assert [action for action in actions if not re.fullmatch(r"[\w-]+/[\w./-]+@[0-9a-f]{40}", action)] == []


def test_check_job_writes_annotations(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", GOLDEN / "two_dialects/wiki")
    shutil.rmtree(project / "data/wikis/Principle")
    with pytest.raises(AssertionError, match=r"::error file=data/wikis/\S+,line=\d+,col=\d+"):
        run_steps("check", project)


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
def test_single_machine_publishes_a_site(quarto: str, tmp_path: Path) -> None:
    main = copy_project(tmp_path / "main", GOLDEN / "two_dialects/wiki")
    assert re.search(r"\b1\d pages rendered", run_steps("publish", main, ENGINE="auto"))
    assert (main / "_site/notes/principle/acme_kit_Loss.html").is_file()


def test_wiki_without_a_project_is_checked_and_rendered(tmp_path: Path, installed: dict[str, str]) -> None:
    shutil.copytree(ROOT / "wiki", tmp_path / "wiki")
    start = tmp_path / "wiki/Workflow/Start_a_Wiki.md"  # it links to a hand-written note outside the wiki
    start.write_text(start.read_text("utf-8").replace("- [[related::Note:a-note-by-hand]]\n", ""), "utf-8")
    (job,) = (yaml.safe_load(text)["jobs"]["render"] for text in DOCUMENTED_WORKFLOWS)
    for step in job["steps"]:
        if "run" in step and step["name"] != "Install":
            command = step["run"] + (
                " --renderer draft" if step["name"] == "Render" else ""
            )  # for Quarto see test_site_setup.py
            result = subprocess.run(
                ["bash", "-c", command], cwd=tmp_path, env=installed, capture_output=True, encoding="utf-8", check=False
            )
            assert result.returncode == 0, result.stdout + result.stderr
    assert (tmp_path / "_site/notes/principle/Typed_Links.html").is_file()
