"""Atomic writes: a file is written completely or not at all. All files that others may read are written here.

Transactions: changes to several files of the user are all made, or all undone. Before the first change, the old
contents are written to ``.typedwiki/undo``, with a list of the changes; after the last one they are deleted. A command
that finds them restores the old contents. This is the undo log of databases (Gray and Reuter, Transaction Processing,
1992).
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from .problems import StopError
from .words import count

UNFINISHED = ".typedwiki.tmp"
"""Suffix of the names of temporary files, after the process id."""


def replace_file(path: Path, data: bytes | Callable[[BinaryIO], object], *, durable: bool = False) -> None:
    """Write a generated file, so that readers see either the old content or the new.

    ``data`` may be a function that writes to a file. A symbolic link is replaced, because its target is not ours.
    The data is forced to disk only if ``durable``: for 25,000 notes that takes minutes, and the next build
    restores what a power failure has lost.

    Raises:
        OSError: the file cannot be written.
    """
    commit_temp(write_temp(path, data, durable=durable), path)


def replace_if_changed(path: Path, data: bytes) -> None:
    """Write a generated file unless it has this content already."""
    if not path.is_file() or path.read_bytes() != data:
        replace_file(path, data)


def write_temp(path: Path, data: bytes | Callable[[BinaryIO], object], *, durable: bool = False) -> Path:
    """Write a hidden temporary file beside ``path``, for ``commit_temp``. Return its path.

    Raises:
        OSError: it cannot be written, and is deleted. The error names ``path``.
    """
    # A digest, because a name of 255 bytes leaves no room for a suffix.
    name = f".{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:24]}.{os.getpid()}{UNFINISHED}"
    temporary = path.with_name(name)
    try:
        try:
            file = temporary.open("wb")
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = temporary.open("wb")
        with file:
            if isinstance(data, bytes):
                file.write(data)
            else:
                data(file)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        return temporary
    except BaseException as error:
        discard_temp(temporary)
        if isinstance(error, OSError):  # the error of a full disk names no file
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise


def commit_temp(temporary: Path, path: Path) -> None:
    """Move a temporary file to ``path``.

    Raises:
        OSError: it cannot be moved, and is deleted. The error names ``path``.
    """
    try:
        temporary.replace(path)
    except BaseException as error:
        discard_temp(temporary)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise


def discard_temp(temporary: Path) -> None:
    """Delete a temporary file, if it exists."""
    with suppress(FileNotFoundError, NotADirectoryError):
        temporary.unlink()


def rewrite_file(path: Path, data: bytes) -> None:
    """Write a file of the user: like ``replace_file``, but the data is on disk when this returns.

    A symbolic link stays, and its target is written. Mode and, where possible, owner stay. Links that lead out of
    the wiki are never read, so they are not written either.

    Raises:
        PermissionError: the file is write-protected, although its folder would let us replace it.
    """
    real = Path(os.path.realpath(path))
    if real.exists() and not os.access(real, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    real.parent.mkdir(parents=True, exist_ok=True)
    with _temp_file(real, data) as temporary:
        copy_mode(real, temporary)
        temporary.replace(real)
    sync_folder(real.parent)


def create_file(path: Path, data: bytes) -> None:
    """Create a file of the user, completely or not at all.

    Raises:
        FileExistsError: the file exists, and is not changed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _temp_file(path, data) as temporary:
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if os.path.lexists(path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
            temporary.replace(path)
    sync_folder(path.parent)


def copy_mode(original: Path, path: Path) -> None:
    """Give ``path`` the mode and the owner of the ``original``, if that exists."""
    with suppress(FileNotFoundError):
        shutil.copymode(original, path)
        if sys.platform != "win32":
            with suppress(PermissionError):
                os.chown(path, original.stat().st_uid, original.stat().st_gid)


def sync_folder(folder: Path) -> None:
    """Force a folder's entries to disk, on systems that can open folders."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_leftovers(folders: Iterable[Path], process: int | None = None) -> None:
    """Delete the temporary files of a killed process below these folders.

    Without ``process``, delete those of all processes: only for folders that no other process is writing to.
    """
    ending = UNFINISHED if process is None else f".{process}{UNFINISHED}"
    for top in folders:
        for folder, _, names in os.walk(top):
            for name in names:
                if name.startswith(".") and name.endswith(ending):
                    Path(folder, name).unlink(missing_ok=True)


@contextmanager
def _temp_file(path: Path, data: bytes) -> Iterator[Path]:
    """Yield a temporary file with the data in the folder of ``path``, and delete it afterwards."""
    temporary = write_temp(path, data, durable=True)
    try:
        yield temporary
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        discard_temp(temporary)


FOLDER = Path(".typedwiki/undo")
UNDONE = Path(".typedwiki/undone")
"""Folder for old contents that cannot be restored, because somebody has edited the file since."""
MARK = Path(".typedwiki/changes")
"""A file whose content changes with each transaction."""
_LIST = "changes.json"


class Change(NamedTuple):
    """The old and the new content of a file. ``path`` and ``target`` differ if it moves."""

    path: str
    target: str
    old: bytes | None
    """None for a new file."""
    new: bytes


class UndoError(StopError):
    """The list of changes cannot be read."""


@contextmanager
def transaction(changes: Sequence[Change], project: Path) -> Iterator[None]:
    """Make changes within this context. On an exception they are undone now, after a crash by the next command.

    Raises:
        OSError: the old contents cannot be saved. Nothing has been changed then.
    """
    folder = project / FOLDER
    shutil.rmtree(folder, ignore_errors=True)  # left by a process that was killed before its first change
    folder.mkdir(parents=True)
    try:
        for number, change in enumerate(changes):
            if change.old is not None:
                rewrite_file(folder / str(number), change.old)
                copy_mode(project / change.path, folder / str(number))
        entries = [
            {
                "path": c.path,
                "target": c.target,
                "old": None if c.old is None else _digest(c.old),
                "new": _digest(c.new),
            }
            for c in changes
        ]
        rewrite_file(folder / _LIST, json.dumps(entries, indent=0).encode())
        replace_file(project / MARK, f"{os.getpid()} {time.time_ns()}".encode())
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    try:
        yield
    except BaseException:
        undo(project)
        raise
    _remove_journal(folder)


def change_mark(project: Path) -> str:
    """Return a text that changes each time a transaction begins; empty if there has been none."""
    try:
        return (project / MARK).read_text(encoding="utf-8")
    except OSError:
        return ""


def is_pending(project: Path) -> bool:
    """Return whether a transaction has begun and was neither completed nor undone. Also true while one is running."""
    return (project / FOLDER / _LIST).exists()


def undo(project: Path) -> list[str]:
    """Undo an incomplete transaction, if there is one. Return messages for the user.

    A file with neither its old nor its new content has been edited since. It is not changed.

    Raises:
        UndoError: the list of changes is damaged.
        OSError: a file cannot be restored. The next command tries again.
    """
    folder = project / FOLDER
    if not is_pending(project):
        shutil.rmtree(folder, ignore_errors=True)  # left by a completed transaction
        return []
    try:
        data = json.loads((folder / _LIST).read_text(encoding="utf-8"))
        entries = [(str(e["path"]), str(e["target"]), e["old"], str(e["new"])) for e in data]
    except (ValueError, KeyError, TypeError) as error:
        raise UndoError(
            f"{folder / _LIST}: cannot be read ({error}); the files beside it are pages' contents"
        ) from None
    edited = []
    for number, (path, target, old_digest, new_digest) in reversed(list(enumerate(entries))):
        if not _roll_back(project / path, project / target, old_digest, new_digest, folder / str(number)):
            edited.append((number, target))
    messages = [f"typedwiki: changes to {count(len(entries), 'file')} were interrupted, and have been taken back"]
    if edited:
        shutil.rmtree(project / UNDONE, ignore_errors=True)
        shutil.copytree(folder, project / UNDONE)
        messages += [
            f"{target}: edited since, so it stays; before, it was {UNDONE / str(number)}" for number, target in edited
        ]
    _remove_journal(folder)
    return messages


def _roll_back(path: Path, target: Path, old_digest: str | None, new_digest: str, backup: Path) -> bool:
    """Undo one change, whether it was made or not. Return False if the file has been edited or deleted since."""
    if old_digest is None:
        if _has_digest(target, new_digest):
            target.unlink()
        return True
    if path != target and os.path.lexists(target):
        if not (_has_digest(target, old_digest) or _has_digest(target, new_digest)):
            return False
        if os.path.lexists(path) and not _is_same_file(path, target):  # the user has restored it
            target.unlink()
            return True
        move_file(target, path)
    if _has_digest(path, new_digest) and old_digest != new_digest:
        try:
            backup.replace(os.path.realpath(path))  # needs no space on a disk that may be full
        except OSError:  # on another disk
            rewrite_file(path, backup.read_bytes())
    return _has_digest(path, old_digest)


def move_file(path: Path, target: Path) -> None:
    """Move a file. A relative symbolic link keeps its target."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() and not path.readlink().is_absolute() and path.parent != target.parent:
        target.symlink_to(os.path.relpath(os.path.realpath(path), os.path.realpath(target.parent)))
        path.unlink()
    else:
        path.rename(target)
    for folder in {path.parent, target.parent}:
        sync_folder(folder)


def _is_same_file(path: Path, target: Path) -> bool:
    """Return whether two names that differ only in case are the same file."""
    return path.name.casefold() == target.name.casefold() and path.samefile(target)


def _remove_journal(folder: Path) -> None:
    (folder / _LIST).unlink(missing_ok=True)  # first: without the list, the rest is ignored
    sync_folder(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _has_digest(path: Path, digest: str) -> bool:
    try:
        return _digest(path.read_bytes()) == digest
    except OSError:
        return False


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
