"""Numbers and names in sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 page``, ``2 pages``."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def nearest(written: str, names: Iterable[str], cutoff: float = 0.75) -> str:
    """The name that is spelt most like ``written``, whatever the case; empty if none is near."""
    folded = {name.casefold(): name for name in names}
    near = get_close_matches(written.casefold(), folded, 1, cutoff)
    return folded[near[0]] if near else ""


def naming(meant: str, written: str) -> str:
    """The setting by which something that the wiki calls ``written`` is understood."""
    name = written if re.fullmatch(r"[^\W\d][\w ]*", written) else json.dumps(written, ensure_ascii=False)
    return f"`typedwiki: names: {{{meant}: [{name}]}}`"


def listed(names: Sequence[str], last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
