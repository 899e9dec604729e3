"""Fingerprints: short texts that are equal if, and only if, what they were taken of is equal.

Every product of a build (a parsed page, a note, a page of the site) has a fingerprint of what it is made from. A
build makes those that have another fingerprint than the last time.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import msgspec

SETTLED = 2.0
"""Seconds. A file as young as that may change again within the same tick of its file system's clock (the
coarsest, FAT's, ticks every two seconds), and then its time does not tell."""


def fingerprint(*parts: object) -> str:
    """The fingerprint of strings, numbers, dates, lists and records of such. The order of sets does not count."""
    try:
        data = _encode(parts)
    except UnicodeEncodeError:  # half a character, which no encoding has
        data = repr(parts).encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=16).hexdigest()


def _plain(value: object) -> object:
    return str(value)  # paths, and versions of packages


_encode = msgspec.msgpack.Encoder(enc_hook=_plain, order="deterministic").encode


def stamp(path: str | Path) -> tuple[str, float]:
    """The stamp of a file, which changes whenever the file does (which file it is, who may read it, its size and
    time), and its time in seconds; "" if there is no file."""
    try:
        status = os.stat(path)  # noqa: PTH116 - of 50,000 files, making a Path would cost more than this
    except OSError:
        return "", 0.0
    return f"{status.st_ino} {status.st_mode:o} {status.st_size} {status.st_mtime_ns}", status.st_mtime


@lru_cache(maxsize=1)
def program() -> str:
    """The fingerprint of this program and of the packages that it uses.

    Asked once: a running process goes on with the modules that it has loaded.
    """
    folders = [Path(folder) for folder in sys.path if folder.endswith("-packages")]
    packages = sorted(path.name for folder in folders if folder.is_dir() for path in folder.glob("*-info"))
    own = []
    for folder, names, files in os.walk(Path(__file__).parent):
        names[:] = sorted(name for name in names if name != "__pycache__")
        own += [(name, stamp(f"{folder}{os.sep}{name}")[0]) for name in sorted(files)]
    return fingerprint(sys.version, packages, own)
