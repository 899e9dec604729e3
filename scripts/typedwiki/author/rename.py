"""A page under another name: every change that this takes, worked out before any is made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from ..audit.context import Context
from ..audit.fix import Edit, apply
from ..audit.outline import outline
from ..model import Found, Missing, RawFile, Resolution, Span, WikiPage
from ..resolve import normalise
from ..schema import Schema, key
from ..text.front_matter import read_front_matter, without_front_matter
from ..text.links import scan
from ..text.names import display_name
from ..text.parse import parse
from ..text.plain import plain
from .aliases import scalar, with_aliases
from .relink import Move, changed, readdressed, relative, relinked_at
from .rename_effect import resolved
from .rename_index import index_edits

_HEADING = re.compile(
    r"(?:#+[ \t]+|=[ \t]*)?(?:(?P<type>\w+):[ \t]*)?(?P<name>\S.*?)"
    r"(?<![ \t])[ \t]*(?:\{[^{}]*\}[ \t]*)?(?:(?:(?<!#)#+|=)[ \t]*)?"
)
_FRONT_TITLE = re.compile(r"(?mi)^title[ \t]*:[ \t]*(?P<value>(?P<quote>[\"']?)(?P<name>[^\n\"']+?)(?P=quote))[ \t]*$")


class Plan(NamedTuple):
    """What a rename changes."""

    move: Move
    edits: tuple[Edit, ...]
    title_stays: bool
    """The page has a title of its own, which is not its name."""
    freed: tuple[str, ...] = ()
    """The pages that lose the new name as an alias."""


class BrokenError(ValueError):
    """The new name would make other links lead elsewhere; the message names them."""


def plan(context: Context, move: Move) -> Plan:
    """Every edit, by path as it is now.

    Links that name the page are rewritten wherever they stand, edges, fragments and labels kept.
    A link without a label shows the page's title on the site, so none needs one. Links by a title
    that stays, or by an alias, stay.

    Raises:
        BrokenError: some link would lead elsewhere than before.
        RewriteError: the page's front matter cannot take the alias.
    """
    heading = list(_title_edits(context.files[move.page.id], move, context.schema))
    titled = move.page.page_title != display_name(move.page.stem, move.page.namespace)
    others = list(_aliased(context, move))
    around = [*heading, *_alias_edits(context, move), *_own_paths(context, move), *index_edits(context, move)]
    around += [edit for other in others for edit in _freed(context, other, move)]
    typed: frozenset[tuple[str, int]] = frozenset()
    for _ in range(2):
        edits = (*around, *_link_edits(context, move, typed))
        wrong = list(_diverted(context, edits, move))
        if not wrong:
            return Plan(move, edits, titled and not heading, tuple(f"{o.page_type}:{o.stem}" for o in others))
        typed = frozenset((page.path, number) for page, number in wrong)
    places = [f"{p.path}:{p.outgoing_links[n].span.line}" for p, n in wrong if n < len(p.outgoing_links)]
    shown = ", ".join(places[:5]) + (f" and {len(places) - 5} more" if len(places) > 5 else "")
    raise BrokenError(f"as `{move.type}:{move.stem}` it would change where links lead: {shown or 'everywhere'}")


def adoption(context: Context, move: Move) -> Plan:
    """What mends the links to a page whose file was renamed by hand: ``move.page`` has the name that it had.

    Raises:
        RewriteError: the page's front matter cannot take the alias.
    """
    page = context.graph.pages[move.page.id]
    file = context.files[page.id]
    old = move.page
    alias = old.stem if old.page_type == page.page_type else f"{old.page_type}:{old.stem}"
    edits: list[Edit] = []
    if normalise(alias) not in map(normalise, page.aliases):
        edits.append(with_aliases(file, [*parse(file, context.schema)[0].aliases, alias]))
    names = {normalise(name) for name in (old.stem, display_name(old.stem, old.namespace))}
    for other in context.pages():
        text = context.files[other.id].text
        for link, found in zip(other.outgoing_links, context.graph.resolutions[other.id], strict=True):
            kind = context.schema.page_type(link.type) if link.type else None
            written = PurePosixPath(link.target).stem if link.is_path else link.target
            swapped = isinstance(found, Found) and found.swapped
            written = (link.label or "") if swapped else written
            same = (not kind or kind.name == old.page_type) and normalise(written) in names
            if same and link.target and (isinstance(found, Missing) or _leads(found, page)):
                place = Edit(other.path, link.span.start, link.span.end, text)
                edits += relinked_at(place, link, other.path, move, swapped=swapped)
    return Plan(move, tuple(edits), False)


def _diverted(context: Context, edits: Iterable[Edit], move: Move) -> Iterator[tuple[WikiPage, int]]:
    """Links that led to a page and now lead to another one or to none, by their numbers."""
    graph = context.graph
    files = {file.path: file for file in context.files.values()}
    after = resolved(context, apply((edit for edit in edits if edit.path in files), files), move)
    now_at = {after.pages[page_id].path: resolutions for page_id, resolutions in after.resolutions.items()}
    for page in graph.pages.values():
        before = graph.resolutions[page.id]
        now = now_at[move.path if page.id == move.page.id else page.path]
        if len(before) != len(now):
            yield page, len(before)
        for number, (old, new) in enumerate(zip(before, now, strict=False)):
            if isinstance(old, Found):
                was = graph.pages[old.page_id].path
                wanted = move.path if was == move.page.path else was
                if not isinstance(new, Found) or after.pages[new.page_id].path != wanted:
                    yield page, number


def _link_edits(context: Context, move: Move, typed: frozenset[tuple[str, int]]) -> Iterator[Edit]:
    for page in context.pages():
        text = context.files[page.id].text
        here = move.path if page.id == move.page.id else page.path
        for number, (link, resolution) in enumerate(
            zip(page.outgoing_links, context.graph.resolutions[page.id], strict=True)
        ):
            if isinstance(resolution, Found) and resolution.page_id == move.page.id and link.target:
                place = Edit(page.path, link.span.start, link.span.end, text)
                yield from relinked_at(place, link, here, move, (page.path, number) in typed, resolution.swapped)


def _title_edits(file: RawFile, move: Move, schema: Schema) -> Iterator[Edit]:
    """The page's heading and the title in its front matter, where they say the old name."""
    span = outline(file, schema).title
    match = _HEADING.fullmatch(file.text[span.start :].partition("\n")[0]) if span else None
    if span and match:
        if move.new_type and match["type"] and key(match["type"]) == key(move.page.page_type):
            start = span.start + match.start("type")
            yield Edit(file.path, start, start + len(match["type"]), move.type)
        new = _title(match["name"], move)
        if new:
            yield Edit(file.path, span.start + match.start("name"), span.start + match.end("name"), new)
    front = file.text[: read_front_matter(file.text).end]
    title = _FRONT_TITLE.search(front)
    new = _title(title["name"], move) if title else None
    if title and new:
        quotes = {"": scalar(new), '"': json.dumps(new, ensure_ascii=False), "'": "'" + new.replace("'", "''") + "'"}
        yield Edit(file.path, title.start("value"), title.end("value"), quotes[title["quote"]])


