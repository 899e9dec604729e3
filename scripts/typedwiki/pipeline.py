"""Load, resolve and check the whole wiki, and collect the data that its notes need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from . import resolve
from .audit.check import check
from .audit.context import Context
from .config import Config
from .incremental import Cache, fingerprint, program
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
from .schema import Schema
from .stray_files import find_attachments
from .words import words

if TYPE_CHECKING:
    from .notes.note_links import Site

# Modules that generate notes are imported inside functions, because the audit does not need them.


class Wiki(Struct, frozen=True):
    """A wiki that has been read and resolved, and its problems."""

    graph: Graph
    problems: tuple[Problem, ...]
    context: Context
    copies: Mapping[str, bytes]
    """Published files beside pages, by path relative to the notes folder."""
    names: Mapping[str, str]
    """Note of each page, by page id (see ``notes.permalinks``)."""
    redirects: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Further addresses that redirect to pages, by page id."""
    gone: Mapping[str, KeptAddress] = field(default_factory=dict)
    """Addresses of deleted pages, by page id."""
    held: tuple[str, ...] = ()
    """Paths of the pages that are held back."""
    trusted: frozenset[str] = frozenset()
    """Ids of the pages whose cells may run."""
    parsed: Mapping[str, ParsedPage] = field(default_factory=dict)
    """The parsed pages, by page id."""
    places: Mapping[tuple[str, str], Path] = field(default_factory=dict)
    """Files beside pages, by the path of the page and the path that it writes."""

    @property
    def schema(self) -> Schema:
        """Return the schema of the site, with the types that pages bring."""
        return self.context.schema


@gc_paused()
def load_wiki(
    config: Config,
    progress: Progress = lambda done, total: None,
    cache: Cache | None = None,
) -> Wiki:
    """Read the sources, parse each page, resolve all links and check the wiki.

    With a ``cache``, pages whose files are unchanged are not parsed again.

    Raises:
        LockedError: pages are being changed, or a change is incomplete.
    """
    return read_consistently(config.project, lambda: _load_wiki(config, progress, cache))


def _load_wiki(config: Config, progress: Progress, cache: Cache | None) -> Wiki:
    recorded = permalinks.record(config.record)
    loaded = load(config, recorded, progress, cache)
    config = replace(config, schema=loaded.schema)
    parsed, held, problems = _without_drafts(loaded, config)
    by_path = {parsed_page.path: parsed_page for parsed_page in parsed}
    prepared = _prepare(parsed, loaded, config)
    files, pages = prepared.files, prepared.pages
    graph, new_problems = resolve.resolve(pages, config.schema, held)
    problems += [*prepared.problems, *new_problems]
    config = replace(config, schema=with_edges(config.schema, graph, words(config.language)))

    listings = resolve_listings(loaded.reserved, pages, config.schema)
    attachments = find_attachments([*pages, *listings.as_pages()], config)
    requirements = {
        page_id: parsed_page.requirements
        for page_id, parsed_page in prepared.as_parsed.items()
        if parsed_page.requirements and parsed_page.page.id == page_id
    }
    context = Context(
        graph,
        config.schema,
        files,
        loaded.indexes,
        config.settings,
        attached=attachments.targets,
        unpublished=attachments.unshown,
        requirements=wiki_requirements(graph.pages.values(), files, config.schema, requirements),
        findings={page_id: parsed_page.alone for page_id, parsed_page in prepared.as_parsed.items()},
        index_contents=cache.indexes if cache else {},
        listings=listings,
        left_out=loaded.left_out,
    )

    unread = frozenset(map(resolve.normalise, loaded.unread))
    addresses = {page_id: address.name for page_id, address in recorded.items()}
    names = permalinks.note_names(graph, config.schema, addresses)
    still_there = [page.id for page in held] + [i for i in recorded if resolve.normalise(i.partition("/")[2]) in unread]
    redirects = permalinks.redirects(graph, config.schema, names, addresses)
    gone = permalinks.gone(graph, recorded, redirects, still_there)
    record = config.record if config.record == config.by_hand else None
    problems += permalinks.lost(record, config.project, recorded, names, gone)
    return Wiki(
        graph,
        tuple(check(context, problems, unread=unread, held_back=[page.stem for page in held])),
        context,
        attachments.copies,
        names,
        redirects,
        gone,
        held=tuple(page.path for page in held),
        trusted=frozenset(page.id for page in pages if loaded.files[page.path].trusted),
        parsed={page.id: by_path[page.path] for page in pages},
        places=attachments.places,
    )


