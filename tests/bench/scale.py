"""The costs of prebuild, audit and exports as wikis grow."""

from __future__ import annotations

import argparse
import os
import time

from bench.measure import Cost, measure_wiki, watch_memory
from bench.projects import EDITS, SETTLE_SECONDS, edit_page, forget_build, generated_project, modification_times
from bench.tables import CostTable, Table

COLD = 2.0
"""Calibrations that a first build may take for 1,000 pages."""
GROWTH = 1.3
"""How many times as much a page may cost in a larger wiki as in one of 1,000 pages."""
BASE = 1_000
CHECK, EDITED, UNCHANGED = 0.35, 0.1, 0.02
"""Shares of the CPU time of a first build."""
SPEEDUP = 1.7
"""How much faster two cores are by the clock, at least."""
MEMORY = {25_000: 1_200.0}
"""Megabytes that a first build may take."""


def main(options: argparse.Namespace) -> list[Table]:
    """Measure each size of wiki. Ratios are to the CPU time of the first build, unless a row says otherwise."""
    seconds_per_page: dict[int, float] = {}
    return [_measure_size(pages, seconds_per_page) for pages in options.pages]


def _measure_size(pages: int, seconds_per_page: dict[int, float]) -> Table:
    table = CostTable(f"{pages:,} generated pages, seconds of CPU, ratios to the first build")
    with generated_project(pages) as project:
        check = measure_wiki(project, "check")
        forget_build(project)
        one_core = measure_wiki(project, "build", cores=1)
        forget_build(project)
        with watch_memory() as megabytes:
            cold = measure_wiki(project, "build")
        seconds_per_page[pages] = cold.cpu / pages

        def compare(measure: str, cost: Cost, most: float | None = None) -> None:
            table.cost(measure, cost.cpu, "s", cost.cpu / cold.cpu, most=most)

        table.cost("first build", cold.cpu, most=COLD * pages / BASE if pages >= BASE else None)
        if BASE in seconds_per_page and pages > BASE:
            growth = seconds_per_page[pages] / seconds_per_page[BASE]
            of_base = BASE * cold.cpu / pages
            table.cost(f"{BASE:,} pages of it, to a wiki of so many", of_base, "s", growth, most=GROWTH)
        table.cost("first build by the clock", cold.seconds)
        if (os.cpu_count() or 1) >= 2:
            speedup = one_core.seconds / cold.seconds
            table.cost("first build on one core, to two, by the clock", one_core.seconds, "s", speedup, least=SPEEDUP)
        table.cost("peak memory of the main process", cold.peak, "MB")
        table.cost("peak memory of all, shared parts counted once", max(megabytes), "MB", most=MEMORY.get(pages))
        compare("check without a build before", check, CHECK)
        time.sleep(SETTLE_SECONDS)
        before = modification_times(project / "notes")
        compare("build, nothing changed", measure_wiki(project, "build"), UNCHANGED)
        after = modification_times(project / "notes")
        table.cost("files written", sum(before.get(path) != at for path, at in after.items()), "", most=0)
        compare("check, nothing changed", measure_wiki(project, "check"))
        compare("export, all formats", measure_wiki(project, "export", f"--output={project / 'exported'}"))
        for kind in EDITS:
            edit_page(project, kind)
            time.sleep(SETTLE_SECONDS)
            compare(f"build after an edit: {kind}", measure_wiki(project, "build"), EDITED)
    return table
