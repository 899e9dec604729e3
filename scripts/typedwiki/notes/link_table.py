"""Build the link table of a note: the targets of a page's links, images and locations, for the Lua filter.

The filter (``links.lua``) looks up each link that pandoc finds. Keys are the text as written: the content of wiki
brackets (``link_key``), or the address of a Markdown link or image.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha1
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from ..model import Ambiguous, Found, Link, Missing, Resolution, WikiPage
from ..regex import regex
from ..resolve import PAGE_SUFFIXES
from ..text.anchors import fragment_of, headings
from ..text.characters import may_load
from ..text.links import FILE_IN_BRACKETS
from ..text.markdown import plain
from ..text.okf_page import anchor
from ..text.quarto_syntax import mermaid_diagrams, switch_off
from ..text.sections import join, split
from .note_links import Site, attached, link_classes, locations, page_address, relative

Table = dict[str, Any]
READER = (
    "markdown-citations-smart-example_lists-raw_tex-latex_macros-blank_before_header-blank_before_blockquote"
    "+wikilinks_title_after_pipe+autolink_bare_uris+lists_without_preceding_blankline+mark"
)
"""Pandoc's reader for notes: enables the syntax that wikis use, disables syntax that they do not intend."""
PLAIN_READER = (
    "markdown-citations-smart-fancy_lists-example_lists-superscript-subscript-line_blocks"
    "-definition_lists-raw_tex-latex_macros"
)
"""Pandoc's reader for the pages about the whole wiki, which are all generated."""


def reader_of(name: str) -> str:
    """Return the reader for a generated page, by its name relative to the notes folder."""
    return PLAIN_READER if name.removeprefix("notes/").partition("/")[0] in ("wiki", "path") else READER


_ESCAPED = regex(r"\\([^\w\s])")
_DASHES = regex(r"-+")
_SPACE = regex(r"[\s_*`\\]+")
_QUOTES = str.maketrans("‘’“”–—", "''\"\"--")
_IMAGE_SUFFIX = regex(r"\.(?:png|jpe?g|gif|svg|webp|avif)$", re.IGNORECASE)
LONGEST_KEY = 200
"""Maximum number of characters of a key. A longer address is replaced by its hash."""


def link_table(
    page: WikiPage, site: Site, text: str, here: WikiPage | None = None, chain: tuple[str, ...] = ()
) -> Table:
    """Return the link table for ``text`` of a page, shown on its own note or embedded in that of ``here``.

    - ``wiki``, ``files``: for each link ``{to, class, text}``, where ``text`` is the default label;
      ``{missing, text, choices}`` for a missing or ambiguous target; ``label`` replaces a label
    - ``images``: for each address, including those of hosts that the site allows, ``{to}``, or ``{file}`` for a file
      that is not an image
    - ``locations``: addresses of places in a repository
    - ``embeds``: the replacement of each embedding link (see ``embeds``)
    - ``diagrams``: the diagrams that may be drawn
    - ``entities``: whether the text has numeric character references, some of which may be invisible
    """
    here = here or page
    wiki: dict[str, Table] = {}
    files: dict[str, Table] = {}
    for link, resolution in site.graph.links(page):
        entry = _entry(link, resolution, page, site, here)
        if link.is_path or link.written.startswith("#"):
            files[link.written] = entry
        if not link.is_path or FILE_IN_BRACKETS.search(link.target):
            key = link_key(link.written)
            swapped = isinstance(resolution, Found) and resolution.swapped
            wiki[f"{key}|{link_key(link.label or '')}" if swapped else key] = entry
            if link.embed:
                wiki[f"!{key}"] = entry
    for written, address in page.listed:
        entry = {"to": relative(address, site.names[here.id]), "text": written.removesuffix(".md")}
        files[written] = wiki[link_key(written)] = entry
    for number, source in enumerate(page.knowledge.sources, start=1) if page.knowledge else ():
        files[f"#{anchor(number)}"] = {"to": f"#{anchor(number)}", "class": "tw-cited", "text": source.name}
    for written, words, address in page.annotations:
        entry = {"text": words, "to": address} if address else {"text": words}
        if address and written == f"{words}|{address}":  # the label comes first
            entry["label"] = words
        wiki[link_key(written)] = entry if words else {**entry, "label": ""}  # a category shows no sort key
    table: Table = {"wiki": wiki, "files": files, "images": _images(page, site, here)}
    if places := locations(text, page, site.files):
        table["locations"] = places
    if any(link.embed for link in page.outgoing_links):
        table["embeds"] = embeds(page, site, here, chain)
    if drawn := mermaid_diagrams(switch_off(text)) if "mermaid" in text else ():
        table["diagrams"] = drawn
    if "&#" in text:
        table["entities"] = True
    table["reader"] = READER
    return table


def link_key(inner: str) -> str:
    """Return the content of a link's brackets as pandoc reads it as running text.

    The filter computes the same from pandoc's inlines: emphasis has lost its marks, straight quotes may have become
    curly, hyphens dashes, and space is space.
    """
    words = inner.translate(_QUOTES)
    words = _ESCAPED.sub(lambda m: m[1], words) if "\\" in words else words
    words = _DASHES.sub("-", words) if "--" in words else words
    return _SPACE.sub(" ", words).strip()


