"""Words for messages: counts, lists and suggestions of names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun: ``1 page``, ``2 pages``."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def nearest(written: str, names: Iterable[str], cutoff: float = 0.75) -> str:
    """Return the name most similar to ``written``, ignoring case; empty if none is similar."""
    folded = {name.casefold(): name for name in names}
    matches = get_close_matches(written.casefold(), folded, 1, cutoff)
    return folded[matches[0]] if matches else ""


def names_setting(known_name: str, written: str) -> str:
    """Return the setting that makes ``written`` another name of ``known_name``."""
    name = written if re.fullmatch(r"[^\W\d][\w ]*", written) else json.dumps(written, ensure_ascii=False)
    return f"`typedwiki: names: {{{known_name}: [{name}]}}`"


def join_names(names: Sequence[str], conjunction: str = "and") -> str:
    """Join names to a list: ``a``, ``a and b``, ``a, b and c``."""
    return f" {conjunction} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
