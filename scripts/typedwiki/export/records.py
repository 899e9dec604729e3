"""The wiki as plain records: what every export says, each in its own form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from ..model import Source, WikiPage
from ..notes.note_file import minutes
from ..notes.note_links import Site
from ..pages.site import in_reading_order
from ..regex import regex

_UNWRITABLE = regex("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold or discourages; UTF-8 cannot hold the surrogates."""


@dataclass(frozen=True, slots=True)
class Node:
    """A page. Every text is one line that any of the formats can hold."""

    id: str
    type: str
    title: str
    overview: str
    domains: tuple[str, ...]
    namespace: str
    url: str
    """Of the note, relative to the notes folder."""
    updated: str
    """ISO 8601, or empty."""
    minutes: int
    sources: tuple[Source, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arc:
    """An edge between two nodes, by their ids."""

    source: str
    type: str
    target: str


@dataclass(frozen=True, slots=True)
class Records:
    """All nodes in reading order and all edges in the order of their sources."""

    title: str
    description: str
    nodes: tuple[Node, ...]
    edges: tuple[Arc, ...]


def records(site: Site, title: str, description: str) -> Records:
    """The records of a wiki."""
    edges = (Arc(clean(e.source), clean(e.type), clean(e.target)) for e in site.graph.edges)
    nodes = (_node(page, site) for page in in_reading_order(site))
    return Records(clean(title), clean(description), tuple(nodes), tuple(edges))


def clean(text: str) -> str:
    """Text on one line, without characters that some format cannot hold."""
    return text if text.isprintable() else " ".join(writable(text).split())


def writable(text: str) -> str:
    """Text without characters that some format cannot hold, its lines as they are."""
    return _UNWRITABLE.sub(" ", text)


def url_of(page: WikiPage, site: Site) -> str:
    """Address of a page's note relative to the notes folder."""
    return f"{quote(site.names[page.id])}.html"


def _node(page: WikiPage, site: Site) -> Node:
    return Node(
        clean(page.id),
        page.page_type,
        clean(page.page_title),
        clean(page.overview),
        _each(page.domains),
        clean(page.namespace),
        url_of(page, site),
        page.last_updated.isoformat() if page.last_updated else "",
        minutes(page),
        tuple(Source(clean(s.type), clean(s.title), clean(s.url)) for s in page.sources),
        _each(page.other_names),
    )


def _each(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(clean, texts))))
