"""Incremental builds: regenerate only what has another fingerprint than at the last build.

- The inputs (files of the wiki, settings, the program) have stamps. If neither they nor the generated files have
  changed, there is nothing to do.
- A file whose stamp has changed is read. If its content or its namespace has changed, the page is parsed again.
- The graph and everything derived from it is computed anew from all parsed pages, because that is cheap.
- Each note, and each group of files about the whole wiki, is a product with a fingerprint of its inputs. A product is
  generated again if its fingerprint has changed, or if somebody has touched its files.

A build leaves a cache for the next one: the file ``.typedwiki/build.cache``, or an object in a process that builds
repeatedly. The file holds plain data (MessagePack, read with types), never code. A damaged cache, or one of another
version, is ignored.
"""

from __future__ import annotations

import hashlib
import os
import struct
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from zlib import crc32

import msgspec
from msgspec import Struct, field

from .atomic import replace_file
from .config import Config
from .program import extension
from .read import is_hidden
from .repository import repositories, revisions
from .schema import PageType
from .write import MANIFEST

if TYPE_CHECKING:
    from .audit.rules_index import Contents
    from .parsed import ParsedPage


SETTLED = 2.0
"""Seconds. A younger file may change again within the same tick of its file system's clock (the coarsest, FAT's, ticks
every two seconds), and then its modification time does not show it.
"""


def fingerprint(*parts: object) -> str:
    """Return the fingerprint of strings, numbers, dates, lists and records of them. The order of sets is ignored."""
    try:
        data = _encode(parts)
    except UnicodeEncodeError:  # a lone surrogate, which cannot be encoded
        data = repr(parts).encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=16).hexdigest()


def _plain(value: object) -> object:
    return str(value)  # paths, and versions of packages


_encode = msgspec.msgpack.Encoder(enc_hook=_plain, order="deterministic").encode


def stamp(path: str | Path) -> tuple[str, float]:
    """Return the stamp of a file, and its modification time in seconds. The stamp is empty if there is no file.

    The stamp consists of the file's identity, mode, size and time, so it changes with each change of the file.
    """
    try:
        status = os.stat(path)  # noqa: PTH116 - of 50,000 files, making a Path would cost more than this
    except OSError:
        return "", 0.0
    return f"{status.st_ino} {status.st_mode:o} {status.st_size} {status.st_mtime_ns}", status.st_mtime


@lru_cache(maxsize=1)
def program() -> str:
    """Return the fingerprint of this program and of the packages that it uses.

    It is computed once, because a running process keeps the modules that it has loaded.
    """
    folders = [Path(folder) for folder in sys.path if folder.endswith("-packages")]
    packages = sorted(path.name for folder in folders if folder.is_dir() for path in folder.glob("*-info"))
    own = []
    for folder, names, files in os.walk(Path(__file__).parent):
        names[:] = sorted(name for name in names if name != "__pycache__")
        own += [(name, stamp(f"{folder}{os.sep}{name}")[0]) for name in sorted(files)]
    return fingerprint(sys.version, packages, own)


CACHE = Path(".typedwiki/build.cache")
FORMAT = b"typedwiki build cache 3\n"
"""First line of the file. Programs ignore a cache with another number."""
_FRESH = "?"
"""Stands for the stamp of a file that might change without changing its stamp. It equals no stamp."""
_RECORD = struct.Struct("<II")
"""Header of each record: its length and its checksum."""


Related = tuple[str, dict[str, tuple[str, ...]]]
"""A fingerprint, and ids of pages by page id."""


class Result(Struct, frozen=True):
    """The summary of a build."""

    pages: int
    errors: tuple[str, ...]
    summary: str
    """Counts of all problems; empty if there are none."""
    held: int = 0
    """Number of pages that are held back."""
    types: tuple[PageType, ...] = ()
    """Types without a rank of their own, including those that pages bring and the schema lacks."""


class Inputs(Struct, frozen=True):
    """The inputs of a build at one moment."""

    frame: str
    """Fingerprint of all inputs except the files of the wiki."""
    files: dict[str, str]
    """Stamps of the files of the wiki, by path."""
    fresh: frozenset[str] = frozenset()
    """Files so young that their stamps might not show another change."""

    def settled(self) -> dict[str, str]:
        """Return the stamps to remember."""
        return {path: _FRESH if path in self.fresh else known for path, known in self.files.items()}


