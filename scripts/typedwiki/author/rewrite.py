"""Change files that people have written: exact to the byte, and all of them or none."""

from __future__ import annotations

import difflib
import os
import re
from bisect import bisect_left
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from ..atomic import Change, create_file, move_file, rewrite_file, transaction
from ..audit.fix import Edit
from ..audit.rules_files import conflict_lines
from ..model import RawFile
from ..read import decode, is_utf16
from ..text.characters import shown

_RAW_LINE = re.compile(r"(?!\Z)([^\r\n]*)(\r\n|\r|\n|\Z)")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class RewriteError(ValueError):
    """A file cannot be changed. No file was."""


def refuse_conflict(file: RawFile) -> None:
    """Refuse a page with git's conflict marks, which holds two versions.

    Raises:
        RewriteError: the page has such marks.
    """
    if line := next(conflict_lines(file.text), 0):
        raise RewriteError(f"{file.path}:{line}: git's conflict marks are in it; keep one version first")


def apply_edits(data: bytes, edits: Iterable[Edit], path: str) -> bytes:
    """Apply edits, given by offsets into the decoded text, to the bytes of a file. Every other byte stays:
    line ends, the byte order mark and invalid UTF-8 included.

    Raises:
        RewriteError: the file's encoding cannot hold a character of a replacement.
    """
    mark = next((mark for mark in (BOM_UTF8, BOM_UTF16_LE, BOM_UTF16_BE) if data.startswith(mark)), b"")
    # A file with invalid UTF-8 is read as Windows-1252. Latin-1, too, has one character for each byte, and
    # unlike it can decode and encode every byte.
    utf16 = {BOM_UTF16_LE: "utf-16-le", BOM_UTF16_BE: "utf-16-be"}.get(mark, "")
    broken = not utf16 and decode(data)[1] is not None
    coding = utf16 or ("latin-1" if broken else "utf-8")
    raw = data[len(mark) :].decode(coding)
    text_lf = re.sub("\r\n?", "\n", raw)
    pairs = [m.start() - n for n, m in enumerate(re.finditer("\r\n", raw))]
    newline = "\r\n" if 2 * len(pairs) > text_lf.count("\n") else "\n"
    limit = len(text_lf) + 1
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


def encode_like(text: str, original: bytes) -> bytes:
    """Encode a new text of a file. Lines that it shares with the ``original`` keep their line ends and the
    characters that the decoder hides. New lines end as most lines do. UTF-16, the byte order mark and a missing
    newline at the end stay."""
    mark = next((mark for mark in (BOM_UTF8, BOM_UTF16_LE, BOM_UTF16_BE) if original.startswith(mark)), b"")
    coding = {BOM_UTF16_LE: "utf-16-le", BOM_UTF16_BE: "utf-16-be"}.get(mark, "utf-8")
    broken = not is_utf16(original) and decode(original)[1] is not None
    raw = original[len(mark) :].decode("cp1252" if broken else coding, "replace")
    old_lines = _RAW_LINE.findall(raw)
    ends = Counter(end for _, end in old_lines if end)
    usual_end = max(ends, key=lambda end: ends[end]) if ends else "\n"
    by_text: dict[str, deque[tuple[str, str]]] = defaultdict(deque)
    for line, end in old_lines:
        by_text[shown(line)].append((line, end or usual_end))
    lines = text.removesuffix("\n").split("\n")
    new_lines = [by_text[line].popleft() if by_text.get(line) else (line, usual_end) for line in lines]
    data = "".join(line + end for line, end in new_lines)
    if not ends or old_lines[-1][1] == "":
        data = data.removesuffix(new_lines[-1][1])
    return mark + data.encode(coding)


def diff(changes: Iterable[Change], roots: Sequence[str] = ()) -> str:
    """Return the changes as a unified diff. Paths below one of the ``roots`` are shown relative to it."""

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


def apply_changes(changes: Iterable[Change], project: Path) -> None:
    """Make all of the changes, or none.

    Raises:
        RewriteError: a file has changed since it was read, or a target exists.
        OSError: a file cannot be written; earlier changes are undone.
    """
    todo = [change for change in changes if change.old != change.new or change.path != change.target]
    by_real_path: dict[str, Change] = {}
    for change in sorted(todo, key=lambda change: (project / change.path).is_symlink()):
        path, target = project / change.path, project / change.target
        earlier = by_real_path.setdefault(os.path.realpath(path), change)
        if earlier is not change:
            if earlier.path != earlier.target:
                raise RewriteError(f"{path}: is a link to {earlier.path}, and would lead nowhere; delete it first")
            if earlier.new != change.new:
                raise RewriteError(f"{path}: is a link to {earlier.path}, which changes otherwise; nothing was changed")
        if change.old is not None and path.read_bytes() != change.old:
            raise RewriteError(f"{path}: has just been changed by somebody else; nothing was changed")
        creates_target = change.old is None or path != target
        if creates_target and target.exists() and not (path.exists() and path != target and target.samefile(path)):
            raise RewriteError(f"{target}: exists; nothing was changed")
    kept_ids = {id(change) for change in by_real_path.values()}
    todo = [change for change in todo if id(change) in kept_ids]  # a file with several symbolic links: only once
    if not todo:
        return
    with transaction(todo, project):
        for change in todo:
            _apply_change(project / change.path, project / change.target, change)


def _apply_change(path: Path, target: Path, change: Change) -> None:
    if change.old is None:
        create_file(target, change.new)
        return
    if path != target:
        move_file(path, target)
    if target.read_bytes() != change.old:  # changed since apply_changes() checked it
        raise RewriteError(f"{target}: has just been changed by somebody else; nothing else was changed")
    if change.old != change.new:
        rewrite_file(target, change.new)
