"""Addresses: which ones a browser may open, and how to write them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..regex import regex
from .characters import unescaped

_SCHEME = regex(r"[^A-Za-z]*(?P<scheme>[A-Za-z][A-Za-z0-9+.\s-]*):")
_PICTURE = regex(r"""https://(?P<host>[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?)(?:[/?#][^\s<>"\\]*)?""", re.IGNORECASE)
_HOST = regex(r"(?:\*\.)?[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?", re.IGNORECASE)
ANY_HOST = "*"
_SAFE_SCHEMES = frozenset({"http", "https", "ftp", "mailto"})


def is_safe(target: str) -> bool:
    """Whether an address runs nothing. Entities and escapes hide nothing from a browser."""
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", target.strip("<>"))
    scheme = _SCHEME.match(unescaped(unescaped(text)))
    return not scheme or re.sub(r"\s", "", scheme["scheme"]).lower() in _SAFE_SCHEMES


def is_host(name: str) -> bool:
    """Whether this is a host as ``typedwiki: remote-images:`` names one: ``example.org``, ``*.example.org``."""
    return bool(_HOST.fullmatch(name))


def may_load(address: str, hosts: Sequence[str]) -> bool:
    """Whether a picture lies, by https, on one of the hosts that the site allows. What browsers might read in
    another way, such as backslashes and user names, is not on any."""
    match = _PICTURE.fullmatch(address) if hosts else None
    host = match["host"].lower() if match else ""
    return bool(host) and any(
        allowed in (ANY_HOST, host) or (allowed.startswith("*.") and host.endswith(allowed[1:])) for allowed in hosts
    )


def safe_url(url: str) -> str:
    """An address that neither Markdown, HTML nor Quarto's shortcodes can misread."""
    return re.sub(r"[\s<>\"{}`\\\ue000-\ue003]", lambda m: "".join(f"%{b:02X}" for b in m[0].encode()), url)


def is_web(address: str) -> bool:
    """Whether an address is one of the web."""
    return bool(re.match(r"(?:https?|ftp)://", address))
