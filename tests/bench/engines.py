"""The cost of a note: by Quarto, by the fast engine, in the draft.

The notes exist before; their rendering is measured, in CPU seconds of all processes. The fast engine's
fixed cost, the pages that Quarto renders for it, is reported separately.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom

from bench.generate import write_wiki
from bench.measure import CommandError
from bench.tables import CostTable, Table, format_time
from build_steps import generate
from conftest import copy_project
from typedwiki.build import build
from typedwiki.config import load_config
from typedwiki.pipeline import load_wiki
from typedwiki.render.draft import draft
from typedwiki.render.fast_engine import STAMPED, FastRun, render_inputs
from typedwiki.render.quarto import PartialRender
from typedwiki.render.render import WORK, find_quarto, render

FASTER = 20.0
"""How many times as much CPU as the fast engine Quarto should take for a note."""


def main(options: argparse.Namespace) -> list[Table]:
    """Measure each engine and size, and compare them.

    All engines render the first size, the fast one alone renders the others.
    """
    if not find_quarto():
        raise CommandError("Quarto is not installed")
    costs = Table(
        "The notes by engine, seconds (calibrations); fixed: the pages that Quarto renders for the fast engine",
        *("CPU", "fixed CPU", "notes", "CPU of 1,000 notes", "by the clock", "of 1,000 notes", "peak MB"),
    )
    cpu_per_note: dict[tuple[int, str], float] = {}
    seconds_per_note: dict[tuple[int, str], float] = {}
    first, *others = sizes = (options.quarto, *options.fast)
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            write_wiki(Path(folder, "wiki"), size)
            for engine in ("quarto", "draft", "fast") if size == first else ("fast",):
                project = copy_project(Path(folder, engine), Path(folder, "wiki"))
                build(load_config(project))
                command = [sys.executable, "-m", "bench.engines", str(project), engine]
                result = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
                cost = json.loads(result.stdout.splitlines()[-1])
                cpu = cpu_per_note[size, engine] = (cost["cpu"] - cost["fixed"]) / max(1, cost["pages"])
                seconds = seconds_per_note[size, engine] = (cost["seconds"] - cost["waited"]) / max(1, cost["pages"])
                costs.row(
                    f"{engine}, wiki of {size:,} pages",
                    format_time(cost["cpu"]),
                    format_time(cost["fixed"]),
                    f"{cost['pages']:,}",
                    format_time(1000 * cpu),
                    format_time(cost["seconds"]),
                    format_time(1000 * seconds),
                    f"{cost['peak'] / 1024:,.0f}",
                )
    ratios = CostTable(f"The engines compared, in a wiki of {first:,} pages and without the fixed cost")

    def compare(measure: str, dividend: float, divisor: float, least: float | None = None) -> None:
        ratios.cost(measure, dividend / divisor, "times", least=least)

    fast = cpu_per_note[first, "fast"]
    compare("CPU of Quarto to that of the fast engine", cpu_per_note[first, "quarto"], fast, FASTER)
    compare("the same by the clock", seconds_per_note[first, "quarto"], seconds_per_note[first, "fast"])
    compare("CPU of the fast engine to that of the draft", fast, cpu_per_note[first, "draft"])
    for size in others:
        compare(f"CPU of a note among {size:,} to one here", cpu_per_note[size, "fast"], fast)
    return [costs, ratios]


def measure_project(project: Path, engine: str) -> None:
    """Render one project; print as JSON the CPU seconds, Quarto's part of them, pages, seconds and peak memory."""
    quarto = str(find_quarto())
    config = load_config(project)
    quarto_cpu, quarto_seconds = [0.0], [0.0]
    started, cpu_before = time.perf_counter(), cpu()
    if engine == "draft":
        notes, _ = generate(load_wiki(config), config)
        started, cpu_before = time.perf_counter(), cpu()
        draft(config, notes, project / "_site", lambda done, total: None)
        pages = sum(name.endswith(".qmd") for name in notes)
    elif engine == "fast":
        run = FastRun(project, quarto, project / WORK / "stamped", print, lambda done, total: None, SystemRandom())

        def render_stamped(names: Sequence[str], by_quarto) -> list[PartialRender]:  # type: ignore[no-untyped-def]
            def render_timed(names: Sequence[str]) -> list[PartialRender]:
                before, started_quarto = cpu(), time.perf_counter()
                rendered = by_quarto(names)
                quarto_cpu[0] += cpu() - before
                quarto_seconds[0] += time.perf_counter() - started_quarto
                return list(rendered)

            return render_inputs(run, names, render_timed)

        render(project, quarto, engine=render_stamped)
        pages = len(json.loads((project / STAMPED).read_bytes()))
    else:
        pages = render(project, quarto).rendered
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cost = {
        "cpu": cpu() - cpu_before,
        "fixed": quarto_cpu[0],
        "waited": quarto_seconds[0],
        "pages": pages,
        "peak": peak,
    }
    print(json.dumps(cost | {"seconds": time.perf_counter() - started}))


def cpu() -> float:
    """CPU seconds of this process and its children."""
    usages = [resource.getrusage(target) for target in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    measure_project(Path(sys.argv[1]), sys.argv[2])
