"""Collect the requirements of all Environments, with those that they inherit: "All packages from X"."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from msgspec.structs import replace
from rapidfuzz import fuzz, process

from ..model import RawFile, WikiPage
from ..schema import ENVIRONMENT, Schema
from .model import ECOSYSTEMS, Inheritance, PageRequirements, Remark, Requirement, WikiRequirements
from .read import read_page

_HARDWARE = frozenset({"GPU", "VRAM", "CPU", "Memory", "Disk", "compute capability"})
_SIMILARITY = 70
"""Similarity, of 100, from which a name is suggested."""


def wiki_requirements(
    pages: Iterable[WikiPage],
    files: Mapping[str, RawFile],
    schema: Schema,
    cached: Mapping[str, PageRequirements],
) -> WikiRequirements:
    """Return the requirements of every Environment, inherited ones included.

    ``files`` are the files of the pages by id, and ``cached`` the pages' own requirements, as far as they have been
    read before.
    """
    types = {kind.name for kind in schema.with_role(ENVIRONMENT)}
    environments = {page.id: page for page in pages if page.page_type in types}
    heading_names = tuple(schema.sections.items())
    by_page = {
        page_id: cached.get(page_id) or read_page(page, files[page_id].text if page_id in files else "", heading_names)
        for page_id, page in environments.items()
    }
    names = _ids_by_name(environments.values())
    targets: dict[str, list[tuple[Inheritance, str]]] = {}
    remarks: list[Remark] = []
    for page_id, page_requirements in list(by_page.items()):
        targets[page_id] = []
        for line in page_requirements.inherited:
            target = _target_id(line.target, environments[page_id], names, environments)
            if target and target != page_id:
                targets[page_id].append((line, target))
            elif not target and not line.must_exist:  # it is probably not the name of a page
                prose = Requirement("prose", line.origin.text, line.origin, line.origin.text, optional=line.optional)
                by_page[page_id] = replace(by_page[page_id], rows=(*by_page[page_id].rows, prose))
            elif not target and not line.linked:
                closest = process.extractOne(
                    _fold(line.target), names.keys(), scorer=fuzz.WRatio, score_cutoff=_SIMILARITY
                )
                hint = f"did you mean `{environments[names[closest[0]][0]].stem}`?" if closest else ""
                remarks.append(Remark(line.origin, f"`{line.target}` is no Environment of this wiki", hint))
    remarks += _cycles(targets)
    rows = {page_id: tuple(_all_rows(page_id, by_page, targets)) for page_id in by_page}
    return WikiRequirements(
        rows,
        tuple(remarks),
        tuple(remark for page_requirements in by_page.values() for remark in page_requirements.unclear),
        tuple(remark for page_requirements in by_page.values() for remark in page_requirements.disagreements),
    )


def _all_rows(
    page_id: str,
    by_page: Mapping[str, PageRequirements],
    targets: Mapping[str, list[tuple[Inheritance, str]]],
) -> list[Requirement]:
    """Return a page's own rows and those that it inherits, directly or through other pages, each once."""
    rows = dict.fromkeys(by_page[page_id].rows)
    visited: set[tuple[str, str, str]] = set()
    todo = [(line, target, False, "") for line, target in reversed(targets[page_id])]
    while todo:
        line, target, optional, condition = todo.pop()
        if (target, line.scope, line.label) in visited or target == page_id:
            continue
        visited.add((target, line.scope, line.label))
        optional, condition = optional or line.optional, condition or line.condition
        for row in by_page[target].rows:
            if _is_inherited(row, line):
                inherited_row = replace(row, optional=True, condition=row.condition or condition) if optional else row
                rows.setdefault(inherited_row)
        for next_line, next_target in reversed(targets[target]):
            if narrowed := _narrow(next_line, line):
                todo.append((narrowed, next_target, optional, condition))
    return list(rows)


def _is_inherited(row: Requirement, line: Inheritance) -> bool:
    if line.scope == "packages":
        return row.kind in ECOSYSTEMS
    if line.scope == "facts":
        return row.kind == "fact" and (not line.label or _same_label(row, line.label))
    return True


def _same_label(row: Requirement, label: str) -> bool:
    folded = label.casefold()
    if folded in ("system", "system requirements", "all"):
        return True
    return folded in (row.label.casefold(), row.name.casefold()) or (folded == "hardware" and row.label in _HARDWARE)


def _narrow(next_line: Inheritance, line: Inheritance) -> Inheritance | None:
    """Return the part of an inheritance of the target that a line inherits; None if there is none."""
    if line.scope == "all":
        return next_line
    if next_line.scope == "all":
        return replace(next_line, scope=line.scope, label=line.label)
    if next_line.scope != line.scope or (line.label and next_line.label and line.label != next_line.label):
        return None
    return replace(next_line, label=line.label) if line.label else next_line


def _cycles(targets: Mapping[str, list[tuple[Inheritance, str]]]) -> list[Remark]:
    """Return a remark for each cycle of pages that inherit from each other: the shortest through each page."""
    remarks: dict[frozenset[str], Remark] = {}
    try:
        TopologicalSorter({page_id: [target for _, target in lines] for page_id, lines in targets.items()}).prepare()
        return []
    except CycleError:
        pass
    for start in targets:
        steps: dict[str, tuple[str, Inheritance]] = {}
        """The page and the line by which each page was reached first."""
        todo = deque([start])
        while todo and start not in steps:
            page_id = todo.popleft()
            for line, target in targets.get(page_id, ()):
                if target not in steps:
                    steps[target] = page_id, line
                    todo.append(target)
        if start in steps:
            cycle = [steps[start]]
            while cycle[0][0] != start:
                cycle.insert(0, steps[cycle[0][0]])
            hops = ", ".join(f"{page_id} (line {hop.origin.line})" for page_id, hop in cycle)
            message = f"take over each other's requirements: {hops}"
            remark = Remark(cycle[0][1].origin, message, "leave out one of these lines")
            remarks.setdefault(frozenset(page_id for page_id, _ in cycle), remark)
    return list(remarks.values())


def _ids_by_name(pages: Iterable[WikiPage]) -> dict[str, list[str]]:
    """Return page ids by every name that an Environment may be called."""
    names: dict[str, list[str]] = {}
    for page in pages:
        short = page.stem.removeprefix(f"{page.namespace}_") if page.namespace else page.stem
        texts = (page.id.partition("/")[2], page.stem, short, page.page_title, *page.aliases)
        for name in dict.fromkeys(map(_fold, texts)):
            for alias in dict.fromkeys((name, re.sub(r"_(?:environment|env)$", "", name))):
                if alias and page.id not in names.setdefault(alias, []):
                    names[alias].append(page.id)
    return names


def _target_id(name: str, page: WikiPage, names: Mapping[str, list[str]], pages: Mapping[str, WikiPage]) -> str:
    """Return the id of the page that a name on a page means; empty if no page, or several, have it."""
    folded = _fold(re.sub(r"^.*:", "", name))
    ids = names.get(folded) or names.get(re.sub(r"_(?:environment|env)(?:_page)?$", "", folded)) or []
    candidates = [page_id for page_id in ids if pages[page_id].root == page.root] or ids
    return candidates[0] if len(candidates) == 1 else ""


def _fold(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip()).casefold()
