"""Find links, images and annotations in a page's text, each with its span.

A link is ``[[edge::Type:Target#Section|label]]``, a Markdown link to a file or a section, inline or by reference, or an
HTML ``<a href>``. An embed is ``![[Target]]``. An annotation looks like a link but states metadata or leads out of the
wiki. Code, preformatted text, formulas and comments are ignored.

The text itself is never changed here: pandoc reads it as it is written, and a filter looks up the replacement of each
link by ``Link.written`` (see ``notes.link_table``).
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from ..model import Link, Span
from ..regex import regex
from .characters import replace_hidden
from .common_templates import linked_pages
from .inline_fields import field_links, set_properties
from .lines import line_starts, span_at
from .markdown import ESCAPED, one_line
from .namespaces import CATEGORIES, FILES, MEDIA
from .verbatim import Verbatim, inside_any, verbatim_parts

# A pattern that begins with a literal is found many times faster, so the text before it is checked after a match.
_WIKI_LINK = regex(
    r"""\[\[(?<!\\\[\[)(?!\[)[ \t]*(?![ \t])
        (?:(?=(?P<edge>[^\W\d_][\w \t-]*))(?P=edge)\s*::\s*)?  # as a lookahead: nothing of it is tried again
        (?P<target>[^\[\]|\n]*?)
        (?:\\?\|(?P<label>[^\]\n]{0,400}(?:(?:\](?!\])|\n(?![ \t]*\n))[^\]\n]{0,200}){0,10}))?  # not its whole line
        \]\]""",
    re.VERBOSE,
)
_BRACKET = regex(r"\\.|[\[\]]|\n[ \t]*\n", re.DOTALL)
_DESTINATION = regex(
    r"""\([ \t]*\n?[ \t]*
        (?:<(?P<angle>[^<>\n]*)>
          |(?P<bare>[^()\s<>]+(?:\([^()\s]*\)[^()\s<>]*)*(?:[ \t]{1,4}(?!["'(=])[^()\s<>]+){0,12}))  # with spaces
        (?P<title>\s+(?:"[^"]*"|'[^']*'|\([^()]*\)|=\d*x\d*))?\s*\)""",
    re.VERBOSE,
)
_REFERENCE = regex(r"[ ]?\n?\[(?!\^)(?P<name>[^\[\]]*)\]")
_DEFINITION = regex(
    r"^[ \t>]*(?:(?:[-*+•:~]|\d{1,9}[.)]|\[\^[^\[\]\s]+\]:)[ \t][ \t>]*)?"
    r"\[(?!\^)(?P<name>(?:[^\[\]\\\n]|\\.)+)\]:[ \t]*(?:\n[ \t]*)?(?P<address><[^<>\n]*>|[^\s<>]+)",
    re.MULTILINE,
)
_ANCHOR = regex(r"<a\s[^<>]*>", re.IGNORECASE)
_IMAGE_ELEMENT = regex(r"<img\s[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = regex(r"""\b(href|src|alt)\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+)""", re.IGNORECASE)
_SCHEME = regex(r"[A-Za-z][A-Za-z0-9+.-]*:|//|www\.")
_ADDRESS = regex(r"(?:https?|ftp)://|mailto:[^\s@]+@")
_GAP = regex(r"[\s-]+")
_IMAGE_NAMES = FILES | MEDIA
FILE_IN_BRACKETS = regex(
    r"\.(?:png|jpe?g|gif|svg|webp|avif|bmp|pdf|mp4|webm|mov|mkv|ogv|mp3|wav|m4a|ogg|flac)$", re.IGNORECASE
)
"""Files that ``[[file]]`` and ``![[file]]`` name in other tools. Of those, pictures alone are embedded."""
PAGE_FILES = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".mediawiki", ".wikitext", ".wiki")
"""Suffixes with which links name the file of a page, whatever suffix it has here."""
PROPERTIES = frozenset({"source", "domain", "last_updated"})
"""Annotations that look like edges but state metadata of the page."""


class Annotation(Struct, frozen=True):
    """Bracketed text that looks like a link but is not one.

    Names: ``source``, ``domain`` and ``last_updated`` state metadata, ``category`` a domain, ``image`` shows a file,
    ``address`` leads out of the wiki, and ``words`` only shows words (``[[:Category:X]]``).
    """

    name: str
    values: tuple[str, ...]
    span: Span
    written: str = ""
    """The text between the brackets, labels included."""


class Image(Struct, frozen=True):
    """An image as it is written, ``![alt](address)``."""

    address: str
    alt: str
    span: Span


class Scan(NamedTuple):
    """Everything that the grammar finds in a text, each list in order."""

    verbatim_parts: list[Verbatim]
    links: list[Link]
    annotations: list[Annotation]
    images: list[Image]


@lru_cache(maxsize=64)  # parse and audit ask for the same page in turn
def scan(text: str, wiki: bool = False) -> Scan:
    """Find the links, annotations and images of a page's text. ``wiki``: the page is in the MediaWiki dialect."""
    result = Scan(verbatim_parts(text, wiki=wiki), [], [], [])
    is_code = inside_any(result.verbatim_parts)
    starts = line_starts(text)
    position = 0 if "[[" in text else len(text)
    while match := _WIKI_LINK.search(text, position):
        position = match.end()
        if not is_code(match.start()) and _add_wiki_link(match, starts, result) and "[[" in match[0][2:]:
            position = match.start() + 2  # the caption of an image may hold links
    for row in set_properties(text) if wiki else ():
        span = span_at(starts, row.start, row.start + len(row.value))
        if not is_code(row.start) and (link := read_target(row.value, span)) and row.name.lower() not in PROPERTIES:
            result.links.append(replace(link, edge=edge_name(row.name)))
    for name, start in linked_pages(text) if wiki else ():
        if not is_code(start) and (link := read_target(name, span_at(starts, start, start + len(name)))):
            result.links.append(link)
    wiki_spans = [(item.span.start, item.span.end) for items in (result.links, result.annotations) for item in items]
    for item in _markdown_links(text, starts, sorted(wiki_spans), is_code):
        (result.images if isinstance(item, Image) else result.links).append(item)  # type: ignore[arg-type]
    for match in _ANCHOR.finditer(text) if "<" in text else ():
        if (address := _attributes(match[0]).get("href")) and not is_code(match.start()):
            link = path_link(address, span_at(starts, match.start(), match.end()), None)
            if link:
                result.links.append(link)
    for match in _IMAGE_ELEMENT.finditer(text) if "<" in text else ():
        values = _attributes(match[0])
        if values.get("src") and not is_code(match.start()):
            span = span_at(starts, match.start(), match.end())
            result.images.append(Image(_clean(values["src"]), values.get("alt", ""), span))
    for items in (result.links, result.annotations, result.images):
        items.sort(key=lambda item: item.span.start)
    if "::" in text:
        code = [(part.start, part.end) for part in result.verbatim_parts]
        for number, name in field_links(text, code, [(link.span.start, link.span.end) for link in result.links]):
            if result.links[number].edge is None:
                result.links[number] = replace(result.links[number], edge=edge_name(name))
    return result


def edge_name(name: str) -> str:
    """Return the name of an edge as links write it: ``has_part`` for ``Has part``."""
    return _GAP.sub("_", name.strip()).lower()


def is_separator(text: str) -> bool:
    """Return whether a text between two links only separates them."""
    return not text.strip(" ,;\"'[]\n\t-")


def wiki_links(text: str, start: int, end: int, starts: list[int]) -> list[Link]:
    """Return the links in double brackets in a span of a text, given its ``line_starts``, without annotations."""
    matches = _WIKI_LINK.finditer(text, start, end)
    items = (_interpret(match, span_at(starts, match.start(), match.end())) for match in matches)
    return [item for item in items if isinstance(item, Link)]


def read_target(target: str, span: Span) -> Link | None:
    """Return the link for a target without brackets; None if it is not one."""
    match = _WIKI_LINK.fullmatch(f"[[{target}]]")
    item = _interpret(match, span) if match else None
    return item if isinstance(item, Link) else None


def is_well_formed(text: str, start: int) -> bool:
    """Return whether the brackets at ``start`` are a link or an annotation, wherever they are."""
    match = _WIKI_LINK.match(text, start)
    return bool(match and _interpret(match, Span(0, 0, 0, 0)))


def _attributes(element: str) -> dict[str, str]:
    return {name.lower(): html.unescape(value.strip("\"'")) for name, value in _ATTRIBUTE.findall(element)}


def _add_wiki_link(match: re.Match[str], starts: list[int], result: Scan) -> bool:
    """Add a match of ``_WIKI_LINK`` to the right list. Return whether it is an image."""
    text = match.string
    before = text[max(0, match.start() - 10) : match.start()]
    marked = before.endswith("!") and not before.endswith("\\!")
    embedded = marked or before.rstrip(" \t").endswith("{{embed")  # as Logseq writes it
    item = _interpret(match, span_at(starts, match.start() - marked, match.end()), embedded)
    if isinstance(item, Link):
        result.links.append(item)
    elif item:
        result.annotations.append(item)
    return isinstance(item, Annotation) and item.name == "image"


def _interpret(match: re.Match[str], span: Span, embedded: bool = False) -> Link | Annotation | None:
    """Return the meaning of a match of ``_WIKI_LINK``; None for empty brackets."""
    edge = edge_name(match["edge"]) if match["edge"] else None
    target, label = match["target"].strip(), one_line((match["label"] or "").strip())
    content = match[0][2:-2].replace("\\|", "|").strip()
    if edge and (edge in PROPERTIES or _ADDRESS.match(target)):
        values = tuple(value.strip() for value in (target, *label.split("|"))) if label else (target,)
        return Annotation(
            edge if edge in PROPERTIES else "address", values if edge in PROPERTIES else (target, label), span, content
        )
    if edge is None and _ADDRESS.match(target):
        url, _, words = target.partition(" ")
        return Annotation("address", (url, label or words), span, content)
    if edge is None and target and _ADDRESS.match(label) and " " not in label:  # GitHub's wikis write the label first
        return Annotation("address", (label, target), span, content)
    target, fragment = split_fragment(target)
    page_type, colon, name = target.partition(":")
    if not colon:
        page_type, name = "", target
    kind = page_type.strip().lower()
    if edge is None and colon and not kind:  # MediaWiki: a link to the category's or the file's own page
        return Annotation("words", (label or name.rpartition(":")[2].strip(),), span, content)
    if edge is None and (kind in _IMAGE_NAMES or (embedded and FILE_IN_BRACKETS.search(name))):
        return Annotation("image", (name.strip(), label), span, content)
    if edge is None and kind in CATEGORIES:
        return Annotation("category", (name.strip(),), span, content)
    if not name.strip() and not fragment.strip():
        return None
    target_text = match[0][2:-2].partition("|")[0].rstrip("\\").strip()
    type_name = page_type.strip() or None
    is_file = edge is None and not colon and bool(FILE_IN_BRACKETS.search(name))  # `[[plan.pdf]]`, as in Obsidian
    return Link(name.strip(), span, edge, type_name, fragment or None, label or None, is_file, target_text, embedded)


def split_fragment(target: str) -> tuple[str, str]:
    """Return a target and its section: ``C#`` has none, ``C##Types`` is the section ``Types`` of ``C#``."""
    name, mark, fragment = target.partition("#")
    if mark and not fragment.strip():
        return target.strip(), ""
    if fragment.startswith("#") and name:
        name, fragment = f"{name}#", fragment[1:]
    return name.strip(), fragment.strip()


def _markdown_links(
    text: str, starts: list[int], wiki_spans: list[tuple[int, int]], is_code: Callable[[int], bool]
) -> Iterator[Link | Image]:
    """Yield links and images in square brackets, in one pass with a stack of open brackets."""
    if "](" not in text and "]:" not in text:
        return
    definitions, defining = _definitions(text, is_code)
    used: set[str] = set()
    image_names: set[str] = set()
    open_brackets: list[int] = []
    result: list[tuple[int, Link | Image]] = []
    wiki_ends = {start + (text[start] == "!"): end for start, end in wiki_spans}
    position = 0
    while match := _BRACKET.search(text, position):
        offset = match.start()
        position = match.end()
        if offset in wiki_ends:
            position = wiki_ends[offset]
        elif match[0] == "[":
            if not is_code(offset):
                open_brackets.append(offset)
        elif match[0] != "]":
            if match[0].startswith("\n"):
                open_brackets.clear()
        elif open_brackets and not is_code(offset):
            start = open_brackets.pop()
            label = text[start + 1 : offset]
            is_image = start > 0 and text[start - 1] == "!" and text[max(0, start - 2) : start] != "\\!"
            destination = _DESTINATION.match(text, offset + 1)
            if not destination:
                reference = _REFERENCE.match(text, offset + 1)
                name = _fold(reference["name"] if reference and reference["name"].strip() else label)
                if name in definitions and start not in defining:
                    used.add(name)
                    image_names |= {name} if is_image else set()
                continue
            position = destination.end()
            address = _clean(destination["bare"] if destination["angle"] is None else destination["angle"])
            span = span_at(starts, start - is_image, destination.end())
            if is_image:
                result.append((start, _image(address, label, span)))
                continue
            while result and result[-1][0] > start and isinstance(result[-1][1], Link):
                result.pop()  # a link in a label is not a link
            link = path_link(address, span, label)
            if link:
                result.append((start, link))
    yield from (item for _, item in result)
    for name in sorted(used):
        address, start, end = definitions[name]
        if name in image_names:
            yield _image(_clean(address), name, span_at(starts, start, end))
        elif link := path_link(_clean(address), span_at(starts, start, end), None):
            yield link


def _image(address: str, words: str, span: Span) -> Image | Link:
    """Return an image, or the embed of a page if the address names the file of one."""
    link = path_link(address, span, words or None)
    is_page = link and link.target.lower().endswith(PAGE_FILES)
    return replace(link, embed=True) if link and is_page else Image(address, words, span)


def _definitions(text: str, is_code: Callable[[int], bool]) -> tuple[dict[str, tuple[str, int, int]], set[int]]:
    """Return address and place of each reference definition, and where they begin. The first of a name counts."""
    definitions: dict[str, tuple[str, int, int]] = {}
    starts: set[int] = set()
    for match in _DEFINITION.finditer(text) if "]:" in text else ():
        if not is_code(match.start("name")):
            place = match.start("address"), match.end("address")
            definitions.setdefault(_fold(match["name"]), (match["address"].strip("<>"), *place))
            starts.add(match.start("name") - 1)
    return definitions, starts


def _fold(name: str) -> str:
    return " ".join(name.split()).casefold()


def _clean(address: str) -> str:
    """Return an address without Markdown's escapes and HTML's entities."""
    return (
        replace_hidden(html.unescape(ESCAPED.sub(r"\1", address.strip())))
        if "&" in address or "\\" in address
        else address.strip()
    )


def path_link(address: str, span: Span, label: str | None) -> Link | None:
    """Return a link to a file or a section; None if the address leads out of the wiki, or names neither."""
    if not address or _SCHEME.match(address) or address.startswith(("[[", "((")):  # Logseq's links and references
        return None
    path, _, fragment = address.partition("#")
    path, _, _ = path.partition("?")
    path, fragment = replace_hidden(unquote(path)), replace_hidden(unquote(fragment))
    if not path and not fragment:
        return None
    return Link(path, span, fragment=fragment or None, label=label, is_path=bool(path), written=unquote(address))
