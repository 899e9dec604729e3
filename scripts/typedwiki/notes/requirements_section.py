"""Write the Requirements section of a note: the merged requirements of all Environments on its path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..model import WikiPage
from ..requirements.install import format_package, install_commands
from ..requirements.merge import ChoiceGroup, MergedRequirement, merge_on_path
from ..requirements.model import ECOSYSTEMS, Requirement
from ..text.markdown import code_span, escape
from ..text.tables import pipe_lines
from .note_links import Site, page_link

RANKS = (0, 2)
"""Ranks of page types that have the section: Workflows and Implementations."""


def requirements_section(page: WikiPage, site: Site) -> str:
    """Return the section as Markdown; empty for a page without one."""
    words = site.words
    if site.schema.types[page.page_type].rank not in RANKS:
        return ""
    merged = merge_on_path(page.id, site.graph, site.schema, site.requirements)
    if not merged:
        return ""
    parts = [f"## {words('requirements')} {{#requirements}}"]
    if merged.facts:
        parts += [_heading("fact", site), _table(merged.facts, ("requirement", "asked-for"), page, site)]
    for kind in ECOSYSTEMS:
        packages = [entry for entry in merged.packages if entry.kind == kind]
        if packages:
            parts += [_heading(kind, site), _table(packages, ("package", "versions"), page, site)]
            parts += [_command_block(command) for _, command in install_commands(packages)]
            if kind == "pip":
                parts += [
                    f"<details>\n<summary>{words('with-uv')}</summary>",
                    _command_block(f"uv {install_commands(packages)[0][1]}"),
                    "</details>",
                ]
    if merged.choices:
        parts += [_heading("alternatives", site), *(_choice(group, page, site) for group in merged.choices)]
    if merged.optional:
        parts += [_heading("optional", site), "\n".join(_optional(entry, page, site) for entry in merged.optional)]
    if merged.also:
        lines = []
        for row in merged.also:
            condition = f" *({escape(row.condition or words('optional'))})*" if row.optional else ""
            lines.append(f"- {escape(row.written)}{condition} ({_askers([row], page, site)})")
        parts += [_heading("also", site), "\n".join(lines)]
    parts.append(_details((*(row for entry in merged.entries() for row in entry.rows), *merged.also), page, site))
    return "\n\n".join(filter(None, parts))


def _heading(kind: str, site: Site) -> str:
    return f"### {site.words(f'requirements-{kind}')} {{#requirements-{kind}}}"


def _table(entries: Iterable[MergedRequirement], head: tuple[str, str], page: WikiPage, site: Site) -> str:
    rows = [tuple(map(site.words, (*head, "asked-by"))), *(_row(entry, page, site) for entry in entries)]
    return f"::: {{.tw-requirements}}\n{chr(10).join(pipe_lines(rows))}\n:::"


def _row(entry: MergedRequirement, page: WikiPage, site: Site) -> tuple[str, str, str]:
    name, words = _entry_name(entry), site.words
    if entry.optional:
        name += f" *({escape('; '.join(entry.conditions) or words('optional'))})*"
    if entry.value:
        value = code_span(entry.value) if entry.kind != "fact" else escape(entry.value)
    else:
        value = words("yes" if entry.kind == "fact" else "any-version")
    if entry.marker:
        value += f" {words('if')} {code_span(entry.marker)}"
    if entry.url:
        value = code_span(entry.url)
    if entry.conflict:
        value += f" [{words('conflict')}]{{.tw-conflict}}"
    if entry.kind == "fact" and entry.notes:
        value += f" [{escape('; '.join(entry.notes))}]{{.tw-why}}"
    return _in_cell(name), _in_cell(value), _askers(entry.rows, page, site)


def _entry_name(entry: MergedRequirement) -> str:
    if entry.kind == "fact":
        return escape(entry.name)
    extras = f"[{','.join(entry.extras)}]" if entry.extras else ""
    return code_span(f"{entry.name}{extras}")


def _choice(group: ChoiceGroup, page: WikiPage, site: Site) -> str:
    words = site.words
    lead = words("choose-several" if group.several else "choose-one")
    if group.optional:
        conditions = f" ({escape('; '.join(group.conditions))})" if group.conditions else ""
        lead = f"{words('requirements-optional')}{conditions}: {lead[0].lower()}{lead[1:]}"
    lines = [lead, ""]
    for alternative in group.alternatives:
        names = f" {words('and')} ".join(code_span(_entry_code(entry)) for entry in alternative)
        rows = [row for entry in alternative for row in entry.rows]
        notes = dict.fromkeys(note for entry in alternative for note in entry.notes)
        lines.append(_list_item(f"{names}{_format_notes(notes)} ({_askers(rows, page, site)})", alternative))
    return "\n".join(lines)


def _optional(entry: MergedRequirement, page: WikiPage, site: Site) -> str:
    notes = dict.fromkeys((*entry.conditions, *entry.notes))
    askers = _askers(entry.rows, page, site)
    return _list_item(f"{code_span(_entry_code(entry))}{_format_notes(notes)} ({askers})", [entry])


def _list_item(text: str, packages: Sequence[MergedRequirement]) -> str:
    """Return a list item with the install commands of its packages below it."""
    blocks = [_command_block(command).replace("\n", "\n    ") for _, command in install_commands(packages)]
    return "\n\n    ".join([f"-   {text}", *blocks]) + "\n"


def _entry_code(entry: MergedRequirement) -> str:
    return format_package(entry) if entry.kind != "apt" or not entry.constraint else f"{entry.name} {entry.constraint}"


def _format_notes(texts: Iterable[str]) -> str:
    joined = "; ".join(filter(None, texts))
    return f": {escape(joined)}" if joined else ""


def _command_block(command: str) -> str:
    return f"```bash\n{command}\n```"


def _askers(rows: Iterable[Requirement], page: WikiPage, site: Site) -> str:
    """Return the pages that require this, each once with its lines. A line's text is its tooltip."""
    pages: dict[str, dict[int, str]] = {}
    for row in rows:
        pages.setdefault(row.origin.page, {}).setdefault(row.origin.line, row.origin.text)
    return ", ".join(
        f"{_link(asker, page, site)} {' '.join(_line(line, text, site) for line, text in lines.items())}"
        for asker, lines in pages.items()
    )


def _link(page_id: str, page: WikiPage, site: Site) -> str:
    return page_link(site.graph.pages[page_id], page, site)


def _line(line: int, text: str, site: Site) -> str:
    # A bar would end the table's cell, and braces may be a shortcode to Quarto.
    title = re.sub(r'[\\"{}`\n]', " ", text).replace("|", "·").strip()[:300]
    return f'[{site.words("requirement-line", line=line)}]{{.tw-line title="{title}"}}'


def _details(rows: Iterable[Requirement], page: WikiPage, site: Site) -> str:
    """Return the lines of pages that the section is made from, as a collapsed list."""
    origins = sorted({row.origin for row in rows}, key=lambda o: (o.page, o.line))
    words = site.words
    lines = [
        f"- {_link(o.page, page, site)} {words('requirement-line', line=o.line)}: {escape(o.text)}" for o in origins
    ]
    return "\n\n".join([f"<details>\n<summary>{words('pages-say')}</summary>", "\n".join(lines), "</details>"])


def _in_cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", text)
