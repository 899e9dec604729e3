"""Read tables of packages, which have a column of packages, and tables of facts: a label and a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec.structs import replace

from ..regex import regex
from . import shell
from .blocks import Table, strip_code
from .items import collect_fact, read_item
from .model import Collected, Kind, Line, Origin, Remark, Requirement
from .phrases import Context, read_inheritance

_PACKAGE = regex(
    r"(?P<kind>(?:python|pip|pypi|npm|node(?:\.?js)?|conda|apt|debian|ubuntu|system|rust|cargo|docker)\s+)?"
    r"(?:packages?|modules?|librar(?:y|ies)|dependenc(?:y|ies)|crates?|images?)(?: names?)?|pypi names?",
    re.I,
)
_NAME = regex(r"names?", re.I)
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
ToLine = Callable[[str, str], Line]
"""Turns a cell's Markdown and the text of its row into a line."""


def read_table(table: Table, context: Context, collected: Collected, place: str, to_line: ToLine) -> None:
    """Add what the rows of a table require to ``collected``."""
    head = [strip_code(to_line(cell, "").text).strip(" :?") for cell in table.head]
    column = _package_column(head, context)
    if column is not None and (
        context.relevant or _column(head, _VERSION) is not None or _column(head, _INSTALL) is not None
    ):
        for index, row in enumerate(table.rows):
            _read_package_row(head, row, column, context, collected, f"{place}.{index}", to_line)
    elif context.relevant:
        for index, row in enumerate(table.rows):
            _read_fact_row(row, context, collected, f"{place}.{index}", to_line)


def _package_column(head: list[str], context: Context) -> int | None:
    column = _column(head, _PACKAGE)
    if column is None and context.explicit and context.ecosystem and _column(head, _VERSION) is not None:
        return _column(head, _NAME)
    return column


def _column(head: list[str], pattern: re.Pattern[str]) -> int | None:
    return next((i for i, cell in enumerate(head) if pattern.fullmatch(cell)), None)


def _read_package_row(
    head: list[str],
    row: list[str],
    column: int,
    context: Context,
    collected: Collected,
    place: str,
    to_line: ToLine,
) -> None:
    if len(row) <= column or not row[column].strip():
        return
    name_line = to_line(row[column], " | ".join(row))

    def cell(pattern: re.Pattern[str]) -> str:
        number = _column(head, pattern)
        return to_line(row[number], "").text if number is not None and number < len(row) else ""

    install = cell(_INSTALL)
    context = replace(
        context, relevant=True, explicit=True, ecosystem=_ecosystem(head[column], cell(_ECOSYSTEM), install, context)
    )
    required, optional = strip_code(cell(_REQUIRED)), strip_code(cell(_OPTIONAL))
    if _NO.match(required) or _YES.match(optional):
        context = replace(context, optional=True)
    elif _YES.match(required):
        context = replace(context, required=True)
    if (condition := strip_code(cell(_CONDITION))) and not re.match(r"always|[-–—]?$|all\b", condition, re.I):
        context = replace(context, optional=True, condition=condition)
    notes = _notes(head, row, column, to_line)
    if any(re.match(r"\W*optional\b", note, re.I) for note in notes):
        context = replace(context, optional=True)
    version = strip_code(cell(_VERSION)).strip()
    row_count = len(collected.rows)
    text = name_line.text
    if context.ecosystem and "`" not in text and re.fullmatch(r"[@\w./:-]+(?:\[[\w,. -]*\])?", text):
        text = f"`{text}`"  # in this column it must be a package
    if version and not re.fullmatch(r"any|latest|\*|[-–—]|n/?a|all", version, re.I):
        text = f"{text} {version}"
    if read_inheritance(name_line, context, collected):
        return
    read_item(replace(name_line, text=text), context, collected, place)
    rows = collected.rows[row_count:]
    installed = list(_installed_packages(install, name_line.origin, context))
    collected.rows[row_count:] = [_with_notes(requirement, notes, installed) for requirement in rows]
    names = {requirement.name for requirement in rows}
    for extra in installed:
        if rows and extra.name not in names:
            message = f"the column for packages names {', '.join(sorted(names))}, the install command `{extra.name}`"
            collected.disagreements.append(Remark(name_line.origin, message, "say the same in both columns"))


