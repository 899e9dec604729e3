"""Rules about what Environments ask for."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Span
from ..problems import Problem
from ..requirements.merge import MergedRequirement, environments_on_path, merge
from ..requirements.model import Origin, Remark, Requirement, Systems, Versions
from .context import Context


def conflict(context: Context) -> Iterator[Problem]:
    """Q001: what the Environments of a Workflow ask for and that cannot all hold."""
    graph, types = context.graph, context.schema.types
    for page in context.pages():
        if types[page.page_type].rank != 0:
            continue
        environments = environments_on_path(page.id, graph, context.schema)
        asked = merge(row for one in environments for row in context.requirements.rows.get(one, ()))
        for merged in (*asked.facts, *asked.packages):
            if merged.conflict and not merged.optional:
                yield _conflict(context, page.page_title, merged)


def _conflict(context: Context, workflow: str, merged: MergedRequirement) -> Problem:
    asked = [row for row in merged.rows if not row.optional and _says_something(row)]
    said = dict.fromkeys(f"{row.origin.page} (line {row.origin.line}) asks for `{_said(row)}`" for row in asked)
    what = "operating system" if merged.name == "OS" else f"version of {merged.name}"
    return _at(context, "Q001", asked[0].origin, f"no {what} suits Workflow `{workflow}`: {', '.join(said)}")


def _said(row: Requirement) -> str:
    if row.kind == "fact" and not row.written.casefold().startswith(row.name.casefold()):
        return f"{row.name} {row.written}"
    return row.written


def _says_something(row: Requirement) -> bool:
    return bool(len(row.specifier) or row.url or isinstance(row.value, (Systems, Versions)))


def inheritance(context: Context) -> Iterator[Problem]:
    """Q002: a page that takes over the requirements of none, or of one that takes over its own."""
    yield from _remarks(context, "Q002", context.requirements.inheritance)


def unclear(context: Context) -> Iterator[Problem]:
    """Q003: a line that names a dependency in no form that is understood."""
    yield from _remarks(context, "Q003", context.requirements.unclear)


def disagreement(context: Context) -> Iterator[Problem]:
    """Q004: an install command that says something else than the lists of its page."""
    yield from _remarks(context, "Q004", context.requirements.disagreements)


def _remarks(context: Context, code: str, remarks: tuple[Remark, ...]) -> Iterator[Problem]:
    wanted = {page.id for page in context.pages()}
    for remark in remarks:
        if remark.origin.page in wanted:
            yield _at(context, code, remark.origin, remark.message, remark.hint)


def _at(context: Context, code: str, origin: Origin, message: str, hint: str = "") -> Problem:
    page = context.graph.pages[origin.page]
    lines = context.files[origin.page].text.split("\n")
    line = lines[origin.line - 1] if 0 < origin.line <= len(lines) else ""
    start = sum(len(before) + 1 for before in lines[: origin.line - 1]) + len(line) - len(line.lstrip())
    span: Span | None = context.span(page, start, start + len(line.strip())) if line else None
    return context.at(page, code, span, message, hint)


RULES = (conflict, inheritance, unclear, disagreement)
