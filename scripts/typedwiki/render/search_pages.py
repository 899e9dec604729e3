"""Split pages into the terms of the search: sections of their notes, terms and where they occur.

The terms of each note are kept for the next index, so that only notes that have changed are split again. The file
``.typedwiki/search.cache`` holds plain data (MessagePack, read with types), never code. It is ignored if another
version of the program wrote it, and so is a damaged record.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from ..atomic import UNFINISHED, commit_temp, discard_temp
from ..incremental import fingerprint, program, read_record, write_record
from ..pages.site import script_json
from ..parallel import ordered_map
from ..regex import regex
from ..text import anchors
from ..text.markdown import plain
from ..text.quarto_syntax import OFF
from ..text.sections import pieces
from .search_terms import all_terms, fold, names, plain_words, tokens

CODE, TEXT, OVERVIEW, NAME, HEADING, ALIAS, TITLE = range(7)
"""Where a term occurs, in ascending order of weight."""
CACHE = Path(".typedwiki/search.cache")
"""Relative to the project."""
_FORMAT = "typedwiki search cache 1"
_KEY_LENGTH = 32
"""Length of a fingerprint."""
_BATCH = 1024
"""Pages that are split into terms together."""
_INLINE = regex(r"(?<!`)`([^`\n]+)`(?!`)")
_DEFINED = regex(r"\b(?:def|class|fn|func|function|struct|enum|trait|interface)\s+(\w+)")
_GENERATED_DIV = regex(r"^(:{3,}) \{#tw-(?:top|connections|sources)-[0-9a-f]+\}\n", re.MULTILINE)
"""Parts that the prebuild adds to the page's own text (see notes/note_file.py)."""
_ABOUT_DIV = regex(r"^(:{3,}) \{\.tw-(?!lead\b)[^\n]*\}\n", re.MULTILINE)
"""Parts of a note about the page rather than from it, such as badges and breadcrumbs."""
_SYNTAX = regex(
    r"^(?::{3,}.*|[|+: =-]+|[ \t>]*(?:[-*>]|\d+\.)(?=\s))|(?<=[\])`])\{[^{}\n]*\}(?!`)|\[\^[^\[\]\s]+\]:?", re.MULTILINE
)
_SPAN = regex(r"(?<!\\)\[((?:[^\[\]\\\n]|\\.)*)\]\{[^{}\n]*\}")
_MATH = regex(r"(?<!\\)\$\$.*?\$\$|(?<![\\$])\$([^$\n]+)\$", re.DOTALL)
_TRAILING_SECTIONS = regex(r"\n## [^\n]* \{#(?:requirements|connections)\}\n.*", re.DOTALL)


class Section(NamedTuple):
    """A heading and its text up to the next heading. The first section has no heading."""

    anchor: str
    heading: str
    text: str
    code: str
    names: str
    """Code within the text."""


class Entry(Struct, frozen=True):
    """A page as the search indexes it."""

    name: str
    """Path of its note relative to the notes folder, without suffix, as in addresses."""
    title: str
    type: str
    namespace: str
    overview: str
    domains: Sequence[str]
    aliases: Sequence[str]
    stem: str
    sections: Callable[[], Sequence[Section]]
    """Its text, read when it is needed."""
    key: str = ""
    """Fingerprint of all that its terms depend on."""


def entries(graph: bytes, note: Callable[[str], bytes], texts: bool = True) -> Iterator[Entry]:
    """Yield the searchable pages in reading order; with ``texts``, with the text of their notes.

    ``graph`` is graph.json; ``note`` returns a note's text by its path relative to the notes folder.
    """
    for node in json.loads(graph)["nodes"]:
        name = node["url"].removesuffix(".html")
        data = note(f"{unquote(name)}.qmd") if texts else b""
        stem = unquote(name).rpartition("/")[2]
        yield Entry(
            name, node["title"], node["type"], node["namespace"], node["overview"], node["domains"], node["aliases"],
            stem, partial(note_sections, data.decode(errors="replace")) if texts else tuple,
            fingerprint(node["title"], node["overview"], node["aliases"], stem, texts, data),
        )  # fmt: skip


