"""What a note costs: by Quarto, by the fast engine, in the draft.

The notes are made before; what is measured is their rendering, in CPU seconds of all processes. The
fast engine's fixed cost, the pages that Quarto renders for it, is told apart.
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
from build_steps import generate
from conftest import copy_project
from typedwiki.build import build
from typedwiki.config import load_config
from typedwiki.pipeline import load_wiki
from typedwiki.render.draft import draft
from typedwiki.render.fast_engine import STAMPED, FastRun, render_inputs
from typedwiki.render.quarto import PartialRender
from typedwiki.render.render import WORK, find_quarto, render


def main(options: argparse.Namespace) -> None:
    """Print a row for each engine and size, and the ratios that matter. The first size is rendered by all
    engines, the others by the fast one alone."""
    sizes = (options.quarto, *options.fast)
    if not find_quarto():
        print("engines: Quarto is not installed")
        return
    heads = ("notes", "engine", "CPU s", "of Quarto", "pages", "ms a note", "seconds", "s a note", "peak MB")
    print("".join(f"{head:>10}" for head in heads))
    each: dict[tuple[int, str], float] = {}
    wall: dict[str, float] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            write_wiki(Path(folder, "wiki"), size)
            for engine in ("quarto", "draft", "fast") if size == sizes[0] else ("fast",):
                here = copy_project(Path(folder, engine), Path(folder, "wiki"))
                build(load_config(here))
                command = [sys.executable, "-m", "bench.engines", str(here), engine]
                done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
                cost = json.loads(done.stdout.splitlines()[-1])
                each[size, engine] = (cost["cpu"] - cost["fixed"]) / max(1, cost["pages"])
                seconds = (cost["seconds"] - cost["waited"]) / max(1, cost["pages"])
                wall.setdefault(engine, seconds)
                row = [f"{size}", engine, f"{cost['cpu']:.1f}", f"{cost['fixed']:.1f}", f"{cost['pages']}"]
                row += [f"{1000 * each[size, engine]:.1f}", f"{cost['seconds']:.1f}", f"{seconds:.3f}"]
                print("".join(f"{cell:>10}" for cell in [*row, f"{cost['peak'] / 1024:.0f}"]), flush=True)
    first = sizes[0]
    print(f"a note of Quarto / of fast: {each[first, 'quarto'] / each[first, 'fast']:.1f} in CPU seconds, ", end="")
    print(f"{wall['quarto'] / wall['fast']:.1f} in seconds; ", end="")
    print(f"fast / draft {each[first, 'fast'] / each[first, 'draft']:.2f}")
    for size in sizes[1:]:
        print(f"fast: a note among {size} / among {first}: {each[size, 'fast'] / each[first, 'fast']:.2f}")
    print()


def one(here: Path, engine: str) -> None:
    """Render one project; print as JSON the CPU seconds, those of Quarto's part, pages, seconds and peak memory."""
    quarto = str(find_quarto())
    config = load_config(here)
    fixed, waited = [0.0], [0.0]
    started, cpu_before = time.perf_counter(), cpu()
    if engine == "draft":
        notes, _ = generate(load_wiki(config), config)
        started, cpu_before = time.perf_counter(), cpu()
        draft(config, notes, here / "_site", lambda done, total: None)
        pages = sum(name.endswith(".qmd") for name in notes)
    elif engine == "fast":
        run = FastRun(here, quarto, here / WORK / "stamped", print, lambda done, total: None, SystemRandom())

        def make(names: Sequence[str], by_quarto) -> list[PartialRender]:  # type: ignore[no-untyped-def]
            def timed(names: Sequence[str]) -> list[PartialRender]:
                before, then = cpu(), time.perf_counter()
                rendered = by_quarto(names)
                fixed[0] += cpu() - before
                waited[0] += time.perf_counter() - then
                return list(rendered)

            return render_inputs(run, names, timed)

        render(here, quarto, engine=make)
        pages = len(json.loads((here / STAMPED).read_bytes()))
    else:
        pages = render(here, quarto).rendered
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cost = {"cpu": cpu() - cpu_before, "fixed": fixed[0], "waited": waited[0], "pages": pages, "peak": peak}
    print(json.dumps(cost | {"seconds": time.perf_counter() - started}))


def cpu() -> float:
    """CPU seconds of this process and its children."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


if __name__ == "__main__":
    one(Path(sys.argv[1]), sys.argv[2])
