"""Read list lines, MediaWiki's and Markdown's mixed, into a tree, and write it as Pandoc Markdown."""

from __future__ import annotations

from itertools import groupby

from msgspec import Struct

from ..regex import regex

_WIKI_ITEM = regex(r"(?=(?P<prefix>[*#:;]+))(?P=prefix)[ \t]*(?P<text>.*)")
_MARKDOWN_ITEM = regex(r"(?P<indent>[ \t]*)(?P<mark>[-*•]|\d{1,9}[.)])[ \t]+(?P<task>\[[ xX]\][ \t]+)?(?P<text>\S.*)")
_COLON = regex(r"\[[^\[\]\n]*\]|(?<!\w)\w+://\S*|<(?P<close>/?)[A-Za-z][^<>]*>|(?P<quotes>'{2,})|(?P<colon>:)")
_SIGNS = "-*•#:;"
"""The markers of items without a number."""
_MARKER = regex(r"-   |\d+\. ")
DEEPEST = 12
"""Deeper items move up to this level, because pandoc's time doubles with each level."""


class Item(Struct):
    """An item: ``*``, ``#``, ``;`` or ``:``, its lines in Markdown, and its nested items."""

    kind: str
    number: str = "1"
    lines: list[str] = []
    nested: list[Item | list[str]] = []
    """Items of lists, and lines of other blocks, in order."""
    loose: bool = False
    """Whether a blank line precedes it."""


class Line(Struct, frozen=True):
    """A list line as written."""

    prefix: str
    """One marker for each level; spaces in Markdown, where indentation gives the level."""
    text: str
    indent: int = -1
    number: str = "1"
    task: str = ""


def read_line(line: str) -> Line | None:
    """Return a line as one of a list, or None."""
    sign = line.lstrip(" \t")[:1]
    if sign not in _SIGNS and not sign.isdecimal():
        return None
    markdown = _MARKDOWN_ITEM.fullmatch(line)
    if markdown and (markdown["indent"] or markdown["mark"] != "*"):
        number = markdown["mark"][:-1]
        indent = len(markdown["indent"].expandtabs(4))
        return Line("#" if number else "*", markdown["text"], indent, number or "1", (markdown["task"] or "").strip())
    wiki_item = _WIKI_ITEM.fullmatch(line)
    if not wiki_item or (not line[wiki_item.end("prefix") :][:1].isspace() and _is_emphasised(line)):
        return None
    return Line(wiki_item["prefix"][:DEEPEST], wiki_item["text"].rstrip())


def term(text: str) -> tuple[str, str | None]:
    """Return the term after ``;``, and its definition if a colon follows on the line."""
    depth = 0
    quoted = False
    for match in _COLON.finditer(text):
        if match["quotes"]:
            quoted = not quoted
        elif match["colon"] and depth <= 0 and not quoted:
            return text[: match.start()].rstrip(), text[match.end() :].strip()
        elif match["close"] is not None and not match[0].endswith("/>"):
            depth += -1 if match["close"] else 1
    return text, None


class Tree:
    """The items of one list as they are read."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.open: list[Item] = []  # the open item at each level
        self.prefix = ""
        self.indents: list[tuple[int, int]] = []  # indentation as written, and its level

    def add(self, line: Line, lines: list[str], loose: bool) -> None:
        """Add the item of a line. MediaWiki's rules decide which levels it shares with the line before."""
        prefix = line.prefix if line.indent < 0 else self._prefix_of_indentation(line)
        if line.indent < 0:
            self.indents = [(level, level + 1) for level in range(len(prefix))]
        shared = 0
        while shared < min(len(prefix), len(self.prefix)) and _share_list(prefix[shared], self.prefix[shared]):
            shared += 1
        del self.open[min(shared, len(prefix) - 1) :]
        while len(self.open) < len(prefix):
            item = Item(prefix[len(self.open)])
            (self.open[-1].nested if self.open else self.items).append(item)
            self.open.append(item)
        self.open[-1].lines, self.open[-1].loose, self.open[-1].number = lines, loose, line.number
        self.prefix = prefix

    def _prefix_of_indentation(self, line: Line) -> str:
        while self.indents and self.indents[-1][0] >= line.indent:
            self.indents.pop()
        level = min(self.indents[-1][1] + 1, DEEPEST, len(self.open) + 1) if self.indents else 1
        self.indents.append((line.indent, level))
        return "".join(item.kind for item in self.open[: level - 1]) + line.prefix

    def continued_item(self, indent: int) -> Item:
        """Return the item that a line with this indentation continues."""
        while len(self.indents) > 1 and self.indents[-1][0] >= indent:
            self.indents.pop()
        level = self.indents[-1][1] if self.indents else len(self.open)
        return self.open[min(level, len(self.open)) - 1]

    def markdown(self) -> list[str]:
        """Return all items as lines of Markdown."""
        return _render(self.items)


def _share_list(left: str, right: str) -> bool:
    return left == right or {left, right} == {";", ":"}


def _render(items: list[Item]) -> list[str]:
    out: list[str] = []
    for kind, group in groupby(items, lambda item: "*#".find(item.kind)):
        render = _definitions if kind < 0 else _bullets
        lines = render(list(group))
        out += ["", *lines] if out and lines else lines
    return out


def _bullets(items: list[Item]) -> list[str]:
    out: list[str] = []
    for item in items:
        marker = "-   " if item.kind == "*" else f"{item.number}.".ljust(3) + " "
        body = _body(item)
        if not body:
            continue
        first = item.nested[0] if not item.lines else None
        if isinstance(first, Item) and first.kind == item.kind:  # too deep by a level: no parent of them is written
            out += body
            continue
        out += [""] if item.loose and out else []
        out += _with_marker(marker, body)
    return out


def _definitions(items: list[Item]) -> list[str]:
    out: list[str] = []
    has_term = False
    for index, item in enumerate(items):
        if item.kind == ";":
            out += ["", *(item.lines or ["[]{}"])] if out else item.lines or ["[]{}"]
            has_term = True
            if item.nested or index + 1 == len(items) or items[index + 1].kind == ";":
                item.lines = []
                out += _with_marker(":   ", _body(item) or ["[]{}"])
        elif body := _body(item):
            out += [] if has_term else ["", "[]{}"] if out else ["[]{}"]
            out += _with_marker(":   ", body)
            has_term = True
    return out


def _body(item: Item) -> list[str]:
    """Return the lines of an item and of its nested items, without indentation."""
    out = list(item.lines)
    for is_item, group in groupby(item.nested, lambda child: isinstance(child, Item)):
        if is_item:
            lines = _render([child for child in group if isinstance(child, Item)])
            tight = item.kind in "*#" and lines and _MARKER.match(lines[0])
            out += lines if tight or not out else ["", *lines]
        else:
            for block in group:
                out += ["", *block] if isinstance(block, list) and out else block if isinstance(block, list) else []
            out.append("")
    while out and not out[-1]:
        out.pop()
    return out


def _with_marker(marker: str, body: list[str]) -> list[str]:
    return [marker + body[0], *(" " * len(marker) + line if line else "" for line in body[1:])]


def _is_emphasised(line: str) -> bool:
    """Return whether a line begins with Markdown's bold or italics rather than with an item."""
    stars = len(line) - len(line.lstrip("*"))
    if not 1 <= stars <= 3 or line[stars : stars + 1].isspace():
        return False
    end = line.find("*" * stars, stars + 1)
    if end < 0 or line[end - 1].isspace():
        return False
    return stars > 1 or (line.count("*") == 2 and not line[end + 1 : end + 2].isalnum())
