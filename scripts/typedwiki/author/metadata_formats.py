"""Write a page's metadata: aliases in front matter, an infobox, or a Metadata section."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import yaml

from ..audit.fix import Edit
from ..model import RawFile, Source
from ..schema import key
from ..text.characters import safe_url
from ..text.front_matter import FRONT_MATTER, read_front_matter
from ..text.links import Annotation, scan
from ..text.markdown import escape, plain
from ..text.metadata import DATE_KEYS, DOMAIN_KEYS, SOURCE_KEYS, Metadata, parse_date, parse_source
from ..text.parse import add_annotation
from .page_files import RewriteError

_MARK = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+")
_KEY = re.compile(r"^alias(?:es)?[ \t]*:.*(?:\n(?:[ \t#-].*|[ \t]*(?=\n)))*", re.MULTILINE | re.IGNORECASE)
_BOX = '{| class="%s" style="float:right; margin-left:1em; width:300px;"'


class PageFacts(NamedTuple):
    """A page's metadata, in the order in which it is written out."""

    sources: tuple[str, ...] = ()
    """Lines of Markdown, or annotations."""
    domains: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    other_fields: tuple[tuple[str, str], ...] = ()
    """Names and Markdown values of all other fields."""


def collect_facts(fields: Iterable[tuple[str, str]], categories: Iterable[str] = ()) -> PageFacts:
    """Sort fields with Markdown values by what they say. As in parsing, values in annotations come first."""
    annotations: list[Annotation] = []
    sources: list[str] = []
    dates: list[str] = []
    other_fields: list[tuple[str, str]] = []
    domain_fields = Metadata()
    for name, value in fields:
        folded = key(plain(name).rstrip(":"))
        notes, remaining_value = _without_annotations(value)
        if folded in DATE_KEYS and remaining_value and not parse_date(plain(remaining_value)):
            other_fields.append((name, value))
            continue
        if not name or folded in DATE_KEYS | DOMAIN_KEYS | SOURCE_KEYS:
            annotations += notes
            value = remaining_value
        if not value.strip():
            continue
        if folded in SOURCE_KEYS:
            sources += [_MARK.sub("", line) for line in value.splitlines() if line.strip()]
        elif folded in DOMAIN_KEYS:
            domain_fields.add_field(name, value)
        elif folded in DATE_KEYS:
            dates.append(value.strip())
        else:
            other_fields.append((name, value))
    domains = Metadata()
    domains.add_domains([note.values[0] for note in annotations if note.name in ("domain", "category")])
    domains.add_domains([*categories, *domain_fields.domains])
    return PageFacts(
        (*(_source_line(note) for note in annotations if note.name == "source"), *sources),
        tuple(domains.domains),
        (*(note.values[0] for note in annotations if note.name == "last_updated"), *dates),
        tuple(other_fields),
    )


def _without_annotations(value: str) -> tuple[list[Annotation], str]:
    """Return the annotations of a value, and the rest of it."""
    notes = [note for note in scan(value).annotations if note.name in ("source", "domain", "category", "last_updated")]
    for note in reversed(notes):
        value = value[: note.span.start] + value[note.span.end :]
    return notes, value.strip(" \n*,;·-") if notes else value


def _source_line(note: Annotation) -> str:
    """Return a source annotation as Markdown, or unchanged if the Markdown would be read differently."""
    meta = Metadata()
    add_annotation(note.name, note.values, meta)
    if len(meta.sources) == 1 and not meta.source_lines:
        source = meta.sources[0]
        for title in (f"{source.type}: {source.title}", source.title):
            line = f"[{escape(title)}](<{safe_url(source.url)}>)" if source.url else escape(title)
            if _reads_as(line, source):
                return line
    return f"[[{note.written}]]"


def _reads_as(line: str, source: Source) -> bool:
    meta = Metadata()
    meta.add_source_line(line)
    return meta.sources == [source] and not meta.source_lines


def infobox(metadata: PageFacts, wikitext: Callable[[str], str]) -> str:
    """Return the metadata as a MediaWiki table. ``wikitext`` converts Markdown to wikitext."""
    rows: list[str] = []
    if metadata.sources:
        rows.append(
            "\n".join(
                ["! Knowledge Sources", "|", *(f"* {_as_annotation(s) or wikitext(s)}" for s in metadata.sources)]
            )
        )
    if metadata.domains:
        rows.append("! Domains\n| " + ", ".join(f"[[domain::{name.replace(' ', '_')}]]" for name in metadata.domains))
    rows += [f"! Last Updated\n| [[last_updated::{date}]]" for date in metadata.dates]
    for name, value in metadata.other_fields:
        text = wikitext(value.strip("\n"))
        begins_below = "\n" in text or value.startswith("\n")
        rows.append(f"! {wikitext(name)}\n|{chr(10) if begins_below else ' '}{text}")
    if not rows:
        return ""
    box = _BOX % ("wikitable" if metadata.sources or metadata.domains or metadata.dates else "wikitable infobox")
    return "".join([f"{box}\n", *(f"|-\n{row}\n" for row in rows), "|}"])


