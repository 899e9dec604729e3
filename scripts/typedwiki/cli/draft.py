"""`wiki.py draft`: the whole site by pandoc alone."""

from __future__ import annotations

import argparse
import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ..atomic import remove_leftovers
from ..build import build_elsewhere, build_if_changed
from ..config import Config
from ..lock import exclusive, locked
from ..open_types import completed
from ..search import fulltext
from ..search.entrances import add_entrances
from ..search.index import index_files
from ..search.sections import entries
from ..wording import count
from ..write import OverlapError, refuse_overlap, written_names
from . import Add, strict
from .console import open_hint, pages_of, print_status, progress, show_errors, show_kept, status


def register(add: Add) -> None:
    """Add the command and its options."""
    command = add("draft", run, "make a browsable site with pandoc alone, in seconds", strict())
    command.add_argument("--no-search", action="store_true", help="without full-text search")
    command.add_argument("--site", type=Path, metavar="DIR", help="where the site goes (default: _site)")


@locked("site", "draft")
def run(options: argparse.Namespace, config: Config) -> int:
    """Make the site in the folder that ``--site`` names."""
    return make(options, config, (options.site or config.project / "_site").absolute())


def make(options: argparse.Namespace, config: Config, site: Path) -> int:
    """Make the draft in ``site``; returns the exit status."""
    from ..render.draft import draft  # its template engine is not for commands that need none

    started = time.perf_counter()
    if getattr(options, "site", None):
        refuse_overlap("--site", site, config.sources)
        if config.project.resolve().is_relative_to(site.resolve()):
            raise OverlapError(f"--site: `{site}` holds the project itself; choose another folder")
    if site != config.project / "_site":  # which the lock looks after
        remove_leftovers([site])
    if options.source:  # another wiki than the project's, whose notes stay as they are
        # That site's record of addresses, so that its pages lead from where they once were.
        digest = hashlib.sha256(os.fsencode(site)).hexdigest()[:16]
        config = replace(config, record=config.project / f".typedwiki/addresses-{digest}")
        built = build_elsewhere(config, progress("pages read"))
        said, files = built.result, built.files
    else:
        with exclusive(config, "wiki", "draft"):
            said, written = build_if_changed(config, progress("pages read"))
            show_kept(config.output, written.kept)
            files = {name: (config.output / name).read_bytes() for name in written_names(config.output)}
    config = replace(config, schema=completed(config.schema, said.types))
    search = not getattr(options, "no_search", False)
    written = draft(config, files, site, progress("pages converted"), not options.source, search)
    add_entrances(config, site)
    _index(config, files, site, search)
    show_errors(said)
    seconds = time.perf_counter() - started
    print_status(f"{pages_of(said)}, {count(len(written.changed), 'file')} written in {seconds:.1f} s")
    open_hint(site)
    return status(options, said)


def _index(config: Config, files: Mapping[str, bytes], site: Path, texts: bool) -> None:
    """Index the draft for the search, unless its notes are those of the index that it has."""
    notes = {name: data for name, data in files.items() if name.endswith(".qmd")}
    if config.by_hand:
        notes |= {path.name: path.read_bytes() for path in config.by_hand.glob("*.qmd")}
    graph = files["assets/exports/graph.json"]
    state = hashlib.sha256(f"{config.language}\0{texts}\0".encode() + graph)
    for _, data in sorted(notes.items()):
        state.update(hashlib.sha256(data).digest())

    def made() -> Iterator[tuple[str, str]]:
        return index_files(entries(graph, notes.__getitem__, texts), config.language)

    fulltext.index(config.project, site, state.digest(), made)
