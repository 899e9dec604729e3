"""Changes to several files of the user's, taken back if they are not completed.

Before the first change the old contents are on the disk in ``.typedwiki/undo``, with a list of what is to be
changed; after the last one they are gone. Whoever finds them puts back what there was: all of the changes
have been made, or none. This is the undo log of databases (Gray and Reuter, Transaction Processing, 1992).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from .atomic import keep_mode, replace_file, rewrite_file, sync_folder
from .problems import StopError
from .wording import count

FOLDER = Path(".typedwiki/undo")
LEFT = Path(".typedwiki/undone")
"""Where the old contents go of files that somebody has edited before they could be put back."""
MARK = Path(".typedwiki/changes")
"""Another text after each time that several files have been changed."""
_LIST = "changes.json"


class Change(NamedTuple):
    """A file as it is and as it shall be; ``path`` and ``target`` differ if it moves."""

    path: str
    target: str
    old: bytes | None
    """None for a file that is made."""
    new: bytes


class UndoError(StopError):
    """The list of changes cannot be read."""


@contextmanager
def transaction(changes: Sequence[Change], project: Path) -> Iterator[None]:
    """Within this the changes can be made; if it is not left as usual, they are taken back, now or later.

    Raises:
        OSError: the old contents cannot be kept. Nothing has been changed then.
    """
    folder = project / FOLDER
    shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed before it had changed anything
    folder.mkdir(parents=True)
    try:
        for number, change in enumerate(changes):
            if change.old is not None:
                rewrite_file(folder / str(number), change.old)
                keep_mode(project / change.path, folder / str(number))
        listed = [
            {
                "path": c.path,
                "target": c.target,
                "old": None if c.old is None else _digest(c.old),
                "new": _digest(c.new),
            }
            for c in changes
        ]
        rewrite_file(folder / _LIST, json.dumps(listed, indent=0).encode())
        replace_file(project / MARK, f"{os.getpid()} {time.time_ns()}".encode())
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    try:
        yield
    except BaseException:
        undo(project)
        raise
    _forget(folder)


def changes_made(project: Path) -> str:
    """A mark that differs after each time that several files have been changed, or have begun to be."""
    try:
        return (project / MARK).read_text(encoding="utf-8")
    except OSError:
        return ""


def is_pending(project: Path) -> bool:
    """Whether changes were begun and neither completed nor taken back; true too while they are being made."""
    return (project / FOLDER / _LIST).exists()


def undo(project: Path) -> list[str]:
    """Take back what was begun and not completed, if there is such; what to tell the user.

    A file that is neither as it was nor as it should have become has been edited since: it stays.

    Raises:
        UndoError: the list of changes is damaged.
        OSError: a file cannot be put back. The next run tries again.
    """
    folder = project / FOLDER
    if not is_pending(project):
        shutil.rmtree(folder, ignore_errors=True)  # of what was completed, if we were killed right then
        return []
    try:
        listed = json.loads((folder / _LIST).read_text(encoding="utf-8"))
        entries = [(str(e["path"]), str(e["target"]), e["old"], str(e["new"])) for e in listed]
    except (ValueError, KeyError, TypeError) as error:
        raise UndoError(
            f"{folder / _LIST}: cannot be read ({error}); the files beside it are pages' contents"
        ) from None
    edited = []
    for number, (path, target, old, new) in reversed(list(enumerate(entries))):
        if not _roll_back(project / path, project / target, old, new, folder / str(number)):
            edited.append((number, target))
    said = [f"typedwiki: changes to {count(len(entries), 'file')} were interrupted, and have been taken back"]
    if edited:
        shutil.rmtree(project / LEFT, ignore_errors=True)
        shutil.copytree(folder, project / LEFT)
        said += [
            f"{target}: edited since, so it stays; before, it was {LEFT / str(number)}" for number, target in edited
        ]
    _forget(folder)
    return said


def _roll_back(path: Path, target: Path, old: str | None, new: str, kept: Path) -> bool:
    """Undo one change, made or not; False for a file that somebody has edited or deleted since."""
    if old is None:
        if _is(target, new):
            target.unlink()
        return True
    if path != target and os.path.lexists(target):
        if not (_is(target, old) or _is(target, new)):
            return False
        if os.path.lexists(path) and not _same(path, target):  # put back by other means
            target.unlink()
            return True
        move_file(target, path)
    if _is(path, new) and old != new:
        try:
            kept.replace(os.path.realpath(path))  # takes no room on the disk, which may be full
        except OSError:  # it is another disk
            rewrite_file(path, kept.read_bytes())
    return _is(path, old)


def move_file(path: Path, target: Path) -> None:
    """Move a file; a symbolic link leads where it led."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() and not path.readlink().is_absolute() and path.parent != target.parent:
        target.symlink_to(os.path.relpath(os.path.realpath(path), os.path.realpath(target.parent)))
        path.unlink()
    else:
        path.rename(target)
    for folder in {path.parent, target.parent}:
        sync_folder(folder)


def _same(path: Path, target: Path) -> bool:
    """Whether two names that differ in case are one file."""
    return path.name.casefold() == target.name.casefold() and path.samefile(target)


def _forget(folder: Path) -> None:
    (folder / _LIST).unlink(missing_ok=True)  # first: without it the rest means nothing
    sync_folder(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _is(path: Path, digest: str) -> bool:
    try:
        return _digest(path.read_bytes()) == digest
    except OSError:
        return False


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
