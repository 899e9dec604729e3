"""Read Dataview's fields in running text (``edge:: [[Page]]``), and properties of Semantic MediaWiki.

A field is a line or an item of a list, or is written in brackets: ``[edge:: [[Page]]]``, ``(edge:: [[Page]])``. Its
links state the edge that the field is named after. So does ``{{#set:Has part=Page}}``, unless its value is not a page.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..regex import regex
from .verbatim import verbatim_parts

_LINE = regex(
    r"(?P<before>[ \t>]*)(?P<item>(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)?(?P<stress>\*\*|__|\*|_|)"
    r"(?P<name>(?:logseq\.)?[^\W\d_][\w /-]{0,50}?)(?:(?P=stress)::|::(?P=stress))"
    r"(?:[ \t]+(?=\S)|(?=\[\[)|[ \t]*(?:\Z|(?=\n(?(item)|(?![ \t]|\n[ \t])))))"
)
"""A field without a value ends its line. Unless it is an item, indented text below makes it a sentence, as in
reStructuredText, where `Example::` stands above code."""
_HIDDEN = regex(
    r"logseq\..+|(?:hl|card|query)-[\w-]+|id|ls-type|collapsed|heading|background-color|(?:created|updated)-at|done|now|todo"
    r"|later|doing"
)
"""Properties of items that Logseq keeps for itself."""
_INDENT = regex(r"[ \t]*")
_ITEM_LINE = regex(r"[ \t]*[-*+][ \t]+(?!#{1,6}[ \t]|`{3}|[-*+>|][ \t])\S")
_BRACKET = regex(r"[\[(](?P<name>[^\W\d_][\w /-]{0,50})::[ \t]*")
_LINKS_ONLY = regex(r"(?:!?\[\[[^\[\]\n]{1,300}\]\][ \t,;·.]*)+")
_OPENING = regex(r"\[\[(?!\[)")
_LONGEST = 60
"""Characters of the name of a field, with its bracket."""
_CLOSING = {"[": "]", "(": ")"}


class Field(NamedTuple):
    """The beginning of a field."""

    name: str
    start: int
    value: int
    """Offset of its value."""
    closing: str
    """The bracket that ends it; "" for a whole line."""
    line: int
    """Offset of its line."""
    in_block: bool = False
    """Whether its line is that of an item or of a quotation."""


def fields(text: str, is_code: Sequence[tuple[int, int]]) -> Iterator[Field]:
    """Yield the beginnings of all fields outside the code spans ``is_code``, which are sorted."""
    starts = [start for start, _ in is_code]
    line = before = 0
    match = _LINE.match(text)
    position = text.find("::")
    while position >= 0:
        newline = text.rfind("\n", before, position)  # no part is searched twice, however long a line is
        if newline >= 0:
            line = newline + 1
            match = _LINE.match(text, line)
        before = position
        if match and match.start("name") <= position < match.end():
            field: Field | None = Field(
                match["name"], match.start("name"), match.end(), "", line, bool(match["item"] or ">" in match["before"])
            )
        else:
            field = _bracketed(text, line, position)
        index = bisect_right(starts, position) - 1
        in_code = index >= 0 and position < is_code[index][1]
        if field and not in_code:
            yield field
        position = text.find("::", position + 2)


def _bracketed(text: str, line: int, position: int) -> Field | None:
    """Return the field in brackets whose ``::`` is at a position; None if there is none."""
    first = max(line, position - _LONGEST)
    begin = max(text.rfind("[", first, position), text.rfind("(", first, position))
    match = _BRACKET.match(text, begin) if begin >= 0 else None
    if not match or match.end("name") != position or text[begin - 1 : begin] == "[":
        return None
    return Field(match["name"], begin, match.end(), _CLOSING[text[begin]], line)


def _end_of_line(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def field_links(
    text: str, is_code: Sequence[tuple[int, int]], links: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, str]]:
    """Yield the index of each link that is the value of a field, and the field's name. ``links`` are their places."""
    starts = [start for start, _ in links]
    for field in fields(text, is_code):
        number, position = bisect_left(starts, field.value), field.value
        values: list[int] = []
        while number < len(links) and _is_gap(text, position, links[number][0], first=not values):
            values.append(number)
            position = links[number][1]
            number += 1
        if not field.closing or text[position : position + 20].lstrip(" \t").startswith(field.closing):
            yield from ((value, field.name) for value in values)


def _is_gap(text: str, start: int, end: int, *, first: bool) -> bool:
    """Return whether the text between two values of a field only separates them."""
    return start == end if first else end - start < 10 and text[start:end].strip(" \t") in _SEPARATORS


_SEPARATORS = frozenset({"", ",", ";", "·", "&", "and", ", and", "+", "|"})


class FieldLines(NamedTuple):
    """The text of a page without the lines that are fields."""

    text: str
    rows: list[tuple[str, str]]
    """Name and value of each field, except those whose values are only links, which Connections shows."""
    values: str
    """All values as they are written."""
    head: tuple[tuple[str, str], ...] = ()
    """Name and value of the fields above all other text, as Logseq writes the properties of a page."""


