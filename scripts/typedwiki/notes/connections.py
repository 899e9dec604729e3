"""Write the Connections section of a note: its edges in words, in both directions, beside a graph."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import lru_cache
from math import isqrt
from urllib.parse import quote

from ..model import Ambiguous, Found, Graph, Link, Missing, WikiPage
from ..regex import regex
from ..resolve import MENTIONS
from ..text.markdown import escape, plain
from .graph import count_neighbours, neighbourhood_html
from .link_table import missing_reason
from .note_links import Site, attached, own_heading, page_link, relative

WAYS = {
    "Explore": "explore",
    "Graph": "graph",
    "Paths": "paths",
    "Report": "report",
    "Audit": "audit",
    "Guide": "guide",
}
"""Pages about the whole wiki, by name."""


def ways(here: str, site: Site) -> str:
    """Return links to the pages about the wiki, as Markdown; empty if the site's navigation has them."""
    if not site.ways:
        return ""
    to = relative("wiki/", here)
    shown = {name: page for name, page in WAYS.items() if page not in site.absent}
    shown |= ({"Contents": "contents"} if site.contents else {}) | ({"Changes": "changes"} if site.changes else {})
    listed = "\n".join(f"1. [{name}]({to}{page}.html)" for name, page in shown.items())
    return f'::: {{.tw-ways role="navigation" aria-label="Wiki"}}\n{listed}\n:::'


def with_ways(text: str, here: str, site: Site) -> str:
    """Return a generated note that is not a page, with these links below its front matter."""
    head, fence, rest = text.partition("\n---\n")
    return f"{head}{fence}\n{ways(here, site)}\n{rest}" if site.ways else text


def crumbs(page: WikiPage, site: Site) -> str:
    """Return the breadcrumbs of a page as Markdown: the shortest path from a Workflow; empty if there is none.

    The page itself is left out, because its title follows.
    """
    trail = site.trails.get(page.id, ())
    if len(trail) < 2:
        return ""
    above = [page_link(site.graph.pages[other], page, site) for other in trail[:-1]]
    listed = "\n".join(f"1. {item}" for item in above)
    return f'::: {{.tw-crumbs role="navigation" aria-label="{site.words("breadcrumb")}"}}\n{listed}\n:::'


def place(page: WikiPage, whole: WikiPage, edge: str, site: Site) -> str:
    """Return, as Markdown, a page's position among the ordered targets of ``whole``, with its neighbours."""
    steps = [e.target for e in site.graph.outgoing.get(whole.id, ()) if e.type == edge]
    number = steps.index(page.id)
    beside = []
    for name, key, at in (("previous", "place-after", number - 1), ("next", "place-before", number + 1)):
        if 0 <= at < len(steps):
            beside.append(site.words(key, **{name: page_link(site.graph.pages[steps[at]], page, site)}))
    told = site.words("place", number=number + 1, total=len(steps))
    return f"[{', '.join(filter(None, (told, site.words.listed(beside))))}]{{.tw-place}}"


MOST_PLACES = 3
"""Maximum number of Workflows for which a page shows its position and neighbours."""

Label = tuple[str, bool]
"""The label of a group of edges, and whether their order matters."""


def connections(page: WikiPage, site: Site) -> str:
    """Return the section as Markdown. It is never left out."""
    groups, words = _groups(page, site), site.words
    listed = [_list(label, list(dict.fromkeys(items)), ordered) for (label, ordered), items in groups.items()]
    if likes := site.related.get(page.id, ()):
        links = "\n".join(f"- {page_link(site.graph.pages[other], page, site)}" for other in likes)
        listed.append(f"[{words('related-pages')}]{{.tw-edge}} [{words('related-why')}]{{.tw-why}}\n\n{links}")
    edges = "\n\n".join(listed)
    shown = f":::: {{.tw-connections}}\n::: {{.tw-edges}}\n{edges}\n:::\n{_graph(page, site)}::::" if edges else ""
    if not groups and not page.connections_text:
        shown = "\n\n".join(filter(None, (words("no-connections"), shown)))
    return "\n\n".join(filter(None, (own_heading(page, "connections", site), shown)))


