"""Where the conversion of a page's lines has got to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ...regex import regex
from .inlines import convert as inlines

DEEPEST = 12
"""Blocks within one another; deeper ones stay as they are."""

_DELIMITER = regex(r"(?!\|-+$)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?")


@dataclass
class Lines:
    """The lines of a page, a quote or a box, how far they are read, and what is open there."""

    lines: list[str]
    depth: int
    convert: Callable[[list[str], int], list[str]]
    at: int = 0
    out: list[str] = field(default_factory=list)
    paragraph: list[str] = field(default_factory=list)
    items: list[int] = field(default_factory=list)
    """Where the text of each list item begins in which the line stands."""
    divs: list[list[str]] = field(default_factory=list)
    """For each open div the lines that close it."""
    hopeless: set[str] = field(default_factory=set)
    """Closing marks that do not occur again."""

    def flush(self) -> None:
        """Put out the paragraph read so far."""
        if not self.paragraph:
            return
        text = "\n".join(self.paragraph)
        changed = inlines(text)
        if "|" in text and "[[" in text and any(_DELIMITER.fullmatch(line.strip()) for line in self.paragraph):
            changed = inlines(changed, in_table=True)
        self.paragraph.clear()
        if changed == text or changed.strip():
            self.out += changed.split("\n")

    def put(self, lines: list[str], indent: str = "") -> None:
        """Put out a block, with a blank line before and after it, as far to the left as its list item allows."""
        self.flush()
        width = indentation(indent + "x")
        indent = " " * max((item for item in self.items if item <= width), default=0)
        if lines:
            self.part()
            self.out += [indent + line if line else "" for line in lines]
            if self.at < len(self.lines) and self.lines[self.at].strip():
                self.out.append("")

    def part(self) -> None:
        """Put out a blank line, unless there is one."""
        if self.out and self.out[-1].strip():
            self.out.append("")

    def alone(self) -> bool:
        """Whether the line is a paragraph of its own."""
        after = self.lines[self.at + 1] if self.at + 1 < len(self.lines) else ""
        return not self.paragraph and (not after.strip() or after.startswith("#"))

    def inner(self, lines: list[str]) -> list[str]:
        """The converted content of a block, without blank lines around it."""
        return strip(self.convert(lines, self.depth + 1))

    def until(self, closer: re.Pattern[str]) -> int:
        """The line behind this one that is a closing mark, or how many lines there are. Looks in vain only once."""
        end = self.at + 1
        if closer.pattern in self.hopeless:
            return len(self.lines)
        while end < len(self.lines) and not closer.fullmatch(self.lines[end]):
            end += 1
        if end == len(self.lines):
            self.hopeless.add(closer.pattern)
        return end

    def indented(self, at: int, width: int) -> tuple[list[str], int]:
        """The lines from ``at`` that are indented by ``width`` or blank, without that, and the line after them."""
        end = last = at
        while end < len(self.lines):
            if self.lines[end].strip():
                if indentation(self.lines[end]) < width:
                    break
                last = end + 1
            end += 1
        return dedent(self.lines[at:last], width), last


def indentation(line: str) -> int:
    """How many columns a line is indented."""
    line = line.expandtabs(4) if "\t" in line else line
    return len(line) - len(line.lstrip(" "))


def strip(lines: list[str], start: bool = True) -> list[str]:
    """The lines without blank ones at both ends, or at the end only."""
    first, end = 0, len(lines)
    while start and first < end and not lines[first].strip():
        first += 1
    while end > first and not lines[end - 1].strip():
        end -= 1
    return lines[first:end]


def dedent(lines: list[str], width: int | None = None) -> list[str]:
    """The lines without up to ``width`` of the columns they are indented by, or without what all are."""
    if width is None:
        width = min((indentation(line) for line in lines if line.strip()), default=0)
    tabbed = re.compile(r" {0,3}\t")
    expanded = (line.expandtabs(4) if tabbed.match(line) else line for line in lines)
    return [line[min(width, len(line) - len(line.lstrip(" "))) :] for line in expanded]