def _ecosystem(column: str, ecosystem_text: str, install: str, context: Context) -> Kind | None:
    package_match = _PACKAGE.fullmatch(column)
    candidates = [
        strip_code(ecosystem_text),
        (package_match["kind"] or "") if package_match else "",
        re.sub(r"s$", "", column),
    ]
    for word in candidates:
        if ecosystem := _KINDS.get(word.strip().casefold()):
            return ecosystem
    kinds = {package.kind for package in _installed_packages(install, Origin("", 0, ""), context)}
    if len(kinds) == 1:
        return kinds.pop()
    if re.search(r"\w", ecosystem_text):
        return None  # an unknown ecosystem
    return context.ecosystem or (None if context.system and context.relevant else "pip")


def _installed_packages(install: str, origin: Origin, context: Context) -> Iterator[Requirement]:
    """Yield the packages that a cell with an install command installs."""
    for code in re.findall(r"`([^`]+)`", install) or [install]:
        yield from shell.read_shell_line(code, origin, context)


def _with_notes(row: Requirement, notes: list[str], installed: list[Requirement]) -> Requirement:
    if row.kind in ("fact", "prose"):
        return replace(row, note="; ".join(filter(None, (row.note, *notes))))
    for command_row in installed:
        if (command_row.kind, command_row.name) == (row.kind, row.name):
            row = replace(
                row,
                extras=tuple(sorted({*row.extras, *command_row.extras})),
                specifier=row.specifier if len(row.specifier) else command_row.specifier,
                constraint=row.constraint or command_row.constraint,
                url=row.url or command_row.url,
            )
    note = "; ".join(filter(None, (row.note, *notes)))
    return replace(row, note="" if row.condition and row.condition == note else note)


def _notes(head: list[str], row: list[str], column: int, to_line: ToLine) -> list[str]:
    """Return the cells of a row that only describe the package."""
    other_columns = (_VERSION, _INSTALL, _REQUIRED, _OPTIONAL, _CONDITION, _ECOSYSTEM)
    return [
        strip_code(to_line(cell, "").text)
        for i, cell in enumerate(row)
        if i != column
        and cell.strip()
        and not (i < len(head) and any(pattern.fullmatch(head[i]) for pattern in other_columns))
    ]


def _read_fact_row(row: list[str], context: Context, collected: Collected, place: str, to_line: ToLine) -> None:
    """Read a row of a label, a value and notes."""
    lines = [to_line(line, " | ".join(row)) for line in row]
    filled = [line for line in lines if line.text]
    if not filled:
        return
    label = strip_code(lines[0].text).strip(" :")
    if len(filled) == 1 or len(lines) < 2:
        if len(lines) == 1:
            read_item(lines[0], replace(context, ecosystem=None), collected, place)
        return
    value, notes = lines[1], [strip_code(line.text) for line in lines[2:] if line.text]
    if not value.text or re.fullmatch(
        r"(?:none|nothing|no|not)(?: (?:required|needed|necessary))?|n/?a|[-–—]",
        strip_code(value.text).strip(" ."),
        re.I,
    ):
        return
    label_text = re.sub(r"(?<!\s)\s*\(optional\)", "", label, flags=re.I)
    if read_inheritance(value, context, collected, label_text):
        return
    if _SOFTWARE.fullmatch(label_text):
        read_item(value, context.below(label_text, place), collected, place)
        return
    if any(re.match(r"\W*optional\b", note, re.I) for note in notes):
        context = replace(context, optional=True)
    collect_fact(label, strip_code(value.text), value.origin, context, collected, "; ".join(notes))
