"""Incremental builds: a build makes what has another fingerprint than the last time.

- The inputs (files of the wiki, settings, the program) have stamps. If all are as they were, and so is all that was
  made of them, there is nothing to do.
- A file whose stamp has changed is read. If its content or its namespace has, the page is parsed again.
- The graph and what follows from it are computed anew from all parsed pages: that is cheap.
- Each note, and each group of files about the whole wiki, is a product with a fingerprint of what decides it. Those
  with another fingerprint, and those whose files somebody has touched, are made again.

What one build leaves for the next is its cache: one file, ``.typedwiki/build.cache``, or an object in a process that
builds again and again. The file holds plain data (MessagePack, read with types), never code. One that is broken, or
of another version, is ignored.
"""

from __future__ import annotations

import hashlib
import os
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from zlib import crc32

import msgspec

from .atomic import replace_file
from .config import Config
from .fingerprint import SETTLED, fingerprint, program, stamp
from .history import revisions
from .parts import extension
from .read import is_hidden
from .repository import repositories
from .schema import PageType
from .write import MANIFEST

if TYPE_CHECKING:
    from .parsed import ParsedPage

CACHE = Path(".typedwiki/build.cache")
FORMAT = b"typedwiki build cache 1\n"
"""Begins the file; another number means that no older or newer program reads it."""
_FRESH = "?"
"""Stands for the stamp of a file that might change without another stamp, and equals none."""
_RECORD = struct.Struct("<II")
"""Before each record: its length and its checksum."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a build says in the end."""

    pages: int
    errors: tuple[str, ...]
    summary: str
    """Of all problems; empty if there are none."""
    held: int = 0
    """Pages that are held back."""
    types: tuple[PageType, ...] = ()
    """The types without a rank of their own: those that pages bring, and the schema lacks, are among them."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What decides a build, as it was at one moment."""

    frame: str
    """Fingerprint of all but the files of the wiki."""
    files: dict[str, str]
    """Stamps of these, by path."""
    fresh: frozenset[str] = frozenset()
    """Those of them that would not show another change."""

    def settled(self) -> dict[str, str]:
        """The stamps to remember."""
        return {path: _FRESH if path in self.fresh else known for path, known in self.files.items()}


@dataclass(frozen=True, slots=True)
class ProductState:
    """A product as it was made."""

    fingerprint: str
    files: dict[str, str]
    """Stamps of its files, by path relative to the notes folder."""

    def is_in(self, folder: Path) -> bool:
        """Whether the files are in a folder as they were put there."""
        return all(stamp(f"{folder}{os.sep}{name}")[0] == known for name, known in self.files.items())


@dataclass(frozen=True, slots=True)
class State:
    """What a build was made from, and what it made."""

    frame: str = ""
    files: dict[str, str] = field(default_factory=dict)
    products: dict[str, ProductState] = field(default_factory=dict)
    """By name."""
    manifest: str = ""
    """Stamp of the file that says which files are ours."""
    addresses: str = ""
    """Stamp of the record of where notes have stood."""
    result: Result | None = None


@dataclass(slots=True)
class Cache:
    """What the last build has left for this one. An empty cache is that of a first build."""

    state: State = field(default_factory=State)
    pages: dict[str, ParsedPage] = field(default_factory=dict)
    """By path."""
    contents: dict[str, bytes] | None = None
    """The generated files by path relative to the notes folder, in a process that builds again and again."""
    stored: Path | None = None
    """The file that holds the pages, until they are loaded."""
    now: Inputs | None = None
    """What the pages were parsed from."""
    files: dict[str, str] = field(default_factory=dict)
    """The stamps of their files by path."""

    def load_pages(self) -> None:
        """Load the parsed pages, which an unchanged build does not need."""
        if self.stored:
            self.pages = {page.path: page for page in _read_pages(self.stored)}
            self.files = self.state.files
            self.stored = None

    def is_unchanged(self, path: Path, now: Inputs) -> bool:
        """Whether the file of a page is as it was when it was parsed."""
        name = _text(str(path))
        return name in now.files and self.files.get(name) == now.files[name]

    def has(self, made: ProductState, folder: Path | None) -> bool:
        """Whether the files of a product are still as they were made: in ``folder``, or else in this cache."""
        if folder and not made.is_in(folder):
            return False
        if self.contents is not None:
            missing = made.files.keys() - self.contents.keys()
            if missing and not folder:
                return False
            self.contents |= {name: (folder / name).read_bytes() for name in missing if folder}
        return True

    def remember(self, now: Inputs, pages: dict[str, ParsedPage]) -> None:
        """Keep the pages that were parsed of these inputs."""
        self.now, self.pages, self.files = now, pages, now.settled()


