"""Bring the notes on disk up to date. Shared by the commands and Quarto's hook."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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


@dataclass(frozen=True)
class BuildOutcome:
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
        from .notes import permalinks

        wiki, site, unchanged, todo = _planned(config, progress, cache, config.output)
        fresh: dict[str, list[str]] = {product.name: [] for product in todo}
        keep = [name for product in unchanged for name in cache.state.products[product.name].files]
        origins = {f"{site.names[i]}.qmd": page.path for i, page in wiki.graph.pages.items() if "/" in site.names[i]}
        written = write(config.output, _files(todo, fresh, cache), origins, keep=keep, edited=edited)
    if config.by_hand and config.output == config.by_hand:  # the record belongs to the project's own site
        permalinks.keep(config.by_hand, permalinks.record(config.by_hand), site.names, wiki.gone)
    result = summarize(wiki)
    states = {product.name: cache.state.products[product.name] for product in unchanged}
    states |= {
        product.name: incremental.product_state(product.fingerprint, fresh[product.name], config.output)
        for product in todo
    }
    cache.state = incremental.new_state(config, cache.now, states, result)
    return BuildOutcome(wiki, _current_contents(cache), written, result)


def build_elsewhere(config: Config, progress: Progress, cache: Cache | None = None) -> BuildOutcome:
    """Return the outcome of ``build`` without writing any file but the record of addresses, if there is one."""
    from .notes import permalinks

    cache = cache or Cache(contents={})
    wiki, site, unchanged, todo = _planned(config, progress, cache, None)
    fresh: dict[str, list[str]] = {product.name: [] for product in todo}
    for _ in _files(todo, fresh, cache):
        pass
    if config.record:
        permalinks.keep(config.record, permalinks.record(config.record), site.names, wiki.gone)
    result = summarize(wiki)
    states = {product.name: cache.state.products[product.name] for product in unchanged}
    states |= {
        product.name: incremental.product_state(product.fingerprint, fresh[product.name], None) for product in todo
    }
    cache.state = incremental.new_state(config, cache.now, states, result)
    return BuildOutcome(wiki, _current_contents(cache), WriteResult((), (), ()), result)


def summarize(wiki: Wiki) -> Result:
    """Return the summary of a loaded wiki for the user."""
    from .audit.report import format_lines

    errors = tuple(format_lines([problem for problem in wiki.problems if problem.severity == "error"]))
    types = tuple(kind for kind in wiki.schema.types.values() if not kind.ranked)
    return Result(len(wiki.graph.pages), errors, summary(wiki.problems) if wiki.problems else "", len(wiki.held), types)


def _planned(
    config: Config, progress: Progress, cache: Cache, folder: Path | None
) -> tuple[Wiki, Site, list[Product], list[Product]]:
    """Return the wiki, its site, the products that are up to date, and those to generate.

    Up-to-date products are looked for in ``folder``, or only in the cache if it is None.
    """
    from .generate import products
    from .pipeline import load_wiki, site_context

    cache.load_pages()
    wiki = load_wiki(config, progress, cache)
    site = site_context(wiki, config)
    known = cache.state.products if folder is None or incremental.is_manifest_untouched(cache, folder) else {}
    unchanged: list[Product] = []
    todo: list[Product] = []
    for product in products(wiki, config, site):
        before = known.get(product.name)
        usable = before is not None and before.fingerprint == product.fingerprint and cache.has(before, folder)
        (unchanged if usable else todo).append(product)
    return wiki, site, unchanged, todo


def _files(products: Sequence[Product], names: dict[str, list[str]], cache: Cache) -> Iterator[tuple[str, bytes]]:
    """Yield the files of products as they are generated. Their names are added to ``names``, by product."""
    for product, files_of_product in zip(products, ordered_map(_make, products), strict=True):
        names[product.name] += files_of_product
        if cache.contents is not None:
            cache.contents |= files_of_product
        yield from files_of_product.items()


def _make(product: Product) -> Mapping[str, bytes]:
    return product.make()


def _current_contents(cache: Cache) -> dict[str, bytes]:
    """Return the files in a cache that belong to current products."""
    if cache.contents is not None:
        names = {name for state in cache.state.products.values() for name in state.files}
        for name in cache.contents.keys() - names:
            del cache.contents[name]
    return dict(cache.contents or {})
