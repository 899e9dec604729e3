"""Convert notes to HTML bodies: by pandoc in batches, cached by content. Memory use does not grow with the wiki."""

from __future__ import annotations

import hashlib
import json
import logging
import queue
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from ..atomic import replace_file
from ..parallel import processor_count
from ..problems import StopError
from ..program import extension
from ..text.sections import pieces

BY_HAND_READER = "markdown"
"""Pandoc's reader for hand-written notes, which are written in Quarto's Markdown."""
QUEUE_SIZE = 64
"""The maximum number of bodies waiting to be consumed."""
_CELL = re.compile(r"\A([ \t>]*`{3,})[ \t]*\{(\w+)[^}\n]*\}")

Body = dict[str, Any]
"""The output of bodies.lua for a note: title, body, contents and so on."""
Progress = Callable[[int, int], None]


class DraftError(StopError):
    """Pandoc is missing or failed. The message says what to do."""


class Notes(Struct, frozen=True):
    """The notes to convert. Each is read only when its turn comes."""

    names: tuple[str, ...]
    read: Callable[[str], str]
    readers: Mapping[str, str] = field(default_factory=dict)
    """Pandoc's reader for each note that does not use ``BY_HAND_READER``."""
    resolved: Mapping[str, bytes] = field(default_factory=dict)
    """Data that the prebuild resolved for hand-written notes (see ``by_hand``)."""


class Converter(Struct, frozen=True):
    """The settings of a conversion."""

    project: Path
    pandoc: str
    target: str = "draft"
    """The pages that use the bodies: "draft" or "quarto"."""
    depth: int = 3
    """Levels of headings in the table of contents."""

    @property
    def script(self) -> Path:
        """Return the Lua script that converts notes."""
        return extension(self.project) / "bodies.lua"

    @property
    def cache(self) -> Path:
        """Return the folder of cached bodies."""
        return self.project / ".typedwiki" / ("draft" if self.target == "draft" else "bodies")

    def base(self) -> bytes:
        """Return everything besides a note's text that determines its body."""
        program = shutil.which(self.pandoc)
        size = Path(program).stat().st_size if program else 0  # changes with pandoc's version
        scripts = b"".join(path.read_bytes() for path in sorted(self.script.parent.glob("*.lua")))
        return scripts + f"{self.pandoc}\0{size}\0{self.target}\0{self.depth}".encode()


def convert_notes(
    converter: Converter,
    notes: Notes,
    progress: Progress,
    cached: dict[str, Body] | None = None,
    all_notes: bool = True,
) -> Iterator[tuple[str, Body]]:
    """Yield the name and the body of each note: cached bodies first, then the others as pandoc converts them.

    ``cached`` keeps bodies in memory for the next call, and is updated. If these are not ``all_notes`` of the site,
    nothing is deleted from the cache on disk.

    Raises:
        DraftError: pandoc fails.
    """
    base = converter.base()
    keys = {}
    missing: list[str] = []
    used: dict[str, Body] = {}
    for name in notes.names:
        reader = notes.readers.get(name, BY_HAND_READER)
        text = notes.read(name)
        parts = (base, reader.encode(), text.encode(), notes.resolved.get(name, b""))
        key = keys[name] = hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]
        body = cached.get(key) if cached else None
        if body is None:
            try:
                body = json.loads((converter.cache / f"{key}.json").read_bytes())
            except (OSError, ValueError):
                missing.append(name)
                continue
        if cached is not None:
            used[key] = body
        yield name, body
    for name, line in _run_pandoc(converter, missing, notes, progress) if missing else ():
        replace_file(converter.cache / f"{keys[name]}.json", line)
        body = json.loads(line)
        if cached is not None:
            used[keys[name]] = body
        yield name, body
    if missing and all_notes:
        _prune(converter.cache, {f"{key}.json" for key in keys.values()})
    if cached is not None:
        cached.clear()
        cached.update(used)


def _prune(cache: Path, current: set[str]) -> None:
    """Delete old bodies, but keep a few generations, so that switching between branches converts nothing twice."""
    files = list(cache.iterdir())
    if len(files) > 4 * len(current) + 1000:
        for path in files:
            if path.name not in current:
                path.unlink(missing_ok=True)


