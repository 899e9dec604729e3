#!/usr/bin/env python3
"""Quarto's pre-render hook: the wiki's pages to notes.

Quarto runs it from the project's root before every render. It writes only what changed.
"""

from __future__ import annotations

import sys
from pathlib import Path

try:
    from typedwiki.build import build
    from typedwiki.config import ConfigError, load_config
    from typedwiki.problems import summary
    from typedwiki.write import CollisionError
except ModuleNotFoundError as error:
    # Quarto shows nothing of a failing hook but what it prints.
    sys.exit(
        f"typedwiki: {sys.executable} lacks the package `{error.name}`.\n"
        f"Run:  {sys.executable} -m pip install -r requirements.txt\n"
        "or point QUARTO_PYTHON at a Python that has the requirements, such as .venv/bin/python."
    )


def main() -> int:
    """The pipeline. Bad content is reported and built all the same; 2 means bad configuration."""
    try:
        config = load_config(Path.cwd())
        built = build(config)
    except (ConfigError, CollisionError, OSError, ValueError) as error:
        print(f"typedwiki: {error}", file=sys.stderr)
        return 2
    wiki, written = built.wiki, built.written
    for problem in wiki.problems:
        if problem.severity == "error":
            print(problem, file=sys.stderr)
    if written.changed or written.deleted or wiki.problems:
        pages, changed = len(wiki.graph.pages), len(written.changed)
        said = summary(wiki.problems)
        print(f"typedwiki: {pages} pages, {changed} files written, {len(written.deleted)} deleted, {said}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
