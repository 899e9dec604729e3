"""Every way to set up a site: a template, an existing website, a wiki in another folder, the extension alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

import site_checks
from conftest import GOLDEN, ROOT, quarto_paths, skip_or_fail

from .conftest import serve

pytestmark = [pytest.mark.browser, pytest.mark.quarto]
WIKI = GOLDEN / "two_dialects/wiki"
NOTE = "notes/principle/acme_kit_Loss.html"
SETTINGS = """\
project:
  type: website
{lines}website:
  title: Bread and more
  favicon: icon.svg
  navbar:
    left: [about.qmd]
  sidebar:
    style: docked
    contents:
      - index.qmd
      - section: Posts
        contents: posts/**
format:
  html:
    theme: own.scss
"""
PROJECT_LINES = """\
  pre-render: typedwiki prebuild
  render: ["*.qmd", "!/notes/assets/**"]
"""
EXTENSION_LINES = """\
filters: [typedwiki]
typedwiki: {source: ../wiki}
"""


@pytest.fixture(
    scope="module", params=quarto_paths() or [""], ids=lambda path: Path(path).parents[-2].name if path else ""
)
def quarto_environment(request: pytest.FixtureRequest, installed: Mapping[str, str]) -> dict[str, str]:
    """The environment in which one of the installed versions of Quarto is the default."""
    if not request.param:
        skip_or_fail("quarto", "Quarto is not installed")
    folder = Path(request.param).parent
    return {**installed, "QUARTO_PATH": request.param, "PATH": f"{installed['PATH']}{os.pathsep}{folder}"}


def run_in(folder: Path, environment: Mapping[str, str], *command: str | Path, status: int = 0) -> str:
    """Run a command in a folder; return its output."""
    result = subprocess.run(
        [str(part) for part in command], cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode == status, result.stdout + result.stderr
    return result.stdout + result.stderr


def check_site(site: Path, page: Page, note: str, prefix: str = "") -> None:
    """Follow every link, then open the site below a path of a host.

    Pages below ``prefix`` must request no other host.
    """
    site_checks.soup.cache_clear()
    assert site_checks.dead_references(site) == []
    assert [request for request in site_checks.external_requests(site) if request.startswith(prefix)] == []
    with serve(site.parent) as url:
        page.goto(f"{url}/{site.name}/{note}")
        page.locator("#connections").scroll_into_view_if_needed()
        page.wait_for_selector(".tw-graph[data-drawn]")
        badge = page.locator(".tw-strip .tw-badge").first
        assert badge.evaluate("e => getComputedStyle(e).getPropertyValue('--tw-icon')").startswith("url(")
        page.goto(str(page.locator("a[href$='wiki/explore.html']").first.evaluate("a => a.href")))
        page.wait_for_selector(".tw-item:not(:first-child) a.tw-link[href]")
        page.goto(f"{url}/{site.name}/notes/wiki/graph.html")
        page.wait_for_selector(".tw-network[data-drawn]")


@pytest.fixture
def template_project(quarto_environment: Mapping[str, str], tmp_path: Path) -> Path:
    """A project created from this repository by `quarto use template`."""
    project = tmp_path / "project"
    project.mkdir()
    run_in(project, quarto_environment, quarto_environment["QUARTO_PATH"], "use", "template", ROOT, "--no-prompt")
    return project


def without_package(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name != "PYTHONPATH"}


def test_template_contains_only_what_a_new_site_needs(template_project: Path) -> None:
    files = {path.relative_to(template_project).as_posix() for path in template_project.rglob("*") if path.is_file()}
    tool_folders = ("scripts/", "_extensions/", ".vscode/")
    assert {name for name in files if not name.startswith(tool_folders)} == {
        *("_quarto.yml", "index.qmd", ".gitignore", "requirements.txt", "Makefile", ".github/workflows/publish.yml"),
        *("wiki/Workflow/Start_a_Wiki.md", "wiki/Principle/Typed_Links.md", "wiki/Implementation/Write_a_Page.md"),
        *("notes/a-note-by-hand.qmd", "notes/README.md", "docs/writing.md", "docs/requirements.md"),
    }


def test_template_renders_without_changes(
    template_project: Path, quarto_environment: Mapping[str, str], page: Page
) -> None:
    output = run_in(template_project, without_package(quarto_environment), quarto_environment["QUARTO_PATH"], "render")
    assert "no problems" in output
    check_site(template_project / "_site", page, "notes/workflow/Start_a_Wiki.html")


def test_template_builds_by_make(template_project: Path, quarto_environment: Mapping[str, str], page: Page) -> None:
    (template_project / ".venv").mkdir()
    (template_project / ".venv/.requirements").touch()  # as after pip has installed them
    run_in(template_project, without_package(quarto_environment), "make", "site", f"PY={sys.executable}")
    check_site(template_project / "_site", page, "notes/principle/Typed_Links.html")


def write_website(folder: Path, project_lines: str = PROJECT_LINES, extension_lines: str = EXTENSION_LINES) -> Path:
    """A website with a theme, a docked sidebar, posts and a listing."""
    for name, text in {
        "_quarto.yml": SETTINGS.format(lines=project_lines) + extension_lines,
        "own.scss": "/*-- scss:defaults --*/\n$primary: #884400;\n",
        "icon.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>\n',
        "index.qmd": "---\ntitle: Home\nlisting:\n  contents: posts\n---\n\nThe home of the site.\n",
        "about.qmd": "---\ntitle: About\n---\n\nWho we are.\n",
        "posts/one/index.qmd": "---\ntitle: The first post\ndate: 2026-01-01\n---\n\nNews.\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_wiki_is_added_to_existing_website(quarto_environment: Mapping[str, str], tmp_path: Path, page: Page) -> None:
    project = write_website(tmp_path / "own")
    shutil.copytree(WIKI, tmp_path / "wiki")
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    run_in(project, quarto_environment, "typedwiki", "add")
    run_in(project, quarto_environment, quarto_environment["QUARTO_PATH"], "render")
    assert {path: path.read_bytes() for path in before} == before
    site = project / "_site"
    check_site(site, page, NOTE, "notes/")  # elsewhere, a listing loads MathJax
    home = site_checks.soup(site / "index.html")
    assert "The first post" in home.get_text()
    assert home.select_one(".sidebar")
    assert site_checks.soup(site / NOTE).select_one("nav.sidebar")
    assert not [path for path in site_checks.pages(site) if "assets" in path.parts]


