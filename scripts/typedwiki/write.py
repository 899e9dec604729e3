"""The only module that changes the notes folder: writes what changed, deletes what was ours.

A manifest holds the hash of every file that we wrote. A file that is not in it, or that no longer
has the content that we gave it, belongs to somebody else and is neither overwritten nor deleted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MANIFEST = ".typedwiki.json"


class CollisionError(Exception):
    """A file of somebody else's stands where a generated one belongs. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Written:
    """What one call changed, as paths relative to the folder."""

    changed: tuple[str, ...]
    deleted: tuple[str, ...]
    kept: tuple[str, ...]
    """Generated files that are no longer wanted but that somebody has edited since."""


def write(folder: Path, files: Mapping[str, bytes | Path], origins: Mapping[str, str]) -> Written:
    """Make the generated part of ``folder`` equal ``files``, of which large ones may lie on disk elsewhere.

    ``origins`` names, for messages, the page that a file comes from. Every file is replaced
    atomically. The manifest is written before the files, with both the old and the new hashes, and
    after them with the new ones: an interrupted run leaves nothing that the next one disowns.

    Raises:
        CollisionError: some target was not written by us.
        OSError: the folder cannot be written.
    """
    known = _read_manifest(folder)
    hashes = {}
    changed: list[str] = []
    foreign: list[str] = []
    for name, content in files.items():
        data = _data(content)
        hashes[name] = _digest(data)
        try:
            old = (folder / name).read_bytes()
        except FileNotFoundError:
            changed.append(name)
            continue
        if old == data:
            continue
        (changed if _digest(old) in known.get(name, ()) else foreign).append(name)
    if foreign:
        raise CollisionError("\n".join(_collision(folder, name, origins) for name in foreign))
    unwanted = sorted(known.keys() - files.keys())
    if changed or unwanted or {n: [h] for n, h in hashes.items()} != known:
        both = {n: sorted({*known.get(n, ()), hashes[n]} if n in hashes else {*known[n]}) for n in {*known, *hashes}}
        _write_manifest(folder, both)
        for name in changed:
            replace_file(folder / name, _data(files[name]))
        deleted, kept = _prune(folder, unwanted, known)
        _write_manifest(folder, {name: [digest] for name, digest in hashes.items()})
        return Written(tuple(changed), tuple(deleted), tuple(kept))
    return Written((), (), ())


def _data(content: bytes | Path) -> bytes:
    return content.read_bytes() if isinstance(content, Path) else content


def _collision(folder: Path, name: str, origins: Mapping[str, str]) -> str:
    source = origins.get(name, "this wiki")
    return (
        f"{folder / name}: W001 is not, or no longer, as generated from {source}; nothing was changed "
        "(move or delete this file, or rename the page)"
    )


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that whoever reads it sees either the old content or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name[:200]}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _prune(folder: Path, names: list[str], known: Mapping[str, list[str]]) -> tuple[list[str], list[str]]:
    deleted, kept = [], []
    for name in names:
        path = folder / name
        try:
            ours = _digest(path.read_bytes()) in known[name]
        except FileNotFoundError:
            continue
        if ours:
            path.unlink()
            deleted.append(name)
        else:
            kept.append(name)
    parents = {parent for name in deleted for parent in (folder / name).parents if parent.is_relative_to(folder)}
    for parent in sorted(parents - {folder}, reverse=True):  # the deepest first
        if not any(parent.iterdir()):
            parent.rmdir()
    return deleted, kept


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:24]


def _read_manifest(folder: Path) -> dict[str, list[str]]:
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}  # then every existing file counts as somebody else's, unless it is equal
    return {
        str(name): list(digests)
        for name, digests in (data.items() if isinstance(data, dict) else ())
        if isinstance(digests, list) and ".." not in Path(name).parts and not Path(name).is_absolute()
    }


def _write_manifest(folder: Path, entries: Mapping[str, list[str]]) -> None:
    text = json.dumps(dict(sorted(entries.items())), indent=0, ensure_ascii=False)
    replace_file(folder / MANIFEST, f"{text}\n".encode())
