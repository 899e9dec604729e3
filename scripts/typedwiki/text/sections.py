"""Split a page's Markdown into sections, and read the special ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from textwrap import dedent
from typing import NamedTuple

from msgspec import Struct, field

from ..regex import regex
from ..schema import NO_NAMES, key
from .lines import lines_with
from .markdown import plain, without_formulas
from .metadata import KNOWN_KEYS, Metadata

_MARKDOWN_HEADING = regex(r"(#{1,6})[ \t]+(\S.*?)(?<![ \t])(?:[ \t]+#+)?[ \t]*")


@lru_cache(maxsize=1 << 12)  # wikis repeat headings, and several stages ask for them
def markdown_heading(line: str) -> tuple[int, str] | None:
    """Return level and text of a heading line with number signs, or None."""
    match = _MARKDOWN_HEADING.fullmatch(line) if line.startswith("#") else None
    return (len(match[1]), match[2]) if match else None


@lru_cache(maxsize=1 << 12)  # wikis repeat headings, and several stages ask for them
def wiki_heading(line: str) -> tuple[int, str] | None:
    """Return level and text of a heading line as MediaWiki reads it, or None. A number sign begins a numbered item."""
    if not line.startswith("="):  # true of nearly every line
        return None
    words = line.rstrip()
    start, end = len(words) - len(words.lstrip("=")), len(words) - len(words.rstrip("="))
    if start == len(words):  # in `=====`, the outer signs are the marks
        level = min((start - 1) // 2, 6)
        return (level, "=" * (start - 2 * level)) if level else None
    level = min(start, end, 6)
    return (level, words[level:-level].strip()) if level and words[level:-level].strip() else None


OVERVIEW = frozenset({"overview"})
METADATA = frozenset({"metadata", "page_metadata", "meta"})
CONNECTIONS = frozenset({"connections", "related_pages", "related", "see_also", "related_links"})
SOURCES = frozenset({"sources", "source", "references", "knowledge_sources", "bibliography"})
PLACED = OVERVIEW | METADATA | CONNECTIONS | SOURCES
"""Sections that a note has in a place of their own."""
HEADING_ATTRIBUTES = regex(
    r"""(?<!\s)\s*\{(?P<attributes>[ \t]*(?:(?:[#.][^\s{}]+|-|[A-Za-z][\w:.-]*=(?:"[^"{}]*"|'[^'{}]*'|[^\s"'{}]+))"""
    r"""(?:[ \t]+|(?=\})))*)\}$"""
)
"""Pandoc's attributes at the end of a heading. Other words in braces belong to its text."""
_FENCE = regex(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?P<fence>`{3,}(?!.*`)|~{3,})")
_STRESS = r"(?:\*\*|__)"
_FIELD = regex(
    rf"(?:[-*+]\s+{_STRESS}?|{_STRESS})(?P<name>[^*:：|`\[\]<>/]{{2,40}}?)"
    rf"(?:[:：]{_STRESS}|{_STRESS}\s*[:：]|[:：])(?:(?:\s+|(?<=：)|(?<=：\*\*)|(?<=：__))(?P<value>.*))?"
)
_BLOCK = regex(r"[ \t]*(?:[-+*]|1[.)])[ \t]|[ \t]*>|`{3}|~{3}|:::|#{1,6}[ \t]|\||\$\$")
"""The start of a line that begins a block other than the paragraph above it."""
_NO_PARAGRAPH = regex(
    r"\s|[-+*>#:|]\s|>|\d+[.)]\s|`{3}|~{3}|:::|\||!\[|\[\^|\[[^\[\]]+\]:|\$\$|(?:\*[ ]*){3,}$|(?:-[ ]*){3,}$"
    r"|</?(?:table|div|details|ul|ol|dl|pre|p|blockquote|center|figure|h[1-6])\b|<!--"
)
_BARE_LINKS = regex(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]+(?:[*_,;.|· \t]*\[\[[^\[\]|\n]*\]\])+[*_,;.|· \t\\]*")
_DIV = regex(r"[ \t]*:{3,}[ \t]*(?P<opens>[^\s:].*)?")
_BLANK_LINES = regex(r"(\n[^\S\n]*\n)(?:[^\S\n]*\n)+")
_VALUE_HEADS = frozenset({"", "value", "values"})
_TABLE_HEADS = frozenset({"metadata", "attribute", "property", "key", "field", "name"})


class Section(Struct):
    """A heading and the lines up to the next. Level 0 is the text before the first heading."""

    level: int
    title: str
    body: list[str] = field(default_factory=list)
    names: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    """Other names of sections, and their canonical names (see ``Schema.sections``)."""

    @property
    def name(self) -> str:
        """Return the folded heading for comparison, translated to the canonical name."""
        folded = _folded(self.title)
        return self.names.get(folded, folded)

    @property
    def own_title(self) -> str:
        """Return the heading of a section that has a meaning under another name; otherwise empty."""
        return self.title if _folded(self.title) in self.names else ""

    def lines(self) -> list[str]:
        """Return the section as Markdown lines."""
        return [f"{'#' * self.level} {self.title}", *self.body] if self.level else self.body

    @property
    def empty(self) -> bool:
        return not any(line.strip() for line in self.body)


@lru_cache(maxsize=1 << 10)  # wikis repeat headings
def _folded(title: str) -> str:
    words = plain(HEADING_ATTRIBUTES.sub("", title)).rstrip(":：")
    return key(re.sub(r"^(?:\d+[.)]?\s+|[^\w\s]+\s*)+", "", words))


@lru_cache(maxsize=8)  # used for reading time, anchors and links of the same page
def pieces(markdown: str) -> tuple[tuple[str, bool], ...]:
    """Return prose and fenced code blocks in turn, each with whether it is code."""
    if "```" not in markdown and "~~~" not in markdown:
        return ((markdown, False),)
    lines = markdown.split("\n")
    code: list[tuple[int, int]] = []
    for start, end in _code_ranges(lines, _lines_with_marks(markdown)):
        if start < end:
            joins = bool(code) and code[-1][1] == start
            code.append((code.pop()[0] if joins else start, end))
    places = [0, *(place for block in code for place in block), len(lines)]
    return tuple(
        ("\n".join(lines[start:end]) + ("\n" if end < len(lines) else ""), number % 2 == 1)
        for number, (start, end) in enumerate(pairwise(places))
        if start < end
    )


def outside_code(markdown: str, change: Callable[[str], str]) -> str:
    """Apply a change to everything except fenced code blocks."""
    return "".join(text if is_code else change(text) for text, is_code in pieces(markdown))


def split(markdown: str, names: Mapping[str, str] = NO_NAMES) -> list[Section]:
    """Split at headings outside code. The first section has level 0. ``names`` are additional names of sections."""
    lines = markdown.split("\n")
    is_code = _code_state(lines, _lines_with_marks(markdown))
    headings = [
        (number, heading)
        for number in lines_with(f"\n{markdown}", "\n#")
        if not is_code[number] and (heading := markdown_heading(lines[number]))
    ]
    sections = [Section(0, "", lines[: headings[0][0] if headings else None])]
    for (number, heading), end in zip(headings, [*(number for number, _ in headings[1:]), len(lines)], strict=False):
        sections.append(Section(*heading, lines[number + 1 : end], names))
    return sections


def with_code_state(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield each line, and whether it is part of a fenced code block."""
    all_lines = list(lines)
    numbers = [
        n for n, line in enumerate(all_lines) if "```" in line or "~~~" in line or "<!--" in line or "-->" in line
    ]
    return zip(all_lines, _code_state(all_lines, numbers), strict=True)


def _lines_with_marks(text: str) -> list[int]:
    """Return the numbers of the lines with a mark that may begin or end a code block or a comment."""
    return lines_with(text, "```", "~~~", *(("<!--", "-->") if "<!--" in text else ()))


def _code_state(lines: Sequence[str], marked_lines: Iterable[int]) -> list[bool]:
    """Return whether each line is part of a fenced code block or a comment."""
    state = [False] * len(lines)
    for start, end in _code_ranges(lines, marked_lines):
        state[start:end] = [True] * (end - start)
    return state


def _code_ranges(lines: Sequence[str], marked_lines: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first line of each fenced code block or comment, and the line below it.

    ``marked_lines`` are the numbers of the lines with marks.
    """
    fence, start, margin = "", 0, 0
    for number in marked_lines:
        line = lines[number]
        if fence == "-->":
            if "-->" in line:
                yield start, number
                fence = ""
            continue
        match = _FENCE.match(line)
        if not fence:
            if match:
                fence, start, margin = match["fence"], number, _column(match) + 4
            elif "<!--" in line and "-->" not in line[line.rindex("<!--") :]:
                fence, start = "-->", number + 1
        elif (
            match
            and match["fence"].startswith(fence)
            and _column(match) < margin  # four columns to the right, signs are part of the code
            and not line[match.end() :].strip("` ~")
        ):
            yield start, number + 1
            fence = ""
    if fence and fence != "-->":
        yield start, len(lines)


def _column(fence: re.Match[str]) -> int:
    return len(fence.string[: fence.start("fence")].expandtabs(4))


def close_divs_above_placed(parts: Sequence[Section]) -> None:
    """Move the end of a div from a placed section to the section above it, in which the div begins: a note has the
    placed section elsewhere.
    """
    above: Section | None = None
    for section in parts:
        if section.name not in PLACED - OVERVIEW:
            above = section
        elif above and any(line.lstrip().startswith(":::") for line in section.body):
            body, depth = [], 0
            for line, in_code in with_code_state(section.body):
                div = None if in_code else _DIV.fullmatch(line)
                if div and not div["opens"] and not depth:
                    above.body += ["", ":::"]
                    continue
                depth += 0 if not div else 1 if div["opens"] else -1
                body.append(line)
            section.body = body


def join(sections: Iterable[Section]) -> str:
    """Return the Markdown of sections, without runs of blank lines outside code."""
    lines: list[str] = []
    for section in sections:
        if section.level and lines and lines[-1].strip():
            lines.append("")
        while section.body and section.body[-1].strip() in ("", "* * *", "***", "---"):
            section.body.pop()  # a rule before a heading is redundant
        lines += section.lines()
    text = "\n".join(["", *lines, ""])
    parts = (part if is_code else _BLANK_LINES.sub(r"\1", f"\n{part}")[1:] for part, is_code in pieces(text))
    return "".join(parts).strip("\n")


def first_paragraph(section: Section) -> str:
    """Remove the leading paragraph from a section and return it; empty if it begins with another block."""
    body = section.body
    start = next((i for i, line in enumerate(body) if line.strip()), len(body))
    end = start
    in_formula = False  # of several lines, which may look like blocks
    while end < len(body) and body[end].strip() and (end == start or in_formula or not _BLOCK.match(body[end])):
        in_formula ^= bool(body[end].count("$$") % 2)
        end += 1
    paragraph = body[start:end]
    if not paragraph or _NO_PARAGRAPH.match(paragraph[0]):
        return ""
    next_line = body[end].lstrip() if end < len(body) else ""
    if re.match(r"[:~][ \t]", next_line) or any(re.match(r"[:~][ \t]", line) for line in paragraph):
        return ""  # a defined term
    if any(re.fullmatch(r"[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)+", line) for line in paragraph):
        return ""  # a table
    section.body = body[end:]
    return "\n".join(paragraph)


def paragraph_below_boxes(section: Section) -> str:
    """Return the first paragraph below the boxes and pictures that a section begins with; empty if it begins with none.

    The section keeps it: readers shall see a warning before the text.
    """
    lines, index = section.body, 0
    while index < len(lines):
        line = lines[index].strip()
        is_box, is_other = line.startswith(":::"), line.startswith(("> [!", "!["))
        if line and not is_box and not is_other:
            break
        depth = 0
        while index < len(lines):
            line = lines[index].strip()
            if is_box and (div := _DIV.fullmatch(line)):
                depth += 1 if div["opens"] else -1
            index += 1
            if depth < 1 if is_box else not line:
                break
    return first_paragraph(Section(0, "", lines[index:])) if index else ""


def first_block(section: Section) -> str:
    """Return the first block of a section that begins with a list or a table, on one line."""
    blocks = "\n".join(section.body).strip().split("\n\n")
    text = next((block for block in blocks if re.search(r"\w", without_formulas(block))), "")
    if text.startswith(("|", "<", "`", "~~~", ":::", "{")):
        return ""
    return re.sub(r"(?<!\s)\s*\n\s*(?:(?:[-*+]|\d+[.)])\s*)?", " ", text.lstrip("-*+> "))


def extract_metadata(section: Section, meta: Metadata) -> None:
    """Read a Metadata section's bullets or table. Lines that are not understood are added to ``into.rest``."""
    remaining: list[str] = []
    for name, value, lines in _fields(section.body):
        if not name:
            remaining += lines
        elif not meta.add_field(name, value):
            meta.other_fields.append((name, value))
    section.body = remaining


def extract_preamble(section: Section, meta: Metadata) -> None:
    """Read a metadata table or bold fields before the first section."""
    head = next((line for line in section.body if line.strip()), "")
    if head.startswith("|") and key(plain(head.split("|")[1])) in _TABLE_HEADS | {""}:
        if any(meta.field_key(name) in KNOWN_KEYS for name, _, _ in _fields(section.body) if name):
            extract_metadata(section, meta)
        return
    remaining: list[str] = []
    for name, value, lines in _fields(section.body, tables=False):
        if not (
            name
            and lines[0].startswith(("**", "__"))
            and meta.field_key(name) in KNOWN_KEYS
            and meta.add_field(name, value)
        ):
            remaining += lines
    section.body = remaining


def _fields(body: list[str], tables: bool = True) -> Iterator[tuple[str, str, list[str]]]:
    """Yield (name, value, lines) of each bullet, bold line or, with ``tables``, row. Other lines have an empty name."""
    lines_with_state = list(with_code_state(body))
    index = 0
    while index < len(lines_with_state):
        line, in_code = lines_with_state[index]
        index += 1
        if in_code:
            yield "", "", [line]
        elif tables and line.startswith("|") and line.count("|") > 2:
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            rule = index < len(lines_with_state) and set(lines_with_state[index][0]) <= set("|-: ")
            if rule and key(plain(cells[0])) in _TABLE_HEADS | {""}:
                index += 1
                if any(key(plain(cell)) not in _VALUE_HEADS for cell in cells[1:]):
                    yield plain(cells[0]), " ".join(cells[1:]), [line]
            elif not set(line) <= set("|-: "):
                yield plain(cells[0]), " ".join(cells[1:]), [line]
        elif (tables or line.startswith(("**", "__"))) and (match := _FIELD.fullmatch(line)):
            lines = [line]
            while index < len(lines_with_state) and lines_with_state[index][0].startswith(("  ", "\t")):
                lines.append(lines_with_state[index][0])
                index += 1
            value = "\n".join([match["value"] or "", dedent("\n".join(lines[1:]))])
            yield plain(match["name"]), value.strip("\n"), lines
        else:
            yield "", "", [line]


def drop_bare_links(section: Section) -> None:
    """Remove items that contain only links without a label. Connections shows them in words."""
    remaining = []
    for line, next_line in pairwise([*section.body, ""]):
        indent = len(line) - len(line.lstrip())
        has_children = next_line.strip() and len(next_line) - len(next_line.lstrip()) > indent
        if has_children or not _BARE_LINKS.fullmatch(line):
            remaining.append(line)
    section.body = remaining


_CANDIDATE = regex(r"\n {0,3}(?:=+|-+|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})[ \t]*(?:\n|\Z)")
_UNDERLINE = regex(r" {0,3}(=+|-+)[ \t]*")
_OTHER_BLOCK = regex(
    r"[ ]{4}|\t|[ ]{0,3}(?:(?P<open>[-+*:~][ \t]|>|\d{1,9}[.)][ \t]|\[\^)|\||#{1,6}[ \t]|`{3}|~{3}|:::|\$\$|</?[a-z!])",
    re.IGNORECASE,
)
"""The start of a block other than a paragraph. The next lines may continue it when it is ``open``."""
_INTERRUPTS = regex(
    r"[ ]{0,3}(?:(?P<rule>(?:\*[ \t]*){3,}$|(?:_[ \t]*){3,}$)|(?P<open>[-+*][ \t]+\S|1[.)][ \t]+\S|>|[:~][ \t])"
    r"|#{1,6}(?:[ \t]|$)|`{3}|~{3})"
)
"""The start of a block that ends a paragraph without a blank line (CommonMark 4.8), or of a definition."""


class Underlined(NamedTuple):
    """An underlined heading, or a rule that would be read as one. Lines count from 0."""

    first: int
    last: int
    """The line of the underline."""
    level: int
    """0 for a rule: what is above it belongs to a list, a quote or a table."""
    title: str


def underlined_headings(text: str) -> Iterator[Underlined]:
    """Yield the underlined headings of a Markdown text, in order."""
    return (found for found in _underlined(text) if found.level)


def _underlined(text: str) -> Iterator[Underlined]:
    if not _CANDIDATE.search(text):
        return
    lines = list(with_code_state(text.split("\n")))
    first = 0
    in_other = in_list = in_formula = False
    for number, (line, in_code) in enumerate(lines):
        if in_code or not line.strip():
            first = number + 1
            in_other = in_formula = False
            continue
        begins_or_ends = line.count("$$") % 2 == 1
        if in_formula:  # a sign of equality may fill its line
            in_formula = not begins_or_ends
            first = number + 1
            continue
        in_formula = begins_or_ends
        above = first < number or in_other
        in_other = in_other or (in_list and first == number and line.startswith(("  ", "\t")))
        if block := _INTERRUPTS.match(line) if above else _OTHER_BLOCK.match(line):
            if above and block["rule"]:
                yield Underlined(number, number, 0, "")
            first = number + 1
            in_other = bool(block["open"])
            in_list = in_other or (in_list and line.startswith("  "))
            continue
        underline = _UNDERLINE.fullmatch(line)
        if in_other:
            if underline and not line.startswith("  ") and len(underline[1]) > 2 and underline[1][0] == "-":
                yield Underlined(number, number, 0, "")
                in_other = in_list = False
            first = number + 1
            continue
        in_list = False
        if underline:
            if first < number:
                level = 1 if underline[1][0] == "=" else 2
                title = " ".join(" ".join(row for row, _ in lines[first:number]).split())
                yield Underlined(first, number, level, title)
            first = number + 1


def with_number_signs(text: str) -> str:
    """Return the text with each underlined heading on one line, as ``## Title``, and a blank line above each rule that
    pandoc would read as an underline.
    """
    lines = text.split("\n")
    for found in reversed(list(_underlined(text))):
        if found.level:
            lines[found.first : found.last + 1] = [f"{'#' * found.level} {found.title}"]
        else:
            lines.insert(found.last, "")
    return "\n".join(lines)


WORDS_A_MINUTE = 200
CODE_LINES_A_MINUTE = 20


def reading_time(lead: str, content: str) -> int:
    """Return the minutes to read a page: 200 words of prose, or 20 lines of code, a minute; at least one."""
    prose, lines = [lead], 0
    for text, is_code in pieces(content):
        if is_code:
            lines += text.count("\n")
        else:
            prose.append(text)
    return max(1, round(len("".join(prose).split()) / WORDS_A_MINUTE + lines / CODE_LINES_A_MINUTE))
