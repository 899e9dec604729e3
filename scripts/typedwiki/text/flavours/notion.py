"""Names of exported Notion pages."""

from __future__ import annotations

import re

from ...regex import regex

_ID = regex(r"(?<![ _+-])(?<!%20)(?:[ _+-]|%20)+[0-9a-f]{32}(?=(?:\.(?:md|csv|html))?(?:[/#?]|$))", re.IGNORECASE)


def without_notion_id(name: str) -> str:
    """A title, file name or address without the 32 hexadecimal digits that Notion adds to each of its parts."""
    return _ID.sub("", name)
