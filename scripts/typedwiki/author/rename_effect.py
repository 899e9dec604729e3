"""The audit of a wiki as it will be, before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from ..audit.check import check
from ..audit.context import Context
from ..load import namespaces_of
from ..model import Graph, RawFile
from ..problems import Problem
from ..resolve import resolve, unique_ids
from ..text.parse import parse
from .relink import Move, relative


def resolved(context: Context, texts: Mapping[str, str], move: Move) -> Graph:
    """Where the links lead once a page has moved and files have other texts, by path as it was."""
    return _load_wiki(context, texts, move)[0]


def audited(context: Context, texts: Mapping[str, str], move: Move | None = None) -> tuple[Context, list[Problem]]:
    """The same wiki as rules see it, and what is wrong with it."""
    graph, files, found = _load_wiki(context, texts, move)
    indexes = tuple(_file(file, texts, None) for file in context.indexes)
    attached = dict(_attached(context, move))
    after = Context(graph, context.schema, files, indexes, context.settings, attached)
    return after, check(after, found)


def _load_wiki(
    context: Context, texts: Mapping[str, str], move: Move | None
) -> tuple[Graph, dict[str, RawFile], list[Problem]]:
    raw = sorted((_file(file, texts, move) for file in context.files.values()), key=lambda f: PurePosixPath(f.path))
    spaces = namespaces_of((file.root, file.stem, file.page_type) for file in raw)
    parsed = [parse(file, context.schema, spaces[file.root, file.stem]) for file in raw]
    # Pages that redirect are no pages of the graph, and have given theirs to the pages that they lead to.
    before = {page.path: page for page in context.graph.pages.values()}
    whole = []
    for page, _ in parsed:
        known = before.get(move.page.path if move and page.path == move.path else page.path)
        own: tuple[str, ...] = ()
        if known and known.path in texts:  # it may lose aliases of its own
            own = parse(context.files[known.id], context.schema)[0].aliases
        given = [alias for alias in known.aliases if alias not in own] if known else []
        whole.append(replace(page, aliases=tuple(dict.fromkeys((*page.aliases, *given)))))
    pages, doubled = unique_ids(whole)
    graph, unresolved = resolve(pages, context.schema)
    files = {page.id: file for page, file in zip(pages, raw, strict=True)}
    return graph, files, [*(p for _, found in parsed for p in found), *doubled, *unresolved]


def _file(file: RawFile, texts: Mapping[str, str], move: Move | None) -> RawFile:
    new = replace(file, text=texts.get(file.path, file.text))
    if move and file.path == move.page.path:
        return replace(new, path=move.path, page_type=move.type, stem=move.stem)
    return new


def _attached(context: Context, move: Move | None) -> Iterator[tuple[tuple[str, str], str]]:
    for (page, path), target in context.attached.items():
        if move and page == move.page.path:
            old, new = PurePosixPath(page).parent, PurePosixPath(move.path).parent
            yield (move.path, path if old == new else relative(str(old / path), move.path)), target
        else:
            yield (page, path), target


def fresh(before: Iterable[Problem], after: Iterable[Problem], move: Move) -> list[Problem]:
    """The problems that were not there before, on whatever lines."""
    at = {move.page.path: move.path}
    same = Counter((p.code, at.get(p.path, p.path), p.message) for p in before)
    left = []
    for problem in after:
        if same[problem.code, problem.path, problem.message]:
            same[problem.code, problem.path, problem.message] -= 1
        else:
            left.append(problem)
    # What is left of both differs in messages, and these hold names.
    alike = Counter((code, path) for code, path, _ in same.elements())
    new = []
    for problem in left:
        if alike[problem.code, problem.path]:
            alike[problem.code, problem.path] -= 1
        else:
            new.append(problem)
    return new
