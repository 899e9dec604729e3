"""Run a command of ours that is killed at its n-th change of a file: `killed.py N HALF FOLDER wiki.py ARGUMENTS`.

Python tells an audit hook of every file that it is about to open for writing, rename, link or delete (PEP 578).
The first change is number 1; with 0 nothing is killed, and the last line printed is how many changes there were.
With HALF, a file that is about to be renamed is cut to its half first, as if it had been killed while writing it;
with "stop" in its place the command is stopped there, and goes on when it is told to.
"""

from __future__ import annotations

import atexit
import itertools
import os
import runpy
import signal
import sys
from pathlib import Path

CHANGES = frozenset(
    f"os.{verb}" for verb in ("rename", "remove", "link", "symlink", "mkdir", "rmdir", "truncate", "chmod", "chown")
)


def watch(last: int, how: str, folder: str) -> None:
    """Kill or stop this process before its ``last`` change below a folder."""
    counter = itertools.count(1)
    number = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal number
        if event == "open":
            name, _, flags = arguments
            if not (isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)):
                return
        elif event in CHANGES:
            name = arguments[0]
        else:
            return
        if not isinstance(name, (str, os.PathLike)):
            return
        path = os.fspath(name)
        if Path(path).is_absolute() and not path.startswith(folder):
            return
        number = next(counter)
        if number == last:
            if how == "half" and event == "os.rename" and path.endswith(".typedwiki.tmp"):
                os.truncate(path, Path(path).stat().st_size // 2)
            os.kill(os.getpid(), signal.SIGSTOP if how == "stop" else signal.SIGKILL)

    sys.addaudithook(hook)
    if not last:
        atexit.register(lambda: print(number))


if __name__ == "__main__":
    watch(int(sys.argv[1]), sys.argv[2], sys.argv[3])
    sys.argv = sys.argv[4:]
    sys.path[0] = str(Path(sys.argv[0]).parent)
    runpy.run_path(sys.argv[0], run_name="__main__")
