"""Ten times a hostile text must cost about ten times as much, not a hundred times."""

from __future__ import annotations

import argparse
import time

from bench.measured import row, title
from typedwiki.text.links import scan

OPENERS = ("<pre>", "[[", "`", "$", "{{#mermaid:", "<!--", "{|", "    x\n\n")
TIMES = 10
MOST = 20.0
"""Times; half way, in logarithms, from linear to quadratic is 32."""


def main(options: argparse.Namespace) -> None:
    """Print how the cost of scanning grows with the number of openers that nothing closes."""
    title(f"scanning {TIMES} times as many unclosed openers")
    for opener in OPENERS:
        # A text of its own each time: what has been scanned is remembered.
        small, large = (min(_scanned(f"{opener} a\n" * n + f"{i}\n") for i in range(3)) for n in (2_000, 2_000 * TIMES))
        row(opener.strip(), 1000 * large, "ms", large / small, MOST, of_ratio=True)


def _scanned(text: str) -> float:
    started = time.process_time()
    scan(text)
    return time.process_time() - started
