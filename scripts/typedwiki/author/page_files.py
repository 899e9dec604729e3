"""Change files of pages: edits of their text, the wiki as it would be afterwards, and all changes made or none."""

from __future__ import annotations

import difflib
import os
import re
from bisect import bisect_left
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from ..atomic import Change, create_file, move_file, rewrite_file, transaction
from ..audit.check import check
from ..audit.context import Context
from ..audit.fix import Edit, without_overlaps
from ..audit.rules_content import conflict_lines
from ..listings import without_listed_links
from ..load import namespaces_of
from ..model import Graph, RawFile
from ..problems import Problem, unmatched
from ..read import decode, is_utf16
from ..resolve import resolve, unique_ids
from ..text.characters import hidden_characters, replace_hidden
from ..text.parse import parse
from .page_names import Move
from .relink import relative_link

_LINE_END = re.compile(r"\r\n|\r|\n")
_RAW_LINE = re.compile(r"(?!\Z)([^\r\n]*)(\r\n|\r|\n|\Z)")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class RewriteError(ValueError):
    """A file cannot be changed. No file was."""


def refuse_conflict(file: RawFile) -> None:
    """Refuse a page with git's conflict marks, because it contains two versions.

    Raises:
        RewriteError: the page has such marks.
    """
    if line := next(conflict_lines(file.text), 0):
        raise RewriteError(f"{file.path}:{line}: git's conflict marks are in it; keep one version first")


def edit_bytes(data: bytes, edits: Iterable[Edit], path: str) -> bytes:
    """Apply edits, given by offsets into the decoded text, to the bytes of a file. Every other byte stays:
    line ends, the byte order mark and invalid UTF-8 included.

    Raises:
        RewriteError: the file's encoding cannot hold a character of a replacement.
    """
    mark, utf16 = _byte_order_mark(data)
    # A file with invalid UTF-8 is read as Windows-1252. Latin-1, too, has one character for each byte, and
    # unlike it can decode and encode every byte.
    broken = not utf16 and decode(data)[1] is not None
    coding = utf16 or ("latin-1" if broken else "utf-8")
    raw = data[len(mark) :].decode(coding)
    text_lf = re.sub("\r\n?", "\n", raw)
    pairs = [m.start() - n for n, m in enumerate(re.finditer("\r\n", raw))]
    newline = "\r\n" if 2 * len(pairs) > text_lf.count("\n") else "\n"
    for edit in without_overlaps(edits, len(text_lf)):
        start, end = (offset + bisect_left(pairs, offset) for offset in (edit.start, edit.end))
        text = edit.text.replace("\n", newline)
        if broken:
            try:
                text = text.encode("cp1252").decode("latin-1")
            except UnicodeEncodeError:
                raise RewriteError(f"{path}: is not UTF-8 and cannot hold `{edit.text.strip()}`") from None
        raw = raw[:start] + text + raw[end:]
    return mark + raw.encode(coding)


def _byte_order_mark(data: bytes) -> tuple[bytes, str]:
    """Return the byte order mark of a file, and the UTF-16 encoding that it means; both may be empty."""
    encodings = {BOM_UTF8: "", BOM_UTF16_LE: "utf-16-le", BOM_UTF16_BE: "utf-16-be"}
    return next(((mark, encoding) for mark, encoding in encodings.items() if data.startswith(mark)), (b"", ""))


def encode_like(text: str, original: bytes) -> bytes:
    """Encode a new text of a file. Lines that it shares with the ``original`` keep their line ends and the
    characters that the decoder hides. New lines end as most lines do. UTF-16, the byte order mark and a missing
    newline at the end stay."""
    mark, utf16 = _byte_order_mark(original)
    coding = utf16 or "utf-8"
    broken = not is_utf16(original) and decode(original)[1] is not None
    raw = original[len(mark) :].decode("cp1252" if broken else coding, "replace")
    old_lines = _RAW_LINE.findall(raw)
    ends = Counter(end for _, end in old_lines if end)
    usual_end = max(ends, key=lambda end: ends[end]) if ends else "\n"
    by_text: dict[str, deque[tuple[str, str]]] = defaultdict(deque)
    for line, end in old_lines:
        by_text[replace_hidden(line)].append((line, end or usual_end))
    lines = text.removesuffix("\n").split("\n")
    new_lines = [by_text[line].popleft() if by_text.get(line) else (line, usual_end) for line in lines]
    data = "".join(line + end for line, end in new_lines)
    if not ends or old_lines[-1][1] == "":
        data = data.removesuffix(new_lines[-1][1])
    return mark + data.encode(coding)


def fixed_files(
    texts: Mapping[str, str], recoded: Collection[str], files: Mapping[str, RawFile], project: Path
) -> list[Change]:
    """Return the changes that write new texts of files, and that write ``recoded`` files as UTF-8.

    A file is left out if it has changed since it was read, if it is not UTF-8 and not to be recoded, or if it holds
    characters that a text cannot hold.
    """
    changes = []
    for path in sorted({*texts, *recoded}):
        old = (project / path).read_bytes()
        text, broken = decode(old)
        is_whole = path in recoded if broken else re.sub("\r\n?", "\n", old.decode("utf-8-sig")) == text
        if is_whole and text == files[path].text:
            encoding = "utf-16" if is_utf16(old) else "cp1252"
            original = old.decode(encoding, "replace").encode() if broken else old
            changes.append(Change(path, path, old, encode_like(texts.get(path, text), original)))
    return changes


