"""Account for every file below the source folders: no file of a wiki is ignored silently."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from .config import Config
from .model import RawFile, WikiPage
from .problems import Problem, problem
from .read import INDEX, SUFFIXES, display_path, type_folder
from .regex import regex
from .resolve import normalise
from .schema import Schema
from .text.characters import escape_for_terminal
from .text.okf_fields import FIELD_EDGES
from .text.svg import is_inert
from .words import count, join_names, names_setting, nearest
from .write import MANIFEST

PAGE, INDEX_FILE, BY_NAME, BESIDE, STRAY = "page", "index", "left out by name", "beside pages", "stray"
"""Kinds of files. Beside pages are pictures and other files that pages may show or link to."""
_OTHER_NAMES = frozenset({".markdown", ".mdown", ".mkd", ".mdx", ".wiki", ".wikitext", ".mw"})
"""Suffixes under which other tools keep pages in Markdown or wikitext."""
_FORMATS = _OTHER_NAMES | {".rst", ".adoc", ".org", ".qmd", ".docx"}
"""Suffixes of text formats that are not read."""
_REPOSITORY_FILES = regex(r"(?:readme|licen[cs]e|changelog|contributing|code[_-]of[_-]conduct)\.", re.IGNORECASE)
"""Names of files about a repository. Outside the folder of a type they are not pages."""


class Entry(NamedTuple):
    """A file, or a link to a folder, below a source."""

    path: Path
    kind: str
    source: Path


def list_entries(
    sources: Sequence[Path], schema: Schema, hidden: bool = False, pages: Collection[Path] | None = None
) -> Iterator[Entry]:
    """Yield all files below the sources, sorted; if ``hidden``, also those in folders left out by name.

    ``pages`` are the pages, if they are known. Otherwise the files in folders named like a type count as pages.
    """
    known_paths: set[Path] = set()
    is_open = any(not any(map(schema.folder_type, page.parent.parts)) for page in pages or ())
    for source in sources:
        generated_folders: list[Path] = []
        """Folders with generated notes or a generated site."""
        for folder, names, files in os.walk(source):
            folder_path = Path(folder)
            generated_folders += [folder_path] if MANIFEST in files else []
            is_generated = any(folder_path.is_relative_to(generated_folder) for generated_folder in generated_folders)
            if is_generated and not hidden:
                names.clear()
                continue
            by_name = is_generated or any(part.startswith((".", "_")) for part in folder_path.relative_to(source).parts)
            names[:] = sorted(names if hidden else [name for name in names if not name.startswith((".", "_"))])
            typed = type_folder(folder_path, source, schema) is not None
            linked = [name for name in names if (folder_path / name).is_symlink()]
            for name in sorted([*files, *linked]):
                path = folder_path / name
                if path not in known_paths:
                    known_paths.add(path)
                    kind = BY_NAME if by_name else STRAY if name in linked else _kind(path, typed, is_open, schema)
                    kind = PAGE if pages is not None and path in pages and kind != INDEX_FILE else kind
                    yield Entry(path, kind, source)


def is_about(path: Path) -> bool:
    """Return whether a file's name is one for files about a repository, such as a readme."""
    return bool(_REPOSITORY_FILES.match(path.name))


def left_out(entries: Iterable[Entry]) -> Iterator[Path]:
    """Yield the Markdown files that are not pages although their names look like it, or that are about a repository."""
    for path, kind, _ in entries:
        if kind in (STRAY, BY_NAME) and path.suffix.lower() == ".md" and not path.name.startswith(("_", ".")):
            yield path


def _kind(path: Path, typed: bool, is_open: bool, schema: Schema) -> str:
    name, suffix = path.name, path.suffix.lower()
    if index := INDEX.fullmatch(name):
        return INDEX_FILE if schema.folder_type(index[1]) else STRAY
    if name.startswith((".", "_")):
        return BY_NAME
    if suffix in SUFFIXES:
        return PAGE if typed else BY_NAME if _REPOSITORY_FILES.match(name) else STRAY
    is_hidden_page = suffix == ".txt" and path.with_suffix("").suffix.lower() in SUFFIXES  # as Notepad saves `Page.md`
    if typed:
        return STRAY if suffix in _FORMATS or is_hidden_page else BESIDE
    return STRAY if is_open and suffix in _OTHER_NAMES else BESIDE


