"""Quarto details that the fast engine relies on: supported settings, comparison of pages, search index entries."""

from __future__ import annotations

import html
import re
from collections.abc import Container, Iterator, Mapping
from html.parser import HTMLParser
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ..settings import CARDS
from .bodies import Body
from .quarto import quarto_settings

_PROJECT = frozenset({"project", "website", "format", "filters", "execute", "typedwiki", "lang"})
_WEBSITE = (
    "title favicon description image site-url search navbar page-footer back-to-top-navigation repo-url repo-branch"
    " reader-mode announcement google-analytics plausible-analytics cookie-consent open-graph twitter-card"
)
"""Settings that have the same effect on every note, except for the title."""
_SHELL = (
    "theme css toc toc-depth toc-title code-overflow code-fold code-summary link-external-newwindow link-external-icon"
    " link-external-filter email-obfuscation highlight-style syntax-highlighting mainfont monofont fontsize fontcolor"
    " linkcolor linestretch backgroundcolor max-width grid smooth-scroll include-in-header citations-hover"
    " footnotes-hover crossrefs-hover canonical-url respect-user-color-scheme"
)
"""Options that affect only the template. code-fold and code-summary affect only cells."""
_NOTES = {
    "code": "code-copy code-line-numbers code-annotations code-block-bg code-block-border-left",
    "image": "lightbox fig-align fig-responsive fig-cap-location fig-width fig-height",
    "table": "tbl-colwidths tbl-cap-location",
    "callout": "callout-appearance callout-icon",
    "footnote": "reference-location",
    "math": "html-math-method",
}
"""Options by the only construct that each affects. Notes with that construct are left to Quarto."""
_HARMLESS: Mapping[str, tuple[object, ...]] = {
    "html-math-method": ("mathml",),
    "code-copy": (True,),
    "lightbox": (False,),
    "code-line-numbers": (False,),
    "fig-responsive": (True,),
}
"""Values of these options that the fast engine supports."""
_PLAIN = re.compile(r"[\w ,.:;()/]+")
"""A description of the site that Quarto, which reads it as Markdown, does not change."""
OPTIONS = dict.fromkeys(_SHELL.split(), "") | {
    name: construct for construct, names in _NOTES.items() for name in names.split()
}


def unknown_setting(project: Path) -> str:
    """Return the first setting that the fast engine does not know; empty if it knows all of them."""
    data = quarto_settings(project)
    website, formats = data.get("website"), data.get("format")
    html = formats.get("html") if isinstance(formats, dict) else formats
    if not isinstance(website, dict) or not isinstance(formats, dict) or list(formats) != ["html"]:
        return "`format` is not `html` alone"
    if str(data.get("lang") or "en").split("-")[0] != "en":
        return f"`lang: {data['lang']}`"
    if data.get("filters") != ["typedwiki"]:
        return "`filters` of its own"
    known_names: Container[str]
    for prefix, keys, known_names in (
        ("", data, _PROJECT),
        ("website: ", website, frozenset(_WEBSITE.split())),
        ("format: html: ", html if isinstance(html, dict) else {}, OPTIONS),
    ):
        for name in keys:
            if name not in known_names:
                return f"`{prefix}{name}`"
    other_settings = [
        *project.glob("_quarto-*.yml"),
        *project.glob("_quarto.yml.local"),
        *project.glob("_metadata.yml"),
    ]
    other_settings += project.glob("notes/_metadata.yml")
    return f"`{other_settings[0].name}`" if other_settings else ""


def left_to_quarto(project: Path) -> dict[str, str]:
    """Return the constructs that are left to Quarto on this site, each with the option that is the reason."""
    html = _html_options(project)
    return {
        OPTIONS[name]: name
        for name, value in html.items()
        if OPTIONS.get(name) and value not in _HARMLESS.get(name, ())
    } | ({} if "html-math-method" in html else {"math": "html-math-method"})


