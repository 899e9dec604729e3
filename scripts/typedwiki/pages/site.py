"""The files that the whole site shares: type colours, page data, the listing, the ways in."""

from __future__ import annotations

import json
from urllib.parse import quote

from ..model import WikiPage
from ..notes.graph import vis_network
from ..notes.link_table import reader_of
from ..notes.note_file import minutes
from ..notes.note_links import Site
from ..schema import PageType, Schema
from ..search.fulltext import FLAG
from ..text.markdown import category, escape, escape_smart
from .browser_data import in_reading_order, pages_js, shortened

EXPLORE = "notes/wiki/explore.html"
"""From the home page."""
LISTED = 1000
"""Notes that the home page lists at most; Explore has all."""


def data_files(site: Site) -> dict[str, bytes]:
    """What lists pages, by path relative to the notes folder."""
    return {
        "assets/pages.js": pages_js(site).encode(),
        "assets/listing.yml": _listing(site).encode(),
        "assets/ways-in.md": _ways_in(site).encode(),
    }


def asset_files(site: Site, searched: bool) -> dict[str, bytes]:
    """What is the same whatever pages there are, by path relative to the notes folder; ``searched`` if the site that
    Quarto makes searches by Pagefind."""
    files: dict[str, bytes] = {
        "assets/vis-network.min.js": vis_network(),
        "assets/types.css": types_css(site.schema).encode() + (FLAG.encode() if searched else b""),
    }
    for slug in {
        "wiki",
        *(["path"] if site.paths else []),
        *(n.partition("/")[0] for n in site.names.values() if "/" in n),
    }:
        files[f"{slug}/_metadata.yml"] = f"from: {reader_of(slug)}\npreserve-tabs: true\n".encode()
    return files


def types_css(schema: Schema) -> str:
    """Colour and icon of each type, in both themes. Quarto's dark theme sets ``quarto-dark``."""

    def variables(which: int) -> str:
        return "".join(f"--tw-{t.slug}:{t.colour[which]};" for t in schema.types.values())

    rules = [f":root{{{variables(0)}}}", f".quarto-dark,[data-theme=dark]{{{variables(1)}}}"]
    for page_type in schema.types.values():
        rules.append(f".tw-{page_type.slug}{{--tw-type:var(--tw-{page_type.slug});--tw-icon:{_icon(page_type)}}}")
    return "\n".join(rules) + "\n"


def _icon(page_type: PageType) -> str:
    return (
        "url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E"
        f"%3Cpath d='{page_type.icon}'/%3E%3C/svg%3E\")"
    )


def listed(site: Site) -> list[WikiPage]:
    """The notes that the home page lists: all or, where they are too many, those of the top rank."""
    pages = in_reading_order(site)
    if len(pages) > LISTED:
        pages = [page for page in pages if page.page_type == pages[0].page_type]
    return pages[:LISTED]


def _listing(site: Site) -> str:
    """The home page's items, as Quarto's listings take them. JSON is YAML."""
    items = []
    for page in listed(site):
        item: dict[str, object] = {
            "path": f"notes/{site.names[page.id]}.html",
            "title": escape_smart(page.page_title),
            "description": escape_smart(shortened(page.overview)),
            "type": page.page_type,
            "categories": [page.page_type, *map(category, page.domains)],
            "minutes": minutes(page),
        }
        if page.namespace:
            item["namespace"] = page.namespace
        if page.last_updated:
            item["date"] = page.last_updated.isoformat()
        items.append(json.dumps(item, ensure_ascii=False))
    return "".join(f"- {item}\n" for item in items) or "[]\n"


def _ways_in(site: Site) -> str:
    """One card for each type that has pages, leading to these on the Explore page, and what the listing lacks."""
    pages = in_reading_order(site)
    cards = []
    for page_type in site.schema.types.values():
        if own := [p for p in pages if p.page_type == page_type.name]:
            cards.append(_card(page_type, len(own)))
    parts = ["::: {.tw-ways-in}\n" + "\n".join(cards) + ":::"]
    if pages:
        every = f"all {len(pages)} notes" if len(pages) > 1 else "the note"
        parts.append(f"[Explore {every}]({EXPLORE}) by type, domain, date or text.")
    shown = listed(site)
    if left := len(pages) - len(shown):
        plural = site.schema.types[shown[0].page_type].plural
        parts[-1] += f" The list below shows {len(shown)} {escape(plural)}; {left} more notes are only there."
    return "\n\n".join(parts) + "\n"


def _card(page_type: PageType, count: int) -> str:
    name = page_type.plural if count > 1 else page_type.name
    return (
        f":::: {{.tw-card .tw-{page_type.slug}}}\n"
        f"[{escape(name)}](<{EXPLORE}?type={quote(page_type.name)}>){{.tw-card-title}}\n\n"
        f"[{count}]{{.tw-count}} {escape(page_type.about)}\n"
        "::::\n"
    )
