"""Write pages that do not depend on the wiki's pages: Explore, the page for missing addresses, and the guide."""

from __future__ import annotations

import html
import re
from pathlib import PurePosixPath

from ..author.new import possible_links, section_prompts
from ..notes.note_file import yaml_string
from ..program import GUIDE, root
from ..render.finish import NOT_FOUND_MARK
from ..schema import Schema
from ..text.markdown import code_span, escape
from ..words import Words

FACETS = ("type", "domain", "namespace", "environment", "heuristic", "problems", "updated")
"""The keys of facets.js, and of the address."""
ORDERS = {
    "": "order-type",
    "title": "order-title",
    "date": "order-date",
    "connections": "order-connections",
    "minutes": "order-minutes",
}
"""Labels by the name in the address."""

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
<label>{order} <select name="sort" data-found="{relevance}">{orders}</select></label>
</div>
<details class="tw-facets"><summary>{filters}</summary>
{facets}
</details>
<div class="tw-found">
<div class="tw-chips"></div>
<p class="tw-state" role="status">{reading}</p>
<p class="tw-hint"></p>
<ol class="tw-list tw-rows" role="list" aria-label="{pages}">
<li class="tw-item"><h2 class="tw-item-title no-anchor"><a class="tw-link" href="#"></a></h2>
<p class="tw-item-text"></p><p class="tw-item-facts"></p></li>
</ol>
</div>
</div>
```"""


def explore_page(words: Words, pathless: bool = False) -> str:
    """Return the note's text, which an edit of a page does not change.

    ``pathless`` means that the wiki has no page of reading paths.
    """
    return _PAGE.format(
        title=yaml_string(words("explore")),
        description=yaml_string(words("explore-about")),
        without_scripts=words("explore-needs-alone" if pathless else "explore-needs"),
        parts=explore_parts(words),
    )


def explore_parts(words: Words) -> str:
    """Return the elements that explore.js fills, as a raw block."""

    def text(key: str) -> str:
        return html.escape(words(key))

    return _PARTS.format(
        find=text("find-pages"),
        order=text("order"),
        orders="".join(f'<option value="{name}">{text(key)}</option>' for name, key in ORDERS.items()),
        relevance=text("order-relevance"),
        filters=text("filters"),
        facets="\n".join(
            f'<fieldset name="{name}" hidden><legend>{text(f"facet-{name}")}</legend><div></div>'
            '<button type="button"></button></fieldset>'
            for name in FACETS
        ),
        reading=text("reading"),
        pages=text("notes"),
    )


def not_found_page(words: Words, pathless: bool = False) -> str:
    """Return the note's text; ``pathless`` means that the wiki has no page of reading paths."""
    paths = "" if pathless else f" · [{words('paths')}](../../notes/wiki/paths.html)"
    return (
        f"---\ntitle: {yaml_string(words('not-found'))}\npage-layout: full\ntoc: false\nsearch: false\n---\n\n"
        f"::: {{.tw-lead}}\n{words('not-found-lead')}\n:::\n\n"
        f"[{words('home')}](../../index.html) · [{words('explore')}](../../notes/wiki/explore.html)"
        f"{paths}\n\n"
        f'::: {{.tw-explore {NOT_FOUND_MARK}="true"}}\n{explore_parts(words)}\n:::\n'
    )


_HEADING = re.compile(r"^(#{1,5}) +(.+)$", re.MULTILINE)
_LINK = re.compile(r"\[([^\[\]\n]+)\]\(([\w./-]*)(#[\w-]+)?\)")
_ON_THE_SITE = {"audit.md": "rules.html"}
"""Pages of the documentation that are separate pages on the site."""
_ABOUT_TYPES = (
    "The folder decides the type of a page. These sections and links are what the audit looks for;"
    " its [rules](rules.html) say what each problem means, and the [audit](audit.html) lists those of this wiki."
)
_LEAD = "How to write a page of each type, link it, give its sources, and find out what is missing."


def guide_texts(ranked: bool = True) -> list[str]:
    """Return the pages of the documentation that make up the guide.

    Pages that a project has deleted are left out, as is text on ranks if types have none.
    """
    paths = [root() / name for name in GUIDE if ranked or PurePosixPath(name).stem != "requirements"]
    return [path.read_text(encoding="utf-8") for path in paths if path.is_file()]


def guide_page(schema: Schema, texts: list[str]) -> str:
    """Return the text of the guide."""
    names = {name.rpartition("/")[2] for name in GUIDE}
    parts = [
        f'---\ntitle: Guide\ndescription-meta: "{_LEAD}"\ntoc: true\n---',
        f"::: {{.tw-lead}}\n{_LEAD}\n:::",
        *(["## A page of each type", _ABOUT_TYPES] if schema.ranked else []),
        *(_type_section(name, schema) for name, kind in schema.types.items() if kind.ranked and not kind.by_hand),
        *(_shifted(text, names).strip() for text in texts),
    ]
    return "\n\n".join(parts) + "\n"


def _type_section(name: str, schema: Schema) -> str:
    kind = schema.types[name]
    section_lines = [f"- **{escape(title)}**: {prompt}" for title, prompt in section_prompts(name).items()]
    links = dict.fromkeys(
        f"[[{edge}::{other}:Title]]"
        for edge, other in possible_links(name, schema)
        if other not in schema.types or not schema.types[other].by_hand
    )
    link_lines = [f"- {code_span(link)}" for link in links]
    about = f"\n\n{escape(kind.about[:1].upper() + kind.about[1:])}." if kind.about else ""
    return f"### {escape(name)}{about}\n\n" + "\n".join(section_lines) + "\n\nIts links:\n\n" + "\n".join(link_lines)


def _shifted(text: str, names: set[str]) -> str:
    """Return a page of the documentation as part of the guide: headings one level down, links adapted."""
    lines, fence = [], ""
    for line in text.splitlines():
        if fence:
            fence = "" if line.startswith(fence) else fence
            lines.append(line)
        else:
            fence = line[:3] if line.startswith(("```", "~~~")) else ""
            lines.append(line if fence else _prose(line, names))
    return "\n".join(lines)


def _prose(text: str, names: set[str]) -> str:
    return _LINK.sub(lambda match: _relinked(match, names), _HEADING.sub(r"#\1 \2", text))


def _relinked(match: re.Match[str], names: set[str]) -> str:
    words, path, anchor = match[1], match[2], match[3] or ""
    if path in _ON_THE_SITE:
        return f"[{words}]({_ON_THE_SITE[path]})"
    return f"[{words}]({anchor})" if anchor and (not path or path in names) else words
