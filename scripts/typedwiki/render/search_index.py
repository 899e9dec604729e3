"""Build the search index: terms with their pages, in files that a page loads by script tag.

One ranking needs one index: each posting records where on its page a term occurs, so that a title ranks above a
heading, and a heading above the text. ``find.js``, which reads the files, describes their format.
"""

from __future__ import annotations

import json
import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain, islice
from typing import NamedTuple
from urllib.parse import unquote

from ..incremental import fingerprint
from ..pages.site import script, shortened
from ..parallel import ordered_map
from ..regex import regex
from ..text import anchors
from ..text.markdown import plain
from ..text.quarto_syntax import OFF
from ..text.sections import pieces
from .search_terms import all_terms, fold, names, plain_words, tokens

CODE, TEXT, OVERVIEW, NAME, HEADING, ALIAS, TITLE = range(7)
"""Where a term occurs, in ascending order of weight."""
_SHARD = 32_000
"""Characters in a file of terms. Looking up a key loads one or two files."""
_BLOCK, _ONE_BLOCK = 64, 120_000
"""Pages per file of data for hits, and the number of characters up to which a single file holds all pages."""
_VOCABULARY = 400_000
"""Maximum number of characters in the vocabulary for spelling correction, which is loaded when a word is not found."""
_BATCH = 1024
"""Pages that are split into terms together."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_INLINE = regex(r"(?<!`)`([^`\n]+)`(?!`)")
_DEFINED = regex(r"\b(?:def|class|fn|func|function|struct|enum|trait|interface)\s+(\w+)")
_LETTER = regex(r"[^\W\d_]")


class Section(NamedTuple):
    """A heading and its text up to the next heading. The first section has no heading."""

    anchor: str
    heading: str
    text: str
    code: str
    names: str
    """Code within the text."""


@dataclass(frozen=True, slots=True)
class Entry:
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


class Indexed(NamedTuple):
    """A page as a cache holds it."""

    terms: str
    """One per line."""
    codes: bytes
    """Place and frequency of each term."""
    text: str
    """Its sections, as JSON; empty without text."""


def indexed(entry: Entry) -> Indexed:
    """Split a page into terms."""
    sections = entry.sections()
    codes = _page(entry, sections)
    said = [[s.anchor, s.heading, s.text, s.code] for s in sections]
    return Indexed("\n".join(codes), bytes(codes.values()), _json(said) if said else "")


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


def index_files(entries: Iterable[Entry], language: str, split: IndexAll = index_all) -> Iterator[tuple[str, str]]:
    """Yield the name and content of each index file. Page data is yielded at once; only terms are kept in memory.

    ``split`` is ``index_all`` or what ``kept_terms`` yields.
    """
    postings: dict[str, array[int]] = {}
    core: set[str] = set()  # terms that stand elsewhere than in texts and code
    faces: list[list[str]] = []
    texts = 0
    facets: dict[str, dict[str, list[int]]] = {"type": {}, "domain": {}, "namespace": {}}
    for number, (entry, page) in enumerate(split(entries)):
        for term, code in zip(page.terms.split("\n"), page.codes, strict=False):
            if (known := postings.get(term)) is None:
                known = postings[term] = array("I")
            known.append(number << 5 | code)
            if code >= OVERVIEW * 3:
                core.add(term)
        faces.append([entry.name, entry.title, entry.type, entry.namespace, shortened(entry.overview)])
        for facet, values in (("type", [entry.type]), ("domain", entry.domains), ("namespace", [entry.namespace])):
            for value in dict.fromkeys(filter(None, values)):
                facets[facet].setdefault(value, []).append(number << 5)
        if page.text:
            yield f"text-{number}.js", _script(f"text-{number}", page.text)
            texts += 1
    block = len(faces) if sum(len(part) for face in faces for part in face) < _ONE_BLOCK else _BLOCK
    for first in range(0, len(faces), max(1, block)):
        yield f"pages-{first // block}.js", _file(f"pages-{first // block}", faces[first : first + block])
    yield "names.js", _file("names", [face[0] for face in faces])
    shown = {name: {v: _encoded(numbers) for v, numbers in sorted(values.items())} for name, values in facets.items()}
    yield "facets.js", _file("facets", shown)
    ordered = sorted(postings, key=lambda term: term.encode("utf-16-be"))
    yield "vocabulary.js", _file("vocabulary", _vocabulary(ordered, postings, core))
    starts: list[str] = []
    for first_term, lines in _shards(ordered, postings):
        yield f"terms-{len(starts)}.js", _file(f"terms-{len(starts)}", lines)
        starts.append(first_term)
    counts = {name: {value: len(numbers) for value, numbers in sorted(v.items())} for name, v in facets.items()}
    about = {"language": language, "pages": len(faces), "texts": texts > 0, "block": block, "starts": starts}
    about["facets"] = counts  # counts for an empty query, because facets.js is large
    yield "meta.js", _file("meta", about)


def _json(data: object) -> str:
    return script("x", data).partition("=")[2]


def _file(name: str, data: object) -> str:
    return _script(name, _json(data))


def _script(name: str, text: str) -> str:
    return f'(window.typedwikiIndex??={{}})["{name}"]={text}'


def _page(entry: Entry, sections: Sequence[Section]) -> Mapping[str, int]:
    """Return the postings of a page: each term with its place and frequency."""
    level: dict[str, int] = {}
    times: dict[str, int] = {}

    def add(texts: Iterable[str], where: int) -> None:
        for chunk, count in Counter(chain.from_iterable(map(str.split, texts))).items():
            for term in all_terms(chunk):
                times[term] = times.get(term, 0) + count
                level[term] = where

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
        term: in_title if where == TITLE else where * 3 + ((n := times.get(term, 0)) > 2) + (n > 6)
        for term, where in level.items()
    }
    for alias in entry.aliases:
        codes[whole(alias)] = ALIAS * 3
    codes[whole(entry.title)] = TITLE * 3
    return codes


def whole(title: str) -> str:
    """Return the term for a whole title, however its words are joined."""
    return "=" + " ".join(fold(word) for token in tokens(title) for word in plain_words(token))


def _encoded(postings: Iterable[int]) -> str:
    """Return postings as text: for each the distance from the previous page, in base 36, and a capital letter."""
    parts = []
    before = -32
    for posting in postings:
        parts.append(_digits(posting - before))
        before = posting & ~31
    return "".join(parts)


@lru_cache(maxsize=1 << 15)
def _digits(posting: int) -> str:
    step = posting >> 5
    digits = ""
    while step > 1 or (digits and step):
        step, digit = divmod(step, 36)
        digits = _DIGITS[digit] + digits
    return digits + chr(65 + (posting & 31))


def _shards(ordered: Iterable[str], postings: Mapping[str, array[int]]) -> Iterator[tuple[str, str]]:
    """Yield the first term of each file, and its lines."""
    lines: list[str] = []
    first, size = "", 0
    for term in ordered:
        line = f"{term}\t{_encoded(postings[term])}"
        if lines and size + len(line) > _SHARD:
            yield first, "\n".join(lines)
            lines, size = [], 0
        first = first if lines else term
        lines.append(line)
        size += len(line)
    if lines:
        yield first, "\n".join(lines)


def _vocabulary(ordered: Iterable[str], postings: Mapping[str, array[int]], core: Set[str]) -> list[str]:
    """Return the words for spelling correction: first those of titles, headings, names and overviews; then those of the
    texts, most frequent first if there are too many."""
    best: list[str] = []
    rest: list[str] = []
    for term in ordered:
        if len(term) > 2 and term.isalnum() and _LETTER.match(term):
            (best if term in core else rest).append(term)
    rest.sort(key=lambda term: -len(postings[term]))
    room = _VOCABULARY - sum(map(len, best))
    kept = []
    for term in rest:
        room -= len(term) + 1
        if room < 0:
            break
        kept.append(term)
    return [" ".join(best), " ".join(kept)]


_OURS = regex(r"^(:{3,}) \{#tw-(?:top|connections|sources)-[0-9a-f]+\}\n", re.MULTILINE)
"""Parts that the prebuild adds to the page's own text (see notes/note_file.py)."""
_AROUND = regex(r"^(:{3,}) \{\.tw-(?!lead\b)[^\n]*\}\n", re.MULTILINE)
"""Parts of a note about the page rather than from it, such as badges and breadcrumbs."""
_SYNTAX = regex(
    r"^(?::{3,}.*|[|+: =-]+|[ \t>]*(?:[-*>]|\d+\.)(?=\s))|(?<=[\])`])\{[^{}\n]*\}|\[\^[^\[\]\s]+\]:?", re.MULTILINE
)
_SPAN = regex(r"(?<!\\)\[((?:[^\[\]\\\n]|\\.)*)\]\{[^{}\n]*\}")
_MATH = regex(r"(?<!\\)\$\$.*?\$\$|(?<![\\$])\$([^$\n]+)\$", re.DOTALL)
_REST = regex(r"\n## [^\n]* \{#(?:requirements|connections)\}\n.*", re.DOTALL)


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
            stem, partial(_sections, data if texts else None),
            fingerprint(node["title"], node["overview"], node["aliases"], stem, texts, data),
        )  # fmt: skip


