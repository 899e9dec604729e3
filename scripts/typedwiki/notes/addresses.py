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
from urllib.parse import unquote

from ..atomic import rewrite_file
from ..model import Graph
from ..schema import RESERVED, Schema, key

LOCK = "addresses.json"
_SAFE = re.compile(r"[\w.\-]+/[\w.\-]+")
_PART = re.compile(r"[\w~+@(),-](?:[\w.~+@(), -]*[\w~+@(),-])?")
"""A part of an address that people give: no part begins or ends with a dot."""
_OURS = frozenset({"assets", "pagefind", "site_libs"})
"""Folders of the site that hold no pages."""


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
    base = name = f"{slug}/{_file_name(page_id.partition('/')[2])}"
    number = 1
    while name.casefold() in used:
        number += 1
        name = f"{base}-{number}"
    used.add(name.casefold())
    return name


def _file_name(name: str) -> str:
    """A file name for a note, made of a page's name: safe anywhere, and none that Quarto skips."""
    stem = re.sub(r"[^\w.\-]+", "_", name).rstrip(".") or "page"
    if stem.startswith("."):
        stem = f"dot-{stem.lstrip('.')}"
    if stem.startswith("_") or stem.lower() == "readme":
        stem = f"page-{stem}"
    # 180 bytes: file systems take 255, and Quarto puts endings of its own to a note's name.
    return stem.encode()[:180].decode(errors="ignore")


def redirects(
    graph: Graph, schema: Schema, names: Mapping[str, str], locked: Mapping[str, str]
) -> dict[str, list[str]]:
    """The further addresses of each page that has some, by its id, as names of notes: those that its aliases name,
    and where pages of such a name have stood.

    None is that of a page, or out of the site. One that several pages claim is nobody's.
    """
    stood: dict[tuple[str, str], list[str]] = defaultdict(list)
    for page_id, name in locked.items():
        kind, _, stem = page_id.partition("/")
        if page_id not in graph.pages:
            stood[kind, key(stem)].append(name)
    claims: dict[str, dict[str, str]] = defaultdict(dict)
    for page in graph.pages.values():
        for alias in () if schema.types[page.page_type].by_hand else page.aliases:
            kind, colon, stem = alias.partition(":")
            named = schema.page_type(kind) if colon else None
            page_type, stem = (named, stem) if named else (schema.types[page.page_type], alias)
            if alias.startswith("/"):
                wanted = [name] if (name := _at(alias)) else []
            else:
                made = [f"{page_type.slug}/{_file_name(stem.strip())}"] if any(map(str.isalnum, stem)) else []
                wanted = [*stood[page_type.name, key(stem)], *made]
            for name in wanted:
                claims[name.casefold()].setdefault(page.id, name)
    taken = {name.casefold() for name in names.values()}
    found: dict[str, list[str]] = defaultdict(list)
    for folded, pages in claims.items():
        if folded not in taken and len(pages) == 1:
            for page_id, name in pages.items():
                found[page_id].append(name)
    return dict(found)


def _at(address: str) -> str:
    """The name of a note that would stand at an address of the site; empty if none may."""
    path = unquote(re.sub(r"[?#].*", "", address)).removeprefix("/")
    parts = (path if path.endswith(".html") else f"{path.rstrip('/')}/index.html").split("/")
    parts[-1] = parts[-1].removesuffix(".html")
    if not all(_PART.fullmatch(part) and len(part.encode()) < 200 for part in parts):
        return ""  # the home page too, whose address has an empty part
    if any(part.endswith(".html") for part in parts) or parts == ["index"] or parts[0] in _OURS:
        return ""
    if parts[0] == "notes" and parts[1:]:
        return "" if parts[1] in RESERVED else "/".join(parts[1:])
    return "/".join(["..", *parts])


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
