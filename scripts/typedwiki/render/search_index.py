"""Write the search index: terms with their pages, in files that a page loads by script tag.

One ranking needs one index: each posting records where on its page a term occurs, so that a title ranks above a
heading, and a heading above the text. ``find.js``, which reads the files, describes their format.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import lru_cache
from itertools import accumulate, takewhile

from ..pages.site import script_json, shortened
from ..regex import regex
from .search_pages import OVERVIEW, Entry, IndexAll, index_all

_SHARD = 32_000
"""Characters in a file of terms. Looking up a key loads one or two files."""
_BLOCK, _ONE_BLOCK = 64, 120_000
"""Pages per file of data for hits, and the number of characters up to which a single file has all pages."""
_VOCABULARY = 400_000
"""Maximum number of characters in the vocabulary for spelling correction, which is loaded when a word is not found."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LETTER = regex(r"[^\W\d_]")


def index_files(entries: Iterable[Entry], language: str, split: IndexAll = index_all) -> Iterator[tuple[str, str]]:
    """Yield the name and content of each index file. Page data is yielded at once; only terms are kept in memory.

    ``split`` is ``index_all`` or what ``kept_terms`` yields.
    """
    postings: dict[str, array[int]] = {}
    core: set[str] = set()  # terms in titles, headings, names and overviews
    hits: list[list[str]] = []  # what the search shows of each page
    texts = 0
    facets: dict[str, dict[str, list[int]]] = {"type": {}, "domain": {}, "namespace": {}}
    for number, (entry, page) in enumerate(split(entries)):
        for term, code in zip(page.terms.split("\n"), page.codes, strict=False):
            if (term_postings := postings.get(term)) is None:
                term_postings = postings[term] = array("I")
            term_postings.append(number << 5 | code)
            if code >= OVERVIEW * 3:
                core.add(term)
        hits.append([entry.name, entry.title, entry.type, entry.namespace, shortened(entry.overview)])
        for facet, values in (("type", [entry.type]), ("domain", entry.domains), ("namespace", [entry.namespace])):
            for value in dict.fromkeys(filter(None, values)):
                facets[facet].setdefault(value, []).append(number << 5)
        if page.text:
            yield f"text-{number}.js", _script(f"text-{number}", page.text)
            texts += 1
    block = len(hits) if sum(len(part) for hit in hits for part in hit) < _ONE_BLOCK else _BLOCK
    for first in range(0, len(hits), max(1, block)):
        yield f"pages-{first // block}.js", _file(f"pages-{first // block}", hits[first : first + block])
    yield "names.js", _file("names", [hit[0] for hit in hits])
    encoded = {name: {v: _encoded(numbers) for v, numbers in sorted(values.items())} for name, values in facets.items()}
    yield "facets.js", _file("facets", encoded)
    ordered = sorted(postings, key=lambda term: term.encode("utf-16-be"))
    yield "vocabulary.js", _file("vocabulary", _vocabulary(ordered, postings, core))
    starts: list[str] = []
    for first_term, lines in _shards(ordered, postings):
        yield f"terms-{len(starts)}.js", _file(f"terms-{len(starts)}", lines)
        starts.append(first_term)
    counts = {name: {value: len(numbers) for value, numbers in sorted(v.items())} for name, v in facets.items()}
    meta = {"language": language, "pages": len(hits), "texts": texts > 0, "block": block, "starts": starts}
    meta["facets"] = counts  # counts for an empty query, because facets.js is large
    yield "meta.js", _file("meta", meta)


def _file(name: str, data: object) -> str:
    return _script(name, script_json(data))


def _script(name: str, json_text: str) -> str:
    return f'(window.typedwikiIndex??={{}})["{name}"]={json_text};\n'


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
    words = [term for term in ordered if len(term) > 2 and term.isalnum() and _LETTER.match(term)]
    core_words = [term for term in words if term in core]
    text_words = sorted((term for term in words if term not in core), key=lambda term: -len(postings[term]))
    lengths = accumulate((len(term) + 1 for term in text_words), initial=sum(map(len, core_words)))
    next(lengths)
    fitting = sum(1 for _ in takewhile(lambda length: length <= _VOCABULARY, lengths))
    return [" ".join(core_words), " ".join(text_words[:fitting])]
