"""Ten times as long a hostile text must cost about ten times as much, not a hundred times."""

from __future__ import annotations

import argparse
import time

from bench.measure import print_row, print_title
from typedwiki.text.links import scan

OPENERS = ("<pre>", "[[", "`", "$", "{{#mermaid:", "<!--", "{|", "    x\n\n")
TIMES = 10
MOST_TIMES = 20.0
"""Half-way between linear and quadratic, on a logarithmic scale, is 32."""


def main(options: argparse.Namespace) -> None:
    """Print how the cost of scanning grows with the number of unclosed openers."""
    print_title(f"scanning {TIMES} times as many unclosed openers")
    for opener in OPENERS:
        # A different text each time, because scans are cached.
        small, large = (
            min(_scan_time(f"{opener} a\n" * n + f"{i}\n") for i in range(3)) for n in (2_000, 2_000 * TIMES)
        )
        print_row(opener.strip(), 1000 * large, "ms", large / small, MOST_TIMES, of_ratio=True)


def _scan_time(text: str) -> float:
    started = time.process_time()
    scan(text)
    return time.process_time() - started
