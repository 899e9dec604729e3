"""The Explore page: facets, text filter and a list of all notes, filled in by explore.js."""

from __future__ import annotations

FACETS = ("Type", "Domain", "Namespace", "Environment", "Heuristic", "Problems", "Updated")
"""As people read them; in lower case the keys of facets.js, and of the address."""
ORDERS = {
    "": "Relevance",
    "title": "Title",
    "date": "Newest first",
    "connections": "Most connected first",
    "minutes": "Shortest first",
}
"""By the name in the address."""

_PAGE = """---
title: Explore
description-meta: Every note of this wiki, by type, domain and whatever else it says of itself
page-layout: full
toc: false
---

::: {{.tw-explore}}
Exploring needs JavaScript. Without it, the [home page](../../index.html) lists the notes, and
[Paths](paths.html) leads through them.

```{{=html}}
<div class="tw-explore-parts">
<div class="tw-explore-bar" role="search">
<label>Title or overview <input type="search" name="q" autocomplete="off" spellcheck="false"></label>
<label>Order <select name="sort">{orders}</select></label>
</div>
<details class="tw-facets"><summary>Filters</summary>
{facets}
</details>
<div class="tw-found">
<div class="tw-chips"></div>
<p class="tw-state" role="status">Reading the wiki …</p>
<p class="tw-hint"></p>
<ol class="tw-list tw-rows" role="list" aria-label="Notes">
<li class="tw-item"><h2 class="tw-item-title no-anchor"><a class="tw-link"></a></h2>
<p class="tw-item-text"></p><p class="tw-item-facts"></p></li>
</ol>
</div>
</div>
```
:::
"""


def explore_page() -> str:
    """The note's text: the same for every wiki, so that an edit of a page leaves it alone."""
    return _PAGE.format(
        orders="".join(f'<option value="{name}">{label}</option>' for name, label in ORDERS.items()),
        facets="\n".join(
            f'<fieldset name="{label.lower()}" hidden><legend>{label}</legend><div></div>'
            '<button type="button"></button></fieldset>'
            for label in FACETS
        ),
    )
