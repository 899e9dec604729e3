"""The house from front to back: read, parse, resolve, check, emit."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from . import read, resolve, strays
from .audit.check import check
from .audit.context import Context
from .audit.outline import outline
from .config import Config
from .costly import with_costly_as_text
from .export.files import export_files
from .garbage import few_collections
from .history import dated
from .lock import undisturbed
from .model import Graph, RawFile, WikiPage
from .notes import addresses, emit, linking
from .notes.addresses import Kept
from .notes.by_hand import by_hand_files
from .notes.figures import figure_files
from .notes.locations import file_index
from .notes.memo import Memo, dependencies
from .notes.related import related
from .pages.audit_pages import audit_files
from .pages.explore import explore_page
from .pages.overview import overview_files
from .pages.path_pages import path_files
from .pages.paths import reading_paths, trails
from .pages.site import site_files
from .problems import Problem, problem
from .repository import repositories, without_link
from .requirements.inherit import wiki_requirements
from .search import fulltext
from .text import namespaces, parse
from .text.dialect import dialect
from .text.svg import is_inert

Progress = Callable[[int, int], None]
"""Told how many of how many pages have been read."""
LARGEST_ASSET = 20_000_000
"""Bytes; a bigger file beside a page is not copied."""
ASSET_SUFFIXES = frozenset(
    re.findall(
        r"\.\w+",
        ".png .jpg .jpeg .gif .webp .avif .svg .pdf .csv .tsv .json .txt .ipynb .py .zip",
    )
)


@dataclass(frozen=True)
class Wiki:
    """A wiki that has been read and understood, and what is wrong with it."""

    graph: Graph
    problems: tuple[Problem, ...]
    context: Context
    copies: Mapping[str, bytes]
    """Files beside pages that the site shows, by path relative to the notes folder."""
    addresses: Mapping[str, str]
    """Where notes have stood, by page id (see ``addresses``)."""
    gone: Mapping[str, Kept] = field(default_factory=dict)
    """Addresses of pages that are gone, by page id."""
    held: int = 0
    """Number of the pages that are held back."""


@few_collections()
def understand(config: Config, progress: Progress = lambda done, total: None, memo: Memo | None = None) -> Wiki:
    """Read the sources, parse each page, resolve the whole and check it.

    With a ``memo`` pages whose file is as it was are not parsed again.

    Raises:
        BusyError: pages are being changed, or were left half changed.
    """
    return undisturbed(config.project, lambda: _understood(config, progress, memo))


def _understood(config: Config, progress: Progress, memo: Memo | None) -> Wiki:
    parsed = memo.parsed if memo else {}
    raw, indexes, problems = read.read(config.sources, config.schema, config.project, config.execute)
    entries = list(strays.entries(config.sources, config.schema))
    problems += strays.stray_problems(entries, config.schema, config.project, config.sources)
    recorded = addresses.record(config.record)
    unread = frozenset(map(resolve.normalise, strays.unread_stems(problems, entries, recorded, config.schema)))
    problems += _without_edit_link(config)
    spaces = namespaces_of(raw)
    kind = config.schema.by_hand()
    if config.by_hand and kind:
        notes, found = read.read_by_hand(config.by_hand, kind.name, config.project)
        raw, problems = [*raw, *notes], [*problems, *found]
        spaces |= {(note.root, note.stem): "" for note in notes}
    pages: list[WikiPage] = []
    for file in raw:
        known = (file, spaces[file.root, file.stem])
        if known not in parsed:
            parsed[known] = parse.parse(file, config.schema, known[1])
            outline(file, config.schema)  # the audit will ask for it; now the scan of this page is at hand
        page, found = parsed[known]
        pages.append(page)
        progress(len(pages), len(raw))
        problems += found
    held = [] if config.drafts else [page for page in pages if page.held_back]
    if held:
        raw = [file for page, file in zip(pages, raw, strict=True) if not page.held_back]
        pages = [page for page in pages if not page.held_back]
        problems = [p for p in problems if p.path not in {page.path for page in held}]
    pages, found = resolve.unique_ids(dated(pages, config))
    problems += found
    files = {page.id: file for page, file in zip(pages, raw, strict=True)}
    pages, found = resolve.without_redirects(pages)
    problems += found
    files = {page.id: files[page.id] for page in pages}
    pages, found = with_costly_as_text(pages, files, config.project)
    problems += found
    graph, found = resolve.resolve(pages, config.schema, held)
    attached, copies, unshown = _attached(pages, config)
    needs = wiki_requirements(graph.pages.values(), files, config.schema.sections)
    context = Context(
        graph, config.schema, files, tuple(indexes), config.settings, attached, unshown, requirements=needs
    )
    locked = {page_id: kept.name for page_id, kept in recorded.items()}
    names = addresses.note_names(graph, config.schema, locked)
    there = [page.id for page in held] + [i for i in recorded if resolve.normalise(i.partition("/")[2]) in unread]
    gone = addresses.gone(graph, recorded, addresses.redirects(graph, config.schema, names, locked), there)
    found += addresses.lost(config.record if config.record == config.by_hand else None, config.project, gone)
    problems = check(context, [*problems, *found], unread=unread, held=[page.stem for page in held])
    return Wiki(graph, tuple(problems), context, copies, locked, gone, len(held))


def _without_edit_link(config: Config) -> Iterator[Problem]:
    """X003: wikis outside the project, to whose pages no address of a repository leads."""
    for source in without_link(config):
        message = f"`website: repo-url` is that of the project: notes of the wiki in {source} have no Edit link"
        hint = "they have one where the wiki is a git repository with a remote on the web"
        yield problem("X003", "_quarto.yml", 1, 1, message, hint)


def without_texts(wiki: Wiki, config: Config) -> Wiki:
    """A wiki to generate notes from, without the texts of pages, which have been parsed and checked."""
    outline.cache_clear()  # its keys are the files
    dialect.cache_clear()
    files = wiki.context.files.items()
    needed = {i: f for i, f in files if f.trusted or config.schema.types[f.page_type].by_hand}
    return replace(wiki, context=replace(wiki.context, files=needed))


def site_of(wiki: Wiki, config: Config) -> linking.Site:
    """What emitting a note, or an export, needs to know of the whole wiki."""
    graph = wiki.graph
    names = addresses.note_names(graph, config.schema, wiki.addresses)
    return linking.Site(
        graph,
        config.schema,
        names,
        file_index(graph.pages.values()),
        wiki.context.attached,
        repositories(config),
        wiki.context.requirements.rows,
        Counter(p.path for p in wiki.problems if p.severity != "info"),
        reading_paths(graph, config.schema),
        trails(graph, config.schema),
        addresses.redirects(graph, config.schema, names, wiki.addresses),
        frozenset(page_id for page_id, file in wiki.context.files.items() if file.trusted),
        related(graph),
        config.settings.remote_images,
    )


@few_collections()
def generate(wiki: Wiki, config: Config) -> tuple[dict[str, bytes], dict[str, str]]:
    """Every generated file by path relative to the notes folder, and the page each comes from."""
    files, origins = generated(wiki, config, site_of(wiki, config))
    return dict(files), origins


def generated(
    wiki: Wiki, config: Config, site: linking.Site, memo: Memo | None = None
) -> tuple[Iterator[tuple[str, bytes]], dict[str, str]]:
    """As ``generate``, but notes are made when they are asked for: those of a large wiki need not be held.

    With a ``memo`` notes that depend on nothing that has changed are not written again.
    """
    graph = wiki.graph
    outside = [f"{folder.as_posix()}/" for folder in config.sources if not folder.is_relative_to(config.project)]
    about = audit_files(site, wiki.problems, dict(config.settings.severities), outside)
    written = [page for page in graph.pages.values() if not config.schema.types[page.page_type].by_hand]
    notes = ((f"{site.names[p.id]}.qmd", _note(p, site, memo)) for p in written)
    origins = {f"{site.names[p.id]}.qmd": p.path for p in written}
    shared = {**about, **path_files(site), **overview_files(site), **site_files(site), **export_files(site, config)}
    if len(graph.pages) >= config.pagefind_from and fulltext.available():
        shared["assets/types.css"] += fulltext.FLAG.encode()
    shared["wiki/explore.qmd"] = explore_page().encode()
    shared |= by_hand_files(site)
    by_hand = [page for page in graph.pages.values() if config.schema.types[page.page_type].by_hand]
    trusted = [file.text for file in wiki.context.files.values() if file.trusted]
    shared |= figure_files([*(wiki.context.files[page.id].text for page in by_hand), *trusted])
    return chain(notes, shared.items(), wiki.copies.items()), origins


def _note(page: WikiPage, site: linking.Site, memo: Memo | None) -> bytes:
    if memo is None:
        return emit.note(page, site).encode()
    depends = dependencies(page, site, emit.path_minutes(page, site))
    known = memo.notes.get(page.id)
    if known is None or known[0] != depends:
        known = memo.notes[page.id] = (depends, emit.note(page, site).encode())
    return known[1]


def namespaces_of(raw: Iterable[RawFile]) -> dict[tuple[str, str], str]:
    """The namespace of each page, by root and stem."""
    roots: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for file in raw:
        roots[file.root].append((file.stem, file.page_type))
    return {
        (root, stem): space for root, pages in roots.items() for stem, space in namespaces.namespaces(pages).items()
    }


def _attached(
    pages: Iterable[WikiPage], config: Config
) -> tuple[dict[tuple[str, str], str], dict[str, bytes], dict[tuple[str, str], tuple[str, str]]]:
    """Files beside pages that pages show: where each goes in the notes folder, and its bytes; and of those that are
    not shown why, and what to do."""
    targets: dict[tuple[str, str], str] = {}
    copies: dict[str, bytes] = {}
    unshown: dict[tuple[str, str], tuple[str, str]] = {}
    roots = [source.resolve() for source in config.sources]
    for page in pages:
        links = (link.target for link in page.outgoing_links if link.is_path)
        for path in {*page.images, *links}:
            if path.startswith("data:"):
                if picture := data_image(path):
                    suffix, data = picture
                    targets[page.path, path] = target = f"assets/files/{hashlib.sha256(data).hexdigest()[:8]}{suffix}"
                    copies[target] = data
                continue
            file = (config.project / page.path).parent / path
            try:
                real = file.resolve()
                # Nothing from outside the wiki enters the site, by ".." or by symbolic link.
                if not any(real.is_relative_to(root) for root in roots):
                    unshown[page.path, path] = f"`{path}` leads out of the wiki; not shown", "copy the file into it"
                    continue
                if not real.is_file():
                    if near := _in_other_case(real):
                        unshown[page.path, path] = f"no file `{path}`", f"its name is {near}: case counts"
                    continue
                if file.suffix.lower() not in ASSET_SUFFIXES or _is_hidden(path):
                    unshown[page.path, path] = f"`{path}` is of a kind that is not published", ""
                    continue
                if (size := real.stat().st_size) > LARGEST_ASSET:
                    said = f"`{path}` has {size:,} bytes, more than {LARGEST_ASSET:,}; not shown"
                    unshown[page.path, path] = said, "make it smaller"
                    continue
                data = real.read_bytes()
                if file.suffix.lower() == ".svg" and not is_inert(data):
                    said = f"the drawing `{path}` holds more than shapes, texts and styles; not shown"
                    unshown[page.path, path] = said, "save it as plain SVG, or as PNG"
                    continue
            except (OSError, ValueError, RuntimeError):  # RuntimeError: links that lead to each other
                continue
            stamp = hashlib.sha256(data).hexdigest()[:8]
            name = "".join(c if c.isalnum() or c in "-_." else "_" for c in Path(path).name)[-50:]
            target = f"assets/files/{stamp}-{name}"
            targets[page.path, path] = target
            copies[target] = data
    return targets, copies, unshown


def _in_other_case(path: Path) -> str:
    """The name of a file that differs from a missing one in case only; empty if there is none."""
    names = sorted(other.name for other in path.parent.iterdir()) if path.parent.is_dir() else []
    return next((name for name in names if name.casefold() == path.name.casefold()), "")


_DATA_IMAGE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/=\s]+)")


def data_image(address: str) -> tuple[str, bytes] | None:
    """The suffix and the bytes of a picture that stands in its address; None if it is none or too large."""
    match = _DATA_IMAGE.fullmatch(address)
    if not match or len(match[2]) > LARGEST_ASSET:
        return None
    try:
        return f".{match[1]}", base64.b64decode(match[2], validate=False)
    except ValueError:
        return None


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") and part != ".." for part in Path(path).parts)
