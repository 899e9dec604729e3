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
from .characters import unescaped
from .markdown import math, page_code, page_fence, page_text
from .verbatim import Verbatim, verbatim_parts

_GONE = regex("\ue000o\\d+\ue001")
_GONE_FIRST = regex(rf"(?m)^[ \t]*(?:{_GONE.pattern}[ \t]*)+")
"""Removed with the spaces after it. Otherwise a space could turn the rest of the line into code."""
_MARK = regex("\ue000([a-z])(\\d+)\ue001")
_NOWIKI = regex(r"</?nowiki[ ]*/?>", re.IGNORECASE)
_REST_OF_LINE = regex(r"[^\S\n]*(?:\n|\Z)")
_MARKUP = regex(
    r"''|\[(?:https?:|ftp:|//|mailto:)|</?(?:b|big|br|del|em|font|i|ins|kbd|s|small|span|strong|sub|sup|tt|u)\b[^<>]*>",
    re.IGNORECASE,
)
_LONGEST_LEAD = 1_000
"""Characters of a line before code that are examined, because lines may be of any length."""


class PartialRender(Struct):
    """A part that has been set aside."""

    show: Callable[[bool], str]
    """Returns its Markdown. The argument says whether it is inside a link."""
    start: int = 0
    end: int = 0
    """Its end offset in the text whose code is already set aside, ..."""
    raw: str | None = None
    """... or its source text."""


class Aside:
    """All parts of a page that have been set aside."""

    def __init__(self) -> None:
        self.parts: list[PartialRender] = []
        self.text = ""
        """The page with its code set aside."""

    def keep(self, kind: str, part: PartialRender) -> str:
        """Set a part aside and return its mark."""
        self.parts.append(part)
        return f"\ue000{kind}{len(self.parts) - 1}\ue001"

    def part(self, mark: str) -> PartialRender:
        return self.parts[int(mark[2:-1])]

    def shown(self, mark: str, in_link: bool) -> str:
        """Return the Markdown of a part within a line."""
        shown = self.part(mark).show(in_link)
        return page_code(self._raw_part(mark)) if mark[1] == "b" and "\n" in shown else shown

    def block(self, mark: str) -> list[str]:
        """Return the lines of a block."""
        shown = self.part(mark).show(False)
        return shown.split("\n") if shown else []

    def raw(self, text: str) -> str:
        """Return the source text, with marks replaced by their parts."""
        return _MARK.sub(lambda m: self._raw_part(m[0]), text)

    def preformatted(self, text: str) -> str | None:
        """Return the source text with entities decoded; None if it holds markup that must be converted."""
        if {match[1] for match in _MARK.finditer(text)} - set("cve") or _MARKUP.search(text):
            return None
        return unescaped(_NOWIKI.sub("", self.raw(text)))

    def _raw_part(self, mark: str) -> str:
        part = self.part(mark)
        return part.raw if part.raw is not None else self.raw(self.text[part.start : part.end])

    def code(self, text: str) -> str:
        """Return the text with its code, formulas and comments set aside."""
        out: list[str] = []
        position = 0
        at_start = True  # whether the position is at the start of a line
        for part in verbatim_parts(text, indented_code=False, wiki=True):
            before = text[position : part.start]
            position = part.end
            if part.kind == "comment":
                line = before.rpartition("\n")[2]
                following = _REST_OF_LINE.match(text, part.end)
                alone = following and not line.strip() and ("\n" in before or at_start)
                if following and alone:  # remove its whole line
                    before = before[: len(before) - len(line)]
                    position = following.end()
                out.append(before)
                at_start = bool(alone)
                continue
            at_start = False
            out += (before, self._protected(part, text))
        return "".join([*out, text[position:]])

    def _protected(self, part: Verbatim, text: str) -> str:
        raw = text[part.start : part.end]
        body = part.body
        match part.kind:
            case "block" | "pre" | "mermaid":
                return self._code_block(part, text)
            case "math" | "display":
                return self.keep("m", PartialRender(lambda _: math(body, part.kind == "display"), raw=raw))
            case "verbatim":
                return self.keep("v", PartialRender(lambda _: page_text(unescaped(body)), raw=raw))
            case "code":
                body = unescaped(body)
        if "\\|" in body:  # in a table, GitHub's Markdown escapes bars even in code
            first = max(text.rfind("\n", 0, part.start) + 1, part.start - _LONGEST_LEAD)
            body = body.replace("\\|", "|") if text[first : part.start].lstrip().startswith("|") else body
        return self.keep("c", PartialRender(lambda _: page_code(body), raw=raw))

    def _code_block(self, part: Verbatim, text: str) -> str:
        body, language = part.body, part.language
        if part.kind == "pre":
            body = unescaped(re.sub(r"</?nowiki>", "", body)).removeprefix("\n").removesuffix("\n")
        elif part.kind == "mermaid":
            body, language = body.strip("\n"), "mermaid"
        return self.keep("b", PartialRender(lambda _: page_fence(body, language), raw=text[part.start : part.end]))


def without_gone(text: str) -> str:
    """Return the text without parts that show nothing."""
    return _GONE.sub("", _GONE_FIRST.sub("", text)) if "\ue000o" in text else text
