"""What a page's text holds that its note shows as text, does not link or does not draw; brackets that are no link."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..model import RawFile
from ..regex import regex
from ..text.addresses import is_safe
from ..text.diagrams import is_drawn
from ..text.elements import ALLOWED_TAGS
from ..text.flavours.directives import LEAVES
from ..text.links import Scan, is_well_formed
from ..text.raw_markup import raw_markup, raw_wikitext

# Each begins with a literal, for which a text is searched much faster than for alternatives.
_ACTIVE = (
    regex(
        r"<(?i:(?P<tag>applet|audio|base|button|canvas|embed|form|frame|frameset|iframe|input|link|meta|object|portal"
        r"|script|select|style|svg|template|textarea|title|video)\b(?=[\s/>])"
        r"|(?P<handled>[a-z][a-z0-9]*)\s[^<>]*?\b(?P<event>on[a-z]{3,})\s*=)"
    ),
    regex(r"\{\{[<%]\s*(?P<shortcode>/?\w+)"),
)
_RAW = regex(r"[ \t]*\{\s*(?P<raw>=\w+)[^{}\n]*\}|[ \t]*\{+\s*(?P<cell>\w[\w-]*)[^{}\n]*\}")
_ADDRESSES = (
    regex(r"\]\(\s*<?(?P<address>[^()<>\n]{0,200})"),
    regex(r"\n[ \t]*\[[^\]\n]+\]:\s*<?(?P<address>\S{0,200})"),  # of a text with a line end before it
    regex(r"<(?P<address>\w+:[^<>\s]*)>"),
)
_RAW_OPENERS = (regex(r"`(?:``[ \t]*\{|\{=)"), regex(r"~~~[ \t]*\{"))
_DRAWN = frozenset({"mermaid"})
_BRACKETS = regex(r"\[\[(?<![\\\[]\[\[)(?!\[|\w+\]\])")  # `[[name]]` is a link for certain
_BEHIND_BRACKETS = regex(r"\]\((?:[^()<>\n\"']{0,300}\)|[^()<>\s\"']{1,300}(?=\s[^()\n]{0,300}(?:\n|\Z)|\Z))")
"""What stands behind brackets like the address of a link, to its end, or to the space where it should end."""
_PATH = regex(r"[^:]{0,300}?(?:\.(?:md|mediawiki|qmd|html?|png|jpe?g|gif|svg|webp|pdf)\b|#[^\s)])", re.IGNORECASE)
_LOOKS_LIKE_LINK = regex(r"\[\[\s*(?:\||[A-Za-z_]+\s*::|[A-Z][A-Za-z]+:(?!//)|[A-Z][\w ]+$|\]\])")


class ActiveMarkup(NamedTuple):
    """A stretch of a page's text that does not do what it seems to."""

    code: str
    """Of the rule that tells of it."""
    start: int
    end: int
    said: str


def find_active_markup(file: RawFile, found: Scan, body: str, hidden: str, wiki: bool) -> Iterator[ActiveMarkup]:
    """All of them, given what a scan of the text has ``found``.

    ``body`` is the text with its front matter blotted out, ``hidden`` with code, formulas and comments as well;
    ``wiki`` says that the page is MediaWiki's.
    """
    starts = [part.start for part in found.verbatim_parts]

    def is_code(offset: int) -> bool:
        before = bisect_right(starts, offset) - 1
        return before >= 0 and offset < found.verbatim_parts[before].end

    text = file.text
    active: list[tuple[int, str]] = []
    if "<" in text or "{" in text:
        said: set[str] = set()
        matches = (match for pattern in _ACTIVE for match in pattern.finditer(text))
        active = [(m.start(), _name(m.groupdict())) for m in matches if _acts(m) and not is_code(m.start())]
        for start, what in sorted([*active, *_raw(file, found)]):
            if what not in said:
                said.add(what)
                yield ActiveMarkup("H001", start, start + 1, what)
    reported = {start for start, _ in active}
    for start, end, what in raw_wikitext(hidden) if wiki else raw_markup(body, found.verbatim_parts):
        if start not in reported:
            yield ActiveMarkup("H005", start, end, what)
    for match in (match for pattern in _ADDRESSES for match in pattern.finditer(f"\n{text}")):
        address, start = match["address"].strip(), match.start() - (not match[0].startswith("\n"))
        if ":" in address and not is_safe(address) and not is_code(start):
            yield ActiveMarkup("H002", start, match.end() - 1, address[:60])
    if not wiki:
        taken = {item.span.end for items in (found.links, found.images) for item in items}
        for start, end in _broken_addresses(text):
            if end not in taken and not is_code(start):
                yield ActiveMarkup("L008", start, end, text[start:end])
    for part in found.verbatim_parts:
        if (part.kind == "mermaid" or part.language == "mermaid") and not is_drawn(part.body):
            yield ActiveMarkup("H003", part.start, part.end, "")
    read = {item.span.start for items in (found.links, found.annotations) for item in items}
    for match in _BRACKETS.finditer(text):
        start = match.start()
        if start not in read and not is_well_formed(text, start) and not is_code(start):
            line = text[start : start + 400].partition("\n")[0]
            if _LOOKS_LIKE_LINK.match(line):
                shown = line[: line.find("]]") + 2] if "]]" in line else line[:40]
                yield ActiveMarkup("L008", start, start + len(shown), shown)


def _broken_addresses(text: str) -> Iterator[tuple[int, int]]:
    """What stands behind brackets like the address of a link, and is empty, holds a space or is not closed."""
    for match in _BEHIND_BRACKETS.finditer(text):
        written = match[0]
        empty = not written.strip("](# )")
        if empty or (_PATH.match(written, 2) and (" " in written.strip() or not written.endswith(")"))):
            yield match.start(), match.end()


def _acts(match: re.Match[str]) -> bool:
    """Whether an event handler stands in an element that a note may hold; all else acts by itself."""
    handled = match.groupdict().get("handled")
    return not handled or handled.lower() in ALLOWED_TAGS


def _raw(file: RawFile, found: Scan) -> Iterator[tuple[int, str]]:
    if "{" not in file.text or not any(opener.search(file.text) for opener in _RAW_OPENERS):
        return
    for part in found.verbatim_parts:
        opening = file.text[part.start : part.end].lstrip("`~").partition("\n")[0] if part.kind == "block" else ""
        after = _RAW.match(opening) or (_RAW.match(file.text, part.end) if part.kind == "inline" else None)
        if after and after["raw"]:
            yield part.start, f"raw `{{{after['raw']}}}`"
        elif (
            after
            and part.kind == "block"
            and after["cell"].lower() not in LEAVES
            and after["cell"].lower() not in _DRAWN
            and not file.trusted
        ):
            yield part.start, f"the cell `{{{after['cell']}}}`"


def _name(found: Mapping[str, str | None]) -> str:
    if tag := found.get("tag"):
        return f"the element `{tag.lower()}`"
    if shortcode := found.get("shortcode"):
        return f"the shortcode `{shortcode}`"
    return f"the handler `{(found.get('event') or '').lower()}`"
