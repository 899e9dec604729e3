"""What a page says of itself, as an infobox or as a Metadata section."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ..model import Source
from ..schema import key
from ..text.addresses import safe_url
from ..text.links import Annotation, scan
from ..text.markdown import escape
from ..text.metadata import DATE_KEYS, DOMAIN_KEYS, SOURCE_KEYS, Metadata, parse_date, parse_source
from ..text.parse import take_annotation
from ..text.plain import plain

_MARK = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+")
_BOX = '{| class="%s" style="float:right; margin-left:1em; width:300px;"'


class Facts(NamedTuple):
    """Metadata in the order in which it is written."""

    sources: tuple[str, ...] = ()
    """Lines of Markdown, or annotations."""
    domains: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    """Names and Markdown values."""


def facts(fields: Iterable[tuple[str, str]], categories: Iterable[str] = ()) -> Facts:
    """What fields with Markdown values say: what stands in annotations first, as pages are read."""
    noted: list[Annotation] = []
    sources: list[str] = []
    dates: list[str] = []
    others: list[tuple[str, str]] = []
    listed = Metadata()
    for name, value in fields:
        folded = key(plain(name).rstrip(":"))
        notes, rest = _without_annotations(value)
        if folded in DATE_KEYS and rest and not parse_date(plain(rest)):
            others.append((name, value))
            continue
        if not name or folded in DATE_KEYS | DOMAIN_KEYS | SOURCE_KEYS:
            noted += notes
            value = rest
        if not value.strip():
            continue
        if folded in SOURCE_KEYS:
            sources += [_MARK.sub("", line) for line in value.splitlines() if line.strip()]
        elif folded in DOMAIN_KEYS:
            listed.take(name, value)
        elif folded in DATE_KEYS:
            dates.append(value.strip())
        else:
            others.append((name, value))
    domains = Metadata()
    domains.add_domains([note.values[0] for note in noted if note.name in ("domain", "category")])
    domains.add_domains([*categories, *listed.domains])
    return Facts(
        (*(_source_line(note) for note in noted if note.name == "source"), *sources),
        tuple(domains.domains),
        (*(note.values[0] for note in noted if note.name == "last_updated"), *dates),
        tuple(others),
    )


def _without_annotations(value: str) -> tuple[list[Annotation], str]:
    """The annotations of a value, and what else it says."""
    notes = [note for note in scan(value).annotations if note.name in ("source", "domain", "category", "last_updated")]
    for note in reversed(notes):
        value = value[: note.span.start] + value[note.span.end :]
    return notes, value.strip(" \n*,;·-") if notes else value


def _source_line(note: Annotation) -> str:
    """A source annotation as Markdown, or as it is if that would say something else."""
    meta = Metadata()
    take_annotation(note.name, note.values, meta)
    if len(meta.sources) == 1 and not meta.source_lines:
        source = meta.sources[0]
        for title in (f"{source.type}: {source.title}", source.title):
            line = f"[{escape(title)}](<{safe_url(source.url)}>)" if source.url else escape(title)
            if _reads_as(line, source):
                return line
    return f"[[{note.written}]]"


def _reads_as(line: str, source: Source) -> bool:
    meta = Metadata()
    meta.source_line(line)
    return meta.sources == [source] and not meta.source_lines


def infobox(said: Facts, wikitext: Callable[[str], str]) -> str:
    """A MediaWiki table. ``wikitext`` says a stretch of Markdown in MediaWiki's markup."""
    rows: list[str] = []
    if said.sources:
        rows.append(
            "\n".join(["! Knowledge Sources", "|", *(f"* {_annotated(s) or wikitext(s)}" for s in said.sources)])
        )
    if said.domains:
        rows.append("! Domains\n| " + ", ".join(f"[[domain::{name.replace(' ', '_')}]]" for name in said.domains))
    rows += [f"! Last Updated\n| [[last_updated::{date}]]" for date in said.dates]
    for name, value in said.others:
        shown = wikitext(value.strip("\n"))
        begins_below = "\n" in shown or value.startswith("\n")
        rows.append(f"! {wikitext(name)}\n|{chr(10) if begins_below else ' '}{shown}")
    if not rows:
        return ""
    box = _BOX % ("wikitable" if said.sources or said.domains or said.dates else "wikitable infobox")
    return "".join([f"{box}\n", *(f"|-\n{row}\n" for row in rows), "|}"])


def _annotated(line: str) -> str:
    """A line about a source as an annotation, if that says the same."""
    if line.startswith("[[source::"):
        return line
    source = parse_source(line)
    if not source or not _reads_as(line, source) or re.search(r"[\[\]{}\n]", source.title + source.type):
        return ""
    values = tuple(filter(None, (source.type, source.title, source.url)))
    note = f"[[source::{'|'.join(values)}]]"
    meta = Metadata()
    for found in scan(note).annotations:
        take_annotation(found.name, found.values, meta)
    return note if meta.sources == [source] and not meta.source_lines else ""


def bullets(said: Facts) -> Iterator[str]:
    """The lines of a Metadata section in Markdown."""
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
        lead, lines = (f"- **{name}**:" if name else "-"), value.strip("\n").split("\n")
        begins_below = bool(name) and (len(lines) > 1 or value.startswith("\n"))
        yield lead if begins_below else f"{lead} {lines.pop(0)}"
        yield from (f"    {line}" if line else "" for line in lines)
