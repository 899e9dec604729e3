"""Names of pages as people read them."""

from __future__ import annotations

import re


def display_name(stem: str, namespace: str) -> str:
    """A file stem as people read it, without its namespace."""
    short = stem[len(namespace) + 1 :] if namespace and stem.startswith(f"{namespace}_") else stem
    return re.sub(r"[\s_]+", " ", short).strip() or stem
