"""Read metadata in sections of its own: Knowledge Sources, Domains, Last Updated.

Pure functions from sections of Markdown, also converted MediaWiki, to values and the remaining lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from msgspec import Struct, field

from ..model import Source
from ..regex import regex
from ..schema import NO_NAMES, key
from . import sections
from .markdown import plain, without_comments
from .metadata import Metadata, is_bare, parse_date, parse_source, title_of
from .sections import Section

_SOURCE_LINE = regex(r"(?:[-*+]|\d+[.)])\s+\S|\[[^\]^]+\](?!:)|<?https?://")


def read_sections(parts: list[Section], meta: Metadata) -> str:
    """Move metadata and overview out of the sections. Return the lead."""
    lead = ""
    overview_section: Section | None = None
    promoted = 0
    top = min((section.level for section in parts if section.level), default=1)
    for section in parts:
        if section.level == 0:
            sections.extract_preamble(section, meta)
        if promoted and section.level <= promoted:
            promoted = 0
        has_meaning = 0 < section.level <= max(2, top)
        if has_meaning:
            remember_title(section, meta)
        if has_meaning and section.name in sections.METADATA:
            sections.extract_metadata(section, meta)
        elif has_meaning and section.name in sections.CONNECTIONS:
            sections.drop_bare_links(section)
        elif promoted:
            section.level -= 1
        elif has_meaning and section.name in sections.OVERVIEW and not lead:
            lead = sections.first_paragraph(section)
            meta.overview = meta.overview or ("" if lead else sections.first_block(section))
            promoted = section.level
            section.level, section.title = 0, ""
            overview_section = section
    if overview_section and overview_section is not parts[0]:  # otherwise the text above it would include its rest
        parts.remove(overview_section)
        parts.insert(0, overview_section)
    if not lead and not meta.overview:  # a page without an Overview section may begin with an overview
        lead = next(filter(None, (sections.first_paragraph(s) for s in parts if s.level == 0)), "")
        meta.overview = "" if lead else sections.paragraph_below_boxes(parts[0])
    _drop_empty(parts)
    return lead


def remember_title(section: Section, meta: Metadata) -> None:
    """Keep the page's own heading for its sources or connections, if it differs."""
    name = "sources" if section.name in sections.SOURCES else section.name
    if section.own_title and name in ("sources", "connections"):
        meta.own_titles.setdefault(name, plain(section.own_title))


def _drop_empty(parts: list[Section]) -> None:
    """Remove Metadata and Connections sections, and their subsections, that are now empty."""
    index = len(parts) - 1
    is_removable = [False] * len(parts)
    level = 0
    for i, section in enumerate(parts):
        if level and section.level > level:
            is_removable[i] = True
            sections.drop_bare_links(section)
            continue
        has_meaning = 0 < section.level <= 2 and section.name in sections.METADATA | sections.CONNECTIONS
        level = section.level if has_meaning else 0
        is_removable[i] = bool(has_meaning)
    while index >= 0:
        has_subsections = index + 1 < len(parts) and parts[index + 1].level > parts[index].level
        if is_removable[index] and parts[index].empty and not has_subsections:
            del parts[index], is_removable[index]
        index -= 1


def extract_sources(parts: list[Section], meta: Metadata) -> str:
    """Remove the page's own Sources section and return its text. Add the sources that it lists to ``meta``."""
    lines = [f"-   {item}" for item in meta.source_lines]
    for number, section in enumerate(_extract_sections(parts, sections.SOURCES)):
        lines += ["", f"### {section.title}", ""] if number else [""]
        lines += _lines_beyond_sources(section.body, meta)
    text = "\n".join(lines).strip()
    return text if without_comments(text).strip() else ""


def extract_connections(parts: list[Section]) -> str:
    """Remove the rest of the page's own Connections section, which is shown in ours, and return it."""
    removed = _extract_sections(parts, sections.CONNECTIONS)
    for section in removed:
        section.level = 0 if section.name in sections.CONNECTIONS else max(3, section.level)
    return sections.join(removed)


def _extract_sections(parts: list[Section], names: frozenset[str]) -> list[Section]:
    """Remove the sections of these names, with their subsections, from a page, and return them."""
    removed: list[Section] = []
    level = 0
    for section in parts:
        if not level or section.level <= level:
            level = section.level if 0 < section.level <= 2 and section.name in names else 0
        if level:
            removed.append(section)
    parts[:] = [section for section in parts if not any(section is removed_section for removed_section in removed)]
    return removed


