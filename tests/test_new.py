"""New pages: the audit asks only for what is yet to be written."""

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
WIKI = "== Overview ==\nHow it is done.\n\n== Related Pages ==\n* [[step::Principle:Loss]]\n"
UNFINISHED = {
    "Workflow": "S005",
    "Principle": "S004",
    "Implementation": "S007",
    "Environment": "S006",
    "Heuristic": "S006",
}


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["markdown", "mediawiki"])
@pytest.mark.parametrize("page_type", UNFINISHED)
def test_the_audit_finds_no_error_and_only_what_is_unfinished(page_type: str, dialect: str, tmp_path: Path) -> None:
    here = write_project(tmp_path, {})
    shutil.copytree(ROOT / "data/wikis", here / "data/wikis", dirs_exist_ok=True)
    before = read_wiki_files(here)
    assert run_command(here, "new", page_type.lower(), "Gauss & Newton: why?", "--dialect", dialect) == 0
    (added,) = read_wiki_files(here).keys() - before.keys()
    assert added == f"{page_type}/Gauss_&_Newton_why.md"
    found = [p.code for p in load_project(here).problems]
    assert sorted(found) == sorted(["C001", "C004", UNFINISHED[page_type]])
    page = load_project(here).graph.pages[f"{page_type}/Gauss_&_Newton_why"]
    assert page.page_title == "Gauss & Newton: why?"
    assert page.last_updated == date.today()
    assert all(read_wiki_files(here)[name] == data for name, data in before.items())


def test_with_an_overview_nothing_is_left_to_say_but_links_and_sources(tmp_path: Path) -> None:
    here = write_project(tmp_path, {"Principle/Loss.md": MARKDOWN})
    assert (
        run_command(here, "new", "Heuristic", "Start Small", "--overview", "A run of ten steps finds most mistakes.")
        == 0
    )
    of_it = [p.code for p in load_project(here).problems if "Start_Small" in p.path]
    assert of_it == ["C004", "S006"]


def test_every_type_of_a_site_has_a_skeleton() -> None:
    extra = {
        "types": {"Dataset": {"rank": 3}},
        "edges": {"trained_on": {"from": ["Workflow"], "to": ["Dataset"], "inverses": ["trains"]}},
    }
    own = schema.load(extra)
    text = skeleton("Dataset", "MNIST", "MNIST", "", "markdown", own, date(2026, 1, 31))
    assert "- [[trains::Workflow:Title]]" in text
    assert "- **Last Updated**: 2026-01-31" in text


@pytest.mark.parametrize(
    ("files", "arguments", "name"),
    [
        ({"Principle/Loss.md": MARKDOWN}, ["Principle", "Mean loss"], "Principle/Mean_loss.md"),
        ({"principles/Loss.md": WIKI}, ["Heuristic", "X"], "heuristics/X.md"),
        ({"Principles/Loss.md": WIKI}, ["Heuristic", "X"], "Heuristics/X.md"),
        ({"Principle/Loss.mediawiki": WIKI}, ["Principle", "X"], "Principle/X.mediawiki"),
        ({"Principle/Loss.mediawiki": WIKI}, ["Principle", "X", "--dialect", "markdown"], "Principle/X.md"),
        ({}, ["Principle", "X"], "Principle/X.md"),
        (
            {f"{kind}/acme_kit_Page.md": WIKI for kind in ("Principle", "Workflow", "Heuristic")},
            ["Principle", "Mean loss"],
            "Principle/acme_kit_Mean_loss.md",
        ),
    ],
)
def test_it_lies_where_pages_like_it_lie(
    files: dict[str, str], arguments: list[str], name: str, tmp_path: Path
) -> None:
    here = write_project(tmp_path, files)
    assert run_command(here, "new", *arguments) == 0
    assert name in read_wiki_files(here)
    assert [p for p in load_project(here).problems if p.severity == "error" and p.path.endswith(name)] == []


def test_the_dialect_is_that_of_most_pages(tmp_path: Path) -> None:
    here = write_project(tmp_path, {"Principle/Loss.md": MARKDOWN, "Workflow/A.md": WIKI, "Workflow/B.md": WIKI})
    for page_type, sign in (
        ("Principle", "## Overview"),
        ("Workflow", "== Overview =="),
        ("Heuristic", "== Overview =="),
    ):
        assert run_command(here, "new", page_type, "New Page") == 0
        assert sign in read_wiki_files(here)[f"{page_type}/New_Page.md"].decode()


@pytest.mark.parametrize(
    ("arguments", "said"),
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
def test_what_is_refused_changes_nothing(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = write_project(tmp_path, {"Principle/Loss.md": MARKDOWN.replace("# Loss", "# What training reduces")})
    before = read_wiki_files(here)
    assert run_command(here, "new", *arguments) == 2
    assert said in capsys.readouterr().err
    assert read_wiki_files(here) == before


def test_of_several_wikis_one_must_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = write_project(tmp_path, {"a/Principle/Loss.md": MARKDOWN, "b/Principle/Gain.md": MARKDOWN})
    assert run_command(here, "new", "Principle", "X") == 2
    assert "--source" in capsys.readouterr().err
    assert run_command(here, "new", "Principle", "X", "--source", here / "data/wikis/b") == 0
    assert "b/Principle/X.md" in read_wiki_files(here)


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
def test_names_of_files(title: str, stem: str) -> None:
    assert stem_of(title) == stem


@pytest.mark.parametrize("title", ["", "...", "NUL", "readme", "com1.txt"])
def test_names_that_cannot_be(title: str) -> None:
    with pytest.raises(BadNameError):
        stem_of(title)


def test_sections_suit_the_subject(tmp_path: Path) -> None:
    here = write_project(tmp_path, {"Principle/Loss.md": MARKDOWN})
    assert run_command(here, "new", "Heuristic", "Start Small") == 0
    assert "code" not in read_wiki_files(here)["Heuristic/Start_Small.md"].decode().lower()
    (here / "data/wikis/Principle/Gain.md").write_text("# Gain\n\n```python\nx = 1\n```\n", encoding="utf-8")
    assert run_command(here, "new", "Heuristic", "Start Big") == 0
    assert "## Code example" in read_wiki_files(here)["Heuristic/Start_Big.md"].decode()


def test_links_are_ready_to_paste(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = write_project(
        tmp_path, {"Workflow/Bread.md": WIKI, "Workflow/Bread_Rolls.md": WIKI, "Principle/Loss.md": MARKDOWN}
    )
    assert run_command(here, "new", "Principle", "Rolls", "--dialect", "markdown") == 0
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("typedwiki: links that it may have:")
    assert lines[start + 1 : start + 4] == [
        "- [[step_of::Workflow:Bread_Rolls]]",
        "- [[step_of::Workflow:Bread]]",
        "- [[implemented_by::Implementation:Title]]",
    ]
    assert lines[-1] == "[[Principle:Rolls]]"
