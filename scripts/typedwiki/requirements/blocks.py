"""Split a page's Markdown into headings and blocks, with lines as plain text and their places in the source."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from html.parser import HTMLParser

from msgspec import Struct, field

from ..model import Link
from ..regex import regex
from ..text.markdown import ESCAPED

_HEADING = regex(r" {0,3}(#{1,6})[ \t]+(.*)")
_HEADING_END = regex(r"(?<![ \t])[ \t]+(?:#+[ \t]*)?$|(?<!\s)\s*\{#[^{}]*\}\s*$")
_FENCE = regex(r"\s*(`{3,}|~{3,})[ \t]*\{?\.?([\w+-]*)")
_ITEM = regex(r"(?P<indent>[ \t]*)(?:[-*+•]|\d{1,9}[.)])[ \t]+(?P<text>\S.*)")
_RULE = regex(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_CELL_END = regex(r"\\.|`+|\|", re.DOTALL)


class Item(Struct):
    """A list item with the lines that continue it."""

    indent: int
    text: str
    first_line: str
    """Its first line, used to find its place in the source file."""


class Table(Struct):
    """Rows of cells. ``head`` is empty if the table has no header row."""

    head: list[str]
    rows: list[list[str]]


class Fence(Struct):
    """A fenced code block."""

    language: str
    lines: list[str]


class Paragraph(Struct):
    """Consecutive lines of prose."""

    lines: list[str]


Block = Item | Table | Fence | Paragraph


class Section(Struct):
    """A heading and the blocks below it. Level 0 is the text before the first heading."""

    level: int
    title: str
    blocks: list[Block] = field(default_factory=list)


def split_sections(markdown: str) -> list[Section]:
    """Split a page at its ATX headings, and the text between them into blocks."""
    result = [Section(0, "")]
    lines = markdown.split("\n")
    index = 0
    while index < len(lines):
        line = lines[index]
        if fence := _FENCE.match(line):
            end = _fence_end(lines, index, fence[1])
            result[-1].blocks.append(Fence(fence[2].lower(), [text.strip() for text in lines[index + 1 : end]]))
            index = end + 1
        elif heading := _HEADING.fullmatch(line):
            result.append(Section(len(heading[1]), _HEADING_END.sub("", heading[2])))
            index += 1
        else:
            index = _read_block(lines, index, result[-1].blocks)
    return result


def _read_block(lines: Sequence[str], index: int, blocks: list[Block]) -> int:
    """Append the block that begins at a line to ``blocks``. Return the index of the line after it."""
    line = lines[index]
    if not line.strip() or line.lstrip().startswith(":::"):
        return index + 1
    if line.lstrip().lower().startswith("<table"):
        end = index
        while end < len(lines) - 1 and "</table" not in lines[end].lower():
            end += 1
        blocks.extend(read_html_tables("\n".join(lines[index : end + 1])))
        return end + 1
    if "|" in line and index + 1 < len(lines) and _is_rule(lines[index + 1]):
        end = index + 2
        while end < len(lines) and "|" in lines[end]:
            end += 1
        blocks.append(Table(split_cells(line), [split_cells(row) for row in lines[index + 2 : end]]))
        return end
    if item := _ITEM.fullmatch(line):
        end = _paragraph_end(lines, index + 1)
        text = " ".join(part.strip() for part in (item["text"], *lines[index + 1 : end]))
        blocks.append(Item(len(item["indent"].expandtabs(4)), text, item["text"]))
        return end
    end = _paragraph_end(lines, index + 1)
    blocks.append(Paragraph([part.strip() for part in lines[index:end]]))
    return end


def _paragraph_end(lines: Sequence[str], end: int) -> int:
    while end < len(lines) and lines[end].strip() and not _begins_block(lines, end):
        end += 1
    return end


def _begins_block(lines: Sequence[str], number: int) -> bool:
    line = lines[number]
    starts_table = "|" in line and number + 1 < len(lines) and _is_rule(lines[number + 1])
    other_block = _ITEM.fullmatch(line) or _FENCE.match(line) or _HEADING.fullmatch(line)
    return bool(starts_table or other_block or line.lstrip().lower().startswith(("<table", ":::")))


def _is_rule(line: str) -> bool:
    return "|" in line and "-" in line and bool(_RULE.fullmatch(line.strip()))


def _fence_end(lines: Sequence[str], start: int, fence: str) -> int:
    for number in range(start + 1, len(lines)):
        text = lines[number].strip()
        if text.startswith(fence) and not text.strip(fence[0]):
            return number
    return len(lines)


def split_cells(row: str) -> list[str]:
    """Return the cells of a pipe table's row. Escaped bars and bars in code do not end a cell."""
    row = row.strip()
    result: list[str] = []
    start = position = 1 if row.startswith("|") else 0
    while match := _CELL_END.search(row, position):
        position = match.end()
        if match[0] == "|":
            result.append(row[start : match.start()].strip())
            start = position
        elif match[0][0] == "`" and (end := row.find(match[0], position)) >= 0:
            position = end + len(match[0])
    if row[start:].strip():
        result.append(row[start:].strip())
    return [cell.replace("\\|", "|") for cell in result]


