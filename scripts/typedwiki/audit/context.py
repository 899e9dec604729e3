"""The input of a rule: the resolved wiki and its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from ..config import Settings
from ..listings import Listings
from ..model import Graph, RawFile, Span, WikiPage
from ..problems import Problem, problem
from ..requirements.model import WikiRequirements
from ..schema import Schema
from ..text.lines import line_starts, span_at
from .outline import Outline, outline

if TYPE_CHECKING:
    from .rules_index import Contents


class Ignored(NamedTuple):
    """A comment by which a page suppresses a rule."""

    code: str
    line: int
    column: int


class PageFindings(Struct, frozen=True):
    """The findings of the audit in a page's file, independent of other pages."""

    outline: Outline
    problems: tuple[Problem, ...]
    """The results of the rules for single pages."""
    ignored: tuple[Ignored, ...]


class Context(Struct, frozen=True):
    """The wiki as rules see it."""

    graph: Graph
    schema: Schema
    files: Mapping[str, RawFile]
    """The files of pages, by page id."""
    indexes: tuple[RawFile, ...]
    """``_<Type>Index.md`` files. Their ``page_type`` is the type that they list."""
    settings: Settings
    attached: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Published paths of files beside pages, by page path and the path that the page writes."""
    unpublished: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """Why files beside pages are not published, and what to do about it, by the same key."""
    requirements: WikiRequirements = field(default_factory=WikiRequirements)
    findings: Mapping[str, PageFindings] = field(default_factory=dict)
    """Cached findings by page id. Pages without an entry are inspected when needed."""

    index_contents: dict[str, Contents] = field(default_factory=dict)
    """The entries and marks of index files by fingerprint, kept between builds (see ``rules_index``)."""
    listings: Listings = field(default_factory=Listings)
    """The reserved files of a bundle."""
    left_out: tuple[str, ...] = ()
    """Markdown files of the wiki that are neither pages nor reserved, by path."""

    def pages(self) -> Iterator[WikiPage]:
        """Yield every page, ordered by id."""
        yield from self.graph.pages.values()

    def outline(self, page: WikiPage) -> Outline:
        """Return the outline of a page."""
        findings = self.findings.get(page.id)
        return findings.outline if findings else outline(self.files[page.id], self.schema)

    def problem_at(self, page: WikiPage, code: str, span: Span | None, message: str, hint: str = "") -> Problem:
        """Return a problem of a page, at a span of its file or at its first line."""
        line, column = (span.line, span.column) if span else (1, 1)
        return problem(code, page.path, line, column, message, hint)

    def problem_at_title(self, page: WikiPage, code: str, message: str, hint: str = "") -> Problem:
        """Return a problem of a page as a whole, at its title."""
        return self.problem_at(page, code, self.outline(page).title, message, hint)

    def span(self, page: WikiPage, start: int, end: int) -> Span:
        """Return the span between two offsets in a page's file."""
        return span_at(line_starts(self.files[page.id].text), start, end)
