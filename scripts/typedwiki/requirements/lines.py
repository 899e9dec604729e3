"""Where in a page's source file a line stands that was read from the page's Markdown."""

from __future__ import annotations

import html
from collections.abc import Callable

from ..regex import regex

_NOISE = regex(r"\[\[[^\[\]\n]*\]\]|\]\([^()\n]*\)|\ue000[a-z]\d+\ue001|</?\w[^<>\n]*>|[\s`'\"*|\\_#\[\]!=-]")
_LEAST = 4
"""Characters that make a part of a line worth looking for."""


class SourceLines:
    """The lines of a source file, without markup, to be searched from where the last was found."""

    def __init__(self, text: str) -> None:
        self._lines = [_bare(line) for line in text.split("\n")]
        self.section = 0
        """Index of the line from which on the lines of the present section are looked for."""
        self._next = 0

    def enter(self, heading: str) -> None:
        """Go on below a heading."""
        wanted = _bare(heading)
        found = self._find(lambda line: line == wanted, self.section) if wanted else None
        if found is not None:
            self.section = self._next = found

    def line(self, markdown: str) -> int:
        """The line, from 1, that a piece of Markdown comes from; that of the heading if it is not found."""
        wanted = _bare(markdown)
        for start in (self._next, self.section):
            for fits in (wanted.__eq__, lambda line: wanted in line):
                found = self._find(fits, start) if wanted else None
                if found is not None:
                    self._next = found
                    return found + 1
        for start in (
            self._next,
            self.section,
        ):  # a cell or an item of several lines, or what the dialect writes otherwise
            found = self._find(lambda line: len(line) >= _LEAST and (wanted.startswith(line) or line in wanted), start)
            if found is not None:
                return found + 1
        return self.section + 1

    def _find(self, fits: Callable[[str], bool], start: int) -> int | None:
        return next((i for i in range(start, len(self._lines)) if fits(self._lines[i])), None)


def _bare(text: str) -> str:
    return html.unescape(_NOISE.sub("", text)).casefold()
