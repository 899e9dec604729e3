"""The two renderers: the draft's seconds a page and gain by a second core; Quarto's full, incremental and
sharded render.
"""

from __future__ import annotations

import argparse
import functools
import os
import shutil
from pathlib import Path

from bench.measure import CommandError, Cost, measure_wiki
from bench.projects import edit_page, generated_project
from bench.tables import CostTable, Table
from bench.weight import Weight, weigh
from typedwiki.render.render import find_quarto

DRAFT = 28.0
"""Calibrations of CPU that the draft may take for 1,000 pages."""
SPEEDUP = 1.7
"""The minimal speedup by two cores."""


def main(options: argparse.Namespace) -> list[Table]:
    """Measure drafts and renders, with ratios to the first row of each table."""
    draft = _measure_draft(options.render)
    if not find_quarto():
        raise CommandError("Quarto is not installed")
    return [draft, _measure_quarto(options.quarto)]


def _measure_draft(pages: int) -> Table:
    table = CostTable(f"Draft of {pages:,} generated pages, seconds by the clock, ratios to one core")
    with generated_project(pages) as project:
        measure_wiki(project, "build")
        build = ("draft", "--no-search")
        one_core = measure_wiki(project, *build, cores=1)
        _delete_draft(project)

        def compare(measure: str, cost: Cost) -> None:
            table.cost(measure, cost.seconds, "s", cost.seconds / one_core.seconds)

        compare("one core", one_core)
        if (os.cpu_count() or 1) >= 2:
            two_cores = measure_wiki(project, *build, cores=2)
            compare("two cores", two_cores)
            table.cost("gain by the second core", one_core.seconds / two_cores.seconds, "times", least=SPEEDUP)
            table.cost("CPU of 1,000 pages on two cores", 1000 * two_cores.cpu / pages, most=DRAFT)
            table.cost("peak memory of the main process", two_cores.peak, "MB")
        compare("again, nothing changed", measure_wiki(project, *build))
        edit_page(project)
        compare("one page edited", measure_wiki(project, *build))
        compare("with full-text search, nothing else to do", measure_wiki(project, "draft"))
    return table


def _delete_draft(project: Path) -> None:
    shutil.rmtree(project / "_site")
    shutil.rmtree(project / ".typedwiki" / "draft", ignore_errors=True)


def _measure_quarto(pages: int) -> Table:
    table = CostTable(f"Quarto on {pages:,} generated pages, seconds by the clock, ratios to the first row")
    full, _, edited, sharded = measure_quarto(pages)
    for measure, cost in (("all pages", full), ("one page edited", edited), ("all pages, two shards", sharded)):
        table.cost(measure, cost.seconds, "s", cost.seconds / full.seconds)
    return table


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
