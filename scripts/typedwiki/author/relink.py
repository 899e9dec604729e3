"""One link as it is written, and as it is written when the page that it leads to is renamed."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import quote, unquote

from ..audit.fix import Edit
from ..model import Link, WikiPage
from ..resolve import normalise
from ..text.names import display_name

_OPENING = re.compile(r"!?\[\[[ \t]*(?:[A-Za-z][\w \t-]*?\s*::\s*)?")
_UNTYPED_OPENING = re.compile(r"!?\[\[[ \t]*")
_TARGET = re.compile(r"[^|\]\n]*?(?=\\?\||\]\])")
_ADDRESS = re.compile(
    r"""\]\([ ]*(?P<address><[^<>\n]+>|[^()\s<>]+(?:\([^()\s]*\)[^()\s]*)*)
        (?:\s+(?:"[^"\n]*"|'[^'\n]*'))?[ ]*\)$""",
    re.VERBOSE,
)


class Move(NamedTuple):
    """A page, and what it will be called."""

    page: WikiPage
    called: str
    """The old name as whoever renames it wrote it: perhaps the title."""
    type: str
    stem: str
    title: str
    """As headings show it."""
    path: str

    @property
    def new_type(self) -> bool:
        return self.type != self.page.page_type


def respelled(written: str, move: Move) -> str | None:
    """A name of the page in its new form, spelled in the way of the old one: with or without the
    namespace, with spaces or underscores, with a small first letter.

    None if the name is not one that the page loses: its title may stay, and its aliases do.
    """
    space = move.page.namespace
    if normalise(written) == normalise(move.page.stem):
        new = move.stem
    elif normalise(written) == normalise(display_name(move.page.stem, space)):
        new = without_namespace(move.stem, space)
    else:
        return None
    if " " in written.strip():
        new = new.replace("_", " ")
    if written[:1].islower() and new[1:2].islower():
        new = new[:1].lower() + new[1:]
    return new


def without_namespace(stem: str, space: str) -> str:
    return stem[len(space) + 1 :] if space and stem.startswith(f"{space}_") else stem


def relinked(written: str, link: Link, move: Move, typed: bool = False) -> str:
    """A link in double brackets that leads to the page, with the new name. Edge, fragment and label
    stay. ``typed`` adds the type where it is not written, for a name that other pages have too."""
    opening = (_OPENING if link.edge else _UNTYPED_OPENING).match(written)
    target = _TARGET.match(written, opening.end()) if opening else None
    if not target:
        return written
    whole, fragment = target[0], ""
    if "#" in whole:
        whole, _, fragment = whole.partition("#")
        fragment = f"#{fragment}"
    kind, colon, name = whole.rpartition(":") if link.type else ("", "", whole)
    if link.type:  # only the first colon ends a type
        kind, colon, name = whole.partition(":")
    if move.new_type and kind.strip():
        kind = kind.replace(kind.strip(), move.type)
    new = respelled(name.strip(), move)
    if new is not None:
        name = name.replace(name.strip(), new)
    if typed and not kind:
        kind, colon = move.type, ":"
    return f"{written[: target.start()]}{kind}{colon}{name}{fragment}{written[target.end() :]}"


def readdressed(written: str, address: str) -> str:
    """A Markdown link to a file, ``[label](path#section "title")``, with another path."""
    match = _ADDRESS.search(written)
    if not match:
        return written
    angle = match["address"].startswith("<")
    path, hash_, fragment = (match["address"][1:-1] if angle else match["address"]).strip().partition("#")
    if path.startswith("./") and not address.startswith(("./", "../")):
        address = f"./{address}"
    if not angle and (unquote(path) != path or re.search(r"[\s()<>%]", address)):
        address = quote(address)
    inside = f"{address}{hash_}{fragment}"
    return written[: match.start("address")] + (f"<{inside}>" if angle else inside) + written[match.end("address") :]


def new_address(link: Link, here: str, move: Move) -> str:
    """The path to the page that moves, as a link writes it on the page that will be at ``here``."""
    old = PurePosixPath(link.target)
    if PurePosixPath(move.path).parent != PurePosixPath(move.page.path).parent:
        return relative(move.path.removesuffix(PurePosixPath(move.path).suffix) + old.suffix, here)
    folder = link.target[: len(link.target) - len(old.name)]
    # As the file is spelt: others than us tell cases apart, and know no namespaces.
    return f"{folder}{old.stem if respelled(old.stem, move) is None else move.stem}{old.suffix}"


def relative(path: str, page: str) -> str:
    """A file's path as a page's links write it."""
    return PurePosixPath(os.path.relpath(path, PurePosixPath(page).parent)).as_posix()


def relinked_at(place: Edit, link: Link, here: str, move: Move, typed: bool = False) -> Iterator[Edit]:
    """The edit of one link, if it changes. ``place`` holds the whole text of the file, which will be
    at ``here``."""
    written = place.text[place.start : place.end]
    new = readdressed(written, new_address(link, here, move)) if link.is_path else relinked(written, link, move, typed)
    if new != written:
        yield place._replace(text=new)
