"""Find the parts of a text in which markup has no meaning: code, formulas, diagrams, comments."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from ..regex import regex
from .directives import holds_text

Kind = Literal["block", "inline", "code", "pre", "math", "display", "mermaid", "comment", "verbatim"]

_OPENER = regex(
    r"""
    [`~<{\\$](?:  # with a set of characters in front the search skips all other text at once
      (?<=`)`*
    | (?<=~)~{2,}
    | (?<=<)(?P<tag>syntaxhighlight|source|pre|nowiki|code|math|chem|ce)\b(?P<attrs>[^<>]*)>
    | (?<=<)!--
    | (?<=\{)\{\#mermaid:
    | (?<!\\\\)(?<=\\)(?P<latex>\(|\[(?!\[))
    | (?<=\\)begin\{(?P<environment>equation|align|aligned|gather|multline|cases|matrix|pmatrix)(?P<star>\*?)\}
    | (?<=\\)[`$\\]
    | (?<=\$)\$?
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_PREFIX = regex(r"[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]*)*")
_LANGUAGE = regex(r"\s*(?:\{\s*[.=]?)?([\w+#-]+)")
_TICKS = regex("`+")
_BLANK_LINE = regex(r"\n[ \t]*\n")
_INLINE_MATH = regex(r"(?<![\w\\$])\$(?=\S)(?P<body>(?:[^$\\\n`]|\\.|\n(?![ \t]*\n))*?)(?<=\S)(?<!\\)\$(?![\w$])")
_FORMULA = regex(r"\\[A-Za-z]{2}|[\w)}][\^_](?:\{|\w(?!\w))")
"""Signs that only formulas contain: a command, a superscript or a subscript."""
_BELOW_BLANK = regex(r"\n[ \t]*\n(?= {4}|\t)")
_INDENTED = regex(r"(?:(?: {4}|\t)[^\n]*(?:\n|\Z)(?:[ \t]*\n(?= {4}|\t))*)+")
_LIST_CONTEXT = regex(r"\s+\S|\s*(?:[-+*#:;]|\d+[.)])\s|\[\^|!!!|\?\?\?|===[!+ ]")
"""The start of a block to which indented lines belong: an item, a footnote, or a box of MkDocs."""
_UNQUOTED = regex(r"^(?![ \t]*>)", re.MULTILINE)
_BRACE = regex(r"[{}]")
_CLOSERS = {"(": "\\)", "[": "\\]"}


_CELL = regex(r"\s*\{python\b[^{}]*\}\s*")
_DEEPEST = 8
"""Levels of nested MyST directives. Deeper ones are code."""


class Verbatim(NamedTuple):
    """A verbatim part. ``body`` is its content without delimiters and the indentation around them."""

    kind: Kind
    start: int
    end: int
    body: str
    language: str = ""
    is_cell: bool = False
    """Written as Quarto's ``{python}``: it runs if the site trusts the page."""


def verbatim_parts(text: str, indented_code: bool = True, wiki: bool = False) -> list[Verbatim]:
    """Return all verbatim parts, in order. Linear even on a page of unclosed openers.

    ``indented_code``: four spaces make code, as in Markdown. ``wiki``: the page is in the MediaWiki dialect, where
    tildes make no code, and dollars a formula only if they cannot be anything else.
    """
    parts = list(_cached_scan(text, wiki))
    return _with_indented(text, parts) if indented_code and not wiki else parts


def inside_any(parts: Sequence[Verbatim]) -> Callable[[int], bool]:
    """Return a function that tells whether an offset is inside one of the parts, which are in order."""
    starts = [part.start for part in parts]
    ends = [0, *(part.end for part in parts)]
    return lambda offset: offset < ends[bisect_right(starts, offset)]


@lru_cache(maxsize=4)  # detecting the dialect, finding links and converting ask for the same page in turn
def _cached_scan(text: str, wiki: bool) -> tuple[Verbatim, ...]:
    return tuple(_scan(text, wiki))