class _TableParser(HTMLParser):
    """Collects the tables in HTML. Markup in cells becomes Markdown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Table] = []
        self.row: list[str] | None = None
        self.cell: list[str] | None = None
        self.is_head = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append(Table([], []))
        elif tag == "tr":
            self._end_row()
            self.row, self.is_head = [], True
        elif tag in ("td", "th"):
            self._end_cell()
            self.cell, self.is_head = [], self.is_head and tag == "th"
        elif self.cell is not None:
            self.cell.append({"br": "\n", "p": "\n", "li": "\n- ", "code": "`"}.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()
        elif tag == "code" and self.cell is not None:
            self.cell.append("`")

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def _end_cell(self) -> None:
        if self.cell is not None and self.row is not None:
            self.row.append("".join(self.cell).strip())
        self.cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self.row and self.tables:
            table = self.tables[-1]
            if self.is_head and len(self.row) > 1 and not table.head and not table.rows:
                table.head = self.row
            else:
                table.rows.append(self.row)
        self.row = None


def read_html_tables(html: str) -> Iterator[Table]:
    """Yield the tables in HTML that have rows."""
    reader = _TableParser()
    reader.feed(html)
    reader.close()
    yield from (table for table in reader.tables if table.rows)


_MARK = regex("\ue000([a-z])(\\d+)\ue001")
_WIKI_LINK = regex(r"\[\[(?P<target>[^\[\]|\n]{1,300})(?:\|(?P<label>[^\[\]\n]{0,300}))?\]\]")
_LINK = regex(r"!?\[(?P<label>[^\[\]\n]{0,300})\]\((?P<address><[^<>\n]{0,500}>|[^()\s]{0,500})[^()\n]{0,200}\)")
_CODE = regex(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_CODE_ELEMENT = regex(r"<code>([^<\n]*(?:<(?!/?code>)[^<\n]*)*)</code>")
_TAG = regex(r"</?[A-Za-z][^<>\n]{0,200}>")
_ASTERISK = "\ue004"
_EMPHASIS = regex(r"\*{1,3}(?=\S|\Z)|(?<=\S)\*{1,3}|\A\*{1,3}|(?<!\w)_{1,2}(?=\w)|(?<=[\w)])_{1,2}(?!\w)")
_SUFFIX = regex(r"(?<=.)\.(?:md|mediawiki|qmd|html)\Z")


def plain_text(markdown: str, links: Sequence[Link] = (), as_names: bool = False) -> str:
    """Return Markdown as plain text, with code in single backticks.

    ``links`` are the page's links, for which the Markdown may contain placeholders. A link is shown as its label,
    or with ``as_names`` as code that names its page.
    """
    markdown = re.sub(r"(?<=\w)\$\$([\w, -]{1,80})\$\$", r"[\1]", markdown)  # `\\[` begins a formula in some dialects
    text = _replace_links(markdown, links, as_names)
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
    """Remove the backticks from the result of ``plain_text``."""
    return text.replace("`", "")


def _replace_links(markdown: str, links: Sequence[Link], as_names: bool) -> str:
    """Replace links in all their forms by their labels, or by the names of their pages."""

    def from_mark(match: re.Match[str]) -> str:
        if match[1] != "l" or int(match[2]) >= len(links):
            return ""
        link = links[int(match[2])]
        target = _page_name(link.target) or link.target if link.is_path else link.target
        return f"`{target}`" if as_names else link.label or target.replace("_", " ")

    def from_wiki_link(match: re.Match[str]) -> str:
        target = re.sub(r"^.*::", "", match["target"]).partition("#")[0]
        name = target.rpartition(":")[2].strip()
        return f"`{name}`" if as_names else match["label"] or name.replace("_", " ")

    def from_address(match: re.Match[str]) -> str:
        page = _page_name(match["address"].strip("<>"))
        return f"`{page}`" if as_names and page and ":" not in match["address"] else match["label"]

    for pattern, replacement in ((_MARK, from_mark), (_WIKI_LINK, from_wiki_link), (_LINK, from_address)):
        markdown = _replace_outside_code(markdown, pattern, replacement)
    return markdown


def _page_name(path: str) -> str:
    """Return the name of the page that a path leads to; empty if it names none."""
    return _SUFFIX.sub("", path.rpartition("/")[2].partition("#")[0])


def _replace_outside_code(text: str, pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str]) -> str:
    codes = [(code.start(), code.end()) for code in _CODE.finditer(text)]

    def replace(match: re.Match[str]) -> str:
        # A link may have code in its label; code may contain what looks like a link.
        return (
            match[0] if any(start < match.start() and match.end() < end for start, end in codes) else replacement(match)
        )

    return pattern.sub(replace, text)


def _strip_markup(text: str) -> str:
    if not text:
        return text
    text = re.sub(r"(?<=\d)\.\\?\*(?!\*)", f".{_ASTERISK}", text)  # the star of ``2.*`` is no emphasis
    text = _EMPHASIS.sub("", _TAG.sub("", text))
    text = ESCAPED.sub(r"\1", text).replace("`", "")
    return html.unescape(text).replace(_ASTERISK, "*").replace("\xa0", " ")
