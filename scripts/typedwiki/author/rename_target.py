"""Find the page that the user names, and check the new name that it shall get."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from ..model import WikiPage
from ..resolve import Index, normalise
from ..schema import PageType, Schema
from ..text.names import display_name
from .page_files import BadNameError, did_you_mean, folder_of, page_type_of, spelled_like, stem_of, with_namespace
from .relink import Move, without_namespace


def find_page(written: str, index: Index, schema: Schema) -> tuple[WikiPage, str]:
    """Return the page named ``Type:Name``, and the name without its type.

    Raises:
        BadNameError: there is no such page, there are several, or the name is an alias.
    """
    page_type, name = _split_type(written, schema)
    ids = index.candidates(name, frozenset({page_type.name}))
    if not ids:
        suggestions = {
            spelling: f"{page.page_type}:{page.stem}"
            for page in sorted(index.pages.values(), key=lambda p: p.page_type != page_type.name, reverse=True)
            for spelling in (display_name(page.stem, page.namespace), display_name(page.stem, ""), page.page_title)
        }
        hint = did_you_mean(display_name(name, ""), suggestions)
        raise BadNameError(f"there is no page `{written}`{hint}")
    if len(ids) > 1:
        paths = ", ".join(index.pages[page_id].path for page_id in ids)
        raise BadNameError(f"`{written}` could be any of {paths}: name its folder with --source DIR")
    page = index.pages[ids[0]]
    names = (page.stem, page.page_title, display_name(page.stem, page.namespace))
    if normalise(name) not in map(normalise, names):
        raise BadNameError(f"`{written}` is an alias of {page.page_type}:{page.stem}; name that")
    return page, name


def plan_move(written: str, page: WikiPage, called: str, index: Index, schema: Schema, folders: Sequence[str]) -> Move:
    """Return the move of a page to a new name. ``folders`` are those of the page's root.

    Raises:
        BadNameError: another page has the new name, or it is not a valid name.
    """
    page_type, name = _split_type(written, schema)
    stem = with_namespace(spelled_like(stem_of(name), index.pages.values(), schema), page.namespace)
    for page_id in index.candidates(stem, frozenset({page_type.name})):
        other_page = index.pages[page_id]
        # An alias of another page is free to take: that page keeps its own name.
        named = {
            normalise(n)
            for n in (other_page.stem, other_page.page_title, display_name(other_page.stem, other_page.namespace))
        }
        if other_page.id != page.id and other_page.root == page.root and normalise(stem) in named:
            raise BadNameError(f"{page_type.name} `{stem}` exists: {other_page.path}")
    old_path = PurePosixPath(page.path)
    folder = old_path.parent
    if page_type.name != page.page_type:
        folder = PurePosixPath(folder_of(page_type, page.root, index.pages.values(), folders, schema))
    target = folder / f"{stem}{old_path.suffix}"
    if target == old_path:
        raise BadNameError(f"{page.path} has this name already")
    return Move(page, called, page_type.name, stem, _title(name, stem, page.namespace), str(target))


def manual_move(written: str, page: WikiPage, index: Index, schema: Schema) -> Move:
    """Return the move that the user has made by hand: from an old name to that of ``page``.

    Raises:
        BadNameError: a page still has the old name.
    """
    page_type, name = _split_type(written, schema)
    stem = with_namespace(stem_of(name), page.namespace)
    for page_id in index.candidates(stem, frozenset({page_type.name})):
        if page_id != page.id:
            raise BadNameError(
                f"{page_type.name} `{stem}` exists: {index.pages[page_id].path}; rename it without --from"
            )
    title = _title(name, stem, page.namespace)
    former_page = replace(page, page_type=page_type.name, stem=stem, page_title=title)
    return Move(former_page, name, page.page_type, page.stem, page.page_title, page.path)


def _split_type(written: str, schema: Schema) -> tuple[PageType, str]:
    kind, colon, name = written.partition(":")
    if not colon or not name.strip():
        raise BadNameError(f"`{written}` must be a type and a name, such as Principle:Chain_Rule")
    return page_type_of(kind, schema), name.strip()


def _title(written: str, stem: str, namespace: str) -> str:
    """Return the new title: the name as the user wrote it, or made from the file name."""
    title = re.sub(r"\s+", " ", written).strip()
    return title if " " in title else display_name(without_namespace(stem, namespace), "")
