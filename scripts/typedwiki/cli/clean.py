"""`wiki.py clean`: delete what was generated, and nothing else."""

from __future__ import annotations

import argparse

from ..config import Config
from ..lock import at_work, locked
from ..write import MANIFEST, write
from . import OK, Add
from .console import show_kept


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
    clear_site(config.project / "_site")
    return OK
