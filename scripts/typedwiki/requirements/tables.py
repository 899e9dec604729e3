"""Tables of packages, which have a column for them, and tables of facts, which have a label and a value."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from ..regex import regex
from . import commands
from .blocks import Table
from .found import Found, Line
from .headings import Context
from .inherited import inherit
from .inline import plain
from .items import fact_row, read_item
from .model import Kind, Origin, Remark, Requirement

_PACKAGE = regex(
    r"(?P<kind>(?:python|pip|pypi|npm|node(?:\.?js)?|conda|apt|debian|ubuntu|system|rust|cargo|docker)\s+)?"
    r"(?:packages?|modules?|librar(?:y|ies)|dependenc(?:y|ies)|crates?|images?)(?: names?)?|pypi names?",
    re.I,
)
_VERSION = regex(
    r"(?:(?:min(?:imum|\.)?|required|supported|version) )?(?:versions?|constraints?|specifiers?"
    r"|minimum)(?: constraints?| required)?",
    re.I,
)
_INSTALL = regex(r"install(?:ation)?(?: (?:command|via|with))?|command", re.I)
_REQUIRED = regex(r"required\??|mandatory\??|needed\??", re.I)
_OPTIONAL = regex(r"optional\??", re.I)
_CONDITION = regex(r"when(?: needed)?|conditions?|(?:only )?(?:needed|required) (?:for|if|when)|only (?:for|if)", re.I)
_ECOSYSTEM = regex(r"ecosystem|(?:package )?manager|registry|installer", re.I)
_YES = regex(r"(?:yes|y|true|required|always|x|✓|✔|✅|mandatory)\b|[✓✔✅]", re.I)
_NO = regex(r"(?:no|n|false|optional|recommended)\b|[✗✘❌]", re.I)
_SOFTWARE = regex(r"(?:python |pip |required |core )*(?:packages?|librar(?:y|ies)|dependenc(?:y|ies)|modules?)", re.I)
_KINDS: dict[str, Kind] = {
    "python": "pip", "pip": "pip", "pypi": "pip", "npm": "npm", "node": "npm", "nodejs": "npm",
    "node.js": "npm", "conda": "conda",
    "apt": "apt", "debian": "apt", "ubuntu": "apt", "system": "apt", "rust": "cargo",
    "cargo": "cargo", "docker": "docker",
    "crate": "cargo", "crates.io": "cargo", "image": "docker", "apt-get": "apt", "uv": "pip",
}  # fmt: skip
Reader = Callable[[str, str], Line]
"""Makes a line of a cell's Markdown and the text of its row."""


def read_table(table: Table, context: Context, found: Found, place: str, tools: dict[str, Kind], line: Reader) -> None:
    """Read the rows of a table."""
    head = [plain(line(cell, "").text).strip(" :?") for cell in table.head]
    column = _package_column(head, context)
    if column is not None and (
        context.wanted or _column(head, _VERSION) is not None or _column(head, _INSTALL) is not None
    ):
        for number, row in enumerate(table.rows):
            _package_row(head, row, column, context, found, f"{place}.{number}", tools, line)
    elif context.wanted:
        for number, row in enumerate(table.rows):
            _fact_row(row, context, found, f"{place}.{number}", tools, line)


def _package_column(head: list[str], context: Context) -> int | None:
    found = _column(head, _PACKAGE)
    if found is None and context.explicit and context.ecosystem and _column(head, _VERSION) is not None:
        return _column(head, re.compile(r"names?", re.I))
    return found


def _column(head: list[str], pattern: re.Pattern[str]) -> int | None:
    return next((i for i, cell in enumerate(head) if pattern.fullmatch(cell)), None)


