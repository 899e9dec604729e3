"""Fix mechanical errors with certainty: misspelled targets, index marks and entries, mirror links, encodings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from rapidfuzz import fuzz

from ..model import Edge, Missing, RawFile, WikiPage, grouped
from ..problems import Problem
from ..read import decode
from ..schema import key
from ..text.lines import line_starts, span_at
from .context import Context
from .rules_index import read_indexes

CERTAIN, DOUBTFUL = 88, 75
"""Similarity in percent that the best name must have, and that no other name may have."""


class Edit(NamedTuple):
    """Replaces part of a file's text."""

    path: str
    start: int
    end: int
    text: str


class Fix(NamedTuple):
    """An edit, and the code of the problem that it fixes."""

    code: str
    edit: Edit


def find_fixes(context: Context, problems: list[Problem]) -> Iterator[Fix]:
    """Yield edits that fix problems. Only certain fixes: the rest is left to people."""
    by_code = grouped(problems, lambda problem: problem.code)
    for code, find in _FIXES.items():
        if code in by_code:
            yield from (Fix(code, edit) for edit in find(context, by_code[code]))


def _fix_targets(context: Context, problems: list[Problem]) -> Iterator[Edit]:
    """Correct misspelled targets."""
    places = {(p.path, p.line, p.column) for p in problems}
    pages, types = context.graph.pages, context.schema.types
    for page in context.pages():
        text = context.files[page.id].text
        for link, resolution in context.graph.links(page):
            span = link.span
            if not isinstance(resolution, Missing) or link.is_path or (page.path, span.line, span.column) not in places:
                continue
            scores = {i: fuzz.ratio(key(link.target), key(pages[i].stem)) for i in resolution.suggestions}
            best = max(scores, key=lambda page_id: scores[page_id], default="")
            rivals = [page_id for page_id, score in scores.items() if page_id != best and score >= DOUBTFUL]
            if not best or best == page.id or scores[best] < CERTAIN or rivals:
                continue
            right_type = not link.type or context.schema.page_type(link.type) == types[pages[best].page_type]
            start = text.rfind(link.target, span.start, span.end)
            if right_type and start >= 0:
                name = pages[best].stem.replace("_", " ") if " " in link.target else pages[best].stem
                yield Edit(page.path, start, start + len(link.target), name)


def _fix_marks(context: Context, problems: list[Problem]) -> Iterator[Edit]:
    """Change ⬜ to ✅ where the page exists."""
    lines = {(p.path, p.line) for p in problems}
    for file, contents, _ in read_indexes(context):
        for mark in contents.marks:
            if mark.ids and not mark.exists and (file.path, mark.span.line) in lines:
                yield Edit(file.path, mark.span.start, mark.span.start + 1, "✅")


def _fix_entries(context: Context, problems: list[Problem]) -> Iterator[Edit]:
    """Add a row for each page that an index lacks, below its last row that links to a page."""
    messages = {p.message for p in problems}
    for index in context.indexes:
        rows = list(re.finditer(r"^\|(?=[^\n]*\|[ \t]*$)[^\n]*\]\([^()\s]*\.md\)[^\n]*$", index.text, re.MULTILINE))
        folder = PurePosixPath(index.path).parent
        lacking = [
            page
            for page in context.pages()
            if page.page_type == index.page_type
            and PurePosixPath(page.path).is_relative_to(folder)
            and any(f"`{page.stem}`" in message or page.id in message for message in messages)
        ]
        if not rows or not lacking:
            continue
        cells = len(re.findall(r"(?<!\\)\|", rows[-1][0])) - 1
        added = ""
        for page in lacking:
            link = f"[→](./{PurePosixPath(page.path).relative_to(folder)})"
            added += "\n| " + " | ".join([page.stem, link, *[""] * (cells - 2)]) + " |"
        yield Edit(index.path, rows[-1].end(), rows[-1].end(), added)


