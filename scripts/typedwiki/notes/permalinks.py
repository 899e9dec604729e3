"""Assign addresses to notes permanently: a page that moves keeps its old address as a redirect.

``notes/addresses.json`` is to be committed. It holds, by page id, the note's path relative to the notes folder and
without suffix; ids of removed pages stay in it, with the reason, until `clean --addresses`.
"""

from __future__ import annotations

import json
import re
import shlex
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from ..atomic import rewrite_file
from ..model import Graph
from ..problems import Problem, problem
from ..read import display_path
from ..regex import regex
from ..schema import RESERVED, Schema, key
from ..text.names import DEVICE
from ..words import join_names, nearest

LOCK = "addresses.json"
_SAFE = regex(r"[\w.\-]+/[\w.\-]+")
_PART = regex(r"[\w~+@(),-](?:[\w.~+@(), -]*[\w~+@(),-])?")
"""A part of a user-defined address. It neither begins nor ends with a dot."""
_FEW = 3
"""Removed pages that are reported one by one. More, as after a change of branch, share one message."""
_OURS = frozenset({"assets", "search-index", "site_libs"})
"""Folders of the site that hold no pages."""


def note_names(graph: Graph, schema: Schema, locked: Mapping[str, str]) -> dict[str, str]:
    """Return a unique file name for each page's note: its previous name, or else a portable one."""
    names: dict[str, str] = {}
    used: set[str] = set()
    for page_id, page in graph.pages.items():
        name = locked.get(page_id, "")
        if schema.types[page.page_type].by_hand:
            names[page_id] = page.stem
        elif name.startswith(f"{schema.types[page.page_type].slug}/") and name.casefold() not in used:
            used.add(name.casefold())
            names[page_id] = name
    # A page renamed by case alone keeps its address: a case-insensitive file system could not hold a redirect beside
    # it.
    former = {page_id.casefold(): name for page_id, name in locked.items() if page_id not in graph.pages}
    for page_id in graph.pages.keys() - names.keys():
        name = former.get(page_id.casefold(), "")
        if name and name.casefold() not in used:
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
    """Return a portable file name for a page's note that Quarto does not skip."""
    stem = re.sub(r"[^\w.\-]+", "_", name).rstrip(".") or "page"
    if stem.startswith("."):
        stem = f"dot-{stem.lstrip('.')}"
    if stem.startswith("_") or stem.lower() == "readme" or DEVICE.match(stem):
        stem = f"page-{stem}"
    # 180 bytes: file systems allow 255, and Quarto appends suffixes of its own to a note's name.
    return stem.encode()[:180].decode(errors="ignore")


