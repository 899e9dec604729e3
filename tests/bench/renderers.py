"""The two renderers: the draft's seconds a page and gain by a second core; Quarto's full, incremental and
sharded render.
"""

from __future__ import annotations

import argparse
import functools
import os
import shutil
from pathlib import Path

from bench.measure import Cost, measure_wiki, print_row, print_title
from bench.projects import edit_page, generated_project
from bench.weight import Weight, weigh
from typedwiki.render.render import find_quarto

MILLISECONDS_PER_PAGE = 30.0
"""The milliseconds of CPU that the draft may take for a page."""
SPEEDUP = 1.7
"""The minimal speedup by two cores."""


def main(options: argparse.Namespace) -> None:
    """Print the costs of drafts and renders, with ratios to the first row of each table."""
    _measure_draft(options.render)
    if find_quarto():
        _print_quarto(options.quarto)
    else:
        print("\nQuarto is not measured: it is not installed")


def _measure_draft(pages: int) -> None:
    print_title(f"draft of {pages:,} generated pages, seconds of wall time")
    with generated_project(pages) as project:
        measure_wiki(project, "build")
        build = ("draft", "--no-search")
        one_core = measure_wiki(project, *build, cores=1)
        _delete_draft(project)
        print_row("one core", one_core.seconds, "s", 1.0)
        if (os.cpu_count() or 1) >= 2:
            two_cores = measure_wiki(project, *build, cores=2)
            print_row("two cores", two_cores.seconds, "s", two_cores.seconds / one_core.seconds)
            print_row("  gain", one_core.seconds / two_cores.seconds, "times", None, minimum=SPEEDUP)
            print_row(
                "  CPU a page", 1000 * two_cores.cpu / pages, "ms", two_cores.cpu / one_core.cpu, MILLISECONDS_PER_PAGE
            )
            print_row("  peak memory", two_cores.peak, "MB")
        unchanged = measure_wiki(project, *build)
        print_row("again, unchanged", unchanged.seconds, "s", unchanged.seconds / one_core.seconds)
        edit_page(project)
        edited = measure_wiki(project, *build)
        print_row("one page edited", edited.seconds, "s", edited.seconds / one_core.seconds)
        search = measure_wiki(project, "draft")
        print_row("with full-text search, nothing else to do", search.seconds, "s", search.seconds / one_core.seconds)


def _delete_draft(project: Path) -> None:
    shutil.rmtree(project / "_site")
    shutil.rmtree(project / ".typedwiki" / "draft", ignore_errors=True)


def _print_quarto(pages: int) -> None:
    print_title(f"Quarto on {pages:,} generated pages, seconds of wall time")
    full, _, edited, sharded = measure_quarto(pages)
    print_row("full", full.seconds, "s", 1.0)
    print_row("  a page", full.seconds / pages, "s")
    print_row("one page edited", edited.seconds, "s", edited.seconds / full.seconds)
    print_row("full, 2 shards", sharded.seconds, "s", sharded.seconds / full.seconds)


@functools.cache
def measure_quarto(pages: int) -> tuple[Cost, Weight, Cost, Cost]:
    """A full render, its weight, the render of one edit, and a full render in two processes."""
    command = ("render", "--renderer=quarto")
    with generated_project(pages) as project:
        full = measure_wiki(project, *command)
        weight = weigh(project / "_site", project)
        edit_page(project)
        edited = measure_wiki(project, *command)
        sharded = measure_wiki(project, *command, "--force", "--shards=2")
    return full, weight, edited, sharded
