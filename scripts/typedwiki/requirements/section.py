"""Write the Requirements section of a note: the merged requirements of all Environments on its path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..model import Graph, WikiPage
from ..schema import Schema
from ..text.markdown import code_span, escape
from ..text.tables import pipe_lines
from .install import format_package, install_commands
from .merge import ChoiceGroup, MergedRequirement, environments_on_path, merge
from .model import ECOSYSTEMS, TITLES, Kind, Requirement

RANKS = (0, 2)
"""Ranks of page types that have the section: Workflows and Implementations."""
Link = Callable[[str], str]
"""A Markdown link to a page, by its id."""


def requirements_section(
    page: WikiPage, graph: Graph, schema: Schema, requirements: Mapping[str, Sequence[Requirement]], link: Link
) -> str:
    """Return the section as Markdown, or an empty text. ``requirements`` are those of each Environment by id."""
    if schema.types[page.page_type].rank not in RANKS:
        return ""
    environments = environments_on_path(page.id, graph, schema)
    merged = merge([row for environment in environments for row in requirements.get(environment, ())])
    if not merged:
        return ""
    parts = ["## Requirements {#requirements}"]
    if merged.facts:
        parts += [_heading("fact"), _table(merged.facts, ("Requirement", "Asked for"), link)]
    for kind in ECOSYSTEMS:
        packages = [entry for entry in merged.packages if entry.kind == kind]
        if packages:
            parts += [_heading(kind), _table(packages, ("Package", "Versions"), link)]
            parts += [_command_block(command) for _, command in install_commands(packages)]
            if kind == "pip":
                parts += [
                    "<details>\n<summary>With uv</summary>",
                    _command_block(f"uv {install_commands(packages)[0][1]}"),
                    "</details>",
                ]
    if merged.choices:
        parts.append("### Alternatives {#requirements-alternatives}")
        parts += [_choice(group, link) for group in merged.choices]
    if merged.optional:
        parts += [
            "### Optional {#requirements-optional}",
            "\n".join(_optional(entry, link) for entry in merged.optional),
        ]
    if merged.also:
        lines = [f"- {_row_text(row)} ({_asked_by([row], link)})" for row in merged.also]
        parts += ["### Also {#requirements-also}", "\n".join(lines)]
    parts.append(_details((*(row for entry in merged.entries() for row in entry.rows), *merged.also), link))
    return "\n\n".join(filter(None, parts))


def _heading(kind: Kind) -> str:
    return f"### {TITLES[kind]} {{#requirements-{kind}}}"


def _table(entries: Iterable[MergedRequirement], head: tuple[str, str], link: Link) -> str:
    rows = [(*head, "Asked by"), *(_row(entry, link) for entry in entries)]
    return f"::: {{.tw-requirements}}\n{chr(10).join(pipe_lines(rows))}\n:::"


def _row(entry: MergedRequirement, link: Link) -> tuple[str, str, str]:
    name = _entry_name(entry)
    if entry.optional:
        name += f" *({escape('; '.join(entry.conditions) or 'optional')})*"
    value = (code_span(entry.value) if entry.kind != "fact" else escape(entry.value)) if entry.value else "any"
    if entry.kind == "fact" and not entry.value:
        value = "yes"
    if entry.marker:
        value += f" if {code_span(entry.marker)}"
    if entry.url:
        value = code_span(entry.url)
    if entry.conflict:
        value += " [conflict]{.tw-conflict}"
    if entry.kind == "fact" and entry.notes:
        value += f" [{escape('; '.join(entry.notes))}]{{.tw-why}}"
    return _in_cell(name), _in_cell(value), _asked_by(entry.rows, link)


def _entry_name(entry: MergedRequirement) -> str:
    if entry.kind == "fact":
        return escape(entry.name)
    extras = f"[{','.join(entry.extras)}]" if entry.extras else ""
    return code_span(f"{entry.name}{extras}")


def _choice(group: ChoiceGroup, link: Link) -> str:
    lead = "Choose one or more:" if group.several else "Choose one:"
    if group.optional:
        conditions = f" ({escape('; '.join(group.conditions))})" if group.conditions else ""
        lead = f"Optional{conditions}: {lead[0].lower()}{lead[1:]}"
    lines = [lead, ""]
    for alternative in group.alternatives:
        names = " and ".join(code_span(_entry_code(entry)) for entry in alternative)
        rows = [row for entry in alternative for row in entry.rows]
        notes = dict.fromkeys(note for entry in alternative for note in entry.notes)
        lines.append(_list_item(f"{names}{_format_notes(notes)} ({_asked_by(rows, link)})", alternative))
    return "\n".join(lines)


def _optional(entry: MergedRequirement, link: Link) -> str:
    notes = dict.fromkeys((*entry.conditions, *entry.notes))
    return _list_item(f"{code_span(_entry_code(entry))}{_format_notes(notes)} ({_asked_by(entry.rows, link)})", [entry])


def _list_item(text: str, packages: Sequence[MergedRequirement]) -> str:
    """Return a list item with the install commands of its packages below it."""
    blocks = [_command_block(command).replace("\n", "\n    ") for _, command in install_commands(packages)]
    return "\n\n    ".join([f"-   {text}", *blocks]) + "\n"


def _entry_code(entry: MergedRequirement) -> str:
    return format_package(entry) if entry.kind != "apt" or not entry.constraint else f"{entry.name} {entry.constraint}"


def _format_notes(texts: Iterable[str]) -> str:
    joined = "; ".join(filter(None, texts))
    return f": {escape(joined)}" if joined else ""


def _row_text(row: Requirement) -> str:
    condition = f" *({escape(row.condition or 'optional')})*" if row.optional else ""
    return f"{escape(row.written)}{condition}"


def _command_block(command: str) -> str:
    return f"```bash\n{command}\n```"


def _asked_by(rows: Iterable[Requirement], link: Link) -> str:
    """Return the pages that ask, each once with its lines. A line's text is shown when the pointer rests on it."""
    pages: dict[str, dict[int, str]] = {}
    for row in rows:
        pages.setdefault(row.origin.page, {}).setdefault(row.origin.line, row.origin.text)
    return ", ".join(
        f"{link(page)} {' '.join(_line(line, text) for line, text in lines.items())}" for page, lines in pages.items()
    )


def _line(line: int, text: str) -> str:
    # A bar would end the table's cell, and braces may be a shortcode to Quarto.
    title = re.sub(r'[\\"{}`\n]', " ", text).replace("|", "·").strip()[:300]
    return f'[line {line}]{{.tw-line title="{title}"}}'


def _details(rows: Iterable[Requirement], link: Link) -> str:
    """Return the lines of pages that the section is made from, as a collapsed list."""
    origins = sorted({row.origin for row in rows}, key=lambda o: (o.page, o.line))
    lines = [f"- {link(o.page)} line {o.line}: {escape(o.text)}" for o in origins]
    return "\n\n".join(["<details>\n<summary>What the pages say</summary>", "\n".join(lines), "</details>"])


def _in_cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", text)
