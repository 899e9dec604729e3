"""A page of the Open Knowledge Format: paths in its fields, citations, and fields without a meaning here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import yaml

from ..model import Link, Source
from ..regex import regex
from .characters import is_web
from .front_matter import FRONT_MATTER
from .lines import line_starts, span_at
from .links import split_fragment
from .markdown import blank_out, page_text, plain, with_edits
from .metadata import parse_source
from .okf_fields import CitedSource, Knowledge, Place, instant, path_fields, path_of, read_knowledge
from .verbatim import verbatim_parts


def value_places(text: str) -> dict[Place, tuple[int, int]]:
    """Return start and end of each scalar in a page's front matter, quotation marks included, by its place.

    The front matter must be YAML that ``read_front_matter`` has read.
    """
    match = FRONT_MATTER.match(text)
    root: Any = yaml.compose(match["yaml"], Loader=yaml.SafeLoader) if match else None
    if not match or root is None:
        return {}
    offset = match.start("yaml")
    places: dict[Place, tuple[int, int]] = {}
    todo: list[tuple[Place, Any]] = [((), root)]
    while todo:
        place, node = todo.pop()
        if isinstance(node, yaml.ScalarNode):
            places[place] = (offset + node.start_mark.index, offset + node.end_mark.index)
        elif isinstance(node, yaml.SequenceNode):
            todo += [((*place, number), item) for number, item in enumerate(node.value)]
        elif isinstance(node, yaml.MappingNode):
            todo += [((*place, str(name.value)), item) for name, item in node.value]
    return places


def links_of_fields(text: str, fields: Mapping[str, Any]) -> list[Link]:
    """Return a link for each path in the fields of a page. ``text`` is that of the page's file.

    Its edge is ``source``, ``executor``, ``attester``, ``computation`` or ``resource``.
    """
    path_rows = path_fields(fields)
    if not path_rows:
        return []
    places, starts = value_places(text), line_starts(text)
    links = []
    for edge, path, place in path_rows:
        target, fragment = split_fragment(path)
        start, end = places.get(place, (0, 0))
        quoted = text[start:end][:1] in ("'", '"') and start < end
        span = span_at(starts, start + quoted, end - quoted)
        links.append(Link(target, span, edge, fragment=fragment or None, is_path=True, written=path))
    return links


def nested_fields(fields: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the fields with simple values, and name and Markdown of those with nested values."""
    nested = {name: value for name, value in fields.items() if _has_parts(value)}
    flat = {name: value for name, value in fields.items() if name not in nested}
    return flat, [(name, "\n" + "\n".join(_lines(value))) for name, value in nested.items()]


def _has_parts(value: Any) -> bool:
    return bool(value) and (
        isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(i, (Mapping, list)) for i in value))
    )


def _lines(value: Any, depth: int = 0) -> list[str]:
    """Return a value as lines of a nested list."""
    indent = "    " * depth
    out: list[str] = []
    if isinstance(value, Mapping):
        for name, nested in value.items():
            simple = not _has_parts(nested)
            out.append(f"{indent}-   **{page_text(str(name))}**: {_text(nested) if simple else ''}".rstrip())
            out += [] if simple else _lines(nested, depth + 1)
    elif isinstance(value, list):
        for nested in value:
            if isinstance(nested, Mapping) and not any(map(_has_parts, nested.values())):
                parts = (f"**{page_text(str(name))}**: {_text(item)}" for name, item in nested.items())
                out.append(f"{indent}-   " + f"\\\n{indent}    ".join(parts))
            elif _has_parts(nested):
                out += _lines(nested, depth)
            else:
                out.append(f"{indent}-   {_text(nested)}")
    else:
        out.append(f"{indent}-   {_text(value)}")
    return out


def _text(value: Any) -> str:
    return ", ".join(map(_text, value)) if isinstance(value, list) else page_text("" if value is None else str(value))


_REFERENCE = regex(r"[ \t]?\[\^(?P<label>[^\[\]\s^]{1,200})\](?!:)")
_DEFINITION = regex(r"^\[\^(?P<label>[^\[\]\s^]{1,200})\]:(?P<text>[^\n]*(?:\n(?:[ ]{4}|\t)[^\n]*)*)\n?", re.MULTILINE)
_ADDRESS = regex(r"(?:https?|ftp)://[^\s<>()\[\]]+")


class Cited(NamedTuple):
    """A page's text with citations."""

    text: str
    remarks: tuple[tuple[str, str], ...]
    """Definitions that contain more than their source, and unreferenced ones: the number of the source, or "", and
    Markdown.
    """


