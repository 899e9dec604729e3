"""Run a command that is killed at its n-th change of a file: `run_killed.py N HOW FOLDER wiki.py ARGUMENTS`.

Python calls an audit hook before it opens a file for writing, renames, links or deletes one (PEP 578).
The first change is number 1. With 0 nothing is killed, and the last line printed is the number of changes.
HOW "half" cuts a file that is about to be renamed to half its size first, as if the kill had come while writing it;
"stop" stops the command (SIGSTOP) instead of killing it.
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


def install_hook(target: int, how: str, folder: str) -> None:
    """Kill or stop this process before its ``target``-th change below a folder."""
    counter = itertools.count(1)
    count = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
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
        count = next(counter)
        if count == target:
            if how == "half" and event == "os.rename" and path.endswith(".typedwiki.tmp"):
                os.truncate(path, Path(path).stat().st_size // 2)
            os.kill(os.getpid(), signal.SIGSTOP if how == "stop" else signal.SIGKILL)

    sys.addaudithook(hook)
    if not target:
        atexit.register(lambda: print(count))


if __name__ == "__main__":
    install_hook(int(sys.argv[1]), sys.argv[2], sys.argv[3])
    sys.argv = sys.argv[4:]
    sys.path[0] = str(Path(sys.argv[0]).parent)
    runpy.run_path(sys.argv[0], run_name="__main__")
