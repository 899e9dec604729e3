"""Checks of a built site without a browser: internal links, anchors, and requests to other hosts."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

_REFERENCES = (("a", "href"), ("link", "href"), ("script", "src"), ("img", "src"), ("source", "src"))
_STATE = re.compile(r"(category|focus=|/)")  # hashes that scripts read, not anchors


@cache
def soup(page: Path) -> BeautifulSoup:
    """A page, parsed once."""
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def pages(site: Path) -> list[Path]:
    """All pages of a site."""
    return sorted(site.rglob("*.html"))


def dead_references(site: Path) -> list[str]:
    """Internal links, anchors, scripts, styles and images whose target does not exist."""
    dead = []
    for page in pages(site):
        for name, attribute in _REFERENCES:
            for tag in soup(page).find_all(name, attrs={attribute: True}):
                address = str(tag[attribute])
                parts = urlsplit(address)
                if parts.scheme or parts.netloc:
                    continue
                is_not_found_page = page == site / "404.html"  # served at any address, so its links start at the root
                folder = site if is_not_found_page else page.parent
                path = unquote(parts.path).lstrip("/" if is_not_found_page else "")
                target = page if not parts.path else (folder / path).resolve()
                target = target / "index.html" if target.is_dir() else target
                if not target.is_relative_to(site.resolve()) or not _exists(target, unquote(parts.fragment)):
                    dead.append(f"{page.relative_to(site)}: {address}")
    return dead


def _exists(target: Path, anchor: str) -> bool:
    if not target.is_file():
        return False
    if not anchor or target.suffix != ".html" or _STATE.match(anchor):
        return True
    return soup(target).find(id=anchor) is not None


def external_requests(site: Path) -> list[str]:
    """What a browser would fetch from another host, because of markup or a style sheet."""
    requests = []
    for page in pages(site):
        for name, attribute in _REFERENCES[1:]:
            for tag in soup(page).find_all(name, attrs={attribute: True}):
                fetched = name != "link" or "stylesheet" in (tag.get("rel") or ()) or "icon" in (tag.get("rel") or ())
                if fetched and urlsplit(str(tag[attribute])).netloc:
                    requests.append(f"{page.relative_to(site)}: {tag[attribute]}")
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8", errors="replace")
        addresses = re.findall(r"(?:@import\s+|url\()\s*[\"']?((?:https?:)?//[^\"')\s]+)", text)
        requests += [f"{style.relative_to(site)}: {address}" for address in addresses]
    return requests