def anchor(number: int) -> str:
    """Return the anchor of a source, by its number from 1."""
    return f"tw-source-{number}"


def with_citations(text: str, sources: Sequence[CitedSource]) -> Cited:
    """Turn the footnotes of a text that are keyed to ``sources`` into links to them, ``[2](#tw-source-2)``."""
    if "[^" not in text:
        return Cited(text, ())
    numbers = {source.id: number for number, source in enumerate(sources, start=1) if source.id}
    blanked = _without_verbatim(text)
    used = {match["label"] for match in _REFERENCE.finditer(blanked)}
    edits: list[tuple[int, int, str]] = []
    remarks: list[tuple[str, str]] = []
    for match in _DEFINITION.finditer(blanked):
        label = match["label"]
        if label in used and label not in numbers:
            continue  # an ordinary footnote
        edits.append((match.start(), match.end(), ""))
        remark = " ".join(filter(None, map(str.strip, text[match.start("text") : match.end("text")].split("\n"))))
        number = numbers.get(label, 0)
        if remark and not (number and _repeats(remark, sources[number - 1])):
            remarks.append((str(number or ""), remark))
    for match in _REFERENCE.finditer(blanked):
        if cited := numbers.get(match["label"]):
            before = text[match.start() - 1 : match.start()]
            gap = " " if before in ("!", "]") and before else ""  # otherwise it would be an image, or part of a link
            edits.append((match.start(), match.end(), f"{gap}[{cited}](#{anchor(cited)})"))
    return Cited(with_edits(text, edits), tuple(remarks))


def footnote_labels(text: str) -> list[tuple[str, int, int]]:
    """Return the label of each footnote that a page refers to, once, with its start and end."""
    if "[^" not in text:
        return []
    blanked = _without_verbatim(text)
    labels: dict[str, tuple[str, int, int]] = {}
    for match in _REFERENCE.finditer(blanked):
        labels.setdefault(match["label"], (match["label"], match.end() - len(match["label"]) - 3, match.end()))
    return list(labels.values())


def _repeats(remark: str, source: CitedSource) -> bool:
    """Return whether a definition only repeats its source."""
    addresses = _ADDRESS.findall(remark)
    if source.resource in addresses:
        return True
    names = {"", *(name.strip(" ./").casefold() for name in (source.title, source.resource))}
    return not addresses and plain(remark).strip(" ./").casefold() in names


def _without_verbatim(text: str) -> str:
    """Return the text with its code, formulas and comments blanked out."""
    return blank_out(text, ((part.start, part.end, "\x00") for part in verbatim_parts(text)))


class OkfMetadata(NamedTuple):
    """OKF metadata in a page's front matter."""

    knowledge: Knowledge | None
    links: tuple[Link, ...]
    """Links for the paths in its fields."""
    fields: dict[str, Any]
    """The remaining fields."""
    details: list[tuple[str, str]]
    """Name and Markdown of remaining fields with nested values."""


def read_okf_metadata(text: str, fields: Mapping[str, Any], link_fields: Collection[str] = ()) -> OkfMetadata:
    """Read the front matter of a page. ``text`` is that of its file; ``link_fields`` are the fields that contain only
    links.
    """
    if not fields.get("type"):
        return OkfMetadata(None, (), dict(fields), [])
    knowledge, remaining = read_knowledge(fields)
    links = links_of_fields(text, fields) if knowledge else []
    remaining, details = nested_fields({name: value for name, value in remaining.items() if name not in link_fields})
    return OkfMetadata(knowledge, tuple(links), remaining, details)


def add_citations(body: str, knowledge: Knowledge | None, wiki: bool) -> Cited:
    """Return a page's body with its citations, and the remarks in its footnotes."""
    return Cited(body, ()) if wiki or not knowledge else with_citations(body, knowledge.sources)


def day_of(knowledge: Knowledge | None) -> date | None:
    """Return the date of a page's last change."""
    moment = instant(knowledge.generated.at) if knowledge and knowledge.generated else None
    return moment.date() if moment else None


def sources_of(knowledge: Knowledge | None) -> Iterator[Source]:
    """Yield the sources in the form that exports use."""
    for source in knowledge.sources if knowledge else ():
        if is_web(source.resource):
            parsed = parse_source(source.resource)
            kind = source.kind or (parsed.type if parsed else "Web")
            yield Source(kind, source.title or (parsed.title if parsed else ""), source.resource)
        else:
            yield Source(source.kind or ("Page" if path_of(source.resource) else "Scope"), source.name)
