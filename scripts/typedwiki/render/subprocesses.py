"""Run other programs so that none of their processes outlives ours, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

GRACE_PERIOD = 3
"""Seconds that a process has to end after a signal, before a stronger one is sent."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP (the terminal was closed) into a KeyboardInterrupt, like Ctrl-C.

    Only the main thread can handle signals; in other threads this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [number for name in ("SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]
    # Signals that were already ignored, by nohup for instance, stay ignored.
    handlers = {n: handler for n in numbers if (handler := signal.getsignal(n)) != signal.SIG_IGN}
    for number in handlers:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], output: IO[str] | None = None, folder: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in its own process group. On exit, all processes of the group are ended."""
    with interruptible():
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=output, cwd=folder, start_new_session=True
        )
        try:
            yield process
        finally:
            terminate(process)


def terminate(process: subprocess.Popen[bytes]) -> None:
    """End a process and the group that it leads. Further interrupts are ignored until that is done."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
        process.wait()
        return
    with _signals_ignored():
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_PERIOD if process.returncode is None else 0)
                break
        with suppress(ProcessLookupError):  # processes that have outlived the leader
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def _signals_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    handlers = {n: signal.signal(n, signal.SIG_IGN) for name in names if (n := getattr(signal, name, None))}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
