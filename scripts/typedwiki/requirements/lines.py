"""Lines of a page: as plain text in which only code is marked, and where they are in the source file."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence

from ..model import Link
from ..regex import regex

_MARK = regex("\ue000([a-z])(\\d+)\ue001")
_WIKI_LINK = regex(r"\[\[(?P<target>[^\[\]|\n]{1,300})(?:\|(?P<label>[^\[\]\n]{0,300}))?\]\]")
_LINK = regex(r"!?\[(?P<label>[^\[\]\n]{0,300})\]\((?P<address><[^<>\n]{0,500}>|[^()\s]{0,500})[^()\n]{0,200}\)")
_CODE = regex(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_CODE_ELEMENT = regex(r"<code>([^<\n]*(?:<(?!/?code>)[^<\n]*)*)</code>")
_TAG = regex(r"</?[A-Za-z][^<>\n]{0,200}>")
_ASTERISK = "\ue004"
_EMPHASIS = regex(r"\*{1,3}(?=\S|\Z)|(?<=\S)\*{1,3}|\A\*{1,3}|(?<!\w)_{1,2}(?=\w)|(?<=[\w)])_{1,2}(?!\w)")
_ESCAPE = regex(r"\\([!-/:-@\[-`{-~])")
_SUFFIX = regex(r"(?<=.)\.(?:md|mediawiki|qmd|html)\Z")


def text_of(markdown: str, links: Sequence[Link] = (), name_links: bool = False) -> str:
    """Return Markdown as plain text, with code in single backticks.

    ``links`` are the page's links, for which the Markdown may hold placeholders. A link is shown as its label,
    or with ``name_links`` as code that names its page.
    """
    markdown = re.sub(r"(?<=\w)\$\$([\w, -]{1,80})\$\$", r"[\1]", markdown)  # `\\[` begins a formula in some dialects
    text = _replace_links(markdown, links, name_links)
    parts: list[str] = []
    end = 0
    if "<code>" in text:
        text = _CODE_ELEMENT.sub(lambda m: f"`{html.unescape(m[1])}`", text)
    for code in _CODE.finditer(text):
        parts += [_strip_markup(text[end : code.start()]), f"`{code[2].strip().replace('`', '')}`"]
        end = code.end()
    parts.append(_strip_markup(text[end:]))
    return " ".join("".join(parts).split())


def strip_code(text: str) -> str:
    """Remove the backticks from the result of ``text_of``."""
    return text.replace("`", "")


def _replace_links(markdown: str, links: Sequence[Link], named: bool) -> str:
    """Replace links in all their forms by their labels, or by the names of their pages."""

    def from_mark(match: re.Match[str]) -> str:
        if match[1] != "l" or int(match[2]) >= len(links):
            return ""
        link = links[int(match[2])]
        target = _page_name(link.target) or link.target if link.is_path else link.target
        return f"`{target}`" if named else link.label or target.replace("_", " ")

    def from_wiki_link(match: re.Match[str]) -> str:
        target = re.sub(r"^.*::", "", match["target"]).partition("#")[0]
        name = target.rpartition(":")[2].strip()
        return f"`{name}`" if named else match["label"] or name.replace("_", " ")

    def from_address(match: re.Match[str]) -> str:
        page = _page_name(match["address"].strip("<>"))
        return f"`{page}`" if named and page and ":" not in match["address"] else match["label"]

    for pattern, replacement in ((_MARK, from_mark), (_WIKI_LINK, from_wiki_link), (_LINK, from_address)):
        markdown = _replace_outside_code(markdown, pattern, replacement)
    return markdown


def _page_name(path: str) -> str:
    """Return the name of the page that a path leads to; empty if it names none."""
    return _SUFFIX.sub("", path.rpartition("/")[2].partition("#")[0])


def _replace_outside_code(text: str, pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str]) -> str:
    codes = [(code.start(), code.end()) for code in _CODE.finditer(text)]

    def change(match: re.Match[str]) -> str:
        # A link may hold code in its label; code may hold what looks like a link.
        return (
            match[0] if any(start < match.start() and match.end() < end for start, end in codes) else replacement(match)
        )

    return pattern.sub(change, text)


def _strip_markup(text: str) -> str:
    if not text:
        return text
    text = re.sub(r"(?<=\d)\.\\?\*(?!\*)", f".{_ASTERISK}", text)  # the star of ``2.*`` is no emphasis
    text = _EMPHASIS.sub("", _TAG.sub("", text))
    text = _ESCAPE.sub(r"\1", text).replace("`", "")
    return html.unescape(text).replace(_ASTERISK, "*").replace("\xa0", " ")


_NOISE = regex(r"\[\[[^\[\]\n]*\]\]|\]\([^()\n]*\)|\ue000[a-z]\d+\ue001|</?\w[^<>\n]*>|[\s`'\"*|\\_#\[\]!=-]")
_SHORTEST_PART = 4
"""Characters that part of a line must have to be searched for."""


class SourceLines:
    """The lines of a source file, without markup. Each search starts where the last one ended."""

    def __init__(self, text: str) -> None:
        self._lines = [_without_markup(line) for line in text.split("\n")]
        self.section = 0
        """Index of the line at which the current section begins."""
        self._next = 0

    def enter(self, heading: str) -> None:
        """Continue below a heading."""
        target = _without_markup(heading)
        index = self._find(lambda line: line == target, self.section) if target else None
        if index is not None:
            self.section = self._next = index

    def line(self, markdown: str) -> int:
        """Return the line, from 1, that a piece of Markdown comes from; the line of the heading if none is found."""
        target = _without_markup(markdown)
        for start in (self._next, self.section):
            for predicate in (target.__eq__, lambda line: target in line):
                index = self._find(predicate, start) if target else None
                if index is not None:
                    self._next = index
                    return index + 1
        for start in (
            self._next,
            self.section,
        ):  # a cell or an item of several lines, or what the dialect writes otherwise
            index = self._find(
                lambda line: len(line) >= _SHORTEST_PART and (target.startswith(line) or line in target), start
            )
            if index is not None:
                return index + 1
        return self.section + 1

    def _find(self, predicate: Callable[[str], bool], start: int) -> int | None:
        return next((i for i in range(start, len(self._lines)) if predicate(self._lines[i])), None)


def _without_markup(text: str) -> str:
    return html.unescape(_NOISE.sub("", text)).casefold()
