"""The audit: every rule over the whole wiki, then what pages and the site say of the findings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator

from ..problems import Problem, problem, rules, with_severities
from ..text.links import line_starts, span_at
from ..text.protected import protected
from . import rules_content, rules_files, rules_index, rules_links, rules_markup, rules_requirements, rules_structure
from .causes import without_consequences
from .context import Context

Rule = Callable[[Context], Iterator[Problem]]
RULES: tuple[Rule, ...] = (
    *rules_links.RULES,
    *rules_structure.RULES,
    *rules_content.RULES,
    *rules_index.RULES,
    *rules_requirements.RULES,
    *rules_markup.RULES,
    *rules_files.RULES,
)
OWN: tuple[Rule, ...] = (*rules_links.OWN, *rules_content.OWN, *rules_markup.RULES, *rules_files.RULES)
"""Those that look at a page and its links alone."""
_IGNORE = re.compile(r"<!--\s*typedwiki:\s*ignore\s+(?P<code>[A-Z]\d{3})\b(?:[^<]|<(?!!--))*?-->")


def check(
    context: Context,
    found: Iterable[Problem],
    chosen: tuple[Rule, ...] = RULES,
    unread: Collection[str] = (),
    held: Collection[str] = (),
) -> list[Problem]:
    """All problems, those ``found`` while reading and resolving included: suppressed where a page says so, with
    the site's severities, without those that follow from others, sorted, each once. ``unread`` are the names of
    pages whose files could not be read, ``held`` of those that are held back, which indexes may list."""
    files = {file.path: file for file in context.files.values()}
    told = (rules_files.explained(p, files[p.path]) if p.code == "R003" and p.path in files else p for p in found)
    problems = [*told, *(p for rule in chosen for p in rule(context))]
    problems = with_severities(_suppressed(context, problems), context.settings.severities)
    return without_consequences(context, problems, rules_structure.GRAPH, unread, held)


def _suppressed(context: Context, problems: list[Problem]) -> Iterator[Problem]:
    """Drop what pages ask to ignore; report what they ask in vain."""
    asked: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for page in context.pages():
        text = context.files[page.id].text
        if "typedwiki:" not in text:
            continue
        for part in protected(text, indented_code=False):
            match = _IGNORE.fullmatch(text[part.start : part.end]) if part.kind == "comment" else None
            if not match:
                continue
            span = span_at(line_starts(text), part.start, part.end)
            if match["code"] in rules():
                asked[page.path, match["code"]].append((span.line, span.column))
            else:
                yield problem("X002", page.path, span.line, span.column, f"no rule has the code {match['code']}")
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
