"""Markdown's bold and italics on a MediaWiki page, where they cannot be anything else."""

from __future__ import annotations

import re
from collections import Counter

from msgspec import Struct


class Piece(Struct):
    """A stretch of a line as Markdown."""

    markdown: str
    is_code: bool = False
    apostrophes: int = 0
    before: str = ""
    """The last characters before apostrophes."""


class Stars(Struct):
    """A run of stars that may begin or end bold or italics as Markdown writes them."""

    piece: Piece
    length: int
    opens: bool
    closes: bool
    after_word: bool
    before_word: bool


def run(match: re.Match[str], piece: Piece) -> Stars:
    """What a run of stars may be; until it has found a partner, its piece of the line is plain text."""
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    length = len(match[0])
    piece.markdown = match[0] if length == 1 and before.isspace() and after.isspace() else "\\*" * length
    opens = before != "\\" and bool(after.strip(" '")) and (length > 1 or not before.isalnum())
    closes = bool(before.strip(" '\\")) and (length > 1 or not after.isalnum())
    return Stars(piece, length, opens and length < 4, closes and length < 4, before.isalnum(), after.isalnum())


def pair(stars: list[Stars]) -> None:
    """Find the stars that Markdown's bold and italics are made of; the others stay text."""
    opened: list[Stars] = []
    count: Counter[int] = Counter()
    for run in stars:
        if run.closes and count[run.length]:
            while opened[-1].length != run.length:
                count[opened.pop().length] -= 1
            start = opened[-1]
            if not (start.after_word and run.before_word):
                count[opened.pop().length] -= 1
                start.piece.markdown = run.piece.markdown = "*" * run.length
                continue
        if run.opens:
            opened.append(run)
            count[run.length] += 1
