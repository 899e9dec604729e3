"""The tables of the bench: printed row by row, then written into a page of the documentation as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.machine import calibration

END = "<!-- /bench -->"
_FIRST_WIDTH, _LEAST_WIDTH = 46, 10


class Table:
    """Rows below the names of columns. Each row is printed when it is added."""

    def __init__(self, title: str, *columns: str) -> None:
        self.title = title
        self.columns = ("", *columns)
        self.rows: list[Sequence[str]] = []
        print(f"\n{title}")
        self._print(self.columns)

    def row(self, *cells: str) -> None:
        """Add a row. Cells that are left out are empty."""
        row = cells + ("",) * (len(self.columns) - len(cells))
        self.rows.append(row)
        self._print(row)

    def _print(self, row: Sequence[str]) -> None:
        widths = [max(_LEAST_WIDTH, len(column)) for column in self.columns[1:-1]]
        cells = "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:-1], widths, strict=True))
        print(f"  {row[0]:{_FIRST_WIDTH}}{cells}  {row[-1]}".rstrip(), flush=True)

    def markdown(self) -> str:
        """The title and the rows, as GitHub's Markdown."""
        lines = (self.columns, ["---", *["---:"] * (len(self.columns) - 2), "---"], *self.rows)
        return f"{self.title}:\n\n" + "\n".join(f"| {' | '.join(map(_escape, line))} |" for line in lines) + "\n"


class CostTable(Table):
    """Measures, what is wanted of each, and whether that holds. ``cal`` are calibrations of the same run."""

    def __init__(self, title: str) -> None:
        super().__init__(title, "value", "cal", "ratio", "wanted", "holds")

    def cost(
        self,
        measure: str,
        value: float,
        unit: str = "s",
        ratio: float | None = None,
        *,
        most: float | None = None,
        least: float | None = None,
    ) -> None:
        """Add a measure. Its limits are for its ratio; without one for its calibrations, or for its value if that is
        not in seconds.
        """
        calibrations = value / calibration() if unit == "s" else None
        tested, form = value, f"{{}} {unit}"
        if ratio is not None:
            tested, form = ratio, "{}"
        elif calibrations is not None:
            tested, form = calibrations, "{} cal"
        show = format_ratio if ratio is not None else format_number
        wanted, holds = "", ""
        if most is not None:
            wanted, holds = f"at most {form.format(show(most))}", "yes" if tested <= most else "**no**"
        elif least is not None:
            wanted, holds = f"at least {form.format(show(least))}", "yes" if tested >= least else "**no**"
        self.row(
            measure,
            f"{format_number(value)} {unit}".strip(),
            "" if calibrations is None else format_number(calibrations),
            "" if ratio is None else format_ratio(ratio),
            wanted.strip(),
            holds,
        )


def format_number(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def format_ratio(ratio: float) -> str:
    """Per cent, or times."""
    return f"{format_number(100 * ratio)} %" if ratio < 1 else f"{format_number(ratio)}x"


def format_time(seconds: float) -> str:
    """Seconds, and calibrations in brackets."""
    return f"{format_number(seconds)} ({format_number(seconds / calibration())})"


def write_tables(page: Path, part: str, tables: Sequence[Table], measured: str) -> bool:
    """Replace what stands between the markers of a part by its tables and a line that says where they were measured.

    Returns whether the page has such markers. Without tables it stays as it is.

    Raises:
        ValueError: the markers have no end; the page stays as it is.
    """
    text = page.read_text(encoding="utf-8")
    begin = f"<!-- bench: {part} -->\n"
    before, found, rest = text.partition(begin)
    if not found:
        return False
    old, end, after = rest.partition(END)
    if not end or "<!-- bench:" in old:
        raise ValueError(f"{page}: `{begin.strip()}` has no `{END}`")
    if tables:
        block = "\n".join([*(table.markdown() for table in tables), f"{measured}\n"])
        page.write_text(f"{before}{begin}\n{block}\n{end}{after}", encoding="utf-8", newline="\n")
    return True


def _escape(cell: str) -> str:
    return cell.replace("|", "\\|")
