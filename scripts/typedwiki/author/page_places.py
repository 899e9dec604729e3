"""Where a wiki keeps its pages, and in which dialect it writes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from ..model import RawFile, WikiPage
from ..schema import PageType, Schema, key
from ..text.front_matter import without_front_matter
from ..text.parse import is_wiki

DIALECTS = ("markdown", "mediawiki")


def folder_of(page_type: PageType, root: str, pages: Iterable[WikiPage], folders: Sequence[str], schema: Schema) -> str:
    """The folder for pages of a type: where most of them lie, else one in the style of the others.

    ``folders`` are the names of the folders that ``root`` holds on disk.
    """
    here = [page for page in pages if page.root == root]
    used = Counter(str(PurePosixPath(page.path).parent) for page in here if page.page_type == page_type.name)
    if used:
        return min(used, key=lambda folder: (-used[folder], folder))
    typed = [(name, found) for name in sorted(folders) if (found := schema.page_type(name))]
    own = [name for name, found in typed if found.name == page_type.name]
    plural = any(key(name) == key(found.plural) != key(found.name) for name, found in typed)
    name = page_type.plural if plural else page_type.name
    if typed and all(name.islower() for name, _ in typed):
        name = name.lower()
    return str(PurePosixPath(root) / (own[0] if own else name))


def namespace_of(root: str, pages: Iterable[WikiPage]) -> str:
    """The namespace that every page of a root has; empty if they differ."""
    spaces = {page.namespace for page in pages if page.root == root}
    return spaces.pop() if len(spaces) == 1 else ""


def dialect_of(file: RawFile) -> str:
    """The dialect that a page is written in."""
    return DIALECTS[is_wiki(file.path, without_front_matter(file.text))]


def usual(files: Sequence[RawFile], page_type: str, dialect: str = "") -> tuple[str, str]:
    """The dialect and the file name suffix of most pages of a type, else of most pages.

    A ``dialect`` that is given is only completed by its suffix.
    """
    own = [file for file in files if file.page_type == page_type] or files
    if not dialect:
        written = Counter(dialect_of(file) for file in own)
        dialect = max(DIALECTS, key=lambda name: written[name])
    same = [file for file in own if dialect_of(file) == dialect] or [f for f in files if dialect_of(f) == dialect]
    suffixes = Counter(PurePosixPath(file.path).suffix for file in same)
    default = ".md" if dialect == "markdown" else ".mediawiki"
    return dialect, max(suffixes, key=lambda name: suffixes[name]) if suffixes else default
