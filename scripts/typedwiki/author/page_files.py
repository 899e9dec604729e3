"""Handle files of pages: their names, folders and dialects, and changes to their text."""

from __future__ import annotations

import difflib
import os
import re
import unicodedata
from bisect import bisect_left
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from ..atomic import Change, create_file, move_file, rewrite_file, transaction
from ..audit.fix import Edit
from ..audit.rules_files import conflict_lines
from ..model import RawFile, WikiPage
from ..read import decode, is_utf16
from ..schema import PageType, Schema, key
from ..text.characters import hidden_characters, replace_hidden
from ..text.front_matter import without_front_matter
from ..text.names import DEVICE
from ..text.parse import is_wiki
from ..words import nearest

_LONGEST = 180
"""Bytes: file systems allow 255, and suffixes and temporary names are added."""
_LINE_END = re.compile(r"\r\n|\r|\n")
_SEPARATORS = re.compile(r'[\s_<>:"|?*\\/\x00-\x1f\x7f\[\]#{}^%`]+')
"""Characters that some file system, link or address cannot hold. They become underscores."""


class BadNameError(ValueError):
    """A page cannot have this name. The message says why."""


def stem_of(title: str) -> str:
    """Return the file name, without suffix, of a page with this title: underscores for spaces.

    Raises:
        BadNameError: the title has no usable character, is too long, or is a reserved name.
    """
    stem = _SEPARATORS.sub("_", unicodedata.normalize("NFC", title)).lstrip("_.-").rstrip("_. ")
    if not re.search(r"[^\W_]", stem):
        raise BadNameError(f"`{title}` holds no letter or digit that could name a page")
    if DEVICE.match(stem) or stem.lower() == "readme":
        raise BadNameError(f"`{stem}` cannot name a page: Windows or Quarto reserve it")
    if len(stem.encode()) > _LONGEST:
        raise BadNameError(f"`{stem[:40]}…` is too long to be a file name")
    return stem


def spelled_like(stem: str, pages: Iterable[WikiPage], schema: Schema) -> str:
    """Return a file name with spaces instead of underscores, if that is how a wiki without ranks names most files: its
    links, in Obsidian for instance, name files exactly."""
    stems = [page.stem for page in pages]
    with_spaces = sum(" " in name for name in stems)
    return stem.replace("_", " ") if not schema.ranked and with_spaces > sum("_" in name for name in stems) else stem


def with_namespace(stem: str, namespace: str) -> str:
    """Add the prefix of a namespace to a file name, unless it has it."""
    return stem if not namespace or stem.startswith(f"{namespace}_") else f"{namespace}_{stem}"


def page_type_of(name: str, schema: Schema) -> PageType:
    """Return the page type of this name.

    Raises:
        BadNameError: there is no such type.
    """
    if page_type := schema.page_type(name):
        return page_type
    names = schema.type_names()
    suggestion = nearest(name, names)
    hint = f"did you mean {names[suggestion]}?" if suggestion else f"the types are {', '.join(schema.types)}"
    raise BadNameError(f"`{name}` is not a page type ({hint})")


def did_you_mean(unknown_name: str, labels: Mapping[str, str]) -> str:
    """Return a hint in parentheses: the labels of the most similar names; empty if none is similar.

    ``labels`` are those of all names.
    """
    folded = {name.casefold(): label for name, label in labels.items()}
    similar = get_close_matches(unknown_name.casefold(), folded, 3)
    suggestions = dict.fromkeys(folded[name] for name in similar)
    return f" (did you mean {' or '.join(suggestions)}?)" if suggestions else ""


DIALECTS = ("markdown", "mediawiki")


def folder_of(page_type: PageType, root: str, pages: Iterable[WikiPage], folders: Sequence[str], schema: Schema) -> str:
    """Return the folder for pages of a type: the one most of them are in, or one named in the style of the others.

    ``folders`` are the names of the folders that ``root`` holds on disk.
    """
    root_pages = [page for page in pages if page.root == root]
    used = Counter(str(PurePosixPath(page.path).parent) for page in root_pages if page.page_type == page_type.name)
    if used:
        return min(used, key=lambda folder: (-used[folder], folder))
    type_folders = [(name, folder_type) for name in sorted(folders) if (folder_type := schema.page_type(name))]
    own_folders = [name for name, folder_type in type_folders if folder_type.name == page_type.name]
    plural = any(key(name) == key(folder_type.plural) != key(folder_type.name) for name, folder_type in type_folders)
    name = page_type.plural if plural else page_type.name
    if type_folders and all(name.islower() for name, _ in type_folders):
        name = name.lower()
    return str(PurePosixPath(root) / (own_folders[0] if own_folders else name))


def namespace_of(root: str, pages: Iterable[WikiPage]) -> str:
    """Return the namespace that all pages of a root have; empty if they differ."""
    spaces = {page.namespace for page in pages if page.root == root}
    return spaces.pop() if len(spaces) == 1 else ""


def dialect_of(file: RawFile) -> str:
    """Return the dialect of a page."""
    return DIALECTS[is_wiki(file.path, without_front_matter(file.text))]


def usual_dialect_and_suffix(files: Sequence[RawFile], page_type: str, dialect: str = "") -> tuple[str, str]:
    """Return the dialect and the suffix that most pages of a type have, or else most pages of the wiki.

    If a ``dialect`` is given, only the suffix is chosen.
    """
    candidates = [file for file in files if file.page_type == page_type] or files
    if not dialect:
        dialects = Counter(dialect_of(file) for file in candidates)
        dialect = max(DIALECTS, key=lambda name: dialects[name])
    same_dialect = [file for file in candidates if dialect_of(file) == dialect] or [
        f for f in files if dialect_of(f) == dialect
    ]
    suffixes = Counter(PurePosixPath(file.path).suffix for file in same_dialect)
    default = ".md" if dialect == "markdown" else ".mediawiki"
    return dialect, max(suffixes, key=lambda name: suffixes[name]) if suffixes else default


_RAW_LINE = re.compile(r"(?!\Z)([^\r\n]*)(\r\n|\r|\n|\Z)")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class RewriteError(ValueError):
    """A file cannot be changed. No file was."""


def refuse_conflict(file: RawFile) -> None:
    """Refuse a page with git's conflict marks, because it holds two versions.

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
    mark, utf16 = _byte_order_mark(data)
    # A file with invalid UTF-8 is read as Windows-1252. Latin-1, too, has one character for each byte, and
    # unlike it can decode and encode every byte.
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
