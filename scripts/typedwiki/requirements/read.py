"""Read the requirements of an Environment page from its lists, tables and install commands.

A section counts if a heading above it mentions requirements. Prose does not count, nor does a line that says
nothing is needed.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from msgspec.structs import replace
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Pep508

from ..model import WikiPage
from ..regex import regex
from ..schema import key
from . import shell
from .blocks import Block, Fence, Item, Paragraph, Section, Table, plain_text, split_sections, strip_code
from .items import read_item
from .model import Alternative, Collected, Kind, Line, Origin, PageRequirements, Requirement
from .phrases import Context
from .tables import read_table

_COMMAND = regex(
    r"(?:(?:install(?:ed)?|run|command|pip|conda|npm|optional(?:ly)?|then|via|with|using)\b[\s:,]*){0,4}`(?P<code>[^`]+)`",
    re.I,
)
_OPTIONAL_HEADING = regex(r"\boptional\b", re.I)
_PYTHON = regex(r"\bpython\b|\bpip\b", re.I)
_OTHER_LANGUAGE = regex(
    r"\b(?:node(?:\.?js)?|npm|javascript|typescript|rust|golang|go|java|ruby|php|docker|unity|c\+\+)\b", re.I
)
_TEXT_FENCES = frozenset(
    {"", "text", "txt", "requirements", "requirements.txt", "pip-requirements", "plain", "plaintext"}
)
_NOISE = regex(r"\[\[[^\[\]\n]*\]\]|\]\([^()\n]*\)|\ue000[a-z]\d+\ue001|</?\w[^<>\n]*>|[\s`'\"*|\\_#\[\]!=-]")
_SHORTEST_PART = 4
"""Characters that part of a line must have to be searched for."""
_MOST_COMPARISONS = 500_000
"""Comparisons of lines for a page, far more than a real page needs. Otherwise thousands of items would cost minutes."""
Names = tuple[tuple[str, str], ...]
"""Folded names of headings, and their meanings."""


@lru_cache(maxsize=1 << 12)  # a preview reads unchanged pages again and again
def read_page(page: WikiPage, source: str, names: Names = ()) -> PageRequirements:
    """Return what a page requires, in the order of the page. What only install commands require comes last.

    ``source`` is the text of its file, used to find line numbers. ``names`` are further names of headings.
    """
    return _Reader(page, source, dict(names)).read()


class _Reader:
    """Reads one page."""

    def __init__(self, page: WikiPage, source: str, names: Mapping[str, str]) -> None:
        self.page = page
        self.names = names
        self.lines = SourceLines(source)
        self.collected = Collected()
        self.commands: list[Requirement] = []
        self.tools: dict[str, Kind] = {}
        self.default: Kind | None = "pip"

    def read(self) -> PageRequirements:
        parts = split_sections(self.page.content)
        self._survey(parts)
        separate = any(_OPTIONAL_HEADING.search(self._usual_words(part.title)) for part in parts)
        path: list[tuple[int, Context]] = [
            (-1, Context(required=separate, python=bool(_PYTHON.search(self.page.content)), tools=self.tools))
        ]
        for number, part in enumerate(parts):
            while path[-1][0] >= part.level:
                path.pop()
            place = f"{self.page.id}:{number}"
            title = self._usual_words(strip_code(plain_text(part.title, self.page.outgoing_links)))
            context = path[-1][1].below(title, place, self.default)
            path.append((part.level, context))
            self.lines.enter(part.title)
            if not context.excluded:
                self._section(part, context, place)
        listed_rows = self.collected.rows
        rows = (*listed_rows, *shell.added_by_commands(self.commands, listed_rows))
        return PageRequirements(
            rows,
            tuple(self.collected.inherited),
            tuple(self.collected.unclear),
            (*self.collected.disagreements, *shell.disagreements(self.commands, listed_rows)),
        )

    def _usual_words(self, heading: str) -> str:
        """Translate a heading to the words that ``headings`` understands."""
        name = self.names.get(key(heading.rstrip(" :：")))
        return name.replace("_", " ") if name else heading

    def _survey(self, parts: Sequence[Section]) -> None:
        """Find which tools the page's commands use: they determine the ecosystem of its lists."""
        no_origin = Origin(self.page.id, 0, "")
        for part in parts:
            for block in part.blocks:
                if isinstance(block, Fence) and block.language in shell.SHELLS:
                    for row in shell.read_shell_block([(line, no_origin) for line in block.lines], Context()):
                        self.tools.setdefault(row.name.casefold(), row.kind)
        kinds = set(self.tools.values())
        if kinds and "pip" not in kinds and "conda" not in kinds:
            self.default = kinds.pop() if len(kinds) == 1 else None
        elif (
            not kinds
            and _OTHER_LANGUAGE.search(self.page.page_title.replace("_", " "))
            and not _PYTHON.search(self.page.content)
        ):
            self.default = None

    def _section(self, part: Section, context: Context, place: str) -> None:
        current = context
        labels: list[tuple[int, Context | None]] = []
        for number, block in enumerate(part.blocks):
            place_of_block = f"{place}.{number}"
            if isinstance(block, Item):
                following = next(iter(part.blocks[number + 1 :]), None)
                next_indent = following.indent if isinstance(following, Item) else -1
                self._item(block, next_indent, current, labels, place_of_block)
                continue
            labels = []
            if isinstance(block, Paragraph):
                current = self._paragraph(block, context, place_of_block, part.blocks[number + 1 : number + 2])
            elif isinstance(block, Table):
                read_table(block, current, self.collected, place_of_block, self._line)
                current = context
            elif isinstance(block, Fence):
                self._fence(block, current)
                current = context

    def _item(
        self, item: Item, next_indent: int, above: Context, labels: list[tuple[int, Context | None]], place: str
    ) -> None:
        """Read an item. What is indented below it are items if it is a label, otherwise notes to ignore."""
        while labels and labels[-1][0] >= item.indent:
            labels.pop()
        context = labels[-1][1] if labels else above
        text = strip_code(plain_text(item.text, self.page.outgoing_links))
        if context is None or not (context.relevant or next_indent > item.indent):
            if context is not None and next_indent > item.indent:
                labels.append((item.indent, None))
            return
        if next_indent > item.indent and (text.endswith(":") or not re.search(r"`|\d", item.text)):
            inner_context = context.below(self._usual_words(text.rstrip(":")), place, self.default)
            labels.append((item.indent, None if inner_context.excluded else inner_context))
            return
        labels.append((item.indent, None))
        if not context.relevant:
            return
        line = self._line(item.text, item.text, item.first_line)
        row_count = len(self.collected.rows)
        command = _COMMAND.match(line.text)
        if command and (rows := list(shell.read_shell_line(command["code"], line.origin, context))):
            optional = context.optional or bool(_OPTIONAL_HEADING.search(line.text.replace(command["code"], "")))
            self.collected.rows += [replace(row, optional=optional, command=False) for row in rows]
        elif (alternative := re.match(r"or\s+(?=[`A-Za-z])", line.text, re.I)) and row_count:
            self._read_alternative(replace(line, text=line.text[alternative.end() :]), context, place)
        else:
            read_item(line, context, self.collected, place)

    def _read_alternative(self, line: Line, context: Context, place: str) -> None:
        """Read an item "or …", an alternative to the item before it."""
        previous = self.collected.rows[-1]
        group = previous.alternative or Alternative(place, previous.written)
        row_count = len(self.collected.rows)
        read_item(line, replace(context, choice="", alternative=None), self.collected, place)
        new_rows = self.collected.rows[row_count:]
        if new_rows and all(row.kind not in ("fact", "prose") for row in (previous, *new_rows)):
            self.collected.rows[row_count - 1] = replace(previous, alternative=group)
            self.collected.rows[row_count:] = [
                replace(row, alternative=Alternative(group.group, row.written, group.several)) for row in new_rows
            ]

    def _paragraph(self, block: Paragraph, context: Context, place: str, following: Sequence[Block]) -> Context:
        """Return the context for the list or table that a paragraph introduces. Short lines may be requirements."""
        text = strip_code(plain_text(" ".join(block.lines), self.page.outgoing_links))
        if text.endswith(":") and following and not isinstance(following[0], Paragraph) and len(text) < 200:
            inner_context = context.below(self._usual_words(text.rstrip(":")), place, self.default)
            return context if inner_context.excluded and not isinstance(following[0], Item) else inner_context
        if context.relevant:
            for line in block.lines:
                if len(line) < 80 and re.match(r"[`*]*[A-Za-z]", line) and re.search(r"\d|\[\[|`", line):
                    collected = Collected()
                    read_item(self._line(line, line), context, collected, place)
                    self.collected.rows += [
                        row
                        for row in collected.rows
                        if row.kind != "prose" and (row.value or len(row.specifier) or row.constraint)
                    ]
                    self.collected.inherited += collected.inherited
        return context

    def _fence(self, block: Fence, context: Context) -> None:
        lines = [(line, Origin(self.page.id, 0, line)) for line in block.lines]
        if block.language in shell.SHELLS:
            placed = [(line, self._origin(line, line) if line else origin) for line, origin in lines]
            self.commands += shell.read_shell_block(placed, context)
        if block.language in _TEXT_FENCES and context.relevant and context.ecosystem == "pip":
            requirement_lines = [
                line.partition(" #")[0].strip() for line in block.lines if line and not line.startswith(("#", "-"))
            ]
            if requirement_lines and all(map(_is_requirement, requirement_lines)):
                for number, line in enumerate(requirement_lines):
                    read_item(
                        self._line(f"`{line}`", line, line),
                        replace(context, explicit=True),
                        self.collected,
                        f"fence.{number}",
                    )

    def _line(self, markdown: str, row: str, first_line: str = "") -> Line:
        """Return a line to read. Without ``row``, only its text is filled in."""
        links = self.page.outgoing_links
        text = plain_text(markdown, links)
        if not row:
            return Line(text, text, Origin(self.page.id, 0, text))
        targets = plain_text(markdown, links, as_names=True)
        linked = targets.count("`") > text.count("`")
        return Line(text, targets, self._origin(first_line or row, row), linked)

    def _origin(self, first_line: str, text: str) -> Origin:
        return Origin(self.page.id, self.lines.line(first_line), strip_code(plain_text(text, self.page.outgoing_links)))


