"""Read and parse the files of a wiki. Files unchanged since the last build are taken from its cache."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from . import incremental, open_types, parsed, read, stray_files
from .config import Config
from .incremental import Cache, fingerprint
from .listings import INDEX, Listing, declares_bundle, is_listing, is_reserved, listing
from .model import RawFile, WikiPage, grouped
from .open_types import Candidate, names_types, stated_type, without_ranks
from .parallel import ordered_map
from .parsed import ParsedPage
from .problems import Problem, problem
from .read import Content, PageFile
from .repository import without_link
from .schema import ANY, EdgeType, Schema
from .text import names
from .text.okf_fields import FIELD_EDGES
from .words import Words, words


def with_field_edges(schema: Schema, pages: Iterable[WikiPage], words: Words) -> Schema:
    """Return the schema with the field edges that pages use, as associations between pages of any types."""
    used = {link.edge for page in pages for link in page.outgoing_links if link.edge in FIELD_EDGES}
    new = {
        name: EdgeType(
            name,
            frozenset({ANY}),
            frozenset({ANY}),
            words(f"edge-{name}"),
            words(f"edge-{name}-inverse"),
            association=True,
            open=True,
        )
        for name in sorted(filter(None, used))
        if not schema.orientations(name)
    }
    return replace(schema, edges={**schema.edges, **new}) if new else schema


MOST_KEPT = 32 << 20
"""Bytes of changed files that are kept until they are parsed. Further files are read again, which takes less memory."""
Progress = Callable[[int, int], None]
"""Called with the number of pages read so far, and of all pages."""


class Loaded(Struct, frozen=True):
    """All pages and files that were read, and their problems."""

    pages: list[ParsedPage]
    files: dict[str, PageFile]
    """By path."""
    texts: dict[str, RawFile]
    """Files of pages by path, if they are kept in memory."""
    indexes: tuple[RawFile, ...]
    problems: list[Problem]
    """Problems that belong to no single page."""
    unread: frozenset[str]
    """Names of pages whose files could not be read."""
    schema: Schema
    """The site's schema, with the types that pages bring."""
    reserved: tuple[Listing, ...] = ()
    """The ``index.md`` and ``log.md`` files of a bundle."""
    left_out: tuple[str, ...] = ()
    """Paths of Markdown files that are neither pages nor reserved files."""


class _Known(NamedTuple):
    """A file before its page is parsed."""

    file: PageFile
    content: str
    """Fingerprint of the content."""
    read: Content | None
    """None if the file is unchanged, or is to be read again."""
    stated: str = ""
    """The type that its front matter states."""
    classic: bool = False
    """Whether its links name types of the schema."""


def load(config: Config, known_ids: Iterable[str], progress: Progress, cache: Cache | None = None) -> Loaded:
    """Read the sources and parse each page. ``known_ids`` are the ids of an earlier build (see ``strays``).

    With a ``cache``, unchanged files are neither read nor parsed again, and the cache then holds the current pages. The
    texts of files are kept only without a cache.
    """
    now, base_schema = incremental.inputs(config) if cache else None, config.schema
    file_list, problems = read.page_files(config.sources, config.schema, config.project, config.execute)
    problems += _without_edit_link(config)
    kind = config.schema.by_hand()
    by_hand = read.notes_by_hand(config.by_hand, kind.name, config.project) if config.by_hand and kind else []
    listed: list[_Known] = []
    indexes: list[RawFile] = []
    reserved: list[tuple[Path, Listing]] = []
    bundles = [source for source in config.sources if _declares_bundle(source)]
    bytes_kept = 0
    for file in (*file_list, *by_hand):
        before = cache.pages.get(file.name) if cache else None
        declared = any(file.path.is_relative_to(entry) for entry in bundles)
        if before and declared and is_reserved(file.path.name, before.stated):
            before = None  # it was a page before its folder was declared a bundle
        if cache and now and before and cache.is_unchanged(file.path, now):
            classic = any(link.type and base_schema.folder_type(link.type) for link in before.page.outgoing_links)
            listed.append(_Known(file, before.content, None, before.stated, classic))
            continue
        content = read.read_page(file)
        if isinstance(content, Problem):
            problems.append(content)
        elif content and file.is_index:
            indexes.append(content.raw)
            problems += content.problems
        elif content:
            stated, classic = stated_type(content.raw.text), names_types(content.raw.text, base_schema)
            name, text = file.path.name, content.raw.text
            if is_reserved(name, stated) and (declared or (not file.page_type and (stated or is_listing(name, text)))):
                reserved.append((file.path, listing(content.raw)))
                continue
            bytes_kept += len(content.data)
            kept = content._replace(data=b"") if not cache or bytes_kept < MOST_KEPT else None
            listed.append(_Known(file, fingerprint(content.data), kept, stated, classic))
    known, schema = _typed(listed, [file.path for file in by_hand], config)
    config = replace(config, schema=schema)
    paths = {entry.file.path for entry in known}
    if not bundles and not any(entry.file.path in paths and not entry.file.page_type for entry in listed):
        reserved.clear()  # pages are in the schema's folders, and these files are in none of them
    used = paths | {path for path, _ in reserved}
    entries = list(stray_files.list_entries(config.sources, base_schema, pages=used))
    problems += stray_files.stray_problems(entries, base_schema, config.project, config.sources)
    unread = stray_files.unread_stems(problems, entries, known_ids, config.schema)
    spaces = namespaces_of((entry.file.root, entry.file.path.stem, entry.file.page_type) for entry in known)
    spaces |= {(file.root, file.path.stem): "" for file in by_hand}
    texts = {} if cache else {entry.file.name: entry.read.raw for entry in known if entry.read}
    pages = _parsed_pages(known, spaces, config, cache, progress)
    if cache and now:
        cache.remember(now, {page.path: page for page in pages})
    files = {entry.file.name: entry.file for entry in known}
    left_out = [read.display_path(path, config.project) for path in stray_files.left_out(entries)]
    listings = tuple(entry for _, entry in reserved)
    schema = with_field_edges(schema, (entry.page for entry in pages), words(config.language))
    return Loaded(pages, files, texts, tuple(indexes), problems, unread, schema, listings, tuple(left_out))


