"""Underlined headings: found, and written with number signs, of which pandoc takes more than one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..regex import regex
from .sections import with_code_state

_CANDIDATE = regex(r"\n {0,3}(?:=+|-+)[ \t]*(?:\n|\Z)")
_UNDERLINE = regex(r" {0,3}(=+|-+)[ \t]*")
_OTHER_BLOCK = regex(r"[ ]{4}|\t|[ ]{0,3}(?:[-+*>|:~]|\d{1,9}[.)]|#{1,6}[ \t]|`{3}|\[\^|\$\$|</?[a-z!])", re.IGNORECASE)


class Underlined(NamedTuple):
    """An underlined heading; lines count from 0."""

    first: int
    last: int
    """The line of the underline."""
    level: int
    title: str


def underlined_headings(text: str) -> Iterator[Underlined]:
    """The underlined headings of a Markdown text, in order."""
    if not _CANDIDATE.search(text):
        return
    marked = list(with_code_state(text.split("\n")))
    first = 0
    for number, (line, in_code) in enumerate(marked):
        if in_code or not line.strip() or (first == number and _OTHER_BLOCK.match(line)):
            first = number + 1
            continue
        underline = _UNDERLINE.fullmatch(line)
        if not underline:
            continue
        if first < number:
            level = 1 if underline[1][0] == "=" else 2
            title = " ".join(" ".join(row for row, _ in marked[first:number]).split())
            yield Underlined(first, number, level, title)
        first = number + 1


def with_number_signs(text: str) -> str:
    """The text with each underlined heading on one line, as ``## Title``."""
    lines = text.split("\n")
    for heading in reversed(list(underlined_headings(text))):
        lines[heading.first : heading.last + 1] = [f"{'#' * heading.level} {heading.title}"]
    return "\n".join(lines)
