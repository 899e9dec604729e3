"""A Pagefind index that is the same whenever it is made from the same pages.

Pagefind's program lists the values of a filter in the order of a hash table, which differs from run to run,
and names files by a hash of what they hold. Its files are CBOR (RFC 8949) after a signature, compressed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import cbor2

SIGNATURE = b"pagefind_dcd"
_FILTERS = 3
"""Where in the list that an index begins with the filters stand, as pairs of name and file."""


def canonical(folder: Path) -> None:
    """Put the filters of an index in order, and name their files anew.

    An index in a form that we do not know stays as Pagefind has made it.
    """
    entry = folder / "pagefind-entry.json"
    about = json.loads(entry.read_bytes())
    files: dict[Path, bytes] = {}
    old: list[Path] = []
    try:
        for language, found in about["languages"].items():
            old.append(folder / f"pagefind.{found['hash']}.pf_meta")
            meta = _load(old[-1])
            for pair in meta[_FILTERS]:
                old.append(folder / f"filter/{pair[1]}.pf_filter")
                name, values = _load(old[-1])
                data = _dump([name, sorted([str(value), list(pages)] for value, pages in values)])
                pair[1] = f"{language}_{_hash(data)[:7]}"
                files[folder / f"filter/{pair[1]}.pf_filter"] = data
            meta[_FILTERS] = sorted([str(name), str(file)] for name, file in meta[_FILTERS])
            data = _dump(meta)
            found["hash"] = f"{language}_{_hash(data)[:10]}"
            files[folder / f"pagefind.{found['hash']}.pf_meta"] = data
    except (OSError, ValueError, TypeError, LookupError, cbor2.CBORError):
        return
    for path in old:
        path.unlink()
    for path, data in files.items():
        path.write_bytes(data)
    entry.write_bytes(json.dumps(about, ensure_ascii=False, separators=(",", ":")).encode())


def _load(path: Path) -> Any:
    return cbor2.loads(gzip.decompress(path.read_bytes()).removeprefix(SIGNATURE))


def _dump(content: object) -> bytes:
    return gzip.compress(SIGNATURE + cbor2.dumps(content), mtime=0)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
