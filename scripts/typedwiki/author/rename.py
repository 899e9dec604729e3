"""Rename a page: find it, check its new name, and plan every change before any is made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from ..audit.context import Context
from ..audit.fix import Edit, apply_edits
from ..audit.outline import outline
from ..model import Found, Missing, RawFile, Resolution, Span, WikiPage
from ..open_types import stated_type
from ..resolve import Index, normalise
from ..schema import PageType, Schema, key
from ..text.front_matter import read_front_matter, without_front_matter
from ..text.links import scan
from ..text.markdown import plain
from ..text.names import display_name
from ..text.parse import parse
from .metadata_formats import scalar, with_aliases
from .page_files import BadNameError, did_you_mean, folder_of, page_type_of, spelled_like, stem_of, with_namespace
from .relink import (
    Move,
    index_edits,
    link_edit,
    listing_edits,
    minimal_edit,
    relative_link,
    replace_address,
    resolve_after,
    without_namespace,
)


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


_HEADING = re.compile(
    r"(?:#+[ \t]+|=[ \t]*)?(?:(?P<type>\w+):[ \t]*)?(?P<name>\S.*?)"
    r"(?<![ \t])[ \t]*(?:\{[^{}]*\}[ \t]*)?(?:(?:(?<!#)#+|=)[ \t]*)?"
)
_FRONT_TITLE = re.compile(r"(?mi)^title[ \t]*:[ \t]*(?P<value>(?P<quote>[\"']?)(?P<name>[^\n\"']+?)(?P=quote))[ \t]*$")
_FRONT_TYPE = re.compile(r"(?mi)^(?:page[ _-]?)?type[ \t]*:[ \t]*[\"']?(?P<value>[^\s\"'#][^\n\"'#]*)")


class Plan(NamedTuple):
    """The edits of a rename."""

    move: Move
    edits: tuple[Edit, ...]
    title_stays: bool
    """The page has a title that differs from its name, and keeps it."""
    freed: tuple[str, ...] = ()
    """Pages that lose the new name as an alias."""


class BrokenError(ValueError):
    """The new name would make other links lead elsewhere. The message names them."""


def plan_rename(context: Context, move: Move) -> Plan:
    """Return every edit of a rename, with paths as they are before it.

    All links that name the page are rewritten; edges, fragments and labels stay. Links by an alias, or by a
    title that the page keeps, stay as they are.

    Raises:
        BrokenError: some link would lead elsewhere than before.
        RewriteError: the page's front matter cannot take the alias.
    """
    heading = list(_title_edits(context.files[move.page.id], move, context.schema))
    has_own_title = move.page.page_title != display_name(move.page.stem, move.page.namespace)
    alias_holders = list(_alias_holders(context, move))
    other_edits = [*heading, *_alias_edits(context, move), *_own_path_edits(context, move), *index_edits(context, move)]
    other_edits += list(listing_edits(context, move))
    other_edits += [edit for holder in alias_holders for edit in _release_alias(context, holder, move)]
    with_type: frozenset[tuple[str, int]] = frozenset()
    for _ in range(2):
        edits = (*other_edits, *_link_edits(context, move, with_type))
        diverted = list(_diverted(context, edits, move))
        if not diverted:
            return Plan(
                move,
                edits,
                has_own_title and not heading,
                tuple(f"{holder_page.page_type}:{holder_page.stem}" for holder_page in alias_holders),
            )
        with_type = frozenset((page.path, number) for page, number in diverted)
    places = [f"{p.path}:{p.outgoing_links[n].span.line}" for p, n in diverted if n < len(p.outgoing_links)]
    places_text = ", ".join(places[:5]) + (f" and {len(places) - 5} more" if len(places) > 5 else "")
    raise BrokenError(f"as `{move.type}:{move.stem}` it would change where links lead: {places_text or 'everywhere'}")


def plan_adoption(context: Context, move: Move) -> Plan:
    """Return the edits that repair links to a page whose file was renamed by hand. ``move.page`` has the old name.

    Raises:
        RewriteError: the page's front matter cannot take the alias.
    """
    page = context.graph.pages[move.page.id]
    file = context.files[page.id]
    former_page = move.page
    alias = (
        former_page.stem if former_page.page_type == page.page_type else f"{former_page.page_type}:{former_page.stem}"
    )
    edits: list[Edit] = []
    if normalise(alias) not in map(normalise, page.aliases):
        edits.append(with_aliases(file, [*parse(file, context.schema)[0].aliases, alias]))
    names = {normalise(name) for name in (former_page.stem, display_name(former_page.stem, former_page.namespace))}
    for linking_page in context.pages():
        text = context.files[linking_page.id].text
        for link, resolution in zip(
            linking_page.outgoing_links, context.graph.resolutions[linking_page.id], strict=True
        ):
            link_type = context.schema.page_type(link.type) if link.type else None
            link_name = PurePosixPath(link.target).stem if link.is_path else link.target
            swapped = isinstance(resolution, Found) and resolution.swapped
            link_name = (link.label or "") if swapped else link_name
            has_former_type = not link_type or link_type.name == former_page.page_type
            names_former_page = has_former_type and normalise(link_name) in names
            if names_former_page and link.target and (isinstance(resolution, Missing) or _leads_to(resolution, page)):
                place = Edit(linking_page.path, link.span.start, link.span.end, text)
                edits += link_edit(place, link, linking_page.path, move, label_is_target=swapped)
    return Plan(move, tuple(edits), False)


def _diverted(context: Context, edits: Iterable[Edit], move: Move) -> Iterator[tuple[WikiPage, int]]:
    """Yield page and number of each link that would lead to another page, or to none, after the edits."""
    graph = context.graph
    files = {file.path: file for file in context.files.values()}
    new_graph = resolve_after(context, apply_edits((edit for edit in edits if edit.path in files), files), move)
    resolutions_by_path = {
        new_graph.pages[page_id].path: resolutions for page_id, resolutions in new_graph.resolutions.items()
    }
    for page in graph.pages.values():
        old_resolutions = graph.resolutions[page.id]
        new_resolutions = resolutions_by_path[move.path if page.id == move.page.id else page.path]
        if len(old_resolutions) != len(new_resolutions):
            yield page, len(old_resolutions)
        for number, (old_resolution, new_resolution) in enumerate(zip(old_resolutions, new_resolutions, strict=False)):
            if isinstance(old_resolution, Found):
                old_path = graph.pages[old_resolution.page_id].path
                expected_path = move.path if old_path == move.page.path else old_path
                if (
                    not isinstance(new_resolution, Found)
                    or new_graph.pages[new_resolution.page_id].path != expected_path
                ):
                    yield page, number


def _link_edits(context: Context, move: Move, ambiguous: frozenset[tuple[str, int]]) -> Iterator[Edit]:
    for page in context.pages():
        text = context.files[page.id].text
        own_path = move.path if page.id == move.page.id else page.path
        for number, (link, resolution) in enumerate(
            zip(page.outgoing_links, context.graph.resolutions[page.id], strict=True)
        ):
            if isinstance(resolution, Found) and resolution.page_id == move.page.id and link.target:
                place = Edit(page.path, link.span.start, link.span.end, text)
                yield from link_edit(place, link, own_path, move, (page.path, number) in ambiguous, resolution.swapped)


def _title_edits(file: RawFile, move: Move, schema: Schema) -> Iterator[Edit]:
    """Yield edits of the heading and of the title in front matter, where they hold the old name."""
    span = outline(file, schema).title
    match = _HEADING.fullmatch(file.text[span.start :].partition("\n")[0]) if span else None
    if span and match:
        if move.new_type and match["type"] and key(match["type"]) == key(move.page.page_type):
            start = span.start + match.start("type")
            yield Edit(file.path, start, start + len(match["type"]), move.type)
        new_title = _new_title(match["name"], move)
        if new_title:
            yield Edit(file.path, span.start + match.start("name"), span.start + match.end("name"), new_title)
    front = file.text[: read_front_matter(file.text).end]
    kind = _FRONT_TYPE.search(front) if move.new_type and stated_type(file.text) else None
    if kind:
        yield Edit(file.path, kind.start("value"), kind.start("value") + len(kind["value"].rstrip()), move.type)
    title = _FRONT_TITLE.search(front)
    new_title = _new_title(title["name"], move) if title else None
    if title and new_title:
        quotes = {
            "": scalar(new_title),
            '"': json.dumps(new_title, ensure_ascii=False),
            "'": "'" + new_title.replace("'", "''") + "'",
        }
        yield Edit(file.path, title.start("value"), title.end("value"), quotes[title["quote"]])


def _new_title(heading: str, move: Move) -> str | None:
    """Return the new title for a heading that holds the page's old name; None if it holds something else."""
    text = plain(heading)
    if text == move.page.stem and "_" in text:
        return move.stem
    names = (move.page.stem, display_name(move.page.stem, ""), display_name(move.page.stem, move.page.namespace))
    # A title that differs from the file name only in case counts as that name.
    old_names = {normalise(name).casefold() for name in (*names, move.former_name)}
    return move.title if normalise(text).casefold() in old_names else None


