"""Problems of a wiki and the rules behind them, YAML errors with places, and messages for errors of all kinds."""

from __future__ import annotations

import errno
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from msgspec import Struct
from msgspec.structs import replace

from .regex import regex
from .text.characters import escape_for_terminal

_SPECIAL = "@`%&*!|>"
"""Characters that an unquoted value cannot begin with."""
CONFLICT = regex(r"^(?:<{7}|>{7})(?: .*)?$", re.MULTILINE)


class YamlProblem(NamedTuple):
    """Line and column, from 1, and a message."""

    line: int
    column: int
    message: str


_LONGEST = 20_000
"""Characters of a text that is parsed again to find its first error, which takes quadratic time."""


SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""With libyaml, loading takes a tenth of the time."""


def load_own_yaml(name: str) -> Any:
    """Load a YAML file of this package."""
    return load_yaml(Path(__file__).parent.joinpath(name).read_text(encoding="utf-8"))


def load_yaml(text: str) -> Any:
    """Load YAML by libyaml where it is installed; errors are those of Python's parser, whose messages say more.

    Raises:
        YAMLError, ValueError, RecursionError: it is not YAML, or a date in it is impossible.
    """
    try:
        return yaml.load(text, Loader=SAFE_LOADER)  # noqa: S506 - both loaders are safe
    except (yaml.YAMLError, ValueError, RecursionError):
        return yaml.safe_load(text)


def explain_yaml_error(error: Exception, text: str, above: int = 0) -> YamlProblem:
    """Explain an error of the YAML library to the author of ``text``, which has ``above`` lines above it."""
    if mark := CONFLICT.search(text):
        return YamlProblem(
            text.count("\n", 0, mark.start()) + 1, 1, "git's conflict marks are still in it; choose one version"
        )
    place, context = getattr(error, "problem_mark", None), str(getattr(error, "context", ""))
    if "quoted" in context or "flow" in context:  # the start of the quote or bracket, not the end of the text
        place = getattr(error, "context_mark", None) or place
    line, column = (place.line + 1, place.column + 1) if place else (1, 1)
    return YamlProblem(line + above, column, _explain(error, text.split("\n"), line, column, above))


def first_yaml_problem(text: str, above: int = 0) -> YamlProblem | None:
    """Return the first YAML syntax error of a text; None if there is none (values may still be wrong)."""
    if len(text) > _LONGEST:
        return None
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                mark: Any = event.start_mark
                raise yaml.MarkedYAMLError(problem="found undefined alias", problem_mark=mark)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return explain_yaml_error(error, text, above)
    return None


def _explain(error: Exception, lines: list[str], line: int, column: int, above: int) -> str:
    reason = str(getattr(error, "problem", None) or str(error).partition("\n")[0])
    context = getattr(error, "context_mark", None)
    start_line = above + (context.line + 1 if context else line)
    text_line = lines[line - 1] if line <= len(lines) else ""
    character = text_line[column - 1 : column]
    if "cannot start any token" in reason:
        if character == "\t" or text_line[:column].strip(" ").startswith("\t"):
            return "a tab in the indentation; YAML wants spaces"
        return f"put the value in quotes: it begins with `{character}`"
    if "mapping values are not allowed" in reason:
        if text_line.count(": ") > 1 or (text_line.endswith(":") and re.search(r":\s", text_line[:-1])):
            return "put the value in quotes: it contains `: `"
        return "this line is indented differently from those above it"
    if "end of stream" in reason and "quoted" in str(getattr(error, "context", "")):
        return f"the quote that begins on line {start_line} is never closed"
    if "',' or '" in reason or "flow" in str(getattr(error, "context", "")):
        return f"the bracket that opens on line {start_line} is never closed; put text that holds brackets in quotes"
    if "expected ':'" in reason:
        return "a name with a `:` and a space behind it is expected here"
    if (
        "tag" in reason
        or "alphabetic or numeric" in reason
        or "undefined alias" in reason
        or "found unknown escape" in reason
    ):
        sign = next((c for c in text_line[text_line.find(":") + 1 :].strip()[:1] if c in _SPECIAL), "")
        return f"put the value in quotes: it begins with `{sign}`" if sign else "put the value in single quotes"
    if "expected key" in reason or "block end" in reason or "block entry" in reason or "indentation" in reason:
        return "this line does not fit the lines above it: look at its indentation, and for a quote that is not closed"
    if "out of range" in reason or "must be in" in reason:
        return "it holds a date that no calendar has"
    if "special characters" in reason or "control characters" in reason or "codec can't decode" in reason:
        return "it holds a character that YAML does not allow; save it as UTF-8"
    if reason.endswith(("is not read", "are not read")):  # our own
        return reason
    if "document start" in reason:
        return "this line is indented differently from those above it"
    return "put values in quotes that hold `:`, `#`, brackets or other signs"


SEVERITIES = ("error", "warning", "info", "off")


class StopError(Exception):
    """An error that ends a command. The message says what to do."""


class Rule(Struct, frozen=True):
    """A rule of the audit: an entry of rules.yml."""

    code: str
    name: str
    severity: str
    text: str
    example: str
    mend: str


class Problem(Struct, frozen=True, order=True):
    """A problem of the wiki. Problems sort by place, then by code."""

    path: str
    line: int
    column: int
    code: str
    severity: str
    message: str
    hint: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what identifies a problem even if its line has moved: code, path and message."""
        return self.code, self.path, self.message

    @property
    def words(self) -> str:
        """Return the message with the hint in parentheses."""
        return f"{self.message} ({self.hint})" if self.hint else self.message

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.severity} {self.code} {self.words}"


