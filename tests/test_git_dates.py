"""Dates of pages: from front matter of other programs, and from git if the site is configured so."""

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
    identity = {f"GIT_{role}_{part}": "a@b.test" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    # Ignore git's settings on this machine.
    isolation = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_DATE": f"{day}T12:00:00+00:00",
    }
    subprocess.run(
        ["git", *arguments], cwd=folder, env={**os.environ, **identity, **isolation}, check=True, capture_output=True
    )


def write(project: Path, name: str, text: str = "# A page\n\n## Overview\nWords.\n") -> None:
    path = project / "wiki" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def commit(project: Path, day: str) -> None:
    git(project, "add", "-A")
    git(project, "commit", "-qm", "change", day=day)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository whose wiki has three pages, committed on two days."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "_quarto.yml").write_text("typedwiki: {source: wiki, dates: git}\n", encoding="utf-8")
    (project / ".gitignore").write_text("/notes/*/\n.typedwiki*\n", encoding="utf-8")
    (project / "index.qmd").write_text("---\ntitle: Home\n---\n", encoding="utf-8")
    (project / "notes").mkdir()
    git(project, "init", "-q")
    write(project, 'Principle/Old "é" page.md')
    write(project, "Principle/Dated.md", "---\nlastmod: 2020-02-20\n---\n# Dated\n")
    write(project, "Principle/Changed.md")
    commit(project, "2021-03-01")
    write(project, "Principle/Changed.md", "# Changed\n\n## Overview\nOther words.\n\n## Body\nText.\n")
    commit(project, "2022-04-02")
    return project


def page_dates(config: Config) -> dict[str, date | None]:
    return {page.stem: page.last_updated for page in load_wiki(config).graph.pages.values()}


@pytest.mark.parametrize("name", ["lastmod", "created", "updated", "last_modified", "Last Updated"])
def test_date_keys_of_other_programs(name: str, tmp_path: Path) -> None:
    (tmp_path / "_quarto.yml").write_text("typedwiki: {source: wiki}\n", encoding="utf-8")
    write(tmp_path, "Principle/P.md", f"---\n{name}: 2023-05-06T07:08:09+01:00\n---\n# P\n")
    assert page_dates(load_config(tmp_path)) == {"P": date(2023, 5, 6)}


def test_git_gives_dates_to_pages_without_one(project: Path) -> None:
    write(project, "Principle/Uncommitted.md")
    assert page_dates(load_config(project)) == {
        'Old "é" page': date(2021, 3, 1),
        "Dated": date(2020, 2, 20),
        "Changed": date(2022, 4, 2),
        "Uncommitted": None,
    }


def test_git_dates_are_off_by_default(project: Path) -> None:
    (project / "_quarto.yml").write_text("typedwiki: {source: wiki}\n", encoding="utf-8")
    assert page_dates(load_config(project))["Changed"] is None
    (project / "_quarto.yml").write_text("typedwiki: {source: wiki, dates: svn}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="W003 typedwiki: dates: expected `git`"):
        load_config(project)


def test_pages_have_no_date_without_git(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(project / ".git")
    assert page_dates(load_config(project))["Changed"] is None
    monkeypatch.setenv("PATH", "")
    assert page_dates(load_config(project))["Changed"] is None


def test_shallow_clone_dates_only_known_commits(project: Path, tmp_path: Path) -> None:
    write(project, "Principle/New.md")
    commit(project, "2023-05-03")
    git(tmp_path, "clone", "-q", "--depth", "2", project.as_uri(), "shallow")
    dates = page_dates(load_config(tmp_path / "shallow"))
    assert (dates["New"], dates["Changed"], dates["Dated"]) == (date(2023, 5, 3), None, date(2020, 2, 20))


def test_git_log_runs_once(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(project / "notes")
    commands: list[str] = []
    run_git = repository.run_git

    def record_and_run(folder: Path, *arguments: str) -> str:
        commands.append(arguments[0])
        return run_git(folder, *arguments)

    monkeypatch.setattr(repository, "run_git", record_and_run)
    build_if_changed(load_config(project))
    assert commands.count("log") == 1


def test_commit_updates_the_date(project: Path) -> None:
    config = load_config(project)
    note = project / "notes/principle/Changed.qmd"
    build_if_changed(config)
    assert "[Apr 2, 2022]{.tw-date}" in note.read_text(encoding="utf-8")
    write(project, "Principle/Changed.md", "# Changed\n\n## Overview\nOther words.\n\n## Body\nOther text.\n")
    build_if_changed(config)
    assert "[Apr 2, 2022]{.tw-date}" in note.read_text(encoding="utf-8")
    commit(project, "2024-06-07")
    build_if_changed(config)
    assert "[Jun 7, 2024]{.tw-date}" in note.read_text(encoding="utf-8")


def test_uncommitted_edit_keeps_the_date(project: Path) -> None:
    config = load_config(project)
    build_if_changed(config)
    write(project, "Principle/Changed.md", "# Changed\n\n## Overview\nOther words.\n\n## Body\nOther text.\n")
    _, result = build_if_changed(config)
    notes = [name for name in result.changed if name.endswith(".qmd") and not name.startswith("wiki/")]
    assert notes == ["principle/Changed.qmd"]
    assert "[Apr 2, 2022]{.tw-date}" in (project / "notes/principle/Changed.qmd").read_text(encoding="utf-8")
