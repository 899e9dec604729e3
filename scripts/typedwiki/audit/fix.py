"""Mends what is mechanical and certain: misspelled targets, index marks and entries, mirror links, encodings."""

from __future__ import annotations

import difflib
import re
from codecs import BOM_UTF8
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from rapidfuzz import fuzz

from ..journal import Change
from ..model import Edge, Missing, RawFile, WikiPage
from ..problems import Problem
from ..read import decode, is_utf16
from ..schema import key
from ..text.links import line_starts, span_at
from .context import Context
from .rules_index import contents

CERTAIN, DOUBTFUL = 88, 75
"""Similarity in percent that one name must have, and that no second one may have."""


class Edit(NamedTuple):
    """Replace a stretch of a file's text."""

    path: str
    start: int
    end: int
    text: str


class Fix(NamedTuple):
    """An edit, and the code of the problem that it mends."""

    code: str
    edit: Edit


def edits(context: Context, problems: list[Problem]) -> Iterator[Edit]:
    """What would mend some of the problems. Only what is certain: the rest is left to people."""
    return (mend.edit for mend in fixes(context, problems))


def fixes(context: Context, problems: list[Problem]) -> Iterator[Fix]:
    """As ``edits``, with what each mends."""
    codes = {p.code for p in problems}
    by_place = {(p.path, p.line, p.column) for p in problems if p.code == "L001"}
    if "L001" in codes:
        yield from (Fix("L001", edit) for edit in _targets(context, by_place))
    if "I004" in codes:
        yield from (
            Fix("I004", edit) for edit in _marks(context, {(p.path, p.line) for p in problems if p.code == "I004"})
        )
    if "I002" in codes:
        yield from (Fix("I002", edit) for edit in _entries(context, {p.message for p in problems if p.code == "I002"}))
    if "S008" in codes:
        yield from (
            Fix("S008", edit)
            for edit in _mirrors(context, {(p.path, p.line, p.column) for p in problems if p.code == "S008"})
        )


def _targets(context: Context, places: set[tuple[str, int, int]]) -> Iterator[Edit]:
    for page in context.pages():
        text = context.files[page.id].text
        for link, resolution in zip(page.outgoing_links, context.graph.resolutions[page.id], strict=True):
            span = link.span
            if not isinstance(resolution, Missing) or link.is_path or (page.path, span.line, span.column) not in places:
                continue
            scores = {
                other: fuzz.ratio(key(link.target), key(_stem(context, other))) for other in resolution.suggestions
            }
            best = max(scores, key=lambda other: scores[other], default="")
            rivals = [other for other, score in scores.items() if other != best and score >= DOUBTFUL]
            right_type = not link.type or context.schema.page_type(link.type) == _type(context, best)
            if not best or best == page.id or scores[best] < CERTAIN or rivals or not right_type:
                continue
            name = _stem(context, best)
            written = text[span.start : span.end]
            position = written.rfind(link.target)
            if position >= 0:
                start = span.start + position
                yield Edit(
                    page.path, start, start + len(link.target), name.replace("_", " ") if " " in link.target else name
                )


def _type(context: Context, page_id: str) -> object:
    page = context.graph.pages.get(page_id)
    return context.schema.types[page.page_type] if page else None


def _stem(context: Context, page_id: str) -> str:
    return context.graph.pages[page_id].stem


def _marks(context: Context, lines: set[tuple[str, int]]) -> Iterator[Edit]:
    """⬜ to ✅ where the page exists."""
    for index in contents(context):
        for mark in index.marks:
            if mark.ids and not mark.exists and (index.file.path, mark.span.line) in lines:
                yield Edit(index.file.path, mark.span.start, mark.span.start + 1, "✅")


def _entries(context: Context, messages: set[str]) -> Iterator[Edit]:
    """A row for each page that an index lacks, below its last row that leads to a page file."""
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


