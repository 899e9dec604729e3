"""Existing Quarto websites: which files Quarto renders, which settings are obstacles, and the doctor's advice."""

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
RENDER_LISTS: dict[str, list[str] | None] = {
    "none": None,
    "of this project": ["index.qmd", "/notes/*.qmd", "/notes/*/*.qmd"],
    "as advised": ["*.qmd", "*.md", "*.ipynb", "!/wiki/**", "!/notes/assets/**"],
    "folders as a whole": ["**/*", "!/data/wikis/**"],
    "a folder at the top is left out": ["**/*", "!/wiki/**"],
    "anywhere": ["*.qmd", "*.md", "!wiki/**"],
    "a folder": ["posts/", "about.md"],
    "a folder by its name": ["posts", "index.qmd"],
    "a file at the top": ["/*.md"],
    "braces": ["*.{qmd,md}", "!/data/**"],
}


@pytest.mark.quarto
@pytest.mark.parametrize("patterns", RENDER_LISTS.values(), ids=RENDER_LISTS)
def test_render_list_is_read_as_by_quarto(quarto: str, tmp_path: Path, patterns: list[str] | None) -> None:
    for name in TREE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        cells = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
        (tmp_path / name).write_text(cells if name.endswith("b") else "# Text\n", encoding="utf-8")
    project = {"type": "website", **({} if patterns is None else {"render": patterns})}
    (tmp_path / "_quarto.yml").write_text(yaml.safe_dump({"project": project}), encoding="utf-8")
    result = subprocess.run([quarto, "inspect"], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True)
    rendered = {Path(path).relative_to(tmp_path).as_posix() for path in json.loads(result.stdout)["files"]["input"]}
    assert {name for name in TREE if is_input(PurePosixPath(name), patterns)} == rendered
    assert inputs(tmp_path) == sorted(rendered)


def find_obstacles(project: Path, text: str, source: str = "data/wikis") -> list[str]:
    (project / "_quarto.yml").write_text(f"{text}\ntypedwiki: {{source: {source}}}\n", encoding="utf-8")
    config = load_config(project)
    return list(obstacles(config.website, project, config.sources))


ADVISED_PATTERNS = '"*.qmd", "*.md", "*.ipynb"'


def test_obstacles_name_the_line_to_add(tmp_path: Path) -> None:
    project = write_project(tmp_path, FILES)
    exclusions = '"!/data/wikis/**", "!/notes/assets/**"'
    assert f"render: [{ADVISED_PATTERNS}, {exclusions}]" in find_obstacles(project, "project: {type: website}")[0]
    assert find_obstacles(project, f"project: {{type: website, render: [{ADVISED_PATTERNS}, {exclusions}]}}") == []
    (obstacle,) = find_obstacles(project, 'project: {type: website, render: ["*.qmd", "*.md", "!/notes/assets/**"]}')
    assert 'the line  - "!/data/wikis/**"' in obstacle
    (obstacle,) = find_obstacles(project, f'project: {{type: website, render: ["**/*", {exclusions}]}}')
    assert f"list files, not folders, in `project:`:  render: [{ADVISED_PATTERNS}, " in obstacle
    (obstacle,) = find_obstacles(project, "project: {type: website, render: [index.qmd]}")
    assert "leave out the notes" in obstacle


@pytest.mark.parametrize(
    ("text", "message"),
    [("project: {type: book}", "`type: book`"), ("project: {title: A}", "no type"), ("{}", "no type")],
)
def test_notes_need_a_website(tmp_path: Path, text: str, message: str) -> None:
    text = text if text != "{}" else "lang: en"
    (obstacle,) = find_obstacles(write_project(tmp_path, FILES), text)
    assert message in obstacle
    assert "type: website" in obstacle


def test_outside_or_hidden_wiki_is_no_obstacle(tmp_path: Path) -> None:
    project = write_project(tmp_path / "site", FILES)
    (project / "data/wikis").rename(project / "_wiki")
    settings = f'project: {{type: website, render: [{ADVISED_PATTERNS}, "!/notes/assets/**"]}}'
    assert find_obstacles(project, settings, "_wiki") == []
    (project / "_wiki").rename(tmp_path / "wiki")
    assert find_obstacles(project, settings, "../wiki") == []


def test_notes_link_to_overview_pages_unless_the_navigation_does(tmp_path: Path) -> None:
    project = write_project(tmp_path, FILES)
    note = project / "notes/environment/Kitchen.qmd"
    for settings, expected in (
        ("website: {title: A}", True),
        ("website: {navbar: {left: [notes/wiki/explore.qmd]}}", False),
    ):
        (project / "_quarto.yml").write_text(settings, encoding="utf-8")
        assert run_command(project, "build") == 0
        assert ("[Explore](../wiki/explore.html)" in note.read_text(encoding="utf-8")) is expected
        report = (project / "notes/wiki/report.qmd").read_text(encoding="utf-8")
        assert ("[Graph](graph.html)" in report) is expected


def test_formulas_are_mathml_unless_configured(tmp_path: Path) -> None:
    project = write_project(tmp_path, FILES)
    for settings, mathml in (("{}", True), ("format: {html: {html-math-method: katex}}", False)):
        (project / "_quarto.yml").write_text(settings, encoding="utf-8")
        assert run_command(project, "build") == 0
        text = (project / "notes/environment/_metadata.yml").read_text(encoding="utf-8")
        assert ("html-math-method: mathml" in text) is mathml


def test_doctor_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path, FILES)
    (project / "_quarto.yml").write_text("project: {type: website}\n", encoding="utf-8")
    assert run_command(project, "doctor") == 2
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 13
    text = "\n".join(lines)
    for words in ("Python", "Quarto", "pandoc", "jupyter", "pages in", "typedwiki add", "filters: [typedwiki]"):
        assert words in text
    assert "pre-render: typedwiki prebuild" in text
    assert run_command(project, "add") == 0
    render_list = f'[{ADVISED_PATTERNS}, "!/data/wikis/**", "!/notes/assets/**"]'
    (project / "_quarto.yml").write_text(
        f"project:\n  type: website\n  pre-render: typedwiki prebuild\n  render: {render_list}\nfilters: [typedwiki]\n",
        "utf-8",
    )
    capsys.readouterr()
    assert run_command(project, "doctor") == 0
    assert "a site can be made" in capsys.readouterr().out


def test_add_keeps_replaced_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path, FILES)
    assert run_command(project, "add") == 0
    edited = project / "_extensions/typedwiki/note.lua"
    edited.write_text("-- mine\n", encoding="utf-8")
    old = project / "_extensions/typedwiki/old.lua"
    old.write_text("-- of an older version\n", encoding="utf-8")
    assert run_command(project, "add") == 0
    assert "1 file written, 1 removed" in capsys.readouterr().out
    assert not old.exists()
    for name in ("note.lua", "old.lua"):
        assert (project / ".typedwiki/replaced/_extensions/typedwiki" / name).read_text("utf-8").startswith("-- ")


def test_init_refuses_an_existing_website(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path, FILES)
    (project / "_quarto.yml").write_text("website:\n  title: Mine\n", encoding="utf-8")
    assert run_command(project, "init", "--title", "Yours") == 2
    assert "typedwiki add" in capsys.readouterr().err
    assert "title: Mine" in (project / "_quarto.yml").read_text(encoding="utf-8")
