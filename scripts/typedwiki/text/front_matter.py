"""YAML front matter, with values as people mean them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

import yaml

from ..regex import regex
from .characters import shown

FRONT_MATTER = regex(
    r"\A---[ \t]*\n(?P<yaml>(?:(?!---[ \t]*$|\.\.\.[ \t]*$).*\n)*)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE
)
_DEEPEST = 20
"""Lists and mappings within one another."""
YAML_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Reads every value as text: `3.10`, `007`, `1:30`, `yes` and dates stay what somebody wrote."""


class FrontMatter(NamedTuple):
    """The front matter of a page."""

    fields: dict[str, Any]
    end: int
    """Offset past it; 0 for a page without front matter."""
    error: tuple[int, int, str] | None = None
    """Line and column from 1, and what is wrong, if it is not YAML."""


@lru_cache(maxsize=64)
def read_front_matter(text: str) -> FrontMatter:
    """The front matter of a page's text.

    Only a YAML mapping is front matter, or nothing at all between the fences: a page may as well begin with a
    rule, which a blank line or running text follows.
    """
    match = FRONT_MATTER.match(text)
    if not match or match["yaml"].startswith(("\n", " \n", "\t\n")):
        return FrontMatter({}, 0)
    if not match["yaml"].strip():
        return FrontMatter({}, match.end())
    try:
        data = _legible(_load(match["yaml"]))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 2, mark.column + 1) if mark else (1, 1)
        why = getattr(error, "problem", None) or str(error).splitlines()[0]
        return FrontMatter({}, match.end(), (line, column, why))
    return FrontMatter(data, match.end()) if isinstance(data, dict) else FrontMatter({}, 0)


def without_front_matter(text: str) -> str:
    """The text with its front matter blanked out, so that offsets stay true."""
    end = read_front_matter(text).end
    return re.sub(r"[^\n]", " ", text[:end]) + text[end:] if end else text


def _load(text: str) -> Any:
    """YAML as data. Aliases could unfold to gigabytes, and depth would overflow the loader's stack.

    Raises:
        yaml.YAMLError, ValueError: it is not YAML, or has what is not read.
    """
    depth = 0
    event: Any
    for event in yaml.parse(text, Loader=YAML_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if getattr(event, "anchor", None) or depth > _DEEPEST:
            what = "nesting as deep as this is not read" if depth > _DEEPEST else "anchors and aliases are not read"
            raise yaml.MarkedYAMLError(problem=what, problem_mark=event.start_mark)
    return yaml.load(text, Loader=YAML_LOADER)  # noqa: S506 - it makes strings, lists and mappings only


def _legible(value: Any) -> Any:
    """YAML can write any character by its number."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, list):
        return [_legible(item) for item in value]
    if isinstance(value, dict):
        return {_legible(name): _legible(item) for name, item in value.items()}
    return value