def _mirrors(context: Context, places: set[tuple[str, int, int]]) -> Iterator[Edit]:
    """The missing half of an edge, as the last item of the other page's list of connections."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for edge in context.graph.edges:
        known = context.schema.edges.get(edge.type)
        page_id, span = edge.declared[0]
        if known and (context.graph.pages[page_id].path, span.line, span.column) in places:
            other, written = _mirror(context, edge)
            wanted[other.id].append(written)
    for page_id, links in wanted.items():
        file, page = context.files[page_id], context.graph.pages[page_id]
        items = list(re.finditer(r"^([ \t]*[*-] )\[\[[a-z_]+::[^\[\]\n]*\]\][ \t]*$", file.text, re.MULTILINE))
        if items:
            last = items[-1]
            added = "".join(f"\n{last[1]}{link}" for link in links)
            yield Edit(page.path, last.end(), last.end(), added)


def _mirror(context: Context, edge: Edge) -> tuple[WikiPage, str]:
    declaring = edge.declared[0][0]
    known = context.schema.edges[edge.type]
    source, target = context.graph.pages[edge.source], context.graph.pages[edge.target]
    if declaring == edge.source:
        name = known.inverses[0] if known.inverses else known.name
        return target, f"[[{name}::{source.page_type}:{source.stem}]]"
    return source, f"[[{known.name}::{target.page_type}:{target.stem}]]"


def apply(found: Iterable[Edit], files: Mapping[str, RawFile]) -> dict[str, str]:
    """The new texts by path. Edits that overlap are left out after the first."""
    texts = {}
    for path, listed in grouped(found).items():
        text = files[path].text
        for edit in _fitting(listed, len(text)):
            text = text[: edit.start] + edit.text + text[edit.end :]
        texts[path] = text
    return texts


def grouped(found: Iterable[Edit]) -> dict[str, list[Edit]]:
    """The edits of each file."""
    by_path: dict[str, list[Edit]] = defaultdict(list)
    for edit in found:
        by_path[edit.path].append(edit)
    return by_path


def _fitting(listed: Iterable[Edit], length: int) -> Iterator[Edit]:
    """Those edits of one file that do not overlap, from its end to its beginning."""
    limit = length + 1
    for edit in sorted(set(listed), key=lambda e: (-e.start, -e.end)):
        if edit.end <= limit:
            limit = edit.start
            yield edit


def told(found: Sequence[Fix], files: Mapping[str, RawFile]) -> list[str]:
    """One line for each thing that is mended."""
    codes = {mend.edit: mend.code for mend in found}
    lines = []
    for path, listed in sorted(grouped(codes).items()):
        text = files[path].text
        for edit in reversed(list(_fitting(listed, len(text)))):
            span = span_at(line_starts(text), edit.start, edit.end)
            old, new = text[edit.start : edit.end], edit.text.strip("\n").replace("\n", " ")
            said = f"`{old}` is now `{new}`" if old else f"`{new}` added"
            lines.append(f"{path}:{span.line}:{span.column}: mended {codes[edit]}: {said}")
    return lines


def in_wiki(path: str, files: Mapping[str, RawFile]) -> str:
    """A path as diffs name it: relative to its wiki where that lies outside the project."""
    file = files.get(path)
    inside = file and PurePosixPath(path).is_absolute() and PurePosixPath(path).is_relative_to(file.root)
    return PurePosixPath(path).relative_to(file.root).as_posix() if file and inside else path.lstrip("/")


def diff(texts: Mapping[str, str], files: Mapping[str, RawFile]) -> str:
    """What `apply` would change, as a unified diff."""
    lines: list[str] = []
    for path in sorted(texts):
        old, new = (text.splitlines(keepends=True) for text in (files[path].text, texts[path]))
        shown = in_wiki(path, files)
        lines += difflib.unified_diff(old, new, f"a/{shown}", f"b/{shown}")
    return "".join(lines)


def changes(
    texts: Mapping[str, str], recoded: Iterable[str], files: Mapping[str, RawFile], project: Path
) -> list[Change]:
    """What to write: the new texts, keeping byte order mark and line ends, and the ``recoded`` files as UTF-8.

    A file that has changed since it was read, or that does not survive the way back to bytes unharmed, is left out.
    """
    made = []
    as_utf8 = frozenset(recoded)
    for path in sorted({*texts, *as_utf8}):
        old = (project / path).read_bytes()
        text, broken = decode(old)
        if text != files[path].text or (broken and path not in as_utf8):
            continue
        if broken:
            made.append(Change(path, path, old, recoded_as_utf8(old, texts.get(path, text))))
        elif _encoded(text, old) == old:
            made.append(Change(path, path, old, _encoded(texts[path], old)))
    return made


def recodable(problems: Iterable[Problem], project: Path) -> list[str]:
    """Files that are not UTF-8, and of which every character is known all the same."""
    found = []
    for p in problems:
        if p.code == "R002" and p.path not in found:
            with suppress(OSError):
                data = (project / p.path).read_bytes()
                if "\ufffd" not in decode(data)[0]:
                    found.append(p.path)
    return found


def recoded_as_utf8(old: bytes, text: str) -> bytes:
    """A text that was read from ``old``, which was not UTF-8, with the line ends that it had."""
    windows = "\r\n".encode("utf-16-le" if is_utf16(old) else "cp1252")
    return (text.replace("\n", "\r\n") if windows in old else text).encode()


def _encoded(text: str, like: bytes) -> bytes:
    """A text as bytes, with the line ends and the byte order mark of its earlier version."""
    ends = text.replace("\n", "\r\n") if b"\r\n" in like else text
    return (BOM_UTF8 if like.startswith(BOM_UTF8) else b"") + ends.encode()