def _alias_edits(context: Context, move: Move) -> Iterator[Edit]:
    page = move.page
    former = [page.stem] if normalise(page.stem) != normalise(move.stem) else []
    if move.new_type:  # by its name alone, `[[Old type:Name]]` would no longer find it
        former.append(f"{page.page_type}:{page.stem}")
    obsolete = {normalise(name) for name in (move.stem, f"{move.type}:{move.stem}", *former)}
    file = context.files[page.id]
    aliases = parse(file, context.schema)[0].aliases  # without those that pages that redirect to it give it
    other_aliases = [alias.strip() for alias in aliases if normalise(alias) not in obsolete]
    if former or len(other_aliases) < len(aliases):
        yield with_aliases(file, [*other_aliases, *former])


def _alias_holders(context: Context, move: Move) -> Iterator[WikiPage]:
    """Yield other pages that have the new name as an alias."""
    bare, typed = normalise(move.stem), normalise(f"{move.type}:{move.stem}")
    for page in context.pages():
        former = set(map(normalise, page.aliases))
        named = typed in former or (page.page_type == move.type and bare in former)
        if named and page.id != move.page.id and page.root == move.page.root:
            yield page


def _release_alias(context: Context, holder: WikiPage, move: Move) -> Iterator[Edit]:
    """Remove the alias from the page that has it, and rewrite links by it to that page's name."""
    names = {normalise(move.stem), normalise(f"{move.type}:{move.stem}")}
    file = context.files[holder.id]
    aliases = parse(file, context.schema)[0].aliases  # without those that pages that redirect to it give it
    other_aliases = [alias for alias in aliases if normalise(alias) not in names]
    if len(other_aliases) < len(aliases):
        yield with_aliases(file, other_aliases)
    former = Move(
        replace(holder, stem=move.stem), move.stem, holder.page_type, holder.stem, holder.page_title, holder.path
    )
    for page in context.pages():
        for link, resolution in zip(page.outgoing_links, context.graph.resolutions[page.id], strict=True):
            swapped = isinstance(resolution, Found) and resolution.swapped
            name = (link.label or "") if swapped else link.target
            if _leads_to(resolution, holder) and not link.is_path and normalise(name) == normalise(move.stem):
                place = Edit(page.path, link.span.start, link.span.end, context.files[page.id].text)
                yield from link_edit(place, link, page.path, former, label_is_target=swapped)


