"""Texts of the site in its language, and parts of the sentences that commands print."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Any

from msgspec import Struct, field

from .problems import load_own_yaml


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun: ``1 page``, ``2 pages``."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def nearest(name: str, names: Iterable[str], cutoff: float = 0.75) -> str:
    """Return the name most similar to ``name``, ignoring case; empty if none is similar."""
    folded = {name.casefold(): name for name in names}
    matches = get_close_matches(name.casefold(), folded, 1, cutoff)
    return folded[matches[0]] if matches else ""


def names_setting(known_name: str, name: str) -> str:
    """Return the setting that makes ``name`` another name of ``known_name``."""
    name = name if re.fullmatch(r"[^\W\d][\w ]*", name) else json.dumps(name, ensure_ascii=False)
    return f"`typedwiki: names: {{{known_name}: [{name}]}}`"


def join_names(names: Sequence[str], conjunction: str = "and") -> str:
    """Join names to a list: ``a``, ``a and b``, ``a, b and c``."""
    return f" {conjunction} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


ENGLISH = "en"
LANGUAGES = (ENGLISH, "de")


class Words(Struct, frozen=True):
    """Texts by key. A text may contain ``{names}`` of values."""

    language: str
    texts: Mapping[str, str]
    months: tuple[str, ...]
    schema: Mapping[str, Mapping[str, Mapping[str, str]]]
    """Names of the built-in page types and edges, in the shape of schema.yml."""
    scripts: Mapping[str, str]
    """Texts of the scripts."""
    edges: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Labels of edges in common_edges.yml."""
    rules: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Name, text and remedy of each rule, in the shape of rules.yml; empty in English."""
    messages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Messages of problems by rule and by the English message, with fields in both; empty in English."""

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with these values filled in."""
        return self.texts[key].format(**values) if values else self.texts[key]

    def count(self, key: str, number: int, **values: object) -> str:
        """Return a text with a number: the singular form, or after a bar the plural form."""
        singular, _, plural = self.texts[key].partition("|")
        text = singular if number == 1 else plural or singular
        return text.format(n=f"{number:,}".replace(",", self.texts["thousands"]), **values)

    def day(self, day: date) -> str:
        """Return a date as people write it."""
        return self.texts["day"].format(day=day.day, month=self.months[day.month - 1], year=day.year)

    def listed(self, items: list[str]) -> str:
        """Return a list as text: ``a``, ``a and b``, ``a, b and c``."""
        return join_names(items, self.texts["and"])

    def script(self, diagrams: bool) -> str:
        """Return the JavaScript file with the scripts' texts, and whether ``diagrams`` can be drawn."""
        dates = {"day": self.texts["day"], "months": self.months}
        words = {**self.scripts, **dates, "language": self.language, "diagrams": diagrams}
        text = json.dumps(words, ensure_ascii=True, separators=(",", ":")).replace("</", "<\\/")
        return f"window.typedwikiWords={text};\n"


@lru_cache(maxsize=8)
def words(language: str = ENGLISH) -> Words:
    """Return the texts of a language such as ``de`` or ``de-AT``; English if there is no file for it."""
    language = language.replace("_", "-").split("-")[0].lower()
    if language not in LANGUAGES:
        language = ENGLISH
    data: dict[str, Any] = load_own_yaml(f"languages/{language}.yml")
    schema, *more = (data.get(name) or {} for name in ("schema", "common_edges", "rules", "messages"))
    return Words(language, data["texts"], tuple(data["months"]), schema, data["scripts"], *more)


_FIELD = re.compile(r"\{(\w+)\}")
_SHARED = "all"
_PARTS = "parts"
"""Texts of fields whose names begin with ``part``: words of ours within a sentence."""


def translated(message: str, code: str, language: str) -> str:
    """Return a message or a hint of a rule in a language, found by the English one, which commands print and records
    keep; empty if the language has no text for it."""
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