class ProductState(Struct, frozen=True):
    """The fingerprint and the files of a product when it was generated."""

    fingerprint: str
    files: dict[str, str]
    """Stamps of its files, by path relative to the notes folder."""

    def is_in(self, folder: Path) -> bool:
        """Return whether the files in a folder are unchanged since they were written."""
        return all(stamp(f"{folder}{os.sep}{name}")[0] == known for name, known in self.files.items())


class State(Struct, frozen=True):
    """The inputs and the products of a build."""

    frame: str = ""
    files: dict[str, str] = field(default_factory=dict)
    products: dict[str, ProductState] = field(default_factory=dict)
    """By name of the product."""
    manifest: str = ""
    """Stamp of the manifest of generated files."""
    addresses: str = ""
    """Stamp of the record of notes' addresses."""
    result: Result | None = None


class Cache(Struct):
    """Data that the last build has left for this one. The first build has an empty cache."""

    state: State = field(default_factory=State)
    pages: dict[str, ParsedPage] = field(default_factory=dict)
    """By path of the file."""
    indexes: dict[str, Contents] = field(default_factory=dict)
    """The contents of index files, by fingerprint."""
    related: Related = ("", {})
    """The related pages of each page, and the fingerprint of what they depend on."""
    contents: dict[str, bytes] | None = None
    """Generated files by path relative to the notes folder, in a process that builds repeatedly."""
    stored: Path | None = None
    """File that holds the pages, until they are loaded."""
    now: Inputs | None = None
    """Inputs from which the pages were parsed."""
    files: dict[str, str] = field(default_factory=dict)
    """Stamps of the pages' files, by path."""

    def load_pages(self) -> None:
        """Load the parsed pages. A build without changes does not need them."""
        if self.stored:
            self.indexes, self.related, self.pages = _read_pages(self.stored)
            self.files = self.state.files
            self.stored = None

    def is_unchanged(self, path: Path, now: Inputs) -> bool:
        """Return whether the file of a page is unchanged since it was parsed."""
        name = _text(str(path))
        return name in now.files and self.files.get(name) == now.files[name]

    def has(self, product: ProductState, folder: Path | None) -> bool:
        """Return whether the files of a product are unchanged: in ``folder``, or in this cache if it is None."""
        if folder and not product.is_in(folder):
            return False
        if self.contents is not None:
            missing = product.files.keys() - self.contents.keys()
            if missing and not folder:
                return False
            self.contents |= {name: (folder / name).read_bytes() for name in missing if folder}
        return True

    def remember(self, now: Inputs, pages: dict[str, ParsedPage]) -> None:
        """Keep the pages that were parsed from these inputs."""
        self.now, self.pages, self.files = now, pages, now.settled()


def inputs(config: Config) -> Inputs:
    """Return the inputs of a build: the program and its packages, the settings, today's date (pages become stale), and
    all files of the wiki.
    """
    now = time.time()
    frame = fingerprint(
        program(),
        config,
        [list(config.schema.types), list(config.schema.edges)],  # their order counts
        datetime.now(timezone.utc).date(),
        revisions(config),
        repositories(config),
        [stamp(path)[0] for path in sorted((extension(config.project) / "assets").glob("*.css"))],
    )
    files: dict[str, str] = {}
    fresh = set()
    by_hand = map(str, config.by_hand.glob("*.qmd")) if config.by_hand else ()
    for path in (*by_hand, *_below(config.sources)):
        name = _text(path)
        files[name], changed = stamp(path)
        if changed >= now - SETTLED:
            fresh.add(name)
    return Inputs(frame, files, frozenset(fresh))


def is_current(cache: Cache, now: Inputs, config: Config) -> bool:
    """Return whether there is nothing to build: neither the inputs nor the generated files have changed."""
    state = cache.state
    if state.result is None or state.frame != now.frame or state.files != now.files:
        return False
    if not is_manifest_untouched(cache, config.output) or state.addresses != _addresses(config):
        return False
    return all(product.is_in(config.output) for product in state.products.values())


def is_manifest_untouched(cache: Cache, folder: Path) -> bool:
    """Return whether the manifest in a folder is unchanged since the last build."""
    return cache.state.manifest == stamp(folder / MANIFEST)[0]


def product_state(key: str, files: Iterable[str], folder: Path | None) -> ProductState:
    """Return the state of a product that has just been generated. Its files are in ``folder``, if that is given."""
    return ProductState(key, {name: stamp(f"{folder}{os.sep}{name}")[0] if folder else "" for name in files})


