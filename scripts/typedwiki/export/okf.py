"""A wiki as a bundle of the Open Knowledge Format: a Markdown file for each page, and an index for each folder.

Reading the bundle gives the same pages and, by their front matter, the same edges. A page that states its type in
its own front matter keeps that, and its text and place; any other is written anew from what was read of it.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote

from ..model import RawFile, WikiPage
from ..notes.note_links import Site
from ..okf.listings import Listings, folder_of
from ..okf.reserved import INDEX, LOG
from ..pages.report import first_sentence
from ..text.markdown import escape
from .concept import Places, concept, written
from .records import clean

VERSION = "0.2"
_RESERVED = frozenset({INDEX.removesuffix(".md"), LOG.removesuffix(".md")})


def okf_files(
    site: Site,
    concepts: Mapping[str, RawFile],
    copies: Mapping[str, bytes],
    origins: Mapping[tuple[str, str], str],
    listings: Listings,
) -> dict[str, bytes]:
    """The bundle of a wiki, by path. ``concepts`` are the files of pages that are concepts already, by page id. Of the
    files that pages show, ``copies`` are by path relative to the notes folder, and ``origins`` their paths, by the path
    of the page and what it writes."""
    graph = site.graph
    paths = _paths(site, concepts)
    places = Places(
        lambda target, page: f"/{paths[target.id]}",
        lambda address, page: "",
        lambda target, page: target.id in concepts and page.id in concepts,
    )
    made: dict[str, bytes] = {}
    for (path, address), copied in site.assets.items():
        for page in (page for page in graph.pages.values() if page.path == path):
            place = _place(
                address, page, paths[page.id], origins.get((path, address), "") if page.id in concepts else ""
            )
            if place and copied in copies:
                made[place] = copies[copied]
    for page in graph.pages.values():
        made[paths[page.id]] = concept(page, concepts.get(page.id), site, places).encode()
    kept = {posixpath.join(one.folder, one.kind): one.text.encode() for one in listings.files}
    if len(concepts) < len(graph.pages) or not listings.indexes:
        kept = {name: data for name, data in kept.items() if not name.endswith(INDEX)} | _indexes(site, paths)
    return made | kept


def _paths(site: Site, concepts: Mapping[str, RawFile]) -> dict[str, str]:
    """A path for each page: its own, or that of its type's folder and its name; each once."""
    paths: dict[str, str] = {}
    taken: set[str] = set()
    for page in sorted(site.graph.pages.values(), key=lambda page: page.id not in concepts):
        if page.id in concepts:
            path = posixpath.join(folder_of(page.path, page.root), f"{page.stem}.md")
        else:
            stem = f"{page.stem}-page" if page.stem.lower() in _RESERVED else page.stem
            path = f"{site.schema.types[page.page_type].slug}/{stem}.md"
        name, number = path.removesuffix(".md"), 1
        while path.casefold() in taken:
            number += 1
            path = f"{name}-{number}.md"
        taken.add(path.casefold())
        paths[page.id] = path
    return paths


def _place(address: str, page: WikiPage, path: str, origin: str) -> str:
    """Where a file that a page shows stands in the bundle: where it stood below the wiki's folder, if that is given,
    otherwise where the page's link leads; "" for a place out of the bundle."""
    if address.startswith("data:"):
        return ""
    if origin:
        place = origin.removeprefix(f"{page.root}/")
    else:
        start = "" if address.startswith("/") else posixpath.dirname(path)
        place = posixpath.normpath(posixpath.join(start, unquote(address).lstrip("/")))
    return "" if place.startswith(("..", "/")) else place


def _indexes(site: Site, paths: Mapping[str, str]) -> dict[str, bytes]:
    """An index for each folder, and that of the whole bundle."""
    held: dict[str, list[WikiPage]] = defaultdict(list)
    for page_id, path in paths.items():
        held[posixpath.dirname(path)].append(site.graph.pages[page_id])
    folders = {""}
    for folder in list(held):
        while folder:
            folders.add(folder)
            folder = posixpath.dirname(folder)
    made = {}
    for folder in sorted(folders):
        parts = []
        if below := sorted(one for one in folders if one and posixpath.dirname(one) == folder):
            names = map(posixpath.basename, below)
            lines = (f"* [{escape(name)}]({written(name)}/{INDEX})" for name in names)
            parts.append("# Subdirectories\n\n" + "\n".join(lines))
        by_type: dict[str, list[WikiPage]] = defaultdict(list)
        for page in held.get(folder, ()):
            by_type[page.page_type].append(page)
        for name, pages in by_type.items():
            parts.append(f"# {escape(name)}\n\n" + "\n".join(_entries(pages, paths)))
        head = "" if folder else f'---\nokf_version: "{VERSION}"\n---\n\n'
        made[posixpath.join(folder, INDEX)] = (head + "\n\n".join(parts) + "\n").encode()
    return made


def _entries(pages: Iterable[WikiPage], paths: Mapping[str, str]) -> Iterator[str]:
    for page in sorted(pages, key=lambda p: (p.page_title.casefold(), p.id)):
        about = f" - {escape(clean(first_sentence(page.overview)))}" if page.overview else ""
        yield f"* [{escape(clean(page.page_title))}]({written(posixpath.basename(paths[page.id]))}){about}"