def redirects(
    graph: Graph, schema: Schema, names: Mapping[str, str], locked: Mapping[str, str]
) -> dict[str, list[str]]:
    """Return the further addresses of pages, by page id, as names of notes: their aliases, and former addresses.

    None is that of a page, or outside the site. An address that several pages claim belongs to none.
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
                former_names = [name] if (name := _at(alias)) else []
            else:
                derived = [f"{page_type.slug}/{_file_name(stem.strip())}"] if any(map(str.isalnum, stem)) else []
                former_names = [*stood[page_type.name, key(stem)], *derived]
            for name in former_names:
                claims[name.casefold()].setdefault(page.id, name)
    taken_names = {name.casefold() for name in names.values()}
    leads: dict[str, list[str]] = defaultdict(list)
    for folded, pages in claims.items():
        if folded not in taken_names and len(pages) == 1:
            for page_id, name in pages.items():
                leads[page_id].append(name)
    return dict(leads)


class KeptAddress(NamedTuple):
    """An address of a removed page."""

    name: str
    why: str
    """Why the record keeps it."""
    successor: str = ""
    """The id of the page that may have replaced it."""


def _at(address: str) -> str:
    """Return the name of the note for an address of the site; empty if no note may have it."""
    path = unquote(re.sub(r"[?#].*", "", address)).removeprefix("/")
    parts = (path if path.endswith(".html") else f"{path.rstrip('/')}/index.html").split("/")
    parts[-1] = parts[-1].removesuffix(".html")
    if not all(_PART.fullmatch(part) and len(part.encode()) < 200 for part in parts):
        return ""  # covers the home page, whose address has an empty part
    if any(part.endswith(".html") for part in parts) or parts == ["index"] or parts[0] in _OURS:
        return ""
    if parts[0] == "notes" and parts[1:]:
        return "" if parts[1] in RESERVED else "/".join(parts[1:])
    return "/".join(["..", *parts])


def record(folder: Path | None) -> dict[str, KeptAddress]:
    """Read the addresses in a notes folder, by page id. Invalid addresses are left out.

    Raises:
        ValueError: the file is not JSON, for instance because of a merge conflict.
    """
    if folder is None or not (folder / LOCK).is_file():
        return {}
    text = (folder / LOCK).read_text(encoding="utf-8")
    try:
        return parsed(text)
    except ValueError as error:
        marks = (
            "git's conflict marks are still in it"
            if "<<<<<<<" in text
            else f"is not JSON (line {getattr(error, 'lineno', 1)})"
        )
        raise ValueError(f"{folder / LOCK}: {marks}; mend it, or take the version that git has") from None


def parsed(text: str) -> dict[str, KeptAddress]:
    """Parse the text of a record.

    Raises:
        ValueError: it is not JSON.
    """
    data = json.loads(text)
    addresses: dict[str, KeptAddress] = {}
    for page_id, value in data.items() if isinstance(data, dict) else ():
        entry = value if isinstance(value, dict) else {"address": value}
        name = str(entry.get("address", ""))
        if _SAFE.fullmatch(name) and ".." not in name:
            addresses[str(page_id)] = KeptAddress(name, str(entry.get("kept", "")), str(entry.get("perhaps", "")))
    return addresses


def gone(
    graph: Graph,
    known: Mapping[str, KeptAddress],
    former: Mapping[str, Sequence[str]],
    still_there: Collection[str] = (),
) -> dict[str, KeptAddress]:
    """Return, for each recorded page that is gone, why its address is kept.

    ``former`` are redirects; ``still_there`` the ids of pages that are held back or in files that could not be read.
    """
    leads = {name: page_id for page_id, names in former.items() for name in names}
    new = [page_id for page_id in graph.pages if page_id not in known]
    lost: dict[str, KeptAddress] = {}
    same_but_case = {page_id.casefold() for page_id in (*graph.pages, *still_there)}
    missing = {page_id: address for page_id, address in known.items() if page_id.casefold() not in same_but_case}
    unexplained = [page_id for page_id, address in missing.items() if address.name not in leads and not address.why]
    for page_id, address in missing.items():
        if address.name in leads:
            lost[page_id] = KeptAddress(address.name, f"leads to {leads[address.name]}")
            continue
        successor = (
            address.successor
            if address.successor in graph.pages
            else ""
            if address.why
            else _successor(page_id, new, unexplained, graph)
        )
        lost[page_id] = KeptAddress(address.name, "gone", successor)
    return lost


def _successor(page_id: str, new: Sequence[str], missing: Sequence[str], graph: Graph) -> str:
    """Return the new page that may have replaced a removed one; empty if there is none.

    It has the same name and another type; or the same type and a similar title or name; or it is the only new page of
    the type, if no other page is ``missing`` that it could replace.
    """
    kind, _, stem = page_id.partition("/")
    named = [
        candidate
        for candidate in new
        if key(stem) in (key(graph.pages[candidate].stem), key(graph.pages[candidate].page_title))
    ]
    if named:
        return min(named, key=lambda candidate: not candidate.startswith(f"{kind}/"))
    same = {candidate.partition("/")[2]: candidate for candidate in new if candidate.partition("/")[0] == kind}
    alone = len(same) == 1 == sum(candidate.partition("/")[0] == kind for candidate in missing)
    return same.get(nearest(stem, same)) or (next(iter(same.values())) if alone else "")


def lost(
    folder: Path | None,
    base: Path,
    known: Mapping[str, KeptAddress],
    names: Mapping[str, str],
    lost_pages: Mapping[str, KeptAddress],
) -> list[Problem]:
    """Report S009, addresses that lead nowhere because a page's file was renamed by hand, and S010, addresses of
    removed pages. Their lines are those of the record after this build."""
    problems: list[Problem] = []
    if not folder:
        return problems
    shown_path = display_path(folder / LOCK, base)
    at = {page_id: number for number, page_id in enumerate(sorted(_entries(known, names, lost_pages)), 2)}
    missing = {page_id: address for page_id, address in lost_pages.items() if address.why == "gone"}
    many = [page_id for page_id, address in missing.items() if not address.successor]
    if len(many) > _FEW:
        removed = [page_id.replace("/", ":", 1) for page_id in many]
        named = join_names([*removed[:_FEW], f"{len(many) - _FEW} more"])
        message = f"{len(many)} pages are gone whose addresses lead nowhere now: {named}"
        hint = "`rename --from OLD TYPE:NAME` lets one lead to a page, `clean --addresses` forgets them"
        problems.append(problem("S010", shown_path, at.get(many[0], 1), 1, message, hint))
        missing = {page_id: address for page_id, address in missing.items() if address.successor}
    for page_id, address in missing.items():
        named = page_id.replace("/", ":", 1)
        message = f"notes/{address.name}.html, where {named} stood, leads nowhere now"
        named = shlex.quote(named)
        if address.successor:
            successor = shlex.quote(address.successor.replace("/", ":", 1))
            hint = f"if it is {successor} now: `rename --from {named} {successor}`; if it is gone: `clean --addresses`"
        else:
            hint = f"`rename --from {named} TYPE:NAME` lets it lead to a page, `clean --addresses` forgets it"
        problems.append(
            problem("S009" if address.successor else "S010", shown_path, at.get(page_id, 1), 1, message, hint)
        )
    return problems


def keep(
    folder: Path | None,
    known: Mapping[str, KeptAddress],
    names: Mapping[str, str],
    lost_pages: Mapping[str, KeptAddress],
) -> bool:
    """Add the current addresses to the record, and why it keeps the others. Return whether the file changed."""
    current = _entries(known, names, lost_pages)
    text = "{\n" + ",\n".join(f"{_json(page_id)}: {_json(current[page_id])}" for page_id in sorted(current)) + "\n}\n"
    if folder is None or not current or ((folder / LOCK).is_file() and (folder / LOCK).read_bytes() == text.encode()):
        return False
    rewrite_file(folder / LOCK, text.encode())
    return True


def _entries(
    known: Mapping[str, KeptAddress], names: Mapping[str, str], lost_pages: Mapping[str, KeptAddress]
) -> dict[str, object]:
    """Return the entries of the record by page id; each is a line of its own, in order."""
    current: dict[str, object] = {page_id: address.name for page_id, address in known.items()}
    ids = {page_id.casefold() for page_id in names}
    current = {page_id: name for page_id, name in current.items() if page_id in names or page_id.casefold() not in ids}
    current |= {page_id: name for page_id, name in names.items() if "/" in name}
    for page_id, address in lost_pages.items():
        current[page_id] = {"address": address.name, "kept": address.why} | (
            {"perhaps": address.successor} if address.successor else {}
        )
    return current


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