def note_sections(note: str) -> list[Section]:
    """Return the sections of a note."""
    body = _without_divs(note.partition("\n---\n")[2].replace(OFF, ""), _GENERATED_DIV)
    body = _without_divs(_TRAILING_SECTIONS.sub("", body), _ABOUT_DIV)
    headings = iter(anchors.headings(body))
    sections: list[Section] = []
    anchor = heading = ""
    text: list[str] = []
    code: list[str] = []
    names: list[str] = []

    def add_text(markdown: str) -> None:
        if words := _plain_text(markdown):
            text.append(words)
            names.extend(_INLINE.findall(markdown))

    def close() -> None:
        sections.append(Section(anchor, heading, "\n".join(text), "\n".join(code), " ".join(names)))
        for part in (text, code, names):
            part.clear()

    for piece, is_code in pieces(body):
        if is_code:
            code.append(piece.strip().split("\n", 1)[-1].rpartition("\n")[0])
            continue
        end = 0
        piece = f"\n{piece}"
        for match in anchors.HEADING.finditer(piece):
            add_text(piece[end : match.start()])
            close()
            title, anchor = next(headings)
            heading = plain(title)
            end = match.end()
        add_text(piece[end:])
    close()
    return [section for section in sections if section.text or section.code or section.heading] or sections


def _without_divs(text: str, opening: re.Pattern[str]) -> str:
    """Return a text without the fenced divs that begin so."""
    parts = []
    position = 0
    lines = f"{text}\n"
    for match in opening.finditer(text):
        if match.start() >= position and (end := lines.find(f"\n{match[1]}\n", match.end() - 1)) >= 0:
            parts.append(text[position : match.start()])
            position = end + 1 + len(match[1])
    return "".join([*parts, text[position:]])


def _plain_text(markdown: str) -> str:
    if "$" in markdown:  # keep only the words of a formula
        markdown = _MATH.sub(lambda m: m[1] if m[1] and "\\" not in m[1] else "…", markdown)
    return plain(_SYNTAX.sub("", _SPAN.sub(r"\1", markdown)).replace("|", " "))


class Indexed(NamedTuple):
    """A page as it is cached."""

    terms: str
    """One per line."""
    codes: bytes
    """Place and frequency of each term."""
    text: str
    """Its sections, as JSON for a script; empty without text."""


def indexed(entry: Entry) -> Indexed:
    """Split a page into terms."""
    sections = entry.sections()
    codes = _page_codes(entry, sections)
    texts = [[s.anchor, s.heading, s.text, s.code] for s in sections]
    return Indexed("\n".join(codes), bytes(codes.values()), script_json(texts) if texts else "")


def _page_codes(entry: Entry, sections: Sequence[Section]) -> Mapping[str, int]:
    """Return the postings of a page: each term with its place and frequency."""
    level: dict[str, int] = {}
    times: dict[str, int] = {}

    def add(texts: Iterable[str], place: int) -> None:
        for chunk, count in Counter(chain.from_iterable(map(str.split, texts))).items():
            for term in all_terms(chunk):
                times[term] = times.get(term, 0) + count
                level[term] = place

    def add_names(texts: Iterable[str]) -> None:
        for chunk in set(chain.from_iterable(map(str.split, texts))):
            for term in names(chunk):
                level[term] = NAME

    # In ascending order of weight, so that a later place replaces an earlier one.
    add([section.code for section in sections], CODE)
    add([section.text for section in sections], TEXT)
    add([entry.overview], OVERVIEW)
    add_names([entry.stem, *(name for s in sections for name in (s.names, *_DEFINED.findall(s.code)))])
    add([section.heading for section in sections], HEADING)
    add(entry.aliases, ALIAS)
    add([entry.title], TITLE)
    short = len(tokens(entry.title))
    in_title = TITLE * 3 + (short <= 2) + (short <= 4)
    codes = {
        term: in_title if place == TITLE else place * 3 + ((n := times.get(term, 0)) > 2) + (n > 6)
        for term, place in level.items()
    }
    for alias in entry.aliases:
        codes[whole(alias)] = ALIAS * 3
    codes[whole(entry.title)] = TITLE * 3
    return codes


