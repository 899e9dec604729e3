"""Atomic writes: a file is written completely or not at all. All files that others may read are written here."""

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
