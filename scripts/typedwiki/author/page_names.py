"""Name pages: find them by name, and choose names, folders and dialects of new and renamed ones."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import NamedTuple

from msgspec.structs import replace

from ..model import RawFile, WikiPage
from ..resolve import Index, normalise
from ..schema import PageType, Schema, key
from ..text.front_matter import without_front_matter
from ..text.names import DEVICE, display_name
from ..text.parse import is_wiki
from ..words import nearest

_LONGEST = 180
"""Bytes: file systems allow 255, and suffixes and temporary names are added."""
_SEPARATORS = re.compile(r'[\s_<>:"|?*\\/\x00-\x1f\x7f\[\]#{}^%`]+')
"""Characters that some file system, link or address cannot contain. They become underscores."""


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
    if DEVICE.match(stem) or stem.lower() == "readme":
        raise BadNameError(f"`{stem}` cannot name a page: Windows or Quarto reserve it")
    if len(stem.encode()) > _LONGEST:
        raise BadNameError(f"`{stem[:40]}…` is too long to be a file name")
    return stem


def spelled_like(stem: str, pages: Iterable[WikiPage], schema: Schema) -> str:
    """Return a file name with spaces or hyphens instead of underscores, if that is how a wiki without ranks names most
    files: its links, in Obsidian for instance, name files exactly. It is in lower case where names of several words
    are."""
    if schema.ranked:
        return stem
    stems = [page.stem for page in pages]
    separator = max("_ -", key=lambda character: sum(character in name for name in stems))
    several_words = [name for name in stems if separator in name]
    if separator != " " and several_words and all(name == name.lower() for name in several_words):
        stem = stem.lower()
    return stem.replace("_", separator)


def with_namespace(stem: str, namespace: str) -> str:
    """Add the prefix of a namespace to a file name, unless it has it."""
    return stem if not namespace or stem.startswith(f"{namespace}_") else f"{namespace}_{stem}"


def without_namespace(stem: str, namespace: str) -> str:
    """Remove the prefix of a namespace from a file name."""
    return stem[len(namespace) + 1 :] if namespace and stem.startswith(f"{namespace}_") else stem


def page_type_of(name: str, schema: Schema) -> PageType:
    """Return the page type of this name.

    Raises:
        BadNameError: there is no such type.
    """
    if page_type := schema.page_type(name):
        return page_type
    names = schema.type_names()
    suggestion = nearest(name, names)
    hint = f"did you mean {names[suggestion]}?" if suggestion else f"the types are {', '.join(schema.types)}"
    raise BadNameError(f"`{name}` is not a page type ({hint})")


def did_you_mean(unknown_name: str, labels: Mapping[str, str]) -> str:
    """Return a hint in parentheses: the labels of the most similar names; empty if none is similar.

    ``labels`` are those of all names.
    """
    folded = {name.casefold(): label for name, label in labels.items()}
    similar = get_close_matches(unknown_name.casefold(), folded, 3)
    suggestions = dict.fromkeys(folded[name] for name in similar)
    return f" (did you mean {' or '.join(suggestions)}?)" if suggestions else ""


DIALECTS = ("markdown", "mediawiki")


def folder_of(page_type: PageType, root: str, pages: Iterable[WikiPage], folders: Sequence[str], schema: Schema) -> str:
    """Return the folder for pages of a type: the one most of them are in, or one named in the style of the others.

    ``folders`` are the names of the folders in ``root`` on disk.
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
        dialects = Counter(dialect_of(file) for file in candidates)
        dialect = max(DIALECTS, key=lambda name: dialects[name])
    same_dialect = [file for file in candidates if dialect_of(file) == dialect] or [
        f for f in files if dialect_of(f) == dialect
    ]
    suffixes = Counter(PurePosixPath(file.path).suffix for file in same_dialect)
    default = ".md" if dialect == "markdown" else ".mediawiki"
    return dialect, max(suffixes, key=lambda name: suffixes[name]) if suffixes else default


class Move(NamedTuple):
    """A page, and its new name and folder."""

    page: WikiPage
    former_name: str
    """The old name as the user wrote it: file name or title."""
    type: str
    stem: str
    title: str
    """The new title, as headings show it."""
    path: str

    @property
    def new_type(self) -> bool:
        """Return whether the type of the page changes."""
        return self.type != self.page.page_type


