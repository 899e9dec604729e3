#!/usr/bin/env python3
"""Quarto's post-render hook. Write llms.txt, feeds and, for a large wiki, full-text search; fast if nothing changed."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    try:
        from typedwiki.hooks import postrender
        from typedwiki.program import use_utf8

        use_utf8()
        sys.exit(postrender(Path.cwd()))
    except ModuleNotFoundError as error:
        sys.exit(f"typedwiki: {sys.executable} lacks the package `{error.name}`; see scripts/prebuild.py")
