"""Metadata that is written as sections of its own: Knowledge Sources, Domains, Last Updated.

Pure: sections of Markdown in, values and what is left out. Converted MediaWiki is such Markdown as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ..model import Source
from ..regex import regex
from ..schema import NO_NAMES, key
from .metadata import parse_date, parse_source, title_of

HeadedSection = tuple[int, str, Sequence[str]]
"""Level, title and body lines; level 0 is what comes before the first heading."""

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
_LABEL = regex(
    r"(?:\*\*|__)?(?P<label>[A-Za-z][A-Za-z ]{1,30}?)(?::(?:\*\*|__)|(?:\*\*|__)\s*:|:)(?:\s+(?P<rest>\S.*))?"
)
_ANNOTATION = regex(r"\[\[(?P<name>source|domain|last_updated)::(?P<value>[^\[\]]{1,500})\]\]", re.IGNORECASE)
_WIKI_LINK = regex(r"\[\[(?:[^\[\]|]{1,100}::)?:?(?P<target>[^\[\]|]{1,200})(?:\|(?P<label>[^\[\]]{1,200}))?\]\]")
_EXTERNAL = regex(r"(?<![\[!])\[(?P<url>(?:https?|ftp)://[^\s\[\]]{1,500})\s+(?P<title>[^\[\]]{1,300})\](?!\()")
_MARKDOWN_LINK = regex(r"\[(?P<title>[^\[\]]{1,300})\]\([^()\s]{0,500}\)")
_LONGEST_NAME = 60
"""Characters; a domain with more is a sentence."""


@dataclass(frozen=True, slots=True)
class SectionMetadata:
    """What sections say of their page."""

    domains: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    last_updated: date | None = None
    left: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """For each section that was read, by its number, the lines that say more; none if it says nothing else."""

    @property
    def consumed(self) -> frozenset[int]:
        """Numbers of the sections that need not be shown any more."""
        return frozenset(number for number, lines in self.left.items() if not any(line.strip() for line in lines))


def metadata_of(sections: Sequence[HeadedSection], names: Mapping[str, str] = NO_NAMES) -> SectionMetadata:
    """Read the sections of level 1 and 2 that are called like metadata.

    A section that is called so and holds prose is none; of a list of sources the lines that are not
    understood are left. ``names`` are further ones of sections.
    """
    domains: dict[str, str] = {}
    sources: dict[str, Source] = {}
    updated: date | None = None
    left: dict[int, tuple[str, ...]] = {}
    for number, (level, title, body) in enumerate(sections):
        name = key(re.sub(r"(?<![*_`:：])[*_`:：]+$|^[*_`]+", "", title.strip()))
        name = names.get(name, name)
        if not 0 < level <= 2 or not any(line.strip() for line in body):
            continue
        if name in SOURCES:
            found, rest = _sources(body)
            for source in found:
                sources.setdefault(source.url or source.title.casefold(), source)
            if found:
                left[number] = rest
        elif name in DOMAINS and (listed := _names(body)):
            for domain in listed:
                domains.setdefault(domain.casefold(), domain)
            left[number] = ()
        elif name in DATES and (day := _day(body)):
            updated = updated or day
            left[number] = ()
    return SectionMetadata(tuple(domains.values()), tuple(sources.values()), updated, left)


def overview_below(sections: Sequence[HeadedSection], names: Mapping[str, str] = NO_NAMES) -> tuple[int, str] | None:
    """The first paragraph below an Overview that holds only subsections, and the number of its section; None if
    there is no such Overview, or no paragraph."""
    for number, (level, title, body) in enumerate(sections):
        name = key(title.strip().rstrip(":："))
        if names.get(name, name) not in OVERVIEWS or not level or any(line.strip() for line in body):
            continue
        for below in range(number + 1, len(sections)):
            depth, _, lines = sections[below]
            if depth <= level:
                return None
            if paragraph := _first_paragraph(lines):
                return below, paragraph
    return None


def _sources(body: Sequence[str]) -> tuple[list[Source], tuple[str, ...]]:
    """The sources that a section lists, and the lines that are none."""
    found: list[Source] = []
    rest: list[str] = []
    above = ""
    """The type that a label alone gives to the items below it."""
    for line in body:
        item = _ITEM.fullmatch(line)
        text = (item["text"] if item else line).strip()
        if not text:
            rest.append(line)
            continue
        if not item or not item["indent"]:
            above = ""
        label = _LABEL.fullmatch(text)
        if label and not label["rest"]:
            above = _type(label["label"])
            continue
        source = _source(text, above)
        if source:
            found.append(source)
        else:
            rest.append(line)
    return found, tuple(rest)


def _source(text: str, above: str) -> Source | None:
    if annotation := _ANNOTATION.search(text):
        parts = [part.strip() for part in annotation["value"].split("|")]
        if annotation["name"].lower() != "source" or len(parts) < 2:
            return None
        url = parts[2] if len(parts) > 2 else ""
        return Source(parts[0], parts[1], url)
    text = _EXTERNAL.sub(r"[\g<title>](<\g<url>>)", text)
    label = _LABEL.fullmatch(text)
    if label and label["rest"] and not re.match(r"https?$|ftp$", label["label"]):
        read = parse_source(label["rest"])
        kind = _type(label["label"])
        if read:
            return Source(kind, read.title, read.url)
        return Source(kind, _plain(label["rest"]), "") if label["label"].casefold() in _TYPES else None
    read = parse_source(text)
    if read and read.url and read.title == read.url:
        read = Source(read.type, title_of(read.url), read.url)
    return Source(above, read.title, read.url) if read and above else read


def _type(label: str) -> str:
    known = _TYPES.get(label.strip().casefold())
    return known or label.strip()


def _names(body: Sequence[str]) -> list[str]:
    """The domains that a section lists, one an item or with commas; none if it is prose."""
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
    """The one day that a section names."""
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
