"""Implement the commands: `register_NAME(add)` adds one with its options, `run_NAME` runs it. Shared output is here."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..config import Config
from ..words import count

if TYPE_CHECKING:
    from ..incremental import Result

OK, WIKI_ERRORS, USAGE = 0, 1, 2
"""Exit statuses."""
VERSION = "0.1.0"

Run = Callable[[argparse.Namespace, Config], int]
"""Runs a command; returns the exit status."""


class Add(Protocol):
    """Adds a command to the command line; returns its parser, for options of its own."""

    def __call__(
        self, name: str, run: Run, text: str, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser: ...


def strict() -> argparse.ArgumentParser:
    """Return a parent parser with the option that makes errors in the wiki fail a command."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--strict", action="store_true", help="exit with 1 if the wiki has errors")
    return parser


def print_status(text: str) -> None:
    """Print one line of status."""
    print(f"typedwiki: {text}", flush=True)


def show_errors(result: Result) -> None:
    """Print the wiki's errors, and the total number of problems."""
    for error in result.errors:
        print(error, file=sys.stderr)
    if result.summary:
        print(f"typedwiki: {result.summary}; `check` shows all", file=sys.stderr)


def show_kept(folder: Path, names: Iterable[str]) -> None:
    """Print the generated files that were kept because somebody has edited them."""
    for name in names:
        print(f"{folder / name}: kept, because it was edited by hand", file=sys.stderr)


def page_count(result: Result) -> str:
    """Return the number of pages, and of pages held back, in words."""
    return count(result.pages, "page") + (f" ({result.held} held back)" if result.held else "")


def status(options: argparse.Namespace, result: Result) -> int:
    """Return the exit status of a command that takes ``--strict``."""
    return WIKI_ERRORS if options.strict and result.errors else OK


def open_hint(site: Path) -> None:
    """Print which file to open in a browser. Everything works from disk, the search too."""
    print_status(f"open {site / 'index.html'}")


def shortest(path: Path, start: Path | None = None) -> str:
    """Return a path relative to the current folder or to ``start``; the absolute path if that is on another drive."""
    try:
        return os.path.relpath(path, start)
    except ValueError:
        return str(path)


def progress(label: str) -> Callable[[int, int], None]:
    """Return a function that shows a counter on a terminal, and nothing in a pipe."""

    def show(number: int, total: int) -> None:
        if number % 20 and number != total:
            return
        end = "\n" if number == total else ""
        print(f"\r{number}/{total} {label}", end=end, file=sys.stderr, flush=True)

    return show if sys.stderr.isatty() else lambda number, total: None
