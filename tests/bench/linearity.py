"""Ten times as long a hostile text must cost about ten times as much, not a hundred times."""

from __future__ import annotations

import argparse
import time

from bench.tables import CostTable, Table
from typedwiki.text.links import scan

OPENERS = ("<pre>", "[[", "`", "$", "{{#mermaid:", "<!--", "{|", "    x\n\n", "> ```\n>", "\\```")
TIMES = 10
MOST_TIMES = 20.0
"""Half-way between linear and quadratic, on a logarithmic scale, is 32."""


def main(options: argparse.Namespace) -> list[Table]:
    """Measure how the cost of scanning grows with the number of unclosed openers."""
    table = CostTable(f"Scanning {TIMES} times as many unclosed openers")
    for opener in OPENERS:
        # A different text each time, because scans are cached.
        small, large = (
            min(_scan_time(f"{opener} a\n" * n + f"{i}\n") for i in range(3)) for n in (2_000, 2_000 * TIMES)
        )
        table.cost(opener.strip().replace("\n", " "), large, "s", large / small, most=MOST_TIMES)
    return [table]


def _scan_time(text: str) -> float:
    started = time.process_time()
    scan(text)
    return time.process_time() - started
