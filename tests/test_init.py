"""The `init` command: the new site contains nothing of the sample, and no file of a user is lost."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

import pytest

from conftest import ROOT
from test_author_mistakes import FILES
from typedwiki.author import new
from typedwiki.config import load_config
from typedwiki.program import MACHINERY
from wiki_project import load_project, run_command, write_project


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """This project as a fresh clone."""
    project = tmp_path / "clone"
    project.mkdir()
    for name in (*MACHINERY, "data", "notes"):
        source = ROOT / name
        if source.is_dir() and name != "notes":
            shutil.copytree(source, project / name, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        elif source.is_file():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, project / name)
    for path in (ROOT / "notes").glob("*.*"):
        if path.is_file() and not path.name.startswith("."):
            shutil.copy(path, project / "notes")
    return project


def test_list_of_sample_files_is_current() -> None:
    digests = dict(new.sample_file_digests(ROOT))
    if os.environ.get("UPDATE_GOLDEN"):
        path = ROOT / "scripts/typedwiki/author/sample.sha256"
        path.write_text("".join(f"{digest}  {name}\n" for name, digest in digests.items()), encoding="utf-8")
    else:
        assert new.sample_digests() == digests


def test_init_removes_the_sample_from_a_clone(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited = clone / "data/wikis/Principle/Chain_Rule.md"
    edited.write_text(edited.read_text(encoding="utf-8") + "\nMine.\n", encoding="utf-8")
    assert run_command(clone, "init", "--title", "Bread: a handbook", "--description", "How bread is made") == 0
    assert "files of the sample deleted" in capsys.readouterr().out
    assert [p.name for p in (clone / "data").rglob("*") if p.is_file()] == ["Chain_Rule.md"]  # edited, so kept
    edited.unlink()
    config = load_config(clone)
    assert (config.title, config.description) == ("Bread: a handbook", "How bread is made")
    assert [p.name for p in (clone / "notes").glob("*") if p.is_file()] == ["README.md"]
    home_page = (clone / "index.qmd").read_text(encoding="utf-8")
    assert "title: How bread is made\n" in home_page  # the name of the site is shown above it
    assert "subtitle:" not in home_page
    assert "description-meta: How bread is made\n" in home_page
    assert "language model" not in home_page + (clone / "_quarto.yml").read_text(encoding="utf-8")
    assert [p.code for p in load_project(clone).problems] == ["R009"]


def test_first_pages_are_linked_and_have_no_errors(clone: Path) -> None:
    assert run_command(clone, "init", "--title", "Bread", "--pages") == 0
    wiki = load_project(clone)
    assert len(wiki.graph.pages) == 5
    assert {p.code for p in wiki.problems} <= {"C004", "S005"}  # sources, and a second step


def test_init_for_a_wiki_in_another_folder(clone: Path, tmp_path: Path) -> None:
    wiki = write_project(tmp_path / "elsewhere", FILES) / "data/wikis"
    before = {p: p.read_bytes() for p in wiki.rglob("*.md")}
    assert run_command(clone, "init", tmp_path / "site", "--title", "Bread", "--source", wiki) == 0
    config = load_config(tmp_path / "site")
    assert (config.title, config.sources) == ("Bread", (wiki,))
    assert {p: p.read_bytes() for p in wiki.rglob("*.md")} == before
    assert load_project(tmp_path / "site").problems == ()
    assert (clone / "data/wikis/Principle/Chain_Rule.md").exists()  # the clone is not the site


def test_init_overwrites_nothing(clone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/Makefile").write_text("mine:\n", encoding="utf-8")
    assert run_command(clone, "init", tmp_path / "site", "--title", "Bread") == 2
    assert "Makefile" in capsys.readouterr().err
    assert [p.name for p in (tmp_path / "site").iterdir()] == ["Makefile"]


def test_init_asks_in_a_terminal(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["Bread", "How bread is made", "y"])
    monkeypatch.setattr("builtins.input", lambda question: next(answers))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert run_command(clone, "init") == 0
    assert load_config(clone).description == "How bread is made"
    assert len(load_project(clone).graph.pages) == 5
