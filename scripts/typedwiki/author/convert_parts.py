"""A page as Pandoc Markdown in which everything that has a native form of its own is a stand-in.

Both dialects meet in this form: code, formulas, comments and tables that only wikitables can say are
words that no rule touches; links and images are marks. It is a fixed point of the Markdown dialect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..audit.outline import hide
from ..model import Link
from ..text import tables, wikitext
from ..text.blocks import parse_heading
from ..text.links import Annotation, Scan, scan
from ..text.protected import Protected

STAND_IN = r"zq+\d+z"
"""A stand-in: a word that no rule touches and that the page does not hold."""
_REMOTE_IMAGE = re.compile(r"!\[[^\[\]\n]*\]\([ ]*<?(?:https?:)?//[^()\s]*(?:\([^()\s]*\)[^()\s]*)*[ ]*\)")


class Parts(NamedTuple):
    """A page taken apart."""

    markdown: str
    text: str
    """The page's text as it is written."""
    tokens: Mapping[str, Protected]
    """What each stand-in stands for."""
    links: tuple[Link, ...]
    images: tuple[tuple[str, str], ...]
    annotations: tuple[Annotation, ...]
    fields: tuple[tuple[str, str], ...]
    """Rows of an infobox or a template."""


def take_apart(text: str, wiki: bool) -> Parts:
    """Convert a page's text, without its front matter, to the common form."""
    found = scan(text, indented_code=not wiki)
    whole = [*_wikitables(text, found), *_remote_images(text, found)]
    kept = [p for p in found.protected if not any(w.start <= p.start < w.end for w in whole)]
    prefix = "zq"
    while prefix in text:
        prefix += "q"
    tokens: dict[str, Protected] = {}
    stand_ins: list[Protected] = []
    for part in sorted([*kept, *whole], key=lambda p: p.start):
        token = f"{prefix}{len(tokens)}z"
        tokens[token] = part
        kind = "verbatim" if part.kind == "comment" else "block" if part.kind in ("pre", "mermaid") else part.kind
        stand_ins.append(part._replace(kind=kind, body=token, language=""))
    outside = [a for a in found.annotations if not any(w.start <= a.span.start < w.end for w in whole)]
    made = wikitext.convert(text, Scan(stand_ins, found.links, outside), wiki)
    images, fields = tuple(made.images), tuple(made.fields)
    return Parts(made.markdown.strip("\n"), text, tokens, tuple(found.links), images, tuple(found.annotations), fields)


def markdown_of(text: str, wiki: bool) -> str:
    """A stretch that holds stand-ins, read as a page of a dialect would be."""
    return wikitext.convert(text, scan(text, indented_code=False), wiki).markdown.strip("\n")


def _wikitables(text: str, found: Scan) -> Iterator[Protected]:
    """The wikitables that no pipe table can say: with lists, lines, spans or tables in their cells."""
    hidden = hide(text, ((p.start, p.end, "\ue000") for p in found.protected))
    noted = [a.span.start for a in found.annotations]
    position, start, depth, nested = 0, 0, 0, False
    head = True
    for line in hidden.split("\n"):
        stripped = line.strip()
        heading = parse_heading(line, True) or parse_heading(line, False)
        head = head and not (heading and heading[0] > 1)
        if stripped.startswith("{|"):
            start, nested = (position, False) if not depth else (start, True)
            depth += 1
        elif depth and stripped.startswith("|}"):
            depth -= 1
            end = position + len(line)
            infobox = head and ("infobox" in text[start:end] or any(start <= at < end for at in noted))
            if not depth and not infobox and (nested or _is_complex(hidden[start:position])):
                yield Protected("block", start, end, text[start:end], "wikitable")
        position += len(line) + 1


def _is_complex(written: str) -> bool:
    rows = tables.parse(written.rstrip("\n").split("\n")).rows
    return any("\n" in cell.text or cell.rowspan > 1 or cell.colspan > 1 for row in rows for cell in row)


def _remote_images(text: str, found: Scan) -> Iterator[Protected]:
    """Images on other hosts: a note shows a link instead, but the page goes on showing the image."""
    for match in _REMOTE_IMAGE.finditer(text):
        if not any(p.start <= match.start() < p.end for p in found.protected):
            yield Protected("verbatim", match.start(), match.end(), match[0], "image")
