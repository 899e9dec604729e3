"""Where the time of a first build goes, by module, as cProfile sees it: it makes small functions look slow."""

from __future__ import annotations

import argparse
import pstats
import sys
from collections import defaultdict
from pathlib import Path

from bench.measured import cost
from bench.projects import generated

MODULES, FUNCTIONS = 15, 15


def main(options: argparse.Namespace) -> None:
    """Print the modules and the functions that take most time in a build of 1,000 pages."""
    with generated(1_000) as here:
        saved = here / "profile"
        cost([sys.executable, "-m", "cProfile", "-o", str(saved), "scripts/wiki.py", "build"], here)
        stats = pstats.Stats(str(saved))
    found: dict[tuple[str, int, str], tuple[int, int, float, float, dict[tuple[str, int, str], tuple[float, ...]]]]
    found = stats.stats  # type: ignore[attr-defined]
    modules: dict[str, float] = defaultdict(float)
    for (file, _, _), (_, _, own, _, callers) in found.items():
        if file == "~":  # built in: charged to the module that calls it
            for (caller, _, _), shares in callers.items():
                modules[_short(caller)] += shares[2]
        else:
            modules[_short(file)] += own
    total = sum(modules.values())
    print(
        f"\nprofile of a first build of 1,000 generated pages: share of time in modules{'functions, with theirs':>37}"
    )
    top = sorted(modules.items(), key=lambda item: -item[1])[:MODULES]
    ours = [(shares[3], f"{_short(f)}:{name}") for (f, _, name), shares in found.items() if "typedwiki" in f]
    for (module, own), (spent, function) in zip(top, sorted(ours, reverse=True)[:FUNCTIONS], strict=False):
        print(f"  {own / total:6.1%}  {module:44}{spent / total:6.1%}  {function}")
    sys.stdout.flush()


def _short(file: str) -> str:
    for folder in ("/scripts/typedwiki/", "/site-packages/", "/lib/"):
        if folder in file:
            return file.rpartition(folder)[2]
    return Path(file).name
