"""Export pages as concepts of the Open Knowledge Format: as Markdown beside each page, and as bundles."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

import yaml
from msgspec import Struct

from ..listings import INDEX, LOG, Listings, conforming_log, folder_of, index_faults
from ..model import Found, Link, RawFile, WikiPage, grouped
from ..notes.note_links import Site
from ..resolve import MENTIONS
from ..text.anchors import fragment_of
from ..text.front_matter import FRONT_MATTER, read_front_matter
from ..text.links import scan
from ..text.markdown import escape, with_code, with_edits
from .feed import MARKDOWN, MARKDOWN_SUFFIX
from .graph_exports import clean, writable
from .report import first_sentence

_ADDRESS = re.compile(r"\]\(\s*<?(?P<address>[^()\s<>]+(?:\([^()\s]*\)[^()\s<>]*)*)>?")


class Places(Struct, frozen=True):
    """The targets of a concept's links."""

    page: Callable[[WikiPage, WikiPage], str]
    """The address of the first page relative to the second."""
    file: Callable[[str, WikiPage], str]
    """The address of a file that a page shows, by the address written there; "" to keep that."""
    same: Callable[[WikiPage, WikiPage], bool] = lambda target, page: False
    """Whether a path from the second page to the first works unchanged."""
    keeps_fields: bool = True
    """Whether paths in a concept's own front matter work, so that their edges need not be repeated."""


def is_own(page: WikiPage, stated: str) -> bool:
    """Return whether a page's file is already a concept: Markdown with front matter that has the type ``stated``."""
    return page.path.endswith(".md") and bool(stated)


def concept(page: WikiPage, raw: RawFile | None, site: Site, places: Places) -> str:
    """Return a page as a concept; ``raw`` is its file if that is already one."""
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
    """Return front matter with a page's metadata."""
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
    """Return a concept's own front matter, with paths that work at its new place, and with the edges that it lacks."""
    end = read_front_matter(raw.text).end
    edges = _relationships(page, raw.text[end:], site, places, end)
    text = with_edits(raw.text[:end], [] if places.keeps_fields else _path_edits(page, end, site, places))
    front, match = read_front_matter(text), FRONT_MATTER.match(text)
    if not match or not edges:
        return text
    if "relationships" not in front.fields:
        return f"---\n{match['yaml']}{as_yaml({'relationships': edges})}---\n"
    stated = front.fields["relationships"]
    listed = stated if isinstance(stated, list) else [{"type": edge, "target": to} for edge, to in _pairs(stated)]
    return f"---\n{as_yaml({**front.fields, 'relationships': [*listed, *edges]})}---\n"


def _path_edits(page: WikiPage, end: int, site: Site, places: Places) -> Iterator[tuple[int, int, str]]:
    """Yield the new paths of a concept's front matter, which ends at ``end``, each with the span of the old one."""
    for link, resolution in site.graph.links(page):
        if link.is_path and link.span.end <= end:
            if isinstance(resolution, Found):
                path = places.page(site.graph.pages[resolution.page_id], page)
            else:
                path = places.file(link.target, page)
            if path:
                yield link.span.start, link.span.end, markdown_address(path)


def _pairs(stated: Any) -> Iterator[tuple[str, Any]]:
    for edge, targets in stated.items() if isinstance(stated, Mapping) else ():
        for target in targets if isinstance(targets, list) else [targets]:
            yield str(edge), target


def _relationships(page: WikiPage, body: str, site: Site, places: Places, front_end: int = 0) -> list[dict[str, str]]:
    """Return the outgoing edges of a page, except those in its front matter, which ends at ``front_end``, and mentions
    that its text repeats."""
    relationships = []
    for edge in site.graph.outgoing.get(page.id, ()):
        in_front_matter = any(page_id == page.id and span.start < front_end for page_id, span in edge.declared)
        is_stated = in_front_matter and places.keeps_fields
        target = places.page(site.graph.pages[edge.target], page)
        is_repeated = edge.type == MENTIONS and (front_end or f"({markdown_address(target)}" in body)
        if not is_stated and not is_repeated:
            relationships.append({"type": edge.type, "target": target})
    return relationships


