"""The Requirements section of a note: what every Environment on its path asks for, put together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..model import Graph, WikiPage
from ..schema import Schema
from ..text.markdown import code_span, escape
from ..text.tables import pipe_lines
from .install import commands, word
from .merge import ChoiceGroup, MergedRequirement, environments_on_path, merge
from .model import ECOSYSTEMS, TITLES, Requirement

RANKS = (0, 2)
"""Workflows and Implementations have the section; an Environment's own page says it all."""
Link = Callable[[str], str]
"""A Markdown link to a page, by its id."""


def requirements_section(
    page: WikiPage, graph: Graph, schema: Schema, asked: Mapping[str, Sequence[Requirement]], link: Link
) -> str:
    """The section as Markdown, or nothing. ``asked`` holds the requirements of each Environment by id."""
    if schema.types[page.page_type].rank not in RANKS:
        return ""
    environments = environments_on_path(page.id, graph, schema)
    merged = merge([row for environment in environments for row in asked.get(environment, ())])
    if not merged:
        return ""
    parts = ["## Requirements {#requirements}"]
    if merged.facts:
        parts += [_heading("fact"), _table(merged.facts, ("Requirement", "Asked for"), link)]
    for kind in ECOSYSTEMS:
        packages = [one for one in merged.packages if one.kind == kind]
        if packages:
            parts += [_heading(kind), _table(packages, ("Package", "Versions"), link)]
            parts += [_block(command) for _, command in commands(packages)]
            if kind == "pip":
                parts += [
                    "<details>\n<summary>With uv</summary>",
                    _block(f"uv {commands(packages)[0][1]}"),
                    "</details>",
                ]
    if merged.choices:
        parts.append("### Alternatives {#requirements-alternatives}")
        parts += [_choice(group, link) for group in merged.choices]
    if merged.optional:
        parts += ["### Optional {#requirements-optional}", "\n".join(_optional(one, link) for one in merged.optional)]
    if merged.also:
        lines = [f"- {_text(row)} ({_asked_by([row], link)})" for row in merged.also]
        parts += ["### Also {#requirements-also}", "\n".join(lines)]
    parts.append(_details((*(row for one in merged.entries() for row in one.rows), *merged.also), link))
    return "\n\n".join(filter(None, parts))


def _heading(kind: str) -> str:
    title = next(name for known, name in TITLES.items() if known == kind)
    return f"### {title} {{#requirements-{kind}}}"


def _table(entries: Iterable[MergedRequirement], head: tuple[str, str], link: Link) -> str:
    rows = [(*head, "Asked by"), *(_row(one, link) for one in entries)]
    return f"::: {{.tw-requirements}}\n{chr(10).join(pipe_lines(rows))}\n:::"


def _row(one: MergedRequirement, link: Link) -> tuple[str, str, str]:
    name = _named(one)
    if one.optional:
        name += f" *({escape('; '.join(one.conditions) or 'optional')})*"
    value = (code_span(one.value) if one.kind != "fact" else escape(one.value)) if one.value else "any"
    if one.kind == "fact" and not one.value:
        value = "yes"
    if one.marker:
        value += f" if {code_span(one.marker)}"
    if one.url:
        value = code_span(one.url)
    if one.conflict:
        value += " [conflict]{.tw-conflict}"
    if one.kind == "fact" and one.notes:
        value += f" [{escape('; '.join(one.notes))}]{{.tw-why}}"
    return _in_cell(name), _in_cell(value), _asked_by(one.rows, link)


def _named(one: MergedRequirement) -> str:
    if one.kind == "fact":
        return escape(one.name)
    extras = f"[{','.join(one.extras)}]" if one.extras else ""
    return code_span(f"{one.name}{extras}")


def _choice(group: ChoiceGroup, link: Link) -> str:
    lead = "Choose one or more:" if group.several else "Choose one:"
    if group.optional:
        conditions = f" ({escape('; '.join(group.conditions))})" if group.conditions else ""
        lead = f"Optional{conditions}: {lead[0].lower()}{lead[1:]}"
    lines = [lead, ""]
    for alternative in group.alternatives:
        names = " and ".join(code_span(_shown(one)) for one in alternative)
        rows = [row for one in alternative for row in one.rows]
        about = dict.fromkeys(note for one in alternative for note in one.notes)
        lines.append(_entry(f"{names}{_about(about)} ({_asked_by(rows, link)})", alternative))
    return "\n".join(lines)


def _optional(one: MergedRequirement, link: Link) -> str:
    about = dict.fromkeys((*one.conditions, *one.notes))
    return _entry(f"{code_span(_shown(one))}{_about(about)} ({_asked_by(one.rows, link)})", [one])


def _entry(text: str, packages: Sequence[MergedRequirement]) -> str:
    """A list item with the commands of its packages below it."""
    blocks = [_block(command).replace("\n", "\n    ") for _, command in commands(packages)]
    return "\n\n    ".join([f"-   {text}", *blocks]) + "\n"


def _shown(one: MergedRequirement) -> str:
    return word(one) if one.kind != "apt" or not one.constraint else f"{one.name} {one.constraint}"


def _about(texts: Iterable[str]) -> str:
    said = "; ".join(filter(None, texts))
    return f": {escape(said)}" if said else ""


def _text(row: Requirement) -> str:
    condition = f" *({escape(row.condition or 'optional')})*" if row.optional else ""
    return f"{escape(row.written)}{condition}"


def _block(command: str) -> str:
    return f"```bash\n{command}\n```"


def _asked_by(rows: Iterable[Requirement], link: Link) -> str:
    """The pages that ask, each once with its lines; pointing at a line shows what it says."""
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
    """Every line that the section was read from."""
    origins = sorted({row.origin for row in rows}, key=lambda o: (o.page, o.line))
    lines = [f"- {link(o.page)} line {o.line}: {escape(o.text)}" for o in origins]
    return "\n\n".join(["<details>\n<summary>What the pages say</summary>", "\n".join(lines), "</details>"])


def _in_cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", text)
