"""What a rule of the audit may look at: the whole wiki, resolved, with the files it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..config import Settings
from ..model import Graph, RawFile, Span, WikiPage
from ..problems import Problem, problem
from ..requirements.model import WikiRequirements
from ..schema import Schema
from ..text.links import line_starts, span_at
from .outline import Outline, outline


class Ignored(NamedTuple):
    """A comment by which a page asks for silence about a rule."""

    code: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class PageFindings:
    """What the audit knows of a page by its file, whatever the other pages are."""

    outline: Outline
    problems: tuple[Problem, ...]
    """Those that the rules for single pages find."""
    ignored: tuple[Ignored, ...]


@dataclass(frozen=True)
class Context:
    """The wiki as rules see it."""

    graph: Graph
    schema: Schema
    files: Mapping[str, RawFile]
    """By page id."""
    indexes: tuple[RawFile, ...]
    """``_<Type>Index.md`` files; ``page_type`` is the type that each indexes."""
    settings: Settings
    attached: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Where the files beside pages go, by page path and the path that the page writes."""
    unshown: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """Of files beside pages that are not published why, and what to do, by the same."""
    requirements: WikiRequirements = field(default_factory=WikiRequirements)
    alone: Mapping[str, PageFindings] = field(default_factory=dict)
    """What is known of pages by themselves, by page id; the others are looked at when that is needed."""

    def pages(self) -> Iterator[WikiPage]:
        """Every page, in order of ids."""
        yield from self.graph.pages.values()

    def outline(self, page: WikiPage) -> Outline:
        """What the audit needs of a page's text."""
        known = self.alone.get(page.id)
        return known.outline if known else outline(self.files[page.id], self.schema)

    def at(self, page: WikiPage, code: str, span: Span | None, message: str, hint: str = "") -> Problem:
        """A problem on a page: at a span of its file, or at its first line."""
        line, column = (span.line, span.column) if span else (1, 1)
        return problem(code, page.path, line, column, message, hint)

    def span(self, page: WikiPage, start: int, end: int) -> Span:
        """The span of two offsets into a page's file."""
        return span_at(line_starts(self.files[page.id].text), start, end)
