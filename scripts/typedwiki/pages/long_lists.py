"""Lists that grow with the wiki: the first items on the page, all of them in a file that filter.js reads on request.

A list and not a table: on a phone each item is a card. As HTML, which is shown as it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape

from ..model import WikiPage
from ..notes.note_links import Site

MOST = 150
"""Items on the page itself."""
FILTERED = 20
"""Items above which the list has a filter."""

Listed = tuple[str, dict[str, bytes]]
"""The list as Markdown, and the file with its items by path relative to the notes folder, if it needs one."""


def long_list(name: str, items: Sequence[str], site: Site, kind: str, most: int = MOST) -> Listed:
    """A list of ``items``, each the HTML within an element ``li``, or of one that has an id as ``id\\0HTML``."""
    whole = [_item(item) for item in items]
    shown = "\n".join(whole[:most])
    listed = f'<ul class="tw-long {kind}" role="list">\n{shown}\n</ul>'
    files: dict[str, bytes] = {}
    if len(whole) > FILTERED:
        file = ""
        if len(whole) > most:
            data = json.dumps(whole, ensure_ascii=True, separators=(",", ":")).replace("</", "<\\/")
            file = f"rows-{name}.js"
            files[f"assets/{file}"] = f'(window.typedwikiRows??={{}})["{file}"]={data};\n'.encode()
            listed += f"\n<noscript><p>{escape(site.words.count('listed-of', most))}</p></noscript>"
        data_file = f' data-file="{file}"' if file else ""
        listed = f'<div class="tw-filter" data-total="{len(whole)}"{data_file}>\n{listed}\n</div>'
    return f"```{{=html}}\n{listed}\n```", files


def _item(item: str) -> str:
    anchor, mark, content = item.partition("\0")
    text = f'<li id="{escape(anchor)}">{content}</li>' if mark else f"<li>{item}</li>"
    return text.replace("`", "&#96;").replace("\n", " ")  # nothing ends the block that it stands in


def html_link(page: WikiPage, site: Site, name: str = "") -> str:
    """A typed link from a page of one folder below the notes folder, to a note or to the page of another ``name``."""
    slug = site.schema.types[page.page_type].slug
    address = escape(f"../{name or site.names[page.id]}.html")
    return f'<a href="{address}" class="tw-link tw-{slug}">{escape(page.page_title)}</a>'


def some(links: Sequence[str], most: int, site: Site, address: str) -> str:
    """The first of some links, and how many more are at an address."""
    more = len(links) - most
    shown = ", ".join(links[:most])
    return f'{shown}, <a href="{escape(address)}">{site.words.count("and-more", more)}</a>' if more > 0 else shown


def with_code(text: str) -> str:
    """A message as HTML: what it puts in backticks is code."""
    parts = re.split(r"`([^`]+)`", text)
    return "".join(f"<code>{escape(part)}</code>" if i % 2 else escape(part) for i, part in enumerate(parts))
