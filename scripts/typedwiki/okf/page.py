"""What the parser asks of the Open Knowledge Format, for one page."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from ..model import Link, Source
from ..text.characters import is_web
from ..text.metadata import parse_source
from .citations import with_citations
from .details import nested_fields
from .front_matter import read_knowledge
from .page_links import links_of_fields
from .records import Knowledge, instant, path_of


class Understood(NamedTuple):
    """What a page's front matter says in OKF's words."""

    knowledge: Knowledge | None
    links: tuple[Link, ...]
    """The paths that its fields name."""
    fields: dict[str, Any]
    """Those that are left for others to read."""
    details: list[tuple[str, str]]
    """Those with parts of their own that nobody reads: name and Markdown."""


def understand(text: str, fields: Mapping[str, Any], linking: Collection[str] = ()) -> Understood:
    """Read the front matter of a page; ``text`` is that of its file, and ``linking`` are the fields that only name
    links."""
    if not fields.get("type"):
        return Understood(None, (), dict(fields), [])
    knowledge, left = read_knowledge(fields)
    links = links_of_fields(text, fields) if knowledge else []
    left, details = nested_fields({name: value for name, value in left.items() if name not in linking})
    return Understood(knowledge, tuple(links), left, details)


def cite(body: str, knowledge: Knowledge | None, wiki: bool) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A page's body with its citations, and what its footnotes say beyond the sources."""
    if wiki or not knowledge:
        return body, ()
    cited = with_citations(body, knowledge.sources)
    return cited.text, cited.remarks


def day_of(knowledge: Knowledge | None) -> date | None:
    """The day of a page's last change."""
    moment = instant(knowledge.generated.at) if knowledge and knowledge.generated else None
    return moment.date() if moment else None


def sources_of(knowledge: Knowledge | None) -> Iterator[Source]:
    """The sources as the exports know them."""
    for source in knowledge.sources if knowledge else ():
        if is_web(source.resource):
            read = parse_source(source.resource)
            kind = source.kind or (read.type if read else "Web")
            yield Source(kind, source.title or (read.title if read else ""), source.resource)
        else:
            yield Source(source.kind or ("Page" if path_of(source.resource) else "Scope"), source.name)
