"""Finish a rendered site: search index, search entry points and feeds."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from ..atomic import replace_file, replace_if_changed
from ..config import Config
from ..pages.feed import LISTING, LLMS, MARKDOWN, MARKDOWN_SUFFIX, feeds, published
from ..regex import regex
from ..settings import PICTURES
from ..words import words
from ..write import MANIFEST
from .compact import compact_scripts

INDEX_FOLDER = "search-index"
"""Relative to the site."""
INDEX_MARK = ".typedwiki"
"""A file of the index that marks it as ours, and records what it was made from."""
_UNFINISHED = ".typedwiki-search-index"
"""Folder, relative to the site, in which an index is built and deleted."""
_CACHED_INDEXES = 3


def has_index(site: Path) -> bool:
    """Return whether the site has an index that we made, for any notes."""
    return (site / INDEX_FOLDER / INDEX_MARK).exists()


def index_site(project: Path, site: Path, state: bytes, files: Callable[[], Iterable[tuple[str, str]]]) -> bool:
    """Write the index of a site. Return False if it is already up to date.

    ``state`` identifies the content. ``files`` yields the name and text of each index file.

    Raises:
        FileExistsError: the site has a folder of that name that is not ours.
    """
    key = hashlib.sha256(_program() + state).hexdigest()[:32]
    mark = site / INDEX_FOLDER / INDEX_MARK
    if (site / INDEX_FOLDER).exists() and not mark.exists():
        raise FileExistsError(f"{site / INDEX_FOLDER} was not made by this program; nothing was changed in it")
    if mark.exists() and mark.read_text(encoding="utf-8") == key:
        return False
    cached = project / ".typedwiki" / INDEX_FOLDER
    if not (cached / key / INDEX_MARK).exists():
        if (cached / key).exists():
            shutil.rmtree(cached / key)
        (cached / key).mkdir(parents=True)
        for name, text in files():
            (cached / key / name).write_bytes(text.encode(errors="replace"))
        replace_file(cached / key / INDEX_MARK, key.encode())
        for folder in sorted(cached.iterdir(), key=lambda p: p.stat().st_mtime)[:-_CACHED_INDEXES]:
            (folder / INDEX_MARK).unlink(missing_ok=True)  # first, because an index without it counts as unfinished
            shutil.rmtree(folder)
    remove_index(site)
    shutil.copytree(cached / key, site / _UNFINISHED)
    (site / _UNFINISHED).rename(site / INDEX_FOLDER)
    return True


@cache
def _program() -> bytes:
    """Return what determines an index besides the notes: the code that makes it."""
    modules = (Path(__file__).with_name(name) for name in ("search_terms.py", "search_pages.py", "search_index.py"))
    return b"".join(module.read_bytes() for module in modules)


def remove_index(site: Path) -> None:
    """Delete the index that we made, and the remains of an interrupted run."""
    shutil.rmtree(site / _UNFINISHED, ignore_errors=True)
    if has_index(site):
        (site / INDEX_FOLDER).rename(site / _UNFINISHED)  # under its final name it is always complete
        shutil.rmtree(site / _UNFINISHED)


EXPLORE = "notes/wiki/explore.html"
OPENSEARCH = "opensearch.xml"
NOT_FOUND = "404.html"
NOT_FOUND_PAGE = "wiki/not-found"
"""The note that 404.html is copied from, relative to the notes folder, without suffix. See pages/static_pages.py."""
NOT_FOUND_MARK = "data-not-found"
"""An attribute that only our 404.html has."""
_DEVELOPER = "<Developer>Typedwiki"
_RELATIVE = regex(r'(\s(?:href|src|content)=")(?:\.\./\.\./)')


def add_entrances(config: Config, site: Path) -> None:
    """Write 404.html and opensearch.xml beside the home page, unless there are such files that are not ours."""
    if config.site_url:
        _write_marked(site / OPENSEARCH, opensearch(config), _DEVELOPER)
    else:
        _remove(site / OPENSEARCH, _DEVELOPER)
    rendered = site / f"notes/{NOT_FOUND_PAGE}.html"
    if any((config.project / f"404{suffix}").exists() for suffix in (".qmd", ".md", ".html")):
        _remove(site / NOT_FOUND, NOT_FOUND_MARK)
    elif rendered.is_file():
        page = with_absolute_links(rendered.read_text(encoding="utf-8"), config)
        _write_marked(site / NOT_FOUND, page, NOT_FOUND_MARK)


def remove_entrances(site: Path) -> None:
    """Delete the files that ``add_entrances`` wrote."""
    _remove(site / OPENSEARCH, _DEVELOPER)
    _remove(site / NOT_FOUND, NOT_FOUND_MARK)


def _remove(path: Path, mark: str) -> None:
    if path.is_file() and mark in path.read_text(encoding="utf-8", errors="replace"):
        path.unlink()


def _write_marked(path: Path, text: str, mark: str) -> None:
    old_text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else mark
    if old_text != text and mark in old_text:
        replace_file(path, text.encode())


def with_absolute_links(page: str, config: Config) -> str:
    """Return a page of notes/wiki/ with root-relative addresses, because it is shown in place of any other page."""
    root = urlsplit(config.site_url).path.rstrip("/") + "/"
    return _RELATIVE.sub(rf"\g<1>{root}", page)


def opensearch(config: Config) -> str:
    """Return the description that lets a browser search the wiki: https://github.com/dewitt/opensearch."""
    name = escape(config.title)
    about = escape(words(config.language)("search-of", title=config.title))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        f"<ShortName>{name[:16] if '&' not in name[:16] else 'Wiki'}</ShortName>\n<LongName>{name[:48]}</LongName>\n"
        f"<Description>{about}</Description>\n{_DEVELOPER}</Developer>\n"
        "<InputEncoding>UTF-8</InputEncoding>\n"
        f'<Url type="text/html" template="{escape(config.site_url)}/{EXPLORE}?q={{searchTerms}}"/>\n'
        "</OpenSearchDescription>\n"
    )


