"""Convert the lines of wikitext, in which some parts are set aside as marks, to Pandoc Markdown blocks."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..regex import regex
from . import lists
from .inline import Inline
from .markdown import guard, page_fence
from .sections import markdown_heading, wiki_heading
from .stash import Stash
from .tables import pipe_lines

_HEADING_ID = regex(r"(?<!\s)\s*\{#([\w-]+)[^{}]*\}$")
_RULE = regex(r"-{3,}[ \t]*|-{4,}(?!-).*|<hr\b[^<>]*>[ \t]*", re.IGNORECASE)
_DELIMITER = regex(r"[ \t]*(?:\|[ \t]*)?(?::?-+:?[ \t]*\|[ \t]*)+(?::?-+:?[ \t]*)?")
_BLOCK = regex("(\ue000[bx]\\d+\ue001)")
_BLOCK_MARK = regex("[ \t]*(\ue000[bfx]\\d+\ue001)[ \t]*")
_BLOCK_TAG = regex(
    r" +</?(?:blockquote|center|dd|div|dl|dt|h[1-6]|hr|li|ol|p|table|tbody|td|th|thead|tr|ul)\b", re.IGNORECASE
)
"""The start of an indented line that MediaWiki does not read as code."""
_DIV = regex(r":{3,}[ \t]*(?P<attributes>\{\.[\w-]+[^{}\n]*\})?[ \t]*")
_ONLY_LINKS = regex("(?:\ue000[gl]\\d+\ue001[ \t]*)+")


class Blocks:
    """The lines, the position in them, and the Markdown so far.

    ``in_line``: the first line continues a line, as in a cell, so it begins no block. ``in_item``: the lines are
    indented below a list item, where Markdown's rules apply because MediaWiki has none.
    """

    def __init__(
        self, lines: list[str], inline: Inline, stash: Stash, in_line: bool = False, in_item: bool = False
    ) -> None:
        self.lines = lines
        self.inline = inline
        self.stash = stash
        self.in_line = in_line
        self.rules = (blank, block, pipe_table, text) if in_item else RULES
        self.index = 0
        self.out: list[str] = []
        self.previous = "blank"
        self.divs = 0
        self.only_text = True
        """Whether only paragraphs have been emitted."""

    def convert(self) -> list[str]:
        """Apply the rules to all lines."""
        while self.index < len(self.lines):
            line = self.lines[self.index]
            if self.in_line and self.index == 0 and line.strip() and not _BLOCK_MARK.fullmatch(line):
                text(self, line)
                continue
            for rule in self.rules:
                if rule(self, line):
                    break
        return self.out

    def add(self, kind: str, texts: list[str], count: int = 1) -> bool:
        """Emit lines, with a blank one before them unless they continue a paragraph, and advance."""
        if self.previous != "blank" and (kind != "text" or self.previous != "text"):
            self.out.append("")
        self.out += texts
        self.previous = kind
        self.only_text = self.only_text and kind == "text"
        self.index += count
        return True


def blank(b: Blocks, line: str) -> bool:
    if line.strip():
        return False
    if b.previous != "blank":
        b.out.append("")
    b.previous = "blank"
    b.index += 1
    return True


def block(b: Blocks, line: str) -> bool:
    mark = _BLOCK_MARK.fullmatch(line) if "\ue000" in line else None
    if not mark:
        return False
    lines = b.stash.block(mark[1])
    return b.add("block", lines) if lines else blank(b, "")


def heading(b: Blocks, line: str) -> bool:
    level, words = wiki_heading(line) or _markdown_heading(b, line) or (0, "")
    if not level:
        return False
    anchor = _HEADING_ID.search(words)
    title = b.inline.line(words[: anchor.start()] if anchor else words).strip()
    title = f"{title[:-1]}\\#" if title.endswith("#") else title  # otherwise it would close the heading
    return b.add("heading", [f"{'#' * level} {title}{f' {{#{anchor[1]}}}' if anchor else ''}"])


def _markdown_heading(b: Blocks, line: str) -> tuple[int, str] | None:
    """Return level and text of a Markdown heading on a MediaWiki page, where `#` usually numbers an item; or None."""
    heading = markdown_heading(line)
    if not heading or b.previous not in ("blank", "heading"):
        return None
    next_line = b.lines[b.index + 1] if b.index + 1 < len(b.lines) else ""
    is_first = not any(words.strip() for words in b.out)
    return heading if (heading[0] > 1 or is_first) and not next_line.startswith(("#", "*")) else None


def rule(b: Blocks, line: str) -> bool:
    # `---` would also open a metadata block or underline a heading.
    if not line.startswith(("-", "<")) or not _RULE.fullmatch(line):
        return False
    b.add("rule", ["* * *"])
    rest = "" if line[0] == "<" else line.lstrip("-").strip()
    return b.add("text", [guard(b.inline.line(rest))], count=0) if rest else True


def pipe_table(b: Blocks, line: str) -> bool:
    next_line = b.lines[b.index + 1] if "|" in line and b.index + 1 < len(b.lines) else ""
    if "-" not in next_line or not _DELIMITER.fullmatch(next_line.rstrip()):
        return False
    end = b.index + 2
    while end < len(b.lines) and "|" in b.lines[end]:
        end += 1
    aligns = [cell.strip() for cell in _cells(next_line)]
    rows = [
        [b.inline.line(cell, in_cell=True) for cell in _cells(words)] for words in (line, *b.lines[b.index + 2 : end])
    ]
    width = max(len(aligns), *map(len, rows))
    grid = [row + [""] * (width - len(row)) for row in rows]
    return b.add("table", pipe_lines(grid, aligns + [""] * (width - len(aligns))), count=end - b.index)


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
    match = _DIV.fullmatch(line) if line.startswith(":::") else None
    return bool(match and (match["attributes"] or b.divs))


def items(b: Blocks, line: str) -> bool:
    """Convert a list: its lines, the blocks directly below them, and lines indented like them."""
    if lists.read_line(line) is None:
        return False
    tree = lists.Tree()
    end = b.index
    loose = False
    while end < len(b.lines):
        current = b.lines[end]
        if not current.strip():
            loose = True
            end += 1
            continue
        if _is_div(b, current):
            break
        if (item := lists.read_line(current)) and not (loose and _heads_a_section(b, end)):
            _add_item(b, tree, item, loose)
            b.index = end = end + 1
            loose = False
            continue
        mark = _BLOCK_MARK.fullmatch(current) if "\ue000" in current else None
        expanded = current.expandtabs(4)
        indent = len(expanded) - len(expanded.lstrip())
        if mark and not loose and (indent or mark[1][1] != "x"):  # an unindented table ends a list
            tree.open[-1].nested.append(b.stash.block(mark[1]))
            end += 1
        elif indent >= (2 if loose else 1):
            end = _continue(b, tree, end, indent, loose)
        else:
            break
        b.index = end
        loose = False
    lines = tree.markdown()
    return b.add("list", lines, count=0) if lines else True


def _heads_a_section(b: Blocks, index: int) -> bool:
    """Return whether a line below a blank one is a Markdown heading rather than an item."""
    heading = markdown_heading(b.lines[index])
    next_line = b.lines[index + 1] if index + 1 < len(b.lines) else ""
    return bool(heading and heading[0] > 1) and not next_line.startswith(("#", "*"))


def _add_item(b: Blocks, tree: lists.Tree, item: lists.Line, loose: bool) -> None:
    definition: str | None = None
    term_text = item.text
    if item.prefix[-1] == ";":
        term_text, definition = lists.term(term_text)
    pieces = [piece for piece in _BLOCK.split(term_text) if piece.strip()] or [""]
    tree.add(item, _item_lines(b, pieces[0], item.task), loose)
    tree.open[-1].nested += [lines for piece in pieces[1:] if (lines := _item_lines(b, piece))]
    if definition is not None:
        tree.add(lists.Line(f"{item.prefix[:-1]}:", definition), _item_lines(b, definition), False)


def _item_lines(b: Blocks, words: str, task: str = "") -> list[str]:
    if mark := _BLOCK_MARK.fullmatch(words):
        return b.stash.block(mark[1])
    markdown = b.inline.line(words.strip())
    return [f"{task} {markdown}" if task else guard(markdown)] if markdown else []


def _continue(b: Blocks, tree: lists.Tree, start: int, indent: int, loose: bool) -> int:
    """Add the indented lines that continue an item. Return the line after them."""
    item = tree.continued_item(indent)
    end = start
    while end < len(b.lines) and b.lines[end][:1].isspace() and b.lines[end].strip():
        if end > start and lists.read_line(b.lines[end]):
            break
        end += 1
    content = Blocks([line.strip() for line in b.lines[start:end]], b.inline, b.stash, in_item=True)
    lines = content.convert()
    if content.only_text and not loose and not item.nested:
        item.lines += lines
    else:
        item.nested.append(lines)
    return end


def _is_preformatted(line: str) -> bool:
    return line.startswith(" ") and bool(line.strip()) and not _BLOCK_TAG.match(line)


def preformatted(b: Blocks, line: str) -> bool:
    """Convert MediaWiki's other code: lines that begin with a space."""
    if not _is_preformatted(line) or _BLOCK.search(line):
        return False
    end = b.index
    while end < len(b.lines) and _is_preformatted(b.lines[end]):
        end += 1
    code_lines = [words[1:] for words in b.lines[b.index : end]]
    decoded = [b.stash.preformatted(words) for words in code_lines]
    if all(words is not None for words in decoded):
        return b.add("block", page_fence("\n".join(words or "" for words in decoded)).split("\n"), count=end - b.index)
    markdown_lines = [guard(b.inline.line(words.strip())) for words in code_lines]
    return b.add("block", [*(f"{words}\\" for words in markdown_lines[:-1]), markdown_lines[-1]], count=end - b.index)


def text(b: Blocks, line: str) -> bool:
    """Convert any other line as part of a paragraph."""
    words = line.strip()
    if _ONLY_LINKS.fullmatch(words):  # MediaWiki shows links to other languages beside the page
        words = re.sub("\ue000l\\d+\ue001[ \t]*", "", words)
        if not words:
            b.index += 1
            return True
    if "\ue000" in words and len(pieces := _BLOCK.split(words)) > 1:
        for piece in pieces:
            if _BLOCK_MARK.fullmatch(piece):
                b.add("block", b.stash.block(piece), count=0)
            elif markdown := b.inline.line(piece.strip()).strip():
                b.add("text", [guard(markdown)], count=0)
        b.index += 1
        return True
    markdown = b.inline.line(words).strip()
    if not markdown:
        return blank(b, "")
    return b.add("text", [guard(markdown)])


Rule = Callable[[Blocks, str], bool]
RULES: tuple[Rule, ...] = (blank, block, heading, pipe_table, rule, div, items, preformatted, text)
