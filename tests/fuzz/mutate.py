"""Mutation fuzzing of real pages: ``python tests/fuzz/mutate.py --cases 20000 --seed 1``.

Each case takes a real page, changes it in one to four ways and runs it through the whole pipeline: no
exception, no hang, no lost text. Case n of a seed is always the same. A case that fails is
minimised and written to a file.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "scripts")]

from fuzz.lost_words import lost_words, pandoc_fault  # noqa: E402
from fuzz.pipeline import Converted, Seed, TooSlowError, clear_caches, run_pipeline, seeds, time_limit  # noqa: E402
from fuzz.tokens import PIECES  # noqa: E402

LARGEST = 100_000
"""Bytes of a case."""
_PIECES = [piece.encode("utf-8", "surrogatepass") for piece in PIECES]
_ODD = [chr(code).encode("utf-8", "surrogatepass") for code in (0, 0x1B, 0x85, 0x202E, 0x2066, 0xD800, 0xE000, 0xFFFE)]
_OPENERS = [
    piece for piece in _PIECES if piece in (b"[", b"[[", b"{{", b"{|\n", b"> ", b"<b>", b"(", b"{", b"- ", b"**")
]


def delete(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    return b"\n".join(lines[:at] + lines[at + rng.randint(1, 5) :])


def duplicate(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    at, size = rng.randrange(len(lines)), rng.randint(1, 5)
    return b"\n".join(lines[: at + size] + lines[at : at + size] * rng.choice((1, 1, 2, 50)) + lines[at + size :])


def swap(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


def join(data: bytes, rng: random.Random) -> bytes:
    ends = [at for at, byte in enumerate(data) if byte == 10] or [0]
    at = rng.choice(ends)
    return data[:at] + rng.choice((b"", b" ", b"\n\n", b"\t")) + data[at + 1 :]


def splice(data: bytes, rng: random.Random) -> bytes:
    other = rng.choice(seeds()).data
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def insert(data: bytes, rng: random.Random) -> bytes:
    at = _random_position(data, rng)
    return data[:at] + rng.choice(_PIECES) + data[at:]


def surround(data: bytes, rng: random.Random) -> bytes:
    start, end = sorted((_random_position(data, rng), _random_position(data, rng)))
    return data[:start] + rng.choice(_PIECES) + data[start:end] + rng.choice(_PIECES) + data[end:]


def repeat(data: bytes, rng: random.Random) -> bytes:
    at, separator = _random_position(data, rng), rng.choice((b"", b" ", b"\n", b" a\n", b"\n\n"))
    return data[:at] + (rng.choice(_PIECES) + separator) * rng.choice((2, 3, 10, 100, 1000, 5000)) + data[at:]


def nest(data: bytes, rng: random.Random) -> bytes:
    at, depth = _random_position(data, rng), rng.choice((5, 50, 1000, 10_000))
    return data[:at] + rng.choice(_OPENERS) * depth + b"deep" + data[at:]


def truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def behead(data: bytes, rng: random.Random) -> bytes:
    return data[rng.randrange(len(data) + 1) :]


def corrupt(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 5, 50)) if out else 0):
        out[rng.randrange(len(out))] = rng.choice((rng.randrange(256), rng.choice(b"[]{}|`<>$*_#=\\\n:!-")))
    return bytes(out)


def drop_byte(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.randint(1, 8) :]


def insert_odd_characters(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(_ODD) * rng.choice((1, 1, 20)) + data[at:]


def line_ends(data: bytes, rng: random.Random) -> bytes:
    parts = data.split(b"\n")
    return b"".join(part + rng.choice((b"\n", b"\r\n", b"\r\n", b"\r")) for part in parts)


def indent(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    at, lead = rng.randrange(len(lines)), rng.choice((b" ", b"    ", b"\t", b"> ", b"* ", b": ", b"| ", b"- "))
    for number in range(at, min(len(lines), at + rng.randint(1, 20))):
        lines[number] = lead + lines[number]
    return b"\n".join(lines)


def add_front_matter(data: bytes, rng: random.Random) -> bytes:
    values = (
        b"x",
        b"[a, b",
        b"{a: b}",
        b"2025-01-01",
        b"2025-13-45",
        b"!!python/x y",
        b"&a [*a]",
        b"|\n  x",
        b"'",
        b"1e999",
        b"~",
    )
    names = (b"title", b"sources", b"domains", b"date", b"overview", b"aliases", b"type", b"? a", b"- b", b"repository")
    body = b"".join(rng.choice(names) + b": " + rng.choice(values) + b"\n" for _ in range(rng.randint(1, 6)))
    return b"---\n" + body + rng.choice((b"---\n", b"...\n", b"")) + data


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(delete, duplicate, swap, join, splice, insert, insert, insert, surround, surround, repeat, nest),
    *(truncate, behead, corrupt, corrupt, drop_byte, insert_odd_characters, line_ends, indent, add_front_matter),
)


def _random_position(data: bytes, rng: random.Random) -> int:
    """A random position, more often the beginning of a line."""
    at = rng.randrange(len(data) + 1)
    return data.rfind(b"\n", 0, at) + 1 if rng.random() < 0.5 else at


def make_case(seed: int, number: int) -> tuple[Seed, str]:
    """A changed page, and the names of the changes."""
    rng = random.Random(f"{seed}/{number}")
    base = rng.choice(seeds())
    data, names = base.data, []
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        change = rng.choice(MUTATIONS)
        names.append(change.__name__)
        data = change(data, rng)[:LARGEST]
    return base._replace(data=data), f"{base.path}: {' '.join(names)}"


def find_fault(seed: Seed, ask_pandoc: bool = False) -> str:
    """The fault in how the pipeline handles a page; empty if there is none."""
    try:
        with time_limit(2 + len(seed.data) / 20_000):
            emitted: Converted = run_pipeline(seed)
    except TooSlowError as error:
        return f"hang: {error}"
    except Exception as error:  # whatever it is, it is a finding
        where = traceback.extract_tb(error.__traceback__)[-1]
        return (
            f"exception: {type(error).__name__} in {where.name}, {Path(where.filename).name}:{where.lineno}: {error}"[
                :300
            ]
        )
    if words := () if seed.is_index else lost_words(emitted):
        return f"loss: {' '.join(words[:12])}"
    return pandoc_fault(emitted) if ask_pandoc else ""


def minimise(seed: Seed, fault: str, ask_pandoc: bool, seconds: float = 20) -> Seed:
    """Reduce a page that fails: remove lines, then characters, while it fails in the same way (ddmin)."""
    kind = " ".join(fault.split()[:2]) if fault.startswith("loss") else re.split("[,.]", fault)[0]
    deadline = time.monotonic() + seconds

    def still_fails(parts: Sequence[bytes], glue: bytes) -> bool:
        return time.monotonic() < deadline and find_fault(seed._replace(data=glue.join(parts)), ask_pandoc).startswith(
            kind
        )

    data = seed.data
    for glue, cut in ((b"\n", lambda d: d.split(b"\n")), (b"", lambda d: [bytes([b]) for b in d])):
        parts: list[bytes] = cut(data)
        step = max(1, len(parts) // 2)
        while step:
            at = 0
            while at < len(parts):
                shorter = parts[:at] + parts[at + step :]
                if still_fails(shorter, glue):
                    parts = shorter
                else:
                    at += step
            step //= 2
        data = glue.join(parts)
    return seed._replace(data=data)


def run_cases(seed: int, cases: Iterator[int], pandoc_every: int) -> Iterator[tuple[int, str, str, Seed]]:
    """Yield the cases that fail: number, changes, fault, page."""
    for count, number in enumerate(cases):
        if count % 200 == 0:
            clear_caches()
        page, changes = make_case(seed, number)
        ask_pandoc = bool(pandoc_every) and number % pandoc_every == 0
        if fault := find_fault(page, ask_pandoc):
            yield number, changes, fault, page


def main() -> int:
    """Run the cases and return 1 if any of them fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pandoc-every", type=int, default=100, help="ask pandoc about every nth case; 0: never")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir(), "typedwiki-fuzz"))
    parser.add_argument("--most", type=int, default=20, help="stop after so many findings")
    parser.add_argument("--as-is", action="store_true", help="do not make the findings small")
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    kinds: Counter[str] = Counter()
    numbers = iter(range(options.first, options.first + options.cases))
    for number, changes, fault, page in run_cases(options.seed, numbers, options.pandoc_every):
        kinds[fault.split(":")[0]] += 1
        ask_pandoc = number % options.pandoc_every == 0 if options.pandoc_every else False
        minimised = page if options.as_is else minimise(page, fault, ask_pandoc)
        path = options.keep / f"case-{options.seed}-{number}{Path(page.path).suffix}"
        path.write_bytes(minimised.data)
        print(
            f"seed {options.seed} case {number} ({changes})\n  {fault}\n  {path}: {minimised.data[:300]!r}", flush=True
        )
        if kinds.total() >= options.most:
            break
    count = next(numbers, options.first + options.cases) - options.first
    print(f"{count} cases of seed {options.seed}: {dict(kinds) or 'no findings'}")
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
