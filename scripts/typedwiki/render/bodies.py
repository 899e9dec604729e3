"""Notes to HTML bodies, by pandoc in batches, cached by content, one at a time however many there are."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import queue
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..atomic import replace_file
from ..problems import StopError
from ..text.sections import pieces

EXTENSION = Path("_extensions/typedwiki")
HAND_READER = "markdown"
"""Hand-written notes are Quarto's Markdown, with all that pandoc knows."""
AHEAD = 64
"""Bodies that wait for whoever takes them, at most."""
_CELL = re.compile(r"\A([ \t>]*`{3,})[ \t]*\{(\w+)[^}\n]*\}")

Body = dict[str, Any]
"""What bodies.lua says of a note: title, body, contents and so on."""
Progress = Callable[[int, int], None]


class DraftError(StopError):
    """Bodies could not be made; the message says what to do."""


@dataclass(frozen=True)
class Notes:
    """The notes to convert, each of which is read when its turn comes."""

    names: tuple[str, ...]
    read: Callable[[str], str]
    readers: Mapping[str, str] = field(default_factory=dict)
    """Pandoc's reader, where that is not Quarto's own."""
    resolved: Mapping[str, bytes] = field(default_factory=dict)
    """What the prebuild knows of notes that people wrote (see ``by_hand``)."""


@dataclass(frozen=True)
class Converter:
    """How notes become bodies."""

    project: Path
    pandoc: str
    shell: str = "draft"
    """What the bodies are for: pages of the draft, or of Quarto's."""
    depth: int = 3
    """Levels of headings in the table of contents."""

    @property
    def script(self) -> Path:
        return self.project / EXTENSION / "bodies.lua"

    @property
    def cache(self) -> Path:
        return self.project / ".typedwiki" / ("draft" if self.shell == "draft" else "bodies")

    def base(self) -> bytes:
        """What decides every body, beside its note."""
        found = shutil.which(self.pandoc)
        size = Path(found).stat().st_size if found else 0  # a new version takes the old one's place
        scripts = b"".join(path.read_bytes() for path in sorted(self.script.parent.glob("*.lua")))
        return scripts + f"{self.pandoc}\0{size}\0{self.shell}\0{self.depth}".encode()


def convert(
    by: Converter, notes: Notes, progress: Progress, known: dict[str, Body] | None = None, every: bool = True
) -> Iterator[tuple[str, Body]]:
    """The body of each note with its name: first those that the cache has, then the others as they are made.

    ``known`` spares the next call the reading of bodies that it needs again. If these are not ``every``
    note of the site, the cache keeps what it has.

    Raises:
        DraftError: pandoc fails.
    """
    base = by.base()
    keys = {}
    missing: list[str] = []
    new: dict[str, Body] = {}
    for name in notes.names:
        reader = notes.readers.get(name, HAND_READER)
        text = notes.read(name)
        parts = (base, reader.encode(), text.encode(), notes.resolved.get(name, b""))
        key = keys[name] = hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]
        body = known.get(key) if known else None
        if body is None:
            try:
                body = json.loads((by.cache / f"{key}.json").read_bytes())
            except (OSError, ValueError):
                missing.append(name)
                continue
        if known is not None:
            new[key] = body
        yield name, body
    for name, line in _run(by, missing, notes, progress) if missing else ():
        replace_file(by.cache / f"{keys[name]}.json", line)
        body = json.loads(line)
        if known is not None:
            new[keys[name]] = body
        yield name, body
    if missing and every:
        _prune(by.cache, {f"{key}.json" for key in keys.values()})
    if known is not None:
        known.clear()
        known.update(new)


def _prune(cache: Path, wanted: set[str]) -> None:
    """Keep a few generations, so that switching between branches or wikis converts nothing twice."""
    files = list(cache.iterdir())
    if len(files) > 4 * len(wanted) + 1000:
        for old in files:
            if old.name not in wanted:
                old.unlink(missing_ok=True)


def own_pandoc() -> str:
    """The pandoc that our requirements bring.

    Raises:
        DraftError: it is not installed.
    """
    try:
        import pypandoc
    except ModuleNotFoundError:
        raise DraftError("the draft needs pandoc: pip install -r requirements.txt") from None
    logging.getLogger("pypandoc").disabled = True  # it would print a traceback of what we tell in words
    try:
        return str(pypandoc.get_pandoc_path())
    except OSError:
        raise DraftError("the draft needs pandoc, which cannot be run: pip install -r requirements.txt") from None


def processors() -> int:
    """Processors that this process may use, which a container or a batch system may have limited."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _run(by: Converter, names: Iterable[str], notes: Notes, progress: Progress) -> Iterator[tuple[str, bytes]]:
    """Convert notes in as many processes as there are processors; yields what each says, as JSON."""
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
            sizes.setdefault(notes.readers.get(name, HAND_READER), {})[str(path)] = len(text)
        processes = processors()
        batches: list[_Batch] = []
        for reader, of_reader in sizes.items():
            ordered = sorted(of_reader, key=lambda path: -of_reader[path])
            for share in range(processes):
                if ordered[share::processes]:
                    scratch = Path(folder, f"{len(batches)}")
                    batches.append(_Batch(by, reader, scratch, ordered[share::processes]))
        for done, line in enumerate(_merged(batches, processes), 1):
            progress(done, len(paths))
            yield paths[json.loads(line[: line.index(b"\x1e")])], line[line.index(b"\x1e") + 1 :]


@dataclass
class _Batch:
    """One process over some notes. Files, not pipes, feed it: a full pipe would stop both ends."""

    by: Converter
    reader: str
    scratch: Path
    paths: list[str]

    def lines(self, stop: threading.Event) -> Iterator[bytes]:
        listed, errors = self.scratch.with_suffix(".in"), self.scratch.with_suffix(".err")
        listed.write_text("\n".join(self.paths) + "\n", encoding="utf-8")
        if not shutil.which(self.by.pandoc):
            raise DraftError(f"{self.by.pandoc}: no program to run")
        command = [self.by.pandoc, "lua", str(self.by.script), self.reader, self.by.shell, str(self.by.depth)]
        with (
            listed.open("rb") as stdin,
            errors.open("wb") as stderr,
            subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr) as process,
        ):
            for line in process.stdout or ():
                if stop.is_set():
                    process.kill()
                    return
                yield line
        if process.returncode:
            said = errors.read_text(encoding="utf-8", errors="replace").strip()
            raise DraftError(f"pandoc failed: {said}")


def _merged(batches: list[_Batch], processes: int) -> Iterator[bytes]:
    """The lines of all batches as they come, a few of them at once in processes of their own."""
    lines: queue.Queue[bytes | Exception | None] = queue.Queue(AHEAD)
    stop = threading.Event()
    waiting = iter(batches)
    turn = threading.Lock()

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
                with turn:
                    batch = next(waiting, None)
                if batch is None:
                    break
                for line in batch.lines(stop):
                    put(line)
        except Exception as error:  # whatever it is, who takes the lines must hear of it
            put(error)
        put(None)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(processes, len(batches)))]
    for thread in threads:
        thread.start()
    try:
        ended = 0
        while ended < len(threads):
            item = lines.get()
            if isinstance(item, Exception):
                raise item
            if item is None:
                ended += 1
            else:
                yield item
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _without_cells(text: str) -> str:
    """Cells as code blocks: pandoc does not know Quarto's ``{mermaid}``."""
    return "".join(_CELL.sub(r"\1{.\2 .tw-cell}", part) if is_code else part for part, is_code in pieces(text))
