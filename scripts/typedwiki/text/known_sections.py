"""The sections of a page that mean something here: overview, metadata, connections, sources."""

from __future__ import annotations

from itertools import pairwise

from ..regex import regex
from . import sections
from .metadata import Metadata
from .plain import plain, without_comments
from .sections import Section

_SOURCE_LINE = regex(r"(?:[-*+]|\d+[.)])\s+\S|\[[^\]^]+\](?!:)|<?https?://")


def read_sections(parts: list[Section], meta: Metadata) -> str:
    """Take metadata and overview out of the sections; returns the lead."""
    lead = ""
    late: Section | None = None
    promoted = 0
    top = min((section.level for section in parts if section.level), default=1)
    for section in parts:
        if section.level == 0:
            sections.take_preamble(section, meta)
        if promoted and section.level <= promoted:
            promoted = 0
        special = 0 < section.level <= max(2, top)
        if special:
            remember_title(section, meta)
        if special and section.name in sections.METADATA:
            sections.take_metadata(section, meta)
        elif special and section.name in sections.CONNECTIONS:
            sections.drop_bare_links(section)
        elif promoted:
            section.level -= 1
        elif special and section.name in sections.OVERVIEW and not lead:
            lead = sections.first_paragraph(section)
            meta.overview = meta.overview or ("" if lead else sections.first_block(section))
            promoted = section.level
            section.level, section.title = 0, ""
            late = section
    if late and late is not parts[0]:  # what stands above a late overview must not take in its rest
        parts.remove(late)
        parts.insert(0, late)
    if not lead and not meta.overview:  # a page without an overview begins with one, perhaps
        lead = next(filter(None, (sections.first_paragraph(s) for s in parts if s.level == 0)), "")
    _drop_emptied(parts)
    return lead


def remember_title(section: Section, meta: Metadata) -> None:
    """Keep what a page calls its sources or its connections, if it is another name."""
    name = "sources" if section.name in sections.SOURCES else section.name
    if section.own_title and name in ("sources", "connections"):
        meta.written.setdefault(name, plain(section.own_title))


def _drop_emptied(parts: list[Section]) -> None:
    """Remove Metadata and Connections sections, and their subsections, that hold nothing more."""
    index = len(parts) - 1
    inside = [False] * len(parts)
    level = 0
    for i, section in enumerate(parts):
        if level and section.level > level:
            inside[i] = True
            sections.drop_bare_links(section)
            continue
        special = 0 < section.level <= 2 and section.name in sections.METADATA | sections.CONNECTIONS
        level = section.level if special else 0
        inside[i] = bool(special)
    while index >= 0:
        below = index + 1 < len(parts) and parts[index + 1].level > parts[index].level
        if inside[index] and parts[index].empty and not below:
            del parts[index], inside[index]
        index -= 1


def extract_sources(parts: list[Section], meta: Metadata) -> str:
    """Move the page's own Sources section to the end, and learn the sources that it lists."""
    kept = [f"-   {item}" for item in meta.source_lines]
    for number, section in enumerate(_take(parts, sections.SOURCES)):
        kept += ["", f"### {section.title}", ""] if number else [""]
        kept += _unlisted(section.body, meta)
    text = "\n".join(kept).strip()
    return text if without_comments(text).strip() else ""


def extract_connections(parts: list[Section]) -> str:
    """Move what is left of the page's own Connections section, which goes into ours."""
    taken = _take(parts, sections.CONNECTIONS)
    for section in taken:
        section.level = 0 if section.name in sections.CONNECTIONS else max(3, section.level)
    return sections.join(taken)


def _take(parts: list[Section], names: frozenset[str]) -> list[Section]:
    """Take the sections of these names, with their subsections, out of a page."""
    taken: list[Section] = []
    level = 0
    for section in parts:
        if not level or section.level <= level:
            level = section.level if 0 < section.level <= 2 and section.name in names else 0
        if level:
            taken.append(section)
    parts[:] = [section for section in parts if not any(section is one for one in taken)]
    return taken


def _unlisted(body: list[str], meta: Metadata) -> list[str]:
    """The lines of a Sources section that say more than a list of sources can."""
    kept = []
    for (line, in_code), (following, _) in pairwise(sections.with_code_state([*body, ""])):
        listed = _SOURCE_LINE.match(line) and not in_code and not following.startswith((" ", "\t"))
        before = len(meta.source_lines)
        if listed:
            meta.source_line(line)
        if not listed or len(meta.source_lines) > before:
            kept.append(line)
    return kept
