"""A page's text, line by line: a table of rules by the character that a line begins with, and the loop."""

from __future__ import annotations

import re
from collections.abc import Callable

from ...regex import regex
from .boxes import admonition, colons, fence, slashes, tabs
from .cursor import DEEPEST, Lines, indentation
from .inlines import convert as inlines
from .regions import regions, single

_QUOTE = regex(r"[ \t]*>")
_HEADING = regex(r" {0,3}#{1,6}(?:\s|$)")
_ITEM = regex(r"(?P<indent>[ \t]*)(?:[-+*]|\(?(?:\d{1,9}|[A-Za-z#])[.)]|[:~]|\[\^[^\[\]\s]+\]:)(?P<space>[ \t]+|$)")


def to_pandoc(text: str) -> str:
    """The text of a page without its front matter, in pandoc's Markdown. Never raises. Twice is as once."""
    return "\n".join(_convert(text.split("\n"), 0))


def _quote(s: Lines, _line: str) -> bool:
    if s.depth > DEEPEST:
        return False
    end = s.at
    while end < len(s.lines) and _QUOTE.match(s.lines[end]):
        end += 1
    written = s.lines[s.at : end]
    body = [text.lstrip(" \t")[1:].removeprefix(" ") for text in written]
    s.flush()
    s.at = end
    converted = _convert(body, s.depth + 1)
    indent = written[0][: len(written[0]) - len(written[0].lstrip())]
    s.out += written if converted == body else [f"{indent}> {text}".rstrip() for text in converted]
    return True


def _formula(s: Lines, line: str) -> bool:
    """A formula of several lines, which may begin as blocks do, stays as it is in its paragraph."""
    if line.count("$$") != 1:
        return False
    end = s.at + 1
    while end < len(s.lines) and s.lines[end].strip() and "$$" not in s.lines[end]:
        end += 1
    if end == len(s.lines) or not s.lines[end].strip():
        return False
    s.paragraph += s.lines[s.at : end + 1]
    s.at = end + 1
    return True


def _heading(s: Lines, line: str) -> bool:
    if not _HEADING.match(line):
        return False
    s.flush()
    s.at += 1
    s.out.append(inlines(line))
    return True


Rule = Callable[[Lines, str], bool]
RULES: dict[str, tuple[Rule, ...]] = {
    "`": (fence,),
    "~": (fence,),
    ":": (colons,),
    "/": (slashes,),
    "!": (admonition,),
    "?": (admonition,),
    "=": (tabs,),
    ">": (regions, _quote),
    "<": (regions, single),
    "{": (regions, single),
    "%": (regions,),
    "#": (_heading,),
    "$": (single, _formula),
    **dict.fromkeys("[@_(*i^+", (single,)),
}
"""Each is given the cursor and its line, and says whether it has read the line and perhaps more."""


def _convert(lines: list[str], depth: int) -> list[str]:
    s = Lines(lines.copy(), depth, _convert)
    in_code = False
    while s.at < len(s.lines):
        line = s.lines[s.at]
        sign = line.lstrip()[:1]
        if not sign:
            s.flush()
            s.out.append(line)
            s.at += 1
            continue
        indent = indentation(line)
        if not s.paragraph and (in_code or not s.out or not s.out[-1].strip()):
            while s.items and indent < s.items[-1]:
                s.items.pop()
            in_code = indent >= (s.items[-1] if s.items else 0) + 4
            if in_code:
                s.out.append(line)
                s.at += 1
                continue
        if any(rule(s, line) for rule in RULES.get(sign, ())):
            continue
        if (item := _ITEM.match(line)) and _item(s, line, item, indent):
            continue
        s.paragraph.append(line)
        s.at += 1
    s.flush()
    for closing in reversed(s.divs):  # else the rest of the note would stand in the div
        if any(closing):
            s.part()
            s.out += [text for text in closing if text]
    return s.out


def _item(s: Lines, line: str, item: re.Match[str], indent: int) -> bool:
    """A list item: what is indented as far as its text belongs to it. Whether the whole line has been read."""
    s.flush()
    while s.items and indent < s.items[-1]:
        s.items.pop()
    width = len(item[0].expandtabs(4))
    s.items.append(width if len(item["space"]) < 5 else len(item[0]) - len(item["space"]) + 1)
    return fence(s, line[item.end() :], line[: item.end()])