def _package_row(
    head: list[str],
    row: list[str],
    column: int,
    context: Context,
    found: Found,
    place: str,
    tools: dict[str, Kind],
    line: Reader,
) -> None:
    if len(row) <= column or not row[column].strip():
        return
    here = line(row[column], " | ".join(row))

    def cell(pattern: re.Pattern[str]) -> str:
        number = _column(head, pattern)
        return line(row[number], "").text if number is not None and number < len(row) else ""

    install = cell(_INSTALL)
    context = replace(
        context, wanted=True, explicit=True, ecosystem=_ecosystem(head[column], cell(_ECOSYSTEM), install, context)
    )
    required, optional = plain(cell(_REQUIRED)), plain(cell(_OPTIONAL))
    if _NO.match(required) or _YES.match(optional):
        context = replace(context, optional=True)
    elif _YES.match(required):
        context = replace(context, required=True)
    if (when := plain(cell(_CONDITION))) and not re.match(r"always|[-–—]?$|all\b", when, re.I):
        context = replace(context, optional=True, condition=when)
    notes = _notes(head, row, column, line)
    if any(re.match(r"\W*optional\b", note, re.I) for note in notes):
        context = replace(context, optional=True)
    version = plain(cell(_VERSION)).strip()
    before = len(found.rows)
    text = here.text
    if context.ecosystem and "`" not in text and re.fullmatch(r"[@\w./:-]+(?:\[[\w,. -]*\])?", text):
        text = f"`{text}`"  # the column says that it is a package
    if version and not re.fullmatch(r"any|latest|\*|[-–—]|n/?a|all", version, re.I):
        text = f"{text} {version}"
    if inherit(here, context, found):
        return
    read_item(replace(here, text=text), context, found, place, tools)
    rows = found.rows[before:]
    asked = [
        one
        for code in re.findall(r"`([^`]+)`", install) or [install]
        for one in commands.of_line(code, here.origin, context)
    ]
    found.rows[before:] = [_with_notes(one, notes, asked) for one in rows]
    names = {one.name for one in rows}
    for other in asked:
        if rows and other.name not in names:
            message = f"the column for packages names {', '.join(sorted(names))}, the install command `{other.name}`"
            found.disagreements.append(Remark(here.origin, message, "say the same in both columns"))


def _ecosystem(column: str, said: str, install: str, context: Context) -> Kind | None:
    kind = _PACKAGE.fullmatch(column)
    words = [plain(said), (kind["kind"] or "") if kind else "", re.sub(r"s$", "", column)]
    for word in words:
        if known := _KINDS.get(word.strip().casefold()):
            return known
    tools = {
        one.kind
        for code in re.findall(r"`([^`]+)`", install) or [install]
        for one in commands.of_line(code, Origin("", 0, ""), context)
    }
    if len(tools) == 1:
        return tools.pop()
    if re.search(r"\w", said):
        return None  # an ecosystem that is not known
    return context.ecosystem or (None if context.system and context.wanted else "pip")


def _with_notes(row: Requirement, notes: list[str], asked: list[Requirement]) -> Requirement:
    if row.kind in ("fact", "prose"):
        return replace(row, note="; ".join(filter(None, (row.note, *notes))))
    for other in asked:
        if (other.kind, other.name) == (row.kind, row.name):
            row = replace(
                row,
                extras=tuple(sorted({*row.extras, *other.extras})),
                specifier=row.specifier if len(row.specifier) else other.specifier,
                constraint=row.constraint or other.constraint,
                url=row.url or other.url,
            )
    note = "; ".join(filter(None, (row.note, *notes)))
    return replace(row, note="" if row.condition and row.condition == note else note)


def _notes(head: list[str], row: list[str], column: int, line: Reader) -> list[str]:
    """The cells of a row that only describe."""
    spoken = (_VERSION, _INSTALL, _REQUIRED, _OPTIONAL, _CONDITION, _ECOSYSTEM)
    return [
        plain(line(cell, "").text)
        for i, cell in enumerate(row)
        if i != column
        and cell.strip()
        and not (i < len(head) and any(pattern.fullmatch(head[i]) for pattern in spoken))
    ]


def _fact_row(row: list[str], context: Context, found: Found, place: str, tools: dict[str, Kind], line: Reader) -> None:
    """A row of a label, a value and notes."""
    cells = [line(cell, " | ".join(row)) for cell in row]
    filled = [cell for cell in cells if cell.text]
    if not filled:
        return
    label = plain(cells[0].text).strip(" :")
    if len(filled) == 1 or len(cells) < 2:
        if len(cells) == 1:
            read_item(cells[0], replace(context, ecosystem=None), found, place, tools)
        return
    value, notes = cells[1], [plain(cell.text) for cell in cells[2:] if cell.text]
    if not value.text or re.fullmatch(
        r"(?:none|nothing|no|not)(?: (?:required|needed|necessary))?|n/?a|[-–—]", plain(value.text).strip(" ."), re.I
    ):
        return
    bare = re.sub(r"(?<!\s)\s*\(optional\)", "", label, flags=re.I)
    if inherit(value, context, found, bare):
        return
    if _SOFTWARE.fullmatch(bare):
        read_item(value, context.below(bare, place), found, place, tools)
        return
    if any(re.match(r"\W*optional\b", note, re.I) for note in notes):
        context = replace(context, optional=True)
    fact_row(label, plain(value.text), value.origin, context, found, "; ".join(notes))
