"""The cost of a command, and the tables that show costs."""

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
    """The cost of a command with all its children."""

    seconds: float
    """Elapsed time."""
    cpu: float
    """Seconds of processor time, user and system."""
    peak: float
    """MB of memory of the largest process, at least that of the measuring process."""


class CommandError(Exception):
    """A command failed; the message is the end of its output."""


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


def print_title(text: str) -> None:
    """Begin a table."""
    print(f"\n{text}\n{'':46}{'value':>12}{'ratio':>9}  {'wanted':<22}holds", flush=True)


def print_row(
    measure: str,
    value: float,
    unit: str,
    ratio: float | None = None,
    maximum: float | None = None,
    *,
    minimum: float | None = None,
    of_ratio: bool = False,
) -> None:
    """Print a measure: its value, its ratio to the baseline, and whether the value or the ratio is within its limit."""
    tested = ratio if of_ratio else value
    limit, holds = "", ""
    if maximum is not None and tested is not None:
        limit, holds = f"at most {_format_number(maximum)}", "yes" if tested <= maximum else "NO"
    elif minimum is not None and tested is not None:
        limit, holds = f"at least {_format_number(minimum)}", "yes" if tested >= minimum else "NO"
    limit += f" {'times' if of_ratio else unit}" if limit else ""
    ratio_text = "" if ratio is None else f"{ratio:.2f}x" if ratio >= 0.095 else f"{100 * ratio:.1f} %"
    print(
        f"  {measure:44}{f'{_format_number(value)} {unit}':>12}{ratio_text:>9}  {limit:<22}{holds}".rstrip(), flush=True
    )


def _format_number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
