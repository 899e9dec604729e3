"""Convert wikitables to Pandoc Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from ..regex import regex
from .markdown import guard

_NAMES = (
    "abbr|align|axis|bgcolor|border|bordercolor|cell(?:padding|spacing)|char|charoff|class|(?:col|row)span|color|dir"
    "|frame|headers|height|id|lang|nowrap|rules|scope|style|summary|title|valign|width|(?:data|aria)-[\\w-]+"
)
_ATTRIBUTES = regex(
    rf"""\s*(?:(?:(?:{_NAMES})\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'|]+)|[\w-]+\s*=\s*(?:"[^"]*"|'[^']*')|nowrap|sortable)(?=\s|\Z)\s*)+""",
    re.IGNORECASE,
)
_SPAN = regex(r"""\b(col|row)span\s*=\s*["']?\s*(\d{1,3})""", re.IGNORECASE)
_START = regex(r"(?P<before>[ \t]*(?:[*#:;]+[ \t]*)?)\{\|(?P<attributes>.*)")
_BARE = regex(r"""[\w\s"'#:;.,%()-]*=[\w\s="'#:;.,%()-]*|border|sortable|wikitable""")
"""Text that MediaWiki would read as attributes, however wrong they are."""
_WIDEST = 100
"""Rows or columns that a cell may span."""
_DEEPEST = 12
"""Levels of nested tables. Deeper ones are text."""


class Cell(Struct):
    """A cell. ``lines`` is its wikitext, ``text`` the same in one piece once the table has been read."""

    lines: list[str]
    header: bool = False
    colspan: int = 1
    rowspan: int = 1
    text: str = ""


class Table(Struct):
    """A wikitable as written."""

    before: str = ""
    """Markers of the list that contains it."""
    attributes: str = ""
    caption: str = ""
    rows: list[list[Cell]] = []


def replace_tables(
    lines: list[str], is_heading: Callable[[str], int], replace: Callable[[Table, bool], str]
) -> list[str]:
    """Return the lines with each table replaced, the innermost first. An unclosed table ends at the next heading.

    Args:
        lines: the page.
        is_heading: returns the level of a line as a heading, or 0.
        replace: returns the line that replaces a table, given whether the table is above the first section.
    """
    levels: list[list[str]] = [[]]
    above_first_section = True

    def close(rest: str = "") -> None:
        table = parse(levels.pop())
        levels[-1] += [table.before + replace(table, above_first_section), *([rest] if rest else [])]

    for line in lines:
        words = line.lstrip(" \t:*#;")
        if not words.startswith(("=", "{|", "|}")):
            levels[-1].append(line)
            continue
        if level := is_heading(line):
            while len(levels) > 1:
                close()
            above_first_section = above_first_section and level == 1
        if words.startswith("{|") and len(levels) < _DEEPEST and _START.fullmatch(line):
            levels.append([line])
        elif len(levels) > 1 and line.lstrip().startswith("|}"):
            close(line.lstrip()[2:].strip())
        else:
            levels[-1].append(line)
    while len(levels) > 1:
        close()
    return levels[0]


def parse(lines: Sequence[str]) -> Table:
    """Read the lines of a table, from ``{|`` up to but without ``|}``."""
    opening = _START.fullmatch(lines[0])
    table = Table(opening["before"] if opening else "", opening["attributes"].strip() if opening else "")
    is_text = bool(table.attributes) and not _ATTRIBUTES.fullmatch(table.attributes)
    row = [Cell([table.attributes])] if is_text and not _BARE.fullmatch(table.attributes) else []
    in_caption = False
    for line in lines[1:]:
        words = line.lstrip()
        if words.startswith("|-"):
            if row:
                table.rows.append(row)
            row = []
            if (text := words.lstrip("|-").strip()) and not _ATTRIBUTES.fullmatch(text.replace("|", " ")):  # the row's
                row = [_cell(part, False) for part in words.lstrip("|").split("||")]
        elif words.startswith("|+"):
            table.caption = f"{table.caption} {_cell(words[2:], False).lines[0]}".strip()
        elif words.startswith("!"):
            row += [_cell(part, True) for part in re.split(r"!!|\|\|", words[1:])]
        elif words.startswith("|"):
            row += [_cell(part, False) for part in words[1:].split("||")]
        elif row:
            row[-1].lines.append(line)
        elif in_caption:
            table.caption = f"{table.caption} {words}".strip()
        elif words:
            row.append(Cell([line]))
        in_caption = words.startswith("|+") or (in_caption and not words.startswith(("|", "!")))
    if row:
        table.rows.append(row)
    for row in table.rows:
        for cell in row:
            cell.text = "\n".join(cell.lines).strip()
    return table