def _scan(text: str, wiki: bool, depth: int = 0) -> Iterator[Verbatim]:
    position = 0
    missing_closers: set[str] = set()  # closers that do not occur again

    places = _Places(text)
    while match := _OPENER.search(text, position):
        part: Verbatim | None = None
        match text[match.start()]:
            case "`":
                if len(match[0]) >= 3:
                    part = _fence(text, match, position, places)
                part = part or _ticks(text, match, places)
            case "~" | "\\" if wiki:
                pass
            case "~":
                part = _fence(text, match, position, places)
            case "<" if match["tag"]:
                part = _tag(text, match, missing_closers)
            case "<":
                part = _until(text, match, "-->", "comment", missing_closers)
            case "{":
                part = _mermaid(text, match, missing_closers)
            case "$":
                part = _dollars(text, match)
                if wiki and part and not _FORMULA.search(part.body):
                    part = None
            case _ if match["latex"]:
                kind: Kind = "math" if match["latex"] == "(" else "display"
                part = _until(text, match, _CLOSERS[match["latex"]], kind, missing_closers)
                part = part if part and not _BLANK_LINE.search(part.body) and part.body.strip() else None
            case _ if match["environment"]:
                part = _environment(text, match, position, missing_closers)
        position = part.end if part else match.end()
        if not part:
            continue
        if part.kind == "block" and not wiki and depth < _DEEPEST and (body_span := _directive(text, part)):
            body_text = text[body_span[0] : body_span[1]]
            yield from (
                nested._replace(start=nested.start + body_span[0], end=nested.end + body_span[0])
                for nested in _scan(body_text, wiki, depth + 1)
            )
        else:
            yield part


def _text_before(text: str, match: re.Match[str], position: int) -> str | None:
    """Return the text before an opener on its line; None if part of it has been consumed."""
    line = text.rfind("\n", max(position - 1, 0), match.start()) + 1
    return text[line : match.start()] if line >= position else None


