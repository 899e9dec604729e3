"""Full-text search by Pagefind (https://pagefind.app): what is indexed, and when.

Pagefind's command reads HTML files. It gets small ones made from the notes' own text, not the pages of
the site: so both renderers have the same index, no page's menus are in it, and pages need no attributes.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ..atomic import replace_file
from ..text.anchors import HEADING, headings
from ..text.plain import plain
from ..text.quarto_syntax import OFF
from ..text.sections import pieces

FOLDER = "pagefind"
"""Below the site."""
MARK = ".typedwiki"
"""A file of the index that says that we made it, and from what."""
FLAG = ":root{--tw-search:pagefind}\n"
"""In types.css, which every page loads, for the site that Quarto makes: pages themselves stay the same
when a wiki grows past the size from which on it is searched by Pagefind."""
EVERY = "\ua66e"
"""A word of every note and of no text. Pagefind loads all of an index to find notes by no word; with this one
it finds those of a type, say, as fast as by any other. search.js knows it."""
UNFINISHED = ".typedwiki-pagefind"
"""Where below the site an index comes to be and goes."""
PARTS = "parts.json"
"""A file of the index that lists its further parts, each an index in a folder of that name."""
PART = 32_000_000
"""Bytes of HTML in a part. Pagefind's command takes some 50 times as much memory: 4 GB for 10,000 notes."""
KEPT = 3
"""Indexes in the cache."""
_RUN = (
    "[\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7ff\uf900-\ufaff]"
)
"""A letter of Han, Kana or Hangul, which run on from word to word or are one word of many. Each is a word of the
index, so that all within a run is found. Pagefind parts such runs by itself only in its larger program, which knows
Chinese and Japanese, and on pages that say that they are in that language. search.js asks in the same way."""
SPACE = "\u2060"
"""Stands before a space between two such letters that is written there. search.js takes the others out again."""
_WRITTEN = re.compile(rf"(?<={_RUN})\s+(?={_RUN})")
_BETWEEN = re.compile(rf"(?<=\S)(?={_RUN})|(?<={_RUN})(?=\w)")
_OURS = re.compile(r"^(:{3,}) \{#tw-(?:top|connections|sources)-[0-9a-f]+\}\n.*?^\1$", re.MULTILINE | re.DOTALL)
"""What the prebuild adds to the page's own text (see notes/note_file.py)."""
_AROUND = re.compile(r"^(:{3,}) \{\.tw-(?!lead\b)[^\n]*\}\n.*?^\1$", re.MULTILINE | re.DOTALL)
"""What a note shows about the page rather than of it: badges, the way to it and the like."""
_SYNTAX = re.compile(
    r"^(?::{3,}.*|[|+: =-]+|[ \t>]*(?:[-*>]|\d+\.)(?=\s))|(?<=[\])`])\{[^{}\n]*\}|\[\^[^\[\]\s]+\]:?", re.MULTILINE
)
_SPAN = re.compile(r"(?<!\\)\[((?:[^\[\]\\\n]|\\.)*)\]\{[^{}\n]*\}")
_MATH = re.compile(r"(?<!\\)\$\$.*?\$\$|(?<![\\$])\$([^$\n]+)\$", re.DOTALL)
_REST = re.compile(r"\n## [^\n]* \{#(?:requirements|connections)\}\n.*", re.DOTALL)


def available() -> bool:
    """Whether Pagefind is installed for this Python."""
    return find_spec("pagefind") is not None


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


def index(project: Path, site: Path, state: bytes, pages: Callable[[], Iterator[tuple[str, str]]]) -> bool:
    """Make the index of a site; False if it is already that of ``state``, from which ``pages`` come.

    Raises:
        CalledProcessError: Pagefind failed.
        FileExistsError: the site has a folder of that name that is not ours.
    """
    key = hashlib.sha256(f"{PART}\0{EVERY}\0{SPACE}\0".encode() + state).hexdigest()[:32]
    mark = site / FOLDER / MARK
    if (site / FOLDER).exists() and not mark.exists():
        raise FileExistsError(f"{site / FOLDER} was not made by this program; nothing was changed in it")
    if mark.exists() and mark.read_text(encoding="utf-8") == key:
        return False
    cache = project / ".typedwiki" / FOLDER
    if not (cache / key / MARK).exists():
        _run(cache / key, pages())
        replace_file(cache / key / MARK, key.encode())
        for old in sorted(cache.iterdir(), key=lambda p: p.stat().st_mtime)[:-KEPT]:
            (old / MARK).unlink(missing_ok=True)  # first: what lacks it counts as unfinished
            shutil.rmtree(old)
    remove(site)
    shutil.copytree(cache / key, site / UNFINISHED)
    (site / UNFINISHED).rename(site / FOLDER)
    return True


def _run(target: Path, pages: Iterator[tuple[str, str]]) -> None:
    if target.exists():
        shutil.rmtree(target)
    _part(target, _some(pages))
    parts: list[str] = []
    for first in pages:
        parts.append(f"part{len(parts) + 2}")
        _part(target / parts[-1], chain([first], _some(pages)))
        for shared in (*(target / parts[-1]).glob("*.js"), *(target / parts[-1]).glob("wasm.*")):
            shared.unlink()  # those of the first part serve all
    (target / PARTS).write_text(json.dumps(parts), encoding="utf-8")


def _some(pages: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """As many of the pages as make a part."""
    size = 0
    while size < PART and (page := next(pages, None)):
        size += len(page[1])
        yield page


def _part(target: Path, pages: Iterable[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in pages:
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", errors="replace")
        command = [sys.executable, "-m", "pagefind", "--quiet", "--site", folder, "--output-path", str(target)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    from .canonical import canonical  # a package that no other command needs

    canonical(target)
    for unused in (*target.glob("*-ui.*"), *target.glob("*-highlight.js")):  # Pagefind's own interfaces
        unused.unlink()


def remove(site: Path) -> None:
    """Delete the index that we made, if there is one, and what an interrupted run has left of one."""
    shutil.rmtree(site / UNFINISHED, ignore_errors=True)
    if (site / FOLDER / MARK).exists():
        (site / FOLDER).rename(site / UNFINISHED)  # under its name it is whole or not there
        shutil.rmtree(site / UNFINISHED)
