"""What commands say on the terminal."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from ..pipeline import Wiki
from ..problems import summary
from . import OK, WIKI_ERRORS


def say(text: str) -> None:
    """One line of news."""
    print(f"typedwiki: {text}", flush=True)


def show_errors(wiki: Wiki) -> None:
    """The wiki's errors, and how many problems there are in all."""
    for problem in wiki.problems:
        if problem.severity == "error":
            print(problem, file=sys.stderr)
    if wiki.problems:
        print(f"typedwiki: {summary(wiki.problems)}; `check` shows all", file=sys.stderr)


def show_kept(folder: Path, names: Iterable[str]) -> None:
    """Generated files that somebody has edited and that were therefore not deleted."""
    for name in names:
        print(f"{folder / name}: kept, because it was edited by hand", file=sys.stderr)


def status(options: argparse.Namespace, wiki: Wiki) -> int:
    """The exit status of a command that takes ``--strict``."""
    failed = options.strict and any(p.severity == "error" for p in wiki.problems)
    return WIKI_ERRORS if failed else OK


def open_hint(site: Path, served: bool) -> None:
    """What to open in a browser; ``served`` if its search needs a server."""
    say(f"open {site / 'index.html'}")
    if served:
        say(f"with search: {Path(sys.executable).name} -m http.server -d {os.path.relpath(site)}")


def progress(what: str) -> Callable[[int, int], None]:
    """A counter on a terminal; nothing in a pipe."""

    def show(done: int, total: int) -> None:
        if done % 20 and done != total:
            return
        end = "\n" if done == total else ""
        print(f"\r{done}/{total} {what}", end=end, file=sys.stderr, flush=True)

    return show if sys.stderr.isatty() else lambda done, total: None