class _Places:
    """Offsets in a text that several openers ask for. Each kind is found once, so that many openers cost no more."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _blank(self) -> list[int]:
        return [match.start() for match in _BLANK_LINE.finditer(self._text)]

    @cached_property
    def _unquoted(self) -> list[int]:
        return [match.start() for match in _UNQUOTED.finditer(self._text)]

    @cached_property
    def _ticks(self) -> dict[int, list[int]]:
        starts: defaultdict[int, list[int]] = defaultdict(list)
        for run in _TICKS.finditer(self._text):
            starts[len(run[0])].append(run.start())
        return starts

    def ticks(self, count: int, start: int) -> int:
        """Return the offset of the next run of exactly so many ticks; without one the end of the text."""
        return self._next(self._ticks.get(count, []), start)

    def blank_line(self, start: int) -> int:
        """Return the end of the line above the next blank one; without one the end of the text."""
        return self._next(self._blank, start + 1)

    def unquoted_line(self, start: int) -> int:
        """Return the start of the next line that is not quoted; without one the end of the text."""
        return self._next(self._unquoted, start)

    def _next(self, places: list[int], start: int) -> int:
        index = bisect_left(places, start)
        return places[index] if index < len(places) else len(self._text)


def _fence(text: str, match: re.Match[str], position: int, places: _Places) -> Verbatim | None:
    fence = match[0]
    prefix = _text_before(text, match, position)
    if prefix is None or not _PREFIX.fullmatch(prefix):
        return None
    line_end = text.find("\n", match.end())
    line_end = line_end if line_end >= 0 else len(text)
    info = text[match.end() : line_end]
    if fence[0] == "`" and "`" in info:
        return None
    quoted = prefix.count(">")
    limit = places.unquoted_line(min(line_end + 1, len(text))) if quoted else len(text)  # it ends with the quote
    body_end, end_at = _fence_end(text, fence, prefix, (line_end, limit))
    body_start = min(line_end + 1, len(text))
    body = text[body_start : limit if body_end is None else max(body_end, body_start)]
    if body_end is None:
        body = body.rstrip("\n")
    if quoted:
        body = re.sub(rf"(?m)^[ \t]*(?:>[ \t]?){{{quoted}}}", "", body)
    elif prefix:  # as in CommonMark, the fence's own indentation does not belong to the code
        body = re.sub(rf"(?m)^[ \t]{{1,{len(prefix)}}}", "", body)
    language_match = _LANGUAGE.match(info)
    language = language_match[1] if language_match else ""
    if language == "math":
        return Verbatim("display", match.start(), end_at, body)
    return Verbatim("block", match.start(), end_at, body, language, bool(_CELL.fullmatch(info)))


def _fence_end(text: str, fence: str, prefix: str, span: tuple[int, int]) -> tuple[int | None, int]:
    """Return the end of the body of a fence in a span of the text, and that of the line that closes it.

    ``prefix`` is the text before the fence on its line. The first is None if nothing closes the fence.
    """
    start, limit = span
    quoted = prefix.count(">")
    if not quoted:  # the usual case, without a pattern: the next run of signs fills its line
        signs = text.find(fence, start, limit)
        if signs < 0:
            return None, limit
        end = text.find("\n", signs, limit)
        end = end if end >= 0 else limit
        if text[signs - 1] == "\n" and not text[signs:end].lstrip(fence[0]).strip(" \t"):
            return signs - 1, end
    margin = len(prefix.expandtabs(4)) + 4  # from this column on, signs are part of the code
    closers = _closer(fence, quoted).finditer(text, start, limit)
    close = next((close for close in closers if quoted or len(close["indent"].expandtabs(4)) < margin), None)
    return (close.start(), close.end()) if close else (None, limit)


@lru_cache(maxsize=64)
def _closer(fence: str, quoted: int) -> re.Pattern[str]:
    """Return the pattern of the line that closes a fence at a level of quotes, with the end of the line above."""
    return re.compile(
        rf"\n(?P<indent>[ \t]*)(?:>[ \t]*){{{quoted}}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*$", re.MULTILINE
    )


def _directive(text: str, fence: Verbatim) -> tuple[int, int] | None:
    """Return start and end of the body of a fence that is a MyST directive with text, such as ``{note}``; or None."""
    line_end = text.find("\n", fence.start, fence.end)
    if line_end < 0 or not holds_text(text[fence.start : line_end].lstrip("`~").strip()):
        return None
    last_line = text.rfind("\n", line_end, fence.end)
    closed = not text[last_line : fence.end].strip(" \t\n>`~")
    return line_end + 1, max(last_line, line_end + 1) if closed else fence.end


def _tag(text: str, match: re.Match[str], missing_closers: set[str]) -> Verbatim | None:
    tag, attrs = match["tag"].lower(), match["attrs"]
    if attrs.endswith("/") or tag in missing_closers:
        return None
    close = re.compile(rf"</{tag}\s*>", re.IGNORECASE).search(text, match.end())
    if not close:
        missing_closers.add(tag)
        return None
    body = text[match.end() : close.start()]
    language = ""
    kind: Kind
    if tag in ("chem", "ce"):
        kind, body = "math", f"\\ce{{{body}}}"
    elif tag == "math":
        kind = "display" if "block" in attrs else "math"
    elif tag == "nowiki":
        kind = "verbatim"
    elif tag == "code":
        kind = "pre" if "\n" in body.strip("\n") else "code"
        body = re.sub(r"</?nowiki>", "", body)
    elif tag == "pre":
        kind = "pre"
    else:
        lang = re.search(r"""lang\s*=\s*["']?([\w+#-]+)""", attrs)
        language = lang[1] if lang else ""
        one_line = "\n" not in body and _mid_line(text, match, close)
        kind = "inline" if one_line or re.search(r"\binline\b", attrs) else "block"
        body = body if kind == "inline" else body.removeprefix("\n").removesuffix("\n")
    return Verbatim(kind, match.start(), close.end(), body, language)


def _mid_line(text: str, match: re.Match[str], close: re.Match[str]) -> bool:
    before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
    after = text[close.end() : close.end() + 1]
    return bool(before.strip(" *#:;-|")) or after not in ("", "\n")


def _until(text: str, match: re.Match[str], closer: str, kind: Kind, missing_closers: set[str]) -> Verbatim | None:
    end = -1 if closer in missing_closers else text.find(closer, match.end())
    if end < 0:
        missing_closers.add(closer)
        return None
    return Verbatim(kind, match.start(), end + len(closer), text[match.end() : end])


def _mermaid(text: str, match: re.Match[str], missing_closers: set[str]) -> Verbatim | None:
    """Return a diagram up to its balancing braces: diagrams contain ``A{{x}}`` and ``%%{init: {…}}%%``."""
    part = _until(text, match, "}}", "mermaid", missing_closers)
    depth = 2
    for brace in _BRACE.finditer(text, match.end(), match.end() + 50_000) if part else ():
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return Verbatim("mermaid", match.start(), brace.end(), text[match.end() : brace.end() - 2])
    return part


