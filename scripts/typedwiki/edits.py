"""Edits of the text of a few pages, which change nothing that any other page shows.

Most edits are such. They need no look at the whole wiki: the notes of these pages are written anew, and the
bundles that hold them. What other files show of a page is its face; whenever that changes, or a problem is
told of the page before or after, the whole wiki is built as if nothing were known.
"""

from __future__ import annotations

import pickle
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from .atomic import replace_file
from .audit.check import OWN, check
from .audit.context import Context
from .config import Config
from .costly import text_of
from .export.files import FOLDER
from .export.llms import bundles
from .garbage import few_collections
from .history import dated
from .model import RawFile, Span, WikiPage
from .notes.emit import minutes, note
from .notes.linking import Site
from .notes.locations import mentions
from .problems import Problem
from .read import read_again
from .requirements.inherit import own_rows
from .requirements.read import read_page
from .text.anchors import headings
from .text.cost import suspicious
from .text.parse import parse
from .unchanged import of_output

FEW = 50
"""Pages. Beyond that a whole build is about as fast."""
BASE = Path(".typedwiki/base.pickle")
_NOWHERE = Span(0, 0, 0, 0)


@dataclass(frozen=True)
class Base:
    """The last build of the whole wiki."""

    site: Site
    problems: tuple[Problem, ...]


def rewritten(base: Base, files: Collection[RawFile], config: Config) -> tuple[Base, dict[str, bytes]] | None:
    """What to write, by path relative to the notes folder, after an edit of these pages; None if the whole
    wiki has to be built."""
    site = base.site
    ids = {page.path: page.id for page in site.graph.pages.values()}
    told = {problem.path for problem in base.problems}
    pages = dict(site.graph.pages)
    edited: dict[str, RawFile] = {}
    for file in files:
        old = pages[ids[file.path]] if file.path in ids else None
        if old is None or file.trusted or file.path in told or config.schema.types[old.page_type].by_hand:
            return None
        if any(file.path in problem.message for problem in base.problems):
            return None
        new, found = parse(file, config.schema, old.namespace)
        (new,) = dated([replace(new, id=old.id)], config)
        if found or _face(new) != _face(old) or suspicious(text_of(new)):
            return None
        if old.id in site.requirements and read_page(new, file.text).rows != own_rows(
            site.requirements[old.id], old.id
        ):
            return None
        pages[old.id] = new
        edited[old.id] = file
    graph = replace(site.graph, pages=pages)
    if check(Context(graph, config.schema, edited, (), config.settings, site.assets, only=tuple(edited)), (), OWN):
        return None
    site = replace(site, graph=graph)
    notes = {f"{site.names[page_id]}.qmd": note(pages[page_id], site).encode() for page_id in edited}
    held = [workflow for workflow, path in site.paths.items() if not edited.keys().isdisjoint(path.pages())]
    texts = {f"{FOLDER}/{bundle.file}": bundle.text for bundle in bundles(site, held)}
    return Base(site, base.problems), notes | texts


def _face(page: WikiPage) -> tuple[object, ...]:
    """All that the rest of the site shows of a page, or follows from it."""
    links = tuple(replace(link, span=_NOWHERE) for link in page.outgoing_links)
    return (
        replace(page, content="", outgoing_links=links),
        minutes(page),
        headings(page.content),
        mentions(page),
    )


def read_edited(paths: Collection[str], base: Base, config: Config) -> list[RawFile] | None:
    """The edited pages as they are now; None if one is no page of ``base``, or something is to be said of it."""
    pages = {str(config.project / page.path): page for page in base.site.graph.pages.values()}
    files = [read_again(pages[path], config.project, config.execute) if path in pages else None for path in paths]
    return [file for file in files if file] if all(files) else None


def save(config: Config, base: Base) -> None:
    """Keep a build for the next process."""
    replace_file(of_output(config, BASE), lambda file: pickle.dump(base, file, pickle.HIGHEST_PROTOCOL))


def load(config: Config) -> Base | None:
    """The build that the last process kept. The file is as trustworthy as the program beside it: only a
    record made by this very program leads here."""
    try:
        with few_collections(), of_output(config, BASE).open("rb") as file:
            base = pickle.load(file)  # noqa: S301 - see above
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError, ValueError):
        return None
    return base if isinstance(base, Base) else None
