"""Searches for markup whose cost grows faster than its size: each piece and each pair, repeated."""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "scripts")]

from fuzz.pipeline import Seed, TooSlowError, clear_caches, run_pipeline, time_limit  # noqa: E402
from fuzz.tokens import PIECES  # noqa: E402

SMALL, LARGE = 2_000, 20_000
"""Sizes of the pages in characters."""
HEADS = {"wiki": "== Overview ==\nText.\n\n== Requirements ==\n", "markdown": "## Overview\nText.\n\n## Requirements\n"}


def shapes(first: str, second: str, size: int) -> Iterator[tuple[str, str]]:
    """Texts of about ``size`` characters, each with the name of its construction."""
    count = max(1, size // (len(first) + len(second) + 1))
    yield "together", (first + second) * count
    yield "a line each", f"{first}{second} a\n" * count
    if second:
        yield "words between", f"{first} a {second} b " * count
        yield "one after the other", first * count + "\n" + second * count
        yield "one, then many", first + second * (size // len(second))
        yield "many, then one", first * (size // len(first)) + second
    else:
        yield "a paragraph each", f"{first} a\n\n" * count


def cost(text: str, page_type: str = "Environment", budget: float = 1.5) -> float:
    """Processor seconds for a text; infinite above the budget."""
    started = time.process_time()
    try:
        with time_limit(budget):
            run_pipeline(Seed("a.md", page_type, text.encode("utf-8", "surrogatepass")))
    except TooSlowError:
        return math.inf
    return time.process_time() - started


def main() -> None:
    """Print each shape that grows faster than its size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=0, help="so many pairs beside every single piece; -1: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", default="0/1", help="i/n: only every nth")
    options = parser.parse_args()
    pieces = list(dict.fromkeys(PIECES))
    pairs = list(product(pieces, pieces))
    random.Random(options.seed).shuffle(pairs)
    work = [(piece, "") for piece in pieces] + (pairs if options.pairs < 0 else pairs[: options.pairs])
    part, parts = map(int, options.part.split("/"))
    findings: list[tuple[float, str]] = []
    for number, (first, second) in enumerate(work[part::parts]):
        if number % 100 == 0:
            clear_caches()
        large_texts = dict(shapes(first, second, LARGE))
        for name, small in shapes(first, second, SMALL):
            for dialect, head in HEADS.items():
                large_cost = cost(head + large_texts[name])
                if math.isinf(large_cost):
                    print(f"  inf  (20 KB)  {dialect:9}{first!r} + {second!r}, {name}", flush=True)
                    findings.append((large_cost, name))
                    continue
                if large_cost < 0.12 or large_cost / cost(head + small) < 14:
                    continue
                huge = dict(shapes(first, second, 5 * LARGE))[name]
                repeated = cost(head + large_texts[name])
                huge_cost = cost(head + huge, budget=4)
                exponent = math.log(huge_cost / repeated, 5)
                if exponent > 1.25:
                    description = f"{exponent:5.2f} {huge_cost:7.2f} s  {dialect:9}{first!r} + {second!r}, {name}"
                    print(description, flush=True)
                    findings.append((exponent, description))
    print(f"{len(work[part::parts])} pieces and pairs, {len(findings)} grow too fast")


if __name__ == "__main__":
    main()
