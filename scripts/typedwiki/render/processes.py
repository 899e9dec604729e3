"""Start programs that end with us, except the follower that keeps `quarto preview` up to date.

The hook starts the follower, which rebuilds notes as pages are edited. Quarto watches the notes that existed when it
began, by their modification times. It renders a note again when a browser asks for it and its text or page has changed
(src/project/serve of Quarto 1.9). So the note of the edited page gets a new time, and Quarto renders and shows it.
Other changed notes keep their times, and are rendered when somebody opens them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ..atomic import replace_file
from ..lock import is_held
from . import SITE

if TYPE_CHECKING:
    from ..build import BuildOutcome
    from ..config import Config


GRACE_PERIOD = 3
"""Seconds that a process has to end after a signal, before a stronger one is sent."""


def interruptible() -> AbstractContextManager[None]:
    """Turn SIGTERM and SIGHUP (the terminal was closed) into a KeyboardInterrupt, like Ctrl-C."""
    return _handling(("SIGTERM", "SIGHUP"), signal.default_int_handler)


@contextmanager
def _handling(names: Sequence[str], handler: Any) -> Iterator[None]:
    """Handle these signals within this context. Only the main thread can; in other threads this does nothing.

    Signals that are already ignored, because of nohup for instance, stay ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [number for name in names if (number := getattr(signal, name, None))]
    old_handlers = {number: old for number in numbers if (old := signal.getsignal(number)) != signal.SIG_IGN}
    for number in old_handlers:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old_handler in old_handlers.items():
            signal.signal(number, old_handler)


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], output: IO[str] | None, folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in its own process group. On exit, end all processes of the group."""
    with interruptible():
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=output, cwd=folder, start_new_session=True
        )
        try:
            yield process
        finally:
            terminate(process)


def terminate(process: subprocess.Popen[bytes]) -> None:
    """End a process and the group that it leads. Ignore further interrupts until that is done."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
        process.wait()
        return
    with _handling(("SIGINT", "SIGTERM", "SIGHUP"), signal.SIG_IGN):
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_PERIOD if process.returncode is None else 0)
                break
        with suppress(ProcessLookupError):  # processes that have outlived the leader
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


PREVIEW = Path(".quarto/preview/lock")
"""Where Quarto stores the process id of a project's preview."""
FOLLOWER = Path(".typedwiki/follow.lock")
LOG = Path(".typedwiki/follow.log")
_WATCHED_BY_QUARTO = "assets/types.css"
"""A generated file that Quarto's settings name. When its time changes, Quarto lists its inputs again."""
_LISTING = "assets/listing.yml"
_PLACEHOLDER_PAGE = b"<!DOCTYPE html><title>New page</title><p>This page is being made.</p>\n"


def preview_pid(project: Path) -> int:
    """Return the process id of the `quarto preview` that has started this process; 0 if there is none."""
    try:
        number = int((project / PREVIEW).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
    return number if number in _ancestors() else 0


def _ancestors() -> Iterator[int]:
    """Yield the ids of this process's ancestors, its parent first."""
    number = os.getppid()
    while number > 1:
        yield number
        try:
            if sys.platform == "linux":
                status = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
                number = int(status.rpartition(")")[2].split()[1])  # after the name, which may hold anything
            else:
                command = ["ps", "-o", "ppid=", "-p", str(number)]
                number = int(subprocess.run(command, capture_output=True, check=True).stdout)
        except (OSError, ValueError, IndexError, subprocess.CalledProcessError):
            return


def is_running(number: int) -> bool:
    """Return whether a process with this id exists."""
    if sys.platform == "win32":  # where signal 0 is Ctrl-C
        command = ["tasklist", "/NH", "/FI", f"PID eq {number}"]
        output = subprocess.run(command, capture_output=True, check=False).stdout
        return str(number).encode() in output.split()
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def is_followed(project: Path) -> bool:
    """Return whether a process follows the wiki."""
    return is_held(project / FOLLOWER)


def start_follower(project: Path, preview: int) -> None:
    """Start a process that follows the wiki until the preview ends. It prints to the preview's output."""
    script = Path(__file__).parents[2] / "wiki.py"
    program = [str(script)] if script.exists() else ["-m", "typedwiki"]  # a clone, or the installed package
    command = [sys.executable, *program, "--project", str(project), "follow", "--until", str(preview)]
    with _preview_output(project, preview) as output:
        subprocess.Popen(command, cwd=project, stdin=subprocess.DEVNULL, stdout=output, stderr=output, close_fds=True)


def _preview_output(project: Path, preview: int) -> IO[bytes]:
    """Open the preview's output, or its terminal, or a log file. Not our own output: Quarto waits for it to close."""
    for path in (f"/proc/{preview}/fd/2", "/dev/tty"):
        with suppress(OSError):
            return open(path, "ab", buffering=0)  # noqa: PTH123 - a device
    return (project / LOG).open("ab", buffering=0)


def notify_preview(config: Config, built: BuildOutcome) -> None:
    """Tell Quarto's preview about changes that it does not watch: new and deleted notes, and files that pages load."""
    site = config.project / SITE
    if not site.is_dir():
        return
    writing = built.written
    notes = f"{config.output.name}/"
    added = deleted = False
    for name in writing.changed:
        target = site / f"{notes}{name}"
        if name.endswith(".qmd"):
            page = target.with_suffix(".html")
            if not page.exists():
                added = True
                replace_file(
                    page, _PLACEHOLDER_PAGE
                )  # Quarto answers only for pages that are there, and then renders them
        elif target.exists() and name in built.files:
            replace_file(target, built.files[name])
    for name in writing.deleted:
        if name.endswith(".qmd"):
            deleted = True
            (site / f"{notes}{name}").with_suffix(".html").unlink(missing_ok=True)
    home = site / "index.html"
    if _LISTING in writing.changed and home.exists():
        replace_file(home, home.read_bytes() + b"<!-- the list of pages has changed -->\n")  # so it is rendered again
    if added or deleted:
        os.utime(config.output / _WATCHED_BY_QUARTO)
