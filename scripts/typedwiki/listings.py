"""Read the reserved files of the Open Knowledge Format, index.md and log.md, and convert them for the site."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from .model import Found, Link, RawFile, WikiPage
from .regex import regex
from .resolve import Index, normalise, resolve_link
from .schema import Schema, key
from .text.front_matter import read_front_matter, without_front_matter
from .text.links import scan
from .text.markdown import code_span, escape, fence

INDEX, LOG = "index.md", "log.md"
_OWN_TYPES = {INDEX: frozenset({"", "index"}), LOG: frozenset({"", "log", "changelog"})}
_HEADING = regex(r"(?P<marks>#{1,6})[ \t]+(?P<title>\S[^\n]*)")
_ITEM = regex(r"(?P<indent>[ \t]*)(?:[-*+]|\d{1,9}[.)])[ \t]+(?P<text>\S[^\n]*)")
_RULE = regex(r"\|(?:[ \t]*:?-+:?[ \t]*\|)+")
_FENCE = regex(r"[ \t]*(?:```|~~~)")
_INLINE = regex(
    r"(?P<code>`[^`\n]+`)"
    r"|\*\*(?P<strong>[^*\n]{1,500})\*\*"
    r"|(?<!!)\[(?P<label>(?:[^\[\]\n`]|`[^`\n]*`){0,500})\]"
    r"\(<?(?P<address>[^()\s<>]{1,1000})>?(?:[ \t]+\"[^\"\n]*\")?\)"
    r"|\[\[(?P<wiki>[^\[\]|\n]{1,500})(?:\|(?P<words>[^\[\]\n]{1,500}))?\]\]"
)
DATE = regex(r"\d{4}-\d{2}-\d{2}")

_LISTED = regex(r"^[ \t]*[-*+][ \t]+\W{0,4}(?:\[|https?://)|^\|.*\]\(", re.MULTILINE)
"""An entry of an index: a link in a list or in a table."""
_MORE = regex(r"^[ \t]*(?:```|~~~|\d+[.)][ \t]|!!!|\?\?\?|:::|\$\$|<\w)|!\[", re.MULTILINE)
"""What a page may hold, but not an index: code, numbered lists, boxes, formulas, HTML and pictures."""
_DATED = regex(r"^[ \t]*(?:#{1,6}|[-*+])[ \t]+\W{0,4}\d{4}-\d{2}-\d{2}", re.MULTILINE)
"""An entry of a log."""

LinkTo = Callable[[str], str]
"""Returns what follows the label of a Markdown link, for an address in a reserved file: ``(address)``, perhaps with
classes; "" if it leads nowhere.
"""


class Listing(Struct, frozen=True):
    """A reserved file."""

    kind: str
    """``index.md`` or ``log.md``."""
    path: str
    """Path in messages."""
    root: str
    """Folder of the bundle."""
    folder: str
    """The file's folder within the bundle; empty for the bundle's own."""
    text: str
    links: tuple[Link, ...]


def is_reserved(name: str, stated: str) -> bool:
    """Return whether a file is reserved, by its name and the type that its front matter states."""
    own = _OWN_TYPES.get(name.lower())
    return own is not None and key(stated) in own


def is_listing(name: str, text: str) -> bool:
    """Return whether a file with a reserved name has the form of one. In a folder that is no declared bundle, the name
    alone does not tell: documentation sites begin each folder with a page ``index.md``.
    """
    body = without_front_matter(text)
    if name.lower() == LOG:
        return bool(_DATED.search(body))
    return bool(_LISTED.search(body)) and not _MORE.search(body)


def declares_bundle(text: str) -> bool:
    """Return whether the text of a folder's ``index.md`` declares the folder a bundle."""
    return "okf_version" in read_front_matter(text).fields


def listing(raw: RawFile) -> Listing:
    """Return a raw file as a reserved file."""
    links = tuple(scan(without_front_matter(raw.text)).links)
    kind, folder = posixpath.basename(raw.path).lower(), folder_of(raw.path, raw.root)
    return Listing(kind, raw.path, raw.root, folder, raw.text, links)


