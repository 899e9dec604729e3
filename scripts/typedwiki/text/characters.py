"""Characters that no page may hold, however it writes them: as themselves, as entities, in YAML."""

from __future__ import annotations

import html
import re

_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # HTML and XML forbid control characters, terminals obey them
    "\u202a-\u202e\u2066-\u2069"  # these turn text around: what is shown is not what is written
    "\ue000-\ue003"  # these mark what the converter has set aside
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # these are no characters
)


def hidden(text: str) -> list[tuple[int, str]]:
    """Offset and code point, such as ``U+202E``, of each character that is not shown."""
    return [(match.start(), f"U+{ord(match[0]):04X}") for match in _HIDDEN.finditer(text)]


def shown(text: str) -> str:
    """The text with U+FFFD in the place of each such character, so that offsets stay true."""
    return _HIDDEN.sub("\ufffd", text)


def unescaped(text: str) -> str:
    """HTML's entities as what they stand for."""
    return shown(html.unescape(text)) if "&" in text else text


def escaped(text: str) -> str:
    """A line for a terminal: what would move the cursor, colour or hide text is shown by its number."""
    return re.sub(rf"{_HIDDEN.pattern}|[\n\r\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", text)
