"""Find and read the files of pages and indexes below the source folders."""

from __future__ import annotations

import errno
import os
import re
import stat
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from .model import RawFile
from .problems import Problem, problem
from .regex import regex
from .schema import Schema
from .text.characters import escape_for_terminal, hidden_characters, hidden_entities, replace_hidden
from .write import MANIFEST

INDEX = regex(r"_(\w+?)Index\.md", re.IGNORECASE)
"""The name of an index file. The group is the name of its type."""
SUFFIXES = frozenset({".md", ".mediawiki"})
ATTEMPTS = 3
"""How often a file is read if it changes while it is read."""
LARGEST_PAGE = 2_000_000
"""Bytes. A browser could not show a larger page, and pandoc would need minutes for it."""


class PageFile(NamedTuple):
    """A file that is a page or an index, before it is read."""

    path: Path
    name: str
    """Path in messages: relative to the project if it is inside, with forward slashes."""
    page_type: str
    """Empty if only the front matter can tell."""
    root: str
    """Folder that holds the type folder, otherwise the source, in the same form."""
    trusted: bool = False
    """Whether the site allows its executable cells to run."""

    @property
    def is_index(self) -> bool:
        """Return whether it is a ``_<Type>Index.md`` file."""
        return self.path.name.startswith("_")


class Content(NamedTuple):
    """The content of a file."""

    raw: RawFile
    problems: list[Problem]
    """Problems of its encoding and characters."""
    data: bytes


def page_files(
    sources: Sequence[Path], schema: Schema, base: Path, trusted: Sequence[Path] = ()
) -> tuple[list[PageFile], list[Problem]]:
    """Find every page and index file below the source folders. Return them, sorted, and problems of unreadable ones.

    A page may be any ``.md`` or ``.mediawiki`` file (also ``.NET.md``). Outside the folders that are named like a page
    type, its type is empty and ``open_types`` decides. Files whose names begin with ``_``, temporary files of programs,
    and files in folders that begin with ``_`` or ``.`` are not pages. ``_<Type>Index.md``, in any folder, is the index
    of a type. Paths in messages are relative to ``base``. Pages below ``trusted`` folders may run code.
    """
    files: list[PageFile] = []
    problems: list[Problem] = []
    real = [source.resolve() for source in sources]

    def unreadable(error: OSError) -> None:
        problems.append(_unreadable(escape_for_terminal(display_path(Path(error.filename), base)), error))

    for path, page_type, root in sorted(_walk_pages(sources, schema, unreadable)):
        display = display_path(path, base)
        name = escape_for_terminal(display)
        if name != display:
            problems.append(problem("R006", name, 1, 1, "has a name with characters that are not shown; not read"))
            continue
        try:
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                if not any(Path(os.path.realpath(path)).is_relative_to(root) for root in real):
                    message = "is a link that leads out of the wiki; not read"
                    problems.append(problem("R004", name, 1, 1, message))
                    continue
                status = path.stat()
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
                problems.append(_unreadable(name, error))
            elif path.is_symlink():
                message = "is a link that leads to no file"
                problems.append(problem("R001", name, 1, 1, message, "delete it, or link to a file"))
            elif os.path.lexists(path):  # otherwise it has just been deleted
                problems.append(problem("R001", name, 1, 1, "is not a file"))
            continue
        if not stat.S_ISREG(status.st_mode):
            problems.append(problem("R001", name, 1, 1, "is not a file"))
        elif status.st_size > LARGEST_PAGE:
            message = f"has {status.st_size:,} bytes, more than {LARGEST_PAGE:,}; not read"
            problems.append(problem("R006", name, 1, 1, message, "split it, or link to it as a file"))
        else:
            may_run = any(path.is_relative_to(folder) for folder in trusted)
            files.append(PageFile(path, name, page_type, display_path(root, base), may_run))
    return files, problems


def notes_by_hand(folder: Path, page_type: str, base: Path) -> list[PageFile]:
    """Return the hand-written notes: the ``.qmd`` files directly in the notes folder."""
    root = display_path(folder, base)
    paths = (path for path in sorted(folder.glob("*.qmd")) if not path.name.startswith(("_", ".")))
    return [PageFile(path, display_path(path, base), page_type, root) for path in paths]


def read_page(file: PageFile) -> Content | Problem | None:
    """Read one file. Return its content, or the problem if it cannot be read; None if it has just been deleted."""
    try:
        data = read_whole(file.path)
    except OSError as error:
        return _unreadable(file.name, error) if os.path.lexists(file.path) else None
    text, broken = decode(data)
    if broken and b"\0" in data and not is_utf16(data):
        message = "is not text, though it is named like a page; not read"
        return problem("R001", file.name, 1, 1, message, "give it the ending of what it is")
    raw = RawFile(file.name, file.page_type, file.path.stem, file.root, text, file.trusted)
    return Content(raw, list(_character_problems(data, text, file.name, broken)), data)


