"""A resolved page to the text of its note."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from urllib.parse import quote

from .anchors import with_anchors
from .graph import neighbourhood_html
from .inline import safe_url
from .linking import Site, attached, marked, page_link, relative, written_link
from .locations import link_locations
from .markdown import category, escape, escape_smart
from .model import Edge, Found, WikiPage
from .needs import requirements_section
from .resolve import MENTIONS
from .schema import Schema
from .sections import CODE_BLOCK

READER = (
    "markdown-citations-smart-fancy_lists-example_lists-superscript-subscript-line_blocks"
    "-definition_lists-raw_tex-latex_macros"
)
"""Pandoc's reader for generated notes: without the syntax that wikis do not have."""
WORDS_A_MINUTE = 200
CODE_LINES_A_MINUTE = 20


def minutes(page: WikiPage) -> int:
    """Minutes to read a page: 200 words of prose, or 20 lines of code, a minute; at least one."""
    code = "".join(match[0] for match in CODE_BLOCK.finditer(page.content))
    words = len((page.lead + CODE_BLOCK.sub("", page.content)).split())
    return max(1, round(words / WORDS_A_MINUTE + code.count("\n") / CODE_LINES_A_MINUTE))


def note(page: WikiPage, site: Site) -> str:
    """The whole .qmd of a page."""
    body = [_front_matter(page), _strip(page, site)]
    if page.lead:
        body.append(f"::: {{.tw-lead}}\n{marked(link_locations(page.lead, page, site.files), page, site)}\n:::")
    if page.content:
        content = link_locations(page.content, page, site.files)
        body.append(marked(with_anchors(content), page, site))
    body.append(
        requirements_section(
            page,
            site.graph,
            site.schema,
            site.requirements,
            lambda environment: page_link(site.graph.pages[environment], page, site),
        )
    )
    body += [_connections(page, site), _sources(page, site)]
    return "\n\n".join(part for part in body if part) + "\n"


def _front_matter(page: WikiPage) -> str:
    lines = ["---", f"title: {_yaml(escape_smart(page.page_title))}"]
    if page.overview:
        lines.append(f"description-meta: {_yaml(escape_smart(page.overview[:300]))}")
    if page.last_updated:
        lines.append(f"date-modified: {page.last_updated.isoformat()}")
    if page.domains:
        lines.append(f"categories: [{', '.join(_yaml(category(d)) for d in page.domains)}]")
    return "\n".join([*lines, "---"])


def _yaml(text: str) -> str:
    """A JSON string is a YAML string, whatever the text holds."""
    clean = re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", " ", text)
    return json.dumps(clean, ensure_ascii=False)


def _strip(page: WikiPage, site: Site) -> str:
    page_type = site.schema.types[page.page_type]
    parts = [f"[{escape(page_type.name)}]{{.tw-badge .tw-{page_type.slug}}}"]
    if page.namespace:
        parts.append(f"[{escape(page.namespace)}]{{.tw-namespace}}")
    parts.append(f"[{minutes(page)} min read]{{.tw-minutes}}")
    if count := site.problems.get(page.path, 0):
        anchor = site.names[page.id].replace("/", "-").lower()
        many = "problem" if count == 1 else "problems"
        parts.append(f"[{count} {many}](../wiki/audit.qmd#{anchor}){{.tw-problems}}")
    if site.edit_url and not PurePosixPath(page.path).is_absolute():
        parts.append(f"[Edit source](<{site.edit_url}{quote(page.path)}>){{.tw-edit}}")
    return f"::: {{.tw-strip}}\n{' '.join(parts)}\n:::"


def _connections(page: WikiPage, site: Site) -> str:
    groups = _groups(page, site)
    said = marked(page.connections_text, page, site)
    if not groups:
        said = said or "No other page is connected with this one yet."
        return f"## Connections {{#connections}}\n\n{said}"
    listed = []
    for (label, ordered), items in groups.items():
        listed.append(f"[{escape(label)}]{{.tw-edge}}\n")
        listed += [f"{'1. ' if ordered else '- '} {item}" for item in dict.fromkeys(items)]
        listed.append("")
    fragment = neighbourhood_html(
        page.id,
        site.graph,
        site.schema,
        lambda other: f"{relative(site.names[other], site.names[page.id])}.html",
        "../assets/",
    )
    drawn = f"```{{=html}}\n{fragment}\n```\n" if fragment else ""
    edges = "\n".join(listed).strip()
    shown = f":::: {{.tw-connections}}\n::: {{.tw-edges}}\n{edges}\n:::\n{drawn}::::"
    return "\n\n".join(part for part in ("## Connections {#connections}", shown, said) if part)


def _groups(page: WikiPage, site: Site) -> dict[tuple[str, bool], list[str]]:
    """The page's edges in both directions, and what it wants but is missing, by label."""
    groups: dict[tuple[str, bool], list[str]] = {}

    def add(name: str, backwards: bool, item: str) -> None:
        groups.setdefault(_label(name, backwards, site.schema), []).append(item)

    def items(edges: tuple[Edge, ...], backwards: bool) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for edge in edges:
            other = site.graph.pages[edge.source if backwards else edge.target]
            found.setdefault(edge.type, []).append(page_link(other, page, site))
        return found

    outgoing = items(site.graph.outgoing.get(page.id, ()), False)
    incoming = items(site.graph.incoming.get(page.id, ()), True)
    for link, resolution in zip(page.outgoing_links, site.graph.resolutions[page.id], strict=True):
        if not isinstance(resolution, Found) and not (link.is_path and attached(link.target, page, site)):
            reading = site.schema.orientations(link.edge or "")
            name = reading[0].edge.name if reading else link.edge or MENTIONS
            outgoing.setdefault(name, []).append(written_link(link, resolution, page, site))
    order = [*site.schema.edges, *sorted({*outgoing, *incoming} - {*site.schema.edges, MENTIONS}), MENTIONS]
    for name in order:
        for item in outgoing.get(name, ()):
            add(name, False, item)
        # Backlinks stand in the order of their titles: whoever adds one disturbs nothing else.
        for item in sorted(incoming.get(name, ())):
            add(name, True, item)
    return groups


def _label(name: str, backwards: bool, schema: Schema) -> tuple[str, bool]:
    if known := schema.edges.get(name):
        return (known.inverse_label if backwards else known.label), known.ordered and not backwards
    if name == MENTIONS:
        return ("Mentioned in" if backwards else "Mentions"), False
    words = name.replace("_", " ").capitalize()
    return (f"{words} (from)" if backwards else words), False


def _sources(page: WikiPage, site: Site) -> str:
    lines = [
        f"- [{escape(s.type)}]{{.tw-source-type}} "
        + (f"[{escape(s.title)}](<{safe_url(s.url)}>)" if re.match(r"(?:https?|ftp)://", s.url) else escape(s.title))
        for s in page.sources
        if not s.url or s.url not in page.sources_text
    ]
    own = marked(page.sources_text, page, site)
    listed = "\n".join(lines)
    body = "\n\n".join(part for part in (listed, own) if part)
    return f"## Sources {{#sources}}\n\n{body or 'This page names no sources.'}"