def _list(label: str, items: list[str], ordered: bool) -> str:
    count = f" · {len(items)}" if len(items) > 1 else ""
    marker = "1. " if ordered else "- "
    return "\n".join([f"[{escape(label)}{count}]{{.tw-edge}}\n", *(f"{marker} {item}" for item in items)])


def _graph(page: WikiPage, site: Site) -> str:
    """Return the neighbourhood graph and a link to the whole graph; empty for a page without edges."""
    here = site.names[page.id]
    fragment = neighbourhood_html(
        page.id, site.graph, site.schema, lambda other: f"{relative(site.names[other], here)}.html", site.words
    )
    if not fragment:
        return ""
    slug = site.schema.types[page.page_type].slug
    focus = quote(f"{slug}/{here.rpartition('/')[2]}")
    whole = f"[{site.words('whole-graph')}]({relative('wiki/graph.html', here)}#focus={focus}){{.tw-whole}}"
    drawn, total = count_neighbours(page.id, site.graph, site.schema)
    cut = f"[{site.words('cut', some=drawn, every=total)}]{{.tw-cut}} " if drawn < total else ""
    return f"::: {{.tw-drawn}}\n```{{=html}}\n{fragment}\n```\n\n{cut}{whole}\n:::\n"


def _groups(page: WikiPage, site: Site) -> dict[Label, list[str]]:
    """Return the page's edges in both directions, and its unresolved links, by label."""
    pages, schema = site.graph.pages, site.schema
    outgoing: dict[str, list[str]] = {}
    incoming: dict[str, list[WikiPage]] = {}
    for edge in sorted(site.graph.outgoing.get(page.id, ()), key=lambda edge: pages[edge.target].is_deprecated):
        outgoing.setdefault(edge.type, []).append(page_link(pages[edge.target], page, site))
    for edge in site.graph.incoming.get(page.id, ()):
        incoming.setdefault(edge.type, []).append(pages[edge.source])
    for link, resolution in site.graph.links(page):
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
    """Return the text for a link whose target is missing or ambiguous."""
    words = escape(plain(link.label or "") or link.target.replace("_", " ") or link.fragment or "")
    if isinstance(resolution, Ambiguous):
        choices = ", ".join(page_link(site.graph.pages[c], page, site, c) for c in resolution.candidates)
        return f"[{words}]{{.tw-missing}} ({site.words('one-of')} {choices})"
    title = re.sub(r'[\\"{}<>\n]', " ", missing_reason(link, resolution)).strip()
    return f'[{words}]{{.tw-missing title="{title}"}}'


def _backlinks(edge: str, others: list[WikiPage], page: WikiPage, site: Site) -> list[str]:
    """Return links to the pages that have an edge to this one, sorted by title, so that adding a page moves no
    others."""
    known = site.schema.edges.get(edge)
    items: list[str] = []
    for _, link, other in sorted((other.is_deprecated, page_link(other, page, site), other.id) for other in others):
        says_place = known is not None and known.ordered and len(items) < MOST_PLACES
        items.append(f"{link} {place(page, site.graph.pages[other], edge, site)}" if says_place else link)
    return items


def _label(name: str, backwards: bool, site: Site) -> Label:
    if known := site.schema.edges.get(name):
        return (known.inverse_label if backwards else known.label), known.ordered and not backwards
    if name == MENTIONS:
        return site.words("mentioned-in" if backwards else "mentions"), False
    words = site.schema.edge_label(name)
    return (site.words("from", label=words) if backwards else words), False


