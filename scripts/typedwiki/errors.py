"""Describe errors of libraries and of the system in words for users."""

from __future__ import annotations

import errno
import json
import subprocess
import traceback
from pathlib import Path

import yaml

from .problems import StopError

DETAILS = Path(".typedwiki/error.txt")
"""File for the traceback of an unexpected error."""
_HERE = str(Path(__file__).parent)
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is used up",
    errno.EROFS: "the disk can only be read",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ENOENT: "there is no such file or folder",
    errno.ENOTDIR: "a file stands where a folder is expected",
    errno.EISDIR: "a folder stands where a file is expected",
    errno.EEXIST: "it is there already",
    errno.EMFILE: "too many files are open; end other programs, or raise the limit (`ulimit -n`)",
    errno.ENAMETOOLONG: "the name is too long for this disk",
    errno.ELOOP: "links lead to each other in a circle",
}


def expected_error(error: Exception) -> str:
    """Return the message of an expected error; empty for an unexpected one.

    Errors that this program raises have messages for users already.
    """
    if isinstance(error, StopError) or _is_own_message(error):
        return str(error)
    if isinstance(error, subprocess.CalledProcessError):
        return (
            f"`{_program(error.cmd)}` failed with status {error.returncode}{_last_line(error.stderr or error.output)}"
        )
    if isinstance(error, subprocess.TimeoutExpired):
        return f"`{_program(error.cmd)}` did not end within {error.timeout:.0f} seconds"
    if isinstance(error, OSError):
        reason = _REASONS.get(error.errno or 0) or error.strerror or "it cannot be read or written"
        second = f" and {error.filename2}" if error.filename2 else ""
        return f"{error.filename}{second}: {reason}" if error.filename else reason
    if isinstance(error, UnicodeError):
        return "a file is not UTF-8; save it as UTF-8"
    if isinstance(error, json.JSONDecodeError):
        return f"a record is not JSON at its line {error.lineno}; delete it, or take the version that git has"
    if isinstance(error, yaml.YAMLError):
        return "a file is not YAML; `wiki.py check` says which and why"
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    return ""


def describe_error(error: Exception, project: Path) -> str:
    """Return the message of any error. The traceback of an unexpected error is saved in the project."""
    if words := expected_error(error):
        return words
    details = "".join(traceback.format_exception(error))
    try:
        (project / DETAILS).parent.mkdir(parents=True, exist_ok=True)
        (project / DETAILS).write_text(details, encoding="utf-8")
        where = f"details are in {project / DETAILS}"
    except OSError:
        where = f"it comes from {traceback.extract_tb(error.__traceback__)[-1].filename}"
    return (
        f"something that should not happen has stopped this command ({type(error).__name__}); {where}; please report it"
    )


def _is_own_message(error: Exception) -> bool:
    """Whether an error has a message for users: its type, or the line that raises it, belongs to this program."""
    if type(error).__module__.partition(".")[0] == "typedwiki":
        return True
    frames = traceback.extract_tb(error.__traceback__)
    message = str(error)
    raised_here = bool(frames) and frames[-1].filename.startswith(_HERE)
    return raised_here and (type(error) is ValueError or (type(error) is OSError and not error.errno and bool(message)))


def _program(command: object) -> str:
    program = command[0] if isinstance(command, (list, tuple)) and command else command
    return Path(str(program)).name


def _last_line(output: object) -> str:
    text = output.decode("utf-8", "replace") if isinstance(output, bytes) else str(output or "")
    lines = text.strip().splitlines()
    return f": {lines[-1]}" if lines else ""