def _linked(text: str, page: WikiPage, site: Site, places: Places) -> str:
    """Return a text of a page with plain Markdown links."""
    resolutions = {link.written: (link, resolution) for link, resolution in site.graph.links(page)}
    annotations = {name: (words, to) for name, words, to in page.annotations}
    references = scan(text)
    edits: list[tuple[int, int, str]] = []
    for link in references.links:
        source_text = text[link.span.start : link.span.end]
        resolved = resolutions.get(link.written)
        if resolved and isinstance(resolved[1], Found):
            target = site.graph.pages[resolved[1].page_id]
            if link.is_path and places.same(target, page):
                continue
            fragment = fragment_of(link.fragment or "", target) if link.fragment else ""
            path = "" if target.id == page.id and fragment else places.page(target, page)
            address = path + (f"#{fragment}" if fragment else "")
            edits.append((link.span.start, link.span.end, _link(source_text, link, address, target)))
        elif link.is_path:
            if file_address := places.file(link.target, page):
                edits.append((link.span.start, link.span.end, _file_link(source_text, link, file_address)))
        elif not link.written.startswith("#"):
            words = link.label or escape(link.target.replace("_", " ") or link.fragment or "")
            edits.append((link.span.start, link.span.end, words))
    for note in references.annotations:
        if note.name == "image":
            address = places.file(note.values[0], page) or note.values[0]
            alt = note.values[1] if len(note.values) > 1 else ""
            edits.append((note.span.start, note.span.end, f"![{alt}]({markdown_address(address)})"))
        elif note.written in annotations:
            words, to = annotations[note.written]
            edits.append((note.span.start, note.span.end, f"[{escape(words)}](<{to}>)" if to else escape(words)))
    for image in references.images:
        if file_address := places.file(image.address, page):
            source_text = text[image.span.start : image.span.end]
            edits.append((image.span.start, image.span.end, _with_address(source_text, file_address)))
    return with_edits(text, edits)


def _link(source_text: str, link: Link, address: str, target: WikiPage) -> str:
    """Return a link with another address, in its original form."""
    if source_text.startswith(("[[", "![[")):
        return f"[{link.label or escape(target.page_title)}]({markdown_address(address)})"
    return _with_address(source_text, address)


def _file_link(source_text: str, link: Link, address: str) -> str:
    if source_text.startswith("[["):
        return f"[{link.label or escape(link.target)}]({markdown_address(address)})"
    return _with_address(source_text, address)


def _with_address(source_text: str, address: str) -> str:
    """Return a Markdown link or image with another address."""
    addresses = list(_ADDRESS.finditer(source_text))
    if addresses and source_text.startswith(("[", "![")):
        start, end = addresses[-1].span("address")
        return f"{source_text[:start]}{markdown_address(address)}{source_text[end:]}"
    # Of a definition only the address counts; an HTML element stays unchanged.
    return source_text if source_text.startswith("<") else markdown_address(address)


def markdown_address(address: str) -> str:
    """Return an address in Markdown syntax."""
    path, mark, fragment = address.partition("#")
    return quote(path, safe="/~:@!$&'*+,;=-._") + mark + fragment


def as_yaml(fields: Mapping[str, Any]) -> str:
    """Return fields as the lines of a front matter block."""
    text = _dump(fields, getattr(yaml, "CSafeDumper", yaml.SafeDumper))
    # libyaml is six times as fast, but escapes emoji.
    return _dump(fields, yaml.SafeDumper) if "\\U" in text else text


def _dump(fields: Mapping[str, Any], dumper: Any) -> str:
    return str(yaml.dump(dict(fields), Dumper=dumper, sort_keys=False, allow_unicode=True, width=100))


def note_markdown(page: WikiPage, raw: RawFile | None, site: Site) -> dict[str, bytes]:
    """Return the Markdown of a page's note by path relative to the notes folder.

    ``raw`` is the page's file if that is already a concept.
    """

    def relative_path(name: str, page: WikiPage) -> str:
        return posixpath.relpath(name, posixpath.dirname(site.names[page.id]) or ".")

    def file(address: str, page: WikiPage) -> str:
        copy = site.assets.get((page.path, address))
        return relative_path(copy, page) if copy else ""

    places = Places(
        lambda target, page: relative_path(f"{site.names[target.id]}{MARKDOWN_SUFFIX}", page), file, keeps_fields=False
    )
    return {f"{MARKDOWN}/{site.names[page.id]}{MARKDOWN_SUFFIX}": concept(page, raw, site, places).encode()}


VERSION = "0.2"
_RESERVED = frozenset({INDEX.removesuffix(".md"), LOG.removesuffix(".md")})


