"""Source folders to raw files, sorted."""

from __future__ import annotations

import os
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from .model import RawFile
from .problems import Problem, problem
from .schema import Schema

_INDEX = re.compile(r"_(\w+?)Index\.md", re.IGNORECASE)
SUFFIXES = frozenset({".md", ".mediawiki"})
_PRIVATE = "\0\ue000\ue001\ue002\ue003"


def read(
    sources: Sequence[Path], schema: Schema, base: Path, trusted: Sequence[Path] = ()
) -> tuple[list[RawFile], list[RawFile], list[Problem]]:
    """Read every page and index file below the source folders.

    A page is a ``.md`` or ``.mediawiki`` file below a folder that is named like a page type; names
    that begin with ``_`` or ``.`` are not pages. ``_<Type>Index.md``, wherever it lies, indexes the
    pages of that type. Paths in messages are relative to ``base``. What lies below ``trusted`` folders may
    run code.
    """
    files: list[RawFile] = []
    indexes: list[RawFile] = []
    problems: list[Problem] = []
    real = [source.resolve() for source in sources]
    for path, page_type, root in sorted(_pages(sources, schema)):
        shown = display_path(path, base)
        try:
            if path.is_symlink() and not any(path.resolve().is_relative_to(root) for root in real):
                message = "is a link that leads out of the wiki; not read"
                problems.append(problem("R004", shown, 1, 1, message))
                continue
            data = path.read_bytes()
        except OSError as error:
            problems.append(problem("R001", shown, 1, 1, f"cannot be read: {error.strerror}"))
            continue
        text, broken = decode(data)
        if broken:
            problems.append(_not_utf8(shown, broken))
        may_run = any(path.is_relative_to(folder) for folder in trusted)
        file = RawFile(shown, page_type, path.stem, display_path(root, base), text, may_run)
        (indexes if path.name.startswith("_") else files).append(file)
    return files, indexes, problems


def read_by_hand(folder: Path, page_type: str, base: Path) -> tuple[list[RawFile], list[Problem]]:
    """Read the notes that people have written: the ``.qmd`` files of the notes folder itself."""
    files: list[RawFile] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.qmd")):
        if path.name.startswith(("_", ".")):
            continue
        shown = display_path(path, base)
        try:
            text, broken = decode(path.read_bytes())
        except OSError as error:
            problems.append(problem("R001", shown, 1, 1, f"cannot be read: {error.strerror}"))
            continue
        if broken:
            problems.append(_not_utf8(shown, broken))
        files.append(RawFile(shown, page_type, path.stem, display_path(folder, base), text))
    return files, problems


def _not_utf8(shown: str, place: tuple[int, int]) -> Problem:
    return problem("R002", shown, *place, "is not UTF-8 here; read as Windows-1252", "save it as UTF-8")


def display_path(path: Path, base: Path) -> str:
    """The path relative to ``base`` if it lies inside, with forward slashes."""
    try:
        return path.relative_to(base).as_posix() or "."
    except ValueError:
        return path.as_posix()


def decode(data: bytes) -> tuple[str, tuple[int, int] | None]:
    """Text with ``\\n`` line ends, and line and column of the first byte that is not UTF-8.

    Such a file is read as Windows-1252, which is what stray bytes usually are. Characters that
    cannot stand in HTML, or that stand for masked parts, become U+FFFD.
    """
    broken = None
    data = data.removeprefix(BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        broken = (before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        text = data.decode("cp1252", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for character in _PRIVATE:
        text = text.replace(character, "�")
    return text, broken


def _pages(sources: Iterable[Path], schema: Schema) -> Iterator[tuple[Path, str, Path]]:
    seen: set[Path] = set()
    for source in sources:
        for folder, names, files in os.walk(source):
            names[:] = sorted(n for n in names if not n.startswith((".", "_")))
            here = Path(folder)
            typed = _type_folder(here, source, schema)
            for name in files:
                path = here / name
                if name.startswith(".") or path.suffix.lower() not in SUFFIXES or path in seen:
                    continue
                seen.add(path)
                index = _INDEX.fullmatch(name)
                indexed = schema.folder_type(index[1]) if index else None
                if indexed:
                    yield path, indexed.name, typed[1] if typed else here
                elif typed and not name.startswith("_"):
                    yield path, typed[0], typed[1]


def _type_folder(folder: Path, source: Path, schema: Schema) -> tuple[str, Path] | None:
    """The nearest folder, from here up to the source, that is named like a type."""
    for candidate in (folder, *folder.parents):
        if found := schema.folder_type(candidate.name):
            return found.name, candidate.parent
        if candidate == source:
            break
    return None
