"""What is wrong with a text that is not YAML, in words that say what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from .regex import regex

_SPECIAL = "@`%&*!|>"
"""Characters that a value cannot begin with unless it is in quotes."""
CONFLICT = regex(r"^(?:<{7}|>{7})(?: .*)?$", re.MULTILINE)


class Fault(NamedTuple):
    """A place, from 1, and one sentence."""

    line: int
    column: int
    message: str


_LONGEST = 20_000
"""Characters of a text that is read again to find its first fault: that takes time that grows with its square."""


def own_yaml(name: str) -> Any:
    """A YAML file of ours. libyaml reads it in a tenth of the time, where it is installed; its messages, which are
    for authors, would be others."""
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe, both of them


def fault(error: Exception, text: str, above: int = 0) -> Fault:
    """What an error of the YAML library means for somebody who wrote ``text``, with so many lines ``above`` it."""
    if mark := CONFLICT.search(text):
        return Fault(
            text.count("\n", 0, mark.start()) + 1, 1, "git's conflict marks are still in it; choose one version"
        )
    place, context = getattr(error, "problem_mark", None), str(getattr(error, "context", ""))
    if "quoted" in context or "flow" in context:  # where it begins tells more than where the text ends
        place = getattr(error, "context_mark", None) or place
    line, column = (place.line + 1, place.column + 1) if place else (1, 1)
    return Fault(line + above, column, _message(error, text.split("\n"), line, column, above))


def first_fault(text: str, above: int = 0) -> Fault | None:
    """The first thing for which a text is not YAML; None if it is, though values may still be wrong."""
    if len(text) > _LONGEST:
        return None
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                mark: Any = event.start_mark
                raise yaml.MarkedYAMLError(problem="found undefined alias", problem_mark=mark)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return fault(error, text, above)
    return None


def _message(error: Exception, lines: list[str], line: int, column: int, above: int) -> str:
    why = str(getattr(error, "problem", None) or str(error).partition("\n")[0])
    context = getattr(error, "context_mark", None)
    since = above + (context.line + 1 if context else line)
    here = lines[line - 1] if line <= len(lines) else ""
    at = here[column - 1 : column]
    if "cannot start any token" in why:
        if at == "\t" or here[:column].strip(" ").startswith("\t"):
            return "a tab in the indentation; YAML wants spaces"
        return f"put the value in quotes: it begins with `{at}`"
    if "mapping values are not allowed" in why:
        if here.count(": ") > 1 or (here.endswith(":") and re.search(r":\s", here[:-1])):
            return "put the value in quotes: it contains `: `"
        return "this line is indented differently from those above it"
    if "end of stream" in why and "quoted" in str(getattr(error, "context", "")):
        return f"the quote that begins on line {since} is never closed"
    if "',' or '" in why or "flow" in str(getattr(error, "context", "")):
        return f"the bracket that opens on line {since} is never closed; put text that holds brackets in quotes"
    if "expected ':'" in why:
        return "a name with a `:` and a space behind it is expected here"
    if "tag" in why or "alphabetic or numeric" in why or "undefined alias" in why or "found unknown escape" in why:
        sign = next((c for c in here[here.find(":") + 1 :].strip()[:1] if c in _SPECIAL), "")
        return f"put the value in quotes: it begins with `{sign}`" if sign else "put the value in single quotes"
    if "expected key" in why or "block end" in why or "block entry" in why or "indentation" in why:
        return "this line does not fit the lines above it: look at its indentation, and for a quote that is not closed"
    if "out of range" in why or "must be in" in why:
        return "it holds a date that no calendar has"
    if "special characters" in why or "control characters" in why or "codec can't decode" in why:
        return "it holds a character that YAML does not allow; save it as UTF-8"
    if why.endswith(("is not read", "are not read")):  # our own
        return why
    if "document start" in why:
        return "this line is indented differently from those above it"
    return "put values in quotes that hold `:`, `#`, brackets or other signs"