def diff(changes: Iterable[Change], roots: Sequence[str] = ()) -> str:
    """Return the changes as a unified diff. Paths below one of the ``roots`` are shown relative to it."""

    def display_path(path: str) -> str:
        containing_roots = (
            root for root in roots if PurePosixPath(path).is_absolute() and PurePosixPath(path).is_relative_to(root)
        )
        return PurePosixPath(path).relative_to(next(containing_roots, "/")).as_posix() if path.startswith("/") else path

    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for change in changes
        for line in difflib.unified_diff(
            _LINE.findall(decode(change.old or b"")[0]),
            _LINE.findall(decode(change.new)[0]),
            f"a/{display_path(change.path)}",
            f"b/{display_path(change.target)}",
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
    change_ids = {id(change) for change in by_real_path.values()}
    todo = [change for change in todo if id(change) in change_ids]  # a file with several symbolic links: only once
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


def unwritable_character(change: Change) -> tuple[int, str] | None:
    """Return line and code point of the first hidden character that a change loses; None if it loses none."""
    old_text = _characters(change.old or b"")
    remaining = Counter(point for _, point in hidden_characters(_characters(change.new)))
    for offset, point in hidden_characters(old_text):
        if not remaining[point]:
            return len(_LINE_END.findall(old_text, 0, offset)) + 1, point
        remaining[point] -= 1
    return None


def _characters(data: bytes) -> str:
    return data.decode("utf-16" if is_utf16(data) else "utf-8-sig", "replace")


def audit_after(context: Context, texts: Mapping[str, str], move: Move | None = None) -> tuple[Context, list[Problem]]:
    """Return the wiki as it would be, as rules see it, and its problems. ``texts`` are new texts by old paths."""
    graph, files, problems = wiki_after(context, texts, move)
    indexes = tuple(_renamed_file(file, texts, None) for file in context.indexes)
    attached = dict(_moved_attachments(context, move))
    new_context = Context(graph, context.schema, files, indexes, context.settings, attached)
    return new_context, check(new_context, problems)


def wiki_after(
    context: Context, texts: Mapping[str, str], move: Move | None
) -> tuple[Graph, dict[str, RawFile], list[Problem]]:
    """Return the wiki, its files and the problems of parsing it, as they would be. ``texts`` are new texts by old
    paths."""
    raw = sorted(
        (_renamed_file(file, texts, move) for file in context.files.values()), key=lambda f: PurePosixPath(f.path)
    )
    spaces = namespaces_of((file.root, file.stem, file.page_type) for file in raw)
    parsed = [parse(file, context.schema, spaces[file.root, file.stem]) for file in raw]
    # Redirects are not in the graph; their names have become aliases of their targets.
    old_pages = {page.path: page for page in context.graph.pages.values()}
    pages_with_aliases = []
    for page, _ in parsed:
        old_page = old_pages.get(move.page.path if move and page.path == move.path else page.path)
        own_aliases: tuple[str, ...] = ()
        if old_page and old_page.path in texts:  # it may lose aliases of its own
            own_aliases = parse(context.files[old_page.id], context.schema)[0].aliases
        inherited = [alias for alias in old_page.aliases if alias not in own_aliases] if old_page else []
        pages_with_aliases.append(replace(page, aliases=tuple(dict.fromkeys((*page.aliases, *inherited)))))
    pages, doubled = unique_ids(pages_with_aliases)
    pages = without_listed_links(pages, context.listings.files)
    graph, unresolved = resolve(pages, context.schema)
    files = {page.id: file for page, file in zip(pages, raw, strict=True)}
    return graph, files, [*(p for _, page_problems in parsed for p in page_problems), *doubled, *unresolved]


def _renamed_file(file: RawFile, texts: Mapping[str, str], move: Move | None) -> RawFile:
    new_file = replace(file, text=texts.get(file.path, file.text))
    if move and file.path == move.page.path:
        return replace(new_file, path=move.path, page_type=move.type, stem=move.stem)
    return new_file


def _moved_attachments(context: Context, move: Move | None) -> Iterator[tuple[tuple[str, str], str]]:
    for (page, path), target in context.attached.items():
        if move and page == move.page.path:
            old_folder, new_folder = PurePosixPath(page).parent, PurePosixPath(move.path).parent
            yield (
                (move.path, path if old_folder == new_folder else relative_link(str(old_folder / path), move.path)),
                target,
            )
        else:
            yield (page, path), target


def added_problems(old_problems: Iterable[Problem], new_problems: Iterable[Problem], move: Move) -> list[Problem]:
    """Return the problems that are new, wherever they are in their files."""
    moved_paths = {move.page.path: move.path}
    messages = Counter((p.code, moved_paths.get(p.path, p.path), p.message) for p in old_problems)
    remaining = unmatched(new_problems, lambda p: p.key, messages)
    # The others may differ only in the names in their messages, so match them by code.
    codes = Counter((code, path) for code, path, _ in messages.elements())
    return unmatched(remaining, lambda p: (p.code, p.path), codes)
