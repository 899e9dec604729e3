"""What a page says of itself, as an infobox or as a Metadata section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..model import Source
from ..schema import key
from ..text.links import Annotation
from ..text.markdown import escape
from ..text.metadata import DATE_KEYS, DOMAIN_KEYS, SOURCE_KEYS, Metadata, parse_date, parse_source
from ..text.parse import take_annotation
from .to_mediawiki_inline import inline


class Facts(NamedTuple):
    """Metadata in the order in which it is written."""

    sources: tuple[str, ...]
    """Lines of Markdown, or annotations."""
    domains: tuple[str, ...]
    dates: tuple[str, ...]
    others: tuple[tuple[str, str], ...]
    """Names and Markdown values."""


def facts(annotations: Iterable[Annotation], fields: Iterable[tuple[str, str]]) -> Facts:
    """Annotations first, then fields: as pages are read."""
    sources: list[str] = []
    dates: list[str] = []
    others: list[tuple[str, str]] = []
    domains = Metadata()
    for note in annotations:
        if note.name == "source":
            sources.append(_source_line(note))
        elif note.name == "last_updated":
            dates.append(note.values[0])
        elif note.name in ("domain", "category"):
            domains.add_domains(list(note.values[:1]))
    for name, value in fields:
        folded = key(re.sub(r"[*_'`]+$|^[*_'`]+", "", name).rstrip(":"))
        if not value.strip():
            continue
        if folded in SOURCE_KEYS:
            sources += [re.sub(r"^\s*(?:[-*+]|\d+\.)\s+", "", line) for line in value.splitlines() if line.strip()]
        elif folded in DOMAIN_KEYS:
            domains.take(name, value)
        elif folded in DATE_KEYS and parse_date(value.strip()):
            dates.append(value.strip())
        else:
            others.append((name, value))
    return Facts(tuple(sources), tuple(domains.domains), tuple(dates), tuple(others))


def _source_line(note: Annotation) -> str:
    """A source annotation as Markdown, or as it is if that would say something else."""
    meta = Metadata()
    take_annotation(note.name, note.values, meta)
    raw = f"[[source::{'|'.join(note.values)}]]"
    if len(meta.sources) != 1 or meta.source_lines:
        return raw
    (source,) = meta.sources
    for title in (f"{source.type}: {source.title}", source.title):
        line = f"[{escape(title)}](<{source.url}>)" if source.url else escape(title)
        if _reads_as(line, source):
            return line
    return raw


def _reads_as(line: str, source: Source) -> bool:
    meta = Metadata()
    meta.source_line(line)
    return meta.sources == [source] and not meta.source_lines


def infobox(said: Facts, others: Iterable[tuple[str, str]]) -> str:
    """A MediaWiki table. ``others`` are the fields with their values as wiki text."""
    rows: list[str] = []
    noted = bool(said.sources or said.domains or said.dates)
    if said.sources:
        rows.append("\n".join(["! Knowledge Sources", "|", *(f"* {_annotated(line)}" for line in said.sources)]))
    if said.domains:
        rows.append("! Domains\n| " + ", ".join(f"[[domain::{name.replace(' ', '_')}]]" for name in said.domains))
    rows += [f"! Last Updated\n| [[last_updated::{date}]]" for date in said.dates]
    rows += [f"! {name}\n|{value if value.startswith(chr(10)) else f' {value}'}" for name, value in others]
    if not rows:
        return ""
    kind = "wikitable" if noted else "wikitable infobox"
    body = "".join(f"|-\n{row}\n" for row in rows)
    return f'{{| class="{kind}" style="float:right; margin-left:1em; width:300px;"\n{body}|}}'


def _annotated(line: str) -> str:
    if line.startswith("[[source::"):
        return line
    source = parse_source(line)
    if source and _reads_as(line, source) and not re.search(r"[|\[\]{}]", source.title + source.type):
        note = f"[[source::{source.type}|{source.title}" + (f"|{source.url}]]" if source.url else "]]")
        values = note[2:-2].split("::", 1)[1].split("|")
        meta = Metadata()
        take_annotation("source", tuple(values), meta)
        if meta.sources == [source]:
            return note
    return inline(line)


def section(said: Facts, comments: Iterable[str]) -> list[str]:
    """The lines of a Metadata section in Markdown."""
    return [*_bullets(said), *comments]


def _bullets(said: Facts) -> Iterator[str]:
    if said.domains:
        odd = any(re.search(r"[,;\[\]]|\s[·/]\s", name) for name in said.domains)
        names = (f"[[domain::{name}]]" if odd else name.replace(" ", "_") for name in said.domains)
        yield f"- **Domains**: {', '.join(names)}"
    if len(said.sources) == 1:
        yield f"- **Sources**: {said.sources[0]}"
    elif said.sources:
        yield "- **Sources**:"
        yield from (f"  - {line}" for line in said.sources)
    yield from (f"- **Last Updated**: {date}" for date in said.dates)
    for name, value in said.others:
        shown = value.strip("\n").replace("\n", "\n    ")
        yield (
            f"- **{name}**:{'' if value.startswith(chr(10)) or chr(10) in shown else ' '}{shown}"
            if name
            else f"- {shown}"
        )