def _declares_bundle(source: Path) -> bool:
    path = source / INDEX
    try:
        return path.is_file() and declares_bundle(read.decode(path.read_bytes()[: read.LARGEST_PAGE])[0])
    except OSError:
        return False


def _typed(listed: list[_Known], by_hand: Collection[Path], config: Config) -> tuple[list[_Known], Schema]:
    """Return the files that are pages, each with its type, and the schema with the types that they bring."""
    open_files = [entry for entry in listed if entry.file.path not in set(by_hand)]
    candidates = [
        Candidate(
            entry.stated,
            entry.file.page_type,
            _folders(entry.file.path, config),
            entry.classic,
            stray_files.is_about(entry.file.path),
        )
        for entry in open_files
    ]
    vault = any((source / ".obsidian").is_dir() for source in config.sources)
    schema, names = open_types.assign(candidates, config.schema, config.default_type, vault=vault, notes=bool(by_hand))
    types = {entry.file.path: name for entry, name in zip(open_files, names, strict=True)}
    known: list[_Known] = []
    for entry in listed:
        name = types.get(entry.file.path, entry.file.page_type)
        if name and name != entry.file.page_type:
            file = entry.file._replace(page_type=name)
            content = entry.read and entry.read._replace(raw=replace(entry.read.raw, page_type=name))
            known.append(entry._replace(file=file, read=content))
        elif name:
            known.append(entry)
    certain = any(candidate.folder_type or candidate.classic for candidate in candidates)
    return known, without_ranks(schema, [name for name in names if name], certain)


def _folders(path: Path, config: Config) -> tuple[str, ...]:
    """Return the names of the folders of a file below its source."""
    source = next((source for source in config.sources if path.is_relative_to(source)), path.parent)
    return path.parent.relative_to(source).parts


def _parsed_pages(
    known: list[_Known],
    namespaces: Mapping[tuple[str, str], str],
    config: Config,
    cache: Cache | None,
    progress: Progress,
) -> list[ParsedPage]:
    """Return the pages of files, from the cache where it has them. Files that have just been deleted have none.

    The contents of files are removed from ``known`` on the way: those of a large wiki do not fit in memory.
    """
    parsed_by = parsed.parser(config)
    pages: list[ParsedPage | None] = [None] * len(known)
    changed = []
    for number, entry in enumerate(known):
        namespace = namespaces[entry.file.root, entry.file.path.stem]
        before = cache.pages.get(entry.file.name) if cache else None
        key = parsed.parsed_fingerprint(parsed_by, entry.file, namespace, entry.content)
        if before and before.fingerprint == key and before.is_of(entry.file, namespace):
            pages[number] = before
        else:
            changed.append(number)
    unchanged = len(known) - len(changed)
    progress(unchanged, len(known))

    def parse(number: int) -> ParsedPage | None:
        entry = known[number]
        return _parsed(entry, namespaces[entry.file.root, entry.file.path.stem], parsed_by, config)

    for done, (number, page) in enumerate(zip(changed, ordered_map(parse, changed), strict=True), unchanged + 1):
        pages[number] = page
        known[number] = known[number]._replace(read=None)
        progress(done, len(known))
    return [page for page in pages if page]


def _parsed(entry: _Known, namespace: str, parsed_by: str, config: Config) -> ParsedPage | None:
    """Parse the page of a file; None if the file has just been deleted."""
    content = entry.read or read.read_page(entry.file)
    if not isinstance(content, Content):
        return None
    digest = entry.content if entry.read else fingerprint(content.data)
    key = parsed.parsed_fingerprint(parsed_by, entry.file, namespace, digest)
    return parsed.parse_page(content.raw, content.problems, namespace, digest, key, config, entry.stated)


def namespaces_of(files: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str], str]:
    """Return the namespace of each page, by root and stem. ``files`` are root, stem and type of each."""
    return {
        (root, stem): space
        for root, pages in grouped(files, lambda file: file[0]).items()
        for stem, space in names.namespaces([(stem, page_type) for _, stem, page_type in pages]).items()
    }


class Texts(Mapping[str, RawFile]):
    """The files of pages by page id, each read on first access. Few rules look at the text of unchanged pages."""

    def __init__(self, files: Mapping[str, PageFile]) -> None:
        self._files = files

    def __getitem__(self, page_id: str) -> RawFile:
        file = self._files[page_id]
        content = read.read_page(file)
        if isinstance(content, Content):
            return content.raw
        return RawFile(file.name, file.page_type, file.path.stem, file.root, "", file.trusted)

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def _without_edit_link(config: Config) -> Iterator[Problem]:
    """Yield X003: wikis outside the project, whose pages have no address in a repository on the web."""
    for source in without_link(config):
        message = f"`website: repo-url` is that of the project: notes of the wiki in {source} have no Edit link"
        hint = "they have one where the wiki is a git repository with a remote on the web"
        yield problem("X003", "_quarto.yml", 1, 1, message, hint)