def _fix_mirrors(context: Context, problems: list[Problem]) -> Iterator[Edit]:
    """Add the missing half of an edge below the last connection of the other page."""
    places = {(p.path, p.line, p.column) for p in problems}
    missing_links: dict[str, list[str]] = defaultdict(list)
    for edge in context.graph.edges:
        edge_type = context.schema.edges.get(edge.type)
        page_id, span = edge.declared[0]
        if edge_type and (context.graph.pages[page_id].path, span.line, span.column) in places:
            other_page, link = _mirror_link(context, edge)
            missing_links[other_page.id].append(link)
    for page_id, links in missing_links.items():
        file, page = context.files[page_id], context.graph.pages[page_id]
        items = list(re.finditer(r"^([ \t]*[*-] )\[\[[a-z_]+::[^\[\]\n]*\]\][ \t]*$", file.text, re.MULTILINE))
        if items:
            last_item = items[-1]
            added = "".join(f"\n{last_item[1]}{link}" for link in links)
            yield Edit(page.path, last_item.end(), last_item.end(), added)


def _mirror_link(context: Context, edge: Edge) -> tuple[WikiPage, str]:
    declaring = edge.declared[0][0]
    edge_type = context.schema.edges[edge.type]
    source, target = context.graph.pages[edge.source], context.graph.pages[edge.target]
    if declaring == edge.source:
        name = edge_type.inverses[0] if edge_type.inverses else edge_type.name
        return target, f"[[{name}::{source.page_type}:{source.stem}]]"
    return source, f"[[{edge_type.name}::{target.page_type}:{target.stem}]]"


_FIXES: dict[str, Callable[[Context, list[Problem]], Iterator[Edit]]] = {
    "L001": _fix_targets,
    "I004": _fix_marks,
    "I002": _fix_entries,
    "S008": _fix_mirrors,
}
"""For each code, the function that finds the edits that fix its problems."""


def apply_edits(edits: Iterable[Edit], files: Mapping[str, RawFile]) -> dict[str, str]:
    """Return the new texts by path."""
    texts = {}
    for path, file_edits in grouped(edits, lambda edit: edit.path).items():
        text = files[path].text
        for edit in without_overlaps(file_edits, len(text)):
            text = text[: edit.start] + edit.text + text[edit.end :]
        texts[path] = text
    return texts


def without_overlaps(edits: Iterable[Edit], length: int) -> Iterator[Edit]:
    """Yield edits of one file, whose text has this length, from its end to its beginning. Of overlapping edits, only
    the last counts."""
    limit = length + 1
    for edit in sorted(set(edits), key=lambda e: (-e.start, -e.end)):
        if edit.end <= limit:
            limit = edit.start
            yield edit


def describe_fixes(applied: Sequence[Fix], files: Mapping[str, RawFile]) -> list[str]:
    """Return one line for each fix."""
    codes = {fix.edit: fix.code for fix in applied}
    lines = []
    for path, file_edits in sorted(grouped(codes, lambda edit: edit.path).items()):
        text = files[path].text
        for edit in reversed(list(without_overlaps(file_edits, len(text)))):
            span = span_at(line_starts(text), edit.start, edit.end)
            old_text, new_text = text[edit.start : edit.end], edit.text.strip("\n").replace("\n", " ")
            description = f"`{old_text}` is now `{new_text}`" if old_text else f"`{new_text}` added"
            lines.append(f"{path}:{span.line}:{span.column}: mended {codes[edit]}: {description}")
    return lines


def recodable_files(problems: Iterable[Problem], project: Path) -> list[str]:
    """Return the files that are not UTF-8, but can be decoded without loss."""
    paths = []
    for p in problems:
        if p.code == "R002" and p.path not in paths:
            with suppress(OSError):
                data = (project / p.path).read_bytes()
                if "\ufffd" not in decode(data)[0]:
                    paths.append(p.path)
    return paths
