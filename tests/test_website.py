"""Quarto websites that are there already: what Quarto would render, what is in the way, and what the doctor says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path, PurePosixPath

import pytest
import yaml

from test_author_mistakes import FILES
from typedwiki.config import load_config
from typedwiki.render.quarto import inputs
from typedwiki.settings import is_input, obstacles
from wiki_project import run_command, write_project

TREE = (
    "index.qmd", "about.md", "posts/one/index.qmd", "posts/two.ipynb", "wiki/Principle/A.md", "wiki/B.md", "README.md",
    "_drafts/c.qmd", ".hidden/d.md", "notes/wiki/explore.qmd", "notes/principle/A.qmd", "notes/assets/ways-in.md",
    "data/wikis/Principle/A.md", "sub/wiki/E.md", "node_modules/x/y.md", "plain.txt",
)  # fmt: skip
LISTS: dict[str, list[str] | None] = {
    "none": None,
    "ours": ["index.qmd", "/notes/*.qmd", "/notes/*/*.qmd"],
    "what we advise": ["*.qmd", "*.md", "*.ipynb", "!/wiki/**", "!/notes/assets/**"],
    "folders are taken whole": ["**/*", "!/data/wikis/**"],
    "a folder at the top is left out": ["**/*", "!/wiki/**"],
    "anywhere": ["*.qmd", "*.md", "!wiki/**"],
    "a folder": ["posts/", "about.md"],
    "a folder by its name": ["posts", "index.qmd"],
    "a file at the top": ["/*.md"],
    "braces": ["*.{qmd,md}", "!/data/**"],
}


@pytest.mark.quarto
@pytest.mark.parametrize("patterns", LISTS.values(), ids=LISTS)
def test_we_read_a_render_list_as_quarto_does(quarto: str, tmp_path: Path, patterns: list[str] | None) -> None:
    for name in TREE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        cells = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
        (tmp_path / name).write_text(cells if name.endswith("b") else "# Text\n", encoding="utf-8")
    project = {"type": "website", **({} if patterns is None else {"render": patterns})}
    (tmp_path / "_quarto.yml").write_text(yaml.safe_dump({"project": project}), encoding="utf-8")
    done = subprocess.run([quarto, "inspect"], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True)
    taken = {Path(path).relative_to(tmp_path).as_posix() for path in json.loads(done.stdout)["files"]["input"]}
    assert {name for name in TREE if is_input(PurePosixPath(name), patterns)} == taken
    assert inputs(tmp_path) == sorted(taken)


def said(project: Path, text: str, source: str = "data/wikis") -> list[str]:
    (project / "_quarto.yml").write_text(f"{text}\ntypedwiki: {{source: {source}}}\n", encoding="utf-8")
    config = load_config(project)
    return list(obstacles(config.website, project, config.sources))


ADVISED = '"*.qmd", "*.md", "*.ipynb"'


def test_what_is_in_the_way_is_said_with_the_line_to_add(tmp_path: Path) -> None:
    here = write_project(tmp_path, FILES)
    left_out = '"!/data/wikis/**", "!/notes/assets/**"'
    assert f"render: [{ADVISED}, {left_out}]" in said(here, "project: {type: website}")[0]
    assert said(here, f"project: {{type: website, render: [{ADVISED}, {left_out}]}}") == []
    (only,) = said(here, 'project: {type: website, render: ["*.qmd", "*.md", "!/notes/assets/**"]}')
    assert 'the line  - "!/data/wikis/**"' in only
    (only,) = said(here, f'project: {{type: website, render: ["**/*", {left_out}]}}')
    assert f"list files, not folders, in `project:`:  render: [{ADVISED}, " in only
    (only,) = said(here, "project: {type: website, render: [index.qmd]}")
    assert "leave out the notes" in only


@pytest.mark.parametrize(
    ("text", "message"),
    [("project: {type: book}", "`type: book`"), ("project: {title: A}", "no type"), ("{}", "no type")],
)
def test_notes_need_a_website(tmp_path: Path, text: str, message: str) -> None:
    text = text if text != "{}" else "lang: en"
    (only,) = said(write_project(tmp_path, FILES), text)
    assert message in only
    assert "type: website" in only


def test_a_wiki_outside_or_hidden_is_not_in_the_way(tmp_path: Path) -> None:
    here = write_project(tmp_path / "site", FILES)
    (here / "data/wikis").rename(here / "_wiki")
    settings = f'project: {{type: website, render: [{ADVISED}, "!/notes/assets/**"]}}'
    assert said(here, settings, "_wiki") == []
    (here / "_wiki").rename(tmp_path / "wiki")
    assert said(here, settings, "../wiki") == []


def test_ways_lead_to_the_pages_about_the_wiki_where_the_navigation_does_not(tmp_path: Path) -> None:
    here = write_project(tmp_path, FILES)
    note = here / "notes/environment/Kitchen.qmd"
    for settings, shown in (
        ("website: {title: A}", True),
        ("website: {navbar: {left: [notes/wiki/explore.qmd]}}", False),
    ):
        (here / "_quarto.yml").write_text(settings, encoding="utf-8")
        assert run_command(here, "build") == 0
        assert ("[Explore](../wiki/explore.html)" in note.read_text(encoding="utf-8")) is shown
        about = (here / "notes/wiki/report.qmd").read_text(encoding="utf-8")
        assert ("[Graph](graph.html)" in about) is shown


def test_formulas_ask_nobody_where_the_site_does_not_choose(tmp_path: Path) -> None:
    here = write_project(tmp_path, FILES)
    for settings, ours in (("{}", True), ("format: {html: {html-math-method: katex}}", False)):
        (here / "_quarto.yml").write_text(settings, encoding="utf-8")
        assert run_command(here, "build") == 0
        text = (here / "notes/environment/_metadata.yml").read_text(encoding="utf-8")
        assert ("html-math-method: mathml" in text) is ours


def test_the_doctor_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = write_project(tmp_path, FILES)
    (here / "_quarto.yml").write_text("project: {type: website}\n", encoding="utf-8")
    assert run_command(here, "doctor") == 2
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 13
    text = "\n".join(lines)
    for words in ("Python", "Quarto", "pandoc", "jupyter", "pages in", "typedwiki add", "filters: [typedwiki]"):
        assert words in text
    assert "pre-render: typedwiki prebuild" in text
    assert run_command(here, "add") == 0
    rest = f'[{ADVISED}, "!/data/wikis/**", "!/notes/assets/**"]'
    (here / "_quarto.yml").write_text(
        f"project:\n  type: website\n  pre-render: typedwiki prebuild\n  render: {rest}\nfilters: [typedwiki]\n",
        "utf-8",
    )
    capsys.readouterr()
    assert run_command(here, "doctor") == 0
    assert "a site can be made" in capsys.readouterr().out


def test_add_keeps_what_it_replaces(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = write_project(tmp_path, FILES)
    assert run_command(here, "add") == 0
    edited = here / "_extensions/typedwiki/note.lua"
    edited.write_text("-- mine\n", encoding="utf-8")
    old = here / "_extensions/typedwiki/old.lua"
    old.write_text("-- of an older version\n", encoding="utf-8")
    assert run_command(here, "add") == 0
    assert "1 file written, 1 removed" in capsys.readouterr().out
    assert not old.exists()
    for name in ("note.lua", "old.lua"):
        assert (here / ".typedwiki/replaced/_extensions/typedwiki" / name).read_text("utf-8").startswith("-- ")


def test_init_leaves_a_website_of_its_own_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = write_project(tmp_path, FILES)
    (here / "_quarto.yml").write_text("website:\n  title: Mine\n", encoding="utf-8")
    assert run_command(here, "init", "--title", "Yours") == 2
    assert "typedwiki add" in capsys.readouterr().err
    assert "title: Mine" in (here / "_quarto.yml").read_text(encoding="utf-8")
