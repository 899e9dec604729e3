"""The files that the whole site shares: type colours, page data, the listing, the ways in."""

from __future__ import annotations

import json
from collections.abc import Iterable

from .emit import READER, minutes
from .graph import vis_network
from .linking import Site
from .markdown import category, escape, escape_smart
from .model import WikiPage
from .schema import PageType, Schema

OVERVIEW_LIMIT = 300
"""Characters of an overview that previews and listings show."""


def site_files(site: Site) -> dict[str, bytes]:
    """Everything under the notes folder that is not a note, by relative path."""
    files: dict[str, bytes] = {
        "assets/vis-network.min.js": vis_network(),
        "assets/types.css": types_css(site.schema).encode(),
        "assets/pages.js": _pages_js(site).encode(),
        "assets/listing.yml": _listing(site).encode(),
        "assets/ways-in.md": _ways_in(site).encode(),
    }
    for slug in {"wiki", *(name.partition("/")[0] for name in site.names.values())}:
        files[f"{slug}/_metadata.yml"] = f"from: {READER}\npreserve-tabs: true\n".encode()
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


def _shown(text: str) -> str:
    return text if len(text) <= OVERVIEW_LIMIT else text[: OVERVIEW_LIMIT - 1].rsplit(" ", 1)[0] + "…"


def _pages_js(site: Site) -> str:
    """Page data for hovering and exploring, by script tag: pages on file:// cannot fetch.

    Each entry is [title, type slug, overview, address relative to the notes folder].
    """
    data = {
        page.id: [
            page.page_title,
            site.schema.types[page.page_type].slug,
            _shown(page.overview),
            f"{site.names[page.id]}.html",
        ]
        for page in site.graph.pages.values()
    }
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("</", "<\\/")
    return f"window.typedwikiPages={text};\n"


def in_reading_order(site: Site) -> list[WikiPage]:
    """By rank of type, then title: how listings begin."""
    types = site.schema.types
    return sorted(
        site.graph.pages.values(),
        key=lambda p: (types[p.page_type].rank, p.page_type, p.page_title.casefold(), p.id),
    )


def _listing(site: Site) -> str:
    """The home page's items, as Quarto's listings take them. JSON is YAML."""
    items = []
    for page in in_reading_order(site):
        item: dict[str, object] = {
            "path": f"notes/{site.names[page.id]}.html",
            "title": escape_smart(page.page_title),
            "description": escape_smart(_shown(page.overview)),
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
    """One card for each type that has pages, leading to its part of the listing."""
    cards = []
    for page_type in site.schema.types.values():
        pages = [p for p in in_reading_order(site) if p.page_type == page_type.name]
        if pages:
            cards.append(_card(page_type, pages, site))
    return "::: {.tw-ways-in}\n" + "\n".join(cards) + ":::\n"


def _card(page_type: PageType, pages: Iterable[WikiPage], site: Site) -> str:
    listed = list(pages)
    name = page_type.plural if len(listed) > 1 else page_type.name
    return (
        f":::: {{.tw-card .tw-{page_type.slug}}}\n"
        f"[{escape(name)}](#category={page_type.name}){{.tw-card-title}}\n\n"
        f"[{len(listed)}]{{.tw-count}} {escape(page_type.about)}\n"
        "::::\n"
    )
