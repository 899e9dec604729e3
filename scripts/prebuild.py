#!/usr/bin/env python3
"""Quarto's pre-render hook: turn the wiki's pages into notes.

Quarto runs it from the project's root before every render. It writes only changed files.
"""

from __future__ import annotations

import sys
from pathlib import Path

LACKING = (
    f"typedwiki: {sys.executable} lacks the package `{{}}`.\n"
    f"Run:  {sys.executable} -m pip install -r requirements.txt\n"
    "or point QUARTO_PYTHON at a Python that has the requirements, such as .venv/bin/python."
)
"""Printed, because Quarto shows only the output of a failing hook."""

if __name__ == "__main__":
    try:
        from typedwiki.hooks import prebuild
        from typedwiki.program import use_utf8

        use_utf8()
        sys.exit(prebuild(Path.cwd()))
    except ModuleNotFoundError as error:
        sys.exit(LACKING.format(error.name))
