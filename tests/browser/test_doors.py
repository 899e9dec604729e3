"""The ways to a site, each from a bare folder on: a template, a website that is there, a wiki that lies elsewhere."""

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

from .conftest import served

pytestmark = [pytest.mark.browser, pytest.mark.quarto]
WIKI = GOLDEN / "two_dialects/wiki"
HUB = "notes/principle/acme_kit_Loss.html"
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
LINES = """\
  pre-render: typedwiki prebuild
  render: ["*.qmd", "!/notes/assets/**"]
"""
MORE_LINES = """\
filters: [typedwiki]
typedwiki: {source: ../wiki}
"""


@pytest.fixture(
    scope="module", params=quarto_paths() or [""], ids=lambda path: Path(path).parents[-2].name if path else ""
)
def with_quarto(request: pytest.FixtureRequest, installed: Mapping[str, str]) -> dict[str, str]:
    """The environment in which one of the versions of Quarto at hand is the usual one."""
    if not request.param:
        skip_or_fail("quarto", "Quarto is not installed")
    folder = Path(request.param).parent
    return {**installed, "QUARTO_PATH": request.param, "PATH": f"{installed['PATH']}{os.pathsep}{folder}"}


def run(folder: Path, environment: Mapping[str, str], *command: str | Path, status: int = 0) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def walk(site: Path, page: Page, hub: str, ours: str = "") -> None:
    """Follow every link, then read the site below a path of a host. Only ``ours`` asks no other host for anything."""
    site_checks.soup.cache_clear()
    assert site_checks.dead_references(site) == []
    assert [asked for asked in site_checks.external_requests(site) if asked.startswith(ours)] == []
    with served(site.parent) as url:
        page.goto(f"{url}/{site.name}/{hub}")
        page.locator("#connections").scroll_into_view_if_needed()
        page.wait_for_selector(".tw-graph[data-drawn]")
        badge = page.locator(".tw-strip .tw-badge").first
        assert badge.evaluate("e => getComputedStyle(e).getPropertyValue('--tw-icon')").startswith("url(")
        page.goto(str(page.locator("a[href$='wiki/explore.html']").first.evaluate("a => a.href")))
        page.wait_for_selector(".tw-item:not(:first-child) a.tw-link[href]")
        page.goto(f"{url}/{site.name}/notes/wiki/graph.html")
        page.wait_for_selector(".tw-network[data-drawn]")


@pytest.fixture
def template(with_quarto: Mapping[str, str], tmp_path: Path) -> Path:
    """A project as `quarto use template` makes it of this repository."""
    here = tmp_path / "project"
    here.mkdir()
    run(here, with_quarto, with_quarto["QUARTO_PATH"], "use", "template", ROOT, "--no-prompt")
    return here


def without_package(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name != "PYTHONPATH"}


def test_a_template_holds_what_a_new_site_needs(template: Path) -> None:
    files = {path.relative_to(template).as_posix() for path in template.rglob("*") if path.is_file()}
    tool = ("scripts/", "_extensions/", ".vscode/")
    assert {name for name in files if not name.startswith(tool)} == {
        *("_quarto.yml", "index.qmd", ".gitignore", "requirements.txt", "Makefile", ".github/workflows/publish.yml"),
        *("wiki/Workflow/Start_a_Wiki.md", "wiki/Principle/Typed_Links.md", "wiki/Implementation/Write_a_Page.md"),
        *("notes/a-note-by-hand.qmd", "notes/README.md", "docs/writing.md", "docs/requirements.md"),
    }


def test_a_template_renders_at_once(template: Path, with_quarto: Mapping[str, str], page: Page) -> None:
    said = run(template, without_package(with_quarto), with_quarto["QUARTO_PATH"], "render")
    assert "no problems" in said
    walk(template / "_site", page, "notes/workflow/Start_a_Wiki.html")


def test_a_template_is_made_by_make(template: Path, with_quarto: Mapping[str, str], page: Page) -> None:
    (template / ".venv").mkdir()
    (template / ".venv/.requirements").touch()  # as after pip has installed them
    run(template, without_package(with_quarto), "make", "site", f"PY={sys.executable}")
    walk(template / "_site", page, "notes/principle/Typed_Links.html")