def okf_files(
    site: Site,
    concepts: Mapping[str, RawFile],
    copies: Mapping[str, bytes],
    origins: Mapping[tuple[str, str], str],
    listings: Listings,
) -> dict[str, bytes]:
    """Return the bundle of a wiki, by path.

    ``concepts`` are the files of pages that are already concepts, by page id. Of the files that pages show, ``copies``
    are by path relative to the notes folder, and ``origins`` their paths, by the path of the page and the address
    written there.
    """
    graph = site.graph
    paths = _paths(site, concepts)
    places = Places(
        lambda target, page: f"/{paths[target.id]}",
        lambda address, page: "",
        lambda target, page: target.id in concepts and page.id in concepts,
    )
    files: dict[str, bytes] = {}
    for (path, address), copied in site.assets.items():
        for page in (page for page in graph.pages.values() if page.path == path):
            place = _place(
                address, page, paths[page.id], origins.get((path, address), "") if page.id in concepts else ""
            )
            if place and copied in copies:
                files[place] = copies[copied]
    for page in graph.pages.values():
        files[paths[page.id]] = concept(page, concepts.get(page.id), site, places).encode()
    reserved_files = {
        posixpath.join(listing.folder, LOG): conforming_log(listing).encode() for listing in listings.logs
    }
    own_indexes = {
        posixpath.join(listing.folder, INDEX): listing.text.encode()
        for listing in listings.indexes
        if not any(index_faults(listing))
    }
    if len(concepts) < len(graph.pages) or len(own_indexes) < max(1, len(listings.indexes)):
        own_indexes = _indexes(site, paths)
    return files | reserved_files | own_indexes


def _paths(site: Site, concepts: Mapping[str, RawFile]) -> dict[str, str]:
    """Return a unique path for each page: its own, or the folder of its type and its name."""
    paths: dict[str, str] = {}
    taken_paths: set[str] = set()
    for page in sorted(site.graph.pages.values(), key=lambda page: page.id not in concepts):
        if page.id in concepts:
            path = posixpath.join(folder_of(page.path, page.root), f"{page.stem}.md")
        else:
            stem = f"{page.stem}-page" if page.stem.lower() in _RESERVED else page.stem
            path = f"{site.schema.types[page.page_type].slug}/{stem}.md"
        name, number = path.removesuffix(".md"), 1
        while path.casefold() in taken_paths:
            number += 1
            path = f"{name}-{number}.md"
        taken_paths.add(path.casefold())
        paths[page.id] = path
    return paths


def _place(address: str, page: WikiPage, path: str, origin: str) -> str:
    """Return the path in the bundle of a file that a page shows; "" for a path outside the bundle.

    It is the file's path in the wiki's folder, if ``origin`` gives one, otherwise the target of the page's link.
    """
    if address.startswith("data:"):
        return ""
    if origin:
        place = origin.removeprefix(f"{page.root}/")
    else:
        start = "" if address.startswith("/") else posixpath.dirname(path)
        place = posixpath.normpath(posixpath.join(start, unquote(address).lstrip("/")))
    return "" if place.startswith(("..", "/")) else place


def _indexes(site: Site, paths: Mapping[str, str]) -> dict[str, bytes]:
    """Return an index for each folder, and one for the whole bundle."""
    pages = map(site.graph.pages.__getitem__, paths)
    folder_pages = grouped(pages, lambda page: posixpath.dirname(paths[page.id]))
    folders = {""}
    for folder in list(folder_pages):
        while folder:
            folders.add(folder)
            folder = posixpath.dirname(folder)
    files = {}
    for folder in sorted(folders):
        parts = []
        if subfolders := sorted(name for name in folders if name and posixpath.dirname(name) == folder):
            names = map(posixpath.basename, subfolders)
            lines = (f"* [{escape(name)}]({markdown_address(name)}/{INDEX})" for name in names)
            parts.append("# Subdirectories\n\n" + "\n".join(lines))
        by_type = grouped(folder_pages.get(folder, ()), lambda page: page.page_type)
        for name, pages_of_type in by_type.items():
            parts.append(f"# {escape(name)}\n\n" + "\n".join(_entries(pages_of_type, paths)))
        head = "" if folder else f'---\nokf_version: "{VERSION}"\n---\n\n'
        files[posixpath.join(folder, INDEX)] = (head + "\n\n".join(parts) + "\n").encode()
    return files


def _entries(pages: Iterable[WikiPage], paths: Mapping[str, str]) -> Iterator[str]:
    for page in sorted(pages, key=lambda p: (p.page_title.casefold(), p.id)):
        about = f" - {escape(clean(first_sentence(page.overview)))}" if page.overview else ""
        yield f"* [{escape(clean(page.page_title))}]({markdown_address(posixpath.basename(paths[page.id]))}){about}"
