"""The two renderers: the draft's seconds a page and gain by a second core, and Quarto's full, incremental and
sharded render."""

from __future__ import annotations

import argparse
import functools
import os
import shutil
from pathlib import Path

from bench.measured import Cost, row, title, wiki
from bench.projects import edit, generated
from bench.weight import Weight, weigh
from typedwiki.render.render import find_quarto

A_PAGE = 30.0
"""Milliseconds of CPU that the draft may take for a page."""
GAIN = 1.7
"""How many times as fast it must be on two cores."""


def main(options: argparse.Namespace) -> None:
    """Print what drafts and renders cost. Ratios: to the first row of each table."""
    _draft(options.render)
    if find_quarto():
        _quarto(options.quarto)
    else:
        print("\nQuarto is not measured: it is not installed")


def _draft(pages: int) -> None:
    title(f"draft of {pages:,} generated pages, seconds of wall time")
    with generated(pages) as here:
        wiki(here, "build")
        build = ("draft", "--no-search")
        one = wiki(here, *build, cores=1)
        _forget(here)
        row("one core", one.seconds, "s", 1.0)
        if (os.cpu_count() or 1) >= 2:
            two = wiki(here, *build, cores=2)
            row("two cores", two.seconds, "s", two.seconds / one.seconds)
            row("  gain", one.seconds / two.seconds, "times", None, least=GAIN)
            row("  CPU a page", 1000 * two.cpu / pages, "ms", two.cpu / one.cpu, A_PAGE)
            row("  peak memory", two.peak, "MB")
        again = wiki(here, *build)
        row("again, unchanged", again.seconds, "s", again.seconds / one.seconds)
        edit(here)
        once = wiki(here, *build)
        row("one page edited", once.seconds, "s", once.seconds / one.seconds)
        search = wiki(here, "draft")
        row("with full-text search, nothing else to do", search.seconds, "s", search.seconds / one.seconds)


def _forget(here: Path) -> None:
    shutil.rmtree(here / "_site")
    shutil.rmtree(here / ".typedwiki" / "draft", ignore_errors=True)


def _quarto(pages: int) -> None:
    title(f"Quarto on {pages:,} generated pages, seconds of wall time")
    full, _, one, two = quarto(pages)
    row("full", full.seconds, "s", 1.0)
    row("  a page", full.seconds / pages, "s")
    row("one page edited", one.seconds, "s", one.seconds / full.seconds)
    row("full, 2 shards", two.seconds, "s", two.seconds / full.seconds)


@functools.cache
def quarto(pages: int) -> tuple[Cost, Weight, Cost, Cost]:
    """A full render, what it weighs, the render of one edit, and a full render in two processes."""
    command = ("render", "--renderer=quarto")
    with generated(pages) as here:
        full = wiki(here, *command)
        weight = weigh(here / "_site", here)
        edit(here)
        one = wiki(here, *command)
        two = wiki(here, *command, "--force", "--shards=2")
    return full, weight, one, two