def extract_field_lines(text: str) -> FieldLines:
    """Remove the lines that are fields from a text. Fields of list items and in brackets stay, in a readable form."""
    rows: list[tuple[str, str]] = []
    values: list[str] = []
    head_fields: list[tuple[str, str]] = []
    at_head = True
    pieces: list[str] = []
    position = 0
    for field in _outside_code(text):
        if field.start < position:
            continue
        before = text[field.line : field.start]
        at_head = at_head and not field.closing and not before.strip("*_")
        if field.closing:
            only = _LINKS_ONLY.match(text, field.value)
            if only and text.startswith(field.closing, only.end()):
                name = f"{_display_name(field.name).lower()}: " if field.closing == "]" else ""
                pieces += [text[position : field.start], name, text[field.value : only.end()]]
                position = only.end() + 1
        elif field.in_block:
            end = _end_of_line(text, field.value)
            head = text[position : field.start].rstrip("*_")
            pieces += [head, f"**{_display_name(field.name)}**: ", text[field.value : end]]
            position = end
        elif before.startswith((" ", "\t")):  # a property of the item above, as Logseq writes them
            end = _end_of_line(text, field.value)
            pieces.append(text[position : field.line])
            position = min(end + 1, len(text))
            if _HIDDEN.fullmatch(field.name):
                continue
            line_above = text[text.rfind("\n", 0, max(0, field.line - 1)) + 1 : field.line]
            if _ITEM_LINE.match(line_above) or _LINE.match(line_above):
                _break_line(pieces)
            pieces += [before.rstrip("*_"), f"**{_display_name(field.name)}**: ", text[field.value : position]]
        else:
            end = _end_of_line(text, field.value)
            value = text[field.value : end].strip()
            pieces.append(text[position : field.line])
            position = min(end + 1, len(text))
            values.append(value)
            at_head = at_head and not pieces[-1].strip()
            if at_head:
                head_fields.append((field.name, value))
            if value and not _LINKS_ONLY.fullmatch(value):
                rows.append((_display_name(field.name), value))
    pieces.append(text[position:])
    return FieldLines("".join(pieces), rows, "\n".join(values), tuple(head_fields))


def _break_line(pieces: list[str]) -> None:
    """End the last line with a hard break."""
    while pieces and not pieces[-1]:
        pieces.pop()
    if pieces and pieces[-1].endswith("\n"):
        pieces[-1] = pieces[-1].rstrip(" \t\n\\") + "\\\n"


def as_typed_links(text: str) -> str:
    """Return the text of a page with fields as typed links, ``[[edge::Page]]``.

    Fields on a line of their own without links become items of a list.
    """
    pieces: list[str] = []
    position = 0
    for field in _outside_code(text):
        if field.start < position:
            continue
        is_line = not field.closing and not field.in_block
        end = len(text) if field.closing else _end_of_line(text, field.value)
        only = _LINKS_ONLY.match(text, field.value, end)
        if only and (text.startswith(field.closing, only.end()) if field.closing else only.end() == end):
            edge = field.name.replace("/", " ").strip()
            typed = _OPENING.sub(f"[[{edge}::", only[0])
            begin = field.line if is_line else field.start
            indent = _INDENT.match(text, field.line)[0] if is_line else ""  # type: ignore[index]
            head = text[position:begin] if field.closing else text[position:begin].rstrip("*_")
            pieces += [head, f"{indent}- " if is_line else "", typed]
            position = only.end() + len(field.closing)
        elif is_line and field.value < end:
            indent = _INDENT.match(text, field.line)[0]  # type: ignore[index]
            pieces += [text[position : field.line], f"{indent}- **{_display_name(field.name)}**: "]
            position = field.value
    pieces.append(text[position:])
    return "".join(pieces)


def _outside_code(text: str) -> list[Field]:
    """Return the fields of a text. Code is located only if there are any."""
    if "::" not in text or not any(True for _ in fields(text, ())):
        return []
    return list(fields(text, [(part.start, part.end) for part in verbatim_parts(text)]))


def _display_name(name: str) -> str:
    """Return the name of a field for readers: ``Depends on`` for ``depends_on``."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


_SET_FUNCTION = regex(r"\{\{#set:(?P<rows>[^{}]*)\}\}")
_QUANTITY = regex(r"[-+±~≈<>]?[.,:/° -]*\d.*|true|false|yes|no", re.IGNORECASE)


class Property(NamedTuple):
    """A property that a page sets without showing it."""

    name: str
    value: str
    start: int
    """Offset of the value."""


def set_properties(text: str) -> Iterator[Property]:
    """Yield the properties that ``{{#set:…}}`` sets on a page."""
    for match in _SET_FUNCTION.finditer(text) if "{{#set:" in text else ():
        offset = match.start("rows")
        rows: list[list[Property]] = []
        for part in match["rows"].split("|"):
            name, equals, value = part.partition("=")
            if name.strip() == "+sep":  # the value before it is several
                separator = value.strip() or ","
                rows[-1:] = [[one for row in last for one in _split(row, separator)] for last in rows[-1:]]
            elif equals and name.strip()[:1].isalpha() and value.strip() and "\n" not in value.strip():
                start = offset + len(name) + 1 + len(value) - len(value.lstrip())
                rows.append([Property(name.strip(), value.strip(), start)])
            offset += len(part) + 1
        yield from (row for values in rows for row in values)


def _split(row: Property, separator: str) -> Iterator[Property]:
    offset = row.start
    for value in row.value.split(separator):
        if value.strip():
            yield Property(row.name, value.strip(), offset + len(value) - len(value.lstrip()))
        offset += len(value) + len(separator)


def is_quantity(value: str) -> bool:
    """Return whether a value of a property is a number, a date or a boolean, which names no page."""
    return bool(_QUANTITY.fullmatch(value.strip()))
