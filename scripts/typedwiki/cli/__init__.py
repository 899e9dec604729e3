"""The commands: for each, `register_NAME(add)` for its options and `run_NAME` for its work."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Protocol

from ..config import Config

OK, WIKI_ERRORS, USAGE = 0, 1, 2
"""Exit statuses."""
VERSION = "0.1.0"

Run = Callable[[argparse.Namespace, Config], int]
"""What a command does; returns the exit status."""


class Add(Protocol):
    """Adds a command to the command line; returns its parser, for options of its own."""

    def __call__(
        self, name: str, run: Run, text: str, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser: ...


def strict() -> argparse.ArgumentParser:
    """The option that makes errors in the wiki fail a command, as a parent of its parser."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--strict", action="store_true", help="exit with 1 if the wiki has errors")
    return parser
