"""`wiki.py draft`: the whole site by pandoc alone."""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from ..build import build
from ..config import Config
from ..pipeline import generate, understand
from ..search import fulltext
from . import Add, strict
from .console import open_hint, progress, say, show_errors, status


def register(add: Add) -> None:
    """Add the command and its options."""
    command = add("draft", run, "make a browsable site with pandoc alone, in seconds", strict())
    command.add_argument("--no-search", action="store_true", help="without full-text search")
    command.add_argument("--site", type=Path, metavar="DIR", help="where the site goes (default: _site)")


def run(options: argparse.Namespace, config: Config) -> int:
    """Make the site in the folder that ``--site`` names."""
    return make(options, config, (options.site or config.project / "_site").absolute())


def make(options: argparse.Namespace, config: Config, site: Path) -> int:
    """Make the draft in ``site``; returns the exit status."""
    from ..render.draft import draft  # its template engine is not for commands that need none

    started = time.perf_counter()
    if options.source:  # another wiki than the project's, whose notes stay as they are
        wiki = understand(config, progress("pages read"))
        files: Mapping[str, bytes] = generate(wiki, config)[0]
    else:
        built = build(config, progress("pages read"))
        wiki, files = built.wiki, built.files
    search = not getattr(options, "no_search", False) and fulltext.available()
    written = draft(config, files, site, progress("pages converted"), not options.source, search)
    if search:
        _index(config, files, site)
    else:
        fulltext.remove(site)
    show_errors(wiki)
    seconds = time.perf_counter() - started
    say(f"{len(wiki.graph.pages)} pages, {len(written.changed)} files written in {seconds:.1f} s")
    open_hint(site, served=search)
    return status(options, wiki)


def _index(config: Config, files: Mapping[str, bytes], site: Path) -> None:
    """Index the draft for full-text search, unless its notes are those of the index that it has."""
    notes = {name: data for name, data in files.items() if name.endswith(".qmd")}
    if config.by_hand:
        notes |= {path.name: path.read_bytes() for path in config.by_hand.glob("*.qmd")}
    graph = files["assets/exports/graph.json"]
    state = hashlib.sha256(graph)
    for _, data in sorted(notes.items()):
        state.update(hashlib.sha256(data).digest())
    pages = partial(fulltext.stubs, graph, notes.__getitem__, config.language)
    fulltext.index(config.project, site, state.digest(), pages)
