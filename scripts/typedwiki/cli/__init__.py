"""The commands: `register_NAME(add)` adds the options of each, `run_NAME` does its work. What all print is here."""

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


def print_status(text: str) -> None:
    """One line of news."""
    print(f"typedwiki: {text}", flush=True)


def show_errors(result: Result) -> None:
    """The wiki's errors, and how many problems there are in all."""
    for error in result.errors:
        print(error, file=sys.stderr)
    if result.summary:
        print(f"typedwiki: {result.summary}; `check` shows all", file=sys.stderr)


def show_kept(folder: Path, names: Iterable[str]) -> None:
    """Generated files that somebody has edited and that were therefore not deleted."""
    for name in names:
        print(f"{folder / name}: kept, because it was edited by hand", file=sys.stderr)


def pages_of(result: Result) -> str:
    """How many pages there are, and how many are held back."""
    return count(result.pages, "page") + (f" ({result.held} held back)" if result.held else "")


def status(options: argparse.Namespace, result: Result) -> int:
    """The exit status of a command that takes ``--strict``."""
    return WIKI_ERRORS if options.strict and result.errors else OK


def open_hint(site: Path) -> None:
    """What to open in a browser; everything works from a disk, the search too."""
    print_status(f"open {site / 'index.html'}")


def shortest(path: Path, start: Path | None = None) -> str:
    """A path as seen from the current folder, or from ``start``; the whole path where that is on another drive."""
    try:
        return os.path.relpath(path, start)
    except ValueError:
        return str(path)


def progress(label: str) -> Callable[[int, int], None]:
    """A counter on a terminal; nothing in a pipe."""

    def show(done: int, total: int) -> None:
        if done % 20 and done != total:
            return
        end = "\n" if done == total else ""
        print(f"\r{done}/{total} {label}", end=end, file=sys.stderr, flush=True)

    return show if sys.stderr.isatty() else lambda done, total: None