def _title(written: str, move: Move) -> str | None:
    """What is shown in the place of the page's name; None if something else is shown."""
    shown = plain(written)
    if shown == move.page.stem and "_" in shown:
        return move.stem
    names = (move.page.stem, display_name(move.page.stem, ""), display_name(move.page.stem, move.page.namespace))
    # A title that differs from the file's name in case alone is that name.
    same = {normalise(name).casefold() for name in (*names, move.called)}
    return move.title if normalise(shown).casefold() in same else None


def _alias_edits(context: Context, move: Move) -> Iterator[Edit]:
    page = move.page
    former = [page.stem] if normalise(page.stem) != normalise(move.stem) else []
    if move.new_type:  # by its name alone, `[[Old type:Name]]` would no longer find it
        former.append(f"{page.page_type}:{page.stem}")
    own = {normalise(name) for name in (move.stem, f"{move.type}:{move.stem}", *former)}
    file = context.files[page.id]
    aliases = parse(file, context.schema)[0].aliases  # without those that pages that redirect to it give it
    kept = [alias.strip() for alias in aliases if normalise(alias) not in own]
    if former or len(kept) < len(aliases):
        yield with_aliases(file, [*kept, *former])


def _aliased(context: Context, move: Move) -> Iterator[WikiPage]:
    """Other pages that have had the new name before."""
    bare, typed = normalise(move.stem), normalise(f"{move.type}:{move.stem}")
    for page in context.pages():
        former = set(map(normalise, page.aliases))
        named = typed in former or (page.page_type == move.type and bare in former)
        if named and page.id != move.page.id and page.root == move.page.root:
            yield page


def _freed(context: Context, other: WikiPage, move: Move) -> Iterator[Edit]:
    """The alias goes from the page that had it, and links by it call that page by its name."""
    names = {normalise(move.stem), normalise(f"{move.type}:{move.stem}")}
    file = context.files[other.id]
    aliases = parse(file, context.schema)[0].aliases  # without those that pages that redirect to it give it
    kept = [alias for alias in aliases if normalise(alias) not in names]
    if len(kept) < len(aliases):
        yield with_aliases(file, kept)
    former = Move(replace(other, stem=move.stem), move.stem, other.page_type, other.stem, other.page_title, other.path)
    for page in context.pages():
        for link, found in zip(page.outgoing_links, context.graph.resolutions[page.id], strict=True):
            swapped = isinstance(found, Found) and found.swapped
            written = (link.label or "") if swapped else link.target
            if _leads(found, other) and not link.is_path and normalise(written) == normalise(move.stem):
                place = Edit(page.path, link.span.start, link.span.end, context.files[page.id].text)
                yield from relinked_at(place, link, page.path, former, swapped=swapped)


def _leads(found: Resolution, page: WikiPage) -> bool:
    return isinstance(found, Found) and found.page_id == page.id


def _own_paths(context: Context, move: Move) -> Iterator[Edit]:
    """Addresses on the page itself, which moves to another folder and leaves their targets behind."""
    page = move.page
    if PurePosixPath(page.path).parent == PurePosixPath(move.path).parent:
        return
    file = context.files[page.id]
    folder = PurePosixPath(page.path).parent
    others = {other.path for other in context.graph.pages.values()} - {page.path}

    def edit(address: str, span: Span) -> Iterator[Edit]:
        written = file.text[span.start : span.end]
        there = relative(str(folder / address), move.path)
        new = written.replace(address, there, 1) if written.startswith(("[[", "![[")) else readdressed(written, there)
        yield from changed(Edit(page.path, span.start, span.end, ""), written, new)

    for link, resolution in zip(page.outgoing_links, context.graph.resolutions[page.id], strict=True):
        target = context.graph.pages[resolution.page_id].path if isinstance(resolution, Found) else ""
        here = relative(str(folder / link.target), "x")
        beside = target in others and target.casefold().startswith(here.casefold().replace(" ", "_"))
        if link.is_path and (beside or (page.path, link.target) in context.attached):
            yield from edit(link.target, link.span)
    found = scan(without_front_matter(file.text), page.dialect == "mediawiki")
    images = [(image.address, image.span) for image in found.images]
    images += [(note.values[0], note.span) for note in found.annotations if note.name == "image"]
    for address, span in images:
        if (page.path, address) in context.attached:
            yield from edit(address, span)
