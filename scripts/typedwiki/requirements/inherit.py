"""What pages take over from each other: "All packages from X"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from rapidfuzz import fuzz, process

from ..model import RawFile, WikiPage
from ..schema import NO_NAMES
from .model import ECOSYSTEMS, Inheritance, PageRequirements, Remark, Requirement, WikiRequirements
from .read import read_page

ENVIRONMENT = "Environment"
EMPTY: Mapping[str, PageRequirements] = {}
_HARDWARE = frozenset({"GPU", "VRAM", "CPU", "Memory", "Disk", "compute capability"})
_NEAR = 70
"""How alike, of 100, a name must be to be suggested."""


def wiki_requirements(
    pages: Iterable[WikiPage],
    files: Mapping[str, RawFile],
    sections: Mapping[str, str] = NO_NAMES,
    known: Mapping[str, PageRequirements] = EMPTY,
) -> WikiRequirements:
    """What every Environment asks for, its own and what it takes over; ``files`` are those of the pages by id,
    ``sections`` further names of headings (see ``Schema.sections``), and ``known`` is what pages ask for by
    themselves, where that has been read."""
    environments = {page.id: page for page in pages if page.page_type == ENVIRONMENT}
    titles = tuple(sections.items())
    read = {
        page_id: known.get(page_id) or read_page(page, files[page_id].text if page_id in files else "", titles)
        for page_id, page in environments.items()
    }
    names = _names(environments.values())
    targets: dict[str, list[tuple[Inheritance, str]]] = {}
    remarks: list[Remark] = []
    for page_id, asks in list(read.items()):
        targets[page_id] = []
        for line in asks.inherited:
            target = _target(line.target, environments[page_id], names, environments)
            if target and target != page_id:
                targets[page_id].append((line, target))
            elif not target and not line.named:  # as far as one can tell it names no page
                prose = Requirement("prose", line.origin.text, line.origin, line.origin.text, optional=line.optional)
                read[page_id] = replace(read[page_id], rows=(*read[page_id].rows, prose))
            elif not target and not line.linked:
                near = process.extractOne(_folded(line.target), names.keys(), scorer=fuzz.WRatio, score_cutoff=_NEAR)
                hint = f"did you mean `{_stem(names[near[0]][0], environments)}`?" if near else ""
                remarks.append(Remark(line.origin, f"`{line.target}` is no Environment of this wiki", hint))
    remarks += _cycles(targets)
    rows = {page_id: tuple(_all_rows(page_id, read, targets)) for page_id in read}
    return WikiRequirements(
        rows,
        tuple(remarks),
        tuple(remark for asks in read.values() for remark in asks.unclear),
        tuple(remark for asks in read.values() for remark in asks.disagreements),
    )


def _all_rows(
    page_id: str,
    read: Mapping[str, PageRequirements],
    targets: Mapping[str, list[tuple[Inheritance, str]]],
) -> list[Requirement]:
    """A page's own rows, and those that it takes over directly or through other pages, each once."""
    rows = dict.fromkeys(read[page_id].rows)
    done: set[tuple[str, str, str]] = set()
    todo = [(line, target, False, "") for line, target in reversed(targets[page_id])]
    while todo:
        line, target, optional, condition = todo.pop()
        if (target, line.scope, line.label) in done or target == page_id:
            continue
        done.add((target, line.scope, line.label))
        optional, condition = optional or line.optional, condition or line.condition
        for row in read[target].rows:
            if _is_taken(row, line):
                taken = replace(row, optional=True, condition=row.condition or condition) if optional else row
                rows.setdefault(taken)
        for further, next_target in reversed(targets[target]):
            if both := _narrowed(further, line):
                todo.append((both, next_target, optional, condition))
    return list(rows)


def _is_taken(row: Requirement, line: Inheritance) -> bool:
    if line.scope == "packages":
        return row.kind in ECOSYSTEMS
    if line.scope == "facts":
        return row.kind == "fact" and (not line.label or _same_label(row, line.label))
    return True


def _same_label(row: Requirement, label: str) -> bool:
    wanted = label.casefold()
    if wanted in ("system", "system requirements", "all"):
        return True
    return wanted in (row.label.casefold(), row.name.casefold()) or (wanted == "hardware" and row.label in _HARDWARE)


def _narrowed(further: Inheritance, line: Inheritance) -> Inheritance | None:
    """What a line takes of what its target takes over from a third page."""
    if line.scope == "all":
        return further
    if further.scope == "all":
        return replace(further, scope=line.scope, label=line.label)
    if further.scope != line.scope or (line.label and further.label and line.label != further.label):
        return None
    return replace(further, label=line.label or further.label)


def _cycles(targets: Mapping[str, list[tuple[Inheritance, str]]]) -> list[Remark]:
    """Pages that take over each other, each circle once, with the place of every line in it."""
    found: dict[frozenset[str], Remark] = {}
    for start in targets:
        trail: list[tuple[str, Inheritance]] = []
        _walk(start, start, targets, trail, set(), found)
    return list(found.values())


def _walk(
    here: str,
    start: str,
    targets: Mapping[str, list[tuple[Inheritance, str]]],
    trail: list[tuple[str, Inheritance]],
    seen: set[str],
    found: dict[frozenset[str], Remark],
) -> None:
    for line, target in targets.get(here, ()):
        if target == start:
            circle = [*trail, (here, line)]
            pages = frozenset(page for page, _ in circle)
            if pages not in found:
                hops = ", ".join(f"{page} (line {one.origin.line})" for page, one in circle)
                found[pages] = Remark(
                    circle[0][1].origin, f"take over each other's requirements: {hops}", "leave out one of these lines"
                )
        elif target not in seen:
            seen.add(target)
            _walk(target, start, targets, [*trail, (here, line)], seen, found)


def _names(pages: Iterable[WikiPage]) -> dict[str, list[str]]:
    """Page ids by every name that an Environment may be called by."""
    names: dict[str, list[str]] = {}
    for page in pages:
        stem = page.stem or page.id.partition("/")[2]
        short = stem.removeprefix(f"{page.namespace}_") if page.namespace else stem
        for name in dict.fromkeys(
            _folded(text) for text in (page.id.partition("/")[2], stem, short, page.page_title, *page.aliases)
        ):
            for alias in dict.fromkeys((name, re.sub(r"_(?:environment|env)$", "", name))):
                if alias and page.id not in names.setdefault(alias, []):
                    names[alias].append(page.id)
    return names


def _target(name: str, page: WikiPage, names: Mapping[str, list[str]], pages: Mapping[str, WikiPage]) -> str:
    """The id of the page that a name names on a page; empty if none, or several do."""
    folded = _folded(re.sub(r"^.*:", "", name))
    ids = names.get(folded) or names.get(re.sub(r"_(?:environment|env)(?:_page)?$", "", folded)) or []
    near = [page_id for page_id in ids if pages[page_id].root == page.root] or ids
    return near[0] if len(near) == 1 else ""


def _stem(page_id: str, pages: Mapping[str, WikiPage]) -> str:
    return pages[page_id].stem or page_id


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip()).casefold()
