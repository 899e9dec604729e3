"""What Pagefind reads of each note: its title, its metadata and its text as bare HTML."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from ..regex import regex
from ..text.anchors import HEADING, headings
from ..text.plain import plain
from ..text.quarto_syntax import OFF
from ..text.sections import pieces
from .fulltext import EVERY, SPACE

_RUN = (
    "[\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7ff\uf900-\ufaff]"
)
"""A letter of Han, Kana or Hangul, which run on from word to word or are one word of many. Each is a word of the
index, so that all within a run is found. Pagefind parts such runs by itself only in its larger program, which knows
Chinese and Japanese, and on pages that say that they are in that language. search.js asks in the same way."""
_WRITTEN = regex(rf"(?<={_RUN})\s+(?={_RUN})")
_BETWEEN = regex(rf"(?<=\S)(?={_RUN})|(?<={_RUN})(?=\w)")
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


def stubs(graph: bytes, note: Callable[[str], bytes], language: str) -> Iterator[tuple[str, str]]:
    """A page for Pagefind from each note: its path below the site, and its HTML.

    ``graph`` is graph.json; ``note`` gives a note's text by its path relative to the notes folder.
    """
    for node in json.loads(graph)["nodes"]:
        name = unquote(node["url"]).removesuffix(".html")
        text = note(f"{name}.qmd").decode(errors="replace")
        yield f"notes/{name}.html", _stub(node, text, language)


def _stub(node: Mapping[str, Any], note: str, language: str) -> str:
    head = [_meta("meta", "overview", node["overview"])]
    for key in ("type", "namespace"):
        head += [_meta(kind, key, node[key]) for kind in ("meta", "filter") if node[key]]
    head += [_meta("filter", "domain", domain) for domain in node["domains"]]
    aliases = f"<p>{_text(', '.join(node['aliases']))}</p>" if node["aliases"] else ""
    return (
        f'<!DOCTYPE html><html lang="{html.escape(language)}"><head><meta charset="utf-8">{"".join(head)}</head>'
        f"<body data-pagefind-body><h1>{_text(node['title'])}</h1>{aliases}{note_html(note)}"
        f"<p>{EVERY}</p></body></html>"
    )


def _meta(kind: str, key: str, text: str) -> str:
    return f'<meta data-pagefind-{kind}="{key}[content]" content="{html.escape(text)}">'


def note_html(note: str) -> str:
    """What a note says, as bare HTML: headings with their anchors, paragraphs, code."""
    body = _OURS.sub("", note.partition("\n---\n")[2].replace(OFF, ""))
    body = _AROUND.sub("", _REST.sub("", body))
    found = iter(headings(body))
    out: list[str] = []
    for text, is_code in pieces(body):
        if is_code:
            code = text.strip().split("\n", 1)[-1].rpartition("\n")[0]
            out.append(f"<pre>{_text(code)}</pre>")
            continue
        done = 0
        for match in HEADING.finditer(text):
            heading = next(found)
            out.append(_paragraph(text[done : match.start()]))
            out.append(f'<h2 id="{html.escape(heading.anchor)}">{_text(plain(heading.text))}</h2>')
            done = match.end()
        out.append(_paragraph(text[done:]))
    return "".join(out)


def _paragraph(markdown: str) -> str:
    if "$" in markdown:  # of a formula only what reads as words
        markdown = _MATH.sub(lambda m: m[1] if m[1] and "\\" not in m[1] else "…", markdown)
    text = plain(_SYNTAX.sub("", _SPAN.sub(r"\1", markdown)).replace("|", " "))
    return f"<p>{_text(text)}</p>" if text else ""


def _text(text: str) -> str:
    return html.escape(text if text.isascii() else _BETWEEN.sub(" ", _WRITTEN.sub(f"{SPACE} ", text)))
