"""The searches of other site generators, run in a browser. Part of ``bench search``.

Each gets the pages as they are, with their titles as headings. What it makes of MediaWiki is part of the result.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import yaml
from playwright.sync_api import Locator, Page

from bench.measure import CommandError, measure
from typedwiki.model import WikiPage
from typedwiki.render.render import find_quarto

Answer = Callable[[str], list[str]]
"""Returns the titles that a query finds, the best first."""
Build = Callable[[Path, Path], Path]
"""Builds a site of the Markdown in the folder ``docs`` of a folder, with the programs of another; returns the site."""
Open = Callable[[Page, str, Sequence[str]], AbstractContextManager[Answer]]
"""Opens a site at an address. The titles are those of its pages, by number."""
_NUMBER = re.compile(r"/p(\d+)(?:\.html|/)")
_SETTLED = 250
"""Milliseconds without a change after which a result is complete."""
_CHANGED = """(element, wait) => new Promise((done) => {
  let timer = setTimeout(done, 3 * wait);
  new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, wait); })
    .observe(element, { childList: true, subtree: true, characterData: true, attributes: true });
})"""
# Material's manual recommends it for names in camel case and with dots.
_SEPARATOR = r"""[\s\-,:!=\[\]()"`/]+|\.(?!\d)|&[lg]t;|(?!\b)(?=[A-Z][a-z])"""


def write_pages(pages: Sequence[WikiPage], folder: Path) -> None:
    """Write pages as numbered Markdown files, with an index."""
    folder.mkdir(parents=True)
    for number, page in enumerate(pages):
        text = Path(page.path).read_text(encoding="utf-8", errors="replace")
        if text.startswith("---\n"):
            text = text[4:].partition("\n---\n")[2]
        if not re.match(r"\s*# ", text):
            text = f"# {page.page_title}\n\n{text}"
        (folder / f"p{number}.md").write_text(text, encoding="utf-8")
    (folder / "index.md").write_text("# Home\n\n```{toctree}\n:glob:\np*\n```\n", encoding="utf-8")


def _material(project: Path, programs: Path) -> Path:
    plugins = f"plugins:\n  - search:\n      separator: '{_SEPARATOR}'\n"
    (project / "mkdocs.yml").write_text(f"site_name: Bench\ntheme: material\n{plugins}", encoding="utf-8")
    measure([str(programs / "mkdocs"), "build", "--quiet", "--site-dir", "material"], project)
    return project / "material"


def _zensical(project: Path, programs: Path) -> Path:
    text = '[project]\nsite_name = "Bench"\nsite_dir = "zensical"\n'
    (project / "zensical.toml").write_text(text, encoding="utf-8")
    measure([str(programs / "zensical"), "build"], project)
    return project / "zensical"


def _furo(project: Path, programs: Path) -> Path:
    text = 'project = "Bench"\nextensions = ["myst_parser"]\nhtml_theme = "furo"\nhtml_show_search_summary = False\n'
    (project / "docs/conf.py").write_text(text, encoding="utf-8")
    measure([str(programs / "sphinx-build"), "-Q", "-b", "html", "docs", "furo"], project)
    (project / "docs/conf.py").unlink()
    return project / "furo"


def _quarto(project: Path, programs: Path) -> Path:
    quarto = find_quarto()
    if not quarto:
        raise CommandError("Quarto is not installed")
    source = project / "quarto"
    source.mkdir()
    for page in (project / "docs").glob("*.md"):
        shutil.copyfile(page, source / f"{page.stem}.qmd")
    settings = {
        "project": {"type": "website"},
        "website": {"title": "Bench", "search": {"location": "navbar", "type": "textbox", "limit": 50}, "navbar": {}},
        "engine": "markdown",
    }
    (source / "_quarto.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    measure([quarto, "render", "--quiet"], source)
    return source / "_site"


def _titles(addresses: Iterable[str | None], titles: Sequence[str]) -> list[str]:
    numbers = [int(match[1]) for address in addresses if (match := _NUMBER.search(f"/{address}"))]
    return [titles[number] for number in dict.fromkeys(numbers)]


def settle(element: Locator) -> None:
    """Wait until an element stops changing."""
    element.evaluate(_CHANGED, _SETTLED)


def _search_by_box(box: Locator, results: Locator, links: Locator, titles: Sequence[str]) -> Answer:
    def answer(query: str) -> list[str]:
        box.fill(query)
        box.dispatch_event("keyup")  # Material reacts to this event
        settle(results)
        return _titles([link.get_attribute("href") for link in links.all()], titles)

    return answer


@contextmanager
def _open_material(page: Page, address: str, titles: Sequence[str]) -> Iterator[Answer]:
    page.goto(f"{address}/index.html")
    page.wait_for_timeout(1000)
    page.keyboard.press("/")  # loads the index
    page.wait_for_timeout(1500)
    box, results = page.locator("[data-md-component=search-query]"), page.locator(".md-search-result")
    yield _search_by_box(box, results, page.locator("a.md-search-result__link"), titles)


@contextmanager
def _open_zensical(page: Page, address: str, titles: Sequence[str]) -> Iterator[Answer]:
    page.goto(f"{address}/index.html")
    page.wait_for_timeout(1000)
    page.keyboard.press("/")
    page.wait_for_timeout(1500)
    dialog = page.locator("dialog[aria-label=Search]")
    yield _search_by_box(dialog.locator("input[role=combobox]"), dialog, dialog.locator("a[role=option]"), titles)


@contextmanager
def _open_furo(page: Page, address: str, titles: Sequence[str]) -> Iterator[Answer]:
    def answer(query: str) -> list[str]:
        page.goto(f"{address}/search.html?{urlencode({'q': query})}")
        page.wait_for_function(
            "/finished|did not match/.test(document.querySelector('#search-results').textContent)", timeout=10_000
        )
        links = page.locator("#search-results li > a").all()
        return _titles([link.get_attribute("href") for link in links], titles)

    yield answer


@contextmanager
def _open_quarto(page: Page, address: str, titles: Sequence[str]) -> Iterator[Answer]:
    page.goto(f"{address}/index.html")
    box = page.locator("#quarto-search input")
    box.wait_for()
    yield _search_by_box(box, page.locator("body"), page.locator(".aa-Panel a.search-result-link"), titles)


SEARCHERS: Mapping[str, tuple[Build, Open]] = {
    "MkDocs Material": (_material, _open_material),
    "Zensical": (_zensical, _open_zensical),
    "Sphinx with furo": (_furo, _open_furo),
    "Quarto's own": (_quarto, _open_quarto),
}
