"""Benchmarks: `make bench`. Prints ratios of one run on one machine; writes nothing into the repository."""

from __future__ import annotations

import argparse
import importlib
import time
from pathlib import Path

TABLES = (
    "scale",
    "renderers",
    "engines",
    "rivals",
    "conversion",
    "linearity",
    "browse",
    "lighthouse",
    "search",
    "profile",
)
"""Modules. Each is imported when it runs, because the memory of this process limits what can be measured of
another from below."""
PAGES = "100,1000,10000,25000"


def main() -> None:
    """Print the requested tables."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--pages", type=_numbers, default=_numbers(PAGES), metavar="N,N", help=f"default: {PAGES}")
    parser.add_argument("--only", type=_tables, default=TABLES, metavar="TABLE,TABLE", help=f"of {','.join(TABLES)}")
    parser.add_argument("--render", type=int, default=1000, metavar="N", help="pages of the draft (default: 1000)")
    parser.add_argument("--rivals", type=int, default=1000, metavar="N", help="pages for the others (default: 1000)")
    parser.add_argument("--quarto", type=int, default=200, metavar="N", help="pages for Quarto (default: 200)")
    parser.add_argument("--fast", type=_numbers, default=(1000, 10000), metavar="N,N", help="for fast alone")
    parser.add_argument("--wiki", type=Path, metavar="DIR", help="search: the wiki (default: three)")
    parser.add_argument("--site", type=Path, metavar="DIR", help="search: a site made of it (default: a draft)")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="search: without other programs")
    options = parser.parse_args()
    from bench.machine import describe_machine

    started = time.perf_counter()
    print(describe_machine(), flush=True)
    for table in options.only:
        importlib.import_module(f"bench.{table}").main(options)
    print(f"\n{(time.perf_counter() - started) / 60:.1f} minutes")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


def _tables(text: str) -> tuple[str, ...]:
    tables = tuple(text.split(","))
    if unknown := set(tables) - set(TABLES):
        raise argparse.ArgumentTypeError(f"no table {', '.join(sorted(unknown))}; there are {', '.join(TABLES)}")
    return tables


if __name__ == "__main__":
    main()
