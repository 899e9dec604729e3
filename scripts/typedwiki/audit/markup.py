"""Find markup that a note shows as text, does not link or does not draw, and brackets that are not a link."""

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
"""Text after brackets that looks like the address of a link, to its end or to the space where it should end."""
_PATH = regex(r"[^:]{0,300}?(?:\.(?:md|mediawiki|qmd|html?|png|jpe?g|gif|svg|webp|pdf)\b|#[^\s)])", re.IGNORECASE)
_LOOKS_LIKE_LINK = regex(r"\[\[\s*(?:\||[A-Za-z_]+\s*::|[A-Z][A-Za-z]+:(?!//)|[A-Z][\w ]+$|\]\])")


class ActiveMarkup(NamedTuple):
    """Markup that does not do what it seems to."""

    code: str
    """Code of the rule that reports it."""
    start: int
    end: int
    detail: str


def find_active_markup(file: RawFile, references: Scan, body: str, hidden: str, wiki: bool) -> Iterator[ActiveMarkup]:
    """Yield such markup of a file.

    ``references`` is the scan of the text. In ``body`` the front matter is blanked out, in ``hidden`` also code,
    formulas and comments. ``wiki``: the page is written in wikitext.
    """
    starts = [part.start for part in references.verbatim_parts]

    def is_code(offset: int) -> bool:
        index = bisect_right(starts, offset) - 1
        return index >= 0 and offset < references.verbatim_parts[index].end

    text = file.text
    active: list[tuple[int, str]] = []
    if "<" in text or "{" in text:
        reported_kinds: set[str] = set()
        matches = (match for pattern in _ACTIVE for match in pattern.finditer(text))
        active = [(m.start(), _describe(m.groupdict())) for m in matches if _is_active(m) and not is_code(m.start())]
        for start, detail in sorted([*active, *_raw_code(file, references)]):
            if detail not in reported_kinds:
                reported_kinds.add(detail)
                yield ActiveMarkup("H001", start, start + 1, detail)
    reported = {start for start, _ in active}
    for start, end, detail in raw_wikitext(hidden) if wiki else raw_markup(body, references.verbatim_parts):
        if start not in reported:
            yield ActiveMarkup("H005", start, end, detail)
    for match in (match for pattern in _ADDRESSES for match in pattern.finditer(f"\n{text}")):
        address, start = match["address"].strip(), match.start() - (not match[0].startswith("\n"))
        if ":" in address and not is_safe(address) and not is_code(start):
            yield ActiveMarkup("H002", start, match.end() - 1, address[:60])
    if not wiki:
        link_ends = {item.span.end for items in (references.links, references.images) for item in items}
        for start, end in _broken_addresses(text):
            if end not in link_ends and not is_code(start):
                yield ActiveMarkup("L008", start, end, text[start:end])
    for part in references.verbatim_parts:
        if (part.kind == "mermaid" or part.language == "mermaid") and not is_drawn(part.body):
            yield ActiveMarkup("H003", part.start, part.end, "")
    link_starts = {item.span.start for items in (references.links, references.annotations) for item in items}
    for match in _BRACKETS.finditer(text):
        start = match.start()
        if start not in link_starts and not is_well_formed(text, start) and not is_code(start):
            line = text[start : start + 400].partition("\n")[0]
            if _LOOKS_LIKE_LINK.match(line):
                excerpt = line[: line.find("]]") + 2] if "]]" in line else line[:40]
                yield ActiveMarkup("L008", start, start + len(excerpt), excerpt)


def _broken_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield the offsets of link addresses that are empty, hold a space or are not closed."""
    for match in _BEHIND_BRACKETS.finditer(text):
        written = match[0]
        empty = not written.strip("](# )")
        if empty or (_PATH.match(written, 2) and (" " in written.strip() or not written.endswith(")"))):
            yield match.start(), match.end()


def _is_active(match: re.Match[str]) -> bool:
    """Whether markup is active. An event handler is so only in an element that a note may hold."""
    handled = match.groupdict().get("handled")
    return not handled or handled.lower() in ALLOWED_TAGS


def _raw_code(file: RawFile, references: Scan) -> Iterator[tuple[int, str]]:
    if "{" not in file.text or not any(opener.search(file.text) for opener in _RAW_OPENERS):
        return
    for part in references.verbatim_parts:
        opening = file.text[part.start : part.end].lstrip("`~").partition("\n")[0] if part.kind == "block" else ""
        attribute = _RAW.match(opening) or (_RAW.match(file.text, part.end) if part.kind == "inline" else None)
        if attribute and attribute["raw"]:
            yield part.start, f"raw `{{{attribute['raw']}}}`"
        elif (
            attribute
            and part.kind == "block"
            and attribute["cell"].lower() not in LEAVES
            and attribute["cell"].lower() not in _DRAWN
            and not file.trusted
        ):
            yield part.start, f"the cell `{{{attribute['cell']}}}`"


def _describe(groups: Mapping[str, str | None]) -> str:
    if tag := groups.get("tag"):
        return f"the element `{tag.lower()}`"
    if shortcode := groups.get("shortcode"):
        return f"the shortcode `{shortcode}`"
    return f"the handler `{(groups.get('event') or '').lower()}`"
