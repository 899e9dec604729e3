"""The cost of a command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """The cost of a command with all its children."""

    seconds: float
    """Elapsed time."""
    cpu: float
    """Seconds of processor time, user and system."""
    peak: float
    """MB of memory of the largest process, at least that of the measuring process."""


_LOOKING = 0.02
"""Share of its time that ``watch_memory`` looks at processes. A look takes longer the more memory they have."""


class CommandError(Exception):
    """A command failed or is missing. The message is the end of its output, or says what is missing."""


def measure(command: Sequence[str], folder: Path, cores: int | None = None) -> Cost:
    """Run a command in a folder, on so many cores (default: all).

    Raises:
        CommandError: its exit status is not 0.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    allowed = os.sched_getaffinity(0) if cores else None
    with tempfile.TemporaryFile() as output:
        if allowed:
            os.sched_setaffinity(0, sorted(allowed)[:cores])  # the child inherits it
        try:
            started = time.perf_counter()
            child = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
        finally:
            if allowed:
                os.sched_setaffinity(0, allowed)
        # Not RUSAGE_CHILDREN: its memory is that of the largest child so far, whichever that was.
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            output.seek(0)
            raise CommandError(f"{' '.join(command)}: {output.read().decode(errors='replace')[-2000:].strip()}")
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def measure_wiki(folder: Path, *arguments: str, cores: int | None = None) -> Cost:
    """The cost of a run of the command line in a copy of this project."""
    return measure([sys.executable, "scripts/wiki.py", *arguments], folder, cores)


@contextmanager
def watch_memory() -> Iterator[list[float]]:
    """Collect the MB of all child processes together, again and again. Memory that they share counts once."""
    megabytes = [0.0]
    done = threading.Event()

    def watch() -> None:
        took = 0.0
        while not done.wait(took / _LOOKING):
            started = time.perf_counter()
            megabytes.append(sum(map(_memory, _descendants(os.getpid()))))
            took = time.perf_counter() - started

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield megabytes
    finally:
        done.set()
        watcher.join()


def _descendants(process: int) -> Iterator[int]:
    with suppress(OSError):  # it has ended
        for path in Path(f"/proc/{process}/task").glob("*/children"):
            for child in map(int, path.read_text(encoding="ascii").split()):
                yield child
                yield from _descendants(child)


def _memory(process: int) -> float:
    with suppress(OSError):
        match = re.search(r"(?m)^Pss:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii"))
        return int(match[1]) / 1e3 if match else 0.0
    return 0.0
