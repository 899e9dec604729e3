"""The notes on disk brought up to date: what the commands and Quarto's hook have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .config import Config
from .notes import addresses
from .notes.memo import Memo
from .pipeline import Progress, Wiki, generate, understand
from .write import Written, write


@dataclass(frozen=True)
class Built:
    """A wiki, the files made from it by path relative to the notes folder, and what of them was new."""

    wiki: Wiki
    files: Mapping[str, bytes]
    written: Written


def build(config: Config, progress: Progress = lambda done, total: None, memo: Memo | None = None) -> Built:
    """Read the wiki and write the notes that have changed; a ``memo`` makes the next time cheap.

    Raises:
        CollisionError, OSError, ValueError: the notes, or their record of addresses, cannot be used.
    """
    wiki = understand(config, progress, memo)
    files, origins = generate(wiki, config, memo)
    written = write(config.output, files, origins)
    ids = {page.path: page.id for page in wiki.graph.pages.values()}
    names = {ids[path]: name.removesuffix(".qmd") for name, path in origins.items()}
    addresses.keep(config.by_hand, wiki.addresses, names)
    return Built(wiki, files, written)
