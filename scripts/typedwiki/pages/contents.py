"""Write the pages about a bundle: the contents of its folders, from its index files, and the changes, from its logs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from urllib.parse import quote, unquote

from ..listings import CONTENTS, Listing, Listings, address, blocks, folder_anchor, folder_of, without_title
from ..model import WikiPage
from ..notes.note_links import Site, link_classes, relative
from ..text.characters import safe_url
from ..text.markdown import escape, escape_smart, plain
from .report import first_sentence
from .site import shortened


def contents_page(listings: Listings, site: Site) -> str:
    """Return the folders of a bundle in order of their paths: their index files, and pages missing from these."""
    indexes = {one.folder: one for one in listings.indexes}
    held: dict[str, list[WikiPage]] = defaultdict(list)
    roots = {one.root for one in listings.indexes}
    for page in site.graph.pages.values():
        if page.root in roots:
            held[folder_of(page.path, page.root)].append(page)
    parts = []
    order = {folder: number for number, folder in enumerate(_listed_folders(listings))}
    for folder in sorted({*indexes, *held}, key=lambda folder: _place(folder, order)):
        index = indexes.get(folder)
        if folder:
            title = " / ".join(map(escape, folder.split("/")))
            parts.append(f"## {title} {{#{folder_anchor(folder)}}}")
        if index:
            parts += blocks(index.text, 3, partial(_link_to, one=index, listings=listings, site=site))
        named = listings.pages(index) if index else frozenset()
        left = [page for page in held[folder] if page.id not in named]
        parts += ["\n".join(_entries(left, site))] if left else []
    return _page(site.words("contents"), site.words("contents-lead"), parts)


def _listed_folders(listings: Listings) -> Iterator[str]:
    """Yield the folders in the order in which the index files name them."""
    for one in listings.indexes:
        for link in one.links:
            target = listings.targets.get((one.path, link.written))
            if target and target.kind == "folder":
                yield target.name


def _place(folder: str, order: Mapping[str, int]) -> list[tuple[int, str]]:
    """Return the sort key of a folder: below its parent folder, in the order of the index, then by name."""
    parts = folder.split("/") if folder else []
    above = ["/".join(parts[:number]) for number in range(1, len(parts) + 1)]
    return [(order.get(one, len(order)), one) for one in above]


def changes_page(listings: Listings, site: Site) -> str:
    """Return the logs of a bundle as a page, that of the whole bundle first."""
    parts: list[str] = []
    logs = listings.logs
    for one in sorted(logs, key=lambda log: log.folder):
        if len(logs) > 1:
            parts.append(f"## {escape(one.folder) or escape(site.words('whole-wiki'))}")
        level = 3 if len(logs) > 1 else 2
        days = f"{folder_anchor(one.folder)}-day" if one.folder else "day"
        text, link_to = without_title(one.text), partial(_link_to, one=one, listings=listings, site=site)
        parts += blocks(text, level, link_to, days)
    return _page(site.words("changes"), site.words("changes-lead"), parts)


def _page(title: str, lead: str, parts: Iterable[str]) -> str:
    head = f'---\ntitle: {title}\ndescription-meta: "{escape_smart(lead)}"\n---'
    return "\n\n".join([head, f"::: {{.tw-lead}}\n{escape(lead)}\n:::", *parts]) + "\n"


def _link_to(written: str, one: Listing, listings: Listings, site: Site) -> str:
    """Return a link of a reserved file for the pages about the wiki (see ``okf.reserved.LinkTo``)."""
    target = listings.targets.get((one.path, unquote(written))) or listings.targets.get((one.path, written))
    if target is None:
        copied = site.assets.get((one.path, unquote(written)))
        web = re.match(r"(?:https?|ftp|mailto):", written)
        return f"(<{safe_url(written) if web else relative(copied or '', CONTENTS)}>)" if web or copied else ""
    if target.kind == "page":
        page = site.graph.pages[target.name]
        return f"(<../{quote(site.names[page.id])}.html>){_classes(page, site)}"
    return f"(<{relative(address(target), CONTENTS)}>)"


def _classes(page: WikiPage, site: Site) -> str:
    return f"{{{' '.join(f'.{name}' for name in link_classes(page, site))}}}"


def _entries(pages: Iterable[WikiPage], site: Site) -> Iterator[str]:
    for page in sorted(pages, key=lambda p: (p.is_deprecated, p.page_title.casefold(), p.id)):
        about = escape(plain(shortened(first_sentence(page.overview), 200)))
        yield f"-   [{escape(page.page_title)}](<../{quote(site.names[page.id])}.html>){_classes(page, site)}" + (
            f" - {about}" if about else ""
        )
