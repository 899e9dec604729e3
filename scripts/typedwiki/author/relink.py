"""One link as it is written, and as it is written when the page that it leads to is renamed."""

from __future__ import annotations

import html
import os.path
import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import quote, unquote

from ..audit.fix import Edit
from ..model import Link, WikiPage
from ..resolve import PAGE_SUFFIXES, normalise
from ..text.names import display_name

_WIKI_LINK = re.compile(
    r"""(?P<before>!?\[\[[ \t]*(?![ \t])(?:[^\W\d_][\w \t-]*(?:[^\S \t]\s*)?::\s*(?!\s))?)
        (?P<target>(?P<name>(?:[^#|\]\n]|\#(?![^#|\]\n]))*?)(?P<fragment>\#[^#|\]\n][^|\]\n]*)?)
        (?P<label>\\?\|(?:[^\]]|\](?!\]))*)?\]\]""",
    re.VERBOSE,
)
_ADDRESS = re.compile(
    r"""\]\(\s*(?P<address><[^<>\n]*>|[^()\s<>]+(?:\([^()\s]*\)[^()\s<>]*)*)
        (?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)|=\d*x\d*))?\s*\)(?:\{[^{}\n]*\})?\Z""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    r"""\b(?:href|src)\s*=\s*(?P<quote>["']?)(?P<address>[^"'<>\s]+|[^"'<>]+(?=["']))""", re.IGNORECASE
)
_PATH = re.compile(r"[^?#]*")
_UNSAFE = re.compile(r"[\s()<>%\\&\"']")
"""What an address cannot hold as it is."""


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
    namespace, with spaces or underscores, in small letters.

    None if the name is not one that the page loses: its title may stay, and its aliases do.
    """
    space = move.page.namespace
    if _folded(written) == _folded(move.page.stem):
        old, new = move.page.stem, move.stem
    elif _folded(written) == _folded(display_name(move.page.stem, space)):
        old, new = without_namespace(move.page.stem, space), without_namespace(move.stem, space)
    else:
        return None
    if " " in written.strip():
        new = new.replace("_", " ")
    if written.islower() and old[1:] != old[1:].lower():
        new = new.lower()
    elif written[:1].islower() and new[1:2].islower():
        new = new[:1].lower() + new[1:]
    return new


def _folded(name: str) -> str:
    return normalise(name).casefold()


def without_namespace(stem: str, space: str) -> str:
    return stem[len(space) + 1 :] if space and stem.startswith(f"{space}_") else stem


def relinked(written: str, link: Link, move: Move, typed: bool = False, swapped: bool = False, here: str = "") -> str:
    """A link in double brackets that leads to the page, with the new name. Edge, fragment and label stay.

    ``typed`` adds the type where it is not written, for a name that other pages have too. ``swapped`` says that
    the label names the page. ``here`` is the path that the file will have.
    """
    match = _WIKI_LINK.fullmatch(written)
    if not match:
        return written
    if swapped:
        start, end = match.start("label") + match["label"].index("|") + 1, match.end("label")
        return f"{written[:start]}{_renamed(written[start:end], move)}{written[end:]}"
    kind, colon, name = match["name"].partition(":") if link.type else ("", "", match["name"])
    path = PurePosixPath(link.target)
    if not link.type and respelled(link.target, move) is None and ("/" in link.target or path.suffix in PAGE_SUFFIXES):
        name = name.replace(name.strip(), new_address(link, here, move))
    else:
        name = _renamed(name, move)
        if move.new_type and kind.strip():
            kind = kind.replace(kind.strip(), move.type)
        if typed and not kind:
            kind, colon = move.type, ":"
    return f"{written[: match.start('name')]}{kind}{colon}{name}{written[match.end('name') :]}"


def _renamed(name: str, move: Move) -> str:
    """A name with the space around it, if it is one that the page loses."""
    new = respelled(name.strip(), move)
    return name if new is None else name.replace(name.strip(), new)


def readdressed(written: str, address: str) -> str:
    """A link or an image with another path: ``[label](path?query#section "title")``, an element with ``href`` or
    ``src``, or only the address, as in the definition of a reference."""
    element = written.startswith("<") and bool(re.match(r"<(?:a|img)\s", written, re.IGNORECASE))
    match = _ATTRIBUTE.search(written) if element else _ADDRESS.search(written) if "](" in written else None
    if not match and (element or written.startswith(("[", "!["))):
        return written
    start, end = match.span("address") if match else (0, len(written))
    whole = written[start:end]
    angle = whole.startswith("<")
    path = _PATH.match(whole[1:-1] if angle else whole)
    old = path[0] if path else ""
    if old.strip().startswith("./") and not address.startswith(("./", "../", "/")):
        address = f"./{address}"
    if angle:
        new = re.sub(r"[<>\n]", lambda m: quote(m[0]), address)
    elif element:
        new = html.escape(quote(address) if unquote(old) != old or " " in address else address)
    else:
        new = quote(address) if unquote(old) != old or _UNSAFE.search(address) else address
    at = start + angle
    return f"{written[:at]}{new}{written[at + len(old) :]}"


def new_address(link: Link, here: str, move: Move) -> str:
    """The path to the page that moves, as a link writes it on the page that will be at ``here``: as the file is
    spelled, from the page's folder or from the root of the wiki."""
    old = PurePosixPath(link.target)
    if respelled(old.stem, move) is None:
        return link.target if not move.new_type else relative(move.path, here)
    suffix = old.suffix if old.suffix.lower() in PAGE_SUFFIXES else ""
    new = PurePosixPath(move.path)
    if new.parent == PurePosixPath(move.page.path).parent:
        return f"{link.target[: len(link.target) - len(old.name)]}{move.stem}{suffix}"
    target = str(new.with_suffix("")) + suffix
    from_root = os.path.normpath(f"{move.page.root}/{link.target.lstrip('/')}").removesuffix(suffix)
    if from_root == move.page.path.removesuffix(PurePosixPath(move.page.path).suffix):
        slash = "/" if link.target.startswith("/") else ""
        return f"{slash}{relative(target, f'{move.page.root}/x')}"
    return relative(target, here)


def relative(path: str, page: str) -> str:
    """A file's path as a page's links write it."""
    return PurePosixPath(os.path.relpath(path, PurePosixPath(page).parent)).as_posix()


def relinked_at(
    place: Edit, link: Link, here: str, move: Move, typed: bool = False, swapped: bool = False
) -> Iterator[Edit]:
    """The edit of one link, if it changes. ``place`` holds the whole text of the file, which will be
    at ``here``."""
    written = place.text[place.start : place.end]
    if link.is_path:
        new = readdressed(written, new_address(link, here, move))
    else:
        new = relinked(written, link, move, typed, swapped, here)
    yield from changed(place, written, new)


def changed(place: Edit, written: str, new: str) -> Iterator[Edit]:
    """The edit of what differs between two texts of a place: line ends of a link's label stay what they are."""
    if new == written:
        return
    first = _shared(written, new)
    last = _shared(written[first:][::-1], new[first:][::-1])
    yield Edit(place.path, place.start + first, place.start + len(written) - last, new[first : len(new) - last])


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
