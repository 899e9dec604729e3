"""`wiki.py merge`: shards of one render, made on several machines, into the site."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..build import build_if_changed
from ..config import Config
from ..lock import exclusive, locked
from ..render.shards import merge_shards
from ..search.finish import finish
from ..wording import count
from . import OK, Add
from .console import print_status


def register(add: Add) -> None:
    """Add the command and its arguments."""
    command = add("merge", run, "put the shards of `render --shard` together into the site")
    command.add_argument("shards", type=Path, nargs="+", metavar="DIR", help="all shards of one render")


@locked("site", "merge")
def run(options: argparse.Namespace, config: Config) -> int:
    """Build the notes, which the search index is made from, and merge; the shards are used up."""
    with exclusive(config, "wiki", "merge"):
        build_if_changed(config)
    done = merge_shards(config.project, options.shards)
    print_status(f"{count(done.rendered, 'page')} merged, {done.deleted} deleted")
    if message := finish(config, config.project / "_site"):
        print_status(message)
    return OK
