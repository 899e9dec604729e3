"""The command line, run as a process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, copy_project
from wiki import main

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent / "golden"


def run_wiki(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(cwd / "scripts" / "wiki.py"), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", check=False)


def test_check_writes_json() -> None:
    result = run_wiki("check", "--source", GOLDEN / "two_dialects/wiki", "--format", "json")
    report = json.loads(result.stdout)
    assert report["pages"] == {
        "Workflow": 1,
        "Principle": 2,
        "Implementation": 1,
        "Environment": 1,
        "Heuristic": 1,
    }
    edges = {name: count for name, count in report["edges"].items() if count}
    assert edges == {"step": 2, "implemented_by": 1, "requires_env": 1, "uses_heuristic": 2, "mentions": 1}
    assert report["workflows"] == {"Workflow/acme_kit_Train_Model": 2}
    (problem,) = [p for p in report["problems"] if p["code"].startswith("L")]
    assert list(problem) == ["code", "severity", "path", "line", "column", "message", "hint"]
    assert (problem["code"], problem["line"], problem["column"]) == ("L003", 25, 3)
    assert result.returncode == 1  # a Principle lacks its Implementation


def test_check_writes_text_and_sets_the_status() -> None:
    result = run_wiki("check", "--source", GOLDEN / "problems/wiki")
    assert result.returncode == 1
    assert "Broken.md:4:10: error L001 no page `Principle:Brokn` (did you mean Principle:Broken?)" in result.stdout
    assert result.stdout.splitlines()[-1] == "8 errors, 6 warnings, 8 info in 6 pages, 0 edges"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "--source", "/nowhere"], "`/nowhere` is not a folder"),
        (["check", "--project", "."], "unrecognized arguments"),
        (["frobnicate"], "invalid choice"),
        ([], "COMMAND"),
    ],
)
def test_wrong_usage_exits_with_2_without_traceback(arguments: list[str], message: str) -> None:
    result = run_wiki(*arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("typedwiki: {sorce: x}", "1:13: error W003 typedwiki: sorce: unknown key (did you mean `source`?)"),
        ("a: 1\ntypedwiki:\n  source: nowhere", "3:3: error W003 typedwiki: source: `nowhere` is not a folder"),
        ("typedwiki: {source: 3}", "1:13: error W003 typedwiki: source: must be a folder or a list of folders"),
        ("typedwiki: {execute: [data, x]}", "1:13: error W003 typedwiki: execute: `x` is not a folder"),
        ('typedwiki: {execute: ""}', "1:13: error W003 typedwiki: execute: must be a folder or a list of folders"),
        ("typedwiki:\n  source: data\n  source: x", "3:3: error W003 typedwiki: source: `x` is not a folder"),
        ("typedwiki: {fast-from: yes}", "1:13: error W003 typedwiki: fast-from: must be a whole number above 0"),
        (
            "typedwiki:\n  rules:\n    L001: off\n    l003: off",
            "4:5: error W003 typedwiki: rules: l003: no rule has this code (did you mean `L003`?)",
        ),
        (
            "typedwiki: {rules: {L001: loud}}",
            "1:21: error W003 typedwiki: rules: L001: expected error, warning, info, off, not `loud`",
        ),
        (
            "typedwiki: {schema: {types: {X: {rank: top}}}}",
            "1:34: error W003 typedwiki: schema: types: X: rank: must be a whole number",
        ),
        (
            "typedwiki: {schema: {edges: {x: {from: [Nope]}}}}",
            "1:34: error W003 typedwiki: schema: edges: x: from: names unknown type `Nope`",
        ),
        ("typedwiki: [source]", "1:1: error W003 typedwiki: expected keys with values"),
        ("- typedwiki", "1:1: error W003 expected keys with values"),
        (
            "a: b\ntypedwiki: [",
            "2:13: error W002 is not YAML: the bracket that opens on line 2 is never closed; put text that holds",
        ),
        (
            "a: 'b\nc: d\n",
            "1:4: error W002 is not YAML: the quote that begins on line 1 is never closed",
        ),
        ("date: 2025-02-30", "1:1: error W002 is not YAML: it holds a date that no calendar has"),
    ],
)
def test_wrong_configuration_exits_with_2(
    tmp_path: Path, key: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data/wikis").mkdir(parents=True)
    (tmp_path / "_quarto.yml").write_text(key)
    assert main(["--project", str(tmp_path), "check"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"typedwiki: {tmp_path / '_quarto.yml'}:{message}")


def test_build_into_another_folder_and_strict_mode(tmp_path: Path) -> None:
    source = GOLDEN / "problems/wiki"
    result = run_wiki("build", "--source", source, "--output", tmp_path)
    assert result.returncode == 0
    notes = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.qmd") if p.parent.name != "wiki")
    assert notes == [
        "heuristic/Broken_things.qmd",
        "heuristic/Empty.qmd",
        "heuristic/Same.qmd",
        "implementation/Front_Matter.qmd",
        "principle/Broken.qmd",
        "principle/Same.qmd",
    ]
    assert run_wiki("build", "--source", source, "--output", tmp_path, "--strict").returncode == 1


def test_several_sources_form_one_wiki(tmp_path: Path) -> None:
    sources = [f"--source={GOLDEN / name / 'wiki'}" for name in ("two_dialects", "problems")]
    report = json.loads(run_wiki("check", *sources, "--format", "json").stdout)
    assert sum(report["pages"].values()) == 12


def test_draft_of_another_wiki_leaves_the_notes_unchanged(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "p", GOLDEN / "two_dialects/wiki")
    result = run_wiki("draft", "--source", GOLDEN / "problems/wiki", "--site", tmp_path / "s", cwd=project)
    assert result.returncode == 0, result.stderr
    assert list((project / "notes").iterdir()) == []
    assert (tmp_path / "s/notes/principle/Broken.html").exists()


def test_draft_never_overwrites_a_foreign_folder(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    result = run_wiki("draft", "--source", GOLDEN / "problems/wiki", "--site", tmp_path)
    assert result.returncode == 2
    assert "W001" in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["index.html"]


def test_clean_removes_only_generated_files(tmp_path: Path) -> None:
    project = copy_project(tmp_path, GOLDEN / "two_dialects/wiki")
    (project / "notes/mine.qmd").write_text("---\ntitle: Mine\n---\n")
    assert run_wiki("draft", cwd=project).returncode == 0
    assert (project / "_site/notes/mine.html").exists()
    assert run_wiki("clean", cwd=project).returncode == 0
    assert {p.name for p in (project / "notes").iterdir()} == {"mine.qmd", "addresses.json"}
    assert not (project / "_site").exists()


def test_render_without_quarto_builds_the_draft_and_says_so(tmp_path: Path) -> None:
    project = copy_project(tmp_path, GOLDEN / "two_dialects/wiki")
    (tmp_path / "bin").mkdir()
    environment = {**os.environ, "PATH": str(tmp_path / "bin"), "QUARTO_PATH": str(tmp_path / "no-quarto")}
    command = [sys.executable, "scripts/wiki.py", "render"]
    result = subprocess.run(command, cwd=project, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stderr
    assert "making the draft" in result.stdout
    assert (project / "_site/index.html").exists()
    forced = subprocess.run(
        [*command, "--renderer=quarto"], cwd=project, env=environment, capture_output=True, check=False
    )
    assert forced.returncode == 2


def test_hook_names_the_python_that_lacks_packages(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    result = subprocess.run(
        [sys.executable, "-S", "-I", str(tmp_path / "scripts/prebuild.py")],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode
    assert sys.executable in result.stderr
    assert "pip install -r requirements.txt" in result.stderr
    assert "Traceback" not in result.stderr


def test_edit_link_leads_to_the_wiki_page(tmp_path: Path) -> None:
    project = copy_project(tmp_path, GOLDEN / "two_dialects/wiki")
    config = project / "_quarto.yml"
    text = config.read_text(encoding="utf-8").replace("website:\n", "website:\n  repo-url: https://github.com/a/b\n")
    config.write_text(text, encoding="utf-8")
    assert run_wiki("build", cwd=project).returncode == 0
    note = (project / "notes/principle/acme_kit_Loss.qmd").read_text(encoding="utf-8")
    assert "(<https://github.com/a/b/edit/main/data/wikis/Principle/acme_kit_Loss.md>){.tw-edit}" in note


def test_report_prints_markdown() -> None:
    result = run_wiki("report", "--source", GOLDEN / "two_dialects/wiki")
    assert result.returncode == 0
    assert result.stdout.startswith("# Enrichment report\n\n## Totals\n")
    assert "| Squared Error |" in result.stdout.replace("  ", " ")
