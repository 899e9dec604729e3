"""The lists of the Report page: what each Workflow covers, who needs which Environment, what Heuristics apply to."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from ..model import WikiPage
from ..notes.note_links import Site
from .long_lists import Listed, html_link, long_list, some
from .report import (
    COVERED,
    ENVIRONMENT_LINK,
    HEURISTIC_LINK,
    KEY_REQUIREMENTS,
    STEP,
    first_sentence,
    key_requirements,
    types_below,
)

USERS = 5
"""Pages that use another which are named; Explore has all."""
ROWS = 60
"""Items of each list that stand on the page."""


def coverage_list(site: Site) -> Listed:
    """For each Workflow how many of its steps have code, an Environment and a tip."""
    graph, schema, words = site.graph, site.schema, site.words
    reached: dict[str, set[str]] = {}
    items = []
    for page in graph.pages.values():
        if schema.types[page.page_type].rank != 0:
            continue
        steps = [edge.target for edge in graph.outgoing.get(page.id, ()) if edge.type == STEP]
        for step in steps:
            if step not in reached:
                reached[step] = types_below(step, graph, schema)
        if not steps:
            items.append(_row(html_link(page, site), (words("no-steps"),)))
            continue
        counts = [sum(name in reached[step] for step in steps) for name in COVERED]
        whole = round(100 * sum(counts) / (len(steps) * len(COVERED)))
        facts = [words.count("steps", len(steps)), words("covered", percent=whole)]
        facts += [f"{schema.types[name].plural} {n}/{len(steps)}" for name, n in zip(COVERED, counts, strict=True)]
        items.append(_row(html_link(page, site), map(escape, facts)))
    return long_list("coverage", items, site, "tw-covered", ROWS) if items else (words("no-workflows"), {})


def environment_list(site: Site) -> Listed:
    """Each Environment with what it requires and who needs it."""
    items = []
    for page in _of_type("Environment", site):
        asked = key_requirements(site.requirements.get(page.id, ()))
        more = len(asked) - KEY_REQUIREMENTS
        listed = ", ".join(asked[:KEY_REQUIREMENTS])
        rest = f" {site.words.count('and-more', more)}" if more > 0 else ""
        facts = filter(None, [f"{escape(listed)}{rest}"])
        items.append(_row(html_link(page, site), [*facts, _users(page, ENVIRONMENT_LINK, "required-by", site)]))
    return long_list("environments", items, site, "tw-needed", ROWS) if items else ("", {})


def heuristic_list(site: Site) -> Listed:
    """Each Heuristic with its gist and what it applies to."""
    items = []
    for page in _of_type("Heuristic", site):
        facts = (escape(first_sentence(page.overview)), _users(page, HEURISTIC_LINK, "applies-to", site))
        items.append(_row(html_link(page, site), filter(None, facts)))
    return long_list("heuristics", items, site, "tw-needed", ROWS) if items else ("", {})


def _row(title: str, facts: Iterable[str]) -> str:
    return f'<span class="tw-at">{title}</span> {" ".join(f"<span>{fact}</span>" for fact in facts)}'


def _users(page: WikiPage, edge_type: str, key: str, site: Site) -> str:
    graph = site.graph
    users = [graph.pages[e.source] for e in graph.incoming.get(page.id, ()) if e.type == edge_type]
    if not users:
        return escape(site.words("nobody"))
    stem = site.names[page.id].rpartition("/")[2]
    address = f"explore.html?{page.page_type.lower()}={quote(stem)}"
    return f"{escape(site.words(key))} {some([html_link(user, site) for user in users], USERS, site, address)}"


def _of_type(name: str, site: Site) -> list[WikiPage]:
    return [page for page in site.graph.pages.values() if page.page_type == name]
