"""Choose how a page's file is named, where it lies, and in which dialect it is written."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import PurePosixPath

from ..model import RawFile, WikiPage
from ..schema import PageType, Schema, key
from ..text.front_matter import without_front_matter
from ..text.parse import is_wiki
from ..wording import nearest

_LONGEST = 180
"""Bytes: file systems allow 255, and suffixes and temporary names are added."""
_SEPARATORS = re.compile(r'[\s_<>:"|?*\\/\x00-\x1f\x7f\[\]#{}^%`]+')
"""Characters that some file system, link or address cannot hold. They become underscores."""
RESERVED = re.compile(r"(?:con|prn|aux|nul|com[1-9]|lpt[1-9])[ ]*(?:\.|$)", re.IGNORECASE)
"""Device names on Windows, with any suffix."""


class BadNameError(ValueError):
    """A page cannot have this name. The message says why."""


def stem_of(title: str) -> str:
    """Return the file name, without suffix, of a page with this title: underscores for spaces.

    Raises:
        BadNameError: the title has no usable character, is too long, or is a reserved name.
    """
    stem = _SEPARATORS.sub("_", unicodedata.normalize("NFC", title)).lstrip("_.-").rstrip("_. ")
    if not re.search(r"[^\W_]", stem):
        raise BadNameError(f"`{title}` holds no letter or digit that could name a page")
    if RESERVED.match(stem) or stem.lower() == "readme":
        raise BadNameError(f"`{stem}` cannot name a page: Windows or Quarto reserve it")
    if len(stem.encode()) > _LONGEST:
        raise BadNameError(f"`{stem[:40]}…` is too long to be a file name")
    return stem


def spelled_like(stem: str, pages: Iterable[WikiPage], schema: Schema) -> str:
    """Return a file name with spaces instead of underscores, if that is how a wiki without ranks names most files: its
    links, in Obsidian for instance, name files exactly."""
    stems = [page.stem for page in pages]
    spaced = sum(" " in one for one in stems)
    return stem.replace("_", " ") if not schema.ranked and spaced > sum("_" in one for one in stems) else stem


def with_namespace(stem: str, namespace: str) -> str:
    """Add the prefix of a namespace to a file name, unless it has it."""
    return stem if not namespace or stem.startswith(f"{namespace}_") else f"{namespace}_{stem}"


def page_type_of(written: str, schema: Schema) -> PageType:
    """Return the page type of this name.

    Raises:
        BadNameError: there is no such type.
    """
    if page_type := schema.page_type(written):
        return page_type
    names = schema.type_names()
    suggestion = nearest(written, names)
    hint = f"did you mean {names[suggestion]}?" if suggestion else f"the types are {', '.join(schema.types)}"
    raise BadNameError(f"`{written}` is not a page type ({hint})")


def did_you_mean(written: str, labels: Mapping[str, str], otherwise: str = "") -> str:
    """Return a hint in parentheses that names the most similar of the ``known`` names by their values.

    If none is similar, the hint is ``otherwise``, a list of what exists; it is empty if that is empty.
    """
    folded = {name.casefold(): label for name, label in labels.items()}
    suggestions = dict.fromkeys(folded[name] for name in get_close_matches(written.casefold(), folded, 3))
    if suggestions:
        return f" (did you mean {' or '.join(suggestions)}?)"
    return f" (there are: {otherwise})" if otherwise else ""


DIALECTS = ("markdown", "mediawiki")


def folder_of(page_type: PageType, root: str, pages: Iterable[WikiPage], folders: Sequence[str], schema: Schema) -> str:
    """Return the folder for pages of a type: the one most of them are in, or one named in the style of the others.

    ``folders`` are the names of the folders that ``root`` holds on disk.
    """
    root_pages = [page for page in pages if page.root == root]
    used = Counter(str(PurePosixPath(page.path).parent) for page in root_pages if page.page_type == page_type.name)
    if used:
        return min(used, key=lambda folder: (-used[folder], folder))
    type_folders = [(name, folder_type) for name in sorted(folders) if (folder_type := schema.page_type(name))]
    own_folders = [name for name, folder_type in type_folders if folder_type.name == page_type.name]
    plural = any(key(name) == key(folder_type.plural) != key(folder_type.name) for name, folder_type in type_folders)
    name = page_type.plural if plural else page_type.name
    if type_folders and all(name.islower() for name, _ in type_folders):
        name = name.lower()
    return str(PurePosixPath(root) / (own_folders[0] if own_folders else name))


def namespace_of(root: str, pages: Iterable[WikiPage]) -> str:
    """Return the namespace that all pages of a root have; empty if they differ."""
    spaces = {page.namespace for page in pages if page.root == root}
    return spaces.pop() if len(spaces) == 1 else ""


def dialect_of(file: RawFile) -> str:
    """Return the dialect of a page."""
    return DIALECTS[is_wiki(file.path, without_front_matter(file.text))]


def usual_dialect_and_suffix(files: Sequence[RawFile], page_type: str, dialect: str = "") -> tuple[str, str]:
    """Return the dialect and the suffix that most pages of a type have, or else most pages of the wiki.

    If a ``dialect`` is given, only the suffix is chosen.
    """
    candidates = [file for file in files if file.page_type == page_type] or files
    if not dialect:
        written = Counter(dialect_of(file) for file in candidates)
        dialect = max(DIALECTS, key=lambda name: written[name])
    same_dialect = [file for file in candidates if dialect_of(file) == dialect] or [
        f for f in files if dialect_of(f) == dialect
    ]
    suffixes = Counter(PurePosixPath(file.path).suffix for file in same_dialect)
    default = ".md" if dialect == "markdown" else ".mediawiki"
    return dialect, max(suffixes, key=lambda name: suffixes[name]) if suffixes else default
