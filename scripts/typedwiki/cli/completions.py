"""`wiki.py completions`: the wiki's pages as completions for an editor."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..atomic import replace_file
from ..config import Config
from ..pipeline import load_wiki
from ..wording import count
from . import OK, Add
from .console import print_status, progress

SNIPPETS = Path(".vscode/typedwiki-pages.code-snippets")


def register(add: Add) -> None:
    """Add the command."""
    add("completions", run, f"write a completion for a link to each page ({SNIPPETS})")


def run(_options: argparse.Namespace, config: Config) -> int:
    """Write the file, which is ours alone, if it has changed."""
    from ..author.completions import page_snippets

    wiki = load_wiki(config, progress("pages read"))
    path = config.project / SNIPPETS
    data = page_snippets(wiki.graph.pages.values(), wiki.schema).encode()
    if not path.exists() or path.read_bytes() != data:
        replace_file(path, data)
    print_status(f"{count(len(wiki.graph.pages), 'page')} in {path}")
    return OK
