"""Rules about the requirements of Environments."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Span, WikiPage
from ..problems import Problem
from ..requirements.merge import MergedRequirement, environments_on_path, merge
from ..requirements.model import Origin, Remark, Requirement, Systems, Versions
from .context import Context


def conflict(context: Context) -> Iterator[Problem]:
    """Q001: requirements of a Workflow's Environments that contradict each other."""
    graph, types = context.graph, context.schema.types
    for page in context.pages():
        if types[page.page_type].rank != 0:
            continue
        environments = environments_on_path(page.id, graph, context.schema)
        merged_requirements = merge(
            row for environment in environments for row in context.requirements.rows.get(environment, ())
        )
        for merged in (*merged_requirements.facts, *merged_requirements.packages):
            if merged.conflict and not merged.optional:
                yield _conflict_problem(context, page, merged)


def _conflict_problem(context: Context, page: WikiPage, merged: MergedRequirement) -> Problem:
    rows = [row for row in merged.rows if not row.optional and _has_versions(row)]
    statements = dict.fromkeys(
        f"{row.origin.page} (line {row.origin.line}) asks for `{_requirement_text(row)}`" for row in rows
    )
    subject = "operating system" if merged.name == "OS" else f"version of {merged.name}"
    whole = f"{page.page_type} `{page.page_title}`"
    return _problem_at(context, "Q001", rows[0].origin, f"no {subject} suits {whole}: {', '.join(statements)}")


def _requirement_text(row: Requirement) -> str:
    if row.kind == "fact" and not row.written.casefold().startswith(row.name.casefold()):
        return f"{row.name} {row.written}"
    return row.written


def _has_versions(row: Requirement) -> bool:
    return bool(len(row.specifier) or row.url or isinstance(row.value, (Systems, Versions)))


def inheritance(context: Context) -> Iterator[Problem]:
    """Q002: a page that inherits requirements from a missing page, or in a cycle."""
    yield from _remark_problems(context, "Q002", context.requirements.inheritance)


def unclear(context: Context) -> Iterator[Problem]:
    """Q003: a line that names a dependency, but is not understood."""
    yield from _remark_problems(context, "Q003", context.requirements.unclear)


def disagreement(context: Context) -> Iterator[Problem]:
    """Q004: an install command that contradicts the lists of its page."""
    yield from _remark_problems(context, "Q004", context.requirements.disagreements)


def _remark_problems(context: Context, code: str, remarks: tuple[Remark, ...]) -> Iterator[Problem]:
    page_ids = {page.id for page in context.pages()}
    for remark in remarks:
        if remark.origin.page in page_ids:
            yield _problem_at(context, code, remark.origin, remark.message, remark.hint)


def _problem_at(context: Context, code: str, origin: Origin, message: str, hint: str = "") -> Problem:
    page = context.graph.pages[origin.page]
    lines = context.files[origin.page].text.split("\n")
    line = lines[origin.line - 1] if 0 < origin.line <= len(lines) else ""
    start = sum(len(earlier_line) + 1 for earlier_line in lines[: origin.line - 1]) + len(line) - len(line.lstrip())
    span: Span | None = context.span(page, start, start + len(line.strip())) if line else None
    return context.problem_at(page, code, span, message, hint)


RULES = (conflict, inheritance, unclear, disagreement)
