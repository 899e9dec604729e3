"""Benchmarks: `make bench`. Prints tables, and writes those of the parts that ran into docs/performance.md."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import traceback
from pathlib import Path

PARTS = (
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
"""Modules. The ``main`` of each returns its tables, or raises an error if it cannot measure all that they hold. Each is
imported when it runs, because the memory of this process limits what can be measured of another from below.
"""
PAGES = "1000,10000,25000"
PAGE = Path(__file__).parents[2] / "docs/performance.md"


def main() -> None:
    """Print the tables of the requested parts, and write them."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--pages", type=_numbers, default=_numbers(PAGES), metavar="N,N", help=f"default: {PAGES}")
    parser.add_argument("--only", type=_parts, default=PARTS, metavar="PART,PART", help=f"of {','.join(PARTS)}")
    parser.add_argument("--render", type=int, default=1000, metavar="N", help="pages of the draft (default: 1000)")
    parser.add_argument("--rivals", type=int, default=1000, metavar="N", help="pages for the others (default: 1000)")
    parser.add_argument("--quarto", type=int, default=200, metavar="N", help="pages for Quarto (default: 200)")
    parser.add_argument("--fast", type=_numbers, default=(1000, 10000), metavar="N,N", help="for fast alone")
    parser.add_argument("--wiki", type=Path, metavar="DIR", help="search: the wiki (default: three)")
    parser.add_argument("--site", type=Path, metavar="DIR", help="search: a site made of it (default: a draft)")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="search: without other programs")
    parser.add_argument("--no-write", dest="write", action="store_false", help=f"leave {PAGE.name} as it is")
    options = parser.parse_args()
    from bench.machine import describe_machine, measured_on
    from bench.measure import CommandError
    from bench.tables import write_tables

    started = time.perf_counter()
    print(describe_machine(), flush=True)
    failed = []
    for part in options.only:
        try:
            tables = importlib.import_module(f"bench.{part}").main(options)
            if options.write:
                write_tables(PAGE, part, tables, measured_on())
        except Exception as error:  # the other parts take most of an hour
            reason = str(error) if isinstance(error, CommandError) else traceback.format_exc()
            print(f"\n{part} is not complete, and its tables in {PAGE.name} stay as they are: {reason}", flush=True)
            failed.append(part)
    print(f"\n{(time.perf_counter() - started) / 60:.1f} minutes")
    if failed:
        sys.exit(f"not complete: {', '.join(failed)}")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


def _parts(text: str) -> tuple[str, ...]:
    parts = tuple(text.split(","))
    if unknown := set(parts) - set(PARTS):
        raise argparse.ArgumentTypeError(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return parts


if __name__ == "__main__":
    main()
