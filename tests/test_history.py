"""Dates of pages that give none: from front matter of other programs, and from git where the site asks for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from typedwiki import repository
from typedwiki.build import build_if_changed
from typedwiki.config import Config, ConfigError, load_config
from typedwiki.pipeline import load_wiki

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


def git(folder: Path, *arguments: str, day: str = "2024-01-01") -> None:
    who = {f"GIT_{role}_{part}": "a@b.test" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    # Set apart from the machine's own settings.
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_AUTHOR_DATE": f"{day}T12:00:00+00:00"}
    subprocess.run(["git", *arguments], cwd=folder, env={**os.environ, **who, **own}, check=True, capture_output=True)


def write(here: Path, name: str, text: str = "# A page\n\n## Overview\nWords.\n") -> None:
    path = here / "wiki" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def commit(here: Path, day: str) -> None:
    git(here, "add", "-A")
    git(here, "commit", "-qm", "change", day=day)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A repository whose wiki has three pages of two days."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "_quarto.yml").write_text("typedwiki: {source: wiki, dates: git}\n", encoding="utf-8")
    (here / ".gitignore").write_text("/notes/*/\n.typedwiki*\n", encoding="utf-8")
    (here / "index.qmd").write_text("---\ntitle: Home\n---\n", encoding="utf-8")
    (here / "notes").mkdir()
    git(here, "init", "-q")
    write(here, 'Principle/Old "é" page.md')
    write(here, "Principle/Dated.md", "---\nlastmod: 2020-02-20\n---\n# Dated\n")
    write(here, "Principle/Changed.md")
    commit(here, "2021-03-01")
    write(here, "Principle/Changed.md", "# Changed\n\n## Overview\nOther words.\n\n## Body\nText.\n")
    commit(here, "2022-04-02")
    return here


def dates(config: Config) -> dict[str, date | None]:
    return {page.stem: page.last_updated for page in load_wiki(config).graph.pages.values()}


@pytest.mark.parametrize("name", ["lastmod", "created", "updated", "last_modified", "Last Updated"])
def test_front_matter_of_other_programs_gives_a_date(name: str, tmp_path: Path) -> None:
    (tmp_path / "_quarto.yml").write_text("typedwiki: {source: wiki}\n", encoding="utf-8")
    write(tmp_path, "Principle/P.md", f"---\n{name}: 2023-05-06T07:08:09+01:00\n---\n# P\n")
    assert dates(load_config(tmp_path)) == {"P": date(2023, 5, 6)}


def test_git_dates_the_pages_that_give_no_date(here: Path) -> None:
    write(here, "Principle/Uncommitted.md")
    assert dates(load_config(here)) == {
        'Old "é" page': date(2021, 3, 1),
        "Dated": date(2020, 2, 20),
        "Changed": date(2022, 4, 2),
        "Uncommitted": None,
    }


def test_nobody_asked(here: Path) -> None:
    (here / "_quarto.yml").write_text("typedwiki: {source: wiki}\n", encoding="utf-8")
    assert dates(load_config(here))["Changed"] is None
    (here / "_quarto.yml").write_text("typedwiki: {source: wiki, dates: svn}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="W003 typedwiki: dates: expected `git`"):
        load_config(here)


def test_without_git_pages_have_no_date(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(here / ".git")
    assert dates(load_config(here))["Changed"] is None
    monkeypatch.setenv("PATH", "")
    assert dates(load_config(here))["Changed"] is None


def test_cut_off_history_tells_nothing(here: Path, tmp_path: Path) -> None:
    write(here, "Principle/New.md")
    commit(here, "2023-05-03")
    git(tmp_path, "clone", "-q", "--depth", "2", here.as_uri(), "shallow")
    found = dates(load_config(tmp_path / "shallow"))
    assert (found["New"], found["Changed"], found["Dated"]) == (date(2023, 5, 3), None, date(2020, 2, 20))


def test_history_is_asked_for_once(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(here / "notes")
    asked: list[str] = []
    really = repository.run_git

    def asking(folder: Path, *what: str) -> str:
        asked.append(what[0])
        return really(folder, *what)

    monkeypatch.setattr(repository, "run_git", asking)
    build_if_changed(load_config(here))
    assert asked.count("log") == 1


def test_a_commit_is_noticed(here: Path) -> None:
    config = load_config(here)
    note = here / "notes/principle/Changed.qmd"
    build_if_changed(config)
    assert "[Apr 2, 2022]{.tw-date}" in note.read_text(encoding="utf-8")
    write(here, "Principle/Changed.md", "# Changed\n\n## Overview\nOther words.\n\n## Body\nOther text.\n")
    build_if_changed(config)
    assert "[Apr 2, 2022]{.tw-date}" in note.read_text(encoding="utf-8")
    commit(here, "2024-06-07")
    build_if_changed(config)
    assert "[Jun 7, 2024]{.tw-date}" in note.read_text(encoding="utf-8")


def test_an_edit_keeps_the_date_of_its_page(here: Path) -> None:
    config = load_config(here)
    build_if_changed(config)
    write(here, "Principle/Changed.md", "# Changed\n\n## Overview\nOther words.\n\n## Body\nOther text.\n")
    _, written = build_if_changed(config)
    notes = [name for name in written.changed if name.endswith(".qmd") and not name.startswith("wiki/")]
    assert notes == ["principle/Changed.qmd"]
    assert "[Apr 2, 2022]{.tw-date}" in (here / "notes/principle/Changed.qmd").read_text(encoding="utf-8")