class SourceLines:
    """The lines of a source file, without markup. Each search starts where the last one ended."""

    def __init__(self, text: str) -> None:
        self._lines = [_without_markup(line) for line in text.split("\n")]
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for index, line in enumerate(self._lines):
            self._places[line].append(index)
        self._comparisons = _MOST_COMPARISONS
        """Number of lines that may still be compared one by one."""
        self.section = 0
        """Index of the line at which the current section begins."""
        self._next = 0

    def enter(self, heading: str) -> None:
        """Continue below a heading."""
        target = _without_markup(heading)
        index = self._equal(target, self.section) if target else None
        if index is not None:
            self.section = self._next = index

    def line(self, markdown: str) -> int:
        """Return the line, from 1, that a piece of Markdown comes from; the line of the heading if none is found."""
        target = _without_markup(markdown)
        for start in (self._next, self.section) if target else ():
            index = self._equal(target, start)
            if index is None:
                index = self._find(lambda line: target in line, start)
            if index is not None:
                self._next = index
                return index + 1
        # A cell or an item of several lines, or what the dialect writes otherwise.
        for start in (self._next, self.section):
            index = self._find(lambda line: len(line) >= _SHORTEST_PART and line in target, start)
            if index is not None:
                return index + 1
        return self.section + 1

    def _equal(self, target: str, start: int) -> int | None:
        places = self._places.get(target, [])
        index = bisect_left(places, start)
        return places[index] if index < len(places) else None

    def _find(self, predicate: Callable[[str], bool], start: int) -> int | None:
        end = min(len(self._lines), start + self._comparisons)
        index = next((i for i in range(start, end) if predicate(self._lines[i])), None)
        self._comparisons -= (end if index is None else index + 1) - start
        return index


def _without_markup(text: str) -> str:
    return html.unescape(_NOISE.sub("", text)).casefold()


def _is_requirement(line: str) -> bool:
    try:
        parsed = Pep508(line)
    except InvalidRequirement:
        return False
    return bool(parsed.specifier or parsed.url or re.fullmatch(r"[A-Za-z][\w.\[\],-]+", line))
