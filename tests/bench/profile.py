"""The time of a first build by module, measured by cProfile, which overstates small functions."""

from __future__ import annotations

import argparse
import pstats
import sys
from collections import defaultdict
from pathlib import Path

from bench.measure import measure
from bench.projects import generated_project
from bench.tables import Table

MODULES, FUNCTIONS = 15, 15


def main(options: argparse.Namespace) -> list[Table]:
    """Print the modules and the functions that take most time in a build of 1,000 pages."""
    with generated_project(1_000) as project:
        profile_file = project / "profile"
        command = [sys.executable, "-m", "cProfile", "-o", str(profile_file), "scripts/wiki.py", "build"]
        measure(command, project, cores=1)  # in one process: cProfile sees no other
        stats = pstats.Stats(str(profile_file))
    entries: dict[tuple[str, int, str], tuple[int, int, float, float, dict[tuple[str, int, str], tuple[float, ...]]]]
    entries = stats.stats  # type: ignore[attr-defined]
    modules: dict[str, float] = defaultdict(float)
    for (file, _, _), (_, _, seconds, _, callers) in entries.items():
        if file == "~":  # built-in: charged to the calling module
            for (caller, _, _), shares in callers.items():
                modules[_short(caller)] += shares[2]
        else:
            modules[_short(file)] += seconds
    total = sum(modules.values())
    title = "Profile of a first build of 1,000 generated pages: shares of time in modules, and in functions with theirs"
    table = Table(title, "of time", "functions", "of time")
    top = sorted(modules.items(), key=lambda item: -item[1])[:MODULES]
    functions = [(shares[3], f"{_short(f)}:{name}") for (f, _, name), shares in entries.items() if "typedwiki" in f]
    for (module, seconds), (cumulative, function) in zip(
        top, sorted(functions, reverse=True)[:FUNCTIONS], strict=False
    ):
        table.row(module, f"{seconds / total:.1%}", function, f"{cumulative / total:.1%}")
    return [table]


def _short(file: str) -> str:
    for folder in ("/scripts/typedwiki/", "/site-packages/", "/lib/"):
        if folder in file:
            return file.rpartition(folder)[2]
    return Path(file).name
