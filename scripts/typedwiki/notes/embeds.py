"""Pages and sections that other pages embed, as ``![[Page]]`` and ``![[Page#Section]]``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..model import Found, WikiPage
from ..text.anchors import fragment_of, headings
from ..text.quarto_syntax import switch_off
from ..text.sections import join, split
from . import link_table
from .note_links import Site, page_address

DEEPEST = 5
"""Embeds within embeds; those below are links."""


def embeds(page: WikiPage, site: Site, here: WikiPage, chain: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """What a page embeds, by the key of its link: Markdown, its own link table, and where it comes from.

    Addresses are relative to the note of ``here``. What would embed itself is left out, and so is a link.
    """
    chain = (*chain, page.id)
    result: dict[str, Any] = {}
    for link, resolution in zip(page.outgoing_links, site.graph.resolutions[page.id], strict=True):
        if not link.embed or not isinstance(resolution, Found) or resolution.page_id in chain or len(chain) > DEEPEST:
            continue
        target = site.graph.pages[resolution.page_id]
        anchor = fragment_of(link.fragment or "", target)
        text = section_text(target, anchor) if link.fragment else "\n\n".join(filter(None, (target.lead, target.content)))
        if not text:
            continue
        result[link_table.link_key(link.written)] = {
            "markdown": switch_off(text),
            "title": target.page_title + (f": {link.fragment.lstrip('^')}" if link.fragment else ""),
            "to": page_address(target, here, site, anchor),
            "class": f"tw-{site.schema.types[target.page_type].slug}",
            "data": link_table.link_table(target, site, text, here, chain),
        }
    return result


def section_text(page: WikiPage, anchor: str) -> str:
    """A section of a page with its subsections, or the paragraph that holds an anchor; "" if there is none."""
    level = 0
    kept = []
    names = iter(headings(page.content))
    for section in split(page.content):
        name = next(names, None) if section.level else None
        if level and section.level <= level:
            break
        if not level and name and name.anchor == anchor:
            level = section.level
        if level:
            kept.append(section)
    if kept:
        return join(kept)
    blocks = re.split(r"\n[ \t]*\n", page.content)
    return next((block for block in blocks if anchor and f"{{#{anchor}}}" in block), "")
