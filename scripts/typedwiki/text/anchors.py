"""Anchors of headings: each once, and found however another dialect or host would spell them."""

from __future__ import annotations

import re
from functools import lru_cache

from ..model import WikiPage
from .inline import plain
from .sections import outside_code, pieces

_HEADING = re.compile(r"(#(?<![^\n]#)#{0,5} )(.*?)(?:(?<!\s)\s*\{#([\w-]+)\})?$", re.MULTILINE)


_TAKEN = re.compile(
    r"(?i:quarto|tw|typedwiki|listing)[\w-]*|TOC|title-block-header|skip|pagefind[\w-]*"
    r"|exports|module|define|require|process|global|globals|vis|Plotly|MathJax|Fuse|Headroom|ClipboardJS|AnchorJS"
    r"|anchors|autocomplete|bootstrap|tippy|Popper|mermaid|algolia|jQuery|lightbox"
)
"""Names that the site's own elements have, or by which scripts look for one another: an element with
such a name is a global variable of that name, and they would find it instead."""


@lru_cache(maxsize=1 << 10)  # wikis repeat their headings
def identifier(heading: str) -> str:
    """The anchor of a heading."""
    return re.sub(r"[\W_]+", "-", plain(heading).casefold()).strip("-") or "section"


def headings(markdown: str) -> list[tuple[str, str]]:
    """Text and anchor of each heading of a page, each anchor once."""
    used = {"connections", "requirements", "sources"}
    last: dict[str, int] = {}  # the number that a repeated heading had the last time
    found = []
    outside = "".join(text for text, is_code in pieces(markdown) if not is_code)
    for match in _HEADING.finditer(outside):
        name = base = match[3] or identifier(match[2])
        if _TAKEN.fullmatch(base):  # a number behind it would not make it another's
            name = base = f"section-{base}"
        number = last.get(base, 1)
        while name in used:
            number += 1
            name = f"{base}-{number}"
        last[base] = number
        used.add(name)
        found.append((match[2], name))
    return found


def fragment_of(fragment: str, target: WikiPage) -> str:
    """The anchor of a section, if the target has it: never a dead one."""
    wanted = _loose(fragment)
    if wanted in ("overview", "top"):
        return "title-block-header"
    known = _spellings(target.content).get(wanted, "") if wanted else ""
    return known or (wanted if wanted in ("connections", "sources") else "")


@lru_cache(maxsize=256)  # many links lead to sections of few pages
def _spellings(markdown: str) -> dict[str, str]:
    """Anchors of a page's headings by what people write for them.

    Dialects and hosts differ in how they spell anchors, so only letters and digits count; GitHub
    numbers repeated headings from 1 where we number them from 2.
    """
    found: dict[str, str] = {}
    seen: dict[str, int] = {}
    for text, name in headings(markdown):
        words = _loose(plain(text))
        seen[words] = seen.get(words, -1) + 1
        found.setdefault(f"{words}{seen[words] or ''}", name)
        if not seen[words] or _loose(name) != words:
            found.setdefault(_loose(name), name)
    return found


def _loose(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def with_anchors(markdown: str) -> str:
    """Give headings the anchors that ``_fragment`` promises."""
    names = iter(headings(markdown))
    return outside_code(markdown, lambda text: _HEADING.sub(lambda m: f"{m[1]}{m[2]} {{#{next(names)[1]}}}", text))
