"""Explain YAML errors in words that say what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from .regex import regex

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


def load_own_yaml(name: str) -> Any:
    """Load a YAML file of this package. With libyaml that takes a tenth of the time. Files of users are not loaded
    with it, because its error messages differ."""
    text = Path(__file__).parent.joinpath(name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe, both of them


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
    """Return the first error for which a text is not YAML; None if it is YAML (values may still be wrong)."""
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
