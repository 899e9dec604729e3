"""Imitate the entries of Quarto's search index: one for the text above the first section, one for each section.

Follows Quarto's website-search.ts (1.9), for notes that begin with a block of their own, as generated notes do.
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


def index_entries(page: str, body: Body, footnotes: str) -> Iterator[Entry]:
    """Yield the entries of a note. ``footnotes`` is the HTML of the page's appendix, if it has one."""
    title = _text(body["title"])
    text = body["body"]
    sections = list(_sections(text))
    if footnotes:
        sections.append(("footnotes", footnotes))
    start = text.find("<section ")
    first_text, paragraphs = _intro_texts(text if start < 0 else text[:start])
    if not sections:
        yield _entry(page, title, "", _text(text).strip())
        return
    if intro := [part for part in map(str.strip, [first_text, *paragraphs]) if part]:
        yield _entry(page, title, "", "\n".join(intro))
    for anchor, section in sections:
        heading = _HEADING.search(section)
        if section_text := _text(section).strip():
            yield _entry(f"{page}#{anchor}", title, _text(heading[0]) if heading else "", section_text)


def _entry(href: str, title: str, section: str, text: str) -> Entry:
    escaped = text.replace("<", "&lt;").replace(">", "&gt;")
    return {"objectID": href, "href": href, "title": title, "section": section, "text": escaped}


def _text(markup: str) -> str:
    return html.unescape(_TAG.sub("", markup))


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Yield the anchor and the HTML of each section of level 2."""
    open_sections: list[tuple[str, int] | None] = []
    for tag in _SECTION.finditer(text):
        if tag[1]:
            open_sections.append((tag[1], tag.start()) if tag[2] == "2" else None)
        elif section := open_sections.pop():
            yield section[0], text[section[1] : tag.end()]


def _intro_texts(text: str) -> tuple[str, list[str]]:
    """Return the text of the first element, and the texts of the paragraphs and diagrams that follow it."""
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
    first_text = _text(elements[0][1]) if elements else ""
    siblings = [markup for name, markup in elements[1:] if name == "p" or markup.startswith('<div class="cell"')]
    return first_text, [_text(markup) for markup in siblings]
