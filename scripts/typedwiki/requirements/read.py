"""What an Environment page asks for, read from its lists, tables and install commands.

A section counts if a heading above it speaks of requirements. Prose does not count, nor does a line that says that
nothing is needed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Pep508

from ..model import WikiPage
from ..regex import regex
from ..schema import key
from . import commands
from .blocks import Block, Fence, Item, Paragraph, Section, Table, sections
from .found import Found, Line
from .headings import Context
from .inline import plain, text_of
from .items import read_item
from .lines import SourceLines
from .model import Alternative, Kind, Origin, PageRequirements, Requirement
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


Names = tuple[tuple[str, str], ...]
"""What headings are called, folded, and what they mean."""


@lru_cache(maxsize=1 << 12)  # a preview asks for those that have not changed
def read_page(page: WikiPage, source: str, names: Names = ()) -> PageRequirements:
    """Everything that a page asks for, in its order; what commands add to the lists comes last.

    ``source`` is the text of its file, in which the lines are found; ``names`` are further ones of headings.
    """
    return _Reader(page, source, dict(names)).read()


class _Reader:
    """Walks through one page."""

    def __init__(self, page: WikiPage, source: str, names: Mapping[str, str]) -> None:
        self.page = page
        self.names = names
        self.lines = SourceLines(source)
        self.found = Found()
        self.commands: list[Requirement] = []
        self.tools: dict[str, Kind] = {}
        self.default: Kind | None = "pip"

    def read(self) -> PageRequirements:
        parts = sections(self.page.content)
        self._survey(parts)
        separate = any(_OPTIONAL_HEADING.search(self._meant(part.title)) for part in parts)
        path: list[tuple[int, Context]] = [
            (-1, Context(required=separate, python=bool(_PYTHON.search(self.page.content))))
        ]
        for number, part in enumerate(parts):
            while path[-1][0] >= part.level:
                path.pop()
            place = f"{self.page.id}:{number}"
            title = self._meant(plain(text_of(part.title, self.page.outgoing_links)))
            context = path[-1][1].below(title, place, self.default)
            path.append((part.level, context))
            self.lines.enter(part.title)
            if not context.blocked:
                self._section(part, context, place)
        listed = self.found.rows
        rows = (*listed, *commands.added(self.commands, listed))
        return PageRequirements(
            rows,
            tuple(self.found.inherited),
            tuple(self.found.unclear),
            (*self.found.disagreements, *commands.disagreements(self.commands, listed)),
        )

    def _meant(self, heading: str) -> str:
        """A heading as the words by which it is understood."""
        meant = self.names.get(key(heading.rstrip(" :：")))
        return meant.replace("_", " ") if meant else heading

    def _survey(self, parts: Sequence[Section]) -> None:
        """What the page's commands install with what: it says what its lists are of."""
        nowhere = Origin(self.page.id, 0, "")
        for part in parts:
            for block in part.blocks:
                if isinstance(block, Fence) and block.language in commands.SHELLS:
                    for row in commands.of_block([(line, nowhere) for line in block.lines], Context()):
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
        here = context
        labels: list[tuple[int, Context | None]] = []
        for number, block in enumerate(part.blocks):
            spot = f"{place}.{number}"
            if isinstance(block, Item):
                self._item(block, _next_indent(part.blocks, number), here, labels, spot)
                continue
            labels = []
            if isinstance(block, Paragraph):
                here = self._paragraph(block, context, spot, part.blocks[number + 1 : number + 2])
            elif isinstance(block, Table):
                read_table(block, here, self.found, spot, self.tools, self._line)
                here = context
            elif isinstance(block, Fence):
                self._fence(block, here)
                here = context

    def _item(
        self, item: Item, following: int, here: Context, labels: list[tuple[int, Context | None]], spot: str
    ) -> None:
        """An item; what is indented below it is more items if it is a label, else nothing but a note."""
        while labels and labels[-1][0] >= item.indent:
            labels.pop()
        context = labels[-1][1] if labels else here
        text = plain(text_of(item.text, self.page.outgoing_links))
        if context is None or not (context.wanted or following > item.indent):
            if context is not None and following > item.indent:
                labels.append((item.indent, None))
            return
        if following > item.indent and (text.endswith(":") or not re.search(r"`|\d", item.text)):
            below = context.below(self._meant(text.rstrip(":")), spot, self.default)
            labels.append((item.indent, None if below.blocked else below))
            return
        labels.append((item.indent, None))
        if not context.wanted:
            return
        line = self._line(item.text, item.text, item.first)
        before = len(self.found.rows)
        command = _COMMAND.match(line.text)
        if command and (rows := list(commands.of_line(command["code"], line.origin, context))):
            optional = context.optional or bool(_OPTIONAL_HEADING.search(line.text.replace(command["code"], "")))
            self.found.rows += [replace(row, optional=optional, command=False) for row in rows]
        elif (other := re.match(r"or\s+(?=[`A-Za-z])", line.text, re.I)) and before:
            self._or(replace(line, text=line.text[other.end() :]), context, spot)
        else:
            read_item(line, context, self.found, spot, self.tools)

    def _or(self, line: Line, context: Context, spot: str) -> None:
        """An item "or …": what it names will do instead of the one before it."""
        last = self.found.rows[-1]
        group = last.alternative or Alternative(spot, last.written)
        before = len(self.found.rows)
        read_item(line, replace(context, choice="", alternative=None), self.found, spot, self.tools)
        new = self.found.rows[before:]
        if new and all(row.kind not in ("fact", "prose") for row in (last, *new)):
            self.found.rows[before - 1] = replace(last, alternative=group)
            self.found.rows[before:] = [
                replace(row, alternative=Alternative(group.group, row.written, group.several)) for row in new
            ]

    def _paragraph(self, block: Paragraph, context: Context, spot: str, following: Sequence[Block]) -> Context:
        """What a paragraph that leads in a list or a table says of it; short lines may be requirements themselves."""
        text = plain(text_of(" ".join(block.lines), self.page.outgoing_links))
        if text.endswith(":") and following and not isinstance(following[0], Paragraph) and len(text) < 200:
            below = context.below(self._meant(text.rstrip(":")), spot, self.default)
            return context if below.blocked and not isinstance(following[0], Item) else below
        if context.wanted:
            for line in block.lines:
                if len(line) < 80 and re.match(r"[`*]*[A-Za-z]", line) and re.search(r"\d|\[\[|`", line):
                    read = Found()
                    read_item(self._line(line, line), context, read, spot, self.tools)
                    self.found.rows += [
                        row
                        for row in read.rows
                        if row.kind != "prose" and (row.value or len(row.specifier) or row.constraint)
                    ]
                    self.found.inherited += read.inherited
        return context

    def _fence(self, block: Fence, context: Context) -> None:
        lines = [(line, Origin(self.page.id, 0, line)) for line in block.lines]
        if block.language in commands.SHELLS:
            placed = [(line, self._origin(line, line) if line else origin) for line, origin in lines]
            self.commands += commands.of_block(placed, context)
        if block.language in _TEXT_FENCES and context.wanted and context.ecosystem == "pip":
            wanted = [
                line.partition(" #")[0].strip() for line in block.lines if line and not line.startswith(("#", "-"))
            ]
            if wanted and all(map(_is_requirement, wanted)):
                for number, line in enumerate(wanted):
                    read_item(
                        self._line(f"`{line}`", line, line),
                        replace(context, explicit=True),
                        self.found,
                        f"fence.{number}",
                        self.tools,
                    )

    def _line(self, markdown: str, row: str, first: str = "") -> Line:
        """A line to be read; without ``row`` only its text matters."""
        links = self.page.outgoing_links
        text = text_of(markdown, links)
        if not row:
            return Line(text, text, Origin(self.page.id, 0, text))
        targets = text_of(markdown, links, name_links=True)
        linked = targets.count("`") > text.count("`")
        return Line(text, targets, self._origin(first or row, row), linked)

    def _origin(self, first: str, whole: str) -> Origin:
        return Origin(self.page.id, self.lines.line(first), plain(text_of(whole, self.page.outgoing_links)))


def _next_indent(blocks: Sequence[Block], number: int) -> int:
    following = blocks[number + 1] if number + 1 < len(blocks) else None
    return following.indent if isinstance(following, Item) else -1


def _is_requirement(line: str) -> bool:
    try:
        asked = Pep508(line)
    except InvalidRequirement:
        return False
    return bool(asked.specifier or asked.url or re.fullmatch(r"[A-Za-z][\w.\[\],-]+", line))
