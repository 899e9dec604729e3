"""Rules about index files, ``_<Type>Index.md``: compare what they list with the pages of the wiki."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from ..incremental import fingerprint
from ..model import Link, RawFile, Span, WikiPage, grouped
from ..problems import Problem, problem
from ..regex import regex
from ..resolve import Index
from ..schema import Schema, key
from ..text.lines import line_starts, span_at
from ..text.links import scan
from ..text.markdown import blank_out, plain
from ..text.sections import markdown_heading
from .context import Context

_HIDDEN = "\ue000"
_DELIMITER_ROW = regex(r"\s*(?:\|\s*)?(?::?-+:?\s*\|\s*)+(?::?-+:?\s*)?")
_CELL = regex(r"(?:[^|\\]|\\.)[^|\\]*(?:\\.[^|\\]*)*|(?<=\|)(?=\|)")
_ITEM = regex(r"\s*(?:[-*+]|\d+[.)])\s")
_FILE_LINE = regex(r"\s*(?:[-*+]\s+)?\*{0,2}(?:File|Page)\s*:")
_FILE_CELL = regex(r"[\w./-]+\.(?:md|mediawiki)")
_NAME = regex(r"(?=.*[^\W\d_])\w[\w.()+-]*(?: [\w.()+-]+)*")
_NO_NAMES = frozenset({"none", "tbd", "todo", "total"})
_MARK = regex(r"(?P<mark>[✅⬜])\ufe0f?[ \t]*(?P<type>[A-Za-z]+):[ \t]?(?P<name>[^\W\ue000][^|`<>\[\]\n✅⬜\ue000]*)")
_PLANNED = regex(r"\s*⬜(?!\ufe0f?\s*[A-Za-z]+:)")
_SIGN = regex(r"^\W*?[✅⬜]\ufe0f?")
_TRAILING = " \t*_.:!?,;)—–-"
"""Characters after a name that are not part of it."""
_LONGEST_NAME = 12
"""Words."""
_SHORT_TYPES = {"wf": "Workflow"}
"""Abbreviations of types that are not the beginning of the name."""


class Entry(NamedTuple):
    """An entry of an index, and the ids of the pages it means. If there are none, the page does not exist."""

    name: str
    """The name, or the path, as the index writes it."""
    span: Span
    ids: tuple[str, ...]


class Mark(NamedTuple):
    """``✅Type:Name`` or ``⬜Type:Name``, and the pages with that name."""

    exists: bool
    name: str
    """Type and name, as the index writes them."""
    span: Span
    ids: tuple[str, ...]
    owners: tuple[str, ...]
    """The pages whose connections the mark is about."""


class Contents(NamedTuple):
    """The entries and marks of an index file."""

    entries: tuple[Entry, ...]
    marks: tuple[Mark, ...]


def read_indexes(context: Context) -> list[tuple[RawFile, Contents, list[WikiPage]]]:
    """Return each index file of the wiki, its entries and marks, and the pages that it may list.

    Entries and marks come from ``context.index_contents``, if they are there. Afterwards these are those of the current
    index files.
    """
    known, current = dict(context.index_contents), context.index_contents
    current.clear()
    result = []
    pages_by_root = _pages_by_root(context)
    indexes: dict[str, Index] = {}
    keys = {root: fingerprint(context.schema, *map(_names, pages)) for root, pages in pages_by_root.items()}
    for file in context.indexes:
        key = fingerprint(keys[file.root], file.path, file.page_type, file.text)
        if key in known:
            contents = known[key]
        else:
            index = indexes.get(file.root) or indexes.setdefault(file.root, Index(pages_by_root[file.root]))
            contents = _Reader(file, index, context.schema).read()
        current[key] = contents
        result.append((file, contents, pages_by_root[file.root]))
    return result


def _names(page: WikiPage) -> tuple[object, ...]:
    """Return everything that an index may call a page by."""
    return page.id, page.path, page.stem, page.namespace, page.page_title, page.other_names


def index_files(context: Context) -> Iterator[Problem]:
    """I001 to I005: run together, so each index is read once."""
    if not context.indexes:
        return
    indexes = read_indexes(context)
    joined = {frozenset((edge.source, edge.target)) for edge in context.graph.edges}
    yield from _unlisted_pages(indexes)
    for file, contents, _ in indexes:
        yield from _entry_without_page(file, contents)
        yield from _marks(file, contents)
        yield from _unstated(file, contents, joined)


def _entry_without_page(file: RawFile, contents: Contents) -> Iterator[Problem]:
    """I001: an index lists a page that does not exist."""
    for entry in contents.entries:
        if not entry.ids:
            yield _problem_at(file, "I001", entry.span, f"the index lists `{entry.name}`, which does not exist")


def _unlisted_pages(indexes: Iterable[tuple[RawFile, Contents, list[WikiPage]]]) -> Iterator[Problem]:
    """I002: a page that the index of its type does not list. An index without any page is still a draft."""
    for group in grouped(indexes, lambda index: (index[0].root, index[0].page_type)).values():
        file, _, pages = group[0]
        listed_ids = {page_id for _, contents, _ in group for entry in contents.entries for page_id in entry.ids}
        expected = [page.id for page in pages if page.page_type == file.page_type]
        if not listed_ids.isdisjoint(expected):
            for page_id in expected:
                if page_id not in listed_ids:
                    yield _problem_at(file, "I002", None, f"the index does not list {page_id}")


def _marks(file: RawFile, contents: Contents) -> Iterator[Problem]:
    """I003: ✅ for a page that does not exist. I004: ⬜ for one that does."""
    for mark in contents.marks:
        if mark.exists and not mark.ids:
            yield _problem_at(file, "I003", mark.span, f"`{mark.name}` does not exist")
        elif mark.ids and not mark.exists:
            yield _problem_at(file, "I004", mark.span, f"`{mark.name}` exists: {mark.ids[0]}")


def _unstated(file: RawFile, contents: Contents, joined: set[frozenset[str]]) -> Iterator[Problem]:
    """I005: a connection marked ✅ that neither page states."""
    for mark in contents.marks:
        pairs = [frozenset((owner, target)) for owner in mark.owners for target in mark.ids]
        if mark.exists and pairs and not any(len(pair) == 1 or pair in joined for pair in pairs):
            message = f"neither {mark.owners[0]} nor {mark.ids[0]} states this connection"
            yield _problem_at(file, "I005", mark.span, message)


def _problem_at(file: RawFile, code: str, span: Span | None, message: str) -> Problem:
    return problem(code, file.path, span.line if span else 1, span.column if span else 1, message)


def _pages_by_root(context: Context) -> dict[str, list[WikiPage]]:
    """Return the pages that an index may list, by its root: those below the root, or else all."""
    pages: dict[str, list[WikiPage]] = {file.root: [] for file in context.indexes}
    index_roots: dict[str, list[str]] = {}
    for page in context.pages():
        if page.root not in index_roots:
            folder = PurePosixPath(page.root)
            index_roots[page.root] = [str(f) for f in (folder, *folder.parents) if str(f) in pages]
        for root in index_roots[page.root]:
            pages[root].append(page)
    return {root: pages_below or list(context.pages()) for root, pages_below in pages.items()}


def _page_type(name: str, schema: Schema) -> str | None:
    """Return the type with this name, or the only type whose name begins so."""
    if page_type := schema.page_type(_SHORT_TYPES.get(name.lower(), name)):
        return page_type.name
    matches = [page_type for page_type in schema.types if page_type.lower().startswith(name.lower())]
    return matches[0] if len(matches) == 1 else None


class _Reader:
    """Reads one index, line by line. Lines and columns count from 0 here."""

    def __init__(self, file: RawFile, pages: Index, schema: Schema) -> None:
        self.file = file
        self.pages = pages
        self.schema = schema
        self.entries: list[Entry] = []
        self.marks: list[Mark] = []
        self.owners: tuple[str, ...] = ()  # of the section that the cursor is in
        self.owned_level = 0
        self.folder = file.path.rpartition("/")[0]
        references = scan(file.text, wiki=True)
        self.starts = line_starts(file.text)
        bare = blank_out(file.text, ((p.start, p.end, _HIDDEN) for p in references.verbatim_parts))
        spans = [*(link.span for link in references.links), *(note.span for note in references.annotations)]
        cells = blank_out(bare, sorted((span.start, span.end, _HIDDEN) for span in spans))
        self.bare, self.cells = bare.split("\n"), cells.split("\n")
        self.links = grouped(references.links, lambda link: link.span.line - 1)

    def read(self) -> Contents:
        """Return all entries and marks of the index."""
        columns: list[str] = []
        level = 0
        for number, line in enumerate(self.cells):
            next_line = self.cells[number + 1] if number + 1 < len(self.cells) else ""
            if heading := markdown_heading(line):
                level = heading[0]
                if level <= self.owned_level:
                    self.owners, self.owned_level = (), 0
            if "|" not in line:
                columns = []
            elif _DELIMITER_ROW.fullmatch(next_line):
                columns = [key(plain(text)) for text, _ in self._row(number)]
                continue
            owners = self._table_row(number, columns) if columns else self._line(number, level)
            self._read_marks(number, owners)
        return Contents(tuple(self.entries), tuple(self.marks))

    def _row(self, number: int) -> list[tuple[str, int]]:
        """Return the cells of a table row as written, each with its column from 0."""
        line = self.cells[number]
        text = self.file.text[self.starts[number] : self.starts[number] + len(line)]
        start = len(line) - len(line.lstrip()) + line.lstrip().startswith("|")
        return [(text[m.start() : m.end()], m.start()) for m in _CELL.finditer(line, start)]

    def _line(self, number: int, level: int) -> tuple[str, ...]:
        """Add the links of a line as entries. Return the pages that its marks belong to."""
        entries = [entry for link in self.links.get(number, ()) if (entry := self._entry_of_link(link))]
        self.entries += entries
        if not entries:
            return self.owners
        if _FILE_LINE.match(self.bare[number]):
            self.owners, self.owned_level = entries[0].ids, level
        return entries[0].ids if _ITEM.match(self.bare[number]) else self.owners

    def _table_row(self, number: int, columns: Sequence[str]) -> tuple[str, ...]:
        """Add the page of a table row, and the row's other links, as entries. Return the page's ids."""
        row = self._row(number)
        if _DELIMITER_ROW.fullmatch(self.cells[number]) or not row:
            return ()
        places = {name: row[n] for n, name in enumerate(columns[: len(row)]) if name in ("page", "file")}
        name, column = places.get("page", row[0])
        cells_of_page = [place for place in (places.get("file"), (name, column)) if place]
        links = self.links.get(number, [])
        row_link = next((k for place in cells_of_page for k in links if self._is_in_cell(k, place)), None)
        if not places and not row_link:
            row_link = next((k for k in links if k.is_path), None)
        entry = self._entry_of_link(row_link) if row_link else self._file_cell(number, places.get("file"))
        page_name = plain(_SIGN.sub("", name.strip())).strip()
        has_name = "page" in places or bool(entry)
        planned = "⬜" in self.file.text and any(_PLANNED.match(cell) for cell, _ in row)
        if has_name and not planned and not (row_link and self._is_in_cell(row_link, (name, column))):
            entry = self._entry_by_name(page_name, name, number, column, entry)
        self.entries += [e for e in (entry, *(self._entry_of_link(k) for k in links if k is not row_link)) if e]
        return entry.ids if entry else ()

    def _entry_by_name(self, page_name: str, cell: str, number: int, column: int, linked: Entry | None) -> Entry | None:
        """Return the entry of a row by its name, if no link leads to the page."""
        if linked and linked.ids:
            return linked
        is_name = _NAME.fullmatch(page_name) and key(page_name) not in _NO_NAMES and "**" not in cell
        ids = self._ids(page_name, self.file.page_type) or self._ids(page_name, None) if is_name else ()
        if linked and ids:
            self.entries.append(linked)  # the page is listed, but by a broken link
        if not is_name:
            return linked
        return Entry(page_name, self._span(number, column + len(cell) - len(cell.lstrip()), len(cell.strip())), ids)

    def _file_cell(self, number: int, cell: tuple[str, int] | None) -> Entry | None:
        """Return the entry of a page whose file a cell names without a link."""
        path = cell[0].strip(" `") if cell else ""
        if not cell or not _FILE_CELL.fullmatch(path):
            return None
        ids = self._ids_of_path(path)
        return None if ids is None else Entry(path, self._span(number, cell[1] + cell[0].index(path), len(path)), ids)

    def _entry_of_link(self, link: Link) -> Entry | None:
        """Return the entry of a link; None if it is not a link to a page."""
        if link.is_path:
            path_ids = self._ids_of_path(link.target)
            return None if path_ids is None else Entry(link.target, link.span, path_ids)
        page_type = self.schema.page_type(link.type) if link.type else None
        if not link.target or (link.type and not page_type):
            return None
        ids = self._ids(link.target, page_type.name) if page_type else self._ids(link.target, None)
        return Entry(f"{link.type}:{link.target}" if link.type else link.target, link.span, ids)

    def _ids_of_path(self, path_text: str) -> tuple[str, ...] | None:
        """Return the pages that a path leads to; None if it is not a page's path."""
        path = PurePosixPath(os.path.normpath(f"{self.folder}/{path_text}" if self.folder else path_text))
        if exact := self.pages.by_path.get(str(path)):
            return (exact,)
        folder = self.schema.page_type(path.parent.name)
        if not folder or path.suffix.lower() not in (".md", ".mediawiki") or path.name.startswith("_"):
            return None
        return self._ids(path.stem, folder.name)

    def _read_marks(self, number: int, owners: tuple[str, ...]) -> None:
        for match in _MARK.finditer(self.bare[number]):
            page_type = _page_type(match["type"], self.schema)
            if not page_type:
                continue
            text = match["name"].rstrip(_TRAILING)
            ids = self._prose_ids(text, page_type)
            # If no page has the name, it ends at the next comma or semicolon.
            name = text if ids else re.split(r"[,;]", text)[0].rstrip(_TRAILING)
            length = match.start("name") - match.start() + len(name)
            span = self._span(number, match.start(), length)
            self.marks.append(Mark(match["mark"] == "✅", f"{match['type']}:{name}", span, ids, owners))

    def _prose_ids(self, text: str, page_type: str) -> tuple[str, ...]:
        """Return the pages named by the longest run of first words: a sentence may follow the name."""
        words = text.split()[:_LONGEST_NAME]
        names = (" ".join(words[:count]).rstrip(").:!?,;*_") for count in range(len(words), 0, -1))
        return next(filter(None, (self._ids(name, page_type) for name in names)), ())

    def _ids(self, name: str, page_type: str | None) -> tuple[str, ...]:
        return tuple(self.pages.candidates(name, frozenset({page_type}) if page_type else None))

    def _is_in_cell(self, link: Link, cell: tuple[str, int]) -> bool:
        return cell[1] <= link.span.column - 1 < cell[1] + len(cell[0])

    def _span(self, number: int, column: int, length: int) -> Span:
        start = self.starts[number] + column
        return span_at(self.starts, start, start + length)


RULES = (index_files,)
