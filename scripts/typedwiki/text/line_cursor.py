"""A cursor over the lines of a page, for the conversion of other tools' Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct, field

from ..regex import regex
from .flavour_inlines import cell_bars
from .flavour_inlines import convert as inlines

_DELIMITER = regex(r"(?!\|-+$)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?")
_NO_DEFINITION = regex(
    r"""(?P<label>[ \t>]*(?:(?:[-+*:~]|\(?(?:\d{1,9}|[A-Za-z#])[.)]|\[\^[^\[\]\s]+\]:)[ \t>]+)*
          \[(?!\^)(?:[^\[\]]|(?P<inner>\[[^\[\]]*\]))+\])
        :(?(inner)|(?![ \t]*(?:<[^<>]*>|[^\s<]\S*)?(?:[ \t]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t]*\Z)
          (?!.*\.[A-Za-z]\w{0,9}(?:[#?][^\s#?.]*)?[ \t]*\Z))""",
    re.VERBOSE,
)
"""Brackets and a colon that pandoc takes for the definition of a link reference. In CommonMark, no brackets are in its
label, and no spaces in its address. An address with spaces that names a file is one all the same."""


class Lines(Struct):
    """A cursor over the lines of a page, a quote or a box, with the list items and divs that are open."""

    lines: list[str]
    depth: int
    convert: Callable[[list[str], int], list[str]]
    index: int = 0
    out: list[str] = field(default_factory=list)
    paragraph: list[str] = field(default_factory=list)
    items: list[int] = field(default_factory=list)
    """For each open list item, the column at which its text begins."""
    margins: dict[int, str] = field(default_factory=dict)
    """The indentation of the text of list items by its column, with tabs where the items have tabs. Pandoc's own
    function for filters does not count tabs and spaces alike."""
    divs: list[list[str]] = field(default_factory=list)
    """For each open div, the lines that close it."""
    missing_closers: set[str] = field(default_factory=set)
    """Closers that do not occur again, so that no search for them is repeated."""

    def flush(self) -> None:
        """Emit the paragraph read so far."""
        if not self.paragraph:
            return
        text = "\n".join(self.paragraph)
        head = _table_head(self.paragraph) if "|" in text else -1
        converted = inlines(_without_false_definitions(self.paragraph) if "]:" in text else text)
        if head >= 0 and ("[[" in text or "<" in text):
            converted = inlines(converted, in_table=True)
        self.paragraph.clear()
        lines = converted.split("\n")
        if head >= 0 and (head := _table_head(lines)) >= 0:
            lines[head + 1] = _widened(lines[head:])
            if head > 0:  # a table ends the paragraph above it, but not in pandoc
                lines.insert(head, "")
        if converted == text or converted.strip():
            self.out += lines

    def emit_block(self, lines: list[str], indent: str = "") -> None:
        """Emit a block, with a blank line before and after it, as far to the left as its list item allows."""
        self.flush()
        width = indentation(indent + "x")
        column = max((item for item in self.items if item <= width), default=0)
        indent = self.margins.get(column, " " * column)
        if lines:
            self.emit_blank_line()
            self.out += [indent + line if line else "" for line in lines]
            if self.index < len(self.lines) and self.lines[self.index].strip():
                self.out.append("")

    def emit_blank_line(self) -> None:
        """Emit a blank line, unless there is one."""
        if self.out and self.out[-1].strip():
            self.out.append("")

    def is_alone(self) -> bool:
        """Return whether the line is a paragraph by itself."""
        next_line = self.lines[self.index + 1] if self.index + 1 < len(self.lines) else ""
        return not self.paragraph and (not next_line.strip() or next_line.startswith("#"))

    def convert_inside(self, lines: list[str]) -> list[str]:
        """Return the converted content of a block, without blank lines around it."""
        return strip_blank_lines(self.convert(lines, self.depth + 1))

    def find_closer(self, signs: str, margin: int) -> int:
        """Return the index of the next line that closes what ``signs`` have opened, or the number of lines.

        Four columns to the right of the opener, signs are part of the content.
        """
        closer = re.compile(rf"[ \t]*{signs[0]}{{{len(signs)},}}[ \t]*")
        end, key = self.index + 1, f"{margin} {signs}"
        if key in self.missing_closers:
            return len(self.lines)
        while end < len(self.lines) and not (
            closer.fullmatch(self.lines[end]) and indentation(self.lines[end]) < margin + 4
        ):
            end += 1
        if end == len(self.lines):
            self.missing_closers.add(key)
        return end

    def read_indented(self, start: int, width: int) -> tuple[list[str], int]:
        """Return the lines indented by ``width``, or blank, dedented, and the index after them."""
        end = last = start
        while end < len(self.lines):
            if self.lines[end].strip():
                if indentation(self.lines[end]) < width:
                    break
                last = end + 1
            end += 1
        return dedent(self.lines[start:last], width), last


def _without_false_definitions(paragraph: list[str]) -> str:
    """Return a paragraph in which a colon is escaped that pandoc would take for that of a definition: it would show
    nothing of the line.
    """
    for number, line in enumerate(paragraph):
        if match := _NO_DEFINITION.match(line):
            escaped = f"{match['label']}\\{line[match.end('label') :]}"
            return "\n".join([*paragraph[:number], escaped, *paragraph[number + 1 :]])
        if not line.lstrip().startswith("[") or "]:" not in line:
            break
    return "\n".join(paragraph)


def _table_head(lines: list[str]) -> int:
    """Return the number of the line that is the head of a pipe table in a paragraph; -1 if there is no table.

    Below other text, the head must have as many cells as the line below it, as GitHub's specification demands.
    """
    for number, line in enumerate(lines[1:]):
        rule = line.strip()
        is_rule = "|" in rule and "-" in rule and _DELIMITER.fullmatch(rule)
        if is_rule and (not number or ("|" in lines[number] and _cells(lines[number]) == _cells(rule))):
            return number
    return -1


def _cells(row: str) -> int:
    """Return the number of cells of a row, without empty ones at its end."""
    text = row.strip()
    bars = [bar for bar in cell_bars(text) if bar > 0 and text[bar + 1 :].strip(" \t|")]
    return len(bars) + 1


def _widened(table: list[str]) -> str:
    """Return the line below a table's head with a column for each cell of the longest row: pandoc drops all others."""
    rule = table[1].rstrip()
    missing = max(_cells(row) for row in table) - _cells(rule)
    return table[1] if missing < 1 else rule + ("---|" if rule.endswith("|") else "|---") * missing


def indentation(line: str) -> int:
    """Return the number of columns by which a line is indented."""
    line = line.expandtabs(4) if "\t" in line else line
    return len(line) - len(line.lstrip(" "))


def strip_blank_lines(lines: list[str], start: bool = True) -> list[str]:
    """Return the lines without blank ones at both ends, or at the end only."""
    first, end = 0, len(lines)
    while start and first < end and not lines[first].strip():
        first += 1
    while end > first and not lines[end - 1].strip():
        end -= 1
    return lines[first:end]


def dedent(lines: list[str], width: int | None = None) -> list[str]:
    """Return the lines without up to ``width`` columns of their indentation, or without their common indentation."""
    if width is None:
        width = min((indentation(line) for line in lines if line.strip()), default=0)
    tabbed = re.compile(r" {0,3}\t")
    expanded = (line.expandtabs(4) if tabbed.match(line) else line for line in lines)
    return [line[min(width, len(line) - len(line.lstrip(" "))) :] for line in expanded]


def hanging(marker: str) -> str:
    """Return the indentation of the text behind the marker of a list item."""
    words = marker.lstrip(" \t")
    return marker[: len(marker) - len(words)] + " " * len(words)
