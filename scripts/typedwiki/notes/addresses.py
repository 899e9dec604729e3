"""Where notes stand, today and ever since: a page that moves keeps its old address as a redirect.

``notes/addresses.json`` is to be committed. It holds, by page id, the note's path relative to the notes
folder and without suffix; ids of pages that are gone stay in it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from ..atomic import rewrite_file
from ..model import Graph, WikiPage
from ..schema import Schema, key

LOCK = "addresses.json"
_SAFE = re.compile(r"[\w.\-]+/[\w.\-]+")


def note_names(graph: Graph, schema: Schema, locked: Mapping[str, str]) -> dict[str, str]:
    """A file name for each page's note: the one it has had, else one that is safe anywhere, each once."""
    names: dict[str, str] = {}
    used: set[str] = set()
    for page_id, page in graph.pages.items():
        name = locked.get(page_id, "")
        if schema.types[page.page_type].by_hand:
            names[page_id] = page.stem
        elif name.startswith(f"{schema.types[page.page_type].slug}/") and name.casefold() not in used:
            used.add(name.casefold())
            names[page_id] = name
    for page_id, page in graph.pages.items():
        if page_id not in names:
            names[page_id] = _new_name(page_id, schema.types[page.page_type].slug, used)
    return {page_id: names[page_id] for page_id in graph.pages}


def _new_name(page_id: str, slug: str, used: set[str]) -> str:
    stem = re.sub(r"[^\w.\-]+", "_", page_id.partition("/")[2]).strip(".") or "page"
    if stem.startswith("_") or stem.lower() == "readme":  # Quarto skips these
        stem = f"page-{stem}"
    # 180 bytes: file systems take 255, and Quarto puts endings of its own to a note's name.
    base = name = f"{slug}/{stem.encode()[:180].decode(errors='ignore')}"
    number = 1
    while name.casefold() in used:
        number += 1
        name = f"{base}-{number}"
    used.add(name.casefold())
    return name


def redirects(
    graph: Graph, schema: Schema, names: Mapping[str, str], locked: Mapping[str, str]
) -> dict[str, list[str]]:
    """Earlier addresses of each page that has some, by its id: those of the pages that its aliases name."""
    former: dict[tuple[str, str], list[WikiPage]] = defaultdict(list)
    for page in graph.pages.values():
        for alias in page.aliases:
            kind, colon, stem = alias.partition(":")
            named = schema.page_type(kind) if colon else None
            former[named.name if named else page.page_type, key(stem if named else alias)].append(page)
    taken = {name.casefold() for name in names.values()}
    found: dict[str, list[str]] = defaultdict(list)
    for page_id, name in locked.items():
        kind, _, stem = page_id.partition("/")
        pages = former.get((kind, key(stem)), [])
        if page_id not in graph.pages and len(pages) == 1 and name.casefold() not in taken:
            taken.add(name.casefold())
            found[pages[0].id].append(name)
    return dict(found)


def load(folder: Path | None) -> dict[str, str]:
    """The addresses in a notes folder; what cannot be an address is left out.

    Raises:
        ValueError: the file is not JSON, a merge conflict for instance.
    """
    if folder is None or not (folder / LOCK).is_file():
        return {}
    try:
        data = json.loads((folder / LOCK).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{folder / LOCK}: {error}; mend it, or take the version that git has") from None
    items = data.items() if isinstance(data, dict) else ()
    return {str(page_id): str(name) for page_id, name in items if _SAFE.fullmatch(str(name)) and ".." not in str(name)}


def keep(folder: Path | None, locked: Mapping[str, str], names: Mapping[str, str]) -> bool:
    """Add the addresses of today; whether that changed the file."""
    current = {page_id: name for page_id, name in names.items() if "/" in name}
    if folder is None or all(locked.get(page_id) == name for page_id, name in current.items()):
        return False
    text = json.dumps(dict(sorted({**locked, **current}.items())), ensure_ascii=False, indent=0)
    rewrite_file(folder / LOCK, f"{text}\n".encode())
    return True
