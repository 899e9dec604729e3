#!/usr/bin/env python3
"""The command line of Typedwiki in a clone: `python scripts/wiki.py --help`."""

from __future__ import annotations

import sys
from pathlib import Path

try:
    from typedwiki.cli.main import COMMANDS, main
    from typedwiki.program import use_utf8
except ModuleNotFoundError as error:
    sys.exit(
        f"typedwiki: {sys.executable} lacks the package `{error.name}`.\n"
        f"Run:  {sys.executable} -m pip install -r requirements.txt"
    )

__all__ = ["COMMANDS", "PROJECT", "main"]
PROJECT = Path(__file__).resolve().parent.parent

if __name__ == "__main__":
    use_utf8()
    sys.exit(main(project=PROJECT))
