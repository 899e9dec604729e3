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
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Literal

from .atomic import sweep
from .config import Config
from .problems import StopError
from .undo import is_pending, undo

What = Literal["wiki", "site", "preview"]
"""What there are locks on: pages and notes; the site; being the project's preview."""
_PAUSE = 0.05
Run = Callable[[argparse.Namespace, Config], int]
"""What a command does."""
_AT = 1 << 30
"""The byte that is locked where locks are on bytes, far from those that say who holds it."""


class BusyError(StopError):
    """Another process is at work; the message says which."""


@contextmanager
def at_work(config: Config, what: What, command: str, patience: float = 0) -> Iterator[None]:
    """Be the only one who changes ``what``; what a process that was killed has left half-done is put right first.

    Raises:
        BusyError: another process is at work, and still after ``patience`` seconds.
        OSError: the project's folder cannot be written.
    """
    project = config.project
    with alone(project, _lock_of(config, what), command, patience) as killed:
        if killed:
            sweep((project / ".typedwiki", project / "_site", config.output, *config.sources), killed)
        if what == "wiki":
            for line in undo(project):
                print(line, file=sys.stderr)
        yield


def locked(what: What, command: str) -> Callable[[Run], Run]:
    """Let a command run ``at_work``."""

    def decorated(run: Run) -> Run:
        @wraps(run)
        def alone_at_work(options: argparse.Namespace, config: Config) -> int:
            with at_work(config, what, command):
                return run(options, config)

        return alone_at_work

    return decorated


def recover(config: Config, command: str) -> None:
    """For commands that take no lock: put right what a rename that was killed has left half-done."""
    if is_pending(config.project):
        with at_work(config, "wiki", command):
            pass


def _lock_of(config: Config, what: What) -> str:
    """Who builds another wiki, or to another folder, is in nobody's way."""
    places = (config.sources, config.output)
    own = config.by_hand is not None and config.output == config.project / "notes"
    return what if own else f"{what}-{hashlib.sha256(repr(places).encode()).hexdigest()[:16]}"


@contextmanager
def alone(project: Path, what: str, command: str, patience: float = 0) -> Iterator[int]:
    """Hold a lock; yields the number of the process that held it last if that was killed, else 0.

    Raises:
        BusyError: as ``at_work``.
    """
    path = project / ".typedwiki" / f"{what}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + patience
    with path.open("a+b", buffering=0) as file:
        while not _take(file.fileno()):
            if time.monotonic() >= until:
                raise BusyError(_busy(_holder(path), command))
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
    who = f"another {command}" if other == command else f"a {other}" if other else "another command"
    number = f" (process {process})" if process else ""
    return f"{who} of this project is running{number}; try again when it has ended"
