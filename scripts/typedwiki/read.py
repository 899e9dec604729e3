"""Source folders to raw files, sorted."""

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
from .text.characters import escaped, hidden, hidden_entities, shown
from .write import MANIFEST

INDEX = regex(r"_(\w+?)Index\.md", re.IGNORECASE)
"""The name of an index file, with that of its type."""
SUFFIXES = frozenset({".md", ".mediawiki"})
ATTEMPTS = 3
"""How often a file is read that changes meanwhile."""
LARGEST_PAGE = 2_000_000
"""Bytes. Beyond it a page is no page: a browser could not show it, and pandoc needs minutes for it."""


class PageFile(NamedTuple):
    """A file that is a page or an index, before it is read."""

    path: Path
    name: str
    """As messages name it: relative to the project where it lies inside, with forward slashes."""
    page_type: str
    root: str
    """Folder that holds the type folder, named like the file."""
    trusted: bool = False
    """Whether the site says that its executable cells may run."""

    @property
    def is_index(self) -> bool:
        """Whether it is a ``_<Type>Index.md`` file."""
        return self.path.name.startswith("_")


class Content(NamedTuple):
    """What a file holds."""

    raw: RawFile
    problems: list[Problem]
    """What is wrong with its characters."""
    data: bytes


def read(
    sources: Sequence[Path], schema: Schema, base: Path, trusted: Sequence[Path] = ()
) -> tuple[list[RawFile], list[RawFile], list[Problem]]:
    """Read every page and index file below the source folders (see ``page_files``)."""
    files: list[RawFile] = []
    indexes: list[RawFile] = []
    found, problems = page_files(sources, schema, base, trusted)
    for file in found:
        content = read_page(file)
        if isinstance(content, Content):
            problems += content.problems
            (indexes if file.is_index else files).append(content.raw)
        elif content:
            problems.append(content)
    return files, indexes, problems


def page_files(
    sources: Sequence[Path], schema: Schema, base: Path, trusted: Sequence[Path] = ()
) -> tuple[list[PageFile], list[Problem]]:
    """Find every page and index file below the source folders, sorted, and what cannot be read there.

    A page is a ``.md`` or ``.mediawiki`` file below a folder that is named like a page type, ``.NET.md`` too.
    Names that begin with ``_`` are not pages, nor are those of files that programs leave beside pages, nor is
    anything in folders that begin with ``_`` or ``.``. ``_<Type>Index.md``, wherever it lies, indexes the pages
    of that type. Paths in messages are relative to ``base``. What lies below ``trusted`` folders may run code.
    """
    files: list[PageFile] = []
    problems: list[Problem] = []
    real = [source.resolve() for source in sources]

    def unreadable(error: OSError) -> None:
        problems.append(_unreadable(escaped(display_path(Path(error.filename), base)), error))

    for path, page_type, root in sorted(_pages(sources, schema, unreadable)):
        shown = display_path(path, base)
        name = escaped(shown)
        if name != shown:
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
            elif os.path.lexists(path):  # else it has just been deleted
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
    """The notes that people have written: the ``.qmd`` files of the notes folder itself."""
    root = display_path(folder, base)
    paths = (path for path in sorted(folder.glob("*.qmd")) if not path.name.startswith(("_", ".")))
    return [PageFile(path, display_path(path, base), page_type, root) for path in paths]


def read_page(file: PageFile) -> Content | Problem | None:
    """Read one file: its content, or why it cannot be read; None if it has just been deleted."""
    try:
        data = read_whole(file.path)
    except OSError as error:
        return _unreadable(file.name, error) if os.path.lexists(file.path) else None
    text, broken = decode(data)
    if broken and b"\0" in data and not is_utf16(data):
        message = "is not text, though it is named like a page; not read"
        return problem("R001", file.name, 1, 1, message, "give it the ending of what it is")
    raw = RawFile(file.name, file.page_type, file.path.stem, file.root, text, file.trusted)
    return Content(raw, list(_about(data, text, file.name, broken)), data)