def installed_pandoc() -> str:
    """Return the path of the pandoc that our requirements install.

    Raises:
        DraftError: it is not installed, or cannot be run.
    """
    try:
        import pypandoc
    except ModuleNotFoundError:
        raise DraftError("the draft needs pandoc: pip install -r requirements.txt") from None
    logging.getLogger("pypandoc").disabled = True  # it would print a traceback of the error that we report
    try:
        return str(pypandoc.get_pandoc_path())
    except OSError:
        raise DraftError("the draft needs pandoc, which cannot be run: pip install -r requirements.txt") from None


def _run_pandoc(
    converter: Converter, names: Iterable[str], notes: Notes, progress: Progress
) -> Iterator[tuple[str, bytes]]:
    """Convert notes in one process per processor. Yield the name of each and its body as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        paths: dict[str, str] = {}
        sizes: dict[str, dict[str, int]] = {}
        for name in names:
            text = _without_cells(notes.read(name))
            path = Path(folder, f"{len(paths)}.qmd")
            path.write_text(text, encoding="utf-8")
            if name in notes.resolved:
                Path(f"{path}.json").write_bytes(notes.resolved[name])
            paths[str(path)] = name
            sizes.setdefault(notes.readers.get(name, BY_HAND_READER), {})[str(path)] = len(text)
        processes = processor_count()
        batches: list[_Batch] = []
        for reader, of_reader in sizes.items():
            ordered = sorted(of_reader, key=lambda path: -of_reader[path])
            for share in range(processes):
                if ordered[share::processes]:
                    scratch = Path(folder, f"{len(batches)}")
                    batches.append(_Batch(converter, reader, scratch, ordered[share::processes]))
        for count, line in enumerate(_merge_lines(batches, processes), 1):
            progress(count, len(paths))
            yield paths[json.loads(line[: line.index(b"\x1e")])], line[line.index(b"\x1e") + 1 :]


class _Batch(Struct):
    """One pandoc process for a batch of notes. It reads files, because a full pipe would block both ends."""

    converter: Converter
    reader: str
    scratch: Path
    paths: list[str]

    def lines(self, stop: threading.Event) -> Iterator[bytes]:
        list_file, errors = self.scratch.with_suffix(".in"), self.scratch.with_suffix(".err")
        list_file.write_text("\n".join(self.paths) + "\n", encoding="utf-8")
        if not shutil.which(self.converter.pandoc):
            raise DraftError(f"{self.converter.pandoc}: no program to run")
        command = [
            self.converter.pandoc,
            "lua",
            str(self.converter.script),
            self.reader,
            self.converter.target,
            str(self.converter.depth),
        ]
        with (
            list_file.open("rb") as stdin,
            errors.open("wb") as stderr,
            subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr) as process,
        ):
            for line in process.stdout or ():
                if stop.is_set():
                    process.kill()
                    return
                yield line
        if process.returncode:
            message = errors.read_text(encoding="utf-8", errors="replace").strip()
            raise DraftError(f"pandoc failed: {message}")


def _merge_lines(batches: list[_Batch], processes: int) -> Iterator[bytes]:
    """Yield the lines of all batches as they arrive. Up to ``processes`` batches run at once."""
    lines: queue.Queue[bytes | Exception | None] = queue.Queue(QUEUE_SIZE)
    stop = threading.Event()
    remaining_batches = iter(batches)
    batches_lock = threading.Lock()

    def put(item: bytes | Exception | None) -> None:
        while not stop.is_set():
            try:
                lines.put(item, timeout=1)
                return
            except queue.Full:
                pass

    def work() -> None:
        try:
            while not stop.is_set():
                with batches_lock:
                    batch = next(remaining_batches, None)
                if batch is None:
                    break
                for line in batch.lines(stop):
                    put(line)
        except Exception as error:  # raised again by the consumer
            put(error)
        put(None)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(processes, len(batches)))]
    for thread in threads:
        thread.start()
    try:
        ended_threads = 0
        while ended_threads < len(threads):
            item = lines.get()
            if isinstance(item, Exception):
                raise item
            if item is None:
                ended_threads += 1
            else:
                yield item
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _without_cells(text: str) -> str:
    """Return the text with cells as code blocks, because pandoc does not know Quarto's ``{mermaid}``."""
    return "".join(_CELL.sub(r"\1{.\2 .tw-cell}", part) if is_code else part for part, is_code in pieces(text))


class DraftCache(Struct):
    """Bodies and pages of a draft, kept for the next draft in the same process."""

    bodies: dict[str, Body] = field(default_factory=dict)
    """Bodies by fingerprint."""
    pages: dict[str, tuple[object, bytes]] = field(default_factory=dict)
    """By page: the inputs that decide it, and its HTML."""
