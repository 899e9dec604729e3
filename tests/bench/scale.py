"""The costs of prebuild, audit and exports as wikis grow."""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path

from bench.measure import measure_wiki, print_row, print_title
from bench.projects import SETTLE_SECONDS, edit_page, generated_project, modification_times

COLD = {1_000: 2.0, 10_000: 20.0, 25_000: 60.0}
"""Seconds of CPU that a first build may take on a core of 2.5 GHz."""
BASE = 1_000
"""Pages of the wiki that others are compared with."""
MEMORY = {25_000: 1_200.0}
"""Megabytes that a first build may take."""


def main(options: argparse.Namespace) -> None:
    """Print the costs of each size of wiki.

    Ratios: of a first build to the time a page at 1,000 pages, of the others to the first build.
    """
    seconds_per_page: dict[int, float] = {}
    for pages in options.pages:
        print_title(f"{pages:,} generated pages, CPU seconds")
        with generated_project(pages) as project:
            _measure_size(project, pages, seconds_per_page)


def _measure_size(project: Path, pages: int, seconds_per_page: dict[int, float]) -> None:
    cold = measure_wiki(project, "build")
    print_row("build, cold", cold.cpu, "s", None, COLD.get(pages))
    seconds_per_page[pages] = cold.cpu / pages
    if BASE in seconds_per_page and pages > BASE:
        print_row(
            "  a page",
            1000 * seconds_per_page[pages],
            "ms",
            seconds_per_page[pages] / seconds_per_page[BASE],
            1.3,
            of_ratio=True,
        )
    else:
        print_row("  a page", 1000 * seconds_per_page[pages], "ms")
    print_row("  peak memory", cold.peak, "MB", None, MEMORY.get(pages))
    time.sleep(SETTLE_SECONDS)
    before = modification_times(project / "notes")
    unchanged = measure_wiki(project, "build")
    print_row("build, unchanged", unchanged.cpu, "s", unchanged.cpu / cold.cpu, 0.1, of_ratio=True)
    print_row(
        "  files written",
        sum(before.get(path) != at for path, at in modification_times(project / "notes").items()),
        "",
        None,
        0,
    )
    edit_page(project)
    time.sleep(SETTLE_SECONDS)
    edited = measure_wiki(project, "build")
    print_row("build, one page's text edited", edited.cpu, "s", edited.cpu / cold.cpu, 0.1, of_ratio=True)
    print_row(
        "  files written", sum(before.get(path) != at for path, at in modification_times(project / "notes").items()), ""
    )
    edit_page(project, overview=True)
    time.sleep(SETTLE_SECONDS)
    overview_edited = measure_wiki(project, "build")
    print_row(
        "build, one overview edited", overview_edited.cpu, "s", overview_edited.cpu / cold.cpu, 0.1, of_ratio=True
    )
    check = measure_wiki(project, "check")
    print_row("check", check.cpu, "s", check.cpu / cold.cpu)
    export = measure_wiki(project, "export", f"--output={project / 'exported'}")
    print_row("export, all formats", export.cpu, "s", export.cpu / cold.cpu)
    shutil.rmtree(project / "exported")
