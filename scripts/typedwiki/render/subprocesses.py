"""Other programs, run so that nothing of theirs outlives us however we end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO

PATIENCE = 3
"""Seconds that a process has to end after being asked to, before it is asked more firmly."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Within this, being told to end (SIGTERM) and losing the terminal (SIGHUP) are a KeyboardInterrupt, as Ctrl-C is.

    Signals belong to the main thread; elsewhere this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [number for name in ("SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]
    # What was ignored when we started, by nohup for instance, stays ignored.
    before = {n: old for n in numbers if (old := signal.getsignal(n)) != signal.SIG_IGN}
    for number in before:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], output: IO[str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a process group of its own, which is ended with all that it has started when this is left."""
    with interruptible():
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
        try:
            yield process
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads a group, and the group. Who is impatient and interrupts again, waits all the same."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
        process.wait()
        return
    with _undisturbed():
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE if process.returncode is None else 0)
                break
        with suppress(ProcessLookupError):  # what has outlived its leader
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def _undisturbed() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    before = {n: signal.signal(n, signal.SIG_IGN) for name in names if (n := getattr(signal, name, None))}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
