"""The Content-Security-Policy of a rendered site."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

from ..text.characters import ANY_HOST

DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",  # widths and alignment of tables; vis-network's and Mermaid's styles
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'self'",
}
_RULES_PAGE = "notes/wiki/rules.html"
_SORTS = re.compile(r"window\['quarto-listings'\]\['[\w-]+'\]\.sort\(this\.options\[this\.selectedIndex\][^;]*\)")

_ANNOTATES = "event.preventDefault();"
"""The event handler that Quarto adds to lines of annotated code."""


def policy(site: Path, remote_images: Sequence[str] = ()) -> str:
    """Return the strictest policy under which a rendered site works, as the value of the header.

    ``remote_images`` are the hosts whose pictures it loads.

    Raises:
        OSError: ``site`` is not a rendered site.
    """
    shell, home = _Scripts(), _Scripts()
    shell.feed(_text(site / _RULES_PAGE))
    home.feed(_text(site / "index.html"))
    scripts = {*shell.scripts, *home.in_head}
    handlers = {*shell.handlers, *filter(_SORTS.fullmatch, home.handlers)}
    handlers |= {_ANNOTATES} if handlers else set()
    hashes = sorted(map(_hash, scripts | handlers))
    allowed = [DIRECTIVES["script-src"], *(["'unsafe-hashes'"] if handlers else []), *hashes]
    hosts = ["https:" if host == ANY_HOST else f"https://{host}" for host in remote_images]
    images = " ".join([DIRECTIVES["img-src"], *hosts])
    directives = {**DIRECTIVES, "script-src": " ".join(allowed), "img-src": images}
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _hash(code: str) -> str:
    return f"'sha256-{b64encode(sha256(code.encode()).digest()).decode()}'"


class _Scripts(HTMLParser):
    """Collects inline scripts and event handlers of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.in_head: list[str] = []
        self.handlers: list[str] = []
        self.head = True
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.handlers += [value or "" for name, value in attrs if name.startswith("on")]
        self.head = self.head and tag != "body"
        if tag == "script" and "src" not in attributes and "json" not in (attributes.get("type") or ""):
            self.inside = True
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self.inside:
            self.inside = False
            if self.head:
                self.in_head.append(self.scripts[-1])

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.scripts[-1] += data
