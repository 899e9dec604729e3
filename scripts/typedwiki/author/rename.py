"""A page under another name: every change that this takes, worked out before any is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from ..audit.context import Context
from ..audit.fix import Edit, apply
from ..audit.outline import outline
from ..model import Found, Missing, RawFile, WikiPage
from ..resolve import normalise
from ..schema import key
from ..text.front_matter import FRONT_MATTER
from ..text.links import scan
from ..text.names import display_name
from ..text.plain import plain
from .aliases import with_aliases
from .relink import Move, readdressed, relative, relinked_at
from .rename_effect import resolved
from .rename_index import index_edits


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
    heading = list(_title_edits(context.files[move.page.id], move))
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
    old = move.page
    alias = old.stem if old.page_type == page.page_type else f"{old.page_type}:{old.stem}"
    edits: list[Edit] = []
    if normalise(alias) not in map(normalise, page.aliases):
        edits.append(with_aliases(context.files[page.id], [*page.aliases, alias]))
    names = {normalise(name) for name in (old.stem, display_name(old.stem, old.namespace))}
    for other in context.pages():
        text = context.files[other.id].text
        for link, found in zip(other.outgoing_links, context.graph.resolutions[other.id], strict=True):
            kind = context.schema.page_type(link.type) if link.type else None
            written = PurePosixPath(link.target).stem if link.is_path else link.target
            same = (not kind or kind.name == old.page_type) and normalise(written) in names
            if same and link.target and (isinstance(found, Missing) or found == Found(page.id)):
                edits += relinked_at(Edit(other.path, link.span.start, link.span.end, text), link, other.path, move)
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
            if resolution == Found(move.page.id) and link.target:
                needs_type = (page.path, number) in typed
                yield from relinked_at(
                    Edit(page.path, link.span.start, link.span.end, text), link, here, move, needs_type
                )


def _title_edits(file: RawFile, move: Move) -> Iterator[Edit]:
    """The page's heading and the title in its front matter, where they say the old name."""
    span = outline(file).title
    if span:
        line = file.text[span.start :].partition("\n")[0]
        match = re.fullmatch(r"(#+[ \t]+|=[ \t]*)?(?:(?P<type>\w+):[ \t]*)?(?P<name>\S.*?)[ \t]*(?:#+|=)?[ \t]*", line)
        if match:
            if move.new_type and match["type"] and key(match["type"]) == key(move.page.page_type):
                start = span.start + match.start("type")
                yield Edit(file.path, start, start + len(match["type"]), move.type)
            yield from _named(file.path, span.start + match.start("name"), match["name"], move)
    front = FRONT_MATTER.match(file.text)
    title = (
        re.search(r"(?mi)^title[ \t]*:[ \t]*(?P<q>[\"']?)(?P<name>[^\n\"']+?)(?P=q)[ \t]*$", front[0])
        if front
        else None
    )
    if title:
        yield from _named(file.path, title.start("name"), title["name"], move)


def _named(path: str, start: int, written: str, move: Move) -> Iterator[Edit]:
    """The page's name where it is shown."""
    shown = plain(written)
    if shown == move.page.stem and "_" in shown:
        yield Edit(path, start, start + len(written), move.stem)
    elif shown in (display_name(move.page.stem, ""), display_name(move.page.stem, move.page.namespace), move.called):
        yield Edit(path, start, start + len(written), move.title)


def _alias_edits(context: Context, move: Move) -> Iterator[Edit]:
    page = move.page
    former = [page.stem] if normalise(page.stem) != normalise(move.stem) else []
    if move.new_type:  # by its name alone, `[[Old type:Name]]` would no longer find it
        former.append(f"{page.page_type}:{page.stem}")
    own = {normalise(name) for name in (move.stem, f"{move.type}:{move.stem}", *former)}
    kept = [alias.strip() for alias in page.aliases if normalise(alias) not in own]
    if former or len(kept) < len(page.aliases):
        yield with_aliases(context.files[page.id], [*kept, *former])


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
    yield with_aliases(context.files[other.id], [alias for alias in other.aliases if normalise(alias) not in names])
    former = Move(replace(other, stem=move.stem), move.stem, other.page_type, other.stem, other.page_title, other.path)
    for page in context.pages():
        for link, found in zip(page.outgoing_links, context.graph.resolutions[page.id], strict=True):
            if found == Found(other.id) and not link.is_path and normalise(link.target) == normalise(move.stem):
                text = context.files[page.id].text
                yield from relinked_at(Edit(page.path, link.span.start, link.span.end, text), link, page.path, former)


def _own_paths(context: Context, move: Move) -> Iterator[Edit]:
    """Addresses on the page itself, which moves to another folder and leaves their targets behind."""
    page = move.page
    if PurePosixPath(page.path).parent == PurePosixPath(move.path).parent:
        return
    text = context.files[page.id].text
    folder = PurePosixPath(page.path).parent
    by_path = {other.path for other in context.graph.pages.values()} - {page.path}

    def there(path: str) -> str:
        return relative(str(folder / path), move.path)

    for link in page.outgoing_links:
        target = relative(str(folder / link.target), "x")
        if link.is_path and (target in by_path or (page.path, link.target) in context.attached):
            written = text[link.span.start : link.span.end]
            yield Edit(page.path, link.span.start, link.span.end, readdressed(written, there(link.target)))
    found = scan(text)
    for path in {path for path in page.images if (page.path, path) in context.attached}:
        for match in re.finditer(
            rf"(?:\]\([ ]*<?|(?i:\[\[(?:file|image|media):[ ]*)|src=[\"']?){re.escape(path)}", text
        ):
            if not any(part.start <= match.start() < part.end for part in found.protected):
                yield Edit(page.path, match.end() - len(path), match.end(), there(path))
