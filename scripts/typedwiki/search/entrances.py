"""Ways into the search from outside: a browser's address bar, and an address that leads nowhere."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from ..atomic import replace_file
from ..config import Config
from ..regex import regex
from ..words import words

EXPLORE = "notes/wiki/explore.html"
OPENSEARCH = "opensearch.xml"
NOT_FOUND = "404.html"
PAGE = "wiki/not-found"
"""The note that 404.html is copied from, below the notes folder and without suffix: see pages/not_found.py."""
MARK = "data-not-found"
"""An attribute that only our 404.html has."""
_DEVELOPER = "<Developer>Typedwiki"
_RELATIVE = regex(r'(\s(?:href|src|content)=")(?:\.\./\.\./)')


def add_entrances(config: Config, site: Path) -> None:
    """Write both files beside the home page, unless somebody else has written them."""
    if config.site_url:
        _put(site / OPENSEARCH, opensearch(config), _DEVELOPER)
    else:
        _remove(site / OPENSEARCH, _DEVELOPER)
    rendered = site / f"notes/{PAGE}.html"
    if any((config.project / f"404{suffix}").exists() for suffix in (".qmd", ".md", ".html")):
        _remove(site / NOT_FOUND, MARK)
    elif rendered.is_file():
        _put(site / NOT_FOUND, shown_anywhere(rendered.read_text(encoding="utf-8"), config), MARK)


def remove_entrances(site: Path) -> None:
    """Delete what ``add_entrances`` has written."""
    _remove(site / OPENSEARCH, _DEVELOPER)
    _remove(site / NOT_FOUND, MARK)


def _remove(path: Path, mark: str) -> None:
    if path.is_file() and mark in path.read_text(encoding="utf-8", errors="replace"):
        path.unlink()


def _put(path: Path, text: str, mark: str) -> None:
    old = path.read_text(encoding="utf-8", errors="replace") if path.exists() else None
    if old is None or (old != text and mark in old):
        replace_file(path, text.encode())


def shown_anywhere(page: str, config: Config) -> str:
    """A page below notes/wiki/ with addresses from the root of the site, for it is shown in the place of any other."""
    root = urlsplit(config.site_url).path.rstrip("/") + "/"
    return _RELATIVE.sub(rf"\g<1>{root}", page)


def opensearch(config: Config) -> str:
    """The description by which a browser searches the wiki: https://github.com/dewitt/opensearch."""
    name = escape(config.title)
    about = escape(words(config.language)("search-of", title=config.title))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        f"<ShortName>{name[:16] if '&' not in name[:16] else 'Wiki'}</ShortName>\n<LongName>{name[:48]}</LongName>\n"
        f"<Description>{about}</Description>\n{_DEVELOPER}</Developer>\n"
        "<InputEncoding>UTF-8</InputEncoding>\n"
        f'<Url type="text/html" template="{escape(config.site_url)}/{EXPLORE}?q={{searchTerms}}"/>\n'
        "</OpenSearchDescription>\n"
    )
