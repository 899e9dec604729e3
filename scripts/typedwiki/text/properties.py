"""Properties of Semantic MediaWiki: ``{{#set:Has part=Page}}``, and which values are no pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..regex import regex

_SET = regex(r"\{\{#set:(?P<rows>[^{}]*)\}\}")
_QUANTITY = regex(r"[-+±~≈<>]?[\d.,:/° -]*\d.*|true|false|yes|no", re.IGNORECASE)


class Property(NamedTuple):
    """A property that a page sets without showing it."""

    name: str
    value: str
    start: int
    """Offset of the value."""


def set_properties(text: str) -> Iterator[Property]:
    """Yield what ``{{#set:…}}`` says on a page."""
    for match in _SET.finditer(text) if "{{#set:" in text else ():
        offset = match.start("rows")
        for part in match["rows"].split("|"):
            name, equals, value = part.partition("=")
            if equals and name.strip()[:1].isalpha() and value.strip() and "\n" not in value.strip():
                start = offset + len(name) + 1 + len(value) - len(value.lstrip())
                yield Property(name.strip(), value.strip(), start)
            offset += len(part) + 1


def is_quantity(value: str) -> bool:
    """Whether a value of a property is a number, a date or a yes or no, which names no page."""
    return bool(_QUANTITY.fullmatch(value.strip()))
