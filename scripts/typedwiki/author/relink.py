"""Rewrite links to a page that is renamed, and its entries in index files."""

from __future__ import annotations

import html
import os.path
import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from ..audit.context import Context
from ..audit.fix import Edit
from ..audit.rules_index import read_indexes
from ..model import Link, RawFile
from ..resolve import PAGE_SUFFIXES, normalise
from ..schema import Schema
from ..text.front_matter import read_front_matter
from ..text.links import scan
from ..text.names import display_name
from .page_names import Move, without_namespace

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
"""Characters that must be quoted in an address."""


def respell(name: str, move: Move) -> str | None:
    """Return the page's new name, spelled as the old one was ``name``: with or without the namespace, with
    spaces or underscores, in lower case.

    None if the page does not lose this name: its aliases stay, and perhaps its title.
    """
    namespace = move.page.namespace
    if _fold(name) == _fold(move.page.stem):
        old_name, new_name = move.page.stem, move.stem
    elif _fold(name) == _fold(display_name(move.page.stem, namespace)):
        old_name, new_name = without_namespace(move.page.stem, namespace), without_namespace(move.stem, namespace)
    else:
        return None
    if " " in name.strip():
        new_name = new_name.replace("_", " ")
    elif "_" in name:
        new_name = new_name.replace(" ", "_")
    if name.islower() and old_name[1:] != old_name[1:].lower():
        new_name = new_name.lower()
    elif name[:1].islower() and new_name[1:2].islower():
        new_name = new_name[:1].lower() + new_name[1:]
    return new_name


def _fold(name: str) -> str:
    return normalise(name).casefold()


def relink(
    link_text: str, link: Link, move: Move, add_type: bool = False, label_is_target: bool = False, own_path: str = ""
) -> str:
    """Return a link in double brackets to the page with the new name. Edge, fragment and label stay.

    ``add_type`` adds the type where it is not written, for a name that other pages have, too. ``label_is_target``:
    the label, not the target, names the page. ``own_path`` is the path that the file will have.
    """
    match = _WIKI_LINK.fullmatch(link_text)
    if not match:
        return link_text
    if label_is_target:
        start, end = match.start("label") + match["label"].index("|") + 1, match.end("label")
        return f"{link_text[:start]}{_rename_in(link_text[start:end], move)}{link_text[end:]}"
    kind, colon, name = match["name"].partition(":") if link.type else ("", "", match["name"])
    path = PurePosixPath(link.target)
    if not link.type and respell(link.target, move) is None and ("/" in link.target or path.suffix in PAGE_SUFFIXES):
        name = name.replace(name.strip(), new_address(link, own_path, move))
    else:
        name = _rename_in(name, move)
        if move.new_type and kind.strip():
            kind = kind.replace(kind.strip(), move.type)
        if add_type and not kind:
            kind, colon = move.type, ":"
    return f"{link_text[: match.start('name')]}{kind}{colon}{name}{link_text[match.end('name') :]}"


def _rename_in(name: str, move: Move) -> str:
    """Replace a name that the page loses; the space around it stays."""
    new_name = respell(name.strip(), move)
    return name if new_name is None else name.replace(name.strip(), new_name)


def replace_address(link_text: str, address: str) -> str:
    """Replace the path of a link or an image: ``[label](path?query#section "title")``, an element with ``href`` or
    ``src``, or an address alone, as in a reference definition."""
    element = link_text.startswith("<") and bool(re.match(r"<(?:a|img)\s", link_text, re.IGNORECASE))
    match = _ATTRIBUTE.search(link_text) if element else _ADDRESS.search(link_text) if "](" in link_text else None
    if not match and (element or link_text.startswith(("[", "!["))):
        return link_text
    start, end = match.span("address") if match else (0, len(link_text))
    old_address = link_text[start:end]
    angle = old_address.startswith("<")
    path = _PATH.match(old_address[1:-1] if angle else old_address)
    old_path = path[0] if path else ""
    if old_path.strip().startswith("./") and not address.startswith(("./", "../", "/")):
        address = f"./{address}"
    if angle:
        new_path = re.sub(r"[<>\n]", lambda m: quote(m[0]), address)
    elif element:
        new_path = html.escape(quote(address) if unquote(old_path) != old_path or " " in address else address)
    else:
        new_path = quote(address) if unquote(old_path) != old_path or _UNSAFE.search(address) else address
    path_start = start + angle
    return f"{link_text[:path_start]}{new_path}{link_text[path_start + len(old_path) :]}"


def new_address(link: Link, own_path: str, move: Move) -> str:
    """Return the path to the page that moves, for a link on the page that will be at ``own_path``. The link stays
    relative to the page's folder, or to the root of the wiki."""
    old_target = PurePosixPath(link.target)
    if respell(old_target.stem, move) is None:
        return link.target if not move.new_type else relative_link(move.path, own_path)
    suffix = old_target.suffix if old_target.suffix.lower() in PAGE_SUFFIXES else ""
    new_path = PurePosixPath(move.path)
    if new_path.parent == PurePosixPath(move.page.path).parent:
        return f"{link.target[: len(link.target) - len(old_target.name)]}{move.stem}{suffix}"
    target = str(new_path.with_suffix("")) + suffix
    from_root = os.path.normpath(f"{move.page.root}/{link.target.lstrip('/')}").removesuffix(suffix)
    if from_root == move.page.path.removesuffix(PurePosixPath(move.page.path).suffix):
        slash = "/" if link.target.startswith("/") else ""
        return f"{slash}{relative_link(target, f'{move.page.root}/x')}"
    return relative_link(target, own_path)


def relative_link(path: str, page: str) -> str:
    """Return a file's path as a link on ``page`` writes it."""
    return PurePosixPath(os.path.relpath(path, PurePosixPath(page).parent)).as_posix()


