"""`wiki.py build`: wiki pages to notes."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..build import build_if_changed
from ..config import Config
from ..gc_pause import gc_paused_for_good
from ..lock import locked
from ..wording import count
from ..write import refuse_overlap
from . import Add, strict
from .console import pages_of, print_status, progress, show_errors, show_kept, status


def register(add: Add) -> None:
    """Add the command and its options."""
    command = add("build", run, "write the notes that Quarto renders", strict())
    command.add_argument("--output", type=Path, metavar="DIR", help="where the notes go (default: notes/)")


@locked("wiki", "build")
def run(options: argparse.Namespace, config: Config) -> int:
    """Write the notes that have changed."""
    gc_paused_for_good()
    if getattr(options, "output", None):
        refuse_overlap("--output", config.output, config.sources)
    return make(options, config)


def make(options: argparse.Namespace, config: Config) -> int:
    """As ``run``, for who is at work on the notes already."""
    said, written = build_if_changed(config, progress("pages read"))
    show_kept(config.output, written.kept)
    show_errors(said)
    changed, deleted = count(len(written.changed), "file"), len(written.deleted)
    print_status(f"{pages_of(said)} in {config.output}: {changed} written, {deleted} deleted")
    return status(options, said)
