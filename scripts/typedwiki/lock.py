"""One process at a time: what changes pages, notes or the site takes a lock on the project first.

The operating system releases the lock of a process that has died, however it died. A lock's file then still
says who held it, which tells the next holder that something may have been left half-done.
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
from typing import Literal, TypeVar

from .atomic import sweep
from .config import Config
from .journal import changes_made, is_pending, undo
from .problems import StopError

What = Literal["pages", "wiki", "site"]
"""What there are locks on: pages, which commands for authors change; a folder of notes; a site."""
_PAUSE = 0.05
_MOMENT = 0.2
"""Seconds for which a lock may be held only to look who has it."""
READERS_PATIENCE = 2.0
"""Seconds. A rename changes its files in less."""
_ATTEMPTS = 5
"""How often pages are read that are changed meanwhile."""
Run = Callable[[argparse.Namespace, Config], int]
"""What a command does."""
T = TypeVar("T")
_AT = 1 << 30
"""The byte that is locked where locks are on bytes, far from those that say who holds it."""


class LockedError(StopError):
    """Another process is at work; the message says which."""


@contextmanager
def exclusive(
    config: Config, what: What, command: str, patience: float = 0, site: Path | None = None
) -> Iterator[None]:
    """Be the only one who changes ``what``; what a process that was killed has left half-done is put right first.

    Raises:
        LockedError: another process is at work, and still after ``patience`` seconds.
        OSError: the project's folder cannot be written.
    """
    project = config.project
    site = site or project / "_site"
    with alone(project, _lock_of(config, what, site), command, patience) as killed:
        if killed:
            sweep((project / ".typedwiki", site, config.output, *config.sources), killed)
        if what == "pages":
            _take_back(project)
        elif is_pending(project):  # the journal belongs to the lock on pages, whoever holds that
            with alone(project, "pages", command, max(patience, READERS_PATIENCE)):
                _take_back(project)
        yield


def locked(what: What, command: str) -> Callable[[Run], Run]:
    """Let a command run ``exclusive``."""

    def decorated(run: Run) -> Run:
        @wraps(run)
        def run_exclusively(options: argparse.Namespace, config: Config) -> int:
            site = getattr(options, "site", None)
            with exclusive(config, what, command, site=site.absolute() if site else None):
                return run(options, config)

        return run_exclusively

    return decorated


def read_consistently(project: Path, read: Callable[[], T]) -> T:
    """What ``read`` makes of pages that nobody has changed meanwhile: it is called again where somebody has.

    Nothing is taken back and no lock is held: who only reads is in nobody's way.

    Raises:
        LockedError: somebody goes on changing pages, or was interrupted while doing so.
    """
    for _ in range(_ATTEMPTS):
        before = _wait(project)
        result = read()
        if not is_pending(project) and changes_made(project) == before:
            return result
    raise LockedError("the pages of this wiki are changed again and again; try again when that has ended")


def _wait(project: Path) -> str:
    """Wait until no change of pages is half made; the mark of the last one."""
    until = time.monotonic() + READERS_PATIENCE
    while is_pending(project):
        if time.monotonic() >= until:
            path = project / ".typedwiki/pages.lock"
            if is_held(path):
                raise LockedError(_busy(_holder(path), ""))
            raise LockedError(_INTERRUPTED)
        time.sleep(_PAUSE)
    return changes_made(project)


_INTERRUPTED = (
    "a command that changes pages was interrupted, and some of them are half changed; "
    "`wiki.py build`, or any other command that writes, takes that back"
)


def is_held(path: Path) -> bool:
    """Whether a living process holds a lock."""
    try:
        with path.open("rb") as file:
            return not _take(file.fileno())
    except OSError:
        return False


@contextmanager
def guarded(project: Path, name: str, folder: Path, command: str) -> Iterator[None]:
    """Be the only one who writes into a folder outside the project's own; a project that cannot be written has no
    locks, and needs none.

    Raises:
        LockedError: another process writes there.
    """
    with ExitStack() as stack:
        with suppress(PermissionError, FileNotFoundError):
            if os.access(project, os.W_OK):
                stack.enter_context(alone(project, f"{name}-{_digest(folder)}", command))
        yield


def _take_back(project: Path) -> None:
    for line in undo(project):
        print(line, file=sys.stderr)


def _lock_of(config: Config, what: What, site: Path) -> str:
    """Who builds to another folder is in nobody's way, whichever wiki it is."""
    if what == "pages":
        return what
    folder, own = (config.output, "notes") if what == "wiki" else (site, "_site")
    return what if folder == config.project / own else f"{what}-{_digest(folder)}"


def _digest(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]


@contextmanager
def alone(project: Path, what: str, command: str, patience: float = 0) -> Iterator[int]:
    """Hold a lock; yields the number of the process that held it last if that was killed, else 0.

    Raises:
        LockedError: as ``exclusive``.
    """
    path = project / ".typedwiki" / f"{what}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + max(patience, _MOMENT)
    with path.open("a+b", buffering=0) as file:
        while not _take(file.fileno()):
            if time.monotonic() >= until:
                raise LockedError(_busy(_holder(path), command))
            time.sleep(_PAUSE)
        killed = _holder(path)[1]
        with suppress(OSError):  # on a full disk the lock holds all the same
            file.truncate(0)
            file.write(f"{command} {os.getpid()}".encode())
        try:
            yield killed
        finally:
            file.truncate(0)


def _take(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, _AT, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # A file system that has no locks must not keep anybody from working.
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)
    return True


def _holder(path: Path) -> tuple[str, int]:
    """Command and process number of who took the lock last and has not given it back."""
    command, _, number = path.read_text(encoding="utf-8", errors="replace").rpartition(" ")
    return command, int(number) if number.isdecimal() else 0


def _busy(holder: tuple[str, int], command: str) -> str:
    other, process = holder
    who = f"another {command}" if other and other == command else f"a {other}" if other else "another command"
    number = f" (process {process})" if process else ""
    return f"{who} of this project is running{number}; try again when it has ended"
