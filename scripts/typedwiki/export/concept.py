"""A page as a concept of the Open Knowledge Format: front matter with its type, its facts and its edges, and plain
Markdown. The bundle and the site have the same text, each with links to its own files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import yaml

from ..model import Found, Link, RawFile, WikiPage
from ..notes.note_links import Site
from ..resolve import MENTIONS
from ..text.anchors import fragment_of
from ..text.front_matter import FRONT_MATTER, read_front_matter
from ..text.links import scan
from ..text.markdown import escape, with_code
from .records import clean, writable

_ADDRESS = re.compile(r"\]\(\s*<?(?P<address>[^()\s<>]+(?:\([^()\s]*\)[^()\s<>]*)*)>?")


@dataclass(frozen=True)
class Places:
    """Where the links of a concept lead."""

    page: Callable[[WikiPage, WikiPage], str]
    """The address of the first page as seen from the second."""
    file: Callable[[str, WikiPage], str]
    """The address of a file that a page shows, by what the page writes; "" where that stays as it is."""
    same: Callable[[WikiPage, WikiPage], bool] = lambda target, page: False
    """Whether a path from the second page to the first leads there as it is written."""
    keeps_fields: bool = True
    """Whether the paths in a concept's own front matter lead somewhere, so that their edges are not stated again."""


def is_own(page: WikiPage, stated: str) -> bool:
    """Whether a page's file is a concept already: Markdown with front matter that has the type ``stated``."""
    return page.path.endswith(".md") and bool(stated)


def concept(page: WikiPage, raw: RawFile | None, site: Site, places: Places) -> str:
    """The text of a page; ``raw`` is its file if that is a concept already."""
    if raw:
        body = _linked(raw.text[read_front_matter(raw.text).end :], page, site, places)
        return writable(_own_front_matter(page, raw, site, places) + body)
    parts = []
    if page.lead and page.lead not in (escape(page.overview), with_code(page.overview)):
        parts.append(f"## Overview\n\n{page.lead}")
    parts.append(page.content)
    if page.connections_text:
        parts.append(f"## Connections\n\n{page.connections_text}")
    if page.sources_text:
        parts.append(f"## Sources\n\n{page.sources_text}")
    body = _linked("\n\n".join(filter(None, parts)), page, site, places)
    return writable(f"---\n{as_yaml(_fields(page, body, site, places))}---\n\n{body}\n")


def _fields(page: WikiPage, body: str, site: Site, places: Places) -> dict[str, Any]:
    """Front matter that says what a page says of itself."""
    fields: dict[str, Any] = {"type": page.page_type, "title": clean(page.page_title)}
    if page.overview:
        fields["description"] = clean(page.overview)
    if page.domains:
        fields["tags"] = list(page.domains)
    if page.other_names:
        fields["aliases"] = list(page.other_names)
    if page.last_updated:
        fields["last_updated"] = page.last_updated.isoformat()
    if page.commit:
        fields["commit"] = page.commit
    if page.sources:
        fields["sources"] = [
            {"resource": clean(s.url or s.title), "title": clean(s.title), "type": clean(s.type)} for s in page.sources
        ]
    if edges := _relationships(page, body, site, places):
        fields["relationships"] = edges
    return fields


def _own_front_matter(page: WikiPage, raw: RawFile, site: Site, places: Places) -> str:
    """A concept's own front matter, with the edges that it does not state."""
    front, match = read_front_matter(raw.text), FRONT_MATTER.match(raw.text)
    edges = _relationships(page, raw.text[front.end :], site, places, front.end)
    if not match or not edges:
        return raw.text[: front.end]
    if "relationships" not in front.fields:
        return f"---\n{match['yaml']}{as_yaml({'relationships': edges})}---\n"
    stated = front.fields["relationships"]
    listed = stated if isinstance(stated, list) else [{"type": edge, "target": to} for edge, to in _pairs(stated)]
    return f"---\n{as_yaml({**front.fields, 'relationships': [*listed, *edges]})}---\n"


