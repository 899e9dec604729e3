"""How much of what the sources hold pandoc finds in our notes."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from pathlib import Path

import oracle
from build_steps import generate
from conftest import ROOT
from typedwiki.config import load_config
from typedwiki.pipeline import load_wiki

KINDS = ("code", "inline", "items", "cells", "math", "words")


def main(options: argparse.Namespace) -> None:
    """Print one row for the sample wiki, and one for each wiki below TYPEDWIKI_CORPUS."""
    wikis = [ROOT / "data/wikis"]
    if corpus := os.environ.get("TYPEDWIKI_CORPUS"):
        wikis += [path for path in sorted(Path(corpus).iterdir()) if path.is_dir()]
    print(f"\n{'kept by conversion':28}" + "".join(f"{kind:>14}" for kind in KINDS))
    for wiki in wikis:
        held, gone = _counted(wiki)
        cells = "".join(f"{f'{held[kind] - gone[kind]}/{held[kind]}':>14}" for kind in KINDS)
        print(f"  {wiki.name:26}{cells}", flush=True)


def _counted(wiki: Path) -> tuple[Counter[str], Counter[str]]:
    """What the pages of a wiki hold, and what of it their notes lack."""
    config = load_config(ROOT, [wiki])
    files, origins = generate(load_wiki(config), config)
    held: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    for name, path in origins.items():
        text = (ROOT / path).read_text(encoding="utf-8", errors="replace")
        source = oracle.count_source(text, wiki="\n== " in text)
        held.update({kind: _size(getattr(source, kind)) for kind in KINDS})
        lost = oracle.missing_contents(source, oracle.count_note(files[name].decode()))
        gone.update({kind: len(things) for kind, things in lost.items()})
    return held, gone


def _size(things: list[str] | Counter[str] | int) -> int:
    if isinstance(things, int):
        return things
    return sum(things.values()) if isinstance(things, Counter) else len(things)
