#!/usr/bin/env python3
"""Quarto's post-render hook: llms.txt, feeds and, for a large wiki, full-text search. Quick when nothing changed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

try:
    from typedwiki.config import load_config
    from typedwiki.encoding import use_utf8
    from typedwiki.errors import told
    from typedwiki.render.follower import preview_of
    from typedwiki.search.finish import finish
except ModuleNotFoundError as error:
    sys.exit(f"typedwiki: {sys.executable} lacks the package `{error.name}`; see scripts/prebuild.py")


def main() -> int:
    """Finish the site that Quarto has just rendered. What it lacks then is said, and is no failure."""
    project = Path.cwd()
    try:
        config = load_config(project)
        site = project / os.environ.get("QUARTO_PROJECT_OUTPUT_DIR", "_site")
        message = finish(config, site, previewing=bool(preview_of(project)))
    except Exception as error:
        message = told(error, project)
    if message:
        print(f"typedwiki: {message}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    use_utf8()
    sys.exit(main())