def link_edit(
    place: Edit, link: Link, own_path: str, move: Move, add_type: bool = False, label_is_target: bool = False
) -> Iterator[Edit]:
    """Yield the edit of one link, if it changes. ``place`` contains the whole text of the file, which will be at
    ``own_path``."""
    old_text = place.text[place.start : place.end]
    in_front_matter = link.edge and place.start < read_front_matter(place.text).end
    if link.is_path and in_front_matter and "%" not in old_text:  # a path as it is, in YAML
        new_text = new_address(link, own_path, move)
    elif link.is_path:
        new_text = replace_address(old_text, new_address(link, own_path, move))
    elif old_text.startswith(("[[", "![[")):
        new_text = relink(old_text, link, move, add_type, label_is_target, own_path)
    else:  # a name alone, in front matter
        new_text = relink(f"[[{old_text}]]", link, move, add_type, label_is_target, own_path)[2:-2]
    yield from minimal_edit(place, old_text, new_text)


def minimal_edit(place: Edit, old_text: str, new_text: str) -> Iterator[Edit]:
    """Yield an edit of only what differs between two texts of a place, so line ends inside a label stay."""
    if new_text == old_text:
        return
    prefix = _common_prefix_length(old_text, new_text)
    suffix = _common_prefix_length(old_text[prefix:][::-1], new_text[prefix:][::-1])
    yield Edit(
        place.path,
        place.start + prefix,
        place.start + len(old_text) - suffix,
        new_text[prefix : len(new_text) - suffix],
    )


def _common_prefix_length(left: str, right: str) -> int:
    """Return the length of the longest common prefix."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))


_CELL = re.compile(r"(?<=\|)[^|\n]*(?=\|)")
_NAME = re.compile(r"\W*(?P<name>\w.*?)\W*")
_HEADING = re.compile(r"#+[ \t]+(?P<type>\w+):(?P<name>.*)")


def index_edits(context: Context, move: Move) -> Iterator[Edit]:
    """Yield edits of the page's entries in index files: links, names in tables, and marks such as ✅Type:Name."""
    for file, contents, _ in read_indexes(context):
        text, path = file.text, file.path
        links = {link.span.start: link for link in scan(text, wiki=True).links}
        rows: set[int] = set()
        for entry in contents.entries:
            if entry.ids != (move.page.id,):
                continue
            start, end = entry.span.start, entry.span.end
            rows.add(entry.span.line)
            if link := links.get(start):
                yield from link_edit(Edit(path, start, end, text), link, path, move)
            elif "/" in entry.name or PurePosixPath(entry.name).suffix == PurePosixPath(move.page.path).suffix:
                path_link = Link(entry.name, entry.span, is_path=True)
                yield Edit(path, start, end, new_address(path_link, path, move))
        for mark in contents.marks:
            if mark.ids == (move.page.id,):
                yield from _mark_edit(Edit(path, mark.span.start, mark.span.end, text), move)
        yield from _cell_edits(file, rows, move, context.schema)


def listing_edits(context: Context, move: Move) -> Iterator[Edit]:
    """Yield edits of the links to the page in the reserved files of a bundle."""
    for listing in context.listings.files:
        for link in listing.links:
            target = context.listings.targets.get((listing.path, link.written))
            if target and target.kind == "page" and target.name == move.page.id:
                yield from link_edit(
                    Edit(listing.path, link.span.start, link.span.end, listing.text), link, listing.path, move
                )


def _mark_edit(place: Edit, move: Move) -> Iterator[Edit]:
    match = re.match(r"(\W*)([A-Za-z]+)(:[ \t]?)(.*)", place.text[place.start : place.end], re.DOTALL)
    words = match[4].split(" ") if match else []
    for count in range(len(words), 0, -1):  # a sentence may follow the name
        name = " ".join(words[:count])
        mark_name = name.rstrip(").:!?*_,;")
        new_name = respell(mark_name, move)
        if match and new_name is not None:
            kind = move.type if move.new_type else match[2]
            tail = name[len(mark_name) :] + "".join(f" {word}" for word in words[count:])
            yield place._replace(text=f"{match[1]}{kind}{match[3]}{new_name}{tail}")
            return


def _cell_edits(file: RawFile, rows: set[int], move: Move, schema: Schema) -> Iterator[Edit]:
    """Yield edits of cells that contain only the page's name, in rows that list it and in rows and columns of its
    type, and of headings such as ``## Type: Name``."""
    position = 0
    columns: list[str] = []
    for number, line in enumerate(file.text.split("\n"), 1):
        cells = list(_CELL.finditer(line))
        if not cells:
            columns = []
        elif not columns:
            columns = [cell[0] for cell in cells]
        row = number in rows or (bool(cells) and _is_type(cells[0][0], move, schema))
        for cell, column in zip(cells, columns, strict=False):
            if row or _is_type(column, move, schema):
                yield from _name_edit(file.path, cell[0], position + cell.start(), move)
        heading = _HEADING.fullmatch(line)
        if heading and _is_type(heading["type"], move, schema):
            yield from _name_edit(file.path, heading["name"], position + heading.start("name"), move)
        position += len(line) + 1


def _is_type(text: str, move: Move, schema: Schema) -> bool:
    page_type = schema.page_type(text.strip(" *`"))
    return bool(page_type and page_type.name == move.page.page_type)


def _name_edit(path: str, text: str, start: int, move: Move) -> Iterator[Edit]:
    """Yield the edit of a text that is the page's name, with or without emphasis around it."""
    name_match = _NAME.fullmatch(text)
    new_name = respell(name_match["name"], move) if name_match else None
    if name_match and new_name is not None:
        start += name_match.start("name")
        yield Edit(path, start, start + len(name_match["name"]), new_name)
