"""The Requirements section of a note: what every Environment on its path asks for, merged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..model import Graph, WikiPage
from ..schema import Schema
from ..text.markdown import code_span, escape
from ..text.tables import pipe_lines
from .requirements import environments_on_path
from .versions import Merged, Requirement, install_command, merge, shown

RANKS = (0, 2)
"""Workflows and Implementations have the section; an Environment's own page says it all."""


def requirements_section(
    page: WikiPage, graph: Graph, schema: Schema, asked: Mapping[str, Sequence[Requirement]], link: Callable[[str], str]
) -> str:
    """The section as Markdown, or nothing. ``asked`` holds the requirements of each Environment by
    id, and ``link`` names one.
    """
    if schema.types[page.page_type].rank not in RANKS:
        return ""
    environments = environments_on_path(page.id, graph, schema)
    merged = merge([r for environment in environments for r in asked.get(environment, ())])
    if not merged:
        return ""
    links = {environment: link(environment) for environment in environments}
    head = ("Requirement", "Versions", "Asked by")
    table = "\n".join(pipe_lines([head, *(_row(one, links) for one in merged)]))
    command = install_command(merged)
    install = f"```bash\n{command}\n```" if command else ""
    return "\n\n".join(filter(None, ("## Requirements {#requirements}", table, install)))


def _row(merged: Merged, links: Mapping[str, str]) -> tuple[str, str, str]:
    name = code_span(merged.name) if merged.kind == "package" else escape(merged.name)
    optional = " *(optional)*" if merged.optional else ""
    said = dict.fromkeys(r.written for r in merged.requirements if r.specifier is None and r.written != merged.name)
    versions = code_span(shown(merged.specifier)) if len(merged.specifier) else escape("; ".join(said)) or "any"
    mark = " [conflict]{.tw-conflict}" if merged.conflict else ""
    by = ", ".join(dict.fromkeys(links[r.environment] for r in merged.requirements))
    return name + optional, versions.replace("|", "\\|") + mark, by
