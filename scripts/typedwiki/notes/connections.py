"""The Connections section of a note: its edges in words, both directions, with a graph beside them."""

from __future__ import annotations

import re
from urllib.parse import quote

from .breadcrumbs import place
from .graph import drawn, neighbourhood_html
from .link_table import missing_reason
from .note_links import Site, attached, own_heading, page_link, relative
from ..text.markdown import escape
from ..model import Ambiguous, Found, Link, Missing, WikiPage
from ..resolve import MENTIONS

MOST_PLACES = 3
"""Of the Workflows that a page is a step of, so many tell which and what is before and after it."""

Label = tuple[str, bool]
"""What a group of edges is called, and whether its order matters."""


def connections(page: WikiPage, site: Site) -> str:
    """The section as Markdown; it is never left out."""
    groups, words = _groups(page, site), site.words
    listed = [_list(label, list(dict.fromkeys(items)), ordered) for (label, ordered), items in groups.items()]
    if likes := site.related.get(page.id, ()):
        links = "\n".join(f"- {page_link(site.graph.pages[other], page, site)}" for other in likes)
        listed.append(f"[{words('related-pages')}]{{.tw-edge}} [{words('related-why')}]{{.tw-why}}\n\n{links}")
    edges = "\n\n".join(listed)
    shown = f":::: {{.tw-connections}}\n::: {{.tw-edges}}\n{edges}\n:::\n{_drawn(page, site)}::::" if edges else ""
    if not groups and not page.connections_text:
        shown = "\n\n".join(filter(None, (words("no-connections"), shown)))
    return "\n\n".join(filter(None, (own_heading(page, "connections", site), shown)))


def _list(label: str, items: list[str], ordered: bool) -> str:
    count = f" · {len(items)}" if len(items) > 1 else ""
    marker = "1. " if ordered else "- "
    return "\n".join([f"[{escape(label)}{count}]{{.tw-edge}}\n", *(f"{marker} {item}" for item in items)])


def _drawn(page: WikiPage, site: Site) -> str:
    """The neighbourhood graph, and the way to the whole graph; nothing for a page without edges."""
    here = site.names[page.id]
    fragment = neighbourhood_html(
        page.id, site.graph, site.schema, lambda other: f"{relative(site.names[other], here)}.html", site.words
    )
    if not fragment:
        return ""
    slug = site.schema.types[page.page_type].slug
    focus = quote(f"{slug}/{here.rpartition('/')[2]}")
    whole = f"[{site.words('whole-graph')}]({relative('wiki/graph.html', here)}#focus={focus}){{.tw-whole}}"
    some, every = drawn(page.id, site.graph, site.schema)
    cut = f"[{site.words('cut', some=some, every=every)}]{{.tw-cut}} " if some < every else ""
    return f"::: {{.tw-drawn}}\n```{{=html}}\n{fragment}\n```\n\n{cut}{whole}\n:::\n"


def _groups(page: WikiPage, site: Site) -> dict[Label, list[str]]:
    """The page's edges in both directions, and what it wants but is missing, by label."""
    pages, schema = site.graph.pages, site.schema
    outgoing: dict[str, list[str]] = {}
    incoming: dict[str, list[WikiPage]] = {}
    for edge in sorted(site.graph.outgoing.get(page.id, ()), key=lambda edge: pages[edge.target].is_deprecated):
        outgoing.setdefault(edge.type, []).append(page_link(pages[edge.target], page, site))
    for edge in site.graph.incoming.get(page.id, ()):
        incoming.setdefault(edge.type, []).append(pages[edge.source])
    for link, resolution in zip(page.outgoing_links, site.graph.resolutions[page.id], strict=True):
        held = isinstance(resolution, Missing) and (resolution.held_back or resolution.is_value)
        if not isinstance(resolution, Found) and not held and not (link.is_path and attached(link.target, page, site)):
            reading = schema.orientations(link.edge or "")
            name = reading[0].edge.name if reading else link.edge or MENTIONS
            outgoing.setdefault(name, []).append(_unresolved(link, resolution, page, site))
    groups: dict[Label, list[str]] = {}
    for name in [*schema.edges, *sorted({*outgoing, *incoming} - {*schema.edges, MENTIONS}), MENTIONS]:
        if name in outgoing:
            groups.setdefault(_label(name, False, site), []).extend(outgoing[name])
        if name in incoming:
            backlinks = _backlinks(name, incoming[name], page, site)
            groups.setdefault(_label(name, True, site), []).extend(backlinks)
    return groups


def _unresolved(link: Link, resolution: Missing | Ambiguous, page: WikiPage, site: Site) -> str:
    """What a page wants to be connected with, and no one page is."""
    words = escape(link.label or link.target.replace("_", " ") or link.fragment or "")
    if isinstance(resolution, Ambiguous):
        choices = ", ".join(page_link(site.graph.pages[c], page, site, c) for c in resolution.candidates)
        return f"[{words}]{{.tw-missing}} ({site.words('one-of')} {choices})"
    title = re.sub(r'[\\"{}<>\n]', " ", missing_reason(link, resolution)).strip()
    return f'[{words}]{{.tw-missing title="{title}"}}'


def _backlinks(edge: str, others: list[WikiPage], page: WikiPage, site: Site) -> list[str]:
    """Links to pages that have an edge to this one, in the order of their titles: whoever adds one
    disturbs nothing else."""
    known = site.schema.edges.get(edge)
    items: list[str] = []
    for _, link, other in sorted((other.is_deprecated, page_link(other, page, site), other.id) for other in others):
        told = known is not None and known.ordered and len(items) < MOST_PLACES
        items.append(f"{link} {place(page, site.graph.pages[other], edge, site)}" if told else link)
    return items


def _label(name: str, backwards: bool, site: Site) -> Label:
    if known := site.schema.edges.get(name):
        return (known.inverse_label if backwards else known.label), known.ordered and not backwards
    if name == MENTIONS:
        return site.words("mentioned-in" if backwards else "mentions"), False
    words = name.replace("_", " ").capitalize()
    return (site.words("from", label=words) if backwards else words), False
