"""Where a note stands: the trail from a Workflow, and its place among a Workflow's steps."""

from __future__ import annotations

from .note_links import Site, page_link
from ..text.markdown import escape
from ..model import WikiPage


def crumbs(page: WikiPage, site: Site) -> str:
    """The shortest way from a Workflow down to a page, as Markdown; nothing for a page without one."""
    trail = site.trails.get(page.id, ())
    if len(trail) < 2:
        return ""
    above = [page_link(site.graph.pages[other], page, site) for other in trail[:-1]]
    here = f'[{escape(page.page_title)}]{{aria-current="page"}}'
    listed = "\n".join(f"1. {item}" for item in (*above, here))
    return f'::: {{.tw-crumbs role="navigation" aria-label="Breadcrumb"}}\n{listed}\n:::'


def place(page: WikiPage, whole: WikiPage, edge: str, site: Site) -> str:
    """Which of the ordered targets of ``whole`` a page is, and its neighbours among them, as Markdown."""
    steps = [e.target for e in site.graph.outgoing.get(whole.id, ()) if e.type == edge]
    number = steps.index(page.id)
    parts = [f"step {number + 1} of {len(steps)}"]
    for name, at in (("previous", number - 1), ("next", number + 1)):
        if 0 <= at < len(steps):
            parts.append(f"{name}: {page_link(site.graph.pages[steps[at]], page, site)}")
    return f"[{'; '.join(parts)}]{{.tw-place}}"
