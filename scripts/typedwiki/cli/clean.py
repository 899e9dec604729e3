"""`wiki.py clean`: delete what was generated, and nothing else."""

from __future__ import annotations

import argparse

from ..config import Config
from ..lock import at_work, locked
from ..wording import count
from ..write import MANIFEST, write
from . import OK, Add
from .console import say, show_kept


def register(add: Add) -> None:
    """Add the command."""
    add("clean", run, "delete the generated notes and the site")


@locked("site", "clean")
def run(_options: argparse.Namespace, config: Config) -> int:
    """Delete the notes, their manifest and the site."""
    from ..render.draft import clear_site

    with at_work(config, "wiki", "clean"):
        gone = write(config.output, {}, {})
        show_kept(config.output, gone.kept)
        (config.output / MANIFEST).unlink(missing_ok=True)
    notes = sum(name.endswith(".qmd") for name in gone.deleted)
    others = len(gone.deleted) - notes
    if gone.deleted:
        say(f"{count(notes, 'note')} and {count(others, 'other file')} deleted from {config.output}")
    site = config.project / "_site"
    before = sum(path.is_file() for path in site.rglob("*")) if site.is_dir() else 0
    clear_site(site)
    left = sum(path.is_file() for path in site.rglob("*")) if site.is_dir() else 0
    if before > left:
        say(f"{count(before - left, 'file')} deleted from {site}")
    elif not gone.deleted:
        say("nothing to delete")
    if left:
        say(f"{count(left, 'file')} in {site} kept: not made by Typedwiki, or edited since")
    return OK
