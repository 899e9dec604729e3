"""Footnotes of a page: those keyed to its sources become citations, and no definition gets lost.

Pure: text in, text out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..regex import regex
from ..text.plain import plain
from ..text.verbatim import verbatim_parts
from .records import CitedSource

_REFERENCE = regex(r"[ \t]?\[\^(?P<label>[^\[\]\s^]{1,200})\](?!:)")
_DEFINITION = regex(r"^\[\^(?P<label>[^\[\]\s^]{1,200})\]:(?P<text>[^\n]*(?:\n(?:[ ]{4}|\t)[^\n]*)*)\n?", re.MULTILINE)
_ADDRESS = regex(r"(?:https?|ftp)://[^\s<>()\[\]]+")


class Cited(NamedTuple):
    """A page's text with citations."""

    text: str
    remarks: tuple[tuple[str, str], ...]
    """Definitions that say more than their source does, and those that no footnote refers to: the number of the
    source, or "", and Markdown."""


def anchor(number: int) -> str:
    """The identifier of a source, by its number from 1."""
    return f"tw-source-{number}"


def with_citations(text: str, sources: Sequence[CitedSource]) -> Cited:
    """Turn the footnotes of a text that are keyed to ``sources`` into links to them, ``[2](#tw-source-2)``."""
    if "[^" not in text:
        return Cited(text, ())
    numbers = {source.id: number for number, source in enumerate(sources, start=1) if source.id}
    verbatim = verbatim_parts(text, wiki=False)
    blanked = _blanked(text, [(part.start, part.end) for part in verbatim])
    used = {match["label"] for match in _REFERENCE.finditer(blanked)}
    edits: list[tuple[int, int, str]] = []
    remarks: list[tuple[str, str]] = []
    for match in _DEFINITION.finditer(blanked):
        label = match["label"]
        if label in used and label not in numbers:
            continue  # a footnote like any other
        edits.append((match.start(), match.end(), ""))
        remark = " ".join(filter(None, map(str.strip, text[match.start("text") : match.end("text")].split("\n"))))
        number = numbers.get(label, 0)
        if remark and not (number and _repeats(remark, sources[number - 1])):
            remarks.append((str(number or ""), remark))
    for match in _REFERENCE.finditer(blanked):
        if cited := numbers.get(match["label"]):
            before = text[match.start() - 1 : match.start()]
            gap = " " if before in ("!", "]") and before else ""  # or it would be an image, or part of a link
            edits.append((match.start(), match.end(), f"{gap}[{cited}](#{anchor(cited)})"))
    return Cited(_edited(text, edits), tuple(remarks))


def footnote_labels(text: str) -> list[tuple[str, int, int]]:
    """The label of each footnote that a page refers to, once, and where it stands."""
    if "[^" not in text:
        return []
    blanked = _blanked(text, [(part.start, part.end) for part in verbatim_parts(text)])
    found: dict[str, tuple[str, int, int]] = {}
    for match in _REFERENCE.finditer(blanked):
        found.setdefault(match["label"], (match["label"], match.end() - len(match["label"]) - 3, match.end()))
    return list(found.values())


def _repeats(remark: str, source: CitedSource) -> bool:
    """Whether a definition says only what its source says anyway."""
    addresses = _ADDRESS.findall(remark)
    if source.resource in addresses:
        return True
    known = {"", *(name.strip(" ./").casefold() for name in (source.title, source.resource))}
    return not addresses and plain(remark).strip(" ./").casefold() in known


def _blanked(text: str, parts: Sequence[tuple[int, int]]) -> str:
    """The text with these parts of it blanked out, so that offsets stay true."""
    out: list[str] = []
    position = 0
    for start, end in parts:
        if start >= position:
            out += (text[position:start], re.sub(r"[^\n]", "\x00", text[start:end]))
            position = end
    return "".join([*out, text[position:]])


def _edited(text: str, edits: Sequence[tuple[int, int, str]]) -> str:
    out: list[str] = []
    position = 0
    for start, end, new in sorted(edits):
        if start >= position:
            out += (text[position:start], new)
            position = end
    return "".join([*out, text[position:]])