def stray_problems(files: Iterable[Entry], schema: Schema, base: Path, sources: Sequence[Path]) -> list[Problem]:
    """Return R004, R007 and R009: files of the wiki that are not read, one problem for each folder."""
    problems: list[Problem] = []
    folders: dict[tuple[Path, Path], list[Path]] = defaultdict(list)
    any_page = False
    for path, kind, source in files:
        any_page |= kind == PAGE
        if kind != STRAY:
            continue
        name = escape_for_terminal(display_path(path, base))
        if path.is_symlink() and path.is_dir():
            message = "is a link to a folder; what lies there is not read"
            problems.append(problem("R004", name, 1, 1, message, "put the folder itself into the wiki"))
        elif index := INDEX.fullmatch(path.name):
            message = f"`{index[1]}` is no type of page"
            problems.append(problem("R007", name, 1, 1, message, _type_hint(index[1], schema)))
        elif path.suffix.lower() in SUFFIXES:
            folders[path.parent, source].append(path)
        else:
            message = f"is not read: `{path.suffix}` is no page"
            problems.append(problem("R007", name, 1, 1, message, "pages end in .md or .mediawiki"))
    for (folder, source), paths in folders.items():
        problems.append(_folder_problem(folder, source, paths, schema, base))
    problems += [
        _source_is_type_folder(source, other_folders, base)
        for source in sources
        if (other_folders := _other_type_folders(source, schema))
    ]
    if not any_page and not problems:
        name = escape_for_terminal(display_path(sources[0], base))
        hint = f"pages are .md or .mediawiki files in folders that are named {_folder_names(schema)}"
        problems.append(problem("R009", name, 1, 1, "there is no page in this folder", hint))
    return problems


def _other_type_folders(source: Path, schema: Schema) -> list[str]:
    """Return the folders of other types beside a source that is itself the folder of a type; otherwise none."""
    page_type = schema.folder_type(source.name)
    folders = [path for path in source.parent.iterdir() if path.is_dir()] if page_type else []
    return sorted(path.name for path in folders if (kind := schema.folder_type(path.name)) and kind != page_type)


def _source_is_type_folder(source: Path, other_folders: Sequence[str], base: Path) -> Problem:
    name = escape_for_terminal(display_path(source, base))
    folder_names = join_names([f"`{folder_name}`" for folder_name in other_folders])
    message = f"the wiki's folder holds pages of one type alone: {folder_names} beside it not read"
    return problem("R007", name, 1, 1, message, f"name the folder above it, `{display_path(source.parent, base)}`")


def _folder_problem(folder: Path, source: Path, paths: Sequence[Path], schema: Schema, base: Path) -> Problem:
    """Return the problem of pages in a folder that is not the folder of a type."""
    display = escape_for_terminal(display_path(paths[0], base))
    parts = folder.relative_to(source).parts
    if not parts:
        message = "is no page: it lies in no folder that is named like a type of page"
        if others := len(paths) - 1:
            message = (
                f"and {others} more beside it are no pages: they lie in no folder that is named like a type of page"
            )
        return problem("R007", display, 1, 1, message, f"move it into a folder named {_folder_names(schema)}")
    names = schema.type_names(by_hand=False)
    name = next((part for part in reversed(parts) if nearest(part, names)), parts[-1])
    message = f"{count(len(paths), 'page')} in `{display_path(folder, source)}` not read: `{name}` is no type of page"
    return problem("R007", display, 1, 1, message, _type_hint(name, schema))


def _type_hint(name: str, schema: Schema) -> str:
    suggestion = nearest(name, schema.type_names(by_hand=False))
    if suggestion:
        return f"did you mean `{suggestion.lower() if name.islower() else suggestion}`?"
    move = f"move it into a folder named {_folder_names(schema)}"
    return f"{move}; or say which type it is with {names_setting('Principle', name)}"


def _folder_names(schema: Schema) -> str:
    return join_names([t.plural.lower() for t in schema.types.values() if not t.by_hand], "or")


