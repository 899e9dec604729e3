"""Links to and from the reserved files of a bundle: where each leads."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ..model import Found, Link, WikiPage
from ..resolve import Index, normalise, resolve_link
from ..schema import Schema
from .reserved import INDEX, LOG, Listing

CONTENTS, CHANGES = "wiki/contents", "wiki/changes"
"""The notes that show the reserved files, relative to the notes folder."""


class Target(NamedTuple):
    """Where a link leads."""

    kind: str
    """``page``, ``folder`` or ``log``."""
    name: str
    """The id of a page, or the path of a folder within the bundle."""


@dataclass(frozen=True)
class Listings:
    """The reserved files of a wiki, and where their links lead."""

    files: tuple[Listing, ...] = ()
    targets: Mapping[tuple[str, str], Target] = field(default_factory=dict)
    """By the path of the file, and what is written."""

    @property
    def indexes(self) -> tuple[Listing, ...]:
        """The files that list folders."""
        return tuple(one for one in self.files if one.kind == INDEX)

    @property
    def logs(self) -> tuple[Listing, ...]:
        """The files that say what has changed."""
        return tuple(one for one in self.files if one.kind == LOG)

    def as_pages(self) -> list[WikiPage]:
        """The files as pages of no type, for what asks for the links of pages."""
        return [
            WikiPage("", "", "", "", "", path=one.path, root=one.root, outgoing_links=one.links) for one in self.files
        ]

    def pages(self, one: Listing) -> frozenset[str]:
        """Ids of the pages that a file leads to."""
        return frozenset(
            target.name for (path, _), target in self.targets.items() if path == one.path and target.kind == "page"
        )


def folder_of(path: str, root: str) -> str:
    """The folder of a file within its bundle; empty for the bundle's own."""
    folder = posixpath.relpath(posixpath.dirname(path) or ".", root or ".")
    return "" if folder == "." or folder.startswith("..") else folder


def folder_anchor(folder: str) -> str:
    """The identifier of a folder's part of the contents."""
    return "folder-" + "".join(c if c.isalnum() else "-" for c in folder)


def address(target: Target) -> str:
    """The page about the wiki that a folder or a log is on, relative to the notes folder."""
    if target.kind == "log":
        return f"{CHANGES}.html"
    return f"{CONTENTS}.html#{folder_anchor(target.name)}" if target.name else f"{CONTENTS}.html"


def resolve_listings(files: Sequence[Listing], pages: Iterable[WikiPage], schema: Schema) -> Listings:
    """Find out where the links of reserved files lead."""
    if not files:
        return Listings()
    listed = list(pages)
    index = Index(listed)
    known = _folders(files, listed)
    targets: dict[tuple[str, str], Target] = {}
    for one in files:
        here = WikiPage("", "", "", "", "", path=one.path, root=one.root)
        for link in one.links:
            target = _reserved_target(link, one.folder, one.root, known)
            if target is None:
                found = resolve_link(link, here, index, schema)
                target = Target("page", found.page_id) if isinstance(found, Found) else None
            if target:
                targets[one.path, link.written] = target
    return Listings(tuple(files), targets)


def without_listed_links(pages: Sequence[WikiPage], files: Sequence[Listing]) -> list[WikiPage]:
    """The pages, their links to reserved files and to folders taken for what they are: no links to pages."""
    if not files:
        return list(pages)
    known = _folders(files, pages)
    names = {normalise(page.stem) for page in pages}
    changed = []
    for page in pages:
        folder = folder_of(page.path, page.root)
        listed: list[tuple[str, str]] = []
        kept: list[Link] = []
        for link in page.outgoing_links:
            target = _reserved_target(link, folder, page.root, known, names)
            if target:
                listed.append((link.written, address(target)))
            else:
                kept.append(link)
        changed.append(replace(page, outgoing_links=tuple(kept), listed=tuple(listed)) if listed else page)
    return changed


def _folders(files: Sequence[Listing], pages: Iterable[WikiPage]) -> dict[tuple[str, str], Target]:
    """By root and path, what each reserved file and each folder is."""
    known: dict[tuple[str, str], Target] = {}
    roots = {one.root for one in files if one.kind == INDEX}
    for page in pages:
        folder = folder_of(page.path, page.root) if page.root in roots else ""
        while folder:
            known[page.root, f"{folder}/"] = Target("folder", folder)
            folder = posixpath.dirname(folder)
    for one in files:
        name = posixpath.join(one.folder, one.kind)
        if one.kind == LOG:
            known[one.root, name] = Target("log", one.folder)
        else:
            known[one.root, name] = known[one.root, f"{one.folder}/"] = Target("folder", one.folder)
    return known


def _reserved_target(
    link: Link, folder: str, root: str, known: Mapping[tuple[str, str], Target], names: Iterable[str] = ()
) -> Target | None:
    """The reserved file, or the folder, that a link leads to; None for any other."""
    if link.edge or link.type or not link.target:
        return None
    target = link.target
    if not link.is_path:
        if normalise(target) in names or not target.lower().removesuffix(".md").endswith(("index", "log")):
            return None
        target = f"{target.removesuffix('.md')}.md"
    slash = "/" if target.endswith("/") else ""
    for start in ("",) if target.startswith("/") else (folder, ""):
        path = posixpath.normpath(posixpath.join(start, target.lstrip("/"))) + slash
        if found := known.get((root, path)) or known.get((root, f"{path.lower()}")):
            return found
    return None
