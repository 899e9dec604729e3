"""The only module that changes the notes folder: writes what changed, deletes what was ours.

A manifest holds the hash of every file that we wrote. A file that is not in it, or that no longer
has the content that we gave it, belongs to somebody else and is neither overwritten nor deleted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .atomic import discard_temp, put, replace_file, stage
from .problems import StopError

MANIFEST = ".typedwiki.json"
INDEX = "pagefind/"
"""What the search index's own program writes."""


class CollisionError(StopError):
    """A file of somebody else's stands where a generated one belongs. Nothing was changed."""


class PlaceError(StopError):
    """A folder to be written lies where the wiki does. Nothing was changed."""


def refuse_overlap(option: str, folder: Path, sources: Iterable[Path], own: Collection[str] = ()) -> None:
    """See to it that what goes into a folder does not come between the pages of the wiki.

    Inside a source a folder must be new, empty or hold nothing but what we have written: files of the manifest,
    of the search index, or of the names ``own``. ``option`` is how messages call the folder.

    Raises:
        PlaceError: it is a source, lies around one, or holds something else inside one.
    """
    place = folder.resolve()
    for source in sources:
        root = source.resolve()
        if root.is_relative_to(place):
            raise PlaceError(f"{option}: `{folder}` holds the wiki itself (`{source}`); choose another folder")
        foreign = _foreign(place, own) if place.is_relative_to(root) else ""
        if foreign:
            message = f"`{folder}` lies in the wiki and holds `{foreign}`, which Typedwiki did not write"
            raise PlaceError(f"{option}: {message}; choose an empty folder")


def _foreign(folder: Path, own: Collection[str]) -> str:
    """The first file below a folder that is not ours, relative to it; empty if there is none."""
    if folder.exists() and not folder.is_dir():
        return folder.name
    ours = {MANIFEST, *own, *_read_manifest(folder)}
    names = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if not path.is_dir())
    return next((name for name in names if name not in ours and not name.startswith(INDEX)), "")


@dataclass(frozen=True, slots=True)
class Written:
    """What one call changed, as paths relative to the folder."""

    changed: tuple[str, ...]
    deleted: tuple[str, ...]
    kept: tuple[str, ...]
    """Generated files that are no longer wanted but that somebody has edited since."""


def write(
    folder: Path,
    files: Mapping[str, bytes | Path] | Iterable[tuple[str, bytes | Path]],
    origins: Mapping[str, str],
    *,
    keep: Collection[str] = (),
    edited: Collection[str] | None = None,
) -> Written:
    """Make the generated part of ``folder`` equal ``files``, with those to ``keep`` as they are. Files may be made
    one by one, for no more than one is held here, and large ones may lie on disk elsewhere.

    ``origins`` names, for messages, the page that a file comes from. First every file is written beside its
    place; only then is each put there, atomically. The manifest is written between the two, with both the old
    and the new hashes, and in the end with the new ones: an interrupted run leaves nothing that the next one
    disowns.

    Where only some pages have been ``edited``, files that come from others keep the times that they had: whoever
    goes by times sees no change of them.

    Raises:
        CollisionError: some target was not written by us.
        OSError: the folder cannot be written.
    """
    known = _read_manifest(folder)
    hashes: dict[str, str] = {}
    staged: dict[str, Path] = {}
    foreign: list[str] = []
    made: list[Path] = []
    checked: set[Path] = set()
    """Folders that are there."""
    try:
        for name, content in files.items() if isinstance(files, Mapping) else files:
            data = content.read_bytes() if isinstance(content, Path) else content
            hashes[name] = _digest(data)
            path = folder / name
            old = _old(path)
            if old == data:
                continue
            if not _ours(old, known.get(name, ())):
                foreign.append(name)
            elif not foreign:
                if path.parent not in checked:
                    made += _make_folders(path.parent)
                    checked.add(path.parent)
                staged[name] = stage(path, data)
                if edited is not None and old is not None and origins.get(name) not in edited:
                    before = path.stat()
                    os.utime(staged[name], ns=(before.st_atime_ns, before.st_mtime_ns))
        # All this may have taken minutes, in which somebody may have saved a file.
        foreign += [name for name in staged if not _ours(_old(folder / name), known.get(name, ()))]
        if foreign:
            raise CollisionError("\n".join(_collision(folder, name, origins) for name in foreign))
        wanted = {name: known[name] for name in keep if name in known}
        wanted |= {name: [digest] for name, digest in hashes.items()}
        unwanted = sorted(known.keys() - wanted.keys())
        if not staged and not unwanted and wanted == known:
            return Written((), (), ())
        both = {n: sorted({*known.get(n, ()), *wanted.get(n, ())}) for n in {*known, *wanted}}
        _write_manifest(folder, both)
        for name, temporary in staged.items():
            put(temporary, folder / name)
    except BaseException:
        for temporary in staged.values():
            discard_temp(temporary)
        _remove_empty(made)
        raise
    deleted, kept = _prune(folder, unwanted, known)
    _write_manifest(folder, wanted)
    return Written(tuple(staged), tuple(deleted), tuple(kept))


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; returns those that there were not."""
    if folder.is_dir():
        return []
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _old(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _collision(folder: Path, name: str, origins: Mapping[str, str]) -> str:
    source = origins.get(name, "this wiki")
    return (
        f"{folder / name}: error W001 is not, or no longer, as generated from {source}; nothing was changed "
        "(move or delete this file, or rename the page)"
    )


def _prune(folder: Path, names: list[str], known: Mapping[str, list[str]]) -> tuple[list[str], list[str]]:
    deleted, kept = [], []
    for name in names:
        path = folder / name
        try:
            ours = _ours(path.read_bytes(), known[name])
        except FileNotFoundError:
            continue
        if ours:
            path.unlink()
            deleted.append(name)
        else:
            kept.append(name)
    # Of all names: a run that was interrupted may have deleted the files and not the folders.
    parents = {parent for name in names for parent in (folder / name).parents if parent.is_relative_to(folder)}
    _remove_empty(parents - {folder})
    return deleted, kept


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in sorted(folders, reverse=True):  # the deepest first
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _ours(data: bytes | None, digests: Collection[str]) -> bool:
    """Whether what stands where a file of ours belongs is nothing, or as we wrote it.

    An empty file is what a power failure may leave of one that was not yet on the disk.
    """
    return data is None or _digest(data) in digests or (not data and bool(digests))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:24]


def written_names(folder: Path) -> list[str]:
    """The files of a folder that are ours, as paths relative to it."""
    return sorted(_read_manifest(folder))


def _read_manifest(folder: Path) -> dict[str, list[str]]:
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}  # then every existing file counts as somebody else's, unless it is equal
    return {
        str(name): list(digests)
        for name, digests in (data.items() if isinstance(data, dict) else ())
        if isinstance(digests, list) and _is_inside(str(name))
    }


def _is_inside(name: str) -> bool:
    return not name.startswith("/") and ":" not in name and "\\" not in name and ".." not in name.split("/")


def _write_manifest(folder: Path, entries: Mapping[str, list[str]]) -> None:
    text = json.dumps(dict(sorted(entries.items())), ensure_ascii=False)
    replace_file(folder / MANIFEST, f"{text}\n".encode(), durable=True)  # without it nothing is ours
