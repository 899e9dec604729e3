"""Locks: only one process at a time changes the pages, the notes or the site of a project.

The operating system releases the lock of a process that has died. The lock's file still names that process, so the
next holder knows that its work may be incomplete.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from .atomic import change_mark, is_pending, remove_leftovers, undo
from .problems import StopError

if TYPE_CHECKING:
    from .config import Config

Scope = Literal["pages", "wiki", "site"]
"""The object of a lock: pages, which commands for authors change; a folder of notes; a site."""
_PAUSE = 0.05
_SHORT_TIMEOUT = 0.2
"""Seconds to wait at least: ``is_held`` takes the lock for a moment."""
READ_TIMEOUT = 2.0
"""Seconds. A rename takes less time."""
_ATTEMPTS = 5
"""How often pages are read that change while they are read."""
Run = Callable[[argparse.Namespace, "Config"], int]
"""The function of a command."""
Result = TypeVar("Result")
_LOCK_OFFSET = 1 << 30
"""The offset of the byte that is locked on Windows, far beyond the text in the file."""


class LockedError(StopError):
    """Another process holds the lock. The message says which."""


@contextmanager
def exclusive(
    config: Config, scope: Scope, command: str, timeout: float = 0, site: Path | None = None
) -> Iterator[None]:
    """Hold the lock on ``scope``. First, incomplete work of a killed process is cleaned up.

    Raises:
        LockedError: another process holds the lock for longer than ``timeout`` seconds.
        OSError: the project's folder cannot be written.
    """
    project = config.project
    site = site or project / "_site"
    with hold_lock(project, _lock_name(config, scope, site), command, timeout) as killed:
        if killed:
            remove_leftovers((project / ".typedwiki", site, config.output, *config.sources), killed)
        if scope == "pages":
            _undo_changes(project)
        elif is_pending(project):  # the lock on pages also protects the journal
            with hold_lock(project, "pages", command, max(timeout, READ_TIMEOUT)):
                _undo_changes(project)
        yield


def locked(scope: Scope, command: str) -> Callable[[Run], Run]:
    """Decorate a command: it runs with the lock on ``scope``."""

    def decorated(run: Run) -> Run:
        @wraps(run)
        def run_exclusively(options: argparse.Namespace, config: Config) -> int:
            site = getattr(options, "site", None)
            with exclusive(config, scope, command, site=site.absolute() if site else None):
                return run(options, config)

        return run_exclusively

    return decorated


def read_consistently(project: Path, read: Callable[[], Result]) -> Result:
    """Return the result of ``read``, which is called again if pages have changed while it was reading.

    Readers hold no lock and undo nothing, so they block nobody.

    Raises:
        LockedError: the pages change all the time, or a transaction is incomplete.
    """
    for _ in range(_ATTEMPTS):
        mark = _wait_for_changes(project)
        result = read()
        if not is_pending(project) and change_mark(project) == mark:
            return result
    raise LockedError("the pages of this wiki are changed again and again; try again when that has ended")


def _wait_for_changes(project: Path) -> str:
    """Wait until no transaction is running. Return the mark of the last one."""
    deadline = time.monotonic() + READ_TIMEOUT
    while is_pending(project):
        if time.monotonic() >= deadline:
            path = project / ".typedwiki/pages.lock"
            if is_held(path):
                raise LockedError(_locked_message(_holder(path), ""))
            raise LockedError(_INTERRUPTED)
        time.sleep(_PAUSE)
    return change_mark(project)


_INTERRUPTED = (
    "a command that changes pages was interrupted, and some of them are half changed; "
    "`wiki.py build`, or any other command that writes, takes that back"
)


def is_held(path: Path) -> bool:
    """Return whether a living process holds a lock."""
    try:
        with path.open("rb") as file:
            return not _try_lock(file.fileno())
    except OSError:
        return False


@contextmanager
def lock_folder(project: Path, folder: Path, command: str) -> Iterator[None]:
    """Hold the lock on a folder outside the project. In a read-only project there is no lock, and none is needed.

    Raises:
        LockedError: another process holds the lock.
    """
    with ExitStack() as stack:
        with suppress(PermissionError, FileNotFoundError):
            if os.access(project, os.W_OK):
                stack.enter_context(hold_lock(project, f"{command}-{_digest(folder)}", command))
        yield


def _undo_changes(project: Path) -> None:
    for line in undo(project):
        print(line, file=sys.stderr)


def _lock_name(config: Config, scope: Scope, site: Path) -> str:
    """Return the name of a lock. Builds to other folders have their own locks, so they do not block each other."""
    if scope == "pages":
        return scope
    folder, default_name = (config.output, "notes") if scope == "wiki" else (site, "_site")
    return scope if folder == config.project / default_name else f"{scope}-{_digest(folder)}"


def _digest(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]


@contextmanager
def hold_lock(project: Path, name: str, command: str, timeout: float = 0) -> Iterator[int]:
    """Hold a lock. Yields the id of its last holder if that process was killed, otherwise 0.

    Raises:
        LockedError: another process holds the lock for longer than ``timeout`` seconds.
    """
    path = project / ".typedwiki" / f"{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + max(timeout, _SHORT_TIMEOUT)
    with path.open("a+b", buffering=0) as file:
        while not _try_lock(file.fileno()):
            if time.monotonic() >= deadline:
                raise LockedError(_locked_message(_holder(path), command))
            time.sleep(_PAUSE)
        killed = _holder(path)[1]
        with suppress(OSError):  # the disk may be full; the lock works without the text
            file.truncate(0)
            file.write(f"{command} {os.getpid()}".encode())
        try:
            yield killed
        finally:
            file.truncate(0)


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, _LOCK_OFFSET, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # On a file system without locks, go on without a lock.
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)
    return True


def _holder(path: Path) -> tuple[str, int]:
    """Return the command and the process id of the last holder; empty and 0 if it has released the lock."""
    command, _, number = path.read_text(encoding="utf-8", errors="replace").rpartition(" ")
    return command, int(number) if number.isdecimal() else 0


def _locked_message(holder: tuple[str, int], command: str) -> str:
    holder_command, process = holder
    description = (
        f"another {command}"
        if holder_command and holder_command == command
        else f"a {holder_command}"
        if holder_command
        else "another command"
    )
    number = f" (process {process})" if process else ""
    return f"{description} of this project is running{number}; try again when it has ended"
