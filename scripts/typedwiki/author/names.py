"""Names of pages: what a title becomes as a file name, and names that cannot be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches

from ..schema import PageType, Schema
from ..wording import nearest

_LONGEST = 180
"""Bytes: file systems allow 255, and suffixes and temporary names are added."""
_SEPARATORS = re.compile(r'[\s_<>:"|?*\\/\x00-\x1f\x7f\[\]#{}^%`]+')
"""What no file name, link or address can hold everywhere becomes an underscore."""
RESERVED = re.compile(r"(?:con|prn|aux|nul|com[1-9]|lpt[1-9])[ ]*(?:\.|$)", re.IGNORECASE)
"""Names of devices on Windows, whatever follows their dot."""


class BadNameError(ValueError):
    """A page cannot be called that; the message says why."""


def stem_of(title: str) -> str:
    """The file name, without suffix, of a page with this title: underscores for spaces.

    Raises:
        BadNameError: nothing is left of the title, or the name is one that some system reserves.
    """
    stem = _SEPARATORS.sub("_", unicodedata.normalize("NFC", title)).lstrip("_.-").rstrip("_. ")
    if not re.search(r"[^\W_]", stem):
        raise BadNameError(f"`{title}` holds no letter or digit that could name a page")
    if RESERVED.match(stem) or stem.lower() == "readme":
        raise BadNameError(f"`{stem}` cannot name a page: Windows or Quarto reserve it")
    if len(stem.encode()) > _LONGEST:
        raise BadNameError(f"`{stem[:40]}…` is too long to be a file name")
    return stem


def with_namespace(stem: str, namespace: str) -> str:
    """The name as the pages of a namespace spell it."""
    return stem if not namespace or stem.startswith(f"{namespace}_") else f"{namespace}_{stem}"


def known_type(written: str, schema: Schema) -> PageType:
    """The page type of a name.

    Raises:
        BadNameError: there is none.
    """
    if found := schema.page_type(written):
        return found
    names = schema.type_names()
    near = nearest(written, names)
    hint = f"did you mean {names[near]}?" if near else f"the types are {', '.join(schema.types)}"
    raise BadNameError(f"`{written}` is not a page type ({hint})")


def did_you_mean(written: str, known: Mapping[str, str], otherwise: str = "") -> str:
    """A hint in parentheses: the nearest of the known names, each as its value shows it, or what
    there is instead."""
    folded = {name.casefold(): shown for name, shown in known.items()}
    near = dict.fromkeys(folded[name] for name in get_close_matches(written.casefold(), folded, 3))
    if near:
        return f" (did you mean {' or '.join(near)}?)"
    return f" (there are: {otherwise})" if otherwise else ""
