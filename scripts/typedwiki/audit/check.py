"""The audit: run every rule over the wiki, then apply suppressions and severities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator

from msgspec.structs import replace

from ..config import Settings
from ..model import Graph, RawFile, WikiPage
from ..problems import Problem, explain_yaml_error, first_yaml_problem, problem, rules, with_severities
from ..regex import regex
from ..schema import Schema
from ..text.front_matter import FRONT_MATTER
from ..text.lines import line_starts, span_at
from ..text.verbatim import verbatim_parts
from . import rules_content, rules_graph, rules_index, rules_links, rules_metadata, rules_okf
from .causes import without_consequences
from .context import Context, Ignored, PageFindings
from .outline import outline

Rule = Callable[[Context], Iterator[Problem]]
PAGE_RULES: tuple[Rule, ...] = (
    *rules_links.PAGE_RULES,
    *rules_content.PAGE_RULES,
    *rules_metadata.PAGE_RULES,
)
"""Rules that need only one page's file. Their results are cached from build to build."""
RULES: tuple[Rule, ...] = (
    *rules_links.RULES,
    *rules_graph.RULES,
    *rules_content.RULES,
    *rules_metadata.RULES,
    *rules_index.RULES,
    *rules_okf.RULES,
)
"""Rules that need several pages, or more than pages."""
_HEADING = regex(r"\n(?:#{1,6} |={1,2} ?[^=\n])")
_IGNORE = regex(r"<!--\s*typedwiki:\s*ignore\s+(?P<code>[A-Z]\d{3})\b(?:[^<]|<(?!!--))*?-->")


def check(
    context: Context, earlier_problems: Iterable[Problem], unread: Collection[str] = (), held_back: Collection[str] = ()
) -> list[Problem]:
    """Return all problems, sorted, each once: with the site's severities, without suppressed ones and consequences.

    ``earlier_problems`` are those of reading and resolving. ``unread`` are the names of pages whose files could not
    be read, ``held_back`` those of unpublished pages, which an index may list.
    """
    ids = {page.path: page.id for page in context.pages()}
    explained = (
        _in_plain_words(p, context.files[ids[p.path]]) if p.code == "R003" and p.path in ids else p
        for p in earlier_problems
    )
    not_inspected = [page for page in context.pages() if page.id not in context.findings]
    if not_inspected:
        inspected = {
            page.id: inspect_page(page, context.files[page.id], context.schema, context.settings)
            for page in not_inspected
        }
        context = replace(context, findings={**context.findings, **inspected})
    problems = [
        *explained,
        *(p for page in context.pages() for p in context.findings[page.id].problems),
        *(p for rule in RULES for p in rule(context)),
    ]
    problems = with_severities(_without_ignored(context, problems), context.settings.severities)
    return without_consequences(context, problems, rules_graph.GRAPH, unread, held_back)


def inspect_page(page: WikiPage, file: RawFile, schema: Schema, settings: Settings) -> PageFindings:
    """Return the findings of the audit in a page's file alone."""
    context = Context(Graph({page.id: page}, (), {}, {}, {}), schema, {page.id: file}, (), settings)
    ignored = tuple(_ignore_comments(file.text)) if "typedwiki:" in file.text else ()
    return PageFindings(outline(file, schema), tuple(p for rule in PAGE_RULES for p in rule(context)), ignored)


def _in_plain_words(original: Problem, file: RawFile) -> Problem:
    """Return a problem of front matter that is not YAML in plain words, at the place of the first error."""
    front = FRONT_MATTER.match(file.text)
    if not front:
        return original
    heading = _HEADING.search(front[1])
    if heading and original.line > front[1].count("\n", 0, heading.start()) + 1:
        return rules_metadata.without_end(file)  # it ends at some later line of dashes
    if fault := first_yaml_problem(front[1], 1):
        line, column, message = fault
    else:  # it is YAML, but a value makes no sense
        line, column = original.line, original.column
        message = explain_yaml_error(ValueError(original.message.rpartition("YAML: ")[2]), "").message
    return problem("R003", file.path, line, column, f"front matter is not YAML: {message}")


def _ignore_comments(text: str) -> Iterator[Ignored]:
    """Yield the comments by which a page suppresses problems."""
    for part in verbatim_parts(text, indented_code=False):
        match = _IGNORE.fullmatch(text[part.start : part.end]) if part.kind == "comment" else None
        if match:
            span = span_at(line_starts(text), part.start, part.end)
            yield Ignored(match["code"], span.line, span.column)


def _without_ignored(context: Context, problems: list[Problem]) -> Iterator[Problem]:
    """Drop suppressed problems. Report comments that suppress nothing, or name no rule."""
    requests: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for page in context.pages():
        for code, line, column in context.findings[page.id].ignored:
            if code in rules():
                requests[page.path, code].append((line, column))
            else:
                yield problem("X002", page.path, line, column, f"no rule has the code {code}")
    used: set[tuple[str, str]] = set()
    for candidate in problems:
        place = (candidate.path, candidate.code)
        if place in requests:
            used.add(place)
        else:
            yield candidate
    for (path, code), places in requests.items():
        for line, column in places if (path, code) not in used else ():
            yield problem("X001", path, line, column, f"{code} has nothing to ignore here")
