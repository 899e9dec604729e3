"""The `new` command: the audit reports only what the author has yet to write."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from conftest import ROOT
from typedwiki import schema
from typedwiki.author.new import skeleton
from typedwiki.author.page_names import BadNameError, stem_of
from wiki_project import load_project, read_wiki_files, run_command, write_project

SCHEMA = schema.load()
MARKDOWN = "# Loss\n\n## Overview\n\nWhat training makes small.\n\n## Connections\n- [[step_of::Workflow:Train]]\n"
MEDIAWIKI = "== Overview ==\nHow it is done.\n\n== Related Pages ==\n* [[step::Principle:Loss]]\n"
EXPECTED_CODES = {
    "Workflow": "S005",
    "Principle": "S004",
    "Implementation": "S007",
    "Environment": "S006",
    "Heuristic": "S006",
}


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["markdown", "mediawiki"])
@pytest.mark.parametrize("page_type", EXPECTED_CODES)
def test_new_page_has_only_problems_of_missing_content(page_type: str, dialect: str, tmp_path: Path) -> None:
    project = write_project(tmp_path, {})
    shutil.copytree(ROOT / "data/wikis", project / "data/wikis", dirs_exist_ok=True)
    before = read_wiki_files(project)
    assert run_command(project, "new", page_type.lower(), "Gauss & Newton: why?", "--dialect", dialect) == 0
    (added,) = read_wiki_files(project).keys() - before.keys()
    assert added == f"{page_type}/Gauss_&_Newton_why.md"
    codes = [p.code for p in load_project(project).problems]
    assert sorted(codes) == sorted(["C001", "C004", EXPECTED_CODES[page_type]])
    page = load_project(project).graph.pages[f"{page_type}/Gauss_&_Newton_why"]
    assert page.page_title == "Gauss & Newton: why?"
    assert page.last_updated == date.today()
    assert all(read_wiki_files(project)[name] == data for name, data in before.items())


def test_new_page_with_overview_lacks_only_links_and_sources(tmp_path: Path) -> None:
    project = write_project(tmp_path, {"Principle/Loss.md": MARKDOWN})
    assert (
        run_command(project, "new", "Heuristic", "Start Small", "--overview", "A run of ten steps finds most mistakes.")
        == 0
    )
    codes = [p.code for p in load_project(project).problems if "Start_Small" in p.path]
    assert codes == ["C004", "S006"]


def test_custom_type_has_a_skeleton() -> None:
    extra = {
        "types": {"Dataset": {"rank": 3}},
        "edges": {"trained_on": {"from": ["Workflow"], "to": ["Dataset"], "inverses": ["trains"]}},
    }
    custom_schema = schema.load(extra)
    text = skeleton("Dataset", "MNIST", "MNIST", "", "markdown", custom_schema, date(2026, 1, 31))
    assert "- [[trains::Workflow:Title]]" in text
    assert "- **Last Updated**: 2026-01-31" in text


@pytest.mark.parametrize(
    ("files", "arguments", "name"),
    [
        ({"Principle/Loss.md": MARKDOWN}, ["Principle", "Mean loss"], "Principle/Mean_loss.md"),
        ({"principles/Loss.md": MEDIAWIKI}, ["Heuristic", "X"], "heuristics/X.md"),
        ({"Principles/Loss.md": MEDIAWIKI}, ["Heuristic", "X"], "Heuristics/X.md"),
        ({"Principle/Loss.mediawiki": MEDIAWIKI}, ["Principle", "X"], "Principle/X.mediawiki"),
        ({"Principle/Loss.mediawiki": MEDIAWIKI}, ["Principle", "X", "--dialect", "markdown"], "Principle/X.md"),
        ({}, ["Principle", "X"], "Principle/X.md"),
        (
            {f"{kind}/acme_kit_Page.md": MEDIAWIKI for kind in ("Principle", "Workflow", "Heuristic")},
            ["Principle", "Mean loss"],
            "Principle/acme_kit_Mean_loss.md",
        ),
    ],
)
def test_new_page_is_placed_beside_similar_pages(
    files: dict[str, str], arguments: list[str], name: str, tmp_path: Path
) -> None:
    project = write_project(tmp_path, files)
    assert run_command(project, "new", *arguments) == 0
    assert name in read_wiki_files(project)
    assert [p for p in load_project(project).problems if p.severity == "error" and p.path.endswith(name)] == []


def test_new_page_has_the_dialect_of_most_pages(tmp_path: Path) -> None:
    project = write_project(
        tmp_path, {"Principle/Loss.md": MARKDOWN, "Workflow/A.md": MEDIAWIKI, "Workflow/B.md": MEDIAWIKI}
    )
    for page_type, sign in (
        ("Principle", "## Overview"),
        ("Workflow", "== Overview =="),
        ("Heuristic", "== Overview =="),
    ):
        assert run_command(project, "new", page_type, "New Page") == 0
        assert sign in read_wiki_files(project)[f"{page_type}/New_Page.md"].decode()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Princple", "X"], "`Princple` is not a page type (did you mean Principle?)"),
        (["Principle", "loss"], "exists"),
        (["Principle", "LOSS"], "exists, perhaps in another case"),
        (
            ["Principle", "What training reduces"],
            "Principle `What training reduces` exists: data/wikis/Principle/Loss.md",
        ),
        (["Principle", "???"], "holds no letter or digit"),
        (["Principle", "con"], "reserve"),
        (["Principle", "x" * 300], "too long"),
    ],
)
def test_refused_page_changes_nothing(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write_project(tmp_path, {"Principle/Loss.md": MARKDOWN.replace("# Loss", "# What training reduces")})
    before = read_wiki_files(project)
    assert run_command(project, "new", *arguments) == 2
    assert message in capsys.readouterr().err
    assert read_wiki_files(project) == before


def test_new_needs_a_source_if_there_are_several(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path, {"a/Principle/Loss.md": MARKDOWN, "b/Principle/Gain.md": MARKDOWN})
    assert run_command(project, "new", "Principle", "X") == 2
    assert "--source" in capsys.readouterr().err
    assert run_command(project, "new", "Principle", "X", "--source", project / "data/wikis/b") == 0
    assert "b/Principle/X.md" in read_wiki_files(project)


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("Chain Rule", "Chain_Rule"),
        ("A/B tests: why?", "A_B_tests_why"),
        ("  two   spaces ", "two_spaces"),
        ("C++ & [x]", "C++_&_x"),
        ("_hidden.", "hidden"),
        ("Über größte", "Über_größte"),
    ],
)
def test_file_name_of_a_title(title: str, stem: str) -> None:
    assert stem_of(title) == stem


@pytest.mark.parametrize("title", ["", "...", "NUL", "readme", "com1.txt"])
def test_invalid_titles_are_refused(title: str) -> None:
    with pytest.raises(BadNameError):
        stem_of(title)


def test_skeleton_has_a_code_section_only_if_other_pages_have_code(tmp_path: Path) -> None:
    project = write_project(tmp_path, {"Principle/Loss.md": MARKDOWN})
    assert run_command(project, "new", "Heuristic", "Start Small") == 0
    assert "code" not in read_wiki_files(project)["Heuristic/Start_Small.md"].decode().lower()
    (project / "data/wikis/Principle/Gain.md").write_text("# Gain\n\n```python\nx = 1\n```\n", encoding="utf-8")
    assert run_command(project, "new", "Heuristic", "Start Big") == 0
    assert "## Code example" in read_wiki_files(project)["Heuristic/Start_Big.md"].decode()


def test_new_prints_possible_links(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(
        tmp_path, {"Workflow/Bread.md": MEDIAWIKI, "Workflow/Bread_Rolls.md": MEDIAWIKI, "Principle/Loss.md": MARKDOWN}
    )
    assert run_command(project, "new", "Principle", "Rolls", "--dialect", "markdown") == 0
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("typedwiki: links that it may have:")
    assert lines[start + 1 : start + 4] == [
        "- [[step_of::Workflow:Bread_Rolls]]",
        "- [[step_of::Workflow:Bread]]",
        "- [[implemented_by::Implementation:Title]]",
    ]
    assert lines[-1] == "[[Principle:Rolls]]"