def unread_stems(
    problems: Iterable[Problem], files: Iterable[Entry], earlier_ids: Iterable[str], schema: Schema
) -> frozenset[str]:
    """Return the names of pages that were not read, although their files are in the wiki.

    ``earlier_ids`` are the ids of an earlier build. They show which pages are in a folder that cannot be read.
    """
    problem_paths = {Path(p.path) for p in problems if p.code in ("R001", "R004", "R006")}
    strays = {entry.path.stem for entry in files if entry.kind == STRAY}
    closed = {kind.name for path in problem_paths if (kind := schema.folder_type(path.name))}
    within = {page_id.partition("/")[2] for page_id in earlier_ids if page_id.partition("/")[0] in closed}
    return frozenset(strays | within | {path.stem for path in problem_paths})


class Account(NamedTuple):
    """The number of files below the sources, and how each was used."""

    total: int
    kinds: dict[str, int]
    unused: tuple[str, ...]
    """Files beside pages that no page shows or links to."""

    def __str__(self) -> str:
        parts = ", ".join(f"{number} {kind}" for kind, number in self.kinds.items() if number)
        return f"{count(self.total, 'file')} found, {sum(self.kinds.values())} accounted for: {parts or 'none'}"


def account_for_files(
    entries: Iterable[Entry],
    files: Iterable[RawFile],
    shown_paths: Collection[Path],
    problems: Iterable[Problem],
    base: Path,
    held: Collection[Path] = (),
) -> Account:
    """Account for every file. ``files`` are the pages and indexes that were read, ``shown_paths`` the attachments,
    ``held`` the pages that are held back. A page that is none of these redirects to another.
    """
    read = {file.path for file in files}
    problem_names = {p.path for p in problems}
    names = ("read as pages", "held back", "redirecting", "shown by pages", "left out by name", "named as problems")
    kinds = dict.fromkeys((*names, "unused"), 0)
    unused: list[str] = []
    total = 0
    for path, kind, _ in entries:
        total += 1
        name = escape_for_terminal(display_path(path, base))
        if name in read:
            kinds["read as pages"] += 1
        elif path in held:
            kinds["held back"] += 1
        elif kind == BY_NAME:
            kinds["left out by name"] += 1
        elif Path(os.path.realpath(path)) in shown_paths:
            kinds["shown by pages"] += 1
        elif kind == STRAY or name in problem_names:
            kinds["named as problems"] += 1
        elif kind == PAGE:
            kinds["redirecting"] += 1
        elif kind == BESIDE:
            kinds["unused"] += 1
            unused.append(name)
    return Account(total, kinds, tuple(unused))


LARGEST_ASSET = 20_000_000
"""Bytes. A larger file is not published."""
ASSET_SUFFIXES = frozenset(
    re.findall(r"\S+", ".png .jpg .jpeg .gif .webp .avif .svg .pdf .csv .tsv .json .txt .ipynb .py .sql .zip")
)


class Attachments(NamedTuple):
    """The files beside pages. Keys are the path of a page and the path as written on it."""

    targets: dict[tuple[str, str], str]
    """Paths of the copies in the notes folder."""
    copies: dict[str, bytes]
    """Contents of the copies, by path in the notes folder."""
    unshown: dict[tuple[str, str], tuple[str, str]]
    """Why files are not published, with a hint."""
    places: dict[tuple[str, str], Path]
    """Paths of the original files."""


