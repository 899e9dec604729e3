"""The lists of the Report page: what each Workflow covers, who needs which Environment, what Heuristics apply to."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from ..model import WikiPage
from ..notes.note_links import Site
from ..schema import ADVICE, ENVIRONMENT, PageType
from .long_lists import Listed, html_link, long_list, some
from .report import (
    KEY_REQUIREMENTS,
    covered_types,
    first_sentence,
    key_requirements,
    steps_of,
    types_below,
)

FACET_OF = {ENVIRONMENT: "environment", ADVICE: "heuristic"}
"""The facets of Explore by which pages that use one with a role are found."""
USERS = 5
"""Pages that use another which are named; Explore has all."""
ROWS = 60
"""Items of each list that stand on the page."""


def coverage_list(site: Site) -> Listed:
    """For each Workflow how many of its steps have code, an Environment and a tip."""
    graph, schema, words = site.graph, site.schema, site.words
    reached: dict[str, set[str]] = {}
    kinds, items = covered_types(schema), []
    for page in graph.pages.values():
        if schema.types[page.page_type].rank != 0:
            continue
        steps = steps_of(page.id, graph, schema)
        for step in steps:
            if step not in reached:
                reached[step] = types_below(step, graph, schema)
        if not steps:
            items.append(_row(html_link(page, site), (words("no-steps"),)))
            continue
        counts = [sum(kind.name in reached[step] for step in steps) for kind in kinds]
        whole = round(100 * sum(counts) / (len(steps) * max(1, len(kinds))))
        facts = [words.count("steps", len(steps)), words("covered", percent=whole)]
        facts += [f"{kind.plural} {n}/{len(steps)}" for kind, n in zip(kinds, counts, strict=True)]
        items.append(_row(html_link(page, site), map(escape, facts)))
    return long_list("coverage", items, site, "tw-covered", ROWS) if items else (words("no-workflows"), {})


def environment_list(kind: PageType, site: Site) -> Listed:
    """Each page of a type with the role of an environment: what it requires and who needs it."""
    items = []
    for page in _of_type(kind.name, site):
        asked = key_requirements(site.requirements.get(page.id, ()))
        more = len(asked) - KEY_REQUIREMENTS
        listed = ", ".join(asked[:KEY_REQUIREMENTS])
        rest = f" {site.words.count('and-more', more)}" if more > 0 else ""
        facts = filter(None, [f"{escape(listed)}{rest}"])
        items.append(_row(html_link(page, site), [*facts, _users(page, ENVIRONMENT, "required-by", site)]))
    return long_list(anchor(kind), items, site, "tw-needed", ROWS) if items else ("", {})


def advice_list(kind: PageType, site: Site) -> Listed:
    """Each page of a type that gives advice: its gist and what it applies to."""
    items = []
    for page in _of_type(kind.name, site):
        facts = (escape(first_sentence(page.overview)), _users(page, ADVICE, "applies-to", site))
        items.append(_row(html_link(page, site), filter(None, facts)))
    return long_list(anchor(kind), items, site, "tw-needed", ROWS) if items else ("", {})


def anchor(kind: PageType) -> str:
    """What the list of a type is called in addresses."""
    return f"{kind.slug}s"


def _row(title: str, facts: Iterable[str]) -> str:
    return f'<span class="tw-at">{title}</span> {" ".join(f"<span>{fact}</span>" for fact in facts)}'


def _users(page: WikiPage, role: str, key: str, site: Site) -> str:
    graph, edge_types = site.graph, site.schema.edges_to(role)
    users = [graph.pages[e.source] for e in graph.incoming.get(page.id, ()) if e.type in edge_types]
    if not users:
        return escape(site.words("nobody"))
    stem = site.names[page.id].rpartition("/")[2]
    address = f"explore.html?{FACET_OF[role]}={quote(stem)}"
    return f"{escape(site.words(key))} {some([html_link(user, site) for user in users], USERS, site, address)}"


def _of_type(name: str, site: Site) -> list[WikiPage]:
    return [page for page in site.graph.pages.values() if page.page_type == name]