def test_wiki_in_website_with_automatic_sidebar_and_output_folder(
    quarto_environment: Mapping[str, str], tmp_path: Path, page: Page
) -> None:
    project = write_website(tmp_path / "own", PROJECT_LINES + "  output-dir: public\n")
    settings = (project / "_quarto.yml").read_text(encoding="utf-8")
    start, end = settings.index("  sidebar:\n"), settings.index("format:\n")
    automatic = f"{settings[:start]}  sidebar: {{contents: auto}}\n{settings[end:]}"
    (project / "_quarto.yml").write_text(automatic, encoding="utf-8")
    shutil.copytree(WIKI, tmp_path / "wiki")
    run_in(project, quarto_environment, "typedwiki", "add")
    run_in(project, quarto_environment, quarto_environment["QUARTO_PATH"], "render")
    check_site(project / "public", page, NOTE, "notes/")
    sidebar_links = {
        link.get_text(strip=True) for link in site_checks.soup(project / "public" / NOTE).select("nav.sidebar a")
    }
    assert {"The first post", "Gradient Descent", "Explore"} <= sidebar_links


def test_book_project_is_refused_with_advice(quarto_environment: Mapping[str, str], tmp_path: Path) -> None:
    shutil.copytree(WIKI, tmp_path / "wiki")
    project = tmp_path / "own"
    project.mkdir()
    (project / "index.qmd").write_text("# Preface\n", encoding="utf-8")
    book = "book: {title: Bread, author: A, chapters: [index.qmd]}\n"
    settings = f"project:\n  type: book\n{PROJECT_LINES}{book}{EXTENSION_LINES}"
    (project / "_quarto.yml").write_text(settings, encoding="utf-8")
    run_in(project, quarto_environment, "typedwiki", "add")
    assert "set `project: type: website`" in run_in(
        project, quarto_environment, quarto_environment["QUARTO_PATH"], "render", status=1
    )


