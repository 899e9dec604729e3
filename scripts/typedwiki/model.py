"""The vocabulary: what the stages hand to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from msgspec import Struct

from .text.okf_fields import Knowledge


class Span(Struct, frozen=True):
    """A stretch of a source file."""

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
    """Written as a link to a file, ``[label](../Type/Target.md)``."""
    written: str = ""
    """The target as pandoc reads it: what stands between wiki brackets before the label, or the address."""
    embed: bool = False
    """Written ``![[Target]]``: the target's text is shown in the place of the link."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a page's knowledge comes from."""

    type: str
    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class RawFile:
    """A page file as it is on disk, decoded."""

    path: str
    """As messages name it: relative to the project where it lies inside, with forward slashes."""
    page_type: str
    stem: str
    root: str
    """Folder that holds the type folder."""
    text: str
    trusted: bool = False
    """Whether the site says that its executable cells may run."""


@dataclass(frozen=True, slots=True)
class WikiPage:
    """A page, understood by itself: nothing here depends on other pages."""

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
    """What the page's own Sources section says, as Markdown."""
    last_updated: date | None = None
    outgoing_links: tuple[Link, ...] = ()
    namespace: str = ""
    path: str = ""
    stem: str = ""
    root: str = ""
    aliases: tuple[str, ...] = ()
    commit: str = ""
    """Revision of the repository that the page describes, when it says so."""
    images: tuple[str, ...] = ()
    """Addresses of the images that the page shows, as they are written."""
    annotations: tuple[tuple[str, str, str], ...] = ()
    """What stands in brackets but is no link: as written, the words it shows, and an address or ""."""
    connections_text: str = ""
    """What the page's own Connections section says beyond bare links, as Markdown."""
    dialect: str = "markdown"
    """``markdown`` or ``mediawiki``."""
    redirect: str = ""
    """The name of the page that takes this one's place, which is then no page of its own."""
    held_back: str = ""
    """The front matter key that keeps the page from being published, or ""."""
    written: tuple[tuple[str, str], ...] = ()
    """What the page calls ``sources`` and ``connections``, where it has other names for them."""
    minutes: int = 0
    """How long the page takes to read; 0 if nobody has counted yet."""
    knowledge: Knowledge | None = None
    """What the page says in the words of the Open Knowledge Format."""
    remarks: tuple[tuple[str, str], ...] = ()
    """What footnotes say of sources beyond their titles: the number of the source, or "", and Markdown."""
    listed: tuple[tuple[str, str], ...] = ()
    """Links to reserved files and to folders of a bundle: as written, and the address relative to the notes folder."""

    @property
    def other_names(self) -> tuple[str, ...]:
        """The aliases that are names: one that begins with a slash is an address of the site."""
        return tuple(alias for alias in self.aliases if not alias.startswith("/"))

    @property
    def is_deprecated(self) -> bool:
        """Whether the page is kept for its links and its history alone."""
        return self.knowledge is not None and self.knowledge.status == "deprecated"


@dataclass(frozen=True, slots=True)
class Found:
    """The link leads to one page."""

    page_id: str
    swapped: bool = False
    """The label names the page, and the target is what readers see, as GitHub's wikis write it."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The link leads nowhere; the nearest names come first."""

    suggestions: tuple[str, ...] = ()
    unknown_type: bool = False
    held_back: str = ""
    """The id of the page, if there is one that is not published yet."""
    is_value: bool = False
    """It is no link, but the value of a property, such as a number."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The link could lead to any of these."""

    candidates: tuple[str, ...]


Resolution = Found | Missing | Ambiguous


@dataclass(frozen=True, slots=True)
class Edge:
    """A member of the edge set, in canonical direction."""

    source: str
    type: str
    target: str
    declared: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    """Every page and place that states it, in reading order."""


@dataclass(frozen=True)
class Graph:
    """The whole wiki, resolved."""

    pages: Mapping[str, WikiPage]
    edges: tuple[Edge, ...]
    resolutions: Mapping[str, tuple[Resolution, ...]]
    """By page id, one for each of its ``outgoing_links``."""
    outgoing: Mapping[str, tuple[Edge, ...]]
    incoming: Mapping[str, tuple[Edge, ...]]
