"""Notes to HTML bodies, by pandoc in batches, cached by content."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ..text.sections import pieces
from ..write import replace_file

EXTENSION = Path("_extensions/typedwiki")
HAND_READER = "markdown"
"""Hand-written notes are Quarto's Markdown, with all that pandoc knows."""
_CELL = re.compile(r"\A([ \t>]*`{3,})[ \t]*\{(\w+)[^}\n]*\}")

Body = dict[str, Any]
"""What bodies.lua says of a note: title, body, toc and so on."""
Progress = Callable[[int, int], None]


class DraftError(Exception):
    """The draft could not be made; the message says what to do."""


def convert(
    project: Path,
    texts: Mapping[str, str],
    readers: Mapping[str, str],
    progress: Progress,
    resolved: Mapping[str, bytes] | None = None,
    known: dict[str, Body] | None = None,
) -> dict[str, Body]:
    """The body of each note by name; ``readers`` names pandoc's reader where it is not Quarto's own, and
    ``resolved`` holds what the prebuild knows of notes that people wrote (see ``by_hand``). ``known``
    spares the next call the reading of bodies that it needs again.

    Raises:
        DraftError: pandoc is missing or fails.
    """
    script = project / EXTENSION / "bodies.lua"
    pandoc = _pandoc()
    base = b"".join(path.read_bytes() for path in sorted(script.parent.glob("*.lua"))) + pandoc.encode()
    resolved = resolved or {}
    cache = project / ".typedwiki" / "draft"
    keys = {}
    for name, text in texts.items():
        reader = readers.get(name, HAND_READER)
        keys[name] = hashlib.sha256(
            b"\0".join((base, reader.encode(), text.encode(), resolved.get(name, b"")))
        ).hexdigest()[:32]
    bodies: dict[str, Body] = {}
    for name, key in keys.items():
        if known and key in known:
            bodies[name] = known[key]
            continue
        try:
            bodies[name] = json.loads((cache / f"{key}.json").read_bytes())
        except (OSError, ValueError):
            continue
    missing = {name: text for name, text in texts.items() if name not in bodies}
    if missing:
        for name, body in _run(pandoc, script, missing, readers, resolved, progress):
            replace_file(cache / f"{keys[name]}.json", json.dumps(body, ensure_ascii=False).encode())
            bodies[name] = body
        _prune(cache, {f"{key}.json" for key in keys.values()})
    if known is not None:
        known.clear()
        known.update((keys[name], body) for name, body in bodies.items())
    return bodies


def _prune(cache: Path, wanted: set[str]) -> None:
    """Keep a few generations, so that switching between branches or wikis converts nothing twice."""
    files = list(cache.iterdir())
    if len(files) > 4 * len(wanted) + 1000:
        for old in files:
            if old.name not in wanted:
                old.unlink(missing_ok=True)


def _pandoc() -> str:
    try:
        import pypandoc
    except ModuleNotFoundError:
        raise DraftError("the draft needs pandoc: pip install -r requirements.txt") from None
    return str(pypandoc.get_pandoc_path())


def _run(
    pandoc: str,
    script: Path,
    texts: Mapping[str, str],
    readers: Mapping[str, str],
    resolved: Mapping[str, bytes],
    progress: Progress,
) -> Iterable[tuple[str, Body]]:
    """Convert notes in as many processes as there are cores, each with an equal share."""
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        names: dict[str, str] = {}
        groups: dict[str, list[str]] = {}
        for name in sorted(texts, key=lambda n: -len(texts[n])):
            path = Path(folder, f"{len(names)}.qmd")
            path.write_text(_without_cells(texts[name]), encoding="utf-8")
            if name in resolved:
                Path(f"{path}.json").write_bytes(resolved[name])
            names[str(path)] = name
            groups.setdefault(readers.get(name, HAND_READER), []).append(str(path))
        batches = [
            (reader, Path(folder, f"{number}-{share}"), paths[share::cores])
            for number, (reader, paths) in enumerate(groups.items())
            for share in range(cores)
            if paths[share::cores]
        ]
        done = 0

        def count() -> None:
            nonlocal done
            done += 1
            progress(done, len(texts))

        def run(batch: tuple[str, Path, list[str]]) -> list[str]:
            return _batch([pandoc, "lua", str(script)], *batch, count)

        with ThreadPoolExecutor(max_workers=cores) as pool:
            for lines in pool.map(run, batches):
                for line in lines:
                    body = json.loads(line)
                    yield names[body.pop("path")], body


def _batch(command: list[str], reader: str, scratch: Path, paths: list[str], count: Callable[[], None]) -> list[str]:
    """Run one process over some notes. Files, not pipes, feed it: a full pipe would stop both ends."""
    listed, errors = scratch.with_suffix(".in"), scratch.with_suffix(".err")
    listed.write_text("\n".join(paths) + "\n", encoding="utf-8")
    lines = []
    with (
        listed.open("rb") as stdin,
        errors.open("wb") as stderr,
        subprocess.Popen(
            [*command, reader], stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, encoding="utf-8"
        ) as process,
    ):
        for line in process.stdout or ():
            lines.append(line)
            count()
    if process.returncode:
        raise DraftError(f"pandoc failed: {errors.read_text(encoding='utf-8', errors='replace').strip()}")
    return lines


def _without_cells(text: str) -> str:
    """Cells as code blocks: pandoc does not know Quarto's ``{mermaid}``."""
    return "".join(_CELL.sub(r"\1{.\2 .tw-cell}", part) if is_code else part for part, is_code in pieces(text))
