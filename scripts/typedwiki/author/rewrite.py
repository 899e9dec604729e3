"""Changes to the files that people write: byte by byte, and all of them or none."""

from __future__ import annotations

import difflib
import os
import re
from bisect import bisect_left
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from ..atomic import create_file, rewrite_file
from ..audit.fix import Edit
from ..audit.rules_files import conflicts
from ..journal import Change, move_file, transaction
from ..model import RawFile
from ..read import decode, is_utf16
from ..text.characters import shown

_RAW_LINE = re.compile(r"(?!\Z)([^\r\n]*)(\r\n|\r|\n|\Z)")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class RewriteError(ValueError):
    """A file cannot be changed as asked. Nothing was changed."""


def refuse_conflict(file: RawFile) -> None:
    """A page of which two versions stand in the file, between git's marks, is not to be moved or written anew.

    Raises:
        RewriteError: it has such marks.
    """
    if line := next(conflicts(file.text), 0):
        raise RewriteError(f"{file.path}:{line}: git's conflict marks are in it; keep one version first")


def edited(data: bytes, edits: Iterable[Edit], path: str) -> bytes:
    """Replace stretches of a file, given by offsets into its decoded text. Every other byte stays:
    line ends, byte order mark and what is no UTF-8 included.

    Raises:
        RewriteError: the file's encoding lacks a character of a replacement.
    """
    mark = next((mark for mark in (BOM_UTF8, BOM_UTF16_LE, BOM_UTF16_BE) if data.startswith(mark)), b"")
    # Latin-1 has one character for each byte, as has the Windows-1252 that such a file is read as.
    odd = {BOM_UTF16_LE: "utf-16-le", BOM_UTF16_BE: "utf-16-be"}.get(mark, "")
    broken = not odd and decode(data)[1] is not None
    coding = odd or ("latin-1" if broken else "utf-8")
    raw = data[len(mark) :].decode(coding)
    lone = re.sub("\r\n?", "\n", raw)
    pairs = [m.start() - n for n, m in enumerate(re.finditer("\r\n", raw))]
    newline = "\r\n" if 2 * len(pairs) > lone.count("\n") else "\n"
    limit = len(lone) + 1
    for edit in sorted(set(edits), key=lambda e: (-e.start, -e.end)):  # in the order of fix.apply
        if edit.end > limit:
            continue
        limit = edit.start
        start, end = (offset + bisect_left(pairs, offset) for offset in (edit.start, edit.end))
        text = edit.text.replace("\n", newline)
        if broken:
            try:
                text = text.encode("cp1252").decode("latin-1")
            except UnicodeEncodeError:
                raise RewriteError(f"{path}: is not UTF-8 and cannot hold `{edit.text.strip()}`") from None
        raw = raw[:start] + text + raw[end:]
    return mark + raw.encode(coding)


def encoded(text: str, like: bytes) -> bytes:
    """A text as bytes, with what its lines had in another version of the file: their ends, and characters that
    the decoder hides. A new line ends as most do. UTF-16, the byte order mark and a missing newline at the end
    stay, too."""
    mark = next((mark for mark in (BOM_UTF8, BOM_UTF16_LE, BOM_UTF16_BE) if like.startswith(mark)), b"")
    coding = {BOM_UTF16_LE: "utf-16-le", BOM_UTF16_BE: "utf-16-be"}.get(mark, "utf-8")
    broken = not is_utf16(like) and decode(like)[1] is not None
    raw = like[len(mark) :].decode("cp1252" if broken else coding, "replace")
    old = _RAW_LINE.findall(raw)
    ends = Counter(end for _, end in old if end)
    usual = max(ends, key=lambda end: ends[end]) if ends else "\n"
    known: dict[str, deque[tuple[str, str]]] = defaultdict(deque)
    for line, end in old:
        known[shown(line)].append((line, end or usual))
    lines = text.removesuffix("\n").split("\n")
    new = [known[line].popleft() if known.get(line) else (line, usual) for line in lines]
    data = "".join(line + end for line, end in new)
    if not ends or old[-1][1] == "":
        data = data.removesuffix(new[-1][1])
    return mark + data.encode(coding)


def diff(changes: Iterable[Change], roots: Sequence[str] = ()) -> str:
    """The changes as a unified diff; paths below one of the ``roots`` are relative to that."""

    def named(path: str) -> str:
        inside = (
            root for root in roots if PurePosixPath(path).is_absolute() and PurePosixPath(path).is_relative_to(root)
        )
        return PurePosixPath(path).relative_to(next(inside, "/")).as_posix() if path.startswith("/") else path

    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for change in changes
        for line in difflib.unified_diff(
            _LINE.findall(decode(change.old or b"")[0]),
            _LINE.findall(decode(change.new)[0]),
            f"a/{named(change.path)}",
            f"b/{named(change.target)}",
        )
    )


def carry_out(changes: Iterable[Change], project: Path) -> None:
    """Make all of the changes, or leave everything as it was.

    Raises:
        RewriteError: a file is not any more what the changes were made for, or a target exists.
        OSError: a file cannot be written; what had been changed is put back.
    """
    todo = [change for change in changes if change.old != change.new or change.path != change.target]
    real: dict[str, Change] = {}
    for change in sorted(todo, key=lambda change: (project / change.path).is_symlink()):
        path, target = project / change.path, project / change.target
        first = real.setdefault(os.path.realpath(path), change)
        if first is not change:
            if first.path != first.target:
                raise RewriteError(f"{path}: is a link to {first.path}, and would lead nowhere; delete it first")
            if first.new != change.new:
                raise RewriteError(f"{path}: is a link to {first.path}, which changes otherwise; nothing was changed")
        if change.old is not None and path.read_bytes() != change.old:
            raise RewriteError(f"{path}: has just been changed by somebody else; nothing was changed")
        new = change.old is None or path != target
        if new and target.exists() and not (path.exists() and path != target and target.samefile(path)):
            raise RewriteError(f"{target}: exists; nothing was changed")
    same = {id(change) for change in real.values()}
    todo = [change for change in todo if id(change) in same]  # what links lead to is changed once
    if not todo:
        return
    with transaction(todo, project):
        for change in todo:
            _make(project / change.path, project / change.target, change)


def _make(path: Path, target: Path, change: Change) -> None:
    if change.old is None:
        create_file(target, change.new)
        return
    if path != target:
        move_file(path, target)
    if target.read_bytes() != change.old:  # in the last moment
        raise RewriteError(f"{target}: has just been changed by somebody else; nothing else was changed")
    if change.old != change.new:
        rewrite_file(target, change.new)


def by_path(edits: Iterable[Edit]) -> Mapping[str, list[Edit]]:
    """The edits of each file."""
    found: dict[str, list[Edit]] = {}
    for edit in edits:
        found.setdefault(edit.path, []).append(edit)
    return found