def _about(data: bytes, text: str, name: str, broken: tuple[int, int] | None) -> Iterator[Problem]:
    """What is wrong with the characters of a file."""
    if broken:
        here = "is UTF-16, and read as such" if is_utf16(data) else "is not UTF-8 here; read as Windows-1252"
        yield problem("R002", name, *broken, here, "save it as UTF-8; `check --fix` does")
    if ("\ufffd" in text or "&#" in text) and not broken:
        written = _lines(data.removeprefix(BOM_UTF8).decode())
        if found := sorted([*hidden(written), *hidden_entities(written)]):
            before = written[: found[0][0]]
            place = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
            many = f"{len(found)} characters" if len(found) > 1 else "a character"
            names = ", ".join(sorted({point for _, point in found})[:5])
            yield problem("R005", name, *place, f"holds {many} that nobody sees: {names}", "delete them")


def read_whole(path: Path) -> bytes:
    """A file as it was at one moment: read again if somebody writes it meanwhile.

    Raises:
        OSError: it cannot be read, or does not hold still.
    """
    for _ in range(ATTEMPTS):
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            data = file.read()
            after = os.fstat(file.fileno())
        if (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, len(data)):
            return data
    raise OSError(errno.EAGAIN, "somebody is writing it; try again", str(path))


def _unreadable(name: str, error: OSError) -> Problem:
    return problem("R001", name, 1, 1, f"cannot be read: {error.strerror}")


def display_path(path: Path, base: Path) -> str:
    """The path relative to ``base`` if it lies inside, with forward slashes."""
    inside = f"{base}{os.sep}"
    if str(path).startswith(inside):  # in a tenth of the time
        return str(path)[len(inside) :].replace(os.sep, "/")
    try:
        return path.relative_to(base).as_posix() or "."
    except ValueError:
        return path.as_posix()


def decode(data: bytes) -> tuple[str, tuple[int, int] | None]:
    """Text with ``\\n`` line ends, and line and column of the first byte that is not UTF-8.

    Such a file is read as Windows-1252, which is what stray bytes usually are, unless a byte order mark says
    that it is UTF-16. Characters that cannot stand in HTML, or that stand for masked parts, become U+FFFD.
    """
    broken = None
    if is_utf16(data):
        return shown(_lines(data.decode("utf-16", "replace"))), (1, 1)
    data = data.removeprefix(BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        broken = (before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        text = data.decode("cp1252", "replace")
    return shown(_lines(text)), broken


def is_utf16(data: bytes) -> bool:
    """Whether a file begins with a byte order mark of UTF-16."""
    return data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _pages(
    sources: Iterable[Path], schema: Schema, unreadable: Callable[[OSError], None]
) -> Iterator[tuple[Path, str, Path]]:
    seen: set[Path] = set()
    for source in sources:
        for folder, names, files in os.walk(source, onerror=unreadable):
            if MANIFEST in files:  # notes or a site that we have written there
                names.clear()
                continue
            names[:] = sorted(n for n in names if not n.startswith((".", "_")))
            here = Path(folder)
            typed = type_folder(here, source, schema)
            for name in files:
                path = here / name
                if is_hidden(name) or path.suffix.lower() not in SUFFIXES or path in seen:
                    continue
                seen.add(path)
                index = INDEX.fullmatch(name)
                indexed = schema.folder_type(index[1]) if index else None
                if indexed:
                    yield path, indexed.name, typed[1] if typed else here
                elif typed and not name.startswith("_"):
                    yield path, typed[0], typed[1]


def is_hidden(name: str) -> bool:
    """Whether a file is not for people. One that begins with a dot and a letter may be a page, ``.NET.md``; not so
    ``._NET.md``, which macOS leaves behind, and ``.#NET.md``, with which an editor locks a file."""
    return name.startswith(".") and not (name[1:2].isalnum() and Path(name).suffix.lower() in SUFFIXES)


def type_folder(folder: Path, source: Path, schema: Schema) -> tuple[str, Path] | None:
    """The nearest folder, from here up to the source, that is named like a type."""
    for candidate in (folder, *folder.parents):
        if found := schema.folder_type(candidate.name):
            return found.name, candidate.parent
        if candidate == source:
            break
    return None
