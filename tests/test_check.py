"""`check` as people and machines use it: suppression, severities, baseline, revisions, fixing, formats."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from sarif_pydantic import Sarif

from conftest import GOLDEN, ROOT
from test_cli import wiki

pytestmark = pytest.mark.slow

PAGES = {
    "Workflow/W.md": "# W\n\n## Overview\nDo it.\n\n[[step::Principle:Gradient_Decent]]\n[[step::Principle:Loss]]\n",
    "Principle/Gradient_Descent.md": "# Descent\n\n## Overview\nWalk down.\n\n[[implemented_by::Implementation:I]]\n",
    "Principle/Loss.md": "# Loss\n\n## Overview\nHow wrong.\n\n[[implemented_by::Implementation:I]]\n",
    "Implementation/I.md": "# I\n\n## Overview\nThe code.\n",
}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A project with a wiki in which one target is misspelled."""
    for name, text in PAGES.items():
        path = tmp_path / "data/wikis" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    config = "typedwiki:\n  rules: {C004: 'off', C007: 'off', C006: 'off'}\n"
    (tmp_path / "_quarto.yml").write_text(config, encoding="utf-8")
    return tmp_path


def codes(here: Path, *arguments: str) -> list[str]:
    """The problems as "Page:line CODE"."""
    done = wiki("--project", here, "check", "--format=json", *arguments)
    assert done.returncode in (0, 1), done.stderr
    return [f"{Path(p['path']).name}:{p['line']} {p['code']}" for p in json.loads(done.stdout)["problems"]]


def edit(here: Path, page: str, old: str, new: str) -> None:
    path = here / "data/wikis" / page
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_what_is_wrong(here: Path) -> None:
    assert codes(here) == ["W.md:6 L001"]  # not what follows from it: a page that nothing reaches, a single step


def test_a_comment_suppresses_a_code_on_its_page(here: Path) -> None:
    edit(here, "Workflow/W.md", "Gradient_Decent", "Loss")
    assert codes(here) == ["Gradient_Descent.md:1 S004", "W.md:1 S005"]
    edit(here, "Workflow/W.md", "# W\n", "# W\n\n<!-- typedwiki: ignore S005 one step is enough -->\n")
    assert codes(here) == ["Gradient_Descent.md:1 S004"]


def test_a_comment_that_suppresses_nothing_is_reported(here: Path) -> None:
    edit(
        here,
        "Principle/Loss.md",
        "# Loss\n",
        "# Loss\n<!-- typedwiki: ignore S003 x -->\n<!-- typedwiki: ignore Z123 -->\n",
    )
    assert [c for c in codes(here) if c.startswith("Loss")] == ["Loss.md:2 X001", "Loss.md:3 X002"]


def test_fix_adds_what_an_index_lacks_and_marks_what_exists(here: Path) -> None:
    index = here / "data/wikis/_PrincipleIndex.md"
    head = "| Page | File | Connections |\n|---|---|---|\n"
    row = "| Loss | [→](./Principle/Loss.md) | ⬜Impl:I |\n"
    index.write_text(head + row, encoding="utf-8")
    wiki("--project", here, "check", "--fix")
    added = "| Gradient_Descent | [→](./Principle/Gradient_Descent.md) |  |\n"
    assert index.read_text(encoding="utf-8") == head + row.replace("⬜", "✅") + added


def test_an_ignore_in_code_is_no_ignore(here: Path) -> None:
    comment = "<!-- typedwiki: ignore S005 x -->"
    edit(here, "Workflow/W.md", "Gradient_Decent", "Loss")
    edit(here, "Workflow/W.md", "# W\n", f"# W\n\n```html\n{comment}\n```\n")
    assert "W.md:1 S005" in codes(here)


def test_a_site_sets_severities(here: Path) -> None:
    (here / "_quarto.yml").write_text(
        "typedwiki:\n  rules: {L001: info, S004: off, S005: off, C004: off, C007: off}\n", encoding="utf-8"
    )
    done = wiki("--project", here, "check")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith("1 info")


def test_an_unknown_code_or_severity_is_a_configuration_error(here: Path) -> None:
    for wrong in ("{Z999: off}", "{L001: fatal}"):
        (here / "_quarto.yml").write_text(f"typedwiki:\n  rules: {wrong}\n", encoding="utf-8")
        assert wiki("--project", here, "check").returncode == 2


def test_a_baseline_lets_only_new_problems_fail(here: Path) -> None:
    assert wiki("--project", here, "check").returncode == 1
    assert wiki("--project", here, "check", "--update-baseline").returncode == 0
    assert codes(here) == []
    edit(here, "Workflow/W.md", "Do it.", "Do it.\n\nSee [[Principle:Nowhere]].")
    assert codes(here) == ["W.md:6 L001"]


