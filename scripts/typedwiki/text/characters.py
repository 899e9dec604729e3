"""Hidden and misleading characters, and safe addresses."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Callable, Iterator, Sequence

from ..regex import regex

_ALWAYS = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters: HTML and XML forbid them, terminals obey them
    "\u202a-\u202e\u2066-\u2069"  # reverse the direction of text, so it is displayed differently from what is written
    "\u180e\u2061-\u2065\u206a-\u206f\u3164\ufeff\uffa0"  # invisible, but read by programs
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\ue000-\ue003"  # marks of the converter
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # not characters
)
_JOINERS = "\u200b-\u200d\u2060"
"""Needed in Persian, Indic languages, emoji and typesetting, but never three in a row."""
_SELECTORS = "\ufe00-\ufe0f"
"""Choose a form of the preceding character. One is enough."""
_IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TAGS = "\U000e0000-\U000e0fff"
"""Tags, which spell out invisible text, and selectors of forms of ideographs."""
_FLAG = "\U0001f3f4(?:{})\U000e007f".format(
    "|".join("".join(chr(0xE0000 + ord(letter)) for letter in land) for land in ("gbeng", "gbsct", "gbwls"))
)
_HIDDEN = regex(
    f"(?P<flag>{_FLAG})"
    f"|(?P<form>[{_IDEOGRAPHS}][\U000e0100-\U000e01ef](?![{_TAGS}]))"
    f"|[{_ALWAYS}{_TAGS}]"
    f"|[{_JOINERS}](?=[{_JOINERS}]{{2}})|(?<=[{_JOINERS}])[{_JOINERS}](?=[{_JOINERS}])"
    f"|(?<=[{_JOINERS}]{{2}})[{_JOINERS}]"
    f"|(?<=[{_SELECTORS}])[{_SELECTORS}]"
)
_LINE_END = regex("[\n\r\u2028\u2029]")
_ENTITY = regex(r"&#(?:[xX](?P<hex>[0-9a-fA-F]{1,6})|(?P<decimal>\d{1,7}));")
_RUN = regex(f"[{_ALWAYS}{_TAGS}{_JOINERS}{_SELECTORS}]+")
"""One set, because a text is searched much faster for it than for alternatives."""
_CONTROL = regex(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""The ASCII characters among them: a small set is faster still."""


def hidden_characters(text: str) -> list[tuple[int, str]]:
    """Return offset and code point, such as ``U+202E``, of each hidden character."""
    matches = ((run.start() - len(before), match) for run, before in _runs(text) for match in _hidden_in(before, run))
    return [(start + match.start(), f"U+{ord(match[0]):04X}") for start, match in matches]


def hidden_entities(text: str) -> list[tuple[int, str]]:
    """Return the same for characters that are written as numeric entities, such as ``&#x202E;``."""
    numbers = (
        (match.start(), int(match["hex"], 16) if match["hex"] else int(match["decimal"]))
        for match in _ENTITY.finditer(text)
    )
    return [(at, f"U+{code:04X}") for at, code in numbers if code <= sys.maxunicode and hidden_characters(chr(code))]


def _runs(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield runs of possibly hidden characters, each with the character before it, which decides."""
    if text.isascii() and not _CONTROL.search(text):
        return iter(())
    return ((run, text[max(0, run.start() - 1) : run.start()]) for run in _RUN.finditer(text))


def _hidden_in(before: str, run: re.Match[str]) -> Iterator[re.Match[str]]:
    return (match for match in _HIDDEN.finditer(before + run[0]) if not match.lastgroup)


def replace_hidden(text: str) -> str:
    """Return the text with each hidden character replaced by U+FFFD. Offsets stay the same."""
    return _substitute_hidden(text, lambda character: "\ufffd")


def _substitute_hidden(text: str, replacement: Callable[[str], str]) -> str:
    parts: list[str] = []
    position = 0
    for run, before in _runs(text):
        for match in _hidden_in(before, run):
            start = run.start() - len(before) + match.start()
            parts += (text[position:start], replacement(match[0]))
            position = start + 1
    return "".join([*parts, text[position:]]) if parts else text


def decode_entities(text: str) -> str:
    """Return the text with HTML's entities decoded."""
    return replace_hidden(html.unescape(text)) if "&" in text else text


def escape_for_terminal(text: str) -> str:
    """Return a line for a terminal. Characters that would move the cursor, colour or hide text are shown as numbers."""

    def number(character: str) -> str:
        return f"\\u{ord(character):04x}"

    return _LINE_END.sub(lambda m: number(m[0]), _substitute_hidden(text, number))


_SCHEME = regex(r"[^A-Za-z]*(?P<scheme>[A-Za-z][A-Za-z0-9+.\s-]*):")
_PICTURE = regex(r"""https://(?P<host>[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?)(?:[/?#][^\s<>"\\]*)?""", re.IGNORECASE)
_HOST = regex(r"(?:\*\.)?[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?", re.IGNORECASE)
ANY_HOST = "*"
_SAFE_SCHEMES = frozenset({"http", "https", "ftp", "mailto"})


def is_safe(target: str) -> bool:
    """Return whether an address cannot execute code. Entities and escapes are decoded first, as browsers do."""
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", target.strip("<>"))
    scheme = _SCHEME.match(decode_entities(decode_entities(text)))
    return not scheme or re.sub(r"\s", "", scheme["scheme"]).lower() in _SAFE_SCHEMES


def is_host(name: str) -> bool:
    """Return whether a name is a host for ``typedwiki: remote-images:``: ``example.org``, ``*.example.org``."""
    return bool(_HOST.fullmatch(name))


def may_load(address: str, hosts: Sequence[str]) -> bool:
    """Return whether a picture has an https address on one of the hosts that the site allows.

    Addresses that browsers might read differently, such as those with backslashes or user names, are not allowed.
    """
    match = _PICTURE.fullmatch(address) if hosts else None
    host = match["host"].lower() if match else ""
    return bool(host) and any(
        allowed in (ANY_HOST, host) or (allowed.startswith("*.") and host.endswith(allowed[1:])) for allowed in hosts
    )


def safe_url(url: str) -> str:
    """Return an address that neither Markdown, HTML nor Quarto's shortcodes can misread."""
    return re.sub(r"[\s<>\"{}`\\\ue000-\ue003]", lambda m: "".join(f"%{b:02X}" for b in m[0].encode()), url)


def is_web(address: str) -> bool:
    """Return whether an address is on the web."""
    return bool(re.match(r"(?:https?|ftp)://", address))
