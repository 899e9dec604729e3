"""What is done to a site once Quarto has rendered it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ..atomic import replace_file
from ..config import Config
from ..export import LLMS
from ..export.note_markdown import FOLDER, SUFFIX, published
from ..pages.feed import LISTING, feeds
from ..write import MANIFEST
from .entrances import add_entrances
from .fulltext import has_index, index


def finish(config: Config, site: Path, *, previewing: bool = False) -> str:
    """Put llms.txt, the feeds and the ways into the search on top of the site, and index it; what there is to say.

    What is already as it should be costs the reading of a few files. While a preview runs, the index that there is
    stays: to make it anew takes seconds, and this runs after each edit, before the page shows.
    """
    notes, project = config.output, config.output.parent
    llms = (notes / LLMS).read_bytes()
    own = project / "llms.txt"  # a project may have written its own
    if not own.exists() and (not (site / own.name).exists() or (site / own.name).read_bytes() != llms):
        replace_file(site / own.name, llms)
    home = project / "index.qmd"
    text = home.read_text(encoding="utf-8", errors="replace") if home.is_file() else ""
    for name, data in feeds(text, (notes / LISTING).read_bytes(), config).items():
        if not (site / name).is_file() or (site / name).read_bytes() != data:  # Quarto's
            replace_file(site / name, data)
    _copy_markdown(notes, site)
    styles = (notes / "assets/types.css").read_bytes()
    shown = site / "notes/assets/types.css"
    if shown.exists() and shown.read_bytes() != styles:  # it may have changed without any page
        replace_file(shown, styles)
    add_entrances(config, site)
    if previewing and has_index(site):
        return ""
    graph = (notes / "assets/exports/graph.json").read_bytes()
    # The manifest holds the hash of every note but those that people have written.
    state = b"".join(path.read_bytes() for path in (notes / MANIFEST, *sorted(notes.glob("*.qmd"))))
    try:
        made = index(
            project,
            site,
            config.language.encode() + b"\0" + state,
            partial(_files, graph, lambda name: (notes / name).read_bytes(), config.language),
        )
    except OSError as error:
        return f"the site has no full-text search: {error}"
    return "indexed the notes for full-text search" if made else ""


def _copy_markdown(notes: Path, site: Path) -> None:
    """Put each note as Markdown beside its page, and take away that of notes that are gone."""
    waiting = notes / FOLDER
    wanted = {published(path.relative_to(notes).as_posix()): path for path in waiting.rglob(f"*{SUFFIX}")}
    for name, path in wanted.items():
        target = site / name
        if target.with_suffix("").is_file() and not (target.is_file() and _is_as_new(target, path)):
            replace_file(target, path.read_bytes())
    for path in (site / "notes").rglob(f"*{SUFFIX}"):
        if path.relative_to(site).as_posix() not in wanted:
            path.unlink()


def _is_as_new(copy: Path, original: Path) -> bool:
    ours, theirs = copy.stat(), original.stat()
    return ours.st_mtime_ns >= theirs.st_mtime_ns and ours.st_size == theirs.st_size


def _files(graph: bytes, note: Callable[[str], bytes], language: str) -> Iterator[tuple[str, str]]:
    from .index import index_files  # each render runs this module, and few need more of it
    from .sections import entries

    return index_files(entries(graph, note), language)