def _pairs(stated: Any) -> Iterator[tuple[str, Any]]:
    for edge, targets in stated.items() if isinstance(stated, Mapping) else ():
        for target in targets if isinstance(targets, list) else [targets]:
            yield str(edge), target


def _relationships(page: WikiPage, body: str, site: Site, places: Places, front_end: int = 0) -> list[dict[str, str]]:
    """The edges that lead from a page, but for those that its front matter states before ``front_end``, and mentions
    that its text repeats."""
    found = []
    for edge in site.graph.outgoing.get(page.id, ()):
        stated = any(page_id == page.id and span.start < front_end for page_id, span in edge.declared)
        stated = stated and places.keeps_fields
        target = places.page(site.graph.pages[edge.target], page)
        linked = edge.type == MENTIONS and (front_end or f"({written(target)}" in body)
        if not stated and not linked:
            found.append({"type": edge.type, "target": target})
    return found


def _linked(text: str, page: WikiPage, site: Site, places: Places) -> str:
    """A text of a page with plain Markdown links."""
    resolutions = {
        link.written: (link, resolution)
        for link, resolution in zip(page.outgoing_links, site.graph.resolutions[page.id], strict=True)
    }
    annotations = {name: (words, to) for name, words, to in page.annotations}
    found = scan(text)
    edits: list[tuple[int, int, str]] = []
    for link in found.links:
        as_written = text[link.span.start : link.span.end]
        known = resolutions.get(link.written)
        if known and isinstance(known[1], Found):
            target = site.graph.pages[known[1].page_id]
            if link.is_path and places.same(target, page):
                continue
            fragment = fragment_of(link.fragment or "", target) if link.fragment else ""
            path = "" if target.id == page.id and fragment else places.page(target, page)
            address = path + (f"#{fragment}" if fragment else "")
            edits.append((link.span.start, link.span.end, _link(as_written, link, address, target)))
        elif link.is_path:
            if copied := places.file(link.target, page):
                edits.append((link.span.start, link.span.end, _with_address(as_written, copied)))
        elif not link.written.startswith("#"):
            words = link.label or escape(link.target.replace("_", " ") or link.fragment or "")
            edits.append((link.span.start, link.span.end, words))
    for note in found.annotations:
        if note.name == "image":
            address = places.file(note.values[0], page) or note.values[0]
            alt = note.values[1] if len(note.values) > 1 else ""
            edits.append((note.span.start, note.span.end, f"![{alt}]({written(address)})"))
        elif note.written in annotations:
            words, to = annotations[note.written]
            edits.append((note.span.start, note.span.end, f"[{escape(words)}](<{to}>)" if to else escape(words)))
    for image in found.images:
        if copied := places.file(image.address, page):
            as_written = text[image.span.start : image.span.end]
            edits.append((image.span.start, image.span.end, _with_address(as_written, copied)))
    return _edited(text, edits)


def _link(as_written: str, link: Link, address: str, target: WikiPage) -> str:
    """A link, as it is written, with another address."""
    if as_written.startswith(("[[", "![[")):
        return f"[{link.label or escape(target.page_title)}]({written(address)})"
    return _with_address(as_written, address)


def _with_address(as_written: str, address: str) -> str:
    """A link or an image in Markdown with another address."""
    found = list(_ADDRESS.finditer(as_written))
    if found and as_written.startswith(("[", "![")):
        start, end = found[-1].span("address")
        return f"{as_written[:start]}{written(address)}{as_written[end:]}"
    # Of a definition only the address counts; an HTML element stays as it is.
    return as_written if as_written.startswith("<") else written(address)


def written(address: str) -> str:
    """An address as Markdown writes it."""
    path, mark, fragment = address.partition("#")
    return quote(path, safe="/~:@!$&'*+,;=-._") + mark + fragment


def as_yaml(fields: Mapping[str, Any]) -> str:
    """Fields as the lines of a block of front matter."""
    return yaml.safe_dump(dict(fields), sort_keys=False, allow_unicode=True, width=100)


def _edited(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    out: list[str] = []
    position = 0
    for start, end, new in sorted(edits):
        if start >= position:
            out += (text[position:start], new)
            position = end
    return "".join([*out, text[position:]])
