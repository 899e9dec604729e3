"""Wikitables to Pandoc Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

_ATTRS = re.compile(r"""\s*(?:[\w-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'|]+(?=\s|\Z))\s*)+""")
_WIDEST = 100
"""Rows or columns that a cell may span."""
_BLOCK_START = re.compile(r"^(\d*)(?=[-+*>#|:.)])")
_SPAN = re.compile(r"""\b(col|row)span\s*=\s*["']?(\d{1,3})""")


@dataclass(slots=True)
class Cell:
    """One cell; ``lines`` is its wiki text."""

    lines: list[str]
    header: bool = False
    colspan: int = 1
    rowspan: int = 1

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


@dataclass(slots=True)
class Table:
    """A wikitable as written."""

    attributes: str = ""
    caption: str = ""
    rows: list[list[Cell]] = field(default_factory=list)


def parse(lines: Sequence[str]) -> Table:
    """Read the lines of a table, from ``{|`` up to but without ``|}``."""
    table = Table(lines[0].strip()[2:].strip())
    # Attributes, unless something that was masked begins here.
    row = [Cell([table.attributes])] if "\ue000" in table.attributes else []
    for line in lines[1:]:
        stripped = line.lstrip()
        if stripped.startswith("|-"):
            if row:
                table.rows.append(row)
            row = []
            if (text := stripped.lstrip("|-").strip()) and not _ATTRS.fullmatch(text):  # attributes of the row
                row = [_cell(part, False) for part in stripped.lstrip("|").split("||")]
        elif stripped.startswith("|+"):
            table.caption = stripped[2:].strip()
        elif stripped.startswith("!"):
            row += [_cell(part, True) for part in re.split(r"!!|\|\|", stripped[1:])]
        elif stripped.startswith("|"):
            row += [_cell(part, False) for part in stripped.lstrip("|").split("||")]
        elif row:
            row[-1].lines.append(line)
        elif stripped:
            row.append(Cell([line]))
    if row:
        table.rows.append(row)
    if not table.rows and not _ATTRS.fullmatch(table.attributes):  # no table after all: nothing is to be lost
        table.rows.append([Cell([table.attributes])])
    return table


def _cell(text: str, header: bool) -> Cell:
    cell = Cell([text.strip()], header)
    before, bar, after = text.partition("|")
    # Only real attributes end at a single bar: in `str | None` it is text.
    if bar and _ATTRS.fullmatch(before):
        cell.lines = [after.strip()]
        for name, number in _SPAN.findall(before):
            setattr(cell, f"{name}span", min(_WIDEST, max(1, int(number))))
    return cell


def render(table: Table, inline: Callable[[str], str], blocks: Callable[[list[str]], str]) -> str:
    """A pipe table where every cell is one line; otherwise an HTML table with Markdown inside."""
    rows = [row for row in table.rows if any(cell.text for cell in row)]
    if not rows:
        return ""
    caption = f"\n\n: {inline(table.caption)}" if table.caption else ""
    if all("\n" not in c.text and "\ue000b" not in c.text and c.rowspan == 1 for r in rows for c in r):
        return _pipe(rows, inline) + caption
    return _html(rows, inline, blocks, inline(table.caption))


def _pipe(rows: list[list[Cell]], inline: Callable[[str], str]) -> str:
    def show(cell: Cell, bold: bool) -> str:
        text = inline(cell.text)
        text = re.sub(r"(?<!\\)\|", r"\\|", text) if "|" in text else text
        return f"**{text}**" if bold and text and "**" not in text else text

    head = rows.pop(0) if all(cell.header for cell in rows[0]) else []
    width = max(sum(cell.colspan for cell in row) for row in [head, *rows])
    body = [[text for cell in row for text in (show(cell, cell.header), *[""] * (cell.colspan - 1))] for row in rows]
    header = [text for cell in head for text in (show(cell, False), *[""] * (cell.colspan - 1))]
    grid = [line + [""] * (width - len(line)) for line in [header, *body]]
    return "\n".join(pipe_lines(grid))


def pipe_lines(grid: Sequence[Sequence[str]], aligns: Iterable[str] = ()) -> list[str]:
    """The lines of a pipe table, header first.

    Pandoc takes the dashes as relative widths once a line is long: let them follow the content.
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
    if "](" in text:  # of a link only the words are seen
        text = re.sub(r"\]\([^()\s]*\)(?:\{[^{}]*\})?", "]", text)
    return len(re.sub("\ue000.\\d+\ue001", "x" * 12, text) if "\ue000" in text else text)


def _html(
    rows: list[list[Cell]],
    inline: Callable[[str], str],
    blocks: Callable[[list[str]], str],
    caption: str,
) -> str:
    out = ['<table data-quarto-disable-processing="true">']
    if caption:
        out.append(f"<caption>{caption}</caption>")
    for row in rows:
        out.append("<tr>")
        for cell in row:
            tag = "th" if cell.header else "td"
            spans = "".join(
                f' {name}="{n}"' for name, n in (("colspan", cell.colspan), ("rowspan", cell.rowspan)) if n > 1
            )
            one_line = "\n" not in cell.text and "\ue000b" not in cell.text
            content = _BLOCK_START.sub(r"\1\\", inline(cell.text)) if one_line else f"\n\n{blocks(cell.lines)}\n\n"
            out.append(f"<{tag}{spans}>{content}</{tag}>")
        out.append("</tr>")
    return "\n".join([*out, "</table>"])
