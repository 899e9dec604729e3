"""A wiki in a temporary folder, loaded as far as the rules of the audit need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from build_steps import read_pages
from typedwiki import schema
from typedwiki.audit.context import Context
from typedwiki.config import Settings
from typedwiki.load import namespaces_of
from typedwiki.problems import Problem, with_severities
from typedwiki.resolve import resolve, unique_ids
from typedwiki.text.parse import parse
from typedwiki.words import ENGLISH, LANGUAGES, translated

SCHEMA = schema.load()
Rule = Callable[[Context], Iterator[Problem]]


def write_context(
    folder: Path,
    files: Mapping[str, str],
    severities: Mapping[str, str] | None = None,
    overview_limit: int = 600,
    stale_months: int = 24,
) -> Context:
    """Write the files into ``folder`` and load them as a wiki; paths are relative to it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    settings = Settings(severities or {}, overview_limit, stale_months)
    return load_context([folder], folder, settings)


def load_context(sources: list[Path], project: Path, settings: Settings | None = None) -> Context:
    """Load the wikis in these folders as the rules see them."""
    raw, indexes, _ = read_pages(sources, SCHEMA, project)
    spaces = namespaces_of((file.root, file.stem, file.page_type) for file in raw)
    pages, _ = unique_ids([parse(file, SCHEMA, spaces[file.root, file.stem])[0] for file in raw])
    graph, _ = resolve(pages, SCHEMA)
    by_id = {page.id: file for page, file in zip(pages, raw, strict=True)}
    return Context(graph, SCHEMA, by_id, tuple(indexes), settings or Settings({}))


def find_problems(rules: Iterable[Rule], context: Context) -> list[Problem]:
    """The problems that the rules find, with the site's severities, sorted. Asserts that each is translated."""
    problems = with_severities((p for rule in rules for p in rule(context)), context.settings.severities)
    assert untranslated(problems) == []
    return problems


def untranslated(problems: Iterable[Problem]) -> list[str]:
    """Messages and hints for which a language has no text."""
    texts = [(p.code, text) for p in problems for text in (p.message, p.hint) if text]
    return [
        f"{language} {code}: {text}"
        for language in LANGUAGES
        for code, text in texts
        if language != ENGLISH and not translated(text, code, language)
    ]


def find_locations(rules: Iterable[Rule], context: Context) -> list[str]:
    """The problems that the rules find, as "path:line:column CODE"."""
    return [f"{p.path}:{p.line}:{p.column} {p.code}" for p in find_problems(rules, context)]