def find_attachments(pages: Iterable[WikiPage], config: Config) -> Attachments:
    """Return the files that pages show or link to.

    A path is relative to the page's folder or, with a slash or in the front matter of a bundle, to the wiki's. A file
    that is not there is looked for by its name alone, as Obsidian and MediaWiki do.
    """
    targets: dict[tuple[str, str], str] = {}
    places: dict[tuple[str, str], Path] = {}
    copies: dict[str, bytes] = {}
    unshown: dict[tuple[str, str], tuple[str, str]] = {}
    roots = [source.resolve() for source in config.sources]
    by_name = cache(partial(_files_by_name, tuple(roots)))
    for page in pages:
        links = (link.target for link in page.outgoing_links if link.is_path)
        fields = {link.target for link in page.outgoing_links if link.is_path and link.edge in FIELD_EDGES}
        for path in {*page.images, *links}:
            if path.startswith("data:"):
                if picture := data_image(path):
                    suffix, data = picture
                    targets[page.path, path] = target = f"assets/files/{hashlib.sha256(data).hexdigest()[:8]}{suffix}"
                    copies[target] = data
                continue
            file = (config.project / page.path).parent / path
            try:
                bare = path
                if not file.exists():  # `my%20x.png`, `x.png?raw=true`, `x.png#dark`
                    bare = unquote(re.split(r"[?#]", path)[0]) or path
                file = file if bare == path else (config.project / page.path).parent / bare
                if path.startswith("/") or (path in fields and not file.exists()):
                    from_root = config.project / page.root / bare.lstrip("/")
                    file = from_root if from_root.is_file() else file
                if not file.is_file() and (named := by_name().get(normalise(Path(bare).name))):
                    file = _nearest(named, bare, file.parent)
                real = file.resolve()
                # Never publish a file from outside the wiki, reached by ".." or by a symbolic link.
                if not any(real.is_relative_to(root) for root in roots):
                    unshown[page.path, path] = f"`{path}` leads out of the wiki; not shown", "copy the file into it"
                    continue
                if not real.is_file():
                    if other_name := _in_other_case(real):
                        unshown[page.path, path] = f"no file `{path}`", f"its name is {other_name}: case counts"
                    continue
                if file.suffix.lower() not in ASSET_SUFFIXES or _is_hidden(bare):
                    unshown[page.path, path] = f"`{path}` is of a kind that is not published", ""
                    continue
                if (size := real.stat().st_size) > LARGEST_ASSET:
                    message = f"`{path}` has {size:,} bytes, more than {LARGEST_ASSET:,}; not shown"
                    unshown[page.path, path] = message, "make it smaller"
                    continue
                data = real.read_bytes()
                if file.suffix.lower() == ".svg" and not is_inert(data):
                    message = f"the drawing `{path}` holds more than shapes, texts and styles; not shown"
                    unshown[page.path, path] = message, "save it as plain SVG, or as PNG"
                    continue
            except (OSError, ValueError, RuntimeError):  # RuntimeError: a cycle of symbolic links
                continue
            stamp = hashlib.sha256(data).hexdigest()[:8]
            name = "".join(c if c.isalnum() or c in "-_." else "_" for c in Path(bare).name)[-50:]
            target = f"assets/files/{stamp}-{name}"
            targets[page.path, path] = target
            places[page.path, path] = file
            copies[target] = data
    return Attachments(targets, copies, unshown, places)


def _files_by_name(roots: Collection[Path]) -> dict[str, list[Path]]:
    """Return the files below the folders of a wiki, by name as pages may write it."""
    result: dict[str, list[Path]] = defaultdict(list)
    for root in roots:
        for folder, subfolders, names in os.walk(root):
            subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
            for name in sorted(names):
                if Path(name).suffix.lower() in ASSET_SUFFIXES:
                    result[normalise(name)].append(Path(folder, name))
    return result


def _nearest(files: list[Path], written: str, folder: Path) -> Path:
    """Return the file whose path ends as it is written; of several the nearest to a folder."""
    fitting = [file for file in files if file.as_posix().endswith(f"/{written.removeprefix('./')}")] or files

    def distance(file: Path) -> tuple[int, int, str]:
        common = os.path.commonpath((file, folder.resolve()))
        return -len(Path(common).parts), len(file.parts), file.as_posix()

    return min(fitting, key=distance)


def _in_other_case(path: Path) -> str:
    """Return the name of a file that differs from a missing one only in case; empty if there is none."""
    names = sorted(entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else []
    return next((name for name in names if name.casefold() == path.name.casefold()), "")


_DATA_IMAGE = regex(r"data:image/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/=\s]+)")


def data_image(address: str) -> tuple[str, bytes] | None:
    """Return the suffix and the bytes of the picture in a data URL; None if it is not one, or too large."""
    match = _DATA_IMAGE.fullmatch(address)
    if not match or len(match[2]) > LARGEST_ASSET:
        return None
    try:
        return f".{match[1]}", base64.b64decode(match[2], validate=False)
    except ValueError:
        return None


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") and part != ".." for part in Path(path).parts)
