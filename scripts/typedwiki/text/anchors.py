"""Anchors of a page: the identifiers that pandoc gives its headings, and those that the page writes itself.

The filter `sanitize.lua` changes identifiers by the same two rules: they must not be names of the site's own elements,
and they must be unique.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from ..model import WikiPage
from ..regex import regex
from .flavour_inlines import block_anchor
from .markdown import plain
from .sections import HEADING_ATTRIBUTES, pieces

HEADING = regex(r"\n(?:[ \t]*>)*[ ]?(#{1,6})[ \t]+(\S[^\n]*?)(?<![ \t])[ \t]*$", re.MULTILINE)
"""A heading, with the line end above it: a pattern that begins with a literal is found faster."""
_CLOSING = regex(r"(?<![ \t])[ \t]+#+$")
_IDENTIFIER = regex(r"(?:^|\s)#([^\s{}#]+)")
_NOT_IN_IDENTIFIER = regex(r"[^\w\s.-]+")
_ANCHOR = regex(
    r"\[[^\[\]\n]*\]\{#(?P<span>[^\s{}]+)[^{}\n]*\}"
    r"""|<(?:a|span)\s[^<>]*?\b(?:id|name)\s*=\s*["']?(?P<element>[^\s"'<>]+)"""
)
_WIKI_LINK = regex(r"\[\[(?!\[)([^\[\]|\n]*)(?:\\?\|((?:[^\[\]\n]|\[(?!\[)|\](?!\]))*))?\]\]")
NOTE_ANCHORS = frozenset({"connections", "requirements", "sources"})
"""Anchors of the sections that every note has."""
RESERVED_ANCHORS = regex(
    r"(?i:quarto|tw|typedwiki|listing)(?:-[\w-]*)?|TOC|title-block-header|skip"
    r"|(?:fig|tbl|eq|lst|sec|thm|lem|cor|prp|cnj|def|exm|exr|sol|rem|alg|tip|nte|wrn|imp|cau)-.*"
    r"|exports|module|define|require|process|global|globals|vis|Plotly|MathJax|Fuse|Headroom|ClipboardJS|AnchorJS"
    r"|anchors|autocomplete|bootstrap|tippy|Popper|mermaid|algolia|jQuery|lightbox|window|document|location|top|self"
)
"""Names of the site's own elements, prefixes of Quarto's cross-references, and names by which scripts find one another.
An element with such a name becomes a global variable, which scripts would find instead.
"""


class Heading(NamedTuple):
    """A heading of a page."""

    text: str
    """Markdown."""
    anchor: str


@lru_cache(maxsize=1 << 10)  # wikis repeat headings
def identifier(heading: str) -> str:
    """Return pandoc's automatic identifier of a heading (``auto_identifiers`` in its manual)."""
    words = plain(_WIKI_LINK.sub(lambda m: m[2] or m[1], heading)).lower()
    name = "-".join(_NOT_IN_IDENTIFIER.sub("", words).split())
    first = next((i for i, c in enumerate(name) if c.isalpha()), len(name))
    return name[first:] or "section"


@lru_cache(maxsize=256)
def headings(markdown: str) -> tuple[Heading, ...]:
    """Return the headings of a page with their anchors. Anchors are unique."""
    identifiers: dict[str, int] = {}
    anchors_so_far = dict.fromkeys(NOTE_ANCHORS, 0)
    result = []
    prose = "".join(text for text, is_code in pieces(markdown) if not is_code)
    for match in HEADING.finditer(f"\n{prose}"):
        text = _CLOSING.sub("", match[2])
        attributes = HEADING_ATTRIBUTES.search(text)
        explicit = _IDENTIFIER.search(attributes[1]) if attributes else None
        if attributes:
            text = text[: attributes.start()]
        if explicit:
            name = explicit[1]
            identifiers.setdefault(name, 0)
        else:
            name = _numbered(identifier(text), identifiers)
        result.append(Heading(text, free_anchor(name, anchors_so_far)))
    return tuple(result)


def free_anchor(name: str, used: dict[str, int]) -> str:
    """Return an anchor that is not in ``used``, and add it there, with the last number that was added to it."""
    return _numbered(f"section-{name}" if RESERVED_ANCHORS.fullmatch(name) else name, used)


def _numbered(name: str, used: dict[str, int]) -> str:
    base = name
    while name in used:
        used[base] += 1
        name = f"{base}-{used[base]}"
    used[name] = 0
    return name


def anchors(markdown: str) -> frozenset[str]:
    """Return the anchors that a page defines explicitly: ``[]{#here}`` and ``<a id="here">``."""
    if "{#" not in markdown and "<" not in markdown:
        return frozenset()
    prose = "".join(text for text, is_code in pieces(markdown) if not is_code)
    return frozenset(match["span"] or match["element"] for match in _ANCHOR.finditer(prose))


def fragment_of(fragment: str, target: WikiPage) -> str:
    """Return the anchor of a section; empty if the target lacks it, so that no link is dead."""
    if fragment.startswith("^"):
        fragment = block_anchor(fragment[1:])
    if fragment in anchors(f"{target.lead}\n\n{target.content}") and not RESERVED_ANCHORS.fullmatch(fragment):
        return fragment
    folded = _fold(unquote(fragment) if "%" in fragment else fragment)
    if folded in ("overview", "top"):
        return "title-block-header"
    by_spelling = _anchors_by_spelling(target.content, 2 if target.dialect == "mediawiki" else 1)
    anchor = by_spelling.get(folded, "") if folded else ""
    if not anchor and "#" in fragment:  # Obsidian names the headings above it, too: `[[Page#Section#Subsection]]`
        anchor = by_spelling.get(_fold(fragment.rpartition("#")[2]), "")
    return anchor or (folded if folded in ("connections", "sources") else "")


@lru_cache(maxsize=256)  # many links lead to sections of a few pages
def _anchors_by_spelling(markdown: str, first_number: int) -> dict[str, str]:
    """Return the anchors of a page's headings by the ways in which links spell them.

    Dialects and hosts differ in how they spell anchors, so only letters and digits count. Repeated headings are
    numbered from ``first_number``: 1 on GitHub, 2 in MediaWiki.
    """
    result: dict[str, str] = {}
    repeated: dict[str, int] = {}
    for text, name in headings(markdown):
        words = _fold(plain(text))
        repeated[words] = repeated.get(words, -1) + 1
        number = repeated[words] and repeated[words] - 1 + first_number
        result.setdefault(f"{words}{number or ''}", name)
        if not number or _fold(name) != words:
            result.setdefault(_fold(name), name)
    return result


@lru_cache(maxsize=1 << 12)  # wikis repeat headings
def _fold(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
