"""`wiki.py build`: wiki pages to notes."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..build import build
from ..config import Config
from . import Add, strict
from .console import progress, say, show_errors, show_kept, status


def register(add: Add) -> None:
    """Add the command and its options."""
    command = add("build", run, "write the notes that Quarto renders", strict())
    command.add_argument("--output", type=Path, metavar="DIR", help="where the notes go (default: notes/)")


def run(options: argparse.Namespace, config: Config) -> int:
    """Write the notes that have changed."""
    built = build(config, progress("pages read"))
    wiki, written = built.wiki, built.written
    show_kept(config.output, written.kept)
    show_errors(wiki)
    say(
        f"{len(wiki.graph.pages)} pages in {config.output}: {len(written.changed)} files written, "
        f"{len(written.deleted)} deleted"
    )
    return status(options, wiki)
