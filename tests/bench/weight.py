"""The weight of a site's HTML pages, and the features that it offers its readers, from its files alone."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag

from bench.projects import WIKI

_LINK = re.compile(r"\[\[uses_heuristic::Implementation:([^\]|]+)\]\]")
_GRAPH_CLASS = re.compile(r"graph|network", re.IGNORECASE)
_MENUS = "nav, header, footer, aside, .md-sidebar, .navbar, .sidebar"
SEARCH_INDEXES = ("search.json", "search_index.json", "pagefind.js", "searchindex.js")
FEATURES = ("typed links", "backlinks", "graph", "search")


@dataclass(frozen=True)
class Weight:
    """Bytes a page, of its HTML and of everything, and the features for readers."""

    html: float
    total: float
    features: Mapping[str, bool]


def weigh(site: Path, project: Path) -> Weight:
    """Weigh a site that was built from the wiki of a project."""
    sources = [path for path in (project / WIKI).rglob("*.md") if not path.name.startswith("_")]
    pages = _pages(site, {path.stem.casefold() for path in sources})
    total = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    html = sum(path.stat().st_size for path in pages.values())
    return Weight(html / max(1, len(pages)), total / len(sources), _features(site, pages, project))


def _pages(site: Path, stems: set[str]) -> dict[str, Path]:
    """The HTML file of each page: named like it, or the index of a folder named like it."""
    pages = {}
    for path in sorted(site.rglob("*.html")):
        name = path.parent.name if path.name == "index.html" else path.stem
        if name.casefold() in stems:
            pages[name.casefold()] = path
    return pages


def _features(site: Path, pages: Mapping[str, Path], project: Path) -> dict[str, bool]:
    """The features of a Heuristic that links to an Implementation, and of that Implementation."""
    heuristic = min((project / WIKI).rglob("Heuristic/*.md"))
    match = _LINK.search(heuristic.read_text(encoding="utf-8"))
    assert match
    source, target = heuristic.stem.casefold(), match[1].casefold()
    if source not in pages or target not in pages:
        return dict.fromkeys(FEATURES, False)
    from_source, from_target = (_content(pages[name]) for name in (source, target))
    index = [path for path in site.rglob("*") if path.name in SEARCH_INDEXES]
    return {
        "typed links": _links_to(from_source, pages[source], pages[target]) and "[[" not in _prose(from_source),
        "backlinks": _links_to(from_target, pages[target], pages[source]),
        "graph": any(
            _GRAPH_CLASS.search(" ".join(tag.get_attribute_list("class"))) for tag in from_target.find_all(True)
        ),
        "search": bool(index) or any(site.rglob("search.js")),
    }


def _content(page: Path) -> Tag:
    """The content of a page, without menus."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    content = soup.select_one("main, [role=main]") or soup.body or soup
    for menu in content.select(_MENUS):
        menu.extract()
    return content


def _prose(content: Tag) -> str:
    return " ".join(text for text in content.find_all(string=True) if not text.find_parent(["pre", "code", "script"]))


def _links_to(content: Tag, page: Path, other: Path) -> bool:
    for link in content.find_all("a", href=True):
        path = unquote(str(link["href"]).split("#")[0])
        if not path.startswith(("http:", "https:", "/")) and path:
            target = Path(posixpath.normpath(page.parent.as_posix() + "/" + path))
            if other in (target, target / "index.html"):
                return True
    return False