def new_state(config: Config, now: Inputs | None, products: dict[str, ProductState], result: Result) -> State:
    """Return the state after a build from these inputs."""
    now = now or Inputs("", {})
    manifest = stamp(config.output / MANIFEST)[0]
    return State(now.frame, now.settled(), products, manifest, _addresses(config), result)


def load(config: Config, *, with_pages: bool = False) -> Cache:
    """Return the cache of the last build, or an empty one. Pages are loaded later unless ``with_pages``."""
    path = path_of(config)
    cache = Cache()
    try:
        with path.open("rb") as file:
            if file.read(len(FORMAT)) == FORMAT:
                cache = Cache(msgspec.msgpack.decode(read_record(file), type=State), stored=path)
    except (OSError, ValueError, EOFError, msgspec.MsgspecError):
        pass
    if with_pages:
        cache.load_pages()
    return cache


def save(config: Config, cache: Cache) -> None:
    """Save the cache for the next process."""
    replace_file(path_of(config), lambda file: _write(file, cache))


def path_of(config: Config) -> Path:
    """Return the file of the cache. Each notes folder has its own."""
    if config.output == config.project / "notes":
        return config.project / CACHE
    digest = hashlib.sha256(os.fsencode(config.output)).hexdigest()[:16]
    return config.project / CACHE.with_name(f"{CACHE.stem}-{digest}{CACHE.suffix}")


def _write(file: BinaryIO, cache: Cache) -> None:
    from .requirements.model import as_plain

    encode = msgspec.msgpack.Encoder(enc_hook=as_plain).encode
    file.write(FORMAT)
    write_record(file, encode(cache.state))
    for value, empty in ((cache.indexes, {}), (cache.related, ("", {}))):
        try:
            data = encode(value)
        except UnicodeEncodeError:  # as below: they are computed each time
            data = encode(empty)
        write_record(file, data)
    for page in cache.pages.values():
        try:
            data = encode(page)
        except UnicodeEncodeError:  # a lone surrogate, which cannot be encoded: the page is parsed each time
            continue
        write_record(file, data)


def write_record(file: BinaryIO, data: bytes) -> None:
    """Write data, its length and its checksum."""
    file.write(_RECORD.pack(len(data), crc32(data)))
    file.write(data)


def read_record(file: BinaryIO) -> bytes:
    """Return the next record.

    Raises:
        EOFError: there is none.
        ValueError: it is damaged.
    """
    head = file.read(_RECORD.size)
    if not head:
        raise EOFError
    if len(head) < _RECORD.size:
        raise ValueError("cut short")
    length, checksum = _RECORD.unpack(head)
    if length > os.fstat(file.fileno()).st_size:
        raise ValueError("cut short")
    data = file.read(length)
    if len(data) < length or crc32(data) != checksum:
        raise ValueError("cut short, or not as it was written")
    return data


def _read_pages(path: Path) -> tuple[dict[str, Contents], Related, dict[str, ParsedPage]]:
    """Return the contents of index files, the related pages and the pages of a cache, up to a damaged record."""
    from .audit.rules_index import Contents
    from .parsed import ParsedPage
    from .requirements.model import from_plain

    indexes: dict[str, Contents] = {}
    related_pages: Related = ("", {})
    pages: dict[str, ParsedPage] = {}
    decode = msgspec.msgpack.Decoder(ParsedPage, dec_hook=from_plain).decode
    try:
        with path.open("rb") as file:
            file.read(len(FORMAT))
            read_record(file)
            indexes = msgspec.msgpack.decode(read_record(file), type=dict[str, Contents])
            related_pages = msgspec.msgpack.decode(read_record(file), type=Related)
            while True:
                page = decode(read_record(file))
                pages[page.path] = page
    except (OSError, ValueError, EOFError, msgspec.MsgspecError):
        pass
    return indexes, related_pages, pages


def _addresses(config: Config) -> str:
    return stamp(config.by_hand / "addresses.json")[0] if config.by_hand else ""


def _below(folders: Iterable[Path]) -> Iterator[str]:
    """Yield every file below the folders that a build may read: neither hidden files nor Python's caches."""
    for folder in folders:
        for here, names, files in os.walk(folder):
            names[:] = sorted(name for name in names if not name.startswith(".") and name != "__pycache__")
            yield from (f"{here}{os.sep}{name}" for name in sorted(files) if not is_hidden(name))


def _text(path: str) -> str:
    """Return a path as text that can be encoded, whatever bytes it contains."""
    return path if path.isascii() else path.encode("utf-8", "backslashreplace").decode()
