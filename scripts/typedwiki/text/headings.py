"""Heading lines of either dialect."""

from __future__ import annotations

from functools import lru_cache

from ..regex import regex

_WIKI_HEADING = regex(r"(={1,6})[ \t]*([^=\s].*?)(?<![ \t])[ \t]*\1[ \t]*")
_MARKDOWN_HEADING = regex(r"(#{1,6})[ \t]+(\S.*?)(?<![ \t])(?:[ \t]+#+)?[ \t]*")


@lru_cache(maxsize=1 << 12)  # wikis repeat their headings, and several stages ask
def parse_heading(line: str, wiki: bool) -> tuple[int, str] | None:
    """Level and text of a heading line, or None. In MediaWiki a number sign begins a numbered item."""
    if not line.startswith(("=", "#")):  # as nearly every line
        return None
    match = _WIKI_HEADING.fullmatch(line.rstrip()) if wiki else _MARKDOWN_HEADING.fullmatch(line)
    return (len(match[1]), match[2]) if match else None
