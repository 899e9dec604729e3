"""The `check` command: suppression, severities, baseline, revisions, fixes, output formats."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from sarif_pydantic import Sarif

from conftest import GOLDEN, ROOT
from test_cli import run_wiki

pytestmark = pytest.mark.slow

PAGES = {
    "Workflow/W.md": "# W\n\n## Overview\nDo it.\n\n[[step::Principle:Gradient_Decent]]\n[[step::Principle:Loss]]\n",
    "Principle/Gradient_Descent.md": "# Descent\n\n## Overview\nWalk down.\n\n[[implemented_by::Implementation:I]]\n",
    "Principle/Loss.md": "# Loss\n\n## Overview\nHow wrong.\n\n[[implemented_by::Implementation:I]]\n",
    "Implementation/I.md": "# I\n\n## Overview\nThe code.\n",
}


@pytest.fixture
def misspelled_project(tmp_path: Path) -> Path:
    """A project with a wiki in which one link target is misspelled."""
    for name, text in PAGES.items():
        path = tmp_path / "data/wikis" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    config = "typedwiki:\n  rules: {C004: 'off', C007: 'off', C006: 'off'}\n"
    (tmp_path / "_quarto.yml").write_text(config, encoding="utf-8")
    return tmp_path


def problem_codes(project: Path, *arguments: str) -> list[str]:
    """The problems as "Page:line CODE"."""
    result = run_wiki("--project", project, "check", "--format=json", *arguments)
    assert result.returncode in (0, 1), result.stderr
    return [f"{Path(p['path']).name}:{p['line']} {p['code']}" for p in json.loads(result.stdout)["problems"]]


def edit_page(project: Path, page: str, old: str, new: str) -> None:
    path = project / "data/wikis" / page
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_check_reports_the_cause_only(misspelled_project: Path) -> None:
    assert problem_codes(misspelled_project) == [
        "W.md:6 L001"
    ]  # not its consequences: an unreached page, a single step


def test_ignore_comment_suppresses_a_code_on_its_page(misspelled_project: Path) -> None:
    edit_page(misspelled_project, "Workflow/W.md", "Gradient_Decent", "Loss")
    assert problem_codes(misspelled_project) == ["Gradient_Descent.md:1 S004", "W.md:1 S005"]
    edit_page(
        misspelled_project, "Workflow/W.md", "# W\n", "# W\n\n<!-- typedwiki: ignore S005 one step is enough -->\n"
    )
    assert problem_codes(misspelled_project) == ["Gradient_Descent.md:1 S004"]


def test_unnecessary_ignore_comment_is_reported(misspelled_project: Path) -> None:
    edit_page(
        misspelled_project,
        "Principle/Loss.md",
        "# Loss\n",
        "# Loss\n<!-- typedwiki: ignore S003 x -->\n<!-- typedwiki: ignore Z123 -->\n",
    )
    assert [c for c in problem_codes(misspelled_project) if c.startswith("Loss")] == [
        "Loss.md:2 X001",
        "Loss.md:3 X002",
    ]


def test_fix_completes_an_index(misspelled_project: Path) -> None:
    index = misspelled_project / "data/wikis/_PrincipleIndex.md"
    head = "| Page | File | Connections |\n|---|---|---|\n"
    row = "| Loss | [→](./Principle/Loss.md) | ⬜Impl:I |\n"
    index.write_text(head + row, encoding="utf-8")
    run_wiki("--project", misspelled_project, "check", "--fix")
    added = "| Gradient_Descent | [→](./Principle/Gradient_Descent.md) |  |\n"
    assert index.read_text(encoding="utf-8") == head + row.replace("⬜", "✅") + added


def test_ignore_comment_in_code_has_no_effect(misspelled_project: Path) -> None:
    comment = "<!-- typedwiki: ignore S005 x -->"
    edit_page(misspelled_project, "Workflow/W.md", "Gradient_Decent", "Loss")
    edit_page(misspelled_project, "Workflow/W.md", "# W\n", f"# W\n\n```html\n{comment}\n```\n")
    assert "W.md:1 S005" in problem_codes(misspelled_project)


def test_settings_change_severities(misspelled_project: Path) -> None:
    (misspelled_project / "_quarto.yml").write_text(
        "typedwiki:\n  rules: {L001: info, S004: off, S005: off, C004: off, C007: off}\n", encoding="utf-8"
    )
    result = run_wiki("--project", misspelled_project, "check")
    assert result.returncode == 0
    assert result.stdout.splitlines()[-1].startswith("1 info")


def test_unknown_code_or_severity_is_a_configuration_error(misspelled_project: Path) -> None:
    for value in ("{Z999: off}", "{L001: fatal}"):
        (misspelled_project / "_quarto.yml").write_text(f"typedwiki:\n  rules: {value}\n", encoding="utf-8")
        assert run_wiki("--project", misspelled_project, "check").returncode == 2


def test_baseline_hides_known_problems(misspelled_project: Path) -> None:
    assert run_wiki("--project", misspelled_project, "check").returncode == 1
    assert run_wiki("--project", misspelled_project, "check", "--update-baseline").returncode == 0
    assert problem_codes(misspelled_project) == []
    edit_page(misspelled_project, "Workflow/W.md", "Do it.", "Do it.\n\nSee [[Principle:Nowhere]].")
    assert problem_codes(misspelled_project) == ["W.md:6 L001"]


def test_since_reports_only_new_problems(misspelled_project: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=misspelled_project, check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "start")
    assert problem_codes(misspelled_project, "--since=HEAD") == []
    (misspelled_project / "data/wikis/Principle/Loss.md").unlink()
    actual = problem_codes(misspelled_project, "--since=HEAD")
    assert "W.md:7 L001" in actual
    assert "W.md:6 L001" not in actual
    assert run_wiki("--project", misspelled_project, "check", "--since=nowhere").returncode == 2


def test_fix_corrects_misspelled_links_after_a_dry_run(misspelled_project: Path) -> None:
    page = misspelled_project / "data/wikis/Workflow/W.md"
    before = page.read_bytes()
    diff = run_wiki("--project", misspelled_project, "check", "--fix", "--dry-run").stdout
    assert "-[[step::Principle:Gradient_Decent]]\n+[[step::Principle:Gradient_Descent]]\n" in diff
    assert page.read_bytes() == before
    run_wiki("--project", misspelled_project, "check", "--fix")
    assert page.read_bytes() == before.replace(b"Gradient_Decent", b"Gradient_Descent")
    assert problem_codes(misspelled_project) == []


def test_fix_keeps_line_ends_and_byte_order_mark(misspelled_project: Path) -> None:
    page = misspelled_project / "data/wikis/Workflow/W.md"
    data = b"\xef\xbb\xbf" + page.read_bytes().replace(b"\n", b"\r\n")
    page.write_bytes(data)
    run_wiki("--project", misspelled_project, "check", "--fix")
    assert page.read_bytes() == data.replace(b"Gradient_Decent", b"Gradient_Descent")


def test_fix_leaves_ambiguous_corrections(misspelled_project: Path) -> None:
    edit_page(misspelled_project, "Workflow/W.md", "Gradient_Decent", "Gradient_Method")
    (misspelled_project / "data/wikis/Principle/Gradient_Methods_A.md").write_text("# A\n", encoding="utf-8")
    (misspelled_project / "data/wikis/Principle/Gradient_Methods_B.md").write_text("# B\n", encoding="utf-8")
    before = (misspelled_project / "data/wikis/Workflow/W.md").read_bytes()
    run_wiki("--project", misspelled_project, "check", "--fix")
    assert (misspelled_project / "data/wikis/Workflow/W.md").read_bytes() == before


def test_fix_adds_mirror_links_if_required(misspelled_project: Path) -> None:
    (misspelled_project / "_quarto.yml").write_text("typedwiki:\n  rules: {S008: warning}\n", encoding="utf-8")
    edit_page(
        misspelled_project,
        "Implementation/I.md",
        "The code.\n",
        "The code.\n\n## Connections\n- [[related::Principle:Loss]]\n",
    )
    run_wiki("--project", misspelled_project, "check", "--fix")
    text = (misspelled_project / "data/wikis/Implementation/I.md").read_text(encoding="utf-8")
    assert "- [[implements::Principle:Gradient_Descent]]\n- [[implements::Principle:Loss]]\n" in text


def test_sarif_is_valid() -> None:
    result = run_wiki("check", "--source", GOLDEN / "problems/wiki", "--format=sarif")
    report = Sarif.model_validate_json(result.stdout)
    sarif_results = report.runs[0].results or []
    assert {sarif_result.rule_id for sarif_result in sarif_results} >= {"L001", "L002", "R003"}
    driver = report.runs[0].tool.driver
    assert [rule.id for rule in driver.rules or []] == sorted(
        {str(sarif_result.rule_id) for sarif_result in sarif_results}
    )


def test_github_annotations_name_file_and_line() -> None:
    result = run_wiki("check", "--source", GOLDEN / "problems/wiki", "--format=github")
    location = f"file={(GOLDEN / 'problems/wiki/Principle/Broken.md').relative_to(ROOT).as_posix()},line=4,col=10"
    line = next(line for line in result.stdout.splitlines() if location in line)
    assert line.startswith("::error ")
    assert line.endswith("::no page `Principle:Brokn` (did you mean Principle:Broken?)")


def test_explain_describes_a_rule() -> None:
    result = run_wiki("check", "--explain", "L001")
    assert result.stdout.startswith("L001 missing target (error)\n")
    assert "Mend:" in result.stdout
    assert run_wiki("check", "--explain", "Z999").returncode == 2


def test_explain_tells_the_dialect_of_a_page(tmp_path: Path) -> None:
    texts = {
        "A.md": ("## Start\n", "Markdown, since the heading `## Start` (line 1) and no heading of MediaWiki"),
        "B.md": ("== Start ==\n", "MediaWiki, since the heading `== Start ==` (line 1) and no Markdown heading"),
        "C.mediawiki": ("Text\n", "MediaWiki, since the file name ends in .mediawiki"),
    }
    for name, (text, explained) in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert run_wiki("check", "--explain", tmp_path / name).stdout == f"{tmp_path / name}: {explained}\n"
