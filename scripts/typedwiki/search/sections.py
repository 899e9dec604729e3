"""What the search knows of each note: its title, what it is, and its text by sections."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from ..regex import regex
from ..text.anchors import HEADING, headings
from ..text.plain import plain
from ..text.quarto_syntax import OFF
from ..text.sections import pieces
from .index import Entry, Section

_OURS = regex(r"^(:{3,}) \{#tw-(?:top|connections|sources)-[0-9a-f]+\}\n.*?^\1$", re.MULTILINE | re.DOTALL)
"""What the prebuild adds to the page's own text (see notes/note_file.py)."""
_AROUND = regex(r"^(:{3,}) \{\.tw-(?!lead\b)[^\n]*\}\n.*?^\1$", re.MULTILINE | re.DOTALL)
"""What a note shows about the page rather than of it: badges, the way to it and the like."""
_SYNTAX = regex(
    r"^(?::{3,}.*|[|+: =-]+|[ \t>]*(?:[-*>]|\d+\.)(?=\s))|(?<=[\])`])\{[^{}\n]*\}|\[\^[^\[\]\s]+\]:?", re.MULTILINE
)
_SPAN = regex(r"(?<!\\)\[((?:[^\[\]\\\n]|\\.)*)\]\{[^{}\n]*\}")
_MATH = regex(r"(?<!\\)\$\$.*?\$\$|(?<![\\$])\$([^$\n]+)\$", re.DOTALL)
_REST = regex(r"\n## [^\n]* \{#(?:requirements|connections)\}\n.*", re.DOTALL)
_INLINE = regex(r"(?<!`)`([^`\n]+)`(?!`)")


def entries(graph: bytes, note: Callable[[str], bytes], texts: bool = True) -> Iterator[Entry]:
    """What there is to find, page by page in reading order; with ``texts`` also what the notes say.

    ``graph`` is graph.json; ``note`` gives a note's text by its path relative to the notes folder.
    """
    for node in json.loads(graph)["nodes"]:
        name = node["url"].removesuffix(".html")
        sections = note_sections(note(f"{unquote(name)}.qmd").decode(errors="replace")) if texts else ()
        yield Entry(
            name, node["title"], node["type"], node["namespace"], node["overview"], node["domains"], node["aliases"],
            unquote(name).rpartition("/")[2], sections,
        )  # fmt: skip


def note_sections(note: str) -> list[Section]:
    """What a note says, by its headings."""
    body = _OURS.sub("", note.partition("\n---\n")[2].replace(OFF, ""))
    body = _AROUND.sub("", _REST.sub("", body))
    found = iter(headings(body))
    made: list[Section] = []
    anchor = heading = ""
    text: list[str] = []
    code: list[str] = []
    names: list[str] = []

    def add_text(markdown: str) -> None:
        if words := _words(markdown):
            text.append(words)
            names.extend(_INLINE.findall(markdown))

    def close() -> None:
        made.append(Section(anchor, heading, "\n".join(text), "\n".join(code), " ".join(names)))
        for part in (text, code, names):
            part.clear()

    for piece, is_code in pieces(body):
        if is_code:
            code.append(piece.strip().split("\n", 1)[-1].rpartition("\n")[0])
            continue
        done = 0
        for match in HEADING.finditer(piece):
            add_text(piece[done : match.start()])
            close()
            title, anchor = next(found)
            heading = plain(title)
            done = match.end()
        add_text(piece[done:])
    close()
    return [section for section in made if section.text or section.code or section.heading] or made


def _words(markdown: str) -> str:
    if "$" in markdown:  # of a formula only what reads as words
        markdown = _MATH.sub(lambda m: m[1] if m[1] and "\\" not in m[1] else "…", markdown)
    return plain(_SYNTAX.sub("", _SPAN.sub(r"\1", markdown)).replace("|", " "))
