"""The link grammar: which links and annotations a text holds.

``[[edge::Type:Target]]``, ``[[Type:Target|label]]``, ``[[Target#Section]]`` and relative Markdown
links to files and sections. Nothing inside code, preformatted text, formulas or comments is a link.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple
from urllib.parse import unquote

from ..model import Link, Span
from .characters import shown
from .protected import Protected, protected

# A pattern that begins with a literal is searched for many times faster: what must not stand before
# it is looked for after it.
_WIKI_LINK = re.compile(
    r"""\[\[(?<!\\\[\[)(?!\[)[ \t]*
        (?:(?=(?P<edge>[A-Za-z][\w \t-]*))(?P=edge)\s*::\s*)?  # as a lookahead: nothing of it is tried again
        (?P<target>[^\[\]|\n]*?)
        (?:\\?\|(?P<label>(?:[^\]\n]|\](?!\])){0,1000}))?  # or each of many openers would read its whole line
        \]\]""",
    re.VERBOSE,
)
_FILE_LINK = re.compile(
    r"""\[(?<![!\\\]]\[)(?P<label>(?:[^\[\]\n]|\\[\[\]]|!\[[^\[\]\n]*\]\([^()\s]*\))+)\]
        \([ ]*(?![a-zA-Z][a-zA-Z0-9+.-]*:|//|www\.|<[a-zA-Z][a-zA-Z0-9+.-]*:|<//)
        (?:<(?P<angle>[^<>\n]+)>|(?P<path>[^()\s<>]+(?:\([^()\s]*\)[^()\s]*)*))
        (?:\s+(?:"[^"\n]*"|'[^'\n]*'))?[ ]*\)""",
    re.VERBOSE,
)
_ADDRESS = re.compile(r"(?:https?|ftp)://")
_IMAGE_NAMES = frozenset({"file", "image", "media"})
_IMAGE_FILE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif)$", re.IGNORECASE)
PROPERTIES = frozenset({"source", "domain", "last_updated"})
"""Annotations that look like edges but state metadata of the page."""

MARK = re.compile("\ue000([a-z])(\\d+)\ue001")


@dataclass(frozen=True, slots=True)
class Annotation:
    """What stands in brackets like a link but is none.

    Names: ``source``, ``domain`` and ``last_updated`` state metadata, ``category`` a domain,
    ``image`` shows a file and ``address`` leads out of the wiki.
    """

    name: str
    values: tuple[str, ...]
    span: Span


class Scan(NamedTuple):
    """Everything that the grammar finds in one text, in order."""

    protected: list[Protected]
    links: list[Link]
    annotations: list[Annotation]


def mark(kind: str, number: int) -> str:
    """A stand-in for part ``number`` of a kind, safe from every line rule."""
    return f"\ue000{kind}{number}\ue001"


@lru_cache(maxsize=64)  # parse and audit ask for the same page, one after the other
def scan(text: str, indented_code: bool = True) -> Scan:
    """Find the protected stretches, links and annotations of a page's text.

    ``indented_code`` says whether four spaces make code, as they do in Markdown.
    """
    masked = protected(text, indented_code)
    starts = line_starts(text)
    bounds = [p.start for p in masked]
    found = Scan(masked, [], [])
    for match in sorted(_matches(text), key=lambda m: m.start()):
        before = bisect_right(bounds, match.start()) - 1
        if before >= 0 and match.start() < masked[before].end:
            continue
        embedded = _is_embedded(match)
        span = span_at(starts, match.start() - embedded, match.end())
        read = _file_link(match, span) if match.re is _FILE_LINK else _wiki_link(match, span)
        if isinstance(read, Link):
            found.links.append(read)
        elif read:
            found.annotations.append(read)
    return found


def is_well_formed(text: str, start: int) -> bool:
    """Whether the brackets at ``start`` are a link or an annotation, wherever they stand."""
    match = _WIKI_LINK.match(text, start)
    return bool(match and _wiki_link(match, Span(0, 0, 0, 0)))


def _matches(text: str) -> Iterator[re.Match[str]]:
    if "[[" in text:
        yield from _WIKI_LINK.finditer(text)
    if "](" in text:
        yield from _FILE_LINK.finditer(text)


def _is_embedded(match: re.Match[str]) -> bool:
    """Whether a link is written ``![[…]]``."""
    before = match.string[max(0, match.start() - 2) : match.start()]
    return match.re is _WIKI_LINK and before.endswith("!") and before != "\\!"


def _file_link(match: re.Match[str], span: Span) -> Link:
    path, _, fragment = (match["angle"] or match["path"]).strip().partition("#")
    path, fragment = shown(unquote(path)), shown(unquote(fragment))
    return Link(path, span, fragment=fragment or None, label=match["label"], is_path=bool(path))


def _wiki_link(match: re.Match[str], span: Span) -> Link | Annotation | None:
    edge = re.sub(r"[\s-]+", "_", match["edge"].rstrip()).lower() if match["edge"] else None
    written, label = match["target"].strip(), (match["label"] or "").strip()
    if edge in PROPERTIES:
        values = (written, *label.split("|")) if label else (written,)
        return Annotation(edge or "", tuple(v.strip() for v in values), span)
    if edge is None and _ADDRESS.match(written):
        url, _, words = written.partition(" ")
        return Annotation("address", (url, label or words), span)
    target, _, fragment = written.partition("#")
    page_type, colon, name = target.partition(":")
    if not colon:
        page_type, name = "", target
    kind = page_type.strip().lower()
    if edge is None and (kind in _IMAGE_NAMES or (_IMAGE_FILE.search(name) and _is_embedded(match))):
        return Annotation("image", (name.strip(), label.rpartition("|")[2]), span)
    if edge is None and kind == "category":
        return Annotation("category", (name.strip(),), span)
    if not name.strip() and not fragment.strip():
        return None
    return Link(name.strip(), span, edge, page_type.strip() or None, fragment.strip() or None, label or None)


@lru_cache(maxsize=2)  # rules ask for one page's again and again
def line_starts(text: str) -> list[int]:
    """Offsets at which the lines of a text begin."""
    return list(accumulate([len(line) + 1 for line in text.split("\n")[:-1]], initial=0))


def span_at(starts: list[int], start: int, end: int) -> Span:
    """The span of two offsets, given ``line_starts``."""
    line = bisect_right(starts, start)
    return Span(start, end, line, start - starts[line - 1] + 1)
