"""Choose plural, colours and icon of a page type that defines none, from its name alone."""

from __future__ import annotations

import colorsys
from functools import lru_cache
from hashlib import sha256

from .regex import regex

LIGHT, DARK = (255, 255, 255), (34, 34, 34)
"""Backgrounds of the two themes."""
_CONTRAST = (6.0, 7.0)
"""Contrast of text in a type's colour with these backgrounds. On tinted ones, such as those of cards, it must still be
4.5.
"""
_HUES = (0, 12, 24, 34, 44, 54, 68, 85, 110, 140, 158, 172, 186, 198, 210, 224, 245, 268, 288, 306, 322, 338)
"""Degrees. They are closer together where people see more colours, so that neighbours can be distinguished."""
_SATURATIONS = (0.9, 0.55)
_SIMILAR = 45
"""Hues closer than these degrees look alike in an icon's size."""
_ICONS = (
    "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z",
    "M12 2l9 10l-9 10L3 12z",
    "M12 3l9.5 17h-19z",
    "M4 4h16v16H4z",
    "M7 3h10l5 9l-5 9H7l-5-9z",
    "M9 2h6v7h7v6h-7v7H9v-7H2V9h7z",
    "M3 4h8v7H3zm10 0h8v7h-8zM3 13h8v7H3zm10 0h8v7h-8z",
    "M5 3h10l4 4v14H5zM8 11h8v2H8zm0 4h8v2H8z",
    "M12 2l3 6.6 7 .8-5.2 4.8 1.4 7L12 17.7l-6.2 3.5 1.4-7L2 9.4l7-.8z",
    "M6 2h12v20l-6-5l-6 5z",
    "M3 6h7l2 2h9v12H3z",
    "M3 5h18v3H3zm0 6h18v3H3zm0 6h18v3H3z",
    "M12 2l8 4v6c0 5-3.5 8.5-8 10c-4.5-1.5-8-5-8-10V6z",
    "M12 3c5 0 9 3.2 9 7.5S17 18 12 18l-5 4v-5C4.5 15.5 3 13.2 3 10.5C3 6.2 7 3 12 3z",
    "M3 20V10h5v10zm6.5 0V4h5v16zm6.5 0v-7h5v7z",
    "M12 2a7 7 0 0 1 7 7c0 5-7 13-7 13S5 14 5 9a7 7 0 0 1 7-7zm0 4a3 3 0 1 0 0 6a3 3 0 0 0 0-6z",
)
_MASS_NOUNS = frozenset(
    {"advice", "content", "data", "equipment", "evidence", "feedback", "gear", "guidance", "hardware", "infrastructure"}
    | {"knowledge", "music", "news", "people", "research", "series", "software", "species"}
)
_WORD = regex(r"[a-z]+")
_IRREGULAR = {"person": "people", "child": "children", "criterion": "criteria", "phenomenon": "phenomena"}
_SINGULARS = (
    *((ending, len(ending) - 2, "is") for ending in ("lyses", "theses", "crises", "noses")),
    ("ies", 0, "y"),
    *((ending, len(ending) - 2, "") for ending in ("sses", "xes", "ches", "shes", "zzes")),
    ("s", 0, ""),
)
"""Endings of plurals, the number of characters of each to keep, and the replacement."""


@lru_cache(maxsize=1 << 10)
def plural_of(name: str) -> str:
    """Return the English plural of a name's last word; the name itself if it is not in English letters."""
    before, last = _last_word(name)
    folded = last.lower()
    if not _WORD.fullmatch(folded) or folded in _MASS_NOUNS or folded.endswith("ics"):
        return name
    if folded in _IRREGULAR:
        plural = last[:1] + _IRREGULAR[folded][1:]
    elif folded.endswith("sis"):
        plural = f"{last[:-2]}es"
    elif folded.endswith("y") and folded[-2:-1] not in ("", *"aeiou"):
        plural = f"{last[:-1]}ies"
    elif folded.endswith(("s", "x", "z", "ch", "sh")):
        plural = f"{last}es"
    else:
        plural = f"{last}s"
    return before + plural


def _last_word(name: str) -> tuple[str, str]:
    """Return the part of a name before its last word, and that word."""
    start = max(map(name.rfind, " _-")) + 1
    return name[:start], name[start:]


@lru_cache(maxsize=1 << 10)
def singular_of(name: str) -> str:
    """Return the singular of an English plural: ``Playbook`` for ``Playbooks``; the name itself if it is no plural."""
    before, last = _last_word(name)
    for irregular, irregular_plural in _IRREGULAR.items():
        if last.lower() == irregular_plural:
            return f"{before}{last[:1]}{irregular[1:]}"
    if plural_of(name) == name or name.lower().endswith(("us", "ss", "is")):
        return name
    for ending, kept_length, singular in _SINGULARS:
        if name.lower().endswith(ending):
            stem = name[: len(name) - len(ending) + kept_length] + singular
            return stem if plural_of(stem) == name else name
    return name


@lru_cache(maxsize=1 << 10)
def colours_of(name: str) -> tuple[str, str]:
    """Return the colours of a type on a light and on a dark background. Equal names have equal colours."""
    number = _number(name)
    hue = _HUES[number % len(_HUES)] / 360
    saturation = _SATURATIONS[number // len(_HUES) % len(_SATURATIONS)]
    return _readable(hue, saturation, LIGHT, _CONTRAST[0]), _readable(hue, saturation, DARK, _CONTRAST[1])


def icons_of(name: str) -> list[str]:
    """Return SVG paths in a 24 × 24 box, best first. The first is used unless another type of a similar colour has
    it.
    """
    first = _number(name) // 1000 % len(_ICONS)
    return [*_ICONS[first:], *_ICONS[:first]]


def alike(first: str, second: str) -> bool:
    """Return whether two colours have similar hues, so that only icons tell their types apart."""
    hues = (360 * colorsys.rgb_to_hls(*_channels(colour))[0] for colour in (first, second))
    distance = abs(next(hues) - next(hues))
    return min(distance, 360 - distance) < _SIMILAR


def contrast(colour: str, background: tuple[int, ...]) -> float:
    """Return the contrast of two colours as WCAG 2 defines it, from 1 to 21."""
    bright, dim = sorted((_luminance(_channels(colour)), _luminance(background)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _number(name: str) -> int:
    return int.from_bytes(sha256(" ".join(name.casefold().replace("_", " ").split()).encode()).digest()[:6], "big")


def _readable(hue: float, saturation: float, background: tuple[int, ...], minimum: float) -> str:
    """Return the most vivid readable colour of a hue: the one nearest to it with the wanted contrast."""
    steps = range(100) if _luminance(background) < 0.5 else range(100, 0, -1)
    shades = (_hex(colorsys.hls_to_rgb(hue, step / 100, saturation)) for step in steps)
    return next(shade for shade in shades if contrast(shade, background) >= minimum)


def _hex(channels: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in channels)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[start : start + 2], 16) for start in (1, 3, 5))


def _luminance(channels: tuple[int, ...]) -> float:
    shares = (channel / 255 for channel in channels)
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
