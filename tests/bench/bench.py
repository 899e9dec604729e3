"""What it costs and what it keeps: `make bench`. Ratios of one run on one machine; commits nothing."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

import generated  # noqa: E402
import oracle  # noqa: E402
from conftest import project  # noqa: E402
from typedwiki.config import load_config  # noqa: E402
from typedwiki.pipeline import generate, understand  # noqa: E402
from typedwiki.render.render import find_quarto  # noqa: E402
from typedwiki.text.links import scan  # noqa: E402


def main() -> None:
    wikis = [ROOT / "data/wikis"]
    if corpus := os.environ.get("TYPEDWIKI_CORPUS"):
        wikis += [path for path in sorted(Path(corpus).iterdir()) if path.is_dir()]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    speed(wikis)
    conversion(wikis)
    growth()
    linearity()
    sys.stdout.flush()
    subprocess.run([sys.executable, str(Path(__file__).with_name("browse.py"))], check=False)


def growth() -> None:
    """CPU seconds of reading, checking and writing generated wikis, and how they grow."""
    print(f"{'generated pages':>16}{'check':>10}{'build':>10}{'again':>10}   (CPU seconds)")
    before: list[float] = []
    for pages in (1_000, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            wiki, notes = Path(folder, "wiki"), Path(folder, "notes")
            generated.write_wiki(wiki, pages)
            build = ("build", f"--source={wiki}", f"--output={notes}")
            row = [cpu("check", f"--source={wiki}"), cpu(*build), cpu(*build)]
        ratios = "".join(f"{now / then:>9.1f}x" for now, then in zip(row, before, strict=True)) if before else ""
        print(f"{pages:>16}" + "".join(f"{seconds:>10.1f}" for seconds in row) + f"   {ratios}")
        before = row
    print()


def cpu(*arguments: str) -> float:
    """CPU seconds of one command, its children included."""
    started = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "scripts/wiki.py", *arguments], cwd=ROOT, capture_output=True, check=False)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime - started.ru_utime - started.ru_stime


def speed(wikis: list[Path]) -> None:
    """Seconds of each step, and what doing it again costs."""
    print(f"{'wiki':28}{'pages':>6}{'prebuild':>10}{'again':>8}{'draft':>8}{'again':>8}{'Quarto':>9}{'a page':>8}")
    quarto = find_quarto()
    for wiki in wikis:
        with tempfile.TemporaryDirectory() as folder:
            here = project(Path(folder), wiki)
            pages = sum(1 for _ in understand(load_config(here)).graph.pages)
            row = [timed(here, "build"), timed(here, "build"), timed(here, "draft"), timed(here, "draft")]
            shutil.rmtree(here / "_site")
            row += [timed(here, "render", "--renderer=quarto")] if quarto else []
            cells = "".join(f"{seconds:>{width}.1f}" for seconds, width in zip(row, (10, 8, 8, 8, 9), strict=False))
            print(f"{wiki.name:28}{pages:>6}{cells}" + (f"{row[-1] / pages:>8.2f}" if quarto else ""))
    print()


def timed(here: Path, *arguments: str) -> float:
    started = time.perf_counter()
    command = [sys.executable, "scripts/wiki.py", *arguments]
    subprocess.run(command, cwd=here, check=True, capture_output=True)
    return time.perf_counter() - started


def conversion(wikis: list[Path]) -> None:
    """How much of what the sources hold pandoc finds in our notes."""
    kinds = ("code", "inline", "items", "cells", "math", "words")
    print(f"{'kept by conversion':28}" + "".join(f"{kind:>14}" for kind in kinds))
    for wiki in wikis:
        config = load_config(ROOT, [wiki])
        files, origins = generate(understand(config), config)
        held: Counter[str] = Counter()
        gone: Counter[str] = Counter()
        for name, path in origins.items():
            text = (ROOT / path).read_text(encoding="utf-8", errors="replace")
            source = oracle.in_source(text, wiki="\n== " in text)
            held.update({kind: size(getattr(source, kind)) for kind in kinds})
            lost = oracle.lost(source, oracle.in_note(files[name].decode()))
            gone.update({kind: len(things) for kind, things in lost.items()})
        cells = "".join(f"{f'{held[kind] - gone[kind]}/{held[kind]}':>14}" for kind in kinds)
        print(f"{wiki.name:28}{cells}")
    print()


def size(things: list[str] | Counter[str] | int) -> int:
    if isinstance(things, int):
        return things
    return sum(things.values()) if isinstance(things, Counter) else len(things)


def linearity() -> None:
    """Ten times a hostile text must cost about ten times as much, not a hundred times."""
    print("scanning 10 times as many unclosed openers costs")
    for opener in ("<pre>", "[[", "`", "$", "{{#mermaid:", "<!--", "{|", "    x\n\n"):
        small, large = (min(scanned(f"{opener} a\n" * n) for _ in range(3)) for n in (2_000, 20_000))
        print(f"  {opener.strip():14}{large / small:6.1f} times")


def scanned(text: str) -> float:
    started = time.process_time()
    scan(text)
    return time.process_time() - started


if __name__ == "__main__":
    main()
