"""Set parts of a page aside while the rest is converted. Each part is replaced by a mark in the text.

A mark is U+E000, a letter, a number and U+E001. The letters: ``b`` a block, ``x`` a table, ``c`` code, ``m`` a formula,
``v`` plain text, ``e`` nothing, ``t`` a template, ``w`` a link, ``n`` an annotation, ``g`` a category, ``l`` a page in
another language, ``i`` a picture, ``f`` a picture beside the text, ``r`` a reference, ``o`` a part that is removed
without a trace.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from ..regex import regex
from .characters import decode_entities
from .markdown import math, page_code, page_fence, page_text
from .verbatim import Verbatim, verbatim_parts

_REMOVED = regex("\ue000o\\d+\ue001")
_REMOVED_AT_START = regex(rf"(?m)^[ \t]*(?:{_REMOVED.pattern}[ \t]*)+")
"""Removed with the spaces after it. Otherwise a space could turn the rest of the line into code."""
_MARK = regex("\ue000([a-z])(\\d+)\ue001")
_NOWIKI = regex(r"</?nowiki[ ]*/?>", re.IGNORECASE)
_REST_OF_LINE = regex(r"[^\S\n]*(?:\n|\Z)")
_MARKUP = regex(
    r"''|\[(?:https?:|ftp:|//|mailto:)|</?(?:b|big|br|del|em|font|i|ins|kbd|s|small|span|strong|sub|sup|tt|u)\b[^<>]*>",
    re.IGNORECASE,
)
_LONGEST_LINE_START = 1_000
"""Characters of a line before code that are examined, because lines may be of any length."""


class StashedPart(Struct):
    """A part that has been set aside."""

    to_markdown: Callable[[bool], str]
    """Returns its Markdown. The argument says whether it is inside a link."""
    start: int = 0
    end: int = 0
    """With ``start``, its place in the text whose code is already set aside."""
    raw: str | None = None
    """Its source text; None if ``start`` and ``end`` give its place."""


class Stash:
    """All parts of a page that have been set aside."""

    def __init__(self) -> None:
        self.parts: list[StashedPart] = []
        self.text = ""
        """The page with its code set aside."""

    def store(self, kind: str, part: StashedPart) -> str:
        """Set a part aside and return its mark."""
        self.parts.append(part)
        return f"\ue000{kind}{len(self.parts) - 1}\ue001"

    def part(self, mark: str) -> StashedPart:
        return self.parts[int(mark[2:-1])]

    def render(self, mark: str, in_link: bool) -> str:
        """Return the Markdown of a part within a line."""
        markdown = self.part(mark).to_markdown(in_link)
        return page_code(self._raw_part(mark)) if mark[1] == "b" and "\n" in markdown else markdown

    def block(self, mark: str) -> list[str]:
        """Return the lines of a block."""
        markdown = self.part(mark).to_markdown(False)
        return markdown.split("\n") if markdown else []

    def raw(self, text: str) -> str:
        """Return the source text, with marks replaced by their parts."""
        return _MARK.sub(lambda m: self._raw_part(m[0]), text)

    def preformatted(self, text: str) -> str | None:
        """Return the source text with entities decoded; None if it holds markup that must be converted."""
        if {match[1] for match in _MARK.finditer(text)} - set("cve") or _MARKUP.search(text):
            return None
        return decode_entities(_NOWIKI.sub("", self.raw(text)))

    def _raw_part(self, mark: str) -> str:
        part = self.part(mark)
        return part.raw if part.raw is not None else self.raw(self.text[part.start : part.end])

    def store_code(self, text: str) -> str:
        """Return the text with its code, formulas and comments set aside."""
        out: list[str] = []
        position = 0
        at_start = True  # whether the position is at the start of a line
        for part in verbatim_parts(text, indented_code=False, wiki=True):
            text_before = text[position : part.start]
            position = part.end
            if part.kind == "comment":
                line = text_before.rpartition("\n")[2]
                rest_of_line = _REST_OF_LINE.match(text, part.end)
                alone = rest_of_line and not line.strip() and ("\n" in text_before or at_start)
                if rest_of_line and alone:  # remove its whole line
                    text_before = text_before[: len(text_before) - len(line)]
                    position = rest_of_line.end()
                out.append(text_before)
                at_start = bool(alone)
                continue
            at_start = False
            out += (text_before, self._store_part(part, text))
        return "".join([*out, text[position:]])

    def _store_part(self, part: Verbatim, text: str) -> str:
        raw = text[part.start : part.end]
        body = part.body
        match part.kind:
            case "block" | "pre" | "mermaid":
                return self._store_code_block(part, text)
            case "math" | "display":
                return self.store("m", StashedPart(lambda _: math(body, part.kind == "display"), raw=raw))
            case "verbatim":
                return self.store("v", StashedPart(lambda _: page_text(decode_entities(body)), raw=raw))
            case "code":
                body = decode_entities(body)
        if "\\|" in body:  # in a table, GitHub's Markdown escapes bars even in code
            line_start = max(text.rfind("\n", 0, part.start) + 1, part.start - _LONGEST_LINE_START)
            body = body.replace("\\|", "|") if text[line_start : part.start].lstrip().startswith("|") else body
        return self.store("c", StashedPart(lambda _: page_code(body), raw=raw))

    def _store_code_block(self, part: Verbatim, text: str) -> str:
        body, language = part.body, part.language
        if part.kind == "pre":
            body = decode_entities(re.sub(r"</?nowiki>", "", body)).removeprefix("\n").removesuffix("\n")
        elif part.kind == "mermaid":
            body, language = body.strip("\n"), "mermaid"
        return self.store("b", StashedPart(lambda _: page_fence(body, language), raw=text[part.start : part.end]))


def without_removed(text: str) -> str:
    """Return the text without parts that show nothing."""
    return _REMOVED.sub("", _REMOVED_AT_START.sub("", text)) if "\ue000o" in text else text