def _cell(text: str, header: bool) -> Cell:
    cell = Cell([text.strip()], header)
    before, bar, after = text.partition("|")
    # Only real attributes end at a single bar: in `str | None` it is text.
    if bar and (not before.strip() or _ATTRIBUTES.fullmatch(before)):
        cell.lines = [after.strip()]
        for name, number in _SPAN.findall(before):
            setattr(cell, f"{name.lower()}span", min(_WIDEST, max(1, int(number))))
    return cell


def render(table: Table, line: Callable[[str, bool], str], blocks: Callable[[list[str]], list[str]]) -> list[str]:
    """Return a pipe table if every cell is one line and spans no other; otherwise an HTML table with Markdown inside.

    Args:
        table: the table as written.
        line: returns the Markdown of one line, given whether it is a cell of a pipe table.
        blocks: returns the Markdown of several lines, of which the first begins no block.
    """
    spans = any(cell.colspan > 1 or cell.rowspan > 1 for row in table.rows for cell in row)
    rows = [row for row in table.rows if spans or any(cell.text for cell in row)]
    if not any(cell.text for row in rows for cell in row):
        return [guard(line(table.caption, False))] if table.caption else []
    if not spans and all(_is_line(cell) for row in rows for cell in row):
        caption = line(table.caption, False) if table.caption else ""
        return [*_pipe(rows, line), *(["", f": {caption}"] if caption else [])]
    return list(_html(table.caption, rows, line, blocks))


def _is_line(cell: Cell) -> bool:
    return "\n" not in cell.text and "\ue000b" not in cell.text and "\ue000x" not in cell.text


def _pipe(rows: list[list[Cell]], line: Callable[[str, bool], str]) -> list[str]:
    def render_cell(cell: Cell, bold: bool) -> str:
        text = line(cell.text, True)
        return f"**{text}**" if bold and text and "**" not in text else text

    head = rows[0] if all(cell.header for cell in rows[0]) else []
    body = [[render_cell(cell, cell.header) for cell in row] for row in (rows[1:] if head else rows)]
    grid = [[render_cell(cell, False) for cell in head], *body]
    width = max(map(len, grid))
    return pipe_lines([row + [""] * (width - len(row)) for row in grid])


def pipe_lines(grid: Sequence[Sequence[str]], aligns: Iterable[str] = ()) -> list[str]:
    """Return the lines of a pipe table, header first.

    If a line is long, pandoc reads the dashes as relative widths, so they follow the content.
    """
    sides = [*aligns] or [""] * len(grid[0])
    widths = [min(60, max(3, *(_length(row[i]) for row in grid))) for i in range(len(grid[0]))]
    dashes = [
        (":" if side.startswith(":") else "-") + "-" * width + (":" if side.endswith(":") else "-")
        for side, width in zip(sides, widths, strict=True)
    ]
    header, *body = (f"| {' | '.join(row)} |" for row in grid)
    return [header, f"|{'|'.join(dashes)}|", *body]


def _length(text: str) -> int:
    if "](" in text:  # of a link only the words are visible
        text = re.sub(r"\]\([^()\s]*\)(?:\{[^{}]*\})?", "]", text)
    return len(re.sub("\ue000.\\d+\ue001", "x" * 12, text) if "\ue000" in text else text)


def _html(
    caption: str,
    rows: list[list[Cell]],
    line: Callable[[str, bool], str],
    blocks: Callable[[list[str]], list[str]],
) -> Iterable[str]:
    """Yield the lines of an HTML table. Each tag has its own line, so that pandoc reads the text between them as
    Markdown.
    """
    yield "<table>"
    if caption:
        yield from ("<caption>", guard(line(caption, False)), "</caption>")
    for row in rows:
        yield "<tr>"
        for cell in row:
            tag = "th" if cell.header else "td"
            spans = (("colspan", cell.colspan), ("rowspan", cell.rowspan))
            attributes = "".join(f' {name}="{n}"' for name, n in spans if n > 1)
            yield f"<{tag}{attributes}>"
            if _is_line(cell):
                yield from filter(None, [guard(line(cell.text, False))])
            else:
                yield from ("", *blocks(cell.lines), "")
            yield f"</{tag}>"
        yield "</tr>"
    yield "</table>"
