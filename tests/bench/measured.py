"""What one command costs, and the table that says so."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """Of one command with all its children."""

    seconds: float
    """By the clock on the wall."""
    cpu: float
    """Seconds of processor time, user and system."""
    peak: float
    """MB of memory in the largest of its processes. At least what the measuring process itself has."""


class CommandError(Exception):
    """A command failed; the message is the end of what it said."""


def cost(command: Sequence[str], folder: Path, cores: int | None = None) -> Cost:
    """Run a command in a folder, on so many cores (default: all).

    Raises:
        CommandError: its exit status is not 0.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    allowed = os.sched_getaffinity(0) if cores else None
    with tempfile.TemporaryFile() as said:
        if allowed:
            os.sched_setaffinity(0, sorted(allowed)[:cores])  # the child inherits it
        try:
            started = time.perf_counter()
            child = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said)
        finally:
            if allowed:
                os.sched_setaffinity(0, allowed)
        # Not RUSAGE_CHILDREN: its memory is that of the largest child so far, whichever that was.
        _, status, used = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            raise CommandError(f"{' '.join(command)}: {said.read().decode(errors='replace')[-2000:].strip()}")
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / unit)


def wiki(folder: Path, *arguments: str, cores: int | None = None) -> Cost:
    """What one run of the command line costs in a copy of this project."""
    return cost([sys.executable, "scripts/wiki.py", *arguments], folder, cores)


def title(text: str) -> None:
    """Begin a table."""
    print(f"\n{text}\n{'':46}{'value':>12}{'ratio':>9}  {'wanted':<22}holds", flush=True)


def row(
    measure: str,
    value: float,
    unit: str,
    ratio: float | None = None,
    most: float | None = None,
    *,
    least: float | None = None,
    of_ratio: bool = False,
) -> None:
    """Print a measure: its value, its ratio to the baseline, and whether the value (or the ratio) is within bounds."""
    tested = ratio if of_ratio else value
    wanted, holds = "", ""
    if most is not None and tested is not None:
        wanted, holds = f"at most {_shown(most)}", "yes" if tested <= most else "NO"
    elif least is not None and tested is not None:
        wanted, holds = f"at least {_shown(least)}", "yes" if tested >= least else "NO"
    wanted += f" {'times' if of_ratio else unit}" if wanted else ""
    shown = "" if ratio is None else f"{ratio:.2f}x" if ratio >= 0.095 else f"{100 * ratio:.1f} %"
    print(f"  {measure:44}{f'{_shown(value)} {unit}':>12}{shown:>9}  {wanted:<22}{holds}".rstrip(), flush=True)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