def whole(title: str) -> str:
    """Return the term for a whole title, however its words are joined."""
    return "=" + " ".join(fold(word) for token in tokens(title) for word in plain_words(token))


def batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Yield the entries in lists that fit in memory with their texts."""
    remaining = iter(entries)
    while batch := list(islice(remaining, _BATCH)):
        yield batch


def index_all(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Indexed]]:
    """Split all pages into terms."""
    for batch in batches(entries):
        yield from zip(batch, ordered_map(indexed, batch), strict=True)


IndexAll = Callable[[Iterable[Entry]], Iterator[tuple[Entry, Indexed]]]
"""Splits all pages into terms, in their order."""


@contextmanager
def kept_terms(project: Path) -> Iterator[IndexAll]:
    """Yield a function like ``index_all`` that splits only notes that the last index did not have.

    The cache is replaced when the block ends without an error. Entries without a key are not kept.
    """
    path = project / CACHE
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f"{_FORMAT} {program()}\n".encode()
    temporary = path.with_name(f".search.{os.getpid()}{UNFINISHED}")
    old_cache = path.open("rb") if path.is_file() else None
    try:
        positions = _record_positions(old_cache, head) if old_cache else {}
        with temporary.open("wb") as new_cache:
            new_cache.write(head)

            def split(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Indexed]]:
                for batch in batches(entries):
                    records = [_read_record(old_cache, positions.get(entry.key)) for entry in batch]
                    pages = [_decoded(record) if record else None for record in records]
                    fresh = ordered_map(indexed, [entry for entry, page in zip(batch, pages, strict=True) if not page])
                    for entry, cached, record in zip(batch, pages, records, strict=True):
                        page = cached or next(fresh)
                        data = record if cached else _encoded(page)
                        if data and entry.key:
                            new_cache.write(entry.key.encode())
                            write_record(new_cache, data)
                        yield entry, page

            yield split
        commit_temp(temporary, path)
    except BaseException:
        discard_temp(temporary)
        raise
    finally:
        if old_cache:
            old_cache.close()


def _record_positions(file: BinaryIO, head: bytes) -> dict[str, int]:
    """Return where the record of each fingerprint begins; nothing for the file of another program."""
    positions: dict[str, int] = {}
    if file.read(len(head)) != head:
        return positions
    while len(key := file.read(_KEY_LENGTH)) == _KEY_LENGTH:
        positions[key.decode("ascii", "replace")] = file.tell()
        length = int.from_bytes(file.read(4), "little")
        file.seek(4 + length, os.SEEK_CUR)
    return positions


def _read_record(file: BinaryIO | None, position: int | None) -> bytes | None:
    """Return the record at a position; None if there is none, or if it is damaged."""
    if not file or position is None:
        return None
    file.seek(position)
    try:
        return read_record(file)
    except (OSError, ValueError, EOFError):
        return None


def _encoded(page: Indexed) -> bytes | None:
    try:
        return zlib.compress(msgspec.msgpack.encode(page), 1)
    except UnicodeEncodeError:  # a lone surrogate, which cannot be encoded: the note is split each time
        return None


def _decoded(data: bytes) -> Indexed | None:
    try:
        return msgspec.msgpack.decode(zlib.decompress(data), type=Indexed)
    except (zlib.error, ValueError, msgspec.MsgspecError):
        return None
