"""Messages of problems in the language of the site.

Rules write English, which commands print, records keep and the baseline compares. The page that shows problems finds
the text of its language by the English one.
"""

from __future__ import annotations

import re
from functools import cache

from .words import words

_FIELD = re.compile(r"\{(\w+)\}")
_SHARED = "all"
_PARTS = "parts"
"""Texts of fields whose names begin with ``part``: words of ours within a sentence."""


def translated(message: str, code: str, language: str) -> str:
    """Return a message or a hint of a rule in a language; empty if the language has no text for it."""
    for parts, text in _texts(code, language):
        if (values := _values(parts, message)) is not None:
            inner = {name: translated(value, _PARTS, language) for name, value in values.items() if name[:4] == "part"}
            return text.format(**{name: inner.get(name) or value for name, value in values.items()})
    return ""


@cache
def _texts(code: str, language: str) -> list[tuple[list[str], str]]:
    """Return a rule's English messages, each divided at its fields, and their texts, in the order of the language's
    file."""
    texts = words(language).messages
    own = {**texts.get(code, {}), **(texts.get(_SHARED, {}) if code != _PARTS else {})}
    return [(_FIELD.split(english), text) for english, text in own.items()]


def _values(parts: list[str], message: str) -> dict[str, str] | None:
    """Return the values of the fields in a message, each as short as can be; None if the message is another.

    ``parts`` are literal texts and the names of the fields between them, in turn.
    """
    first, *rest = parts
    if not rest:
        return {} if message == first else None
    if not message.startswith(first):
        return None
    start, values = len(first), {}
    for number, (name, literal) in enumerate(zip(rest[::2], rest[1::2], strict=True), 1):
        is_last = 2 * number == len(rest)
        end = len(message) - len(literal) if is_last else message.find(literal, start)
        if end < start or not message.startswith(literal, end):
            return None
        values[name] = message[start:end]
        start = end + len(literal)
    return values
