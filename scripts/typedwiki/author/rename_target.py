"""The two names that a rename is given: a page that exists, and one that does not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from ..model import WikiPage
from ..resolve import Index, normalise
from ..schema import PageType, Schema
from ..text.names import display_name
from .names import BadNameError, did_you_mean, known_type, stem_of, with_namespace
from .page_places import folder_of
from .relink import Move, without_namespace


def page_named(written: str, index: Index, schema: Schema) -> tuple[WikiPage, str]:
    """The page of a name, typed as links are, and the name without its type.

    Raises:
        BadNameError: there is no such page, or there are several.
    """
    page_type, name = _typed(written, schema)
    found = index.candidates(name, frozenset({page_type.name}))
    if not found:
        near = {
            spelling: f"{page.page_type}:{page.stem}"
            for page in sorted(index.pages.values(), key=lambda p: p.page_type != page_type.name, reverse=True)
            for spelling in (display_name(page.stem, page.namespace), display_name(page.stem, ""), page.page_title)
        }
        hint = did_you_mean(display_name(name, ""), near)
        raise BadNameError(f"there is no page `{written}`{hint}")
    if len(found) > 1:
        paths = ", ".join(index.pages[one].path for one in found)
        raise BadNameError(f"`{written}` could be any of {paths}: name its folder with --source DIR")
    page = index.pages[found[0]]
    names = (page.stem, page.page_title, display_name(page.stem, page.namespace))
    if normalise(name) not in map(normalise, names):
        raise BadNameError(f"`{written}` is an alias of {page.page_type}:{page.stem}; name that")
    return page, name


def move_of(written: str, page: WikiPage, called: str, index: Index, schema: Schema, folders: Sequence[str]) -> Move:
    """Where the page goes, if no page has that name. ``folders`` are those of the page's root.

    Raises:
        BadNameError: the name is taken, or is none.
    """
    page_type, name = _typed(written, schema)
    stem = with_namespace(stem_of(name), page.namespace)
    for found in index.candidates(stem, frozenset({page_type.name})):
        other = index.pages[found]
        # A name that another page has had before is free: that page keeps its own.
        named = {normalise(n) for n in (other.stem, other.page_title, display_name(other.stem, other.namespace))}
        if other.id != page.id and other.root == page.root and normalise(stem) in named:
            raise BadNameError(f"{page_type.name} `{stem}` exists: {other.path}")
    old = PurePosixPath(page.path)
    folder = old.parent
    if page_type.name != page.page_type:
        folder = PurePosixPath(folder_of(page_type, page.root, index.pages.values(), folders, schema))
    target = folder / f"{stem}{old.suffix}"
    if target == old:
        raise BadNameError(f"{page.path} has this name already")
    return Move(page, called, page_type.name, stem, _title(name, stem, page.namespace), str(target))


def former_of(written: str, page: WikiPage, index: Index, schema: Schema) -> Move:
    """The move that somebody made by hand, from a name that no page has any more to that of ``page``.

    Raises:
        BadNameError: a page has that name.
    """
    page_type, name = _typed(written, schema)
    stem = with_namespace(stem_of(name), page.namespace)
    for found in index.candidates(stem, frozenset({page_type.name})):
        if found != page.id:
            raise BadNameError(f"{page_type.name} `{stem}` exists: {index.pages[found].path}; rename it without --from")
    title = _title(name, stem, page.namespace)
    before = replace(page, page_type=page_type.name, stem=stem, page_title=title)
    return Move(before, name, page.page_type, page.stem, page.page_title, page.path)


def _typed(written: str, schema: Schema) -> tuple[PageType, str]:
    kind, colon, name = written.partition(":")
    if not colon or not name.strip():
        raise BadNameError(f"`{written}` must be a type and a name, such as Principle:Chain_Rule")
    return known_type(kind, schema), name.strip()


def _title(written: str, stem: str, namespace: str) -> str:
    """The title that a new name gives a page: as it is written, or made from the file name."""
    shown = re.sub(r"\s+", " ", written).strip()
    return shown if " " in shown else display_name(without_namespace(stem, namespace), "")