def own_site(folder: Path, lines: str = LINES, more: str = MORE_LINES) -> Path:
    """A website with a theme, a docked sidebar, posts and a listing."""
    for name, text in {
        "_quarto.yml": SETTINGS.format(lines=lines) + more,
        "own.scss": "/*-- scss:defaults --*/\n$primary: #884400;\n",
        "icon.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>\n',
        "index.qmd": "---\ntitle: Home\nlisting:\n  contents: posts\n---\n\nThe home of the site.\n",
        "about.qmd": "---\ntitle: About\n---\n\nWho we are.\n",
        "posts/one/index.qmd": "---\ntitle: The first post\ndate: 2026-01-01\n---\n\nNews.\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_site_that_is_there_gets_a_wiki(with_quarto: Mapping[str, str], tmp_path: Path, page: Page) -> None:
    here = own_site(tmp_path / "own")
    shutil.copytree(WIKI, tmp_path / "wiki")
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    run(here, with_quarto, "typedwiki", "add")
    run(here, with_quarto, with_quarto["QUARTO_PATH"], "render")
    assert {path: path.read_bytes() for path in before} == before
    site = here / "_site"
    walk(site, page, HUB, "notes/")  # a page with a listing asks for MathJax, unless its site says otherwise
    home = site_checks.soup(site / "index.html")
    assert "The first post" in home.get_text()
    assert home.select_one(".sidebar")
    assert site_checks.soup(site / HUB).select_one("nav.sidebar")
    assert not [path for path in site_checks.pages(site) if "assets" in path.parts]


def test_a_sidebar_by_itself_and_another_output_folder(
    with_quarto: Mapping[str, str], tmp_path: Path, page: Page
) -> None:
    here = own_site(tmp_path / "own", LINES + "  output-dir: public\n")
    settings = (here / "_quarto.yml").read_text(encoding="utf-8")
    start, end = settings.index("  sidebar:\n"), settings.index("format:\n")
    automatic = f"{settings[:start]}  sidebar: {{contents: auto}}\n{settings[end:]}"
    (here / "_quarto.yml").write_text(automatic, encoding="utf-8")
    shutil.copytree(WIKI, tmp_path / "wiki")
    run(here, with_quarto, "typedwiki", "add")
    run(here, with_quarto, with_quarto["QUARTO_PATH"], "render")
    walk(here / "public", page, HUB, "notes/")
    listed = {link.get_text(strip=True) for link in site_checks.soup(here / "public" / HUB).select("nav.sidebar a")}
    assert {"The first post", "Gradient Descent", "Explore"} <= listed


def test_a_book_says_what_to_change(with_quarto: Mapping[str, str], tmp_path: Path) -> None:
    shutil.copytree(WIKI, tmp_path / "wiki")
    here = tmp_path / "own"
    here.mkdir()
    (here / "index.qmd").write_text("# Preface\n", encoding="utf-8")
    book = f"project:\n  type: book\n{LINES}book: {{title: Bread, author: A, chapters: [index.qmd]}}\n{MORE_LINES}"
    (here / "_quarto.yml").write_text(book, encoding="utf-8")
    run(here, with_quarto, "typedwiki", "add")
    assert "set `project: type: website`" in run(here, with_quarto, with_quarto["QUARTO_PATH"], "render", status=1)


@pytest.mark.parametrize("folder", ["wiki", "data/wikis"])
def test_raw_pages_are_never_published(with_quarto: Mapping[str, str], tmp_path: Path, folder: str) -> None:
    here = own_site(tmp_path / "own", "  pre-render: typedwiki prebuild\n", f"typedwiki: {{source: {folder}}}\n")
    shutil.copytree(WIKI, here / folder)
    said = run(here, with_quarto, with_quarto["QUARTO_PATH"], "render", status=1)
    assert f"raw pages of `{folder}`" in said
    line = f'render: ["*.qmd", "*.md", "*.ipynb", "!/{folder}/**", "!/notes/assets/**"]'
    assert line in said
    assert not list((here / "_site").rglob("*.html"))
    settings = here / "_quarto.yml"
    settings.write_text(settings.read_text("utf-8").replace("  pre-render", f"  {line}\n  pre-render"), "utf-8")
    inspected = run(here, with_quarto, with_quarto["QUARTO_PATH"], "inspect")
    assert f"/{folder}/" not in inspected.partition('"input"')[2].partition("]")[0]
    assert run(here, with_quarto, "typedwiki", "prebuild")  # nothing stands in its way


def test_a_page_without_its_data_says_so(draft_site: Path, tmp_path: Path, browser: Browser) -> None:
    site = tmp_path / "site"
    shutil.copytree(draft_site, site)
    for name in ("pages.js", "layers.js"):
        (site / "notes/assets" / name).unlink()
    page = browser.new_page()  # one that may complain
    page.goto((site / "notes/wiki/explore.html").as_uri())
    page.wait_for_function("document.querySelector('.tw-state').textContent.includes('pages.js is missing')")


def test_a_wiki_elsewhere_is_one_command(with_quarto: Mapping[str, str], tmp_path: Path, page: Page) -> None:
    here = tmp_path / "empty"
    here.mkdir()
    shutil.copytree(ROOT / "wiki", tmp_path / "vault")
    before = {path: path.read_bytes() for path in (tmp_path / "vault").rglob("*") if path.is_file()}
    assert "site" in run(here, with_quarto, "typedwiki", "--help")
    command = [sys.executable, "-m", "typedwiki"]
    run(here, with_quarto, *command, "site", "--source", "../vault", "--site", "out", "--title", "The vault")
    assert [path.name for path in here.iterdir()] == ["out"]
    assert {path: path.read_bytes() for path in (tmp_path / "vault").rglob("*") if path.is_file()} == before
    assert site_checks.soup(here / "out/index.html").select_one("h1.title").get_text() == "The vault"  # type: ignore[union-attr]
    walk(here / "out", page, "notes/principle/Typed_Links.html")
    again = run(here, with_quarto, *command, "site", "--source", "../vault", "--site", "out")
    assert "0 files written" in again or "nothing has changed" in again


def test_the_extension_alone_shows_plain_pages(with_quarto: Mapping[str, str], tmp_path: Path) -> None:
    here = own_site(tmp_path / "own", "", "filters: [typedwiki]\n")
    quarto = with_quarto["QUARTO_PATH"]
    run(here, with_quarto, quarto, "add", ROOT, "--no-prompt")
    text = "---\ntitle: About\n---\n\nSee [[step::Principle:Loss]] here.\n"
    (here / "about.qmd").write_text(text, encoding="utf-8")
    said = run(here, with_quarto, quarto, "render")
    assert said.count("typedwiki prebuild") == 1
    about = site_checks.soup(here / "_site/about.html")
    assert "See Loss here." in about.get_text()
    assert about.select_one("link[href*=typedwiki]")
