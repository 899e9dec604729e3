"""The link grammar: what in a text is protected from markup, and which links the rest holds.

``[[edge::Type:Target]]``, ``[[Type:Target|label]]``, ``[[Target#Section]]`` and relative Markdown
links to files. Nothing inside code, preformatted text, formulas or comments is a link.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple
from urllib.parse import unquote

from .model import Link, Span

Kind = Literal["block", "inline", "pre", "math", "display", "mermaid", "comment", "verbatim"]

_OPENER = re.compile(
    r"""
      ^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)$
    | <(?P<tag>syntaxhighlight|source|pre|nowiki|code|math)\b(?P<attrs>[^<>]*)>
    | (?P<mermaid>\{\{\#mermaid:)
    | (?P<comment><!--)
    | \\[`$\\\[]
    | (?P<ticks>`+)
    | (?P<dollars>\$\$?)
    """,
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_INLINE_MATH = re.compile(r"\$(?=\S)((?:[^$\\\n]|\\.|\n(?![ \t]*\n))*?)(?<=\S)(?<!\\)\$(?!\d)")
_INDENTED = re.compile(r"(?m)(?:\A|^[ \t]*\n)((?:(?: {4}|\t)[^\n]*(?:\n|\Z)(?:[ \t]*\n(?= {4}|\t))*)+)")
_LIST_CONTEXT = re.compile(r"\s+\S|\s*(?:[-+*#:;]|\d+[.)])\s")

_WIKI_LINK = re.compile(
    r"""\[\[(?!\[)[ \t]*
        (?:(?P<edge>[A-Za-z][\w \t-]*?)\s*::\s*)?
        (?P<target>[^\[\]|\n]*?)
        (?:\|(?P<label>(?:[^\]\n]|\](?!\]))*))?
        \]\]""",
    re.VERBOSE,
)
_FILE_LINK = re.compile(
    r"""(?<![!\\\]])\[(?P<label>[^\[\]\n]+)\]
        \((?P<path>(?![a-zA-Z][a-zA-Z0-9+.-]*:|//|\#)[^()\s]+)(?:\s+"[^"\n]*")?\)""",
    re.VERBOSE,
)
PROPERTIES = frozenset({"source", "domain", "last_updated"})
"""Annotations that look like edges but state metadata of the page."""

MARK = re.compile("\ue000([a-z])(\\d+)\ue001")


class Protected(NamedTuple):
    """A stretch in which markup has no meaning."""

    kind: Kind
    start: int
    end: int
    body: str
    language: str = ""
    indent: str = ""


@dataclass(frozen=True, slots=True)
class Annotation:
    """``[[source::Repo|title|url]]`` and its like: metadata, not a link."""

    name: str
    values: tuple[str, ...]
    span: Span


class Scan(NamedTuple):
    """Everything that the grammar finds in one text, in order."""

    protected: list[Protected]
    links: list[Link]
    annotations: list[Annotation]


def mark(kind: str, number: int) -> str:
    """A stand-in for part ``number`` of a kind, safe from every line rule."""
    return f"\ue000{kind}{number}\ue001"


def scan(text: str, indented_code: bool = True) -> Scan:
    """Find the protected stretches, links and annotations of a page's text.

    ``indented_code`` says whether four spaces make code, as they do in Markdown.
    """
    protected = list(_protected(text))
    if indented_code:
        protected = _with_indented(text, protected)
    starts = line_starts(text)
    bounds = [p.start for p in protected]
    links: list[Link] = []
    annotations: list[Annotation] = []
    for match in sorted(_matches(text), key=lambda m: m.start()):
        before = bisect_right(bounds, match.start()) - 1
        if before >= 0 and match.start() < protected[before].end:
            continue
        span = span_at(starts, *match.span())
        if match.re is _FILE_LINK:
            path, _, fragment = match["path"].partition("#")
            links.append(
                Link(unquote(path), span, fragment=fragment or None, label=match["label"], is_path=True)
            )
            continue
        edge = re.sub(r"[\s-]+", "_", match["edge"]).lower() if match["edge"] else None
        if edge in PROPERTIES:
            values = (match["target"], *(match["label"].split("|") if match["label"] else ()))
            annotations.append(Annotation(edge or "", tuple(v.strip() for v in values), span))
        elif link := _wiki_link(match, edge, span):
            links.append(link)
    return Scan(protected, links, annotations)


def _matches(text: str) -> Iterator[re.Match[str]]:
    if "[[" in text:
        yield from _WIKI_LINK.finditer(text)
    if "](" in text:
        yield from _FILE_LINK.finditer(text)


def _wiki_link(match: re.Match[str], edge: str | None, span: Span) -> Link | None:
    target, _, fragment = match["target"].strip().partition("#")
    page_type, colon, name = target.partition(":")
    if not colon:
        page_type, name = "", target
    if not name.strip() and not fragment.strip():
        return None
    return Link(
        name.strip(),
        span,
        edge,
        page_type.strip() or None,
        fragment.strip() or None,
        (match["label"] or "").strip() or None,
    )


def line_starts(text: str) -> list[int]:
    """Offsets at which the lines of a text begin."""
    return [0, *(m.end() for m in re.finditer("\n", text))]


def span_at(starts: list[int], start: int, end: int) -> Span:
    """The span of two offsets, given ``line_starts``."""
    line = bisect_right(starts, start)
    return Span(start, end, line, start - starts[line - 1] + 1)


def _protected(text: str) -> Iterator[Protected]:
    position = 0
    # Both keep a page of unclosed openers linear.
    hopeless: set[str] = set()  # closers that do not occur again
    blanks = [match.start() for match in _BLANK_LINE.finditer(text)]
    while match := _OPENER.search(text, position):
        position = match.end()
        found: Protected | None = None
        if match["fence"] and not (match["fence"][0] == "`" and "`" in match["info"]):
            found = _fence(text, match)
        elif match["tag"]:
            found = _tag(text, match, hopeless)
        elif match["mermaid"]:
            found = _until(text, match, "}}", "mermaid", hopeless)
        elif match["comment"]:
            found = _until(text, match, "-->", "comment", hopeless)
        elif match["ticks"] or match["fence"]:
            found = _ticks(text, match, blanks)
        elif match["dollars"]:
            found = _dollars(text, match)
        if found:
            yield found
            position = max(found.end, match.start() + 1)


def _fence(text: str, match: re.Match[str]) -> Protected:
    fence, indent = match["fence"], match["indent"]
    closer = re.compile(rf"^[ \t]*{re.escape(fence[0])}{{{len(fence)},}}[ \t]*$", re.MULTILINE)
    close = closer.search(text, match.end())
    body_start = min(match.end() + 1, len(text))
    body = text[body_start : max(close.start() - 1, body_start - 1) if close else len(text)]
    if close and close.start() <= body_start:
        body = ""
    elif not close:
        body = body.rstrip("\n")
    if indent:  # as CommonMark: the fence's own indentation does not belong to the code
        body = re.sub(rf"(?m)^[ \t]{{1,{len(indent)}}}", "", body)
    end = close.end() if close else len(text)
    return Protected("block", match.start(), end, body, _language(match["info"]), indent)


def _language(info: str) -> str:
    match = re.match(r"\s*(?:\{\s*[.=]?)?([\w+#-]+)", info)
    return match[1] if match else ""


def _tag(text: str, match: re.Match[str], hopeless: set[str]) -> Protected | None:
    tag, attrs = match["tag"].lower(), match["attrs"]
    if attrs.endswith("/") or tag in hopeless:
        return None
    close = re.compile(rf"</{tag}\s*>", re.IGNORECASE).search(text, match.end())
    if not close:
        hopeless.add(tag)
        return None
    body = text[match.end() : close.start()]
    language = ""
    kind: Kind
    if tag == "math":
        kind = "display" if "block" in attrs else "math"
    elif tag == "nowiki":
        kind = "verbatim"
    elif tag == "code":
        kind = "pre" if "\n" in body.strip("\n") else "inline"
    elif tag == "pre":
        kind = "pre"
    else:
        lang = re.search(r"""lang\s*=\s*["']?([\w+#-]+)""", attrs)
        language = lang[1] if lang else ""
        inline = re.search(r"\binline\b", attrs) or ("\n" not in body and _mid_line(text, match, close))
        kind = "inline" if inline else "block"
        body = body if inline else body.removeprefix("\n").removesuffix("\n")
    return Protected(kind, match.start(), close.end(), body, language)


def _mid_line(text: str, match: re.Match[str], close: re.Match[str]) -> bool:
    before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
    after = text[close.end() : close.end() + 1]
    return bool(before.strip(" *#:;-|")) or after not in ("", "\n")


def _until(text: str, match: re.Match[str], closer: str, kind: Kind, hopeless: set[str]) -> Protected | None:
    end = -1 if closer in hopeless else text.find(closer, match.end())
    if end < 0:
        hopeless.add(closer)
        return None
    return Protected(kind, match.start(), end + len(closer), text[match.end() : end])


def _ticks(text: str, match: re.Match[str], blanks: list[int]) -> Protected | None:
    ticks = match["ticks"] or match["fence"]
    start = match.start() + len(match["indent"] or "")
    after = bisect_right(blanks, start)
    limit = blanks[after] if after < len(blanks) else len(text)
    closer = re.compile(rf"(?<!`)`{{{len(ticks)}}}(?!`)")
    close = closer.search(text, start + len(ticks), limit)
    if not close:
        return None
    return Protected("inline", start, close.end(), text[start + len(ticks) : close.start()])


def _dollars(text: str, match: re.Match[str]) -> Protected | None:
    if match["dollars"] == "$$":
        end = text.find("$$", match.end())
        body = text[match.end() : end]
        if end < 0 or _BLANK_LINE.search(body) or not body.strip():
            return None
        return Protected("display", match.start(), end + 2, body)
    inline = _INLINE_MATH.match(text, match.start())
    return inline and Protected("math", match.start(), inline.end(), inline[1])


def _with_indented(text: str, protected: list[Protected]) -> list[Protected]:
    """Add the blocks that four spaces make code, outside lists and the stretches already known."""
    blocks = []
    for match in _INDENTED.finditer(text):
        start, end = match.span(1)
        before = text[: match.start()].rstrip("\n").rsplit("\n", 1)[-1]
        if before and _LIST_CONTEXT.match(before):
            continue
        if any(p.start < end and start < p.end and p.kind != "inline" for p in protected):
            continue
        body = re.sub(r"(?m)^(?: {4}|\t)", "", match[1]).rstrip("\n")
        if body.strip():
            blocks.append(Protected("block", start, start + len(match[1].rstrip("\n")), body))
    outside = [p for p in protected if not any(b.start <= p.start < b.end for b in blocks)]
    return sorted([*outside, *blocks], key=lambda p: p.start)