def _lines_beyond_sources(body: list[str], meta: Metadata) -> list[str]:
    """Return the lines of a Sources section that contain more than a list of sources can."""
    lines = []
    for (line, in_code), (next_line, _) in pairwise(sections.with_code_state([*body, ""])):
        is_source = _SOURCE_LINE.match(line) and not in_code and not next_line.startswith((" ", "\t"))
        count = len(meta.source_lines)
        if is_source:
            meta.add_source_line(line)
        if not is_source or len(meta.source_lines) > count:
            lines.append(line)
    return lines


HeadedSection = tuple[int, str, Sequence[str]]
"""Level, title and body lines. Level 0 is the text before the first heading."""

SOURCES = frozenset({"knowledge_sources", "knowledge_source", "sources", "source", "references", "bibliography"})
DOMAINS = frozenset({"domains", "domain", "knowledge_domains", "tags", "topics", "categories", "category"})
DATES = frozenset({"last_updated", "updated", "last_update", "last_modified", "date", "date_updated"})
OVERVIEWS = frozenset({"overview"})
_TYPES = {
    "repository": "Repo", "repo": "Repo", "source code": "Repo",
    "code": "Repo", "github": "Repo",
    "documentation": "Doc", "docs": "Doc", "doc": "Doc", "official documentation": "Doc",
    "paper": "Paper", "papers": "Paper", "arxiv": "Paper",
    "article": "Article", "blog": "Blog", "blog post": "Blog", "book": "Book", "website": "Web", "web": "Web",
}  # fmt: skip
_ITEM = regex(r"(?P<indent>\s*)(?:[-*+]|\d{1,9}[.)])\s+(?P<text>\S.*)")
_DEFINITION = regex(r"[ ]{0,3}\[[^\[\]]+\]:")
"""The definition of a footnote or of a link. It is needed where it is, and shown where it is used."""
_LABEL = regex(
    r"(?:\*\*|__)?(?P<label>[A-Za-z][A-Za-z ]{1,30}?)(?::(?:\*\*|__)|(?:\*\*|__)\s*:|:)(?:\s+(?P<rest>\S.*))?"
)
_ANNOTATION = regex(r"\[\[(?P<name>source|domain|last_updated)::(?P<value>[^\[\]]{1,500})\]\]", re.IGNORECASE)
_WIKI_LINK = regex(r"\[\[(?:[^\[\]|]{1,100}::)?:?(?P<target>[^\[\]|]{1,200})(?:\|(?P<label>[^\[\]]{1,200}))?\]\]")
_EXTERNAL = regex(r"(?<![\[!])\[(?P<url>(?:https?|ftp)://[^\s\[\]]{1,500})\s+(?P<title>[^\[\]]{1,300})\](?!\()")
_MARKDOWN_LINK = regex(r"\[(?P<title>[^\[\]]{1,300})\]\([^()\s]{0,500}\)")
_LONGEST_NAME = 60
"""Characters. A longer domain is a sentence."""


class SectionMetadata(Struct, frozen=True):
    """Metadata of a page from its sections."""

    domains: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    last_updated: date | None = None
    remaining: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """For each section that was read, by number, the lines that were not understood."""

    @property
    def consumed(self) -> frozenset[int]:
        """Return the numbers of the sections that need not be shown any more."""
        return frozenset(number for number, lines in self.remaining.items() if not any(line.strip() for line in lines))


def metadata_of(sections: Sequence[HeadedSection], names: Mapping[str, str] = NO_NAMES) -> SectionMetadata:
    """Read the sections of level 1 and 2 with the names of metadata.

    Such a section with prose is not metadata. In a list of sources, lines that are not understood are left. ``names``
    are additional names of sections.
    """
    domains: dict[str, str] = {}
    sources: dict[str, Source] = {}
    updated: date | None = None
    remaining: dict[int, tuple[str, ...]] = {}
    for number, (level, title, body) in enumerate(sections):
        name = key(re.sub(r"(?<![*_`:：])[*_`:：]+$|^[*_`]+", "", title.strip()))
        name = names.get(name, name)
        if not 0 < level <= 2 or not any(line.strip() for line in body):
            continue
        if name in SOURCES:
            listed_sources, other_lines = _sources(body)
            for source in listed_sources:
                sources.setdefault(source.url or source.title.casefold(), source)
            if listed_sources:
                remaining[number] = other_lines
        elif name in DOMAINS and (section_domains := _names(body)):
            for domain in section_domains:
                domains.setdefault(domain.casefold(), domain)
            remaining[number] = ()
        elif name in DATES and (day := _day(body)):
            updated = updated or day
            remaining[number] = ()
    return SectionMetadata(tuple(domains.values()), tuple(sources.values()), updated, remaining)


