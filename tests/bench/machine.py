"""A description of the machine that the numbers belong to."""

from __future__ import annotations

import functools
import os
import platform
import re
import subprocess
import time
from datetime import date
from pathlib import Path

import pypandoc

from typedwiki.render.render import find_quarto


def measured_on() -> str:
    """A line for tables: processor, cores, calibration and date."""
    cores = len(os.sched_getaffinity(0))
    return f"Measured on {_processor()}, {cores} cores; calibration {calibration():.2f} s; {date.today().isoformat()}."


def describe_machine() -> str:
    """Processor, cores, programs, and the time of a fixed piece of work."""
    quarto = find_quarto()
    facts = {
        "processor": f"{_processor()}, {os.cpu_count()} cores ({len(os.sched_getaffinity(0))} usable)",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}, load {os.getloadavg()[0]:.1f}",
        "programs": f"Python {platform.python_version()}, pandoc {pypandoc.get_pandoc_version()}, "
        f"Quarto {_version(quarto) if quarto else 'not installed'}",
        "calibration": f"{calibration():.2f} s of CPU for a fixed piece of pure Python",
    }
    return "\n".join(f"{name + ':':13}{text}" for name, text in facts.items())


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    matches = (re.search(rf"^{name}\s*: (.+)$", text, re.MULTILINE) for name in ("model name", "cpu MHz"))
    model, frequency = (match[1] if match else "unknown" for match in matches)
    return f"{model}, {frequency} MHz"


def _version(program: str) -> str:
    return subprocess.run([program, "--version"], capture_output=True, encoding="utf-8", check=False).stdout.strip()


@functools.cache
def calibration() -> float:
    """Seconds of CPU, the best of three: words counted, sorted and joined, the typical work of this project.

    Measured once a run. All times of the run are compared with it.
    """

    def work() -> float:
        started = time.process_time()
        counts: dict[str, int] = {}
        for i in range(REPEATS):
            for word in f"line {i % 997} of some [[text]] that is {i} long".split():
                counts[word] = counts.get(word, 0) + len(word)
        "\n".join(re.sub(r"\d", "x", word) for word in sorted(counts))
        return time.process_time() - started

    return min(work() for _ in range(3))


REPEATS = 330_000
