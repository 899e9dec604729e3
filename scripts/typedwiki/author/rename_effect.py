"""Audit a wiki as it would be after a rename, before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from ..audit.check import check
from ..audit.context import Context
from ..load import namespaces_of
from ..model import Graph, RawFile
from ..okf.listings import without_listed_links
from ..problems import Problem
from ..resolve import resolve, unique_ids
from ..text.parse import parse
from .relink import Move, relative_link


def resolve_after(context: Context, texts: Mapping[str, str], move: Move) -> Graph:
    """Resolve all links as they would be after a move. ``texts`` are the new texts of files by their old paths."""
    return _load_wiki(context, texts, move)[0]


def audit_after(context: Context, texts: Mapping[str, str], move: Move | None = None) -> tuple[Context, list[Problem]]:
    """Return the wiki as it would be, as rules see it, and its problems. ``texts`` are new texts by old paths."""
    graph, files, problems = _load_wiki(context, texts, move)
    indexes = tuple(_renamed_file(file, texts, None) for file in context.indexes)
    attached = dict(_moved_attachments(context, move))
    new_context = Context(graph, context.schema, files, indexes, context.settings, attached)
    return new_context, check(new_context, problems)


def _load_wiki(
    context: Context, texts: Mapping[str, str], move: Move | None
) -> tuple[Graph, dict[str, RawFile], list[Problem]]:
    raw = sorted(
        (_renamed_file(file, texts, move) for file in context.files.values()), key=lambda f: PurePosixPath(f.path)
    )
    spaces = namespaces_of((file.root, file.stem, file.page_type) for file in raw)
    parsed = [parse(file, context.schema, spaces[file.root, file.stem]) for file in raw]
    # Redirects are not in the graph; their names have become aliases of their targets.
    old_pages = {page.path: page for page in context.graph.pages.values()}
    pages_with_aliases = []
    for page, _ in parsed:
        old_page = old_pages.get(move.page.path if move and page.path == move.path else page.path)
        own_aliases: tuple[str, ...] = ()
        if old_page and old_page.path in texts:  # it may lose aliases of its own
            own_aliases = parse(context.files[old_page.id], context.schema)[0].aliases
        inherited = [alias for alias in old_page.aliases if alias not in own_aliases] if old_page else []
        pages_with_aliases.append(replace(page, aliases=tuple(dict.fromkeys((*page.aliases, *inherited)))))
    pages, doubled = unique_ids(pages_with_aliases)
    pages = without_listed_links(pages, context.listings.files)
    graph, unresolved = resolve(pages, context.schema)
    files = {page.id: file for page, file in zip(pages, raw, strict=True)}
    return graph, files, [*(p for _, page_problems in parsed for p in page_problems), *doubled, *unresolved]


def _renamed_file(file: RawFile, texts: Mapping[str, str], move: Move | None) -> RawFile:
    new_file = replace(file, text=texts.get(file.path, file.text))
    if move and file.path == move.page.path:
        return replace(new_file, path=move.path, page_type=move.type, stem=move.stem)
    return new_file


def _moved_attachments(context: Context, move: Move | None) -> Iterator[tuple[tuple[str, str], str]]:
    for (page, path), target in context.attached.items():
        if move and page == move.page.path:
            old_folder, new_folder = PurePosixPath(page).parent, PurePosixPath(move.path).parent
            yield (
                (move.path, path if old_folder == new_folder else relative_link(str(old_folder / path), move.path)),
                target,
            )
        else:
            yield (page, path), target


def added_problems(old_problems: Iterable[Problem], new_problems: Iterable[Problem], move: Move) -> list[Problem]:
    """Return the problems that are new, wherever in their file they stand."""
    moved_paths = {move.page.path: move.path}
    old_messages = Counter((p.code, moved_paths.get(p.path, p.path), p.message) for p in old_problems)
    unmatched = []
    for problem in new_problems:
        if old_messages[problem.code, problem.path, problem.message]:
            old_messages[problem.code, problem.path, problem.message] -= 1
        else:
            unmatched.append(problem)
    # The others may differ only in the names that their messages hold, so match them by code.
    old_codes = Counter((code, path) for code, path, _ in old_messages.elements())
    added = []
    for problem in unmatched:
        if old_codes[problem.code, problem.path]:
            old_codes[problem.code, problem.path] -= 1
        else:
            added.append(problem)
    return added