def has_unknown_card(website: Mapping[str, object], body: Body) -> bool:
    """Return whether Quarto takes parts of a note's card (``CARDS``) from its content: a picture, or a paragraph."""
    if not any(website.get(name) for name in CARDS):
        return False
    described = body["description"] or _PLAIN.fullmatch(str(website.get("description") or ""))
    has_image = body["image"] or not website.get("site-url")  # without an address notes say that they have none
    return not described or ("image" in body["uses"] and not has_image)


def contents_depth(project: Path) -> int:
    """Return the levels of headings in a note's table of contents; 0 if there is no table of contents."""
    html = _html_options(project)
    return int(html.get("toc-depth", 3)) if html.get("toc", True) else 0


def _html_options(project: Path) -> dict[str, Any]:
    formats = quarto_settings(project).get("format")
    html = formats.get("html") if isinstance(formats, dict) else None
    return html if isinstance(html, dict) else {}


_VOID = "area base br col embed hr img input link meta source track wbr"
VOID = frozenset(_VOID.split())
_EXACT = frozenset({"pre", "textarea", "script", "style"})
"""Elements in which white space is significant."""
_INLINE_NAMES = (
    "a abbr b bdi bdo br button cite code data del dfn em i img input ins kbd label mark math q s samp small span"
    " strong sub sup time u var wbr"
)
_INLINE = frozenset(_INLINE_NAMES.split())
"""Elements beside which white space is visible."""
Event = tuple[str, ...]
"""("<", element, attribute, value, ...) with sorted attributes, (">", element), or ("text", text)."""


class _Events(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.events: list[Event] = []
        self.text: list[str] = []
        self.exact = 0

    def _flush(self, block: bool) -> None:
        text = "".join(self.text)
        self.text.clear()
        if not self.exact:
            text = re.sub(r"\s+", " ", text)
            if block:
                text = text.rstrip()
            if not self.events or self.events[-1][1].removeprefix("/") not in _INLINE:
                text = text.lstrip()
        if text:
            self.events.append(("text", text))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._flush(tag not in _INLINE)
        sorted_attributes = sorted((name, _normalise_value(name, value or "")) for name, value in attributes)
        self.events.append(("<", tag, *(part for pair in sorted_attributes for part in pair)))
        self.exact += tag in _EXACT

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        self._flush(tag not in _INLINE)
        self.exact -= tag in _EXACT
        self.events.append((">", tag))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def close(self) -> None:
        super().close()
        self._flush(True)


def _normalise_value(name: str, value: str) -> str:
    return " ".join(value.split()) if name in ("class", "style") else value


def parse_events(page: str) -> list[Event]:
    """Return the elements and texts of a page in order. Comments are left out."""
    parser = _Events()
    parser.feed(page)
    parser.close()
    return parser.events


def first_difference(page: str, quarto_page: str) -> str:
    """Describe the first difference between two pages; empty if there is none."""
    open_elements: list[str] = []
    for event, quarto_event in zip_longest(parse_events(page), parse_events(quarto_page), fillvalue=("nothing", "")):
        if event != quarto_event:
            place = " > ".join(open_elements[-4:]) or "the page"
            return f"in {place}: {_format_event(event)} where Quarto has {_format_event(quarto_event)}"
        if event[0] == "<" and event[1] not in VOID:
            open_elements.append(_selector(event))
        elif event[0] == ">" and open_elements:
            open_elements.pop()
    return ""


def _attributes(event: Event) -> Iterator[tuple[str, str]]:
    yield from zip(event[2::2], event[3::2], strict=True)


def _selector(event: Event) -> str:
    attributes = dict(_attributes(event))
    name = f"#{attributes['id']}" if "id" in attributes else ".".join(["", *attributes.get("class", "").split()[:2]])
    return event[1] + name


def _format_event(event: Event) -> str:
    match event[0]:
        case "<":
            return f"<{' '.join([event[1], *(f'{name}={value!r:.80}' for name, value in _attributes(event))])}>"
        case ">":
            return f"</{event[1]}>"
        case "text":
            return f"{event[1]!r:.120}"
    return event[0]


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
