"""The audit: every rule over the whole wiki, then what pages and the site say of the findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from ..config import Settings
from ..model import Graph, RawFile, WikiPage
from ..problems import Problem, problem, rules, with_severities
from ..regex import regex
from ..schema import Schema
from ..text.links import line_starts, span_at
from ..text.verbatim import verbatim_parts
from . import rules_content, rules_files, rules_index, rules_links, rules_markup, rules_requirements, rules_structure
from .causes import without_consequences
from .context import Context, Ignored, PageFindings
from .outline import outline

Rule = Callable[[Context], Iterator[Problem]]
PAGE_RULES: tuple[Rule, ...] = (
    *rules_links.PAGE_RULES,
    *rules_content.PAGE_RULES,
    *rules_markup.PAGE_RULES,
    *rules_files.PAGE_RULES,
)
"""Those for which the file of a page is enough: what they find is kept from build to build."""
RULES: tuple[Rule, ...] = (
    *rules_links.RULES,
    *rules_structure.RULES,
    *rules_content.RULES,
    *rules_index.RULES,
    *rules_requirements.RULES,
    *rules_files.RULES,
)
"""Those that look at several pages, or at more than pages."""
_IGNORE = regex(r"<!--\s*typedwiki:\s*ignore\s+(?P<code>[A-Z]\d{3})\b(?:[^<]|<(?!!--))*?-->")


def check(
    context: Context, found: Iterable[Problem], unread: Collection[str] = (), held: Collection[str] = ()
) -> list[Problem]:
    """All problems, those ``found`` while reading and resolving included: suppressed where a page says so, with
    the site's severities, without those that follow from others, sorted, each once. ``unread`` are the names of
    pages whose files could not be read, ``held`` of those that are held back, which indexes may list."""
    ids = {page.path: page.id for page in context.pages()}
    told = (
        rules_files.explained(p, context.files[ids[p.path]]) if p.code == "R003" and p.path in ids else p for p in found
    )
    missing = [page for page in context.pages() if page.id not in context.alone]
    if missing:
        alone = {page.id: look(page, context.files[page.id], context.schema, context.settings) for page in missing}
        context = replace(context, alone={**context.alone, **alone})
    problems = [
        *told,
        *(p for page in context.pages() for p in context.alone[page.id].problems),
        *(p for rule in RULES for p in rule(context)),
    ]
    problems = with_severities(_suppressed(context, problems), context.settings.severities)
    return without_consequences(context, problems, rules_structure.GRAPH, unread, held)


def look(page: WikiPage, file: RawFile, schema: Schema, settings: Settings) -> PageFindings:
    """What the audit knows of a page by its file alone."""
    context = Context(Graph({page.id: page}, (), {}, {}, {}), schema, {page.id: file}, (), settings)
    ignored = tuple(_ignored(file.text)) if "typedwiki:" in file.text else ()
    return PageFindings(outline(file, schema), tuple(p for rule in PAGE_RULES for p in rule(context)), ignored)


def _ignored(text: str) -> Iterator[Ignored]:
    """What a page asks to ignore."""
    for part in verbatim_parts(text, indented_code=False):
        match = _IGNORE.fullmatch(text[part.start : part.end]) if part.kind == "comment" else None
        if match:
            span = span_at(line_starts(text), part.start, part.end)
            yield Ignored(match["code"], span.line, span.column)


def _suppressed(context: Context, problems: list[Problem]) -> Iterator[Problem]:
    """Drop what pages ask to ignore; report what they ask in vain."""
    asked: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for page in context.pages():
        for code, line, column in context.alone[page.id].ignored:
            if code in rules():
                asked[page.path, code].append((line, column))
            else:
                yield problem("X002", page.path, line, column, f"no rule has the code {code}")
    used: set[tuple[str, str]] = set()
    for found in problems:
        place = (found.path, found.code)
        if place in asked:
            used.add(place)
        else:
            yield found
    for (path, code), places in asked.items():
        for line, column in places if (path, code) not in used else ():
            yield problem("X001", path, line, column, f"{code} has nothing to ignore here")
