"""Rename a page: plan every edit before any is made, and refuse what would break."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from msgspec.structs import replace

from ..atomic import Change
from ..audit.context import Context
from ..audit.fix import Edit, apply_edits, find_fixes
from ..audit.outline import outline
from ..model import Found, Missing, RawFile, Resolution, Span, WikiPage, grouped
from ..open_types import stated_type
from ..problems import Problem
from ..read import SUFFIXES, decode
from ..resolve import normalise
from ..schema import Schema, key
from ..text.front_matter import read_front_matter, without_front_matter
from ..text.links import scan
from ..text.markdown import plain
from ..text.names import display_name
from ..text.parse import parse
from .metadata_formats import scalar, with_aliases
from .page_files import RewriteError, added_problems, audit_after, edit_bytes, wiki_after
from .page_names import BadNameError, Move
from .relink import index_edits, link_edit, listing_edits, minimal_edit, relative_link, replace_address

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
        for link, resolution in context.graph.links(linking_page):
            link_type = context.schema.page_type(link.type) if link.type else None
            link_name = PurePosixPath(link.target).stem if link.is_path else link.target
            swapped = isinstance(resolution, Found) and resolution.swapped
            link_name = (link.label or "") if swapped else link_name
            has_former_type = not link_type or link_type.name == former_page.page_type
            names_former_page = has_former_type and normalise(link_name) in names
            if names_former_page and link.target and (isinstance(resolution, Missing) or _is_link_to(resolution, page)):
                place = Edit(linking_page.path, link.span.start, link.span.end, text)
                edits += link_edit(place, link, linking_page.path, move, label_is_target=swapped)
    return Plan(move, tuple(edits), False)


def _diverted(context: Context, edits: Iterable[Edit], move: Move) -> Iterator[tuple[WikiPage, int]]:
    """Yield page and number of each link that would lead to another page, or to none, after the edits."""
    graph = context.graph
    files = {file.path: file for file in context.files.values()}
    new_graph, _, _ = wiki_after(context, apply_edits((edit for edit in edits if edit.path in files), files), move)
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
        for number, (link, resolution) in enumerate(context.graph.links(page)):
            if isinstance(resolution, Found) and resolution.page_id == move.page.id and link.target:
                place = Edit(page.path, link.span.start, link.span.end, text)
                yield from link_edit(place, link, own_path, move, (page.path, number) in ambiguous, resolution.swapped)


def _title_edits(file: RawFile, move: Move, schema: Schema) -> Iterator[Edit]:
    """Yield edits of the heading and of the title in front matter, where they contain the old name."""
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
    """Return the new title for a heading that is the page's old name; None if it is something else."""
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
    name_only, typed = normalise(move.stem), normalise(f"{move.type}:{move.stem}")
    for page in context.pages():
        former = set(map(normalise, page.aliases))
        has_name = typed in former or (page.page_type == move.type and name_only in former)
        if has_name and page.id != move.page.id and page.root == move.page.root:
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
        for link, resolution in context.graph.links(page):
            swapped = isinstance(resolution, Found) and resolution.swapped
            name = (link.label or "") if swapped else link.target
            if _is_link_to(resolution, holder) and not link.is_path and normalise(name) == normalise(move.stem):
                place = Edit(page.path, link.span.start, link.span.end, context.files[page.id].text)
                yield from link_edit(place, link, page.path, former, label_is_target=swapped)


def _is_link_to(resolution: Resolution, page: WikiPage) -> bool:
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

    for link, resolution in context.graph.links(page):
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


def refuse_taken_name(move: Move, names: Iterable[str]) -> None:
    """Refuse names that differ only in case: a case-insensitive file system would confuse the files."""
    path = PurePosixPath(move.path)
    for name in names:
        is_taken = name.casefold() in (f"{move.stem}{suffix}".casefold() for suffix in SUFFIXES)
        if is_taken and str(path.with_name(name)) != move.page.path:
            raise BadNameError(f"{path.with_name(name)} exists, perhaps in another case; choose another name")


def refuse_linked(context: Context, move: Move, project: Path) -> None:
    """Refuse a page to which another page is a symbolic link, because that would break."""
    path = project / move.page.path
    for page in context.pages():
        other = project / page.path
        if page.id != move.page.id and other.is_symlink() and not path.is_symlink() and other.samefile(path):
            raise RewriteError(f"{page.path}: is a link to {move.page.path} and would lead nowhere; delete it first")


def file_changes(plan: Plan, context: Context, project: Path) -> tuple[list[Change], list[Problem]]:
    """Return the changes of a plan to files, and the problems that they would cause.

    Raises:
        RewriteError: a file has changed since it was read, or cannot hold a character of the new name.
    """
    texts = {file.path: file.text for file in (*context.files.values(), *context.indexes)}
    texts |= {listing.path: listing.text for listing in context.listings.files}
    changes = []
    for path, edits in {plan.move.page.path: [], **grouped(plan.edits, lambda edit: edit.path)}.items():
        old_data = (project / path).read_bytes()
        if decode(old_data)[0] != texts[path]:
            raise RewriteError(f"{path}: has just been changed by somebody else; nothing was changed")
        target = plan.move.path if path == plan.move.page.path else path
        changes.append(Change(path, target, old_data, edit_bytes(old_data, edits, path)))
    old_problems = audit_after(context, {})[1]
    move = plan.move if plan.move.path != plan.move.page.path else None  # None: the user has moved the file
    new_context, new_problems = audit_after(context, _new_texts(changes), move)
    unlisted = [p for p in added_problems(old_problems, new_problems, plan.move) if p.code == "I002"]
    if entries := grouped((fix.edit for fix in find_fixes(new_context, unlisted)), lambda edit: edit.path):
        # The index of its new type does not list the page yet.
        changed_paths = {change.path for change in changes}
        for path in sorted(entries.keys() - changed_paths):
            data = (project / path).read_bytes()
            changes.append(Change(path, path, data, data))
        changes = [c._replace(new=edit_bytes(c.new, entries.get(c.target, ()), c.path)) for c in changes]
        new_problems = audit_after(context, _new_texts(changes), move)[1]
    return changes, added_problems(old_problems, new_problems, plan.move)


def _new_texts(changes: Iterable[Change]) -> dict[str, str]:
    return {change.path: decode(change.new)[0] for change in changes}