def inputs(config: Config) -> Inputs:
    """What decides a build: the program and its packages, the settings, the day, by which pages grow stale, and all
    files of the wiki."""
    now = time.time()
    frame = fingerprint(
        program(),
        config,
        _order(config),
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
    """Whether there is nothing to build: the inputs are as they were, and so is what was made of them."""
    state = cache.state
    if state.result is None or state.frame != now.frame or state.files != now.files:
        return False
    if not is_manifest_untouched(cache, config.output) or state.addresses != _addresses(config):
        return False
    return all(made.is_in(config.output) for made in state.products.values())


def is_manifest_untouched(cache: Cache, folder: Path) -> bool:
    """Whether the list of our files in a folder is as the last build has left it."""
    return cache.state.manifest == stamp(folder / MANIFEST)[0]


def made(key: str, files: Iterable[str], folder: Path | None) -> ProductState:
    """A product that has just been made, with its fingerprint; its files are in ``folder``, if there is one."""
    return ProductState(key, {name: stamp(f"{folder}{os.sep}{name}")[0] if folder else "" for name in files})


def new_state(config: Config, now: Inputs | None, products: dict[str, ProductState], result: Result) -> State:
    """The state after a build from these inputs."""
    now = now or Inputs("", {})
    manifest = stamp(config.output / MANIFEST)[0]
    return State(now.frame, now.settled(), products, manifest, _addresses(config), result)


def load(config: Config, *, with_pages: bool = False) -> Cache:
    """The cache that the last build has left, its pages still to be loaded unless asked for; an empty one if there
    is none."""
    path = path_of(config)
    cache = Cache()
    try:
        with path.open("rb") as file:
            if file.read(len(FORMAT)) == FORMAT:
                cache = Cache(msgspec.msgpack.decode(_read_record(file), type=State), stored=path)
    except (OSError, ValueError, EOFError, msgspec.MsgspecError):
        pass
    if with_pages:
        cache.load_pages()
    return cache


def save(config: Config, cache: Cache) -> None:
    """Keep the cache for the next process."""
    replace_file(path_of(config), lambda file: _write(file, cache))


def path_of(config: Config) -> Path:
    """The file of the cache: each folder of notes has its own."""
    if config.output == config.project / "notes":
        return config.project / CACHE
    digest = hashlib.sha256(os.fsencode(config.output)).hexdigest()[:16]
    return config.project / CACHE.with_name(f"{CACHE.stem}-{digest}{CACHE.suffix}")


def _write(file: BinaryIO, cache: Cache) -> None:
    from .requirements.model import as_plain

    encode = msgspec.msgpack.Encoder(enc_hook=as_plain).encode
    file.write(FORMAT)
    _write_record(file, encode(cache.state))
    for page in cache.pages.values():
        try:
            data = encode(page)
        except UnicodeEncodeError:  # half a character, which no encoding has: the page is parsed each time
            continue
        _write_record(file, data)


def _write_record(file: BinaryIO, data: bytes) -> None:
    file.write(_RECORD.pack(len(data), crc32(data)))
    file.write(data)


def _read_record(file: BinaryIO) -> bytes:
    """The next record.

    Raises:
        EOFError: there is none.
        ValueError: it is broken.
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


def _read_pages(path: Path) -> Iterator[ParsedPage]:
    """The pages of a cache, as far as it is whole."""
    from .parsed import ParsedPage
    from .requirements.model import from_plain

    decode = msgspec.msgpack.Decoder(ParsedPage, dec_hook=from_plain).decode
    try:
        with path.open("rb") as file:
            file.read(len(FORMAT))
            _read_record(file)
            while True:
                yield decode(_read_record(file))
    except (OSError, ValueError, EOFError, msgspec.MsgspecError):
        return


def _addresses(config: Config) -> str:
    return stamp(config.by_hand / "addresses.json")[0] if config.by_hand else ""


def _order(config: Config) -> list[list[str]]:
    """The order of what the schema names, which counts."""
    return [list(config.schema.types), list(config.schema.edges)]


def _below(folders: Iterable[Path]) -> Iterator[str]:
    """Every file of the wiki that a build may look at: not what is hidden, nor what Python keeps for itself."""
    for folder in folders:
        for here, names, files in os.walk(folder):
            names[:] = sorted(name for name in names if not name.startswith(".") and name != "__pycache__")
            yield from (f"{here}{os.sep}{name}" for name in sorted(files) if not is_hidden(name))


def _text(path: str) -> str:
    """A path as text that can be encoded, whatever bytes its names are made of."""
    return path if path.isascii() else path.encode("utf-8", "backslashreplace").decode()