def _sections(note: bytes | None) -> Sequence[Section]:
    return () if note is None else note_sections(note.decode(errors="replace"))


def note_sections(note: str) -> list[Section]:
    """Return the sections of a note."""
    body = _without_divs(note.partition("\n---\n")[2].replace(OFF, ""), _OURS)
    body = _without_divs(_REST.sub("", body), _AROUND)
    found = iter(anchors.headings(body))
    made: list[Section] = []
    anchor = heading = ""
    text: list[str] = []
    code: list[str] = []
    names: list[str] = []

    def add_text(markdown: str) -> None:
        if words := _words(markdown):
            text.append(words)
            names.extend(_INLINE.findall(markdown))

    def close() -> None:
        made.append(Section(anchor, heading, "\n".join(text), "\n".join(code), " ".join(names)))
        for part in (text, code, names):
            part.clear()

    for piece, is_code in pieces(body):
        if is_code:
            code.append(piece.strip().split("\n", 1)[-1].rpartition("\n")[0])
            continue
        done = 0
        for match in anchors.HEADING.finditer(piece):
            add_text(piece[done : match.start()])
            close()
            title, anchor = next(found)
            heading = plain(title)
            done = match.end()
        add_text(piece[done:])
    close()
    return [section for section in made if section.text or section.code or section.heading] or made


def _without_divs(text: str, opening: re.Pattern[str]) -> str:
    """Return a text without the fenced divs that begin so."""
    kept = []
    done = 0
    lines = f"{text}\n"
    for match in opening.finditer(text):
        if match.start() >= done and (end := lines.find(f"\n{match[1]}\n", match.end() - 1)) >= 0:
            kept.append(text[done : match.start()])
            done = end + 1 + len(match[1])
    return "".join([*kept, text[done:]])


def _words(markdown: str) -> str:
    if "$" in markdown:  # keep only the words of a formula
        markdown = _MATH.sub(lambda m: m[1] if m[1] and "\\" not in m[1] else "…", markdown)
    return plain(_SYNTAX.sub("", _SPAN.sub(r"\1", markdown)).replace("|", " "))
