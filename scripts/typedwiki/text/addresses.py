"""Addresses: which ones a browser may open, and how to write them."""

from __future__ import annotations

import re

from .characters import unescaped

_SCHEME = re.compile(r"[^A-Za-z]*(?P<scheme>[A-Za-z][A-Za-z0-9+.\s-]*):")
_SAFE_SCHEMES = frozenset({"http", "https", "ftp", "mailto"})


def is_safe(target: str) -> bool:
    """Whether an address runs nothing. Entities and escapes hide nothing from a browser."""
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", target.strip("<>"))
    scheme = _SCHEME.match(unescaped(unescaped(text)))
    return not scheme or re.sub(r"\s", "", scheme["scheme"]).lower() in _SAFE_SCHEMES


def safe_url(url: str) -> str:
    """An address that neither Markdown, HTML nor Quarto's shortcodes can misread."""
    return re.sub(r"[\s<>\"{}`\\\ue000-\ue003]", lambda m: "".join(f"%{b:02X}" for b in m[0].encode()), url)


def is_web(address: str) -> bool:
    """Whether an address is one of the web."""
    return bool(re.match(r"(?:https?|ftp)://", address))