def test_since_a_revision_shows_what_a_change_brought_and_broke(here: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=here, check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "start")
    assert codes(here, "--since=HEAD") == []
    (here / "data/wikis/Principle/Loss.md").unlink()
    found = codes(here, "--since=HEAD")
    assert "W.md:7 L001" in found
    assert "W.md:6 L001" not in found
    assert wiki("--project", here, "check", "--since=nowhere").returncode == 2


def test_fix_mends_what_is_certain_and_shows_it_first(here: Path) -> None:
    page = here / "data/wikis/Workflow/W.md"
    before = page.read_bytes()
    shown = wiki("--project", here, "check", "--fix", "--dry-run").stdout
    assert "-[[step::Principle:Gradient_Decent]]\n+[[step::Principle:Gradient_Descent]]\n" in shown
    assert page.read_bytes() == before
    wiki("--project", here, "check", "--fix")
    assert page.read_bytes() == before.replace(b"Gradient_Decent", b"Gradient_Descent")
    assert codes(here) == []


def test_fix_keeps_line_ends_and_byte_order_mark(here: Path) -> None:
    page = here / "data/wikis/Workflow/W.md"
    data = b"\xef\xbb\xbf" + page.read_bytes().replace(b"\n", b"\r\n")
    page.write_bytes(data)
    wiki("--project", here, "check", "--fix")
    assert page.read_bytes() == data.replace(b"Gradient_Decent", b"Gradient_Descent")


def test_fix_changes_nothing_it_is_not_sure_of(here: Path) -> None:
    edit(here, "Workflow/W.md", "Gradient_Decent", "Gradient_Method")
    (here / "data/wikis/Principle/Gradient_Methods_A.md").write_text("# A\n", encoding="utf-8")
    (here / "data/wikis/Principle/Gradient_Methods_B.md").write_text("# B\n", encoding="utf-8")
    before = (here / "data/wikis/Workflow/W.md").read_bytes()
    wiki("--project", here, "check", "--fix")
    assert (here / "data/wikis/Workflow/W.md").read_bytes() == before


def test_mirror_links_are_written_where_a_site_wants_both_sides(here: Path) -> None:
    (here / "_quarto.yml").write_text("typedwiki:\n  rules: {S008: warning}\n", encoding="utf-8")
    edit(here, "Implementation/I.md", "The code.\n", "The code.\n\n## Connections\n- [[related::Principle:Loss]]\n")
    wiki("--project", here, "check", "--fix")
    text = (here / "data/wikis/Implementation/I.md").read_text(encoding="utf-8")
    assert "- [[implements::Principle:Gradient_Descent]]\n- [[implements::Principle:Loss]]\n" in text


def test_sarif_is_valid() -> None:
    done = wiki("check", "--source", GOLDEN / "problems/wiki", "--format=sarif")
    report = Sarif.model_validate_json(done.stdout)
    results = report.runs[0].results or []
    assert {result.rule_id for result in results} >= {"L001", "L002", "R003"}
    driver = report.runs[0].tool.driver
    assert [rule.id for rule in driver.rules or []] == sorted({str(result.rule_id) for result in results})


def test_github_annotations_name_file_and_line() -> None:
    done = wiki("check", "--source", GOLDEN / "problems/wiki", "--format=github")
    place = f"file={(GOLDEN / 'problems/wiki/Principle/Broken.md').relative_to(ROOT).as_posix()},line=4,col=10"
    line = next(line for line in done.stdout.splitlines() if place in line)
    assert line.startswith("::error ")
    assert line.endswith("::no page `Principle:Brokn` (did you mean Principle:Broken?)")


def test_every_rule_explains_itself() -> None:
    done = wiki("check", "--explain", "L001")
    assert done.stdout.startswith("L001 missing target (error)\n")
    assert "Mend:" in done.stdout
    assert wiki("check", "--explain", "Z999").returncode == 2


def test_check_explains_as_which_dialect_it_reads_a_page(tmp_path: Path) -> None:
    texts = {
        "A.md": ("## Start\n", "Markdown, since the heading `## Start` (line 1) and no heading of MediaWiki"),
        "B.md": ("== Start ==\n", "MediaWiki, since the heading `== Start ==` (line 1) and no Markdown heading"),
        "C.mediawiki": ("Text\n", "MediaWiki, since the file name ends in .mediawiki"),
    }
    for name, (text, explained) in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert wiki("check", "--explain", tmp_path / name).stdout == f"{tmp_path / name}: {explained}\n"
