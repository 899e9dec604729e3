"""Full-text search by Pagefind (https://pagefind.app): what is indexed, and when.

Pagefind's command reads HTML files. It gets small ones made from the notes' own text, not the pages of
the site: so both renderers have the same index, no page's menus are in it, and pages need no attributes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from ..atomic import replace_file

FOLDER = "pagefind"
"""Below the site."""
MARK = ".typedwiki"
"""A file of the index that says that we made it, and from what."""
FLAG = ":root{--tw-search:pagefind}\n"
"""In types.css, which every page loads, for the site that Quarto makes: pages themselves stay the same
when a wiki grows past the size from which on it is searched by Pagefind."""
EVERY = "\ua66e"
"""A word of every note and of no text. Pagefind loads all of an index to find notes by no word; with this one
it finds those of a type, say, as fast as by any other. search.js knows it."""
SPACE = "\u2060"
"""Stands before a space between two such letters that is written there. search.js takes the others out again."""
UNFINISHED = ".typedwiki-pagefind"
"""Where below the site an index comes to be and goes."""
PARTS = "parts.json"
"""A file of the index that lists its further parts, each an index in a folder of that name."""
PART = 32_000_000
"""Bytes of HTML in a part. Pagefind's command takes some 50 times as much memory: 4 GB for 10,000 notes."""
KEPT = 3
"""Indexes in the cache."""


def available() -> bool:
    """Whether Pagefind is installed for this Python."""
    return find_spec("pagefind") is not None


def has_index(site: Path) -> bool:
    """Whether the site has an index that we made, of whatever notes."""
    return (site / FOLDER / MARK).exists()


def index(project: Path, site: Path, state: bytes, pages: Callable[[], Iterator[tuple[str, str]]]) -> bool:
    """Make the index of a site; False if it is already that of ``state``, from which ``pages`` come.

    Raises:
        CalledProcessError: Pagefind failed.
        FileExistsError: the site has a folder of that name that is not ours.
    """
    key = hashlib.sha256(f"{PART}\0{EVERY}\0{SPACE}\0".encode() + state).hexdigest()[:32]
    mark = site / FOLDER / MARK
    if (site / FOLDER).exists() and not mark.exists():
        raise FileExistsError(f"{site / FOLDER} was not made by this program; nothing was changed in it")
    if mark.exists() and mark.read_text(encoding="utf-8") == key:
        return False
    cache = project / ".typedwiki" / FOLDER
    if not (cache / key / MARK).exists():
        _run(cache / key, pages())
        replace_file(cache / key / MARK, key.encode())
        for old in sorted(cache.iterdir(), key=lambda p: p.stat().st_mtime)[:-KEPT]:
            (old / MARK).unlink(missing_ok=True)  # first: what lacks it counts as unfinished
            shutil.rmtree(old)
    remove(site)
    shutil.copytree(cache / key, site / UNFINISHED)
    (site / UNFINISHED).rename(site / FOLDER)
    return True


def _run(target: Path, pages: Iterator[tuple[str, str]]) -> None:
    if target.exists():
        shutil.rmtree(target)
    _part(target, _some(pages))
    parts: list[str] = []
    for first in pages:
        parts.append(f"part{len(parts) + 2}")
        _part(target / parts[-1], chain([first], _some(pages)))
        for shared in (*(target / parts[-1]).glob("*.js"), *(target / parts[-1]).glob("wasm.*")):
            shared.unlink()  # those of the first part serve all
    (target / PARTS).write_text(json.dumps(parts), encoding="utf-8")


def _some(pages: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """As many of the pages as make a part."""
    size = 0
    while size < PART and (page := next(pages, None)):
        size += len(page[1])
        yield page


def _part(target: Path, pages: Iterable[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in pages:
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", errors="replace")
        command = [sys.executable, "-m", "pagefind", "--quiet", "--site", folder, "--output-path", str(target)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    from .canonical import canonical  # a package that no other command needs

    canonical(target)
    for unused in (*target.glob("*-ui.*"), *target.glob("*-highlight.js")):  # Pagefind's own interfaces
        unused.unlink()


def remove(site: Path) -> None:
    """Delete the index that we made, if there is one, and what an interrupted run has left of one."""
    shutil.rmtree(site / UNFINISHED, ignore_errors=True)
    if has_index(site):
        (site / FOLDER).rename(site / UNFINISHED)  # under its name it is whole or not there
        shutil.rmtree(site / UNFINISHED)
