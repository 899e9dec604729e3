"""The search index of a site: when it is made, and where it is kept."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from ..atomic import replace_file

FOLDER = "search-index"
"""Below the site."""
MARK = ".typedwiki"
"""A file of the index that says that we made it, and from what."""
UNFINISHED = ".typedwiki-search-index"
"""Where below the site an index comes to be and goes."""
KEPT = 3
"""Indexes in the cache."""


def has_index(site: Path) -> bool:
    """Whether the site has an index that we made, of whatever notes."""
    return (site / FOLDER / MARK).exists()


def index(project: Path, site: Path, state: bytes, files: Callable[[], Iterable[tuple[str, str]]]) -> bool:
    """Make the index of a site; False if it is already that of ``state``, from which its ``files`` come, by name.

    Raises:
        FileExistsError: the site has a folder of that name that is not ours.
    """
    key = hashlib.sha256(_program() + state).hexdigest()[:32]
    mark = site / FOLDER / MARK
    if (site / FOLDER).exists() and not mark.exists():
        raise FileExistsError(f"{site / FOLDER} was not made by this program; nothing was changed in it")
    if mark.exists() and mark.read_text(encoding="utf-8") == key:
        return False
    cached = project / ".typedwiki" / FOLDER
    if not (cached / key / MARK).exists():
        if (cached / key).exists():
            shutil.rmtree(cached / key)
        (cached / key).mkdir(parents=True)
        for name, text in files():
            (cached / key / name).write_bytes(text.encode(errors="replace"))
        replace_file(cached / key / MARK, key.encode())
        for old in sorted(cached.iterdir(), key=lambda p: p.stat().st_mtime)[:-KEPT]:
            (old / MARK).unlink(missing_ok=True)  # first: what lacks it counts as unfinished
            shutil.rmtree(old)
    remove(site)
    shutil.copytree(cached / key, site / UNFINISHED)
    (site / UNFINISHED).rename(site / FOLDER)
    return True


@cache
def _program() -> bytes:
    """What decides an index beside the notes: the code that makes it."""
    here = Path(__file__).parent
    return b"".join((here / name).read_bytes() for name in ("terms.py", "index.py", "sections.py"))


def remove(site: Path) -> None:
    """Delete the index that we made, if there is one, and what an interrupted run has left of one."""
    shutil.rmtree(site / UNFINISHED, ignore_errors=True)
    if has_index(site):
        (site / FOLDER).rename(site / UNFINISHED)  # under its name it is whole or not there
        shutil.rmtree(site / UNFINISHED)
