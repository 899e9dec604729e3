"""The terms of each note, kept for the next index, so that only notes that have changed are split into terms again.

The file ``.typedwiki/search.cache`` holds plain data (MessagePack, read with types), never code. It is ignored if
another version of the program wrote it, and so is a damaged record.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from ..atomic import UNFINISHED, commit_temp, discard_temp
from ..incremental import program, read_record, write_record
from ..parallel import ordered_map
from .search_index import Entry, IndexAll, Indexed, batches, indexed

CACHE = Path(".typedwiki/search.cache")
"""Relative to the project."""
_FORMAT = "typedwiki search cache 1"
_KEY = 32
"""Length of a fingerprint."""


@contextmanager
def kept_terms(project: Path) -> Iterator[IndexAll]:
    """Yield a function like ``index_all`` that splits only notes that the last index did not have.

    The cache is replaced when the block ends without an error. Entries without a key are not kept.
    """
    path = project / CACHE
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f"{_FORMAT} {program()}\n".encode()
    temporary = path.with_name(f".search.{os.getpid()}{UNFINISHED}")
    old = path.open("rb") if path.is_file() else None
    try:
        known = _places(old, head) if old else {}
        with temporary.open("wb") as new:
            new.write(head)

            def split(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Indexed]]:
                for batch in batches(entries):
                    records = [_record(old, known.get(entry.key)) for entry in batch]
                    pages = [_decoded(record) if record else None for record in records]
                    fresh = ordered_map(indexed, [entry for entry, page in zip(batch, pages, strict=True) if not page])
                    for entry, kept, record in zip(batch, pages, records, strict=True):
                        page = kept or next(fresh)
                        data = record if kept else _encoded(page)
                        if data and entry.key:
                            new.write(entry.key.encode())
                            write_record(new, data)
                        yield entry, page

            yield split
        commit_temp(temporary, path)
    except BaseException:
        discard_temp(temporary)
        raise
    finally:
        if old:
            old.close()


def _places(file: BinaryIO, head: bytes) -> dict[str, int]:
    """Return where the record of each fingerprint begins; nothing for the file of another program."""
    places: dict[str, int] = {}
    if file.read(len(head)) != head:
        return places
    while len(key := file.read(_KEY)) == _KEY:
        places[key.decode("ascii", "replace")] = file.tell()
        length = int.from_bytes(file.read(4), "little")
        file.seek(4 + length, os.SEEK_CUR)
    return places


def _record(file: BinaryIO | None, place: int | None) -> bytes | None:
    """Return the record at a place; None if there is none, or if it is damaged."""
    if not file or place is None:
        return None
    file.seek(place)
    try:
        return read_record(file)
    except (OSError, ValueError, EOFError):
        return None


def _encoded(page: Indexed) -> bytes | None:
    try:
        return zlib.compress(msgspec.msgpack.encode(page), 1)
    except UnicodeEncodeError:  # a lone surrogate, which cannot be encoded: the note is split each time
        return None


def _decoded(data: bytes) -> Indexed | None:
    try:
        return msgspec.msgpack.decode(zlib.decompress(data), type=Indexed)
    except (zlib.error, ValueError, msgspec.MsgspecError):
        return None
