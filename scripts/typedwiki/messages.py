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
_LONGEST = 2000
"""Characters of a message that is compared with texts; a longer one quotes a page at length."""


def translated(message: str, code: str, language: str) -> str:
    """Return a message or a hint of a rule in a language; empty if the language has no text for it."""
    if len(message) > _LONGEST:
        return ""
    for pattern, text in _texts(code, language):
        if match := pattern.fullmatch(message):
            values = match.groupdict()
            parts = {name: translated(value, _PARTS, language) for name, value in values.items() if name[:4] == "part"}
            return text.format(**{name: parts.get(name) or value for name, value in values.items()})
    return ""


@cache
def _texts(code: str, language: str) -> list[tuple[re.Pattern[str], str]]:
    """Return patterns of a rule's English messages, in the order of the language's file, and their texts."""
    texts = words(language).messages
    own = {**texts.get(code, {}), **(texts.get(_SHARED, {}) if code != _PARTS else {})}
    return [(_pattern(english), text) for english, text in own.items()]


def _pattern(english: str) -> re.Pattern[str]:
    parts = _FIELD.split(english)
    return re.compile("".join(f"(?P<{p}>.*?)" if i % 2 else re.escape(p) for i, p in enumerate(parts)), re.DOTALL)
