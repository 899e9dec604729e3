"""From pages to the whole wiki: load, resolve, check; then generate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from . import resolve
from .audit.check import check
from .audit.context import Context
from .config import Config
from .incremental import Cache
from .listings import resolve_listings, without_listed_links
from .load import Loaded, Progress, Texts, load
from .lock import read_consistently
from .model import Graph, RawFile, WikiPage
from .notes import permalinks
from .notes.permalinks import KeptAddress
from .open_types import with_edges
from .parsed import ParsedPage, replace_costly_pages
from .problems import Problem
from .program import gc_paused
from .repository import repositories, with_dates
from .requirements.inherit import wiki_requirements
from .schema import ENVIRONMENT, Schema
from .stray_files import find_attachments
from .words import words

if TYPE_CHECKING:
    from .notes.note_links import Site

# What generates notes is imported by the functions that do: the audit does without.


@dataclass(frozen=True)
class Wiki:
    """A wiki that has been read and understood, and what is wrong with it."""

    graph: Graph
    problems: tuple[Problem, ...]
    context: Context
    copies: Mapping[str, bytes]
    """Files beside pages that the site shows, by path relative to the notes folder."""
    addresses: Mapping[str, str]
    """Where notes have stood, by page id (see ``notes.permalinks``)."""
    gone: Mapping[str, KeptAddress] = field(default_factory=dict)
    """Addresses of pages that are gone, by page id."""
    held: int = 0
    """Number of the pages that are held back."""
    trusted: frozenset[str] = frozenset()
    """Ids of the pages whose cells may run."""
    parsed: Mapping[str, ParsedPage] = field(default_factory=dict)
    """The pages as they were parsed, by page id."""
    places: Mapping[tuple[str, str], Path] = field(default_factory=dict)
    """Where the files beside pages are, by the path of the page and the path that it writes."""

    @property
    def schema(self) -> Schema:
        """The schema of the site, with the types that pages bring."""
        return self.context.schema


@gc_paused()
def load_wiki(
    config: Config,
    progress: Progress = lambda done, total: None,
    cache: Cache | None = None,
) -> Wiki:
    """Read the sources, parse each page, resolve the whole and check it.

    With a ``cache`` pages whose files are as they were are not parsed again.

    Raises:
        LockedError: pages are being changed, or were left half changed.
    """
    return read_consistently(config.project, lambda: _load_wiki(config, progress, cache))


def _load_wiki(config: Config, progress: Progress, cache: Cache | None) -> Wiki:
    recorded = permalinks.record(config.record)
    loaded = load(config, recorded, progress, cache)
    config = replace(config, schema=loaded.schema)
    parsed = loaded.pages
    held = [] if config.drafts else [parsed_page.page for parsed_page in parsed if parsed_page.page.held_back]
    if held:
        parsed = [parsed_page for parsed_page in parsed if not parsed_page.page.held_back]
    problems = [*loaded.problems, *(p for parsed_page in parsed for p in parsed_page.problems)]
    if held:
        hidden = {page.path for page in held}
        problems = [p for p in problems if p.path not in hidden]
    by_path = {parsed_page.path: parsed_page for parsed_page in parsed}
    pages, new_problems = resolve.unique_ids(with_dates([parsed_page.page for parsed_page in parsed], config))
    problems += new_problems
    pages, new_problems = resolve.without_redirects(pages)
    problems += new_problems
    files = _files(pages, loaded)
    pages = without_listed_links(pages, loaded.reserved)
    suspects = {parsed_page.path for parsed_page in parsed if parsed_page.suspicious}
    unread, before = frozenset(map(resolve.normalise, loaded.unread)), pages
    pages, new_problems = replace_costly_pages(pages, suspects, files, config.project)
    problems += new_problems
    as_parsed = {page.id: by_path[page.path] for page, old in zip(pages, before, strict=True) if page is old}
    graph, new_problems = resolve.resolve(pages, config.schema, held)
    config = replace(config, schema=with_edges(config.schema, graph, words(config.language)))
    listings = resolve_listings(loaded.reserved, pages, config.schema)
    attachments = find_attachments([*pages, *listings.as_pages()], config)
    asks = {
        page_id: one.requirements for page_id, one in as_parsed.items() if one.requirements and one.page.id == page_id
    }
    types = {kind.name for kind in config.schema.with_role(ENVIRONMENT)}
    needs = wiki_requirements(graph.pages.values(), files, config.schema.sections, asks, types)
    alone = {page_id: parsed_page.alone for page_id, parsed_page in as_parsed.items()}
    context = Context(
        graph,
        config.schema,
        files,
        loaded.indexes,
        config.settings,
        attachments.targets,
        attachments.unshown,
        needs,
        alone,
        listings,
        loaded.left_out,
    )
    locked = {page_id: address.name for page_id, address in recorded.items()}
    names = permalinks.note_names(graph, config.schema, locked)
    still_there = [page.id for page in held] + [i for i in recorded if resolve.normalise(i.partition("/")[2]) in unread]
    lost = permalinks.gone(graph, recorded, permalinks.redirects(graph, config.schema, names, locked), still_there)
    new_problems += permalinks.lost(config.record if config.record == config.by_hand else None, config.project, lost)
    problems = check(context, [*problems, *new_problems], unread=unread, held_back=[page.stem for page in held])
    trusted = frozenset(page.id for page in pages if loaded.files[page.path].trusted)
    parsed_pages = {page.id: by_path[page.path] for page in pages}
    copies, places = attachments.copies, attachments.places
    return Wiki(graph, tuple(problems), context, copies, locked, lost, len(held), trusted, parsed_pages, places)


def _files(pages: Iterable[WikiPage], loaded: Loaded) -> Mapping[str, RawFile]:
    """The files of pages by page id: all of them where they are held."""
    if loaded.texts:
        return {page.id: loaded.texts[page.path] for page in pages}
    return Texts({page.id: loaded.files[page.path] for page in pages})


def with_types(config: Config, wiki: Wiki) -> Config:
    """The configuration with the types that the pages of the wiki bring."""
    return replace(config, schema=wiki.schema)


def site_context(wiki: Wiki, config: Config) -> Site:
    """What emitting a note, or an export, needs to know of the whole wiki."""
    from .notes.connections import related
    from .notes.note_links import Site, absent_pages, file_index, reading_paths, trails

    graph, config = wiki.graph, with_types(config, wiki)
    names = permalinks.note_names(graph, config.schema, wiki.addresses)
    paths = reading_paths(graph, config.schema)
    return Site(
        graph,
        config.schema,
        names,
        file_index(graph.pages.values()),
        wiki.context.attached,
        repositories(config),
        wiki.context.requirements.rows,
        Counter(p.path for p in wiki.problems if p.severity != "info"),
        paths,
        trails(graph, config.schema),
        permalinks.redirects(graph, config.schema, names, wiki.addresses),
        wiki.trusted,
        related(graph),
        config.settings.remote_images,
        words(config.language),
        len({page.namespace for page in graph.pages.values() if page.namespace}) > 1,
        frozenset(index_file.root for index_file in wiki.context.listings.indexes),
        bool(wiki.context.listings.logs),
        not config.website.leads_here,
        absent_pages(graph, config.schema, paths),
    )


@gc_paused()
def generate(wiki: Wiki, config: Config) -> tuple[dict[str, bytes], dict[str, str]]:
    """Every generated file by path relative to the notes folder, and the page each comes from."""
    from .generate import products

    generated = [(product.origin, product.make()) for product in products(wiki, config, site_context(wiki, config))]
    files = {name: data for _, group in generated for name, data in group.items()}
    return files, {name: origin for origin, group in generated for name in group if origin}