def finish(config: Config, site: Path, *, previewing: bool = False) -> str:
    """Add llms.txt, the feeds, the search entry points and the index to the site. Return a message for the user.

    If everything is up to date, this only reads a few files. During a preview the existing index stays, because
    rebuilding it takes seconds and this runs after each edit, before the page is shown.
    """
    notes, project = config.output, config.output.parent
    if not (project / "llms.txt").exists():  # a project may have written its own
        replace_if_changed(site / "llms.txt", (notes / LLMS).read_bytes())
    home = project / "index.qmd"
    text = home.read_text(encoding="utf-8", errors="replace") if home.is_file() else ""
    for name, data in feeds(text, (notes / LISTING).read_bytes(), config).items():
        replace_if_changed(site / name, data)  # Quarto has written its own feed
    _copy_markdown(notes, site)
    _copy_pictures(notes, site)
    styles = "assets/types.css"
    if (site / "notes" / styles).exists():  # may change without any page
        replace_if_changed(site / "notes" / styles, (notes / styles).read_bytes())
    compact_scripts(site)
    add_entrances(config, site)
    if previewing and has_index(site):
        return ""
    graph = (notes / "assets/exports/graph.json").read_bytes()
    # The manifest holds the hash of every note except hand-written ones.
    state = b"".join(path.read_bytes() for path in (notes / MANIFEST, *sorted(notes.glob("*.qmd"))))
    try:
        is_new = index_site(
            project,
            site,
            config.language.encode() + b"\0" + state,
            partial(_index_files, config, graph, lambda name: (notes / name).read_bytes()),
        )
    except OSError as error:
        return f"the site has no full-text search: {error}"
    return "indexed the notes for full-text search" if is_new else ""


def _copy_markdown(notes: Path, site: Path) -> None:
    """Write each note as Markdown beside its page, and delete the Markdown of removed notes."""
    sources = {
        published(path.relative_to(notes).as_posix()): path for path in (notes / MARKDOWN).rglob(f"*{MARKDOWN_SUFFIX}")
    }
    for name, path in sources.items():
        if (site / name).with_suffix("").is_file():
            _copy_if_newer(path, site / name)
    for path in (site / "notes").rglob(f"*{MARKDOWN_SUFFIX}"):
        if path.relative_to(site).as_posix() not in sources:
            path.unlink()


def _copy_pictures(notes: Path, site: Path) -> None:
    """Copy the pictures for sharing, and delete those of removed or changed notes. Quarto copies only those of pages
    that it has just rendered."""
    pictures, copies = notes / PICTURES, site / "notes" / PICTURES
    for path in pictures.glob("*.png"):
        _copy_if_newer(path, copies / path.name)
    for path in copies.glob("*.png"):
        if not (pictures / path.name).is_file():
            path.unlink()


def _copy_if_newer(path: Path, copy: Path) -> None:
    if copy.is_file():
        source, target = path.stat(), copy.stat()
        if target.st_mtime_ns >= source.st_mtime_ns and target.st_size == source.st_size:
            return
    replace_file(copy, path.read_bytes())


def _index_files(config: Config, graph: bytes, note: Callable[[str], bytes]) -> Iterator[tuple[str, str]]:
    from .search_index import index_files  # each render runs this module, and few need the index
    from .search_pages import entries, kept_terms

    with kept_terms(config.project) as split:
        yield from index_files(entries(graph, note), config.language, split)
