"""The Explore page: facets, a search and a list of all notes, filled in by explore.js."""

from __future__ import annotations

from html import escape

from ..notes.note_file import yaml_string
from ..words import Words

FACETS = ("type", "domain", "namespace", "environment", "heuristic", "problems", "updated")
"""The keys of facets.js, and of the address."""
ORDERS = {
    "": "order-relevance",
    "title": "order-title",
    "date": "order-date",
    "connections": "order-connections",
    "minutes": "order-minutes",
}
"""What people read, by the name in the address."""

_PAGE = """---
title: {title}
description-meta: {description}
page-layout: full
toc: false
resources: [../assets/*.js, ../assets/types.css, ../assets/files/*, ../assets/exports/*]
---

::: {{.tw-explore}}
{without_scripts}

{parts}
:::
"""
_PARTS = """```{{=html}}
<div class="tw-explore-parts">
<div class="tw-explore-bar" role="search">
<label>{find} <input type="search" name="q" autocomplete="off" spellcheck="false"></label>
<label>{order} <select name="sort">{orders}</select></label>
</div>
<details class="tw-facets"><summary>{filters}</summary>
{facets}
</details>
<div class="tw-found">
<div class="tw-chips"></div>
<p class="tw-state" role="status">{reading}</p>
<p class="tw-hint"></p>
<ol class="tw-list tw-rows" role="list" aria-label="{pages}">
<li class="tw-item"><h2 class="tw-item-title no-anchor"><a class="tw-link"></a></h2>
<p class="tw-item-text"></p><p class="tw-item-facts"></p></li>
</ol>
</div>
</div>
```"""


def explore_page(words: Words, pathless: bool = False) -> str:
    """The note's text, so that an edit of a page leaves it alone; ``pathless`` if the wiki has no page of reading
    paths."""
    return _PAGE.format(
        title=yaml_string(words("explore")),
        description=yaml_string(words("explore-about")),
        without_scripts=words("explore-needs-alone" if pathless else "explore-needs"),
        parts=explore_parts(words),
    )


def explore_parts(words: Words) -> str:
    """The elements that explore.js fills, as a raw block."""

    def text(key: str) -> str:
        return escape(words(key))

    return _PARTS.format(
        find=text("find-pages"),
        order=text("order"),
        orders="".join(f'<option value="{name}">{text(key)}</option>' for name, key in ORDERS.items()),
        filters=text("filters"),
        facets="\n".join(
            f'<fieldset name="{name}" hidden><legend>{text(f"facet-{name}")}</legend><div></div>'
            '<button type="button"></button></fieldset>'
            for name in FACETS
        ),
        reading=text("reading"),
        pages=text("notes"),
    )
