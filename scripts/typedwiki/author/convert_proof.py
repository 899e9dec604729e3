"""What a page no longer says once it is in the other dialect: the last word on a conversion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from ..model import WikiPage
from ..text.links import MARK
from .to_mediawiki import normal

_FACTS = ("page_title", "overview", "domains", "sources", "last_updated", "aliases", "commit", "images")
_TEXTS = ("content", "lead", "sources_text", "connections_text")


def differences(page: WikiPage, new: WikiPage) -> Iterator[tuple[str, str]]:
    """What differs between a page and its conversion, and the line of its Markdown that does."""
    for name in _FACTS:
        old, now = getattr(page, name), getattr(new, name)
        if old != now:
            yield f"{name.replace('_', ' ')}: {old!r} would be {now!r}", ""
    if _links(new) != _links(page):
        yield "all of its links", ""
    for name in _TEXTS:
        lines, others = (_shown(getattr(one, name), one).split("\n") for one in (page, new))
        if lines != others:
            first = next((line for line, other in zip_longest(lines, others) if line != other), None) or ""
            yield f"this without a difference: {first[:80] or 'what follows the end'}", first


def _links(page: WikiPage) -> list[tuple[str | bool | None, ...]]:
    """The links, those that state edges in order."""
    all_links = [(k.edge, k.type, k.target, k.fragment, k.label, k.is_path) for k in page.outgoing_links]
    return [*(k for k in all_links if k[0]), *sorted((k for k in all_links if not k[0]), key=str)]


def _shown(markdown: str, page: WikiPage) -> str:
    """The text with its links by what they are, since a link's number depends on where others stand."""

    def link(match: re.Match[str]) -> str:
        return f"\ue002{page.outgoing_links[int(match[2])].target}\ue003" if match[1] == "l" else match[0]

    return normal(MARK.sub(link, markdown))
