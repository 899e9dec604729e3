"""One page's bytes through the whole house, in process: decode, parse, resolve, check, emit."""

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

from conftest import GOLDEN, ROOT
from steps import read
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
    """As in a RawFile; only its ending matters here."""
    page_type: str
    data: bytes
    is_index: bool = False


class Emitted(NamedTuple):
    """What became of a page."""

    text: str
    """Decoded."""
    page: WikiPage
    note: str
    """Empty for an index file, which has none."""
    problems: list[Problem]


class TooSlowError(Exception):
    """The processor time that a case may take is used up."""


@cache
def seeds() -> tuple[Seed, ...]:
    """Pages and index files of the sample wiki, of the goldens and of TYPEDWIKI_CORPUS."""
    folders = [ROOT / "data/wikis", *(case / "wiki" for case in sorted(GOLDEN.iterdir()))]
    if corpus := os.environ.get("TYPEDWIKI_CORPUS"):
        folders.append(Path(corpus))
    found = []
    for folder in folders:
        pages, indexes, _ = read([folder], SCHEMA, ROOT)
        for file in [*pages, *indexes]:
            found.append(Seed(file.path, file.page_type, (ROOT / file.path).read_bytes(), file in indexes))
    return tuple(found)


@cache
def _neighbours() -> tuple[tuple[RawFile, WikiPage], ...]:
    pages, _, _ = read([GOLDEN / "two_dialects/wiki"], SCHEMA, ROOT)
    return tuple((file, parse(file, SCHEMA, "acme_kit")[0]) for file in pages)


def understood(seed: Seed) -> tuple[RawFile, WikiPage, Graph, list[Problem]]:
    """Decode and parse one file, and resolve it with a few pages beside it."""
    text, _ = decode(seed.data)
    suffix = Path(seed.path).suffix
    file = RawFile(f"wiki/{seed.page_type}/Fuzzed{suffix}", seed.page_type, "Fuzzed", "wiki", text)
    page, problems = parse(file, SCHEMA)
    pages, _ = resolve.unique_ids([page, *(neighbour for _, neighbour in _neighbours())])
    graph, more = resolve.resolve(pages, SCHEMA)
    return file, page, graph, [*problems, *more]


def through(seed: Seed) -> Emitted:
    """Take one file all the way to its note."""
    file, page, graph, problems = understood(seed)
    files = {one.id: file for file, one in _neighbours()} | {page.id: file}
    context = Context(graph, SCHEMA, files, (file,) if seed.is_index else (), _CONFIG.settings)
    found = check(context, problems)
    wiki = Wiki(graph, tuple(found), context, {}, note_names(graph, SCHEMA, {}))
    return Emitted(file.text, page, note_file.note(page, site_context(wiki, _CONFIG)), found)


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Let the body use so much processor time of this process.

    Raises:
        TooSlowError: it needs more.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlowError(f"more than {seconds:.1f} s of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def forget() -> None:
    """Empty the caches, which are meant for one wiki and not for thousands of cases."""
    for thing in gc.get_objects():
        if isinstance(thing, _lru_cache_wrapper) and str(thing.__module__).startswith(_CACHING):
            thing.cache_clear()
