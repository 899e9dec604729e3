"""How much of the content of sources pandoc finds in the notes."""

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
        contained, missing = _count(wiki)
        cells = "".join(f"{f'{contained[kind] - missing[kind]}/{contained[kind]}':>14}" for kind in KINDS)
        print(f"  {wiki.name:26}{cells}", flush=True)


def _count(wiki: Path) -> tuple[Counter[str], Counter[str]]:
    """What the pages of a wiki contain, and what of it their notes lack, by kind."""
    config = load_config(ROOT, [wiki])
    files, origins = generate(load_wiki(config), config)
    contained: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    for name, path in origins.items():
        text = (ROOT / path).read_text(encoding="utf-8", errors="replace")
        source = oracle.count_source(text, wiki="\n== " in text)
        contained.update({kind: _size(getattr(source, kind)) for kind in KINDS})
        missing_items = oracle.missing_contents(source, oracle.count_note(files[name].decode()))
        missing.update({kind: len(items) for kind, items in missing_items.items()})
    return contained, missing


def _size(items: list[str] | Counter[str] | int) -> int:
    if isinstance(items, int):
        return items
    return sum(items.values()) if isinstance(items, Counter) else len(items)