def _as_annotation(line: str) -> str:
    """Return a source's line as an annotation; empty if the annotation would be read differently."""
    if line.startswith("[[source::"):
        return line
    source = parse_source(line)
    if not source or not _reads_as(line, source) or re.search(r"[\[\]{}\n]", source.title + source.type):
        return ""
    values = tuple(filter(None, (source.type, source.title, source.url)))
    note = f"[[source::{'|'.join(values)}]]"
    meta = Metadata()
    for annotation in scan(note).annotations:
        add_annotation(annotation.name, annotation.values, meta)
    return note if meta.sources == [source] and not meta.source_lines else ""


def metadata_lines(metadata: PageFacts) -> Iterator[str]:
    """Yield the lines of a Metadata section in Markdown."""
    if metadata.domains:
        needs_annotation = any(re.search(r"[,;\[\]]|\s[·/]\s", name) for name in metadata.domains)
        names = (f"[[domain::{name}]]" if needs_annotation else name.replace(" ", "_") for name in metadata.domains)
        yield f"- **Domains**: {', '.join(names)}"
    if len(metadata.sources) == 1:
        yield f"- **Sources**: {metadata.sources[0]}"
    elif metadata.sources:
        yield "- **Sources**:"
        yield from (f"  - {line}" for line in metadata.sources)
    yield from (f"- **Last Updated**: {date}" for date in metadata.dates)
    for name, value in metadata.other_fields:
        lead, lines = (f"- **{name}**:" if name else "-"), value.strip("\n").split("\n")
        begins_below = bool(name) and (len(lines) > 1 or value.startswith("\n"))
        yield lead if begins_below else f"{lead} {lines.pop(0)}"
        yield from (f"    {line}" if line else "" for line in lines)


def with_aliases(file: RawFile, names: Sequence[str]) -> Edit:
    """Return the edit that gives a page these aliases and no others. Both dialects allow front matter.

    Raises:
        RewriteError: the aliases cannot be changed without changing other fields of the front matter.
    """
    block = "aliases:\n" + "".join(f"  - {scalar(name)}\n" for name in names) if names else ""
    front = FRONT_MATTER.match(file.text) if read_front_matter(file.text).end else None
    if not front:
        return Edit(file.path, 0, 0, f"---\n{block}---\n" if names else "")
    old_yaml, start = front["yaml"], front.start("yaml")
    current = _KEY.search(old_yaml)
    if current:
        key_start, key_end = current.span()
        if not names and current[0] == old_yaml.rstrip("\n"):
            return Edit(file.path, 0, front.end(), "")  # the front matter contains nothing else
        if not names:  # remove the line break, too
            key_end += 1
        edit = Edit(file.path, start + key_start, start + key_end, block.rstrip("\n"))
    else:
        edit = Edit(file.path, front.end("yaml"), front.end("yaml"), block)
    new_yaml = old_yaml[: edit.start - start] + edit.text + old_yaml[edit.end - start :]
    if not _differ_in_aliases_only(old_yaml, new_yaml, list(names)):
        raise RewriteError(f"{file.path}: its front matter cannot take an alias; write `aliases:` there yourself")
    return edit


def scalar(name: str) -> str:
    """Return a text as a YAML value, quoted where YAML needs it."""
    plain = re.fullmatch(r"\w[\w .()+-]*", name) and yaml.safe_load(name) == name
    return name if plain else json.dumps(name, ensure_ascii=False)


def _differ_in_aliases_only(old_yaml: str, new_yaml: str, names: list[str]) -> bool:
    try:
        old_fields, new_fields = yaml.safe_load(old_yaml), yaml.safe_load(new_yaml)
    except yaml.YAMLError:
        return False
    if not isinstance(old_fields, dict | None) or not isinstance(new_fields, dict):
        return False
    other_fields = {
        key: value for key, value in (old_fields or {}).items() if str(key).lower() not in ("alias", "aliases")
    }
    return new_fields == ({**other_fields, "aliases": names} if names else other_fields)
