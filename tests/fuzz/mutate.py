"""Mutation fuzzing of real pages: ``python tests/fuzz/mutate.py --cases 20000 --seed 1``.

Each case takes a real page, changes it in one to four ways and takes it through the whole house: no
exception, no hang, no loss of text. Case n of a seed is always the same. A case that fails is
made small and written to a file.
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

from fuzz.house import Emitted, Seed, TooSlowError, forget, limited, seeds, through  # noqa: E402
from fuzz.kept import as_pandoc_reads_it, missing  # noqa: E402
from fuzz.tokens import PIECES  # noqa: E402

LARGEST = 100_000
"""Bytes of a case."""
_PIECES = [piece.encode("utf-8", "surrogatepass") for piece in PIECES]
_ODD = [chr(code).encode("utf-8", "surrogatepass") for code in (0, 0x1B, 0x85, 0x202E, 0x2066, 0xD800, 0xE000, 0xFFFE)]
_OPENERS = [
    piece for piece in _PIECES if piece in (b"[", b"[[", b"{{", b"{|\n", b"> ", b"<b>", b"(", b"{", b"- ", b"**")
]


def delete(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    return b"\n".join(lines[:at] + lines[at + chance.randint(1, 5) :])


def duplicate(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    at, size = chance.randrange(len(lines)), chance.randint(1, 5)
    return b"\n".join(lines[: at + size] + lines[at : at + size] * chance.choice((1, 1, 2, 50)) + lines[at + size :])


def swap(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    here, there = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[here], lines[there] = lines[there], lines[here]
    return b"\n".join(lines)


def join(data: bytes, chance: random.Random) -> bytes:
    ends = [at for at, byte in enumerate(data) if byte == 10] or [0]
    at = chance.choice(ends)
    return data[:at] + chance.choice((b"", b" ", b"\n\n", b"\t")) + data[at + 1 :]


def splice(data: bytes, chance: random.Random) -> bytes:
    other = chance.choice(seeds()).data
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def insert(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + chance.choice(_PIECES) + data[at:]


def surround(data: bytes, chance: random.Random) -> bytes:
    start, end = sorted((_place(data, chance), _place(data, chance)))
    return data[:start] + chance.choice(_PIECES) + data[start:end] + chance.choice(_PIECES) + data[end:]


def repeat(data: bytes, chance: random.Random) -> bytes:
    at, between = _place(data, chance), chance.choice((b"", b" ", b"\n", b" a\n", b"\n\n"))
    return data[:at] + (chance.choice(_PIECES) + between) * chance.choice((2, 3, 10, 100, 1000, 5000)) + data[at:]


def nest(data: bytes, chance: random.Random) -> bytes:
    at, depth = _place(data, chance), chance.choice((5, 50, 1000, 10_000))
    return data[:at] + chance.choice(_OPENERS) * depth + b"deep" + data[at:]


def truncate(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def behead(data: bytes, chance: random.Random) -> bytes:
    return data[chance.randrange(len(data) + 1) :]


def corrupt(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 5, 50)) if out else 0):
        out[chance.randrange(len(out))] = chance.choice((chance.randrange(256), chance.choice(b"[]{}|`<>$*_#=\\\n:!-")))
    return bytes(out)


def drop_byte(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[at + chance.randint(1, 8) :]


def oddity(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(_ODD) * chance.choice((1, 1, 20)) + data[at:]


def line_ends(data: bytes, chance: random.Random) -> bytes:
    parts = data.split(b"\n")
    return b"".join(part + chance.choice((b"\n", b"\r\n", b"\r\n", b"\r")) for part in parts)


def indent(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    at, lead = chance.randrange(len(lines)), chance.choice((b" ", b"    ", b"\t", b"> ", b"* ", b": ", b"| ", b"- "))
    for number in range(at, min(len(lines), at + chance.randint(1, 20))):
        lines[number] = lead + lines[number]
    return b"\n".join(lines)


def fronted(data: bytes, chance: random.Random) -> bytes:
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
    body = b"".join(chance.choice(names) + b": " + chance.choice(values) + b"\n" for _ in range(chance.randint(1, 6)))
    return b"---\n" + body + chance.choice((b"---\n", b"...\n", b"")) + data


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(delete, duplicate, swap, join, splice, insert, insert, insert, surround, surround, repeat, nest),
    *(truncate, behead, corrupt, corrupt, drop_byte, oddity, line_ends, indent, fronted),
)


def _place(data: bytes, chance: random.Random) -> int:
    """Anywhere, more often at the beginning of a line."""
    at = chance.randrange(len(data) + 1)
    return data.rfind(b"\n", 0, at) + 1 if chance.random() < 0.5 else at


def case(seed: int, number: int) -> tuple[Seed, str]:
    """A changed page, and the names of the changes."""
    chance = random.Random(f"{seed}/{number}")
    base = chance.choice(seeds())
    data, done = base.data, []
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        change = chance.choice(MUTATIONS)
        done.append(change.__name__)
        data = change(data, chance)[:LARGEST]
    return base._replace(data=data), f"{base.path}: {' '.join(done)}"


def fault(seed: Seed, ask_pandoc: bool = False) -> str:
    """What is wrong with how a page goes through the house; empty if nothing is."""
    try:
        with limited(2 + len(seed.data) / 20_000):
            emitted: Emitted = through(seed)
    except TooSlowError as error:
        return f"hang: {error}"
    except Exception as error:  # whatever it is, it is a finding
        where = traceback.extract_tb(error.__traceback__)[-1]
        return (
            f"exception: {type(error).__name__} in {where.name}, {Path(where.filename).name}:{where.lineno}: {error}"[
                :300
            ]
        )
    if lost := () if seed.is_index else missing(emitted):
        return f"loss: {' '.join(lost[:12])}"
    return as_pandoc_reads_it(emitted) if ask_pandoc else ""


def minimised(seed: Seed, wanted: str, ask_pandoc: bool, seconds: float = 20) -> Seed:
    """The smallest page found with the same kind of fault: without lines, then without characters (ddmin)."""
    kind = " ".join(wanted.split()[:2]) if wanted.startswith("loss") else re.split("[,.]", wanted)[0]
    until = time.monotonic() + seconds

    def fails(parts: Sequence[bytes], glue: bytes) -> bool:
        return time.monotonic() < until and fault(seed._replace(data=glue.join(parts)), ask_pandoc).startswith(kind)

    data = seed.data
    for glue, cut in ((b"\n", lambda d: d.split(b"\n")), (b"", lambda d: [bytes([b]) for b in d])):
        parts: list[bytes] = cut(data)
        step = max(1, len(parts) // 2)
        while step:
            at = 0
            while at < len(parts):
                fewer = parts[:at] + parts[at + step :]
                if fails(fewer, glue):
                    parts = fewer
                else:
                    at += step
            step //= 2
        data = glue.join(parts)
    return seed._replace(data=data)


def run(seed: int, cases: Iterator[int], pandoc_every: int) -> Iterator[tuple[int, str, str, Seed]]:
    """The cases that fail: number, how it was made, fault, page."""
    for done, number in enumerate(cases):
        if done % 200 == 0:
            forget()
        page, made = case(seed, number)
        ask_pandoc = bool(pandoc_every) and number % pandoc_every == 0
        if wrong := fault(page, ask_pandoc):
            yield number, made, wrong, page


def main() -> int:
    """Run the cases; 1 if any fails."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=20_000)
    options.add_argument("--first", type=int, default=0, help="number of the first case")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--pandoc-every", type=int, default=100, help="ask pandoc about every nth case; 0: never")
    options.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir(), "typedwiki-fuzz"))
    options.add_argument("--most", type=int, default=20, help="stop after so many findings")
    options.add_argument("--as-is", action="store_true", help="do not make the findings small")
    asked = options.parse_args()
    asked.keep.mkdir(parents=True, exist_ok=True)
    kinds: Counter[str] = Counter()
    numbers = iter(range(asked.first, asked.first + asked.cases))
    for number, made, wrong, page in run(asked.seed, numbers, asked.pandoc_every):
        kinds[wrong.split(":")[0]] += 1
        asks = number % asked.pandoc_every == 0 if asked.pandoc_every else False
        small = page if asked.as_is else minimised(page, wrong, asks)
        path = asked.keep / f"case-{asked.seed}-{number}{Path(page.path).suffix}"
        path.write_bytes(small.data)
        print(f"seed {asked.seed} case {number} ({made})\n  {wrong}\n  {path}: {small.data[:300]!r}", flush=True)
        if kinds.total() >= asked.most:
            break
    done = next(numbers, asked.first + asked.cases) - asked.first
    print(f"{done} cases of seed {asked.seed}: {dict(kinds) or 'no findings'}")
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