def _without_drafts(loaded: Loaded, config: Config) -> tuple[list[ParsedPage], list[WikiPage], list[Problem]]:
    """Return the pages to publish, the pages that are held back, and the problems of the former."""
    held = [] if config.drafts else [parsed_page.page for parsed_page in loaded.pages if parsed_page.page.held_back]
    hidden = {page.path for page in held}
    published = [parsed_page for parsed_page in loaded.pages if parsed_page.path not in hidden]
    problems = [*loaded.problems, *(problem for parsed_page in published for problem in parsed_page.problems)]
    return published, held, [problem for problem in problems if problem.path not in hidden]


class _Prepared(NamedTuple):
    """The pages between which links are resolved."""

    pages: Sequence[WikiPage]
    files: Mapping[str, RawFile]
    """By page id."""
    as_parsed: Mapping[str, ParsedPage]
    """Pages that have not changed since they were parsed, by id."""
    problems: list[Problem]


def _prepare(parsed: Sequence[ParsedPage], loaded: Loaded, config: Config) -> _Prepared:
    """Give each page a unique id and a date, follow redirects, and replace pages that would cost too much."""
    pages, problems = resolve.unique_ids(with_dates([parsed_page.page for parsed_page in parsed], config))
    pages, new_problems = resolve.without_redirects(pages)
    problems = [*problems, *new_problems]
    files = _files(pages, loaded)
    pages = without_listed_links(pages, loaded.reserved)
    suspects = {parsed_page.path for parsed_page in parsed if parsed_page.suspicious}
    before = pages
    pages, new_problems = replace_costly_pages(pages, suspects, files, config.project)
    by_path = {parsed_page.path: parsed_page for parsed_page in parsed}
    as_parsed = {page.id: by_path[page.path] for page, old in zip(pages, before, strict=True) if page is old}
    return _Prepared(pages, files, as_parsed, [*problems, *new_problems])


def _files(pages: Iterable[WikiPage], loaded: Loaded) -> Mapping[str, RawFile]:
    """Return the files of pages by page id. If they are not in memory, each is read on first access."""
    if loaded.texts:
        return {page.id: loaded.texts[page.path] for page in pages}
    return Texts({page.id: loaded.files[page.path] for page in pages})


def with_types(config: Config, wiki: Wiki) -> Config:
    """Return the configuration with the types that the wiki's pages bring."""
    return replace(config, schema=wiki.schema)


def site_context(wiki: Wiki, config: Config, cache: Cache | None = None) -> Site:
    """Return the data about the whole wiki that is needed to generate a note or an export."""
    from .notes.note_links import Site, absent_pages, file_index, reading_paths, trails
    from .pages.pictures import pictures

    graph, config = wiki.graph, with_types(config, wiki)
    paths = reading_paths(graph, config.schema)
    namespaces = {page.namespace for page in graph.pages.values() if page.namespace}
    return Site(
        graph,
        config.schema,
        wiki.names,
        file_index(graph.pages.values()),
        wiki.context.attached,
        repositories=repositories(config),
        requirements=wiki.context.requirements.rows,
        problems=Counter(problem.path for problem in wiki.problems if problem.severity != "info"),
        paths=paths,
        trails=trails(graph, config.schema),
        redirects=wiki.redirects,
        trusted=wiki.trusted,
        related=_related(graph, cache or Cache()),
        remote_images=config.settings.remote_images,
        words=words(config.language),
        several_namespaces=len(namespaces) > 1,
        contents=frozenset(index_file.root for index_file in wiki.context.listings.indexes),
        changes=bool(wiki.context.listings.logs),
        ways=not config.website.leads_here,
        absent=absent_pages(graph, config.schema, paths),
        cards=config.website.cards,
        has_address=bool(config.site_url),
        pictures=pictures(config, graph.pages, wiki.names)[0],
    )


def _related(graph: Graph, cache: Cache) -> Mapping[str, tuple[str, ...]]:
    """Return the related pages of each page. They are computed only if what they depend on has changed."""
    from .notes.connections import related

    names = [(page.id, page.page_title, page.overview) for page in graph.pages.values()]
    key = fingerprint(program(), names, [(edge.source, edge.target) for edge in graph.edges])
    if cache.related[0] != key:
        cache.related = key, related(graph)
    return cache.related[1]