def _environment(text: str, match: re.Match[str], position: int, missing_closers: set[str]) -> Verbatim | None:
    text_before = _text_before(text, match, position)
    if text_before is None or text_before.strip(" \t"):
        return None
    closer = f"\\end{{{match['environment']}{match['star']}}}"
    part = _until(text, match, closer, "display", missing_closers)
    if not part or _BLANK_LINE.search(part.body):
        return None
    return part._replace(body=text[part.start : part.end])


def _ticks(text: str, match: re.Match[str], places: _Places) -> Verbatim | None:
    """Return inline code. It ends before the next blank line."""
    start, end = match.span()
    if end - start == 1:  # the usual case, without a pattern
        close = text.find("`", end)
        if close < 0:
            return None
        body = text[end:close]
        if "\n" not in body and text[close + 1 : close + 2] != "`":
            return Verbatim("inline", start, close + 1, body)
    close = places.ticks(end - start, end)
    if close >= places.blank_line(start):
        return None
    return Verbatim("inline", start, close + end - start, text[end:close])


def _is_block(text: str, match: re.Match[str], end: int) -> bool:
    """Return whether a formula is a block: its marks are on lines of their own. Blank lines are part of it."""
    line = text.rfind("\n", 0, match.start()) + 1
    above = text[text.rfind("\n", 0, max(0, line - 1)) + 1 : line]
    before = above + text[line : match.start()]
    last_line = text[text.rfind("\n", match.end(), end) + 1 : end]
    after = text[match.end() : match.end() + 1] + text[end + 2 : end + 3]
    return not f"{before}{last_line}{after}".strip()


def _dollars(text: str, match: re.Match[str]) -> Verbatim | None:
    if match[0] == "$$":
        end = text.find("$$", match.end(), match.end() + 20_000)
        body = text[match.end() : end]
        if end < 0 or not body.strip() or (_BLANK_LINE.search(body) and not _is_block(text, match, end)):
            return None
        return Verbatim("display", match.start(), end + 2, body)
    inline = _INLINE_MATH.match(text, match.start())
    return inline and Verbatim("math", match.start(), inline.end(), inline["body"])


def _indented(text: str) -> Iterator[tuple[int, re.Match[str]]]:
    """Yield the indented lines below each blank one, with their start, and those at the beginning of the text."""
    end = 0
    for start in [0, *(line.end() - 1 for line in _BELOW_BLANK.finditer(f"\n{text}"))]:
        if start < end:
            continue
        above = text.rfind("\n", 0, max(0, start - 1)) + 1
        if not text[above:start].strip(" \t\n") and (match := _INDENTED.match(text, start)):
            yield above, match
            end = match.end()


def _with_indented(text: str, parts: list[Verbatim]) -> list[Verbatim]:
    """Add indented code blocks, outside lists and the known parts."""
    if "    " not in text and "\t" not in text:
        return parts
    blocks = []
    starts = [p.start for p in parts]
    for above, match in _indented(text):
        start, end = match.start(), match.start() + len(match[0].rstrip("\n"))
        before = text[max(0, above - 2000) : above].rstrip("\n").rpartition("\n")[2]
        if _LIST_CONTEXT.match(before):
            continue
        index = bisect_right(starts, start) - 1
        if index >= 0 and parts[index].end > start:
            continue
        inner_parts = parts[index + 1 : bisect_right(starts, end)]
        body = re.sub(r"(?m)^(?: {4}|\t)", "", match[0]).rstrip("\n")
        if body.strip() and all(p.kind in ("inline", "math", "code") for p in inner_parts):
            blocks.append(Verbatim("block", start, end, body))
    if not blocks:
        return parts
    ends = {b.start: b.end for b in blocks}
    begins = sorted(ends)

    def is_covered(part: Verbatim) -> bool:
        index = bisect_right(begins, part.start) - 1
        return index >= 0 and part.start < ends[begins[index]]

    return sorted([*(p for p in parts if not is_covered(p)), *blocks], key=lambda p: p.start)
