"""Convert the lines of wikitext, in which some parts are set aside as marks, to Pandoc Markdown blocks."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from ..regex import regex
from . import lists
from .markdown import guard, page_fence
from .tables import pipe_lines

_MARKDOWN_HEADING = regex(r"(#{1,6})[ \t]+(\S.*?)(?<![ \t])(?:[ \t]+#+)?[ \t]*")
_HEADING_ID = regex(r"(?<!\s)\s*\{#([\w-]+)[^{}]*\}$")
_RULE = regex(r"-{3,}[ \t]*|-{4,}(?!-).*|<hr\b[^<>]*>[ \t]*", re.IGNORECASE)
_DELIMITER = regex(r"[ \t]*(?:\|[ \t]*)?(?::?-+:?[ \t]*\|[ \t]*)+(?::?-+:?[ \t]*)?")
_BLOCK = regex("(\ue000[bx]\\d+\ue001)")
_BLOCK_MARK = regex("[ \t]*(\ue000[bfx]\\d+\ue001)[ \t]*")
_DIV = regex(r":{3,}[ \t]*(?P<attributes>\{\.[\w-]+[^{}\n]*\})?[ \t]*")
_ONLY_LINKS = regex("(?:\ue000[gl]\\d+\ue001[ \t]*)+")


class Page(Protocol):
    """The parts of the converter that line rules use."""

    def line(self, text: str, in_cell: bool = False) -> str:
        """Return the inline markup of a line as Markdown."""
        ...

    def block(self, mark: str) -> list[str]:
        """Return the lines of a block that has been set aside."""
        ...

    def preformatted(self, text: str) -> str | None:
        """Return the source text with entities decoded; None if it holds markup that must be converted."""
        ...


class Blocks:
    """The lines, the position in them, and the Markdown so far.

    ``in_line``: the first line continues a line, as in a cell, so it begins no block. ``in_item``: the lines are
    indented below a list item, where Markdown's rules apply because MediaWiki has none.
    """

    def __init__(self, lines: list[str], page: Page, in_line: bool = False, in_item: bool = False) -> None:
        self.lines = lines
        self.page = page
        self.in_line = in_line
        self.rules = (blank, block, pipe_table, text) if in_item else RULES
        self.at = 0
        self.out: list[str] = []
        self.previous = "blank"
        self.divs = 0
        self.only_text = True
        """Whether only paragraphs have been emitted."""

    def convert(self) -> list[str]:
        """Apply the rules to all lines."""
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if self.in_line and self.at == 0 and line.strip() and not _BLOCK_MARK.fullmatch(line):
                text(self, line)
                continue
            for rule in self.rules:
                if rule(self, line):
                    break
        return self.out

    def add(self, kind: str, texts: list[str], take: int = 1) -> bool:
        """Emit lines, with a blank one before them unless they continue a paragraph, and advance."""
        if self.previous != "blank" and (kind != "text" or self.previous != "text"):
            self.out.append("")
        self.out += texts
        self.previous = kind
        self.only_text = self.only_text and kind == "text"
        self.at += take
        return True


def blank(b: Blocks, line: str) -> bool:
    if line.strip():
        return False
    if b.previous != "blank":
        b.out.append("")
    b.previous = "blank"
    b.at += 1
    return True


def block(b: Blocks, line: str) -> bool:
    found = _BLOCK_MARK.fullmatch(line) if "\ue000" in line else None
    if not found:
        return False
    lines = b.page.block(found[1])
    return b.add("block", lines) if lines else blank(b, "")


def heading(b: Blocks, line: str) -> bool:
    found = wiki_heading(line) or _odd_heading(b, line)
    if not found:
        return False
    level, words = found
    anchor = _HEADING_ID.search(words)
    title = b.page.line(words[: anchor.start()] if anchor else words).strip()
    title = f"{title[:-1]}\\#" if title.endswith("#") else title  # otherwise it would close the heading
    return b.add("heading", [f"{'#' * level} {title}{f' {{#{anchor[1]}}}' if anchor else ''}"])


@lru_cache(maxsize=1 << 12)  # wikis repeat headings, and several stages ask for them
def wiki_heading(line: str) -> tuple[int, str] | None:
    """Return level and text of a heading line as MediaWiki reads it, or None. A number sign begins a numbered item."""
    if not line.startswith("="):  # true of nearly every line
        return None
    words = line.rstrip()
    start, end = len(words) - len(words.lstrip("=")), len(words) - len(words.rstrip("="))
    if start == len(words):  # in `=====`, the outer signs are the marks
        level = min((start - 1) // 2, 6)
        return (level, "=" * (start - 2 * level)) if level else None
    level = min(start, end, 6)
    return (level, words[level:-level].strip()) if level and words[level:-level].strip() else None


def _odd_heading(b: Blocks, line: str) -> tuple[int, str] | None:
    """Return level and text of a Markdown heading on a MediaWiki page, where `#` usually numbers an item; or None."""
    found = _MARKDOWN_HEADING.fullmatch(line) if line.startswith("#") else None
    if not found or b.previous not in ("blank", "heading"):
        return None
    following = b.lines[b.at + 1] if b.at + 1 < len(b.lines) else ""
    first = not any(words.strip() for words in b.out)
    if (len(found[1]) > 1 or first) and not following.startswith(("#", "*")):
        return len(found[1]), found[2]
    return None


def rule(b: Blocks, line: str) -> bool:
    # `---` would also open a metadata block or underline a heading.
    if not line.startswith(("-", "<")) or not _RULE.fullmatch(line):
        return False
    b.add("rule", ["* * *"])
    rest = "" if line[0] == "<" else line.lstrip("-").strip()
    return b.add("text", [guard(b.page.line(rest))], take=0) if rest else True


def pipe_table(b: Blocks, line: str) -> bool:
    after = b.lines[b.at + 1] if "|" in line and b.at + 1 < len(b.lines) else ""
    if "-" not in after or not _DELIMITER.fullmatch(after.rstrip()):
        return False
    end = b.at + 2
    while end < len(b.lines) and "|" in b.lines[end]:
        end += 1
    aligns = [cell.strip() for cell in _cells(after)]
    rows = [[b.page.line(cell, in_cell=True) for cell in _cells(words)] for words in (line, *b.lines[b.at + 2 : end])]
    width = max(len(aligns), *map(len, rows))
    grid = [row + [""] * (width - len(row)) for row in rows]
    return b.add("table", pipe_lines(grid, aligns + [""] * (width - len(aligns))), take=end - b.at)


def _cells(line: str) -> list[str]:
    words = line.strip().removeprefix("|")
    words = words[:-1] if words.endswith("|") and not words.endswith("\\|") else words
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", words)]


def div(b: Blocks, line: str) -> bool:
    """Convert the line that opens or closes a fenced div, such as a callout. Otherwise its colons would indent."""
    if not _is_div(b, line):
        return False
    b.divs += 1 if "{" in line else -1
    return b.add("block", [line.rstrip()])


def _is_div(b: Blocks, line: str) -> bool:
    found = _DIV.fullmatch(line) if line.startswith(":::") else None
    return bool(found and (found["attributes"] or b.divs))


def items(b: Blocks, line: str) -> bool:
    """Convert a list: its lines, the blocks directly below them, and lines indented like them."""
    if lists.read(line) is None:
        return False
    tree = lists.Tree()
    end = b.at
    loose = False
    while end < len(b.lines):
        current = b.lines[end]
        if not current.strip():
            loose = True
            end += 1
            continue
        if _is_div(b, current):
            break
        if (item := lists.read(current)) and not (loose and _heads_a_section(b, end)):
            _add_item(b, tree, item, loose)
            b.at = end = end + 1
            loose = False
            continue
        marked = _BLOCK_MARK.fullmatch(current) if "\ue000" in current else None
        wide = current.expandtabs(4)
        indent = len(wide) - len(wide.lstrip())
        if marked and not loose and (indent or marked[1][1] != "x"):  # an unindented table ends a list
            tree.open[-1].nested.append(b.page.block(marked[1]))
            end += 1
        elif indent >= (2 if loose else 1):
            end = _continue(b, tree, end, indent, loose)
        else:
            break
        b.at = end
        loose = False
    lines = tree.markdown()
    return b.add("list", lines, take=0) if lines else True


def _heads_a_section(b: Blocks, at: int) -> bool:
    """Return whether a line below a blank one is a Markdown heading rather than an item."""
    found = _MARKDOWN_HEADING.fullmatch(b.lines[at])
    following = b.lines[at + 1] if at + 1 < len(b.lines) else ""
    return bool(found and len(found[1]) > 1) and not following.startswith(("#", "*"))


def _add_item(b: Blocks, tree: lists.Tree, item: lists.Line, loose: bool) -> None:
    definition: str | None = None
    words = item.text
    if item.prefix[-1] == ";":
        words, definition = lists.term(words)
    pieces = [piece for piece in _BLOCK.split(words) if piece.strip()] or [""]
    tree.add(item, _item_lines(b, pieces[0], item.task), loose)
    tree.open[-1].nested += [lines for piece in pieces[1:] if (lines := _item_lines(b, piece))]
    if definition is not None:
        tree.add(lists.Line(f"{item.prefix[:-1]}:", definition), _item_lines(b, definition), False)


def _item_lines(b: Blocks, words: str, task: str = "") -> list[str]:
    if found := _BLOCK_MARK.fullmatch(words):
        return b.page.block(found[1])
    shown = b.page.line(words.strip())
    return [f"{task} {shown}" if task else guard(shown)] if shown else []


def _continue(b: Blocks, tree: lists.Tree, start: int, indent: int, loose: bool) -> int:
    """Add the indented lines that continue an item. Return the line after them."""
    item = tree.continues(indent)
    end = start
    while end < len(b.lines) and b.lines[end][:1].isspace() and b.lines[end].strip():
        if end > start and lists.read(b.lines[end]):
            break
        end += 1
    inner = Blocks([line.strip() for line in b.lines[start:end]], b.page, in_item=True)
    lines = inner.convert()
    if inner.only_text and not loose and not item.nested:
        item.lines += lines
    else:
        item.nested.append(lines)
    return end


def preformatted(b: Blocks, line: str) -> bool:
    """Convert MediaWiki's other code: lines that begin with a space."""
    if not line.startswith(" ") or _BLOCK.search(line):
        return False
    end = b.at
    while end < len(b.lines) and b.lines[end].startswith(" ") and b.lines[end].strip():
        end += 1
    written = [words[1:] for words in b.lines[b.at : end]]
    raw = [b.page.preformatted(words) for words in written]
    if all(words is not None for words in raw):
        return b.add("block", page_fence("\n".join(words or "" for words in raw)).split("\n"), take=end - b.at)
    shown = [guard(b.page.line(words.strip())) for words in written]
    return b.add("block", [*(f"{words}\\" for words in shown[:-1]), shown[-1]], take=end - b.at)


def text(b: Blocks, line: str) -> bool:
    """Convert any other line as part of a paragraph."""
    words = line.strip()
    if _ONLY_LINKS.fullmatch(words):  # MediaWiki shows links to other languages beside the page
        words = re.sub("\ue000l\\d+\ue001[ \t]*", "", words)
        if not words:
            b.at += 1
            return True
    if "\ue000" in words and len(pieces := _BLOCK.split(words)) > 1:
        for piece in pieces:
            if _BLOCK_MARK.fullmatch(piece):
                b.add("block", b.page.block(piece), take=0)
            elif shown := b.page.line(piece.strip()).strip():
                b.add("text", [guard(shown)], take=0)
        b.at += 1
        return True
    shown = b.page.line(words).strip()
    if not shown:
        return blank(b, "")
    return b.add("text", [guard(shown)])


Rule = Callable[[Blocks, str], bool]
RULES: tuple[Rule, ...] = (blank, block, heading, pipe_table, rule, div, items, preformatted, text)
