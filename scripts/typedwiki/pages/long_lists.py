"""Write lists that grow with the wiki: the first items on the page, all in a file that filter.js loads on request.

A list, not a table: on a phone each item is a card. It is HTML, shown unchanged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import quote

from ..model import WikiPage
from ..notes.note_links import Site
from ..schema import ADVICE, ENVIRONMENT, PageType
from .report import (
    covered_steps,
    covered_types,
    first_sentence,
    key_requirements,
    pages_of_type,
    pages_that_use,
)

MOST = 150
"""Maximum number of items on the page itself."""
FILTERED = 20
"""A list with more items has a filter."""

Listed = tuple[str, dict[str, bytes]]
"""The list as Markdown, and the file with its items by path relative to the notes folder, if there is one."""


def long_list(name: str, items: Sequence[str], site: Site, kind: str, most: int = MOST) -> Listed:
    """Return a list of ``items``: each the HTML within an ``li`` element, or ``id\\0HTML`` for one with an id."""
    list_items = [_item(item) for item in items]
    first_items = "\n".join(list_items[:most])
    html = f'<ul class="tw-long {kind}" role="list">\n{first_items}\n</ul>'
    files: dict[str, bytes] = {}
    if len(list_items) > FILTERED:
        file = ""
        if len(list_items) > most:
            data = json.dumps(list_items, ensure_ascii=True, separators=(",", ":")).replace("</", "<\\/")
            file = f"rows-{name}.js"
            files[f"assets/{file}"] = f'(window.typedwikiRows??={{}})["{file}"]={data};\n'.encode()
            html += f"\n<noscript><p>{escape(site.words.count('listed-of', most))}</p></noscript>"
        data_file = f' data-file="{file}"' if file else ""
        html = f'<div class="tw-filter" data-total="{len(list_items)}"{data_file}>\n{html}\n</div>'
    return f"```{{=html}}\n{html}\n```", files


def _item(item: str) -> str:
    anchor, mark, content = item.partition("\0")
    text = f'<li id="{escape(anchor)}">{content}</li>' if mark else f"<li>{item}</li>"
    return text.replace("`", "&#96;").replace("\n", " ")  # so that nothing ends the enclosing block


def html_link(page: WikiPage, site: Site, name: str = "") -> str:
    """Return a typed link to a note, or to the page of another ``name``, from a page one folder below the notes
    folder."""
    slug = site.schema.types[page.page_type].slug
    address = escape(f"../{name or site.names[page.id]}.html")
    return f'<a href="{address}" class="tw-link tw-{slug}">{escape(page.page_title)}</a>'


def some(links: Sequence[str], most: int, site: Site, address: str) -> str:
    """Return the first of some links, and the number of others with a link to ``address``."""
    more = len(links) - most
    first_links = ", ".join(links[:most])
    if more <= 0:
        return first_links
    return f'{first_links}, <a href="{escape(address)}">{site.words.count("and-more", more)}</a>'


def with_code(text: str) -> str:
    """Return a message as HTML, with text in backticks as code."""
    parts = re.split(r"`([^`]+)`", text)
    return "".join(f"<code>{escape(part)}</code>" if i % 2 else escape(part) for i, part in enumerate(parts))


FACET_OF = {ENVIRONMENT: "environment", ADVICE: "heuristic"}
"""The facets of Explore that find the users of a page, by the page's role."""
USERS = 5
"""Maximum number of users of a page that are named. Explore has all."""
ROWS = 60
"""Number of items of each list on the page."""


def coverage_list(site: Site) -> Listed:
    """Return, for each Workflow, how many of its steps have code, an Environment and a tip."""
    graph, schema, words = site.graph, site.schema, site.words
    kinds, items = covered_types(schema), []
    for page, steps in covered_steps(graph, schema):
        if not steps:
            items.append(_row(html_link(page, site), (words("no-steps"),)))
            continue
        counts = [sum(kind.name in types for _, types in steps) for kind in kinds]
        whole = round(100 * sum(counts) / (len(steps) * max(1, len(kinds))))
        facts = [words.count("steps", len(steps)), words("covered", percent=whole)]
        facts += [f"{kind.plural} {n}/{len(steps)}" for kind, n in zip(kinds, counts, strict=True)]
        items.append(_row(html_link(page, site), map(escape, facts)))
    return long_list("coverage", items, site, "tw-covered", ROWS) if items else (words("no-workflows"), {})


def environment_list(kind: PageType, site: Site) -> Listed:
    """Return each page of an environment type with its requirements and its users."""
    items = []
    for page in pages_of_type(kind.name, site.graph):
        text, more = key_requirements(site.requirements.get(page.id, ()))
        asked_for = escape(text) + (f" {site.words.count('and-more', more)}" if more else "")
        facts = (asked_for, _users(page, ENVIRONMENT, "required-by", site))
        items.append(_row(html_link(page, site), filter(None, facts)))
    return long_list(anchor(kind), items, site, "tw-needed", ROWS) if items else ("", {})


def advice_list(kind: PageType, site: Site) -> Listed:
    """Return each page of an advice type with its gist and the pages it applies to."""
    items = []
    for page in pages_of_type(kind.name, site.graph):
        facts = (escape(first_sentence(page.overview)), _users(page, ADVICE, "applies-to", site))
        items.append(_row(html_link(page, site), filter(None, facts)))
    return long_list(anchor(kind), items, site, "tw-needed", ROWS) if items else ("", {})


def anchor(kind: PageType) -> str:
    """Return the anchor of a type's list."""
    return f"{kind.slug}s"


def _row(title: str, facts: Iterable[str]) -> str:
    return f'<span class="tw-at">{title}</span> {" ".join(f"<span>{fact}</span>" for fact in facts)}'


def _users(page: WikiPage, role: str, key: str, site: Site) -> str:
    users = pages_that_use(page, site.schema.edges_to(role), site.graph)
    if not users:
        return escape(site.words("nobody"))
    stem = site.names[page.id].rpartition("/")[2]
    address = f"explore.html?{FACET_OF[role]}={quote(stem)}"
    return f"{escape(site.words(key))} {some([html_link(user, site) for user in users], USERS, site, address)}"
