"""The edges that the fields of concepts state, for a schema that does not know them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..model import WikiPage
from ..schema import ANY, EdgeType, Schema
from ..words import Words
from .records import FIELD_EDGES


def with_field_edges(schema: Schema, pages: Iterable[WikiPage], words: Words) -> Schema:
    """The schema with those of these edges that pages state: associations, between pages of any types."""
    used = {link.edge for page in pages for link in page.outgoing_links if link.edge in FIELD_EDGES}
    new = {
        name: EdgeType(
            name,
            frozenset({ANY}),
            frozenset({ANY}),
            words(f"edge-{name}"),
            words(f"edge-{name}-inverse"),
            association=True,
            open=True,
        )
        for name in sorted(filter(None, used))
        if not schema.orientations(name)
    }
    return replace(schema, edges={**schema.edges, **new}) if new else schema
