"""The notes on disk brought up to date: what the commands and Quarto's hook have in common."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from . import unchanged
from .config import Config
from .lock import undisturbed
from .problems import summary
from .unchanged import Inputs, Record, Said
from .write import Written, write

if TYPE_CHECKING:
    from .edits import Base
    from .notes.memo import Memo
    from .pipeline import Progress, Wiki

Files = Iterator[tuple[str, bytes]]

# Where nothing has changed, loading the pipeline would take longer than all else: so functions import it.


@dataclass(frozen=True)
class Built:
    """A wiki, the files made from it by path relative to the notes folder, and what of them was new."""

    wiki: Wiki
    base: Base
    files: Mapping[str, bytes]
    """Empty if there was nobody to keep them for: they are on disk, and would fill a third of the memory."""
    written: Written


def bring_up_to_date(config: Config, progress: Progress = lambda done, total: None) -> tuple[Said, Written]:
    """Do what is to be done since the last build; what is to be said of the wiki, and what was written.

    Raises:
        CollisionError, OSError, ValueError: the notes, or their record of addresses, cannot be used.
    """
    now = unchanged.inputs(config)
    record, said = unchanged.load(config) or (None, None)
    if record and said and unchanged.is_unchanged(record, now):
        return said, Written((), (), ())
    from . import edits

    unchanged.forget(config)  # if this does not end well, the next build looks at everything
    base = edits.load(config) if record and unchanged.edited(record, now) else None
    if record and said and base and (edited := _edit(config, base, record, now)):
        unchanged.remember(config, unchanged.since(record, now), said)
        return said, edited[2]
    built = build(config, progress)
    edits.save(config, built.base)
    said = said_of(built.wiki)
    unchanged.remember(config, unchanged.recorded(now), said)
    return said, built.written


def follow(config: Config, progress: Progress, memo: Memo, edited: Collection[str] | None = None) -> Built:
    """As ``bring_up_to_date``, for a process that does so again and again. Notes of pages that have not been
    ``edited``, if that is given, keep their times.

    Raises:
        CollisionError, OSError, ValueError: as above.
    """
    now = unchanged.inputs(config)
    if memo.last and (done := _edit(config, memo.last[0].base, memo.last[1], now)):
        built, record = memo.last
        base, files, written = done
        wiki = replace(built.wiki, graph=base.site.graph)
        memo.last = Built(wiki, base, {**built.files, **files}, written), record
    else:
        memo.last = build(config, progress, memo, edited), unchanged.recorded(now)
    return memo.last[0]


def build(
    config: Config,
    progress: Progress = lambda done, total: None,
    memo: Memo | None = None,
    edited: Collection[str] | None = None,
) -> Built:
    """Read the whole wiki and write the notes that have changed; a ``memo`` makes the next time cheap. ``edited``
    is as for ``follow``.

    Raises:
        CollisionError, OSError, ValueError: as above.
    """
    from .garbage import few_collections
    from .notes import addresses

    with few_collections():
        wiki, base, made, origins = _made(config, progress, memo)
        files = dict(made) if memo else {}
        written = write(config.output, files if memo else made, origins, edited=edited)
    ids = {page.path: page.id for page in wiki.graph.pages.values()}
    names = {ids[path]: name.removesuffix(".qmd") for name, path in origins.items()}
    if config.by_hand and config.output == config.by_hand:  # the record is that of the project's own site
        addresses.keep(config.by_hand, addresses.record(config.by_hand), names, wiki.gone)
    return Built(wiki, base, files, written)


def of_another(config: Config, progress: Progress, memo: Memo | None = None) -> Built:
    """What ``build`` would make; nothing but the record of addresses is written, if there is one."""
    from .notes import addresses

    wiki, base, made, _ = _made(config, progress, memo)
    if config.record:
        addresses.keep(config.record, addresses.record(config.record), base.site.names, wiki.gone)
    return Built(wiki, base, dict(made), Written((), (), ()))


def said_of(wiki: Wiki) -> Said:
    """What is to be said of a wiki that has been understood."""
    from .audit.formats import lines

    errors = tuple(lines([problem for problem in wiki.problems if problem.severity == "error"]))
    return Said(len(wiki.graph.pages), errors, summary(wiki.problems) if wiki.problems else "", wiki.held)


def _made(config: Config, progress: Progress, memo: Memo | None) -> tuple[Wiki, Base, Files, Mapping[str, str]]:
    """With the files, made as they are asked for, and the page that each note comes from."""
    from .edits import Base
    from .pipeline import generated, site_of, understand, without_texts

    wiki = understand(config, progress, memo)
    if memo is None:
        wiki = without_texts(wiki, config)
    site = site_of(wiki, config)
    return wiki, Base(site, wiki.problems), *generated(wiki, config, site, memo)


def _edit(config: Config, base: Base, record: Record, now: Inputs) -> tuple[Base, dict[str, bytes], Written] | None:
    """Write what an edit of the text of a few pages has changed; None if that is not all that has happened."""
    from . import edits

    paths = unchanged.edited(record, now)
    if not paths or len(paths) > edits.FEW:
        return None
    pages = undisturbed(config.project, lambda: edits.read_edited(paths, base, config))
    rewritten = edits.rewritten(base, pages, config) if pages else None
    if not rewritten:
        return None
    return *rewritten, write(config.output, rewritten[1], {}, all_of_it=False)
