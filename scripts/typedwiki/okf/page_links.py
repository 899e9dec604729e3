"""The paths in a concept's fields as links, which become edges like any other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import Link
from ..text.links import line_starts, span_at, split_fragment
from .front_matter import path_fields
from .places import value_places


def links_of_fields(text: str, fields: Mapping[str, Any]) -> list[Link]:
    """A link for each path that the fields of a page name: ``source``, ``executor``, ``attester``, ``computation``
    or ``resource`` is its edge. ``text`` is that of the page's file."""
    named = path_fields(fields)
    if not named:
        return []
    places, starts = value_places(text), line_starts(text)
    links = []
    for edge, path, place in named:
        target, fragment = split_fragment(path)
        start, end = places.get(place, (0, 0))
        quoted = text[start:end][:1] in ("'", '"') and start < end
        span = span_at(starts, start + quoted, end - quoted)
        links.append(Link(target, span, edge, fragment=fragment or None, is_path=True, written=path))
    return links