MOST = 5
"""Maximum number of related pages on a page."""
FLOOR = 16
"""Minimum similarity of related pages, in percent."""
TERMS = 12
"""Number of a page's heaviest terms that are compared."""
FEW_PAGES = 3
"""Terms in this many pages or fewer weigh the same."""
LEAST_RARITY = 2
"""Minimum rarity of terms to compare. Less rare terms occur in more than a quarter to a half of all pages."""
MANY_PAGES = 64
"""Terms in this many pages or more are not compared, which bounds the work. A power of two."""

_WORD = regex(r"[^\W\d_]{2,}")
_HUMP = regex(r"(?<=[a-z])(?=[A-Z])")
_STOP = frozenset(
    _WORD.findall(
        "an and any are as at be both but by can each for from has have how if in into is it its may more most no not"
        " of on one only or other out over so such than that the their them then there these they this those through"
        " to up use used uses using via was what when where which while who whose will with without you your"
    )
)


def terms(page: WikiPage) -> Counter[str]:
    """Count the terms of a page's title and overview, without case, a plural ``s``, and English function words.

    ``AutoConfig`` is two words.
    """
    text = _HUMP.sub(" ", f"{page.page_title} {page.overview}")
    found = Counter(map(_term, _WORD.findall(text)))
    del found[""]
    return found


@lru_cache(maxsize=1 << 14)  # a wiki has few words
def _term(written: str) -> str:
    """Return the term for a word; empty for a function word."""
    word = written.casefold()
    if word in _STOP:
        return ""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def related(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Return the ids of the pages most similar to each page, sorted by title. Pages without any are left out.

    A term weighs (1 + log tf) · log(N / df), both logarithms to base 2 and rounded down, and pages are compared by the
    cosine of the angle between their weights: "ltc" in Manning, Raghavan and Schütze, Introduction to Information
    Retrieval (2008), section 6.4, after Salton and Buckley, Term-weighting approaches in automatic text retrieval
    (1988). tf counts a term in a page, df the pages that have it, N all pages.
    """
    counts = {page_id: terms(page) for page_id, page in graph.pages.items()}
    frequency = Counter(term for counted in counts.values() for term in counted)
    size = len(counts).bit_length()
    rarity = {term: size - max(df, FEW_PAGES).bit_length() for term, df in frequency.items()}
    compared = {term for term, df in frequency.items() if 1 < df < MANY_PAGES and rarity[term] >= LEAST_RARITY}
    weights = {
        page_id: {term: tf.bit_length() * rarity[term] for term, tf in counted.items()}
        for page_id, counted in counts.items()
    }
    lengths = {page_id: isqrt(10_000 * sum(w * w for w in found.values())) for page_id, found in weights.items()}
    joined = _joined(graph)
    similar: dict[str, list[tuple[int, str]]] = defaultdict(list)
    postings: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for page_id, weighed in weights.items():
        products: defaultdict[str, int] = defaultdict(int)
        shared = [(term, weight) for term, weight in weighed.items() if term in compared]
        for term, weight in sorted(shared, key=lambda item: (-item[1], item[0]))[:TERMS]:
            for other, its_weight in postings[term]:  # only earlier pages, so each pair is counted once
                products[other] += weight * its_weight
            postings[term].append((page_id, weight))
        for other, product in products.items():
            percent = 1_000_000 * product // (lengths[page_id] * lengths[other])
            if percent >= FLOOR and other not in joined[page_id]:
                similar[page_id].append((-percent, other))
                similar[other].append((-percent, page_id))
    titles = {page_id: (graph.pages[page_id].page_title.casefold(), page_id) for page_id in similar}
    return {
        page_id: tuple(sorted((other for _, other in sorted(similar[page_id])[:MOST]), key=titles.__getitem__))
        for page_id in weights
        if page_id in similar
    }


def _joined(graph: Graph) -> dict[str, set[str]]:
    joined: dict[str, set[str]] = defaultdict(set)
    for edge in graph.edges:
        joined[edge.source].add(edge.target)
        joined[edge.target].add(edge.source)
    return joined