def _character_problems(data: bytes, text: str, name: str, broken: tuple[int, int] | None) -> Iterator[Problem]:
    """Yield problems of a file's encoding and characters."""
    if broken:
        message = "is UTF-16, and read as such" if is_utf16(data) else "is not UTF-8 here; read as Windows-1252"
        yield problem("R002", name, *broken, message, "save it as UTF-8; `check --fix` does")
    if ("\ufffd" in text or "&#" in text) and not broken:
        written = _lines(data.removeprefix(BOM_UTF8).decode())
        if invisible := sorted([*hidden_characters(written), *hidden_entities(written)]):
            text_before = written[: invisible[0][0]]
            place = text_before.count("\n") + 1, len(text_before) - text_before.rfind("\n")
            amount = f"{len(invisible)} characters" if len(invisible) > 1 else "a character"
            names = ", ".join(sorted({point for _, point in invisible})[:5])
            yield problem("R005", name, *place, f"holds {amount} that nobody sees: {names}", "delete them")


def read_whole(path: Path) -> bytes:
    """Return the content of a file at one moment. It is read again if it changes while it is read.

    Raises:
        OSError: it cannot be read, or keeps changing.
    """
    for _ in range(ATTEMPTS):
        with path.open("rb") as file:
            status_before = os.fstat(file.fileno())
            data = file.read()
            status_after = os.fstat(file.fileno())
        if (status_before.st_mtime_ns, status_before.st_size) == (status_after.st_mtime_ns, len(data)):
            return data
    raise OSError(errno.EAGAIN, "somebody is writing it; try again", str(path))


def _unreadable(name: str, error: OSError) -> Problem:
    return problem("R001", name, 1, 1, f"cannot be read: {error.strerror}")


def display_path(path: Path, base: Path) -> str:
    """Return the path with forward slashes, relative to ``base`` if it is inside."""
    inside = f"{base}{os.sep}"
    if str(path).startswith(inside):  # ten times as fast as relative_to()
        return str(path)[len(inside) :].replace(os.sep, "/")
    try:
        return path.relative_to(base).as_posix() or "."
    except ValueError:
        return path.as_posix()


def decode(data: bytes) -> tuple[str, tuple[int, int] | None]:
    """Return the text with ``\\n`` line ends, and line and column of the first byte that is not UTF-8, or None.

    A file with such a byte is read as Windows-1252, the usual cause, or as UTF-16 if it has that byte order mark.
    Characters that HTML does not allow, and our placeholder characters, become U+FFFD.
    """
    broken = None
    if is_utf16(data):
        return replace_hidden(_lines(data.decode("utf-16", "replace"))), (1, 1)
    data = data.removeprefix(BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        text_before = data[: error.start].decode("utf-8", "replace")
        broken = (text_before.count("\n") + 1, len(text_before) - text_before.rfind("\n"))
        text = data.decode("cp1252", "replace")
    return replace_hidden(_lines(text)), broken


def is_utf16(data: bytes) -> bool:
    """Return whether a file begins with a byte order mark of UTF-16."""
    return data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _walk_pages(
    sources: Iterable[Path], schema: Schema, unreadable: Callable[[OSError], None]
) -> Iterator[tuple[Path, str, Path]]:
    known_paths: set[Path] = set()
    for source in sources:
        for folder, names, files in os.walk(source, onerror=unreadable):
            if MANIFEST in files:  # notes or a site that we have written there
                names.clear()
                continue
            names[:] = sorted(n for n in names if not n.startswith((".", "_")))
            folder_path = Path(folder)
            typed = type_folder(folder_path, source, schema)
            for name in files:
                path = folder_path / name
                if is_hidden(name) or path.suffix.lower() not in SUFFIXES or path in known_paths:
                    continue
                known_paths.add(path)
                index = INDEX.fullmatch(name)
                indexed = schema.folder_type(index[1]) if index else None
                if indexed:
                    yield path, indexed.name, typed[1] if typed else folder_path
                elif not name.startswith("_"):
                    yield path, typed[0] if typed else "", typed[1] if typed else source


def is_hidden(name: str) -> bool:
    """Return whether a name is that of a hidden file. ``.NET.md`` may be a page, but not ``._NET.md``, which macOS
    leaves behind, or ``.#NET.md``, the lock file of an editor.
    """
    return name.startswith(".") and not (name[1:2].isalnum() and Path(name).suffix.lower() in SUFFIXES)


def type_folder(folder: Path, source: Path, schema: Schema) -> tuple[str, Path] | None:
    """Return the type of the nearest folder, from this one up to the source, that is named like a type, and the
    folder that holds it; None if there is none."""
    for candidate in (folder, *folder.parents):
        if page_type := schema.folder_type(candidate.name):
            return page_type.name, candidate.parent
        if candidate == source:
            break
    return None
