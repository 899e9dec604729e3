"""The index of a search: terms with the pages that have them, in files that a page loads by script tag.

One ranking needs one index: each posting says where on its page a term stands, so that a title comes before a
heading, and that before the text. What a file holds is told by ``find.js``, which reads them.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..pages.browser_data import script, shortened
from ..regex import regex
from .terms import fold, plain_words, spelling, terms, tokens

CODE, TEXT, OVERVIEW, NAME, HEADING, ALIAS, TITLE = range(7)
"""Where a term stands, from what counts least."""
_SHARD = 32_000
"""Characters of a file of terms: a key asks for one or two."""
_BLOCK, _ONE_BLOCK = 64, 120_000
"""Pages in a file of what a hit shows, and characters up to which all of them are in one."""
_VOCABULARY = 400_000
"""Characters of the words by which typing errors are told, loaded when a word is not found."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_INLINE = regex(r"(?<!`)`([^`\n]+)`(?!`)")
_DEFINED = regex(r"\b(?:def|class|fn|func|function|struct|enum|trait|interface)\s+(\w+)")
_LETTER = regex(r"[^\W\d_]")


class Section(NamedTuple):
    """A heading and what stands below it up to the next; the first has none."""

    anchor: str
    heading: str
    text: str
    code: str
    names: str
    """What stands as code within the text."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page as the search knows it."""

    name: str
    """Path of its note below the notes folder, without suffix, as an address has it."""
    title: str
    type: str
    namespace: str
    overview: str
    domains: Sequence[str]
    aliases: Sequence[str]
    stem: str
    sections: Sequence[Section]


def index_files(entries: Iterable[Entry], language: str) -> Iterator[tuple[str, str]]:
    """The files of an index by name. What a page says is given out as it comes; only its terms are kept."""
    postings: dict[str, array[int]] = {}
    faces: list[list[str]] = []
    texts = 0
    facets: dict[str, dict[str, list[int]]] = {"type": {}, "domain": {}, "namespace": {}}
    for number, entry in enumerate(entries):
        for term, code in _page(entry).items():
            if (known := postings.get(term)) is None:
                known = postings[term] = array("I")
            known.append(number << 5 | code)
        faces.append([entry.name, entry.title, entry.type, entry.namespace, shortened(entry.overview)])
        for facet, values in (("type", [entry.type]), ("domain", entry.domains), ("namespace", [entry.namespace])):
            for value in dict.fromkeys(filter(None, values)):
                facets[facet].setdefault(value, []).append(number << 5)
        if entry.sections:
            said = [[s.anchor, s.heading, s.text, s.code] for s in entry.sections]
            yield f"text-{number}.js", _file(f"text-{number}", said)
            texts += 1
    block = len(faces) if sum(len(part) for face in faces for part in face) < _ONE_BLOCK else _BLOCK
    for first in range(0, len(faces), max(1, block)):
        yield f"pages-{first // block}.js", _file(f"pages-{first // block}", faces[first : first + block])
    yield "names.js", _file("names", [face[0] for face in faces])
    shown = {name: {v: _encoded(numbers) for v, numbers in sorted(values.items())} for name, values in facets.items()}
    yield "facets.js", _file("facets", shown)
    ordered = sorted(postings, key=lambda term: term.encode("utf-16-be"))
    yield "vocabulary.js", _file("vocabulary", _vocabulary(ordered, postings))
    starts: list[str] = []
    for first_term, lines in _shards(ordered, postings):
        yield f"terms-{len(starts)}.js", _file(f"terms-{len(starts)}", lines)
        starts.append(first_term)
    counts = {name: {value: len(numbers) for value, numbers in sorted(v.items())} for name, v in facets.items()}
    about = {"language": language, "pages": len(faces), "texts": texts > 0, "block": block, "starts": starts}
    about["facets"] = counts  # the numbers that a search begins with; facets.js is large
    yield "meta.js", _file("meta", about)


def _file(name: str, data: object) -> str:
    text = script("x", data).partition("=")[2]
    return f'(window.typedwikiIndex??={{}})["{name}"]={text}'


def _page(entry: Entry) -> Mapping[str, int]:
    """The terms of a page, each with where it stands and how often."""
    level: dict[str, int] = {}
    times: Counter[str] = Counter()

    def add(text: str, where: int) -> None:
        for token, count in Counter(tokens(text)).items():
            for term in terms(token):
                times[term] += count
                if level.get(term, -1) < where:
                    level[term] = where

    def add_names(text: str) -> None:
        for token in set(tokens(text)):
            spelled = spelling(token) or fold(token)
            for term in terms(token):
                if (term == spelled or not term.isalnum()) and level.get(term, -1) < NAME:
                    level[term] = NAME

    for section in entry.sections:
        add(section.code, CODE)
        add(section.text, TEXT)
        add_names(f"{section.names} {' '.join(_DEFINED.findall(section.code))}")
        add(section.heading, HEADING)
    add(entry.overview, OVERVIEW)
    add_names(entry.stem)
    for alias in entry.aliases:
        add(alias, ALIAS)
    add(entry.title, TITLE)
    short = len(tokens(entry.title))
    codes: dict[str, int] = {}
    for term, where in level.items():
        more = (short <= 2) + (short <= 4) if where == TITLE else (times[term] > 2) + (times[term] > 6)
        codes[term] = where * 3 + more
    for alias in entry.aliases:
        codes[whole(alias)] = ALIAS * 3
    codes[whole(entry.title)] = TITLE * 3
    return codes


def whole(title: str) -> str:
    """The term of a title as a whole, however its words are joined."""
    return "=" + " ".join(fold(word) for token in tokens(title) for word in plain_words(token))


def _encoded(postings: Iterable[int]) -> str:
    """Postings as text: for each how far its page is from the one before, in base 36, and a capital letter."""
    parts = []
    before = -1
    for posting in postings:
        page = posting >> 5
        step = page - before
        before = page
        digits = ""
        while step > 1 or (digits and step):
            step, digit = divmod(step, 36)
            digits = _DIGITS[digit] + digits
        parts.append(digits + chr(65 + (posting & 31)))
    return "".join(parts)


def _shards(ordered: Iterable[str], postings: Mapping[str, array[int]]) -> Iterator[tuple[str, str]]:
    """The first term of each file, and its lines."""
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


def _vocabulary(ordered: Iterable[str], postings: Mapping[str, array[int]]) -> list[str]:
    """Words to correct typing errors by: those of titles, headings, names and overviews; and those of the texts, the
    frequent ones first if there are too many."""
    best: list[str] = []
    rest: list[str] = []
    for term in ordered:
        if len(term) > 2 and term.isalnum() and _LETTER.match(term):
            core = any((posting & 31) // 3 > TEXT for posting in postings[term])
            (best if core else rest).append(term)
    rest.sort(key=lambda term: -len(postings[term]))
    room = _VOCABULARY - sum(map(len, best))
    kept = []
    for term in rest:
        room -= len(term) + 1
        if room < 0:
            break
        kept.append(term)
    return [" ".join(best), " ".join(kept)]