@cache
def rules() -> dict[str, Rule]:
    """Return every rule by code, in the order of rules.yml."""
    data = load_own_yaml("rules.yml")
    return {code: Rule(code, **entry) for code, entry in data.items()}


def problem(code: str, path: str, line: int, column: int, message: str, hint: str = "") -> Problem:
    """Return a problem with the default severity of its rule, which may be ``off``."""
    severity = rules()[code].severity
    # Messages quote pages and go to terminals: control characters of a page must not take effect there.
    return Problem(path, line, column, code, severity, escape_for_terminal(message), escape_for_terminal(hint))


def with_severities(problems: Iterable[Problem], severities: Mapping[str, str]) -> list[Problem]:
    """Apply the site's severities. Return the problems that are not off, sorted, each once."""
    changed = {replace(p, severity=severities.get(p.code, p.severity)) for p in problems}
    return sorted(p for p in changed if p.severity != "off")


Key = TypeVar("Key")


def unmatched(problems: Iterable[Problem], key: Callable[[Problem], Key], counts: Counter[Key]) -> list[Problem]:
    """Return the problems whose keys are not in ``counts``, from which each match is taken away."""
    remaining = []
    for problem in problems:
        if counts[key(problem)] > 0:
            counts[key(problem)] -= 1
        else:
            remaining.append(problem)
    return remaining


def explain(code: str) -> str:
    """Return the text of a rule for the command line."""
    rule = rules()[code]
    return f"{code} {rule.name} ({rule.severity})\n\n{rule.text}\n\nExample:  {rule.example}\nMend:     {rule.mend}"


def summary(problems: Iterable[Problem]) -> str:
    """Return one line with the count of each severity."""
    counts = {"error": 0, "warning": 0, "info": 0}
    for entry in problems:
        counts[entry.severity] += 1
    parts = [f"{n} {name}{'s' if n != 1 and name != 'info' else ''}" for name, n in counts.items() if n]
    return ", ".join(parts) or "no problems"


DETAILS = Path(".typedwiki/error.txt")
"""File for the traceback of an unexpected error."""
_PACKAGE = str(Path(__file__).parent)
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
    import subprocess  # as in the functions below, loaded only when there is an error

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
    import traceback

    details = "".join(traceback.format_exception(error))
    try:
        (project / DETAILS).parent.mkdir(parents=True, exist_ok=True)
        (project / DETAILS).write_text(details, encoding="utf-8")
        hint = f"details are in {project / DETAILS}"
    except OSError:
        hint = f"it comes from {traceback.extract_tb(error.__traceback__)[-1].filename}"
    return (
        f"something that should not happen has stopped this command ({type(error).__name__}); {hint}; please report it"
    )


def _is_own_message(error: Exception) -> bool:
    """Return whether an error has a message for users: its type, or the line that raises it, belongs to Typedwiki."""
    if type(error).__module__.partition(".")[0] == "typedwiki":
        return True
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    message = str(error)
    raised_here = bool(frames) and frames[-1].filename.startswith(_PACKAGE)
    return raised_here and (type(error) is ValueError or (type(error) is OSError and not error.errno and bool(message)))


def _program(command: object) -> str:
    program = command[0] if isinstance(command, (list, tuple)) and command else command
    return Path(str(program)).name


def _last_line(output: object) -> str:
    text = output.decode("utf-8", "replace") if isinstance(output, bytes) else str(output or "")
    lines = text.strip().splitlines()
    return f": {lines[-1]}" if lines else ""
