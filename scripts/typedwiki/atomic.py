"""Files written whole or not at all: the only place where a file comes to be that somebody may read."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

UNFINISHED = ".typedwiki.tmp"
"""How the names of half-written files end, after the number of the process."""


def replace_file(path: Path, data: bytes | Callable[[BinaryIO], object], *, durable: bool = False) -> None:
    """Write a file of ours so that whoever reads it sees either the old content or the new.

    ``data`` may be what writes it. A symbolic link in its place is replaced: what it leads to is not ours.
    Forced to the disk only if ``durable``: for 25,000 notes that takes minutes, and the next build makes
    good what a power failure has lost of them.
    """
    put(stage(path, data, durable=durable), path)


def stage(path: Path, data: bytes | Callable[[BinaryIO], object], *, durable: bool = False) -> Path:
    """Write a file of ours beside where it belongs, hidden, for ``put`` to put it there; returns where it waits.

    Raises:
        OSError: with the name of the file itself; nothing is left beside it.
    """
    # A digest, because a name of 255 bytes has no room for more.
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
        if isinstance(error, OSError):  # that of a full disk names no file
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise


def put(temporary: Path, path: Path) -> None:
    """Put a staged file in its place, at once.

    Raises:
        OSError: it does not go there, and is gone.
    """
    try:
        temporary.replace(path)
    except BaseException as error:
        discard_temp(temporary)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise


def discard_temp(temporary: Path) -> None:
    """Delete a staged file, if it is still there."""
    with suppress(FileNotFoundError, NotADirectoryError):
        temporary.unlink()


def rewrite_file(path: Path, data: bytes) -> None:
    """Write a file of the user's: as ``replace_file``, but on the disk when this returns.

    A symbolic link stays one and what it leads to is written; mode and, where that is allowed, owner
    stay. Pages that lead out of the wiki are never read, so they do not come here.

    Raises:
        PermissionError: the file is write-protected, although its folder would let us replace it.
    """
    real = Path(os.path.realpath(path))
    if real.exists() and not os.access(real, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    real.parent.mkdir(parents=True, exist_ok=True)
    with _beside(real, data) as temporary:
        keep_mode(real, temporary)
        temporary.replace(real)
    sync_folder(real.parent)


def create_file(path: Path, data: bytes) -> None:
    """Make a file of the user's, whole or not at all.

    Raises:
        FileExistsError: there is one; it stays as it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _beside(path, data) as temporary:
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if os.path.lexists(path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
            temporary.replace(path)
    sync_folder(path.parent)


def keep_mode(like: Path, path: Path) -> None:
    """Give ``path`` the mode and the owner of another file, if there is that other file."""
    with suppress(FileNotFoundError):
        shutil.copymode(like, path)
        if sys.platform != "win32":
            with suppress(PermissionError):
                os.chown(path, like.stat().st_uid, like.stat().st_gid)


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to the disk, where folders can be opened for that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sweep(folders: Iterable[Path], process: int | None = None) -> None:
    """Delete what a process that was killed has left half-written in these folders; without its number, what any
    has left, where nobody else is at work."""
    ending = UNFINISHED if process is None else f".{process}{UNFINISHED}"
    for top in folders:
        for folder, _, names in os.walk(top):
            for name in names:
                if name.startswith(".") and name.endswith(ending):
                    Path(folder, name).unlink(missing_ok=True)


@contextmanager
def _beside(path: Path, data: bytes) -> Iterator[Path]:
    """The data in a hidden file of the same folder, which is gone in the end."""
    temporary = stage(path, data, durable=True)
    try:
        yield temporary
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        discard_temp(temporary)
