"""Display names of pages, and the namespaces that they share."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import unquote

from ..regex import regex
from .characters import replace_hidden

DEVICE = regex(r"(?:con|prn|aux|nul|com[1-9]|lpt[1-9])[ ]*(?:\.|$)", re.IGNORECASE)
"""Device names on Windows, with any suffix. No file can have them."""


_SLASH = regex(r"(?<=[^_])___(?=[^_])(?!\w{0,40}?[^_]__(?!_))")
"""Logseq's sign for a slash in the name of a file; not that before ``__init__``."""


def display_name(stem: str, namespace: str) -> str:
    """Return a file stem for display, without its namespace. What Logseq and Azure encode in names is decoded."""
    short = stem[len(namespace) + 1 :] if namespace and stem.startswith(f"{namespace}_") else stem
    short = _SLASH.sub("/", short) if "___" in short else short
    short = replace_hidden(unquote(short)) if "%" in short else short
    return re.sub(r"[\s_]+", " ", short).strip() or stem


SMALLEST = 3
"""A prefix on fewer pages is a coincidence."""
COVERAGE = 0.9
"""Share of a wiki's pages that must have a namespace for any to have one."""
FEWEST_TYPES = 3
"""A namespace within a mixed wiki must span at least this many page types: `Torch_` does not."""


def namespaces(pages: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Map each stem to its namespace (without the trailing ``_``), or to an empty string.

    ``pages`` are (stem, page type) of one wiki root. Names are cut only at underscores, and part of the name always
    remains.
    """
    unique_pages = sorted(set(pages))
    by_stem: dict[str, str] = {}
    groups = _split([(stem.split("_"), page_type) for stem, page_type in unique_pages], 0)
    for prefix, members in groups:
        for tokens in members:
            by_stem["_".join(tokens)] = "_".join(tokens[:prefix])
    if sum(map(bool, by_stem.values())) < COVERAGE * len({stem for stem, _ in unique_pages}):
        by_stem = {}
    return {stem: by_stem.get(stem, "") for stem, _ in unique_pages}


def _split(pages: list[tuple[list[str], str]], depth: int) -> list[tuple[int, list[list[str]]]]:
    """Return groups of pages with the length of their common prefix, each at least ``depth`` long."""
    names = [tokens for tokens, _ in pages]
    if len(names) < SMALLEST:
        return [(depth, [*names])]
    longest = min(len(tokens) for tokens in names) - 1
    common = depth
    while common < longest and len({tokens[common] for tokens in names}) == 1:
        common += 1
    by_next: dict[str, list[tuple[list[str], str]]] = defaultdict(list)
    for tokens, page_type in pages:
        by_next[tokens[common] if common < len(tokens) - 1 else ""].append((tokens, page_type))
    namespace_groups = [
        group
        for name, group in by_next.items()
        if name and len({page_type for _, page_type in group}) >= FEWEST_TYPES and len(group) >= SMALLEST
    ]
    covered_pages = sum(map(len, namespace_groups))
    if covered_pages >= COVERAGE * len(pages) and len(namespace_groups) > (0 if common == 0 else 1):
        split_groups = [part for group in namespace_groups for part in _split(group, common + 1)]
        rest = [t for n, g in by_next.items() if g not in namespace_groups for t, _ in g]
        return [*split_groups, (common, rest)] if rest else split_groups
    return [(common, [*names])]
