"""Every file below the source folders, and what becomes of it: nothing that lies in a wiki goes without a word."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from .model import RawFile
from .problems import Problem, problem
from .read import INDEX, SUFFIXES, display_path, type_folder
from .regex import regex
from .schema import Schema
from .text.characters import escaped
from .wording import count, listed, naming, nearest
from .write import MANIFEST

PAGE, INDEX_FILE, BY_NAME, BESIDE, STRAY = "page", "index", "left out by name", "beside pages", "stray"
"""What a file can be. Beside pages: a picture, or whatever else pages may show or link to."""
_FORMATS = frozenset({".markdown", ".mdown", ".mkd", ".mdx", ".wiki", ".mw", ".rst", ".adoc", ".org", ".qmd", ".docx"})
"""What people write pages in that are not read."""
_ABOUT = regex(r"(?:readme|licen[cs]e|changelog|contributing|code[_-]of[_-]conduct)\.", re.IGNORECASE)
"""Names of files about a repository, which are no pages outside a folder of a type."""


class Entry(NamedTuple):
    """A file, or a link to a folder, below a source."""

    path: Path
    kind: str
    source: Path


def entries(sources: Sequence[Path], schema: Schema, hidden: bool = False) -> Iterator[Entry]:
    """All files below the sources, sorted; those in folders left out by name only if ``hidden`` are wanted."""
    seen: set[Path] = set()
    for source in sources:
        written: list[Path] = []
        """Folders with notes or a site that we have written there."""
        for folder, names, files in os.walk(source):
            here = Path(folder)
            written += [here] if MANIFEST in files else []
            ours = bool(written) and any(here.is_relative_to(one) for one in written)
            if ours and not hidden:
                names.clear()
                continue
            by_name = ours or any(part.startswith((".", "_")) for part in here.relative_to(source).parts)
            names[:] = sorted(names if hidden else [name for name in names if not name.startswith((".", "_"))])
            typed = type_folder(here, source, schema) is not None
            linked = [name for name in names if (here / name).is_symlink()]
            for name in sorted([*files, *linked]):
                path = here / name
                if path not in seen:
                    seen.add(path)
                    kind = BY_NAME if by_name else STRAY if name in linked else _kind(path, typed, schema)
                    yield Entry(path, kind, source)


def _kind(path: Path, typed: bool, schema: Schema) -> str:
    name, suffix = path.name, path.suffix.lower()
    if index := INDEX.fullmatch(name):
        return INDEX_FILE if schema.folder_type(index[1]) else STRAY
    if name.startswith((".", "_")):
        return BY_NAME
    if suffix in SUFFIXES:
        return PAGE if typed else BY_NAME if _ABOUT.match(name) else STRAY
    return STRAY if typed and suffix in _FORMATS else BESIDE


def stray_problems(found: Iterable[Entry], schema: Schema, base: Path, sources: Sequence[Path]) -> list[Problem]:
    """R004, R007 and R009: what lies in the wiki and is not read, one for each folder."""
    problems: list[Problem] = []
    folders: dict[tuple[Path, Path], list[Path]] = defaultdict(list)
    any_page = False
    for path, kind, source in found:
        any_page |= kind == PAGE
        if kind != STRAY:
            continue
        shown = escaped(display_path(path, base))
        if path.is_symlink() and path.is_dir():
            message = "is a link to a folder; what lies there is not read"
            problems.append(problem("R004", shown, 1, 1, message, "put the folder itself into the wiki"))
        elif index := INDEX.fullmatch(path.name):
            problems.append(problem("R007", shown, 1, 1, f"`{index[1]}` is no type of page", _types(index[1], schema)))
        elif path.suffix.lower() in SUFFIXES:
            folders[path.parent, source].append(path)
        else:
            message = f"is not read: `{path.suffix}` is no page"
            problems.append(problem("R007", shown, 1, 1, message, "pages end in .md or .mediawiki"))
    for (folder, source), paths in folders.items():
        problems.append(_folder(folder, source, paths, schema, base))
    problems += [_one_type(source, beside, base) for source in sources if (beside := _beside(source, schema))]
    if not any_page and not problems:
        shown = escaped(display_path(sources[0], base))
        names = listed([t.plural.lower() for t in schema.types.values() if not t.by_hand], "or")
        hint = f"pages are .md or .mediawiki files in folders that are named {names}"
        problems.append(problem("R009", shown, 1, 1, "there is no page in this folder", hint))
    return problems


def _beside(source: Path, schema: Schema) -> list[str]:
    """Where a source is itself the folder of one type, the folders of other types beside it."""
    own = schema.folder_type(source.name)
    folders = [path for path in source.parent.iterdir() if path.is_dir()] if own else []
    return sorted(path.name for path in folders if (kind := schema.folder_type(path.name)) and kind != own)


def _one_type(source: Path, beside: Sequence[str], base: Path) -> Problem:
    shown = escaped(display_path(source, base))
    message = (
        f"the wiki's folder holds pages of one type alone: {listed([f'`{n}`' for n in beside])} beside it not read"
    )
    return problem("R007", shown, 1, 1, message, f"name the folder above it, `{display_path(source.parent, base)}`")


def _folder(folder: Path, source: Path, paths: Sequence[Path], schema: Schema, base: Path) -> Problem:
    """What to say of pages in a folder that is of no type."""
    shown = escaped(display_path(paths[0], base))
    parts = folder.relative_to(source).parts
    if not parts:
        many = "is no page" if len(paths) == 1 else f"and {len(paths) - 1} more beside it are no pages"
        message = f"{many}: it lies in no folder that is named like a type of page"
        message = message if len(paths) == 1 else message.replace("it lies", "they lie")
        return problem("R007", shown, 1, 1, message, _move(schema))
    names = schema.type_names(by_hand=False)
    name = next((part for part in reversed(parts) if nearest(part, names)), parts[-1])
    message = f"{count(len(paths), 'page')} in `{display_path(folder, source)}` not read: `{name}` is no type of page"
    return problem("R007", shown, 1, 1, message, _types(name, schema))


def _types(written: str, schema: Schema) -> str:
    near = nearest(written, schema.type_names(by_hand=False))
    if near:
        return f"did you mean `{near.lower() if written.islower() else near}`?"
    return f"{_move(schema)}; or say which type it is with {naming('Principle', written)}"


def _move(schema: Schema) -> str:
    kinds = listed([t.plural.lower() for t in schema.types.values() if not t.by_hand], "or")
    return f"move it into a folder named {kinds}"


def unread_stems(
    problems: Iterable[Problem], found: Iterable[Entry], known: Iterable[str], schema: Schema
) -> frozenset[str]:
    """Names of the pages that are not in the wiki, though their files lie in it. ``known`` are ids of pages that
    were there before: they tell what lies in a folder that cannot be read."""
    named = {Path(p.path) for p in problems if p.code in ("R001", "R004", "R006")}
    strays = {entry.path.stem for entry in found if entry.kind == STRAY}
    closed = {kind.name for path in named if (kind := schema.folder_type(path.name))}
    within = {page_id.partition("/")[2] for page_id in known if page_id.partition("/")[0] in closed}
    return frozenset(strays | within | {path.stem for path in named})


class Account(NamedTuple):
    """How many files lie below the sources, and what became of them."""

    found: int
    kinds: dict[str, int]
    unused: tuple[str, ...]
    """Files beside pages that no page shows or links to."""

    def __str__(self) -> str:
        said = ", ".join(f"{number} {kind}" for kind, number in self.kinds.items() if number)
        return f"{count(self.found, 'file')} found, {sum(self.kinds.values())} accounted for: {said or 'none'}"


def account(
    found: Iterable[Entry], files: Iterable[RawFile], shown: Collection[Path], problems: Iterable[Problem], base: Path
) -> Account:
    """Account for every file: ``files`` are the pages and indexes that were read, ``shown`` what pages show."""
    read = {file.path for file in files}
    named = {p.path for p in problems}
    kinds = dict.fromkeys(("read as pages", "shown by pages", "left out by name", "named as problems", "unused"), 0)
    unused: list[str] = []
    total = 0
    for path, kind, _ in found:
        total += 1
        name = escaped(display_path(path, base))
        if name in read:
            kinds["read as pages"] += 1
        elif kind == BY_NAME:
            kinds["left out by name"] += 1
        elif Path(os.path.realpath(path)) in shown:
            kinds["shown by pages"] += 1
        elif kind == STRAY or name in named:
            kinds["named as problems"] += 1
        elif kind == BESIDE:
            kinds["unused"] += 1
            unused.append(name)
    return Account(total, kinds, tuple(unused))