def _leads_to(resolution: Resolution, page: WikiPage) -> bool:
    return isinstance(resolution, Found) and resolution.page_id == page.id


def _own_path_edits(context: Context, move: Move) -> Iterator[Edit]:
    """Yield edits of relative addresses on the page itself, if it moves to another folder."""
    page = move.page
    if PurePosixPath(page.path).parent == PurePosixPath(move.path).parent:
        return
    file = context.files[page.id]
    folder = PurePosixPath(page.path).parent
    other_paths = {other_page.path for other_page in context.graph.pages.values()} - {page.path}

    def edit(address: str, span: Span) -> Iterator[Edit]:
        old_text = file.text[span.start : span.end]
        new_address = relative_link(str(folder / address), move.path)
        new_text = (
            old_text.replace(address, new_address, 1)
            if old_text.startswith(("[[", "![["))
            else replace_address(old_text, new_address)
        )
        yield from minimal_edit(Edit(page.path, span.start, span.end, ""), old_text, new_text)

    for link, resolution in zip(page.outgoing_links, context.graph.resolutions[page.id], strict=True):
        target = context.graph.pages[resolution.page_id].path if isinstance(resolution, Found) else ""
        own_target = relative_link(str(folder / link.target), "x")
        leads_beside = target in other_paths and target.casefold().startswith(own_target.casefold().replace(" ", "_"))
        if link.is_path and (leads_beside or (page.path, link.target) in context.attached):
            yield from edit(link.target, link.span)
    references = scan(without_front_matter(file.text), page.dialect == "mediawiki")
    images = [(image.address, image.span) for image in references.images]
    images += [(note.values[0], note.span) for note in references.annotations if note.name == "image"]
    for address, span in images:
        if (page.path, address) in context.attached:
            yield from edit(address, span)
