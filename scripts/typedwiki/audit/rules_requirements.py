"""Rules about what Environments ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model import Span, WikiPage
from ..needs.requirements import environments_on_path, merge, requirements_of
from ..needs.versions import Merged, Requirement
from ..problems import Problem
from .context import Context


def conflict(context: Context) -> Iterator[Problem]:
    """Q001: versions that the Environments of a Workflow ask for and that cannot all hold."""
    graph, types = context.graph, context.schema.types
    for page in context.pages():
        if types[page.page_type].rank != 0:
            continue
        environments = environments_on_path(page.id, graph, context.schema)
        for merged in merge(asked for one in environments for asked in requirements_of(graph.pages[one])):
            if merged.conflict and not merged.optional:
                yield _problem(context, page, merged)


def _problem(context: Context, workflow: WikiPage, merged: Merged) -> Problem:
    asked = [r for r in merged.requirements if r.specifier is not None and not r.optional]
    pages = context.graph.pages
    said = dict.fromkeys(f"{r.environment} asks for `{r.written}`" for r in asked)
    message = f"no version of {merged.name} suits Workflow `{workflow.page_title}`: {', '.join(said)}"
    first = pages[asked[0].environment]
    return context.at(first, "Q001", _place(context, first, asked[0]), message)


def _place(context: Context, page: WikiPage, asked: Requirement) -> Span | None:
    """The first line that declares a requirement, or else that names it."""
    text = context.files[page.id].text
    wanted = _bare(asked.written)
    name = re.compile(rf"(?<![\w-]){re.escape(asked.name)}(?![\w-])", re.IGNORECASE)
    named: Span | None = None
    start = 0
    for line in text.splitlines(keepends=True):
        if wanted in _bare(line):
            return _span(context, page, start, line)
        if not named and name.search(line):
            named = _span(context, page, start, line)
        start += len(line)
    return named


def _span(context: Context, page: WikiPage, start: int, line: str) -> Span:
    return context.span(page, start + len(line) - len(line.lstrip()), start + len(line.rstrip()))


def _bare(text: str) -> str:
    """Without markup and spaces, which a page's own dialect writes differently."""
    return re.sub(r"</?\w+>|&nbsp;|[\s`'\"*|\\]", "", text.replace("&lt;", "<").replace("&gt;", ">")).casefold()


RULES = (conflict,)
