"""A resolved page to the text of its note."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from .graph import neighbourhood_html
from .inline import plain, safe_url
from .links import MARK
from .locations import FileIndex, link_locations
from .markdown import category, escape, escape_smart
from .model import Ambiguous, Edge, Found, Graph, Link, Missing, Resolution, WikiPage
from .needs import requirements_section
from .resolve import MENTIONS
from .schema import Schema
from .sections import CODE_BLOCK, outside_code
from .versions import Requirement

READER = (
    "markdown-citations-smart-fancy_lists-example_lists-superscript-subscript-line_blocks"
    "-definition_lists-raw_tex-latex_macros"
)
"""Pandoc's reader for generated notes: without the syntax that wikis do not have."""
_IMAGE_SUFFIX = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif)$", re.IGNORECASE)
WORDS_A_MINUTE = 200
CODE_LINES_A_MINUTE = 20
_HEADING = re.compile(r"^(#{1,6} )(.*?)(?:\s*\{#([\w-]+)\})?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Site:
    """What emitting one note needs to know of all others."""

    graph: Graph
    schema: Schema
    names: Mapping[str, str]
    """Note of each page relative to the notes folder, without suffix: ``workflow/QLoRA``."""
    files: FileIndex
    assets: Mapping[tuple[str, str], str]
    """Copied file of each (page path, relative path), relative to the notes folder."""
    edit_url: str = ""
    """Prefix that, with a page's path, leads to where its source is edited."""
    source_url: str = ""
    """Prefix that, with a page's path, leads to where its source is shown."""
    requirements: Mapping[str, list[Requirement]] = field(default_factory=dict)
    """What each Environment asks for, by page id."""
    problems: Mapping[str, int] = field(default_factory=dict)
    """How many problems each page has, by path, where it has any."""


def note_names(graph: Graph, schema: Schema) -> dict[str, str]:
    """A file name for each page's note: safe in any file system and URL, each once."""
    names: dict[str, str] = {}
    used: set[str] = set()
    for page_id, page in graph.pages.items():
        stem = re.sub(r"[^\w.\-]+", "_", page_id.partition("/")[2]).strip(".") or "page"
        if stem.startswith("_") or stem.lower() == "readme":  # Quarto skips these
            stem = f"page-{stem}"
        base = name = f"{schema.types[page.page_type].slug}/{stem[:180]}"
        number = 1
        while name.casefold() in used:
            number += 1
            name = f"{base}-{number}"
        used.add(name.casefold())
        names[page_id] = name
    return names


def minutes(page: WikiPage) -> int:
    """Minutes to read a page: 200 words of prose, or 20 lines of code, a minute; at least one."""
    code = "".join(match[0] for match in CODE_BLOCK.finditer(page.content))
    words = len((page.lead + CODE_BLOCK.sub("", page.content)).split())
    return max(1, round(words / WORDS_A_MINUTE + code.count("\n") / CODE_LINES_A_MINUTE))


def note(page: WikiPage, site: Site) -> str:
    """The whole .qmd of a page."""
    body = [_front_matter(page), _strip(page, site)]
    if page.lead:
        body.append(f"::: {{.tw-lead}}\n{_marked(link_locations(page.lead, page, site.files), page, site)}\n:::")
    if page.content:
        content = link_locations(page.content, page, site.files)
        body.append(_marked(_anchors(content), page, site))
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
        parts.append(f"[Edit source]({site.edit_url}{page.path}){{.tw-edit}}")
    return f"::: {{.tw-strip}}\n{' '.join(parts)}\n:::"


def relative(name: str, here: str) -> str:
    """One note's path as seen from another, both relative to the notes folder."""
    folder = here.partition("/")[0]
    return name.removeprefix(f"{folder}/") if name.startswith(f"{folder}/") else f"../{name}"


def page_link(target: WikiPage, page: WikiPage, site: Site, label: str = "", fragment: str = "") -> str:
    """A typed link to another note."""
    address = relative(site.names[target.id], site.names[page.id])
    slug = site.schema.types[target.page_type].slug
    anchor = f"#{fragment}" if fragment else ""
    return f"[{label or escape(target.page_title)}]({address}.qmd{anchor}){{.tw-link .tw-{slug}}}"


def _marked(markdown: str, page: WikiPage, site: Site) -> str:
    """Replace the marks of links and images by what they lead to."""
    resolutions = site.graph.resolutions[page.id]

    def shown(match: re.Match[str]) -> str:
        number = int(match[2])
        if match[1] == "i":
            return _image(*page.images[number], page, site)
        return _link(page.outgoing_links[number], resolutions[number], page, site)

    return MARK.sub(shown, markdown)


def _image(path: str, caption: str, page: WikiPage, site: Site) -> str:
    copied = _asset(path, page, site)
    if not copied:
        title = re.sub(r'[\\"{}<>\n]', " ", path).strip()
        return f'[{caption or escape(path)}]{{.tw-missing title="{title}: no such file"}}'
    return f"![{caption}]({copied})" if _IMAGE_SUFFIX.search(path) else f"[{caption or escape(path)}]({copied})"


def _asset(path: str, page: WikiPage, site: Site) -> str:
    copied = site.assets.get((page.path, path))
    return f"../{copied}" if copied else ""


def _link(link: Link, resolution: Resolution, page: WikiPage, site: Site) -> str:
    label = link.label or ""
    written = label or escape(link.target.replace("_", " "))
    if isinstance(resolution, Found):
        target = site.graph.pages[resolution.page_id]
        fragment = _fragment(link.fragment or "", target)
        if target.id == page.id:
            text = label or escape(link.fragment or page.page_title)
            return f"[{text}](#{fragment})" if fragment else text
        return page_link(target, page, site, label, fragment)
    if isinstance(resolution, Ambiguous):
        choices = ", ".join(page_link(site.graph.pages[c], page, site, c) for c in resolution.candidates)
        return f"[{written}]{{.tw-missing}} (one of {choices})"
    if link.is_path and (copied := _asset(link.target, page, site)):
        return f"[{written}]({copied})"
    return _missing(written, link, resolution)


def _missing(written: str, link: Link, resolution: Missing) -> str:
    what = f"{link.type}:{link.target}" if link.type else link.target
    why = "not a page of this wiki" if resolution.unknown_type else "no such page yet"
    title = re.sub(r'[\\"{}<>\n]', " ", f"{what}: {why}").strip()
    return f'[{written}]{{.tw-missing title="{title}"}}'


def identifier(heading: str) -> str:
    """The anchor of a heading."""
    return re.sub(r"[\W_]+", "-", plain(heading).casefold()).strip("-") or "section"


def _headings(markdown: str) -> list[tuple[str, str]]:
    """Text and anchor of each heading of a page, each anchor once."""
    used = {"connections", "requirements", "sources"}
    found = []
    for match in _HEADING.finditer(CODE_BLOCK.sub("", markdown)):
        name = base = match[3] or identifier(match[2])
        number = 1
        while name in used:
            number += 1
            name = f"{base}-{number}"
        used.add(name)
        found.append((match[2], name))
    return found


def _fragment(fragment: str, target: WikiPage) -> str:
    """The anchor of a section, if the target has it: never a dead one.

    Dialects and hosts differ in how they spell anchors, so only letters and digits count; GitHub
    numbers repeated headings from 1 where we number them from 2.
    """

    def loose(text: str) -> str:
        return re.sub(r"[\W_]+", "", text.casefold())

    wanted = loose(fragment)
    if wanted in ("overview", "top"):
        return "title-block-header"
    seen: dict[str, int] = {}
    for text, name in _headings(target.content) if wanted else ():
        words = loose(plain(text))
        seen[words] = seen.get(words, -1) + 1
        numbered = f"{words}{seen[words]}" if seen[words] else words
        if wanted in (words, numbered, loose(name)):
            if wanted == words and seen[words]:
                continue
            return name
    return wanted if wanted in ("connections", "sources") else ""


def _anchors(markdown: str) -> str:
    """Give headings the anchors that ``_fragment`` promises."""
    names = iter(_headings(markdown))
    return outside_code(markdown, lambda text: _HEADING.sub(lambda m: f"{m[1]}{m[2]} {{#{next(names)[1]}}}", text))


def _connections(page: WikiPage, site: Site) -> str:
    groups = _groups(page, site)
    said = _marked(page.connections_text, page, site)
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
        if not isinstance(resolution, Found) and not (link.is_path and _asset(link.target, page, site)):
            reading = site.schema.orientations(link.edge or "")
            name = reading[0].edge.name if reading else link.edge or MENTIONS
            outgoing.setdefault(name, []).append(_link(link, resolution, page, site))
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
    own = _marked(page.sources_text, page, site)
    listed = "\n".join(lines)
    body = "\n\n".join(part for part in (listed, own) if part)
    return f"## Sources {{#sources}}\n\n{body or 'This page names no sources.'}"