def blocks(text: str, level: int, link_to: LinkTo, days: str = "day") -> Iterator[str]:
    """Yield the text of a reserved file as Markdown blocks: headings from ``level`` on, lists, tables, quotations,
    paragraphs and code.

    Identifiers of headings that are dates begin with ``days``. The text is not trusted: of its markup only links, code
    and bold words are kept.
    """
    lines = [line.rstrip() for line in text[read_front_matter(text).end :].split("\n")]
    marks = [len(heading_match["marks"]) for line in lines if (heading_match := _HEADING.fullmatch(line))]
    shift = level - min(marks, default=level)
    paragraph: list[str] = []
    items: list[str] = []
    rows: list[str] = []
    code: list[str] | None = None
    for number, line in enumerate([*lines, ""]):
        begins_table = _RULE.fullmatch("".join(lines[number + 1 : number + 2])) is not None
        is_row = line.startswith("|") and (begins_table or "".join(rows[-1:]).startswith("|"))
        kind = line[0] if code is None and (is_row or line.startswith(">")) else ""
        if rows and rows[-1][0] != kind:
            yield "\n".join(rows)
            rows.clear()
        if kind:
            yield from _flushed(items, paragraph)
            rows.append(_row(line, link_to) if is_row else f"> {inline(line[1:].strip(), link_to)}".rstrip())
            continue
        if code is not None or _FENCE.match(line):
            if code is None:
                code = []
            elif _FENCE.match(line):
                yield from _flushed(items, paragraph)
                yield fence("\n".join(code))
                code = None
            else:
                code.append(line)
            continue
        heading, item = _HEADING.fullmatch(line), _ITEM.fullmatch(line)
        if item:
            if paragraph:
                yield from _flushed(items, paragraph)
            depth = min(len(item["indent"].expandtabs(4)) // 2, 3)
            items.append(f"{'    ' * depth}-   {inline(item['text'], link_to)}")
        elif heading:
            yield from _flushed(items, paragraph)
            day = f" {{#{days}-{heading['title']}}}" if DATE.fullmatch(heading["title"]) else ""
            yield f"{'#' * min(6, len(heading['marks']) + shift)} {inline(heading['title'], link_to)}{day}"
        elif items and line.startswith((" ", "\t")) and line.strip():
            items[-1] += f" {inline(line.strip(), link_to)}"
        elif line.strip():
            if items:
                yield from _flushed(items, paragraph)
            paragraph.append(inline(line.strip(), link_to))
        elif paragraph:
            yield from _flushed(items, paragraph)
    if code:
        yield fence("\n".join(code))
    yield from _flushed(items, paragraph)


def without_title(text: str) -> str:
    """Return the text of a log without its title."""
    body = text[read_front_matter(text).end :].lstrip("\n")
    first, _, body_below = body.partition("\n")
    return body_below if first.startswith("# ") and not DATE.search(first) else body


def _row(line: str, link_to: LinkTo) -> str:
    """Return a row of a table, with the markup of each cell."""
    if _RULE.fullmatch(line):
        return line
    cells = re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
    return f"| {' | '.join(inline(cell.strip().replace(chr(92) + '|', '|'), link_to) for cell in cells)} |"


def _flushed(items: list[str], paragraph: list[str]) -> Iterator[str]:
    if items:
        yield "\n".join(items)
    if paragraph:
        yield " ".join(paragraph)
    items.clear()
    paragraph.clear()


def inline(text: str, link_to: LinkTo) -> str:
    """Return a line of a reserved file as Markdown."""
    parts: list[str] = []
    position = 0
    for match in _INLINE.finditer(text):
        parts.append(_plain(text[position : match.start()]))
        position = match.end()
        if match["code"]:
            parts.append(code_span(match["code"][1:-1]))
        elif match["strong"]:
            parts.append(f"**{inline(match['strong'], link_to)}**")
        else:
            address = match["address"] or match["wiki"]
            words = match["words"] or match["wiki"] or ""
            label = inline(match["label"], lambda _: "") if match["label"] else _plain(words)
            target = link_to(address)
            parts.append(f"[{label}]{target}" if target and label else label)
    return "".join([*parts, _plain(text[position:])])


def _plain(text: str) -> str:
    return re.sub(r"!(?=\\?\[)", r"\\!", escape(text))


def index_faults(file: Listing) -> Iterator[tuple[int, str]]:
    """Yield line and message of each violation of section 8 of the specification by an index."""
    front = read_front_matter(file.text)
    extra = sorted(map(str, set(front.fields) - ({"okf_version"} if not file.folder else set())))
    if extra or front.error:
        yield 1, f"an index has no front matter{'' if file.folder else ' but okf_version'}"
    first = file.text[: front.end].count("\n")
    body = file.text[front.end :].split("\n")
    if not any(_HEADING.fullmatch(line) for line in body):
        yield first + 1, "an index groups what it lists under headings"
    for number, line in enumerate(body, start=first + 1):
        item = _ITEM.fullmatch(line)
        if item and not any(match["address"] for match in _INLINE.finditer(item["text"])):
            yield number, "an entry of an index is a link"


def log_faults(file: Listing) -> Iterator[tuple[int, str]]:
    """Yield line and message of each violation of section 9 of the specification by a log."""
    front = read_front_matter(file.text)  # which the specification does not mention, and its own example has
    first = file.text[: front.end].count("\n")
    before = ""
    for number, line in enumerate(file.text[front.end :].split("\n"), start=first + 1):
        heading = _HEADING.fullmatch(line)
        if not heading or len(heading["marks"]) == 1:
            continue
        if len(heading["marks"]) == 2:
            day = heading["title"].strip()
            if not DATE.fullmatch(day):
                yield number, f"`{day}` is no date in the form YYYY-MM-DD"
            elif before and day > before:
                yield number, f"`{day}` stands below {before}: the newest comes first"
            else:
                before = day


_ENTRY = regex(r"##[ \t]+(?P<title>\S[^\n]*)\n?")


def conforming_log(file: Listing) -> str:
    """Return the text of a log in the form of the specification: headings of the second level are dates, each once, the
    newest first.
    """
    if not any(log_faults(file)):
        return file.text
    start = read_front_matter(file.text).end
    opening, *entries = re.split(r"^(?=##[ \t])", file.text[start:], flags=re.MULTILINE)
    days: dict[str, list[str]] = {}
    above = undated = [opening.strip()]
    for entry in entries:
        heading = _ENTRY.match(entry)
        title = heading["title"] if heading else ""
        day = DATE.match(title)
        if heading and day:
            above = days.setdefault(day[0], [])
            words = re.sub(r"^\W+", "", title[day.end() :])
            above += [f"**{words}**"] if words else []
            above.append(entry[heading.end() :].strip())
        else:
            above.append(f"#{entry}".strip())
    dated = ["\n\n".join((f"## {day}", *days[day])) for day in sorted(days, reverse=True)]
    return file.text[:start] + "\n\n".join([*undated, *dated]).lstrip() + "\n"


CONTENTS, CHANGES = "wiki/contents", "wiki/changes"
"""The notes that show the reserved files, relative to the notes folder."""


class Target(NamedTuple):
    """The target of a link."""

    kind: str
    """``page``, ``folder`` or ``log``."""
    name: str
    """Id of a page, or path of a folder within the bundle."""


class Listings(Struct, frozen=True):
    """The reserved files of a wiki, and the targets of their links."""

    files: tuple[Listing, ...] = ()
    targets: Mapping[tuple[str, str], Target] = field(default_factory=dict)
    """By path of the file and address as it is written."""

    @property
    def indexes(self) -> tuple[Listing, ...]:
        """Return the files that list folders."""
        return tuple(file for file in self.files if file.kind == INDEX)

    @property
    def logs(self) -> tuple[Listing, ...]:
        """Return the files that list changes."""
        return tuple(file for file in self.files if file.kind == LOG)

    def as_pages(self) -> list[WikiPage]:
        """Return the files as pages without a type, for code that reads the links of pages."""
        return [
            WikiPage("", "", "", "", "", path=file.path, root=file.root, outgoing_links=file.links)
            for file in self.files
        ]

    def pages(self, file: Listing) -> frozenset[str]:
        """Return the ids of the pages that a file links to."""
        return frozenset(
            target.name for (path, _), target in self.targets.items() if path == file.path and target.kind == "page"
        )


def folder_of(path: str, root: str) -> str:
    """Return the folder of a file within its bundle; empty for the bundle's own."""
    folder = posixpath.relpath(posixpath.dirname(path) or ".", root or ".")
    return "" if folder == "." or folder.startswith("..") else folder


def folder_anchor(folder: str) -> str:
    """Return the identifier of a folder's heading on the contents page."""
    return "folder-" + "".join(c if c.isalnum() else "-" for c in folder)


def address(target: Target) -> str:
    """Return the note that shows a folder or a log, relative to the notes folder."""
    if target.kind == "log":
        return f"{CHANGES}.html"
    return f"{CONTENTS}.html#{folder_anchor(target.name)}" if target.name else f"{CONTENTS}.html"


def resolve_listings(files: Sequence[Listing], pages: Iterable[WikiPage], schema: Schema) -> Listings:
    """Resolve the links of reserved files."""
    if not files:
        return Listings()
    listed = list(pages)
    index = Index(listed)
    reserved_targets = _folders(files, listed)
    targets: dict[tuple[str, str], Target] = {}
    for file in files:
        file_page = WikiPage("", "", "", "", "", path=file.path, root=file.root)
        for link in file.links:
            target = _reserved_target(link, file.folder, file.root, reserved_targets)
            if target is None:
                resolution = resolve_link(link, file_page, index, schema)
                found = isinstance(resolution, Found) and resolution.page_id  # empty for a section of the file itself
                target = Target("page", found) if found else None
            if target:
                targets[file.path, link.written] = target
    return Listings(tuple(files), targets)


def without_listed_links(pages: Sequence[WikiPage], files: Sequence[Listing]) -> list[WikiPage]:
    """Return the pages with their links to reserved files and folders moved from the links to pages into ``listed``."""
    if not files:
        return list(pages)
    reserved_targets = _folders(files, pages)
    names = {normalise(page.stem) for page in pages}
    changed = []
    for page in pages:
        folder = folder_of(page.path, page.root)
        listed: list[tuple[str, str]] = []
        page_links: list[Link] = []
        for link in page.outgoing_links:
            target = _reserved_target(link, folder, page.root, reserved_targets, names)
            if target:
                listed.append((link.written, address(target)))
            else:
                page_links.append(link)
        changed.append(replace(page, outgoing_links=tuple(page_links), listed=tuple(listed)) if listed else page)
    return changed


def _folders(files: Sequence[Listing], pages: Iterable[WikiPage]) -> dict[tuple[str, str], Target]:
    """Return the target that each reserved file and each folder is, by root and path."""
    reserved_targets: dict[tuple[str, str], Target] = {}
    roots = {file.root for file in files if file.kind == INDEX}
    for page in pages:
        folder = folder_of(page.path, page.root) if page.root in roots else ""
        while folder:
            reserved_targets[page.root, f"{folder}/"] = Target("folder", folder)
            folder = posixpath.dirname(folder)
    for file in files:
        name = posixpath.join(file.folder, file.kind)
        reserved_targets[file.root, name] = Target("log" if file.kind == LOG else "folder", file.folder)
        if file.kind != LOG:
            reserved_targets[file.root, f"{file.folder}/"] = Target("folder", file.folder)
    return reserved_targets


def _reserved_target(
    link: Link, folder: str, root: str, reserved_targets: Mapping[tuple[str, str], Target], names: Iterable[str] = ()
) -> Target | None:
    """Return the reserved file or the folder that a link leads to; None if it leads to neither."""
    if link.edge or link.type or not link.target:
        return None
    target = link.target
    if not link.is_path:
        if normalise(target) in names or not target.lower().removesuffix(".md").endswith(("index", "log")):
            return None
        target = f"{target.removesuffix('.md')}.md"
    slash = "/" if target.endswith("/") else ""
    for start in ("",) if target.startswith("/") else (folder, ""):
        path = posixpath.normpath(posixpath.join(start, target.lstrip("/"))) + slash
        if reserved_target := reserved_targets.get((root, path)) or reserved_targets.get((root, f"{path.lower()}")):
            return reserved_target
    if link.is_path:
        return None
    # As in Obsidian, a wikilink may name a file from the vault's folder, or by the end of its path if only one fits.
    wanted = f"/{target.lstrip('/').lower()}"
    paths = {path: other for (of, path), other in reserved_targets.items() if of == root and not path.endswith("/")}
    fitting = [other for path, other in paths.items() if f"/{posixpath.basename(root)}/{path}".lower().endswith(wanted)]
    return fitting[0] if len(fitting) == 1 else None
