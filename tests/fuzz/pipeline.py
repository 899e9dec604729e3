"""Runs one page's bytes through the whole pipeline in process: decode, parse, resolve, check, emit."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import _lru_cache_wrapper, cache
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from build_steps import read_pages
from conftest import GOLDEN, ROOT
from typedwiki import resolve, schema
from typedwiki.audit.check import check
from typedwiki.audit.context import Context
from typedwiki.config import Config, Settings
from typedwiki.model import Graph, RawFile, WikiPage
from typedwiki.notes import note_file
from typedwiki.notes.permalinks import note_names
from typedwiki.pipeline import Wiki, site_context
from typedwiki.problems import Problem
from typedwiki.read import decode
from typedwiki.text.parse import parse

SCHEMA = schema.load()
_CACHING = ("typedwiki.text", "typedwiki.audit", "typedwiki.notes")
_CONFIG = Config(ROOT, (), ROOT / "notes", SCHEMA, Settings({}))


class Seed(NamedTuple):
    """A file of a wiki."""

    path: str
    """As in a RawFile; only its suffix matters here."""
    page_type: str
    data: bytes
    is_index: bool = False


class Converted(NamedTuple):
    """The result of the pipeline for a page."""

    text: str
    """The decoded source."""
    page: WikiPage
    note: str
    """Empty for an index file, which has no note."""
    problems: list[Problem]


class TooSlowError(Exception):
    """A case has used up its processor time."""


@cache
def seeds() -> tuple[Seed, ...]:
    """Pages and index files of the sample wiki, of the goldens and of TYPEDWIKI_CORPUS."""
    folders = [ROOT / "data/wikis", *(case / "wiki" for case in sorted(GOLDEN.iterdir()))]
    if corpus := os.environ.get("TYPEDWIKI_CORPUS"):
        folders.append(Path(corpus))
    result = []
    for folder in folders:
        pages, indexes, _ = read_pages([folder], SCHEMA, ROOT)
        for file in [*pages, *indexes]:
            result.append(Seed(file.path, file.page_type, (ROOT / file.path).read_bytes(), file in indexes))
    return tuple(result)


@cache
def _neighbours() -> tuple[tuple[RawFile, WikiPage], ...]:
    pages, _, _ = read_pages([GOLDEN / "two_dialects/wiki"], SCHEMA, ROOT)
    return tuple((file, parse(file, SCHEMA, "acme_kit")[0]) for file in pages)


def parse_and_resolve(seed: Seed) -> tuple[RawFile, WikiPage, Graph, list[Problem]]:
    """Decode and parse one file, and resolve it together with a few other pages."""
    text, _ = decode(seed.data)
    suffix = Path(seed.path).suffix
    file = RawFile(f"wiki/{seed.page_type}/Fuzzed{suffix}", seed.page_type, "Fuzzed", "wiki", text)
    page, problems = parse(file, SCHEMA)
    pages, _ = resolve.unique_ids([page, *(neighbour for _, neighbour in _neighbours())])
    graph, more_problems = resolve.resolve(pages, SCHEMA)
    return file, page, graph, [*problems, *more_problems]


def run_pipeline(seed: Seed) -> Converted:
    """Convert one file to its note."""
    file, page, graph, problems = parse_and_resolve(seed)
    files = {page_beside.id: file for file, page_beside in _neighbours()} | {page.id: file}
    context = Context(graph, SCHEMA, files, (file,) if seed.is_index else (), _CONFIG.settings)
    problems_found = check(context, problems)
    wiki = Wiki(graph, tuple(problems_found), context, {}, note_names(graph, SCHEMA, {}))
    return Converted(file.text, page, note_file.note(page, site_context(wiki, _CONFIG)), problems_found)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Limit the processor time of the body.

    Raises:
        TooSlowError: it needs more.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlowError(f"more than {seconds:.1f} s of processor time")

    previous = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)


def clear_caches() -> None:
    """Empty the caches, which are sized for one wiki and not for thousands of cases."""
    for item in gc.get_objects():
        if isinstance(item, _lru_cache_wrapper) and str(item.__module__).startswith(_CACHING):
            item.cache_clear()
