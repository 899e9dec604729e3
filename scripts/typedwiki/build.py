"""Bring the notes on disk up to date. Shared by the commands and Quarto's hook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from . import incremental
from .config import Config
from .incremental import Cache, Result
from .parallel import ordered_map
from .problems import summary
from .program import gc_paused
from .write import WriteResult, write

if TYPE_CHECKING:
    from .generate import Product
    from .notes.note_links import Site
    from .pipeline import Wiki

Progress = Callable[[int, int], None]

# The pipeline is imported inside functions, because loading it takes longer than finding that nothing has changed.


class BuildOutcome(Struct, frozen=True):
    """The result of a build: the wiki, its files by path relative to the notes folder, and the files written."""

    wiki: Wiki
    files: Mapping[str, bytes]
    """Empty without a cache that keeps contents: the files are on disk, and would fill a third of the memory."""
    written: WriteResult
    result: Result


def build_if_changed(config: Config, progress: Progress = lambda done, total: None) -> tuple[Result, WriteResult]:
    """Build what has changed since the last build. Return the summary of the wiki, and the written files.

    Raises:
        CollisionError, OSError, ValueError: the notes, or their record of addresses, cannot be used.
    """
    cache = incremental.load(config)
    if cache.state.result and incremental.is_current(cache, incremental.inputs(config), config):
        return cache.state.result, WriteResult((), (), ())
    built = build(config, progress, cache)
    incremental.save(config, cache)
    return built.result, built.written


def build(
    config: Config,
    progress: Progress = lambda done, total: None,
    cache: Cache | None = None,
    edited: Collection[str] | None = None,
) -> BuildOutcome:
    """Read the wiki and write the notes that have changed. Products in the ``cache`` are not generated again.

    If ``edited`` pages are given, notes of other pages keep their modification times.

    Raises:
        CollisionError, OSError, ValueError: the notes, or their record of addresses, cannot be used.
    """
    cache = cache or Cache()
    with gc_paused():
        plan = _planned(config, progress, cache, config.output)
        names = plan.site.names
        keep = [name for product in plan.unchanged for name in cache.state.products[product.name].files]
        origins = {f"{names[i]}.qmd": page.path for i, page in plan.wiki.graph.pages.items() if "/" in names[i]}
        written = write(config.output, _files(plan, cache), origins, keep=keep, edited=edited)
    is_own = config.by_hand and config.output == config.by_hand  # the record belongs to the project's own site
    return _outcome(config, plan, cache, config.output, config.by_hand if is_own else None, written)


def build_elsewhere(config: Config, progress: Progress, cache: Cache | None = None) -> BuildOutcome:
    """Return the outcome of ``build`` without writing any file but the record of addresses, if there is one."""
    cache = cache or Cache(contents={})
    plan = _planned(config, progress, cache, None)
    for _ in _files(plan, cache):
        pass
    return _outcome(config, plan, cache, None, config.record, WriteResult((), (), ()))


def _outcome(
    config: Config, plan: _Plan, cache: Cache, folder: Path | None, record: Path | None, written: WriteResult
) -> BuildOutcome:
    """Keep the addresses of notes in the ``record``, and the state of the build in the cache. Return the outcome."""
    from .notes import permalinks

    if record:
        permalinks.keep(record, permalinks.record(record), plan.site.names, plan.wiki.gone)
    result = summarize(plan.wiki)
    states = {product.name: cache.state.products[product.name] for product in plan.unchanged}
    for product in plan.todo:
        states[product.name] = incremental.product_state(product.fingerprint, plan.fresh[product.name], folder)
    cache.state = incremental.new_state(config, cache.now, states, result)
    return BuildOutcome(plan.wiki, _current_contents(cache), written, result)


def summarize(wiki: Wiki) -> Result:
    """Return the summary of a loaded wiki for the user."""
    from .audit.report import format_lines

    errors = tuple(format_lines([problem for problem in wiki.problems if problem.severity == "error"]))
    types = tuple(kind for kind in wiki.schema.types.values() if not kind.ranked)
    return Result(len(wiki.graph.pages), errors, summary(wiki.problems) if wiki.problems else "", len(wiki.held), types)


class _Plan(Struct, frozen=True):
    """The wiki, its products that are up to date, and those to generate."""

    wiki: Wiki
    site: Site
    unchanged: list[Product]
    todo: list[Product]
    fresh: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The files that have been generated, by product."""


def _planned(config: Config, progress: Progress, cache: Cache, folder: Path | None) -> _Plan:
    """Load the wiki and plan its products. Those that are up to date are looked for in ``folder``, or only in the cache
    if it is None."""
    from .generate import products
    from .pipeline import load_wiki, site_context

    cache.load_pages()
    wiki = load_wiki(config, progress, cache)
    site = site_context(wiki, config, cache)
    known = cache.state.products if folder is None or incremental.is_manifest_untouched(cache, folder) else {}
    unchanged: list[Product] = []
    todo: list[Product] = []
    for product in products(wiki, config, site):
        before = known.get(product.name)
        usable = before is not None and before.fingerprint == product.fingerprint and cache.has(before, folder)
        (unchanged if usable else todo).append(product)
    return _Plan(wiki, site, unchanged, todo)


def _files(plan: _Plan, cache: Cache) -> Iterator[tuple[str, bytes]]:
    """Yield the files of products as they are generated."""
    for product, files in zip(plan.todo, ordered_map(lambda product: product.make(), plan.todo), strict=True):
        plan.fresh[product.name] += files
        if cache.contents is not None:
            cache.contents |= files
        yield from files.items()


def _current_contents(cache: Cache) -> dict[str, bytes]:
    """Return the files in a cache that belong to current products."""
    if cache.contents is not None:
        names = {name for state in cache.state.products.values() for name in state.files}
        for name in cache.contents.keys() - names:
            del cache.contents[name]
    return dict(cache.contents or {})
