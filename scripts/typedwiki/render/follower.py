"""What lets `quarto preview` follow the wiki: its hook starts a process that builds notes anew as pages are edited.

Quarto watches the notes that it knew when it began, by their times, and renders a note again when a browser asks for
it and its text, or its page, is another than before (src/project/serve of Quarto 1.9). So the note of the page that
was edited gets a new time, and Quarto renders and shows it; other notes that changed with it keep their times, and are
rendered when somebody looks at them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ..atomic import replace_file
from ..lock import is_held
from . import SITE

if TYPE_CHECKING:
    from ..build import BuildOutcome
    from ..config import Config

PREVIEW = Path(".quarto/preview/lock")
"""Where Quarto keeps the number of the process that previews a project."""
FOLLOWER = Path(".typedwiki/follow.lock")
LOG = Path(".typedwiki/follow.log")
_TOUCHED = "assets/types.css"
"""A file of ours that Quarto's settings name: when its time changes, Quarto looks for its inputs anew."""
_LISTING = "assets/listing.yml"
_COMING = b"<!DOCTYPE html><title>New page</title><p>This page is being made.</p>\n"


def preview_of(project: Path) -> int:
    """The number of the `quarto preview` that this process is part of; 0 if it is part of none."""
    try:
        number = int((project / PREVIEW).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
    return number if number in _ancestors() else 0


def _ancestors() -> Iterator[int]:
    """The numbers of the processes that this one comes from, its parent first."""
    number = os.getppid()
    while number > 1:
        yield number
        try:
            command = ["ps", "-o", "ppid=", "-p", str(number)]
            said = subprocess.run(command, capture_output=True, check=True).stdout
            number = int(said)
        except (OSError, ValueError, subprocess.CalledProcessError):
            return


def is_running(number: int) -> bool:
    """Whether there is a process of that number."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def is_followed(project: Path) -> bool:
    """Whether a process follows the wiki."""
    return is_held(project / FOLLOWER)


def start_follower(project: Path, preview: int) -> None:
    """Let a process of its own follow the wiki until the preview ends; what it says goes where that speaks."""
    script = Path(__file__).parents[2] / "wiki.py"
    command = [sys.executable, str(script), "--project", str(project), "follow", "--until", str(preview)]
    with _voice(project, preview) as out:
        subprocess.Popen(command, cwd=project, stdin=subprocess.DEVNULL, stdout=out, stderr=out, close_fds=True)


def _voice(project: Path, preview: int) -> IO[bytes]:
    """Where the preview prints, else its terminal, else a file. Not our own output: Quarto waits for its end."""
    for path in (f"/proc/{preview}/fd/2", "/dev/tty"):
        with suppress(OSError):
            return open(path, "ab", buffering=0)  # noqa: PTH123 - a device
    return (project / LOG).open("ab", buffering=0)


def show(config: Config, built: BuildOutcome) -> None:
    """Tell Quarto's preview of what it does not look at: new and deleted notes, and files that pages load."""
    site = config.project / SITE
    if not site.is_dir():
        return
    written = built.written
    notes = f"{config.output.name}/"
    appeared = gone = False
    for name in written.changed:
        target = site / f"{notes}{name}"
        if name.endswith(".qmd"):
            page = target.with_suffix(".html")
            if not page.exists():
                appeared = True
                replace_file(page, _COMING)  # Quarto answers only for pages that are there, and then renders them
        elif target.exists() and name in built.files:
            replace_file(target, built.files[name])
    for name in written.deleted:
        if name.endswith(".qmd"):
            gone = True
            (site / f"{notes}{name}").with_suffix(".html").unlink(missing_ok=True)
    home = site / "index.html"
    if _LISTING in written.changed and home.exists():
        replace_file(home, home.read_bytes() + b"<!-- the list of pages has changed -->\n")  # so it is rendered again
    if appeared or gone:
        os.utime(config.output / _TOUCHED)
