"""What Quarto's search index holds of a note: an entry for what stands above its first section, one for each section.

As in Quarto's website-search.ts (1.9), for notes that begin with a block of their own, as generated ones do.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from .bodies import Body
from .dom_diff import VOID

Entry = dict[str, str]
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_SECTION = re.compile(r'<section id="([^"]+)" class="level(\d)">|</section>')
_HEADING = re.compile(r"<h2[ >][^<]*(?:<(?!/?h2[ >])[^<]*)*</h2>")


def entries(page: str, body: Body, footnotes: str) -> Iterator[Entry]:
    """The entries of a note. ``footnotes`` is the appendix as it is on the page, if it has one."""
    title = _text(body["title"])
    text = body["body"]
    sections = list(_sections(text))
    if footnotes:
        sections.append(("footnotes", footnotes))
    start = text.find("<section ")
    first, paragraphs = _above(text if start < 0 else text[:start])
    if not sections:
        yield _entry(page, title, "", _text(text).strip())
        return
    if above := [part for part in map(str.strip, [first, *paragraphs]) if part]:
        yield _entry(page, title, "", "\n".join(above))
    for anchor, section in sections:
        heading = _HEADING.search(section)
        if whole := _text(section).strip():
            yield _entry(f"{page}#{anchor}", title, _text(heading[0]) if heading else "", whole)


def _entry(href: str, title: str, section: str, text: str) -> Entry:
    shown = text.replace("<", "&lt;").replace(">", "&gt;")
    return {"objectID": href, "href": href, "title": title, "section": section, "text": shown}


def _text(markup: str) -> str:
    return html.unescape(_TAG.sub("", markup))


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Anchor and HTML of each section of the second level."""
    begun: list[tuple[str, int] | None] = []
    for found in _SECTION.finditer(text):
        if found[1]:
            begun.append((found[1], found.start()) if found[2] == "2" else None)
        elif section := begun.pop():
            yield section[0], text[section[1] : found.end()]


def _above(text: str) -> tuple[str, list[str]]:
    """The text of the first element, without headings, and of the paragraphs and diagrams beside it."""
    depth, begin, elements = 0, 0, []
    for tag in _TAG.finditer(text):
        if tag[2] in VOID:
            continue
        if not tag[1]:
            begin = begin if depth else tag.start()
            depth += 1
        else:
            depth -= 1
            if not depth:
                elements.append((tag[2], text[begin : tag.end()]))
    first = _text(elements[0][1]) if elements else ""
    beside = [markup for name, markup in elements[1:] if name == "p" or markup.startswith('<div class="cell"')]
    return first, [_text(markup) for markup in beside]
