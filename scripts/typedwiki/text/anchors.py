"""Anchors of headings: each once, and found however another dialect or host would spell them."""

from __future__ import annotations

import re

from ..model import WikiPage
from .inline import plain
from .sections import outside_code, pieces

_HEADING = re.compile(r"(#(?<![^\n]#)#{0,5} )(.*?)(?:\s*\{#([\w-]+)\})?$", re.MULTILINE)


def identifier(heading: str) -> str:
    """The anchor of a heading."""
    return re.sub(r"[\W_]+", "-", plain(heading).casefold()).strip("-") or "section"


def _headings(markdown: str) -> list[tuple[str, str]]:
    """Text and anchor of each heading of a page, each anchor once."""
    used = {"connections", "requirements", "sources"}
    found = []
    outside = "".join(text for text, is_code in pieces(markdown) if not is_code)
    for match in _HEADING.finditer(outside):
        name = base = match[3] or identifier(match[2])
        number = 1
        while name in used:
            number += 1
            name = f"{base}-{number}"
        used.add(name)
        found.append((match[2], name))
    return found


def fragment_of(fragment: str, target: WikiPage) -> str:
    """The anchor of a section, if the target has it: never a dead one.

    Dialects and hosts differ in how they spell anchors, so only letters and digits count; GitHub
    numbers repeated headings from 1 where we number them from 2.
    """

    def loose(text: str) -> str:
        return re.sub(r"[\W_]+", "", text.casefold())

    wanted = loose(fragment)
    if wanted in ("overview", "top"):
        return "title-block-header"
    seen: dict[str, int] = {}
    for text, name in _headings(target.content) if wanted else ():
        words = loose(plain(text))
        seen[words] = seen.get(words, -1) + 1
        numbered = f"{words}{seen[words]}" if seen[words] else words
        if wanted in (words, numbered, loose(name)):
            if wanted == words and seen[words]:
                continue
            return name
    return wanted if wanted in ("connections", "sources") else ""


def with_anchors(markdown: str) -> str:
    """Give headings the anchors that ``_fragment`` promises."""
    names = iter(_headings(markdown))
    return outside_code(markdown, lambda text: _HEADING.sub(lambda m: f"{m[1]}{m[2]} {{#{next(names)[1]}}}", text))
