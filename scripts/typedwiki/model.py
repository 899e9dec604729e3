"""The data types that the stages pass to each other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from .text.okf_fields import Knowledge

if TYPE_CHECKING:
    from .schema import Schema

Item = TypeVar("Item")
Key = TypeVar("Key")


def grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """Return items by a key of each. The keys are in the order of their first items."""
    groups: dict[Key, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


class Span(Struct, frozen=True):
    """A range of a source file."""

    start: int
    """Offset of the first character, from 0."""
    end: int
    """Offset past the last character."""
    line: int
    """Line of the first character, from 1."""
    column: int
    """Column of the first character in characters, from 1."""


class Link(Struct, frozen=True):
    """A link as it is written: ``[[edge::Type:Target#fragment|label]]`` or a relative path."""

    target: str
    span: Span
    edge: str | None = None
    type: str | None = None
    fragment: str | None = None
    label: str | None = None
    is_path: bool = False
    """Written as a link to a file, ``[label](../Type/Target.md)`` or ``[[plan.pdf]]``."""
    written: str = ""
    """The target as pandoc reads it: the text between wiki brackets before the label, or the address."""
    embed: bool = False
    """Written ``![[Target]]``: the target's text replaces the link."""


class Source(Struct, frozen=True):
    """A source that a page cites."""

    type: str
    title: str
    url: str = ""


class RawFile(Struct, frozen=True):
    """A page file as it is on disk, decoded."""

    path: str
    """Path in messages: relative to the project if it is inside, with forward slashes."""
    page_type: str
    stem: str
    root: str
    """Folder that holds the type folder."""
    text: str
    trusted: bool = False
    """Whether the site allows its executable cells to run."""


class WikiPage(Struct, frozen=True):
    """A page parsed by itself: nothing here depends on other pages."""

    id: str
    """Type and file stem: ``Workflow/QLoRA_Finetuning``."""
    page_title: str
    page_type: str
    overview: str
    """Plain text, for listings and search."""
    content: str
    """Markdown as pandoc reads it, without the sections that the note places itself; links as written."""
    lead: str = ""
    """The first paragraph of the overview, as Markdown."""
    domains: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    sources_text: str = ""
    """Content of the page's own Sources section, as Markdown."""
    last_updated: date | None = None
    outgoing_links: tuple[Link, ...] = ()
    namespace: str = ""
    path: str = ""
    stem: str = ""
    root: str = ""
    aliases: tuple[str, ...] = ()
    commit: str = ""
    """Revision of the repository that the page describes, if the page states it."""
    images: tuple[str, ...] = ()
    """Addresses of the images on the page, as they are written."""
    annotations: tuple[tuple[str, str, str], ...] = ()
    """Bracketed texts that are not links: as written, the displayed words, and an address or ""."""
    connections_text: str = ""
    """Content of the page's own Connections section except bare links, as Markdown."""
    dialect: str = "markdown"
    """``markdown`` or ``mediawiki``."""
    redirect: str = ""
    """Name of the page that replaces this one. A redirect is not published as a page."""
    held_back: str = ""
    """The front matter key that keeps the page from being published, or ""."""
    written: tuple[tuple[str, str], ...] = ()
    """The page's own names for ``sources`` and ``connections``, where they differ."""
    minutes: int = 0
    """Reading time; 0 if it is not computed yet."""
    knowledge: Knowledge | None = None
    """Metadata in terms of the Open Knowledge Format."""
    remarks: tuple[tuple[str, str], ...] = ()
    """Remarks on sources in footnotes, beyond their titles: the number of the source, or "", and Markdown."""
    listed: tuple[tuple[str, str], ...] = ()
    """Links to reserved files and to folders of a bundle: as written, and the address relative to the notes folder."""

    @property
    def other_names(self) -> tuple[str, ...]:
        """Return the aliases that are names. An alias that begins with a slash is an address of the site."""
        return tuple(alias for alias in self.aliases if not alias.startswith("/"))

    @property
    def is_deprecated(self) -> bool:
        """Return whether the page is kept only for its links and its history."""
        return self.knowledge is not None and self.knowledge.status == "deprecated"


class Found(Struct, frozen=True):
    """The link leads to one page."""

    page_id: str
    swapped: bool = False
    """The label names the page, and the target is the displayed text, as GitHub's wikis write it."""


class Missing(Struct, frozen=True):
    """The link leads nowhere. The most similar names come first."""

    suggestions: tuple[str, ...] = ()
    unknown_type: bool = False
    held_back: str = ""
    """Id of the page, if it exists but is not published yet."""
    is_value: bool = False
    """It is not a link, but the value of a property, such as a number."""


class Ambiguous(Struct, frozen=True):
    """The link could lead to any of these."""

    candidates: tuple[str, ...]


Resolution = Found | Missing | Ambiguous


class Edge(Struct, frozen=True):
    """An edge of the graph in canonical direction."""

    source: str
    type: str
    target: str
    declared: tuple[tuple[str, Span], ...] = ()
    """Every page and place that states it, in reading order."""


class Graph(Struct, frozen=True):
    """The whole wiki with its links resolved."""

    pages: Mapping[str, WikiPage]
    edges: tuple[Edge, ...]
    resolutions: Mapping[str, tuple[Resolution, ...]]
    """By page id, one for each of its ``outgoing_links``."""
    outgoing: Mapping[str, tuple[Edge, ...]]
    incoming: Mapping[str, tuple[Edge, ...]]

    def links(self, page: WikiPage) -> Iterable[tuple[Link, Resolution]]:
        """Return the links of a page, each with what it leads to."""
        return zip(page.outgoing_links, self.resolutions[page.id], strict=True)

    def below(self, starts: Iterable[str], schema: Schema, seen: set[str] | None = None) -> Iterator[str]:
        """Yield the ids of the pages to which typed edges lead from some pages, nearest first.

        Pages that are ``seen`` are left out, by default the starts. Those that are yielded are added to them.
        """
        todo = deque(starts)
        seen = set(todo) if seen is None else seen
        while todo:
            for edge in self.outgoing.get(todo.popleft(), ()):
                if edge.target not in seen and schema.leads_down(edge.type):
                    seen.add(edge.target)
                    todo.append(edge.target)
                    yield edge.target