def find_page(name_with_type: str, index: Index, schema: Schema) -> tuple[WikiPage, str]:
    """Return the page named ``Type:Name``, and the name without its type.

    Raises:
        BadNameError: there is no such page, there are several, or the name is an alias.
    """
    page_type, name = _split_type(name_with_type, schema)
    ids = index.candidates(name, frozenset({page_type.name}))
    if not ids:
        suggestions = {
            spelling: f"{page.page_type}:{page.stem}"
            for page in sorted(index.pages.values(), key=lambda p: p.page_type != page_type.name, reverse=True)
            for spelling in (display_name(page.stem, page.namespace), display_name(page.stem, ""), page.page_title)
        }
        hint = did_you_mean(display_name(name, ""), suggestions)
        raise BadNameError(f"there is no page `{name_with_type}`{hint}")
    if len(ids) > 1:
        paths = ", ".join(index.pages[page_id].path for page_id in ids)
        raise BadNameError(f"`{name_with_type}` could be any of {paths}: name its folder with --source DIR")
    page = index.pages[ids[0]]
    names = (page.stem, page.page_title, display_name(page.stem, page.namespace))
    if normalise(name) not in map(normalise, names):
        raise BadNameError(f"`{name_with_type}` is an alias of {page.page_type}:{page.stem}; name that")
    return page, name


def plan_move(
    name_with_type: str, page: WikiPage, former_name: str, index: Index, schema: Schema, folders: Sequence[str]
) -> Move:
    """Return the move of a page to a new name. ``folders`` are those of the page's root.

    Raises:
        BadNameError: another page has the new name, or it is not a valid name.
    """
    page_type, name = _split_type(name_with_type, schema)
    stem = with_namespace(spelled_like(stem_of(name), index.pages.values(), schema), page.namespace)
    for page_id in index.candidates(stem, frozenset({page_type.name})):
        other_page = index.pages[page_id]
        # An alias of another page is free to take: that page keeps its own name.
        names = {
            normalise(n)
            for n in (other_page.stem, other_page.page_title, display_name(other_page.stem, other_page.namespace))
        }
        if other_page.id != page.id and other_page.root == page.root and normalise(stem) in names:
            raise BadNameError(f"{page_type.name} `{stem}` exists: {other_page.path}")
    old_path = PurePosixPath(page.path)
    folder = old_path.parent
    if page_type.name != page.page_type:
        folder = PurePosixPath(folder_of(page_type, page.root, index.pages.values(), folders, schema))
    target = folder / f"{stem}{old_path.suffix}"
    if target == old_path:
        raise BadNameError(f"{page.path} has this name already")
    return Move(page, former_name, page_type.name, stem, _title_named(name, stem, page.namespace), str(target))


def manual_move(name_with_type: str, page: WikiPage, index: Index, schema: Schema) -> Move:
    """Return the move that the user has made by hand: from an old name to that of ``page``.

    Raises:
        BadNameError: a page still has the old name.
    """
    page_type, name = _split_type(name_with_type, schema)
    stem = with_namespace(stem_of(name), page.namespace)
    for page_id in index.candidates(stem, frozenset({page_type.name})):
        if page_id != page.id:
            raise BadNameError(
                f"{page_type.name} `{stem}` exists: {index.pages[page_id].path}; rename it without --from"
            )
    title = _title_named(name, stem, page.namespace)
    former_page = replace(page, page_type=page_type.name, stem=stem, page_title=title)
    return Move(former_page, name, page.page_type, page.stem, page.page_title, page.path)


def _split_type(name_with_type: str, schema: Schema) -> tuple[PageType, str]:
    kind, colon, name = name_with_type.partition(":")
    if not colon or not name.strip():
        raise BadNameError(f"`{name_with_type}` must be a type and a name, such as Principle:Chain_Rule")
    return page_type_of(kind, schema), name.strip()


def _title_named(name: str, stem: str, namespace: str) -> str:
    """Return the new title: the name as the user wrote it, or made from the file name."""
    title = re.sub(r"\s+", " ", name).strip()
    return title if " " in title else display_name(without_namespace(stem, namespace), "")
