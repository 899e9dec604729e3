"""What index files say of a page that is renamed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from ..audit.context import Context
from ..audit.fix import Edit
from ..audit.rules_index import contents
from ..model import Link, RawFile
from ..schema import Schema
from ..text.links import scan
from .relink import Move, new_address, relinked_at, respelled

_CELL = re.compile(r"(?<=\|)[^|\n]*(?=\|)")
_NAME = re.compile(r"\W*(?P<name>\w.*?)\W*")
_HEADING = re.compile(r"#+[ \t]+(?P<type>\w+):(?P<name>.*)")


def index_edits(context: Context, move: Move) -> Iterator[Edit]:
    """The page's entries in index files: links, names in tables, and marks such as ✅Type:Name."""
    for listed in contents(context):
        text, path = listed.file.text, listed.file.path
        links = {link.span.start: link for link in scan(text, wiki=True).links}
        rows: set[int] = set()
        for entry in listed.entries:
            if entry.ids != (move.page.id,):
                continue
            start, end = entry.span.start, entry.span.end
            rows.add(entry.span.line)
            if link := links.get(start):
                yield from relinked_at(Edit(path, start, end, text), link, path, move)
            elif "/" in entry.written or PurePosixPath(entry.written).suffix == PurePosixPath(move.page.path).suffix:
                stand_in = Link(entry.written, entry.span, is_path=True)
                yield Edit(path, start, end, new_address(stand_in, path, move))
        for mark in listed.marks:
            if mark.ids == (move.page.id,):
                yield from _mark(Edit(path, mark.span.start, mark.span.end, text), move)
        yield from _cells(listed.file, rows, move, context.schema)


def _mark(place: Edit, move: Move) -> Iterator[Edit]:
    match = re.match(r"(\W*)([A-Za-z]+)(:[ \t]?)(.*)", place.text[place.start : place.end], re.DOTALL)
    words = match[4].split(" ") if match else []
    for count in range(len(words), 0, -1):  # a sentence may follow the name
        name = " ".join(words[:count])
        bare = name.rstrip(").:!?*_,;")
        new = respelled(bare, move)
        if match and new is not None:
            kind = move.type if move.new_type else match[2]
            rest = name[len(bare) :] + "".join(f" {word}" for word in words[count:])
            yield place._replace(text=f"{match[1]}{kind}{match[3]}{new}{rest}")
            return


def _cells(file: RawFile, rows: set[int], move: Move, schema: Schema) -> Iterator[Edit]:
    """Whole cells that are the page's name, in rows that list it and in rows and columns of its type;
    and headings such as ``## Type: Name``."""
    position = 0
    columns: list[str] = []
    for number, line in enumerate(file.text.split("\n"), 1):
        cells = list(_CELL.finditer(line))
        if not cells:
            columns = []
        elif not columns:
            columns = [cell[0] for cell in cells]
        row = number in rows or (bool(cells) and _is_type(cells[0][0], move, schema))
        for cell, column in zip(cells, columns, strict=False):
            if row or _is_type(column, move, schema):
                yield from _shown(file.path, cell[0], position + cell.start(), move)
        heading = _HEADING.fullmatch(line)
        if heading and _is_type(heading["type"], move, schema):
            yield from _shown(file.path, heading["name"], position + heading.start("name"), move)
        position += len(line) + 1


def _is_type(written: str, move: Move, schema: Schema) -> bool:
    found = schema.page_type(written.strip(" *`"))
    return bool(found and found.name == move.page.page_type)


def _shown(path: str, written: str, start: int, move: Move) -> Iterator[Edit]:
    """A stretch that is the page's name, whatever stresses it."""
    shown = _NAME.fullmatch(written)
    new = respelled(shown["name"], move) if shown else None
    if shown and new is not None:
        start += shown.start("name")
        yield Edit(path, start, start + len(shown["name"]), new)