def _entry(link: Link, resolution: Resolution, page: WikiPage, site: Site, here: WikiPage) -> Table:
    written = link.target.replace("_", " ")
    if isinstance(resolution, Found):
        target = site.graph.pages[resolution.page_id]
        fragment = fragment_of(link.fragment or "", target)
        if target.id == page.id:
            text = _ESCAPED.sub(lambda sign: sign[1], link.fragment or "") or page.page_title
            to = f"#{fragment}" if here is page else page_address(page, here, site, fragment)
            return {"to": to, "text": text} if fragment else {"text": text}
        entry = _page_entry(target, site, here, fragment)
        if written.replace("-", " ").casefold() == target.page_title.replace("-", " ").casefold():  # "the [[kiln]]"
            entry["text"] = written
        return {**entry, "label": link.target} if resolution.swapped else entry
    if isinstance(resolution, Ambiguous):
        choices = [{**_page_entry(site.graph.pages[c], site, here), "text": c} for c in resolution.candidates]
        return {"missing": "could be any of these pages", "text": written, "choices": choices}
    if link.is_path and (copied := attached(link.target, page, site, here)):
        return {"to": copied, "text": written}
    if resolution.held_back or resolution.is_value:
        return {"text": written}
    return {"missing": missing_reason(link, resolution), "text": written or link.fragment or ""}


def _page_entry(target: WikiPage, site: Site, here: WikiPage, fragment: str = "") -> Table:
    address = page_address(target, here, site, fragment)
    return {"to": address, "class": " ".join(link_classes(target, site)), "text": target.page_title}


def missing_reason(link: Link, resolution: Missing) -> str:
    """Return why a link has no target, for a tooltip."""
    what = f"{link.type}:{link.target}" if link.type else link.target or f"#{link.fragment}"
    if link.is_path and PurePosixPath(link.target).suffix.lower() not in PAGE_SUFFIXES:
        return f"{what}: no such file"
    return f"{what}: {'not a page of this wiki' if resolution.unknown_type else 'no such page yet'}"


def _images(page: WikiPage, site: Site, here: WikiPage) -> Table:
    table: Table = {}
    for address in page.images:
        image = unquote(address)
        if len(address) > LONGEST_KEY:
            image = sha1(address.encode(), usedforsecurity=False).hexdigest()
        if may_load(address, site.remote_images):
            table[image] = {"to": address}
        elif copied := attached(address, page, site, here):
            table[image] = {"to" if _IMAGE_SUFFIX.search(copied) else "file": copied}
    return table


def table_block(table: Table) -> str:
    """Return the table as a raw block that no writer prints and in which Quarto finds nothing to process."""
    text = json.dumps(table, ensure_ascii=False, indent=1)
    for sign in "`<>":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    text = text.replace("{{", "{\\u007b") if "{{" in text else text
    return f"```{{=typedwiki}}\n{text}\n```"


DEEPEST = 5
"""Maximum depth of nested embeds. Deeper ones become links."""


def embeds(page: WikiPage, site: Site, here: WikiPage, chain: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """Return a page's embeds by the key of their link: Markdown, its own link table, and its source.

    Addresses are relative to the note of ``here``. A cyclic embed is left out, so its link stays a link.
    """
    chain = (*chain, page.id)
    result: dict[str, Any] = {}
    for link, resolution in site.graph.links(page):
        if not link.embed or not isinstance(resolution, Found) or resolution.page_id in chain or len(chain) > DEEPEST:
            continue
        target = site.graph.pages[resolution.page_id]
        anchor = fragment_of(link.fragment or "", target)
        text = (
            section_text(target, anchor) if link.fragment else "\n\n".join(filter(None, (target.lead, target.content)))
        )
        if not text:
            continue
        section = link.fragment.lstrip("^") if link.fragment else ""
        if link.is_path:  # an address names a section by its anchor
            section = next((plain(title) for title, name in headings(target.content) if name == anchor), section)
        result[link_key(link.written)] = {
            "markdown": switch_off(text),
            "title": target.page_title + (f": {section}" if section else ""),
            "to": page_address(target, here, site, anchor),
            "class": f"tw-{site.schema.types[target.page_type].slug}",
            "data": link_table(target, site, text, here, chain),
        }
    return result


def section_text(page: WikiPage, anchor: str) -> str:
    """Return a section of a page with its subsections, or the paragraph with an anchor; "" if there is none."""
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
    mark = f"[]{{#{anchor}}}"
    blocks = re.split(r"\n[ \t]*\n", page.content)
    number = next((n for n, block in enumerate(blocks) if anchor and mark[2:] in block), None)
    if number is None:
        return ""
    alone = number and blocks[number].strip() == mark  # below the block that it names
    return "\n\n".join(blocks[number - 1 : number + 1]) if alone else blocks[number]
