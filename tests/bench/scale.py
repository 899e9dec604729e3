"""The prebuild, the audit and the exports as wikis grow."""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path

from bench.measured import row, title, wiki
from bench.projects import SETTLED, edit, generated, stamps

COLD = {1_000: 2.0, 10_000: 20.0, 25_000: 60.0}
"""Seconds of CPU that a first build may take on a core of 2.5 GHz."""
BASE = 1_000
"""Pages of the wiki that others are compared with."""
MEMORY = {25_000: 1_200.0}
"""MB."""


def main(options: argparse.Namespace) -> None:
    """Print what each size of wiki costs. Ratios: of a first build to the time a page at 1,000 pages, of the
    others to the first build."""
    a_page: dict[int, float] = {}
    for pages in options.pages:
        title(f"{pages:,} generated pages, CPU seconds")
        with generated(pages) as here:
            _measured(here, pages, a_page)


def _measured(here: Path, pages: int, a_page: dict[int, float]) -> None:
    cold = wiki(here, "build")
    row("build, cold", cold.cpu, "s", None, COLD.get(pages))
    a_page[pages] = cold.cpu / pages
    if BASE in a_page and pages > BASE:
        row("  a page", 1000 * a_page[pages], "ms", a_page[pages] / a_page[BASE], 1.3, of_ratio=True)
    else:
        row("  a page", 1000 * a_page[pages], "ms")
    row("  peak memory", cold.peak, "MB", None, MEMORY.get(pages))
    time.sleep(SETTLED)
    before = stamps(here / "notes")
    again = wiki(here, "build")
    row("build, unchanged", again.cpu, "s", again.cpu / cold.cpu, 0.1, of_ratio=True)
    row("  files written", sum(before.get(path) != at for path, at in stamps(here / "notes").items()), "", None, 0)
    edit(here)
    time.sleep(SETTLED)
    once = wiki(here, "build")
    row("build, one page's text edited", once.cpu, "s", once.cpu / cold.cpu, 0.1, of_ratio=True)
    row("  files written", sum(before.get(path) != at for path, at in stamps(here / "notes").items()), "")
    edit(here, overview=True)
    time.sleep(SETTLED)
    shown = wiki(here, "build")
    row("build, one overview edited", shown.cpu, "s", shown.cpu / cold.cpu, 0.1, of_ratio=True)
    check = wiki(here, "check")
    row("check", check.cpu, "s", check.cpu / cold.cpu)
    export = wiki(here, "export", f"--output={here / 'exported'}")
    row("export, all formats", export.cpu, "s", export.cpu / cold.cpu)
    shutil.rmtree(here / "exported")
