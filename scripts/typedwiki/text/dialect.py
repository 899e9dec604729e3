"""Detect the dialect of a page: by its file name, otherwise by its markup outside code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from ..regex import regex
from .lines import lines_with
from .verbatim import verbatim_parts

_SUFFIXES = (".mediawiki", ".wikitext", ".wiki")
_FRONT_MATTER = regex(r"\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_MARKDOWN_HEADING = regex(r"#{1,6}[ \t]+\S.*")
_UNDERLINE = regex(r"(?:={2,}|-{2,})[ \t]*")
_UNDERLINED = regex(r"[^\s|!*#:;={}<>-].*")
_ITEM = regex(r"[#*:;]+[ \t]*\S")
_TILDES = regex(r"[ \t]{0,3}(~{3,})")
_WIKI_MARKUP = (
    ("a table", "{|", regex(r"^[ \t:]*\{\|")),
    ("a template", "{{", regex(r"\{\{[ \t]*[Ii]nfobox")),
    ("a category", "[[", regex(r"\[\[[Cc]ategory:")),
    ("bold words", "'''", regex(r"'''[^'\s][^'\n]*'''")),
)
"""Other markup that only MediaWiki has: its name, a character to preselect lines, and its pattern."""


class Dialect(NamedTuple):
    """A page's dialect."""

    name: Literal["markdown", "mediawiki"]
    reason: str
    """A clause for a message."""


class _Sign(NamedTuple):
    line: int
    text: str


@lru_cache(maxsize=64)  # parse and audit ask for the same page in turn
def dialect(path: str, text: str) -> Dialect:
    """Return the dialect of the page at ``path``."""
    for suffix in _SUFFIXES:
        if path.lower().endswith(suffix):
            return Dialect("mediawiki", f"the file name ends in {suffix}")
    prose = _prose(text)
    lines = _lines(prose)
    signs = [_Sign(n, lines[n]) for n in lines_with(f"\n{prose}", "\n==") if lines[n]]
    wiki = [sign for sign in signs if _is_wiki_heading(sign.text)]
    markdown = list(_markdown_headings(prose, lines))
    if wiki and len(wiki) >= len(markdown):
        return Dialect("mediawiki", f"{_describe(wiki, text)} and {_describe(markdown, text, 'Markdown heading')}")
    wiki_markup = next(_wiki_markup_signs(lines), None)
    close = [sign for sign in signs if _is_wiki_heading(sign.text, spaced=False)]
    if close and not markdown and (wiki_markup or len(close) > 1 or close[0].text.startswith("===")):
        return Dialect("mediawiki", f"{_describe(close, text)} and no Markdown heading")
    title_only = len(markdown) == 1 and re.match(r"#[ \t]", markdown[0].text)
    if wiki_markup and not wiki and (not markdown or (title_only and wiki_markup[0] == "a table")):
        markup, sign = wiki_markup
        return Dialect(
            "mediawiki", f"{markup} (line {sign.line + 1}) and {_describe(markdown, text, 'Markdown heading')}"
        )
    if markdown:
        return Dialect("markdown", f"{_describe(markdown, text)} and {_describe(wiki, text, 'heading of MediaWiki')}")
    return Dialect("markdown", "nothing outside code is MediaWiki's")


def _prose(text: str) -> str:
    """Return a page without front matter and code, on the same lines."""
    front = _FRONT_MATTER.match(text)
    start = front.end() if front else 0
    out = ["\n" * text.count("\n", 0, start)]
    position = start
    for part in verbatim_parts(text[start:], indented_code=False, wiki=True):
        out.append(text[position : start + part.start])
        position = start + part.end
        breaks = text.count("\n", start + part.start, position)
        out.append("\n" * breaks if breaks else "x")
    return "".join([*out, text[position:]])


def _lines(prose: str) -> list[str]:
    """Return the lines of a page without code. Those between tildes, and lines of indented code, become empty."""
    lines = prose.split("\n")
    fence, fence_line = "", 0
    for number in lines_with(prose, "~~~"):  # tildes begin code only if they are closed
        line = lines[number]
        tildes = _TILDES.match(line)
        if tildes and not fence:
            fence, fence_line = tildes[1], number
        elif tildes and tildes[1].startswith(fence) and not line.strip(" \t~"):
            lines[fence_line : number + 1] = [""] * (number + 1 - fence_line)
            fence = ""
    for number in lines_with(f"\n{prose}", "\n    ", "\n\t"):
        lines[number] = ""
    return lines


def _is_wiki_heading(line: str, spaced: bool = True) -> bool:
    """Return whether a line is ``== A ==``. Unless ``spaced``, also ``==A==``, which may be highlighted text in
    Markdown.
    """
    if not line.startswith("=="):
        return False
    words = line.rstrip()
    content = words.strip("=")
    start, end = len(words) - len(words.lstrip("=")), len(words) - len(words.rstrip("="))
    is_heading = 2 <= start <= 6 and 2 <= end <= 6 and bool(content.strip())
    return is_heading and (not spaced or (content[0].isspace() and content[-1].isspace()))


def _markdown_headings(prose: str, lines: list[str]) -> Iterator[_Sign]:
    """Yield Markdown headings, but not MediaWiki's numbered items."""
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    signed = [number for number in lines_with(f"\n{prose}", "\n#") if lines[number]]
    underlines = [number for number in lines_with(f"\n{prose}", "\n==", "\n--") if lines[number]]
    underlined = [number - 1 for number in underlines if number and lines[number - 1]]
    heading_before = -1
    for number in sorted({*signed, *underlined}):
        line = lines[number]
        next_line = lines[number + 1] if number + 1 < len(lines) else ""
        line_before = lines[number - 1] if number else ""
        can_begin = not line_before.strip() or heading_before == number - 1 or _is_wiki_heading(line_before)
        if line.startswith("#") and _MARKDOWN_HEADING.fullmatch(line):
            is_title = number == first and line[1] != "#" and next_line.startswith("## ")
            is_heading = can_begin and (is_title or not _ITEM.match(next_line))
        else:
            is_heading = bool(can_begin and _UNDERLINE.fullmatch(next_line) and _UNDERLINED.fullmatch(line))
        if is_heading:
            heading_before = number
            yield _Sign(number, line)


def _wiki_markup_signs(lines: list[str]) -> Iterator[tuple[str, _Sign]]:
    for markup, sign, pattern in _WIKI_MARKUP:
        anywhere = markup == "bold words"
        for number, line in enumerate(lines):
            if sign in line and (pattern.search(line) if anywhere else pattern.match(line)):
                yield markup, _Sign(number, line)


def _describe(signs: list[_Sign], text: str, kind: str = "heading") -> str:
    """Return a phrase such as "3 headings such as `== Overview ==` (line 4)"; without signs, "no" and ``kind``."""
    if not signs:
        return f"no {kind}"
    first = signs[0]
    heading = text.split("\n")[first.line].strip()
    lead = f"{len(signs)} headings such as" if len(signs) > 1 else "the heading"
    return f"{lead} `{heading}` (line {first.line + 1})"