@pytest.mark.parametrize("folder", ["wiki", "data/wikis"])
def test_raw_pages_are_never_published(quarto_environment: Mapping[str, str], tmp_path: Path, folder: str) -> None:
    project = write_website(
        tmp_path / "own", "  pre-render: typedwiki prebuild\n", f"typedwiki: {{source: {folder}}}\n"
    )
    shutil.copytree(WIKI, project / folder)
    output = run_in(project, quarto_environment, quarto_environment["QUARTO_PATH"], "render", status=1)
    assert f"raw pages of `{folder}`" in output
    render_line = f'render: ["*.qmd", "*.md", "*.ipynb", "!/{folder}/**", "!/notes/assets/**"]'
    assert render_line in output
    assert not list((project / "_site").rglob("*.html"))
    settings = project / "_quarto.yml"
    settings.write_text(settings.read_text("utf-8").replace("  pre-render", f"  {render_line}\n  pre-render"), "utf-8")
    inspected = run_in(project, quarto_environment, quarto_environment["QUARTO_PATH"], "inspect")
    assert f"/{folder}/" not in inspected.partition('"input"')[2].partition("]")[0]
    assert run_in(project, quarto_environment, "typedwiki", "prebuild")  # it succeeds now


def test_page_without_its_data_says_which_file_is_missing(draft_site: Path, tmp_path: Path, browser: Browser) -> None:
    site = tmp_path / "site"
    shutil.copytree(draft_site, site)
    for name in ("pages.js", "layers.js"):
        (site / "notes/assets" / name).unlink()
    page = browser.new_page()  # unlike the fixture, it may report errors
    page.goto((site / "notes/wiki/explore.html").as_uri())
    page.wait_for_function("document.querySelector('.tw-state').textContent.includes('pages.js is missing')")


def test_site_command_builds_a_wiki_in_another_folder(
    quarto_environment: Mapping[str, str], tmp_path: Path, page: Page
) -> None:
    project = tmp_path / "empty"
    project.mkdir()
    shutil.copytree(ROOT / "wiki", tmp_path / "vault")
    before = {path: path.read_bytes() for path in (tmp_path / "vault").rglob("*") if path.is_file()}
    assert "site" in run_in(project, quarto_environment, "typedwiki", "--help")
    command = [sys.executable, "-m", "typedwiki"]
    run_in(
        project, quarto_environment, *command, "site", "--source", "../vault", "--site", "out", "--title", "The vault"
    )
    assert [path.name for path in project.iterdir()] == ["out"]
    assert {path: path.read_bytes() for path in (tmp_path / "vault").rglob("*") if path.is_file()} == before
    assert site_checks.soup(project / "out/index.html").select_one("h1.title").get_text() == "The vault"  # type: ignore[union-attr]
    check_site(project / "out", page, "notes/principle/Typed_Links.html")
    second_output = run_in(project, quarto_environment, *command, "site", "--source", "../vault", "--site", "out")
    assert "0 files written" in second_output or "nothing has changed" in second_output


def test_extension_without_package_renders_plain_pages(quarto_environment: Mapping[str, str], tmp_path: Path) -> None:
    project = write_website(tmp_path / "own", "", "filters: [typedwiki]\n")
    quarto = quarto_environment["QUARTO_PATH"]
    run_in(project, quarto_environment, quarto, "add", ROOT, "--no-prompt")
    text = "---\ntitle: About\n---\n\nSee [[step::Principle:Loss]] here.\n"
    (project / "about.qmd").write_text(text, encoding="utf-8")
    output = run_in(project, quarto_environment, quarto, "render")
    assert output.count("typedwiki prebuild") == 1
    about = site_checks.soup(project / "_site/about.html")
    assert "See Loss here." in about.get_text()
    assert about.select_one("link[href*=typedwiki]")
