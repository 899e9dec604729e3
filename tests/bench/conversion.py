"""How much of the content of sources pandoc finds in the notes."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from pathlib import Path

import oracle
from bench.tables import Table
from build_steps import generate
from conftest import ROOT
from typedwiki.config import load_config
from typedwiki.pipeline import load_wiki

KINDS = {
    "code": "code blocks",
    "inline": "inline code",
    "items": "list items",
    "cells": "table cells",
    "math": "formulas",
    "words": "words",
}


def main(options: argparse.Namespace) -> list[Table]:
    """Measure the sample wiki, and each wiki below TYPEDWIKI_CORPUS."""
    wikis = {"sample wiki": ROOT / "data/wikis"}
    if corpus := os.environ.get("TYPEDWIKI_CORPUS"):
        paths = [path for path in sorted(Path(corpus).iterdir()) if path.is_dir()]
        wikis |= {f"real wiki {number}": path for number, path in enumerate(paths, 1)}
    table = Table("Kept by conversion", *KINDS.values())
    for name, wiki in wikis.items():
        contained, missing = _count(wiki)
        table.row(name, *(f"{contained[kind] - missing[kind]:,} of {contained[kind]:,}" for kind in KINDS))
    return [table]


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
