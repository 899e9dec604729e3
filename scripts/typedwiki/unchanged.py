"""What has changed since the last build, told as make and git tell it: by sizes and times of files.

``.typedwiki/built.json`` records what a build was made from, a digest of what it made, and what it had to say.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from .atomic import replace_file
from .config import Config
from .history import revisions
from .read import is_hidden
from .repository import repositories
from .write import MANIFEST, written_names

RECORD = Path(".typedwiki/built.json")
SETTLED = 2.0
"""Seconds. A file as young as that may change again within the same tick of its file system's clock (the
coarsest, FAT's, ticks every two seconds), and then its time does not tell."""
FRESH = "?"
"""Stands in a record for the stamp of such a file, and equals none."""


@dataclass(frozen=True)
class Said:
    """What a build says in the end."""

    pages: int
    errors: tuple[str, ...]
    summary: str
    """Of all problems; empty if there are none."""
    held: int = 0
    """Pages that are held back."""


@dataclass(frozen=True)
class Inputs:
    """What decides a build, as it was at one moment."""

    frame: str
    """Digest of all but the wiki."""
    files: dict[str, str]
    """Stamps of the wiki's files, by path."""
    fresh: frozenset[str] = frozenset()
    """Those of them that would not show another change."""


@dataclass(frozen=True)
class Record:
    """What the last build was made from."""

    frame: str
    files: dict[str, str]
    """Stamps when the whole wiki was built."""
    edited: dict[str, str] = field(default_factory=dict)
    """Stamps of pages that have been written alone since."""


def inputs(config: Config) -> Inputs:
    """What decides a build: the program and its packages, the settings, the notes that people wrote, and the
    day, by which pages grow stale; and all files of the wiki."""
    now = time.time()
    settings = (config.sources, config.output, config.by_hand, config.execute, config.drafts, sys.version)
    frame = [repr(settings), str(datetime.now(timezone.utc).date()), *_packages(), *revisions(config)]
    frame.append(repr(repositories(config)))
    notes = config.by_hand.glob("*.qmd") if config.by_hand else ()
    for path in (str(config.project / "_quarto.yml"), *map(str, sorted(notes)), *_below(Path(__file__).parent)):
        stamp, changed = _stamp(path)
        frame += (path, stamp if changed < now - SETTLED else FRESH + str(time.time_ns()))
    files: dict[str, str] = {}
    fresh = []
    for path in _below(*config.sources):
        files[path], changed = _stamp(path)
        if changed >= now - SETTLED:
            fresh.append(path)
    return Inputs(_digest(frame), files, frozenset(fresh))


def edited(record: Record, now: Inputs) -> list[str]:
    """The files of the wiki that have changed since it was built as a whole; none if more has than that."""
    if record.frame != now.frame or record.files.keys() != now.files.keys():
        return []
    return [path for path, stamp in now.files.items() if stamp != record.files[path]]


def recorded(now: Inputs) -> Record:
    """Of a build of the whole wiki."""
    return Record(now.frame, {path: FRESH if path in now.fresh else stamp for path, stamp in now.files.items()})


def since(record: Record, now: Inputs) -> Record:
    """Of a build of what has been edited since the whole wiki was built."""
    return replace(record, edited={path: recorded(now).files[path] for path in edited(record, now)})


def load(config: Config) -> tuple[Record, Said] | None:
    """What was recorded of the last build, if there was one and what that made is as it was."""
    try:
        data = json.loads(of_output(config, RECORD).read_text(encoding="utf-8"))
        if data["outputs"] != _outputs(config):
            return None
        said = data["said"]
        return Record(**data["record"]), Said(said["pages"], tuple(said["errors"]), said["summary"], said["held"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def is_unchanged(record: Record, now: Inputs) -> bool:
    """Whether there is nothing to build."""
    return record.frame == now.frame and record.files | record.edited == now.files


def remember(config: Config, record: Record, said: Said) -> None:
    """Keep the record of a build that has just ended."""
    data = {"record": asdict(record), "said": asdict(said), "outputs": _outputs(config)}
    replace_file(of_output(config, RECORD), json.dumps(data, ensure_ascii=False).encode())


def forget(config: Config) -> None:
    """Do so before a build, whose record would be of no use if it did not end."""
    of_output(config, RECORD).unlink(missing_ok=True)


def of_output(config: Config, name: Path) -> Path:
    """The path of a record, each folder of notes having its own."""
    if config.output == config.project / "notes":
        return config.project / name
    digest = hashlib.sha256(os.fsencode(config.output)).hexdigest()[:16]
    return config.project / name.with_name(f"{name.stem}-{digest}{name.suffix}")


def _outputs(config: Config) -> str:
    # The record of addresses is read by a build, but changed by the build itself.
    lock = [config.by_hand / "addresses.json"] if config.by_hand else []
    made = [MANIFEST, *written_names(config.output)]
    return _digest(_stamp(path)[0] for path in [*map(str, lock), *(f"{config.output}{os.sep}{name}" for name in made)])


def _below(*folders: Path) -> Iterator[str]:
    """Every file that a build may look at: not what is hidden, nor what Python keeps for itself."""
    for folder in folders:
        for here, names, files in os.walk(folder):
            names[:] = sorted(name for name in names if not name.startswith(".") and name != "__pycache__")
            yield from (f"{here}{os.sep}{name}" for name in sorted(files) if not is_hidden(name))


def _stamp(path: str) -> tuple[str, float]:
    """Which file it is, who may read it, its size and time, and the time alone in seconds."""
    try:
        found = os.stat(path)  # noqa: PTH116 - of 50,000 files, making a Path would cost more than this
    except OSError:
        return "", 0.0
    return f"{found.st_ino} {found.st_mode:o} {found.st_size} {found.st_mtime_ns}", found.st_mtime


def _packages() -> list[str]:
    """The installed packages; the names of these folders carry their versions."""
    folders = [Path(folder) for folder in sys.path if folder.endswith("-packages")]
    return sorted(path.name for folder in folders if folder.is_dir() for path in folder.glob("*-info"))


def _digest(said: Iterable[str]) -> str:
    whole = hashlib.sha256()
    for text in said:
        whole.update(text.encode("utf-8", "surrogateescape") + b"\0")
    return whole.hexdigest()
