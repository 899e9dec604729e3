"""The data that pages load at view time: one file for the whole site.

It comes by script tag, because a page on file:// cannot fetch; and only when something needs it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..model import WikiPage
from ..notes.note_file import minutes
from ..notes.note_links import Site
from ..schema import ADVICE, ENVIRONMENT
from ..text.markdown import category
from .paths import below

OVERVIEW_LIMIT = 300
"""Characters of an overview that previews and listings show."""


def shortened(text: str, limit: int = OVERVIEW_LIMIT) -> str:
    """An overview as previews and listings show it: at most so many characters."""
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0] + "…"


def in_reading_order(site: Site) -> list[WikiPage]:
    """By rank of type, then title: how listings begin, and how pages are numbered in the data."""
    types = site.schema.types
    return sorted(
        site.graph.pages.values(),
        key=lambda p: (types[p.page_type].rank, p.page_type, p.is_deprecated, p.page_title.casefold(), p.id),
    )


def script(name: str, data: object) -> str:
    """A JavaScript file that sets a global to data, whatever text the data holds."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("</", "<\\/")
    return f"window.{name}={text};\n"


def pages_js(site: Site) -> str:
    """``window.typedwikiPages``, an object of

    - types: [slug, name, plural] of each page type, in order of rank
    - namespaces, domains: names, in alphabetical order; domains as notes show them
    - pages: one array for each page, in reading order; its place is the page's number:
      [stem, title, type, overview, namespace, [domain …], [environment …], [heuristic …], problems,
      date, edges, minutes, place by title], and 1 behind it for one that is deprecated.
      The note is notes/<slug of the type>/<stem>.html. Type, namespace (-1 for
      none) and domains are places in the lists above. Environments and heuristics are numbers of the
      pages of types with these roles that typed edges lead to, however far. The date is ISO 8601 or empty; edges
      counts those that touch the page, in either direction.
    - paths: for each reading path the numbers of its pages, the Workflow first.
    """
    graph, schema = site.graph, site.schema
    pages = in_reading_order(site)
    number = {page.id: i for i, page in enumerate(pages)}
    types = sorted(schema.types.values(), key=lambda t: t.rank)
    namespaces = _places(page.namespace for page in pages if page.namespace)
    domains = _places(category(domain) for page in pages for domain in page.domains)
    by_title = sorted(pages, key=lambda p: (p.page_title.casefold(), number[p.id]))
    place = {page.id: i for i, page in enumerate(by_title)}
    type_of = {page_type.name: i for i, page_type in enumerate(types)}

    def entry(page: WikiPage) -> list[object]:
        reached = [graph.pages[other] for other in below(page.id, graph, schema)]
        touching = len(graph.outgoing.get(page.id, ())) + len(graph.incoming.get(page.id, ()))
        return [
            site.names[page.id].rpartition("/")[2],
            page.page_title,
            type_of[page.page_type],
            shortened(page.overview),
            namespaces.get(page.namespace, -1),
            [domains[category(domain)] for domain in page.domains],
            [number[other.id] for other in reached if types[type_of[other.page_type]].role == ENVIRONMENT],
            [number[other.id] for other in reached if types[type_of[other.page_type]].role == ADVICE],
            site.problems.get(page.path, 0),
            page.last_updated.isoformat() if page.last_updated else "",
            touching,
            minutes(page),
            place[page.id],
            *([1] if page.is_deprecated else []),
        ]

    return script(
        "typedwikiPages",
        {
            "types": [[t.slug, t.name, t.plural] for t in types],
            "namespaces": list(namespaces),
            "domains": list(domains),
            "pages": [entry(page) for page in pages],
            "paths": [[number[page_id] for page_id in path.pages()] for path in site.paths.values()],
        },
    )


def _places(names: Iterable[str]) -> dict[str, int]:
    return {name: i for i, name in enumerate(sorted(set(names), key=lambda n: (n.casefold(), n)))}