def overview_below(sections: Sequence[HeadedSection], names: Mapping[str, str] = NO_NAMES) -> tuple[int, str] | None:
    """Return the number of a section and its first paragraph, for an Overview that holds only subsections; or None."""
    for number, (level, title, body) in enumerate(sections):
        name = key(title.strip().rstrip(":："))
        if names.get(name, name) not in OVERVIEWS or not level or any(line.strip() for line in body):
            continue
        for index in range(number + 1, len(sections)):
            depth, _, lines = sections[index]
            if depth <= level:
                return None
            if paragraph := _first_paragraph(lines):
                return index, paragraph
    return None


def _sources(body: Sequence[str]) -> tuple[list[Source], tuple[str, ...]]:
    """Return the sources that a section lists, and all other lines."""
    sources: list[Source] = []
    other_lines: list[str] = []
    label_type = ""
    """The type that a label alone gives to the items below it."""
    in_definition = False
    for line in body:
        item = _ITEM.fullmatch(line)
        text = (item["text"] if item else line).strip()
        in_definition = bool(_DEFINITION.match(line)) or (in_definition and (not text or line[0] in " \t"))
        if in_definition or not text:
            other_lines.append(line)
            continue
        if not item or not item["indent"]:
            label_type = ""
        label = _LABEL.fullmatch(text)
        if label and not label["rest"]:
            label_type = _type(label["label"])
            continue
        source = _source(text, label_type)
        if source:
            sources.append(source)
        if not source or _says_more(text, source):
            other_lines.append(line)
    return sources, tuple(other_lines)


def _says_more(text: str, source: Source) -> bool:
    """Return whether a line holds words beside the source that it names, such as an author."""
    if not source.url or _ANNOTATION.search(text):
        return False
    text = _EXTERNAL.sub(r"[\g<title>](<\g<url>>)", text)
    label = _LABEL.fullmatch(text)
    return not is_bare(label["rest"] if label and label["rest"] else text)


def _source(text: str, label_type: str) -> Source | None:
    if annotation := _ANNOTATION.search(text):
        parts = [part.strip() for part in annotation["value"].split("|")]
        if annotation["name"].lower() != "source" or len(parts) < 2:
            return None
        url = parts[2] if len(parts) > 2 else ""
        return Source(parts[0], parts[1], url)
    text = _EXTERNAL.sub(r"[\g<title>](<\g<url>>)", text)
    label = _LABEL.fullmatch(text)
    if label and label["rest"] and not re.match(r"https?$|ftp$", label["label"]):
        source = parse_source(label["rest"])
        kind = _type(label["label"])
        if source:
            return Source(kind, source.title, source.url)
        return Source(kind, _plain(label["rest"]), "") if label["label"].casefold() in _TYPES else None
    source = parse_source(text)
    if source and source.url and source.title == source.url:
        source = Source(source.type, title_of(source.url), source.url)
    return Source(label_type, source.title, source.url) if source and label_type else source


def _type(label: str) -> str:
    usual_type = _TYPES.get(label.strip().casefold())
    return usual_type or label.strip()


def _names(body: Sequence[str]) -> list[str]:
    """Return the domains that a section lists, as items or with commas; empty if it is prose."""
    names: list[str] = []
    for line in filter(str.strip, body):
        item = _ITEM.fullmatch(line)
        text = (item["text"] if item else line).strip()
        text = _ANNOTATION.sub(r"\g<value>", text)
        text = _WIKI_LINK.sub(lambda match: match["label"] or match["target"].rpartition(":")[2], text)
        for part in re.split(r"[,;，、；]|\s·\s|\s\|\s", _plain(_MARKDOWN_LINK.sub(r"\g<title>", text))):
            name = re.sub(r"[\s_]+", " ", part).strip(" .*")
            if len(name) > _LONGEST_NAME or re.search(r"[.!?:]\s", name) or len(name.split()) > 6:
                return []
            if name:
                names.append(name)
    return names


def _day(body: Sequence[str]) -> date | None:
    """Return the single date in a section."""
    lines = [line for line in body if line.strip()]
    if len(lines) != 1:
        return None
    item = _ITEM.fullmatch(lines[0])
    text = _ANNOTATION.sub(r"\g<value>", (item["text"] if item else lines[0]).strip())
    return parse_date(_plain(text))


def _plain(text: str) -> str:
    return re.sub(r"\*\*|__|`|''+", "", text).strip()


def _first_paragraph(lines: Sequence[str]) -> str:
    paragraph: list[str] = []
    for line in lines:
        if not line.strip():
            if paragraph:
                break
            continue
        if not paragraph and re.match(r"\s|[-+*>|:#]\s|\d+[.)]\s|```|~~~|:::|!\[|<table|\$\$|\|", line):
            return ""
        paragraph.append(line)
    return "\n".join(paragraph)
