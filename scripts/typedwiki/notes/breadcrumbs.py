"""Where a note stands: the trail from a Workflow, and its place among a Workflow's steps."""

from __future__ import annotations

from .note_links import Site, page_link, relative
from ..model import WikiPage


WAYS = {"Explore": "explore", "Graph": "graph", "Paths": "paths", "Report": "report", "Audit": "audit", "Guide": "guide"}
"""Pages about the whole wiki, as they are called."""


def ways(here: str, site: Site) -> str:
    """The way to the pages about the wiki, as Markdown; nothing where the navigation of the site leads there."""
    if not site.ways:
        return ""
    to = relative("wiki/", here)
    shown = {name: page for name, page in WAYS.items() if page not in site.absent}
    shown |= ({"Contents": "contents"} if site.contents else {}) | ({"Changes": "changes"} if site.changes else {})
    listed = "\n".join(f"1. [{name}]({to}{page}.html)" for name, page in shown.items())
    return f'::: {{.tw-ways role="navigation" aria-label="Wiki"}}\n{listed}\n:::'


def with_ways(text: str, here: str, site: Site) -> str:
    """The text of a generated note that is no page, with these ways below its front matter."""
    head, fence, rest = text.partition("\n---\n")
    return f"{head}{fence}\n{ways(here, site)}\n{rest}" if site.ways else text


def crumbs(page: WikiPage, site: Site) -> str:
    """The pages on the shortest way from a Workflow down to a page, as Markdown; nothing for a page without one. The
    page itself is not named: its title stands above."""
    trail = site.trails.get(page.id, ())
    if len(trail) < 2:
        return ""
    above = [page_link(site.graph.pages[other], page, site) for other in trail[:-1]]
    listed = "\n".join(f"1. {item}" for item in above)
    return f'::: {{.tw-crumbs role="navigation" aria-label="{site.words("breadcrumb")}"}}\n{listed}\n:::'


def place(page: WikiPage, whole: WikiPage, edge: str, site: Site) -> str:
    """Which of the ordered targets of ``whole`` a page is, and its neighbours among them, as Markdown."""
    steps = [e.target for e in site.graph.outgoing.get(whole.id, ()) if e.type == edge]
    number = steps.index(page.id)
    beside = []
    for name, key, at in (("previous", "place-after", number - 1), ("next", "place-before", number + 1)):
        if 0 <= at < len(steps):
            beside.append(site.words(key, **{name: page_link(site.graph.pages[steps[at]], page, site)}))
    told = site.words("place", number=number + 1, total=len(steps))
    return f"[{', '.join(filter(None, (told, site.words.listed(beside))))}]{{.tw-place}}"
