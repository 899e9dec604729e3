#!/usr/bin/env python3
"""Quarto's pre-render hook: the wiki's pages to notes.

Quarto runs it from the project's root before every render. It writes only what changed.
"""

from __future__ import annotations

import sys
from pathlib import Path


def lacking(package: str | None) -> str:
    """What to do about a package that is not installed: Quarto shows nothing of a failing hook but what it prints."""
    return (
        f"typedwiki: {sys.executable} lacks the package `{package}`.\n"
        f"Run:  {sys.executable} -m pip install -r requirements.txt\n"
        "or point QUARTO_PYTHON at a Python that has the requirements, such as .venv/bin/python."
    )


try:
    from typedwiki.config import load_config
    from typedwiki.encoding import use_utf8
    from typedwiki.errors import told
    from typedwiki.lock import exclusive
    from typedwiki.render.follower import is_followed, preview_of, start_follower
    from typedwiki.wording import count
except ModuleNotFoundError as error:
    sys.exit(lacking(error.name))


def main() -> int:
    """The pipeline. Bad content is reported and built all the same; 2 means bad configuration."""
    try:
        config = load_config(Path.cwd())
        preview = preview_of(config.project)
        if preview and is_followed(config.project):
            return 0  # who follows the wiki has brought the notes up to date
        from typedwiki.build import build_if_changed  # a preview runs this hook with each edit
        from typedwiki.gc_pause import gc_paused_for_good

        gc_paused_for_good()
        with exclusive(config, "wiki", "build"):
            said, written = build_if_changed(config)
        if preview:
            start_follower(config.project, preview)
    except ModuleNotFoundError as error:
        sys.exit(lacking(error.name))
    except Exception as error:
        print(f"typedwiki: {told(error, Path.cwd())}", file=sys.stderr)
        return 2
    for problem in said.errors:
        print(problem, file=sys.stderr)
    if written.changed or written.deleted or said.summary:
        changed, problems = len(written.changed), said.summary or "no problems"
        pages, deleted = count(said.pages, "page"), len(written.deleted)
        pages += f" ({said.held} held back)" if said.held else ""
        print(f"typedwiki: {pages}, {count(changed, 'file')} written, {deleted} deleted, {problems}")
    return 0


if __name__ == "__main__":
    use_utf8()
    sys.exit(main())
