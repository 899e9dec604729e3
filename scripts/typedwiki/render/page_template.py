"""The shell of a note: all of its page but what the note itself says, cut from a page that Quarto rendered.

What varies from note to note is cut out of the text of the page; all notes whose body asks for the
same parts of a page (``kind``) share the rest, byte for byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from html import escape

from .bodies import Body

Kind = tuple[bool, bool, bool]
"""Whether a note has highlighted code, diagrams, and a table of contents."""
_TITLE = re.compile(r'(?:<meta name="description" content="[^"]*">\s*)?<title>[^<]*</title>')
_CONTENTS = re.compile(r'(<nav id="TOC" [^>]*>\s*<h2 id="toc-title">[^<]*</h2>).*?(</nav>)', re.DOTALL)
_HEADER = re.compile(r'<header id="title-block-header" class="quarto-title-block default">.*?</header>', re.DOTALL)
_TOP = '<a onclick="window.scrollTo(0, 0); return false;" role="button" id="quarto-back-to-top">'
_APPENDIX = '<div id="quarto-appendix" class="default">'
_FOOTNOTES = '<h2 class="anchored quarto-appendix-heading">Footnotes</h2>'
_NAMED = re.compile(
    r'(<meta (?:property="og:title"|name="twitter:title") content=|<link rel="canonical" href=)"[^"]*">'
)
"""What the head says of the page besides its title and description."""


class PageTemplateError(Exception):
    """A page of Quarto's is not built as it is known here."""


@dataclass(frozen=True)
class PageTemplate:
    """The text of a page between its holes: title, contents, title block and body, appendix."""

    before: str
    head: tuple[str, ...]
    """From the title to the table of contents: text and, between, what names the page."""
    margin: str
    """After the table of contents, up to the title block; empty if there is no such table."""
    top: str
    """What stands between the body and the appendix."""
    after: str


def kind(body: Body) -> Kind:
    """What decides the shell that a body needs."""
    return body["highlighted"], "diagram" in body["uses"], bool(body["contents"])


def cut(page: str) -> PageTemplate:
    """The shell of a page.

    Raises:
        ShellError: the page is built in another way than Quarto's pages are known to be.
    """
    title = _once(_TITLE, page, "title")
    rest = page[title.end() :]
    header = _once(_HEADER, rest, "title block")
    head, after = rest[: header.start()], rest[header.end() :]
    margin = ""
    if contents := _CONTENTS.search(head):
        head, margin = head[: contents.end(1)], head[contents.start(2) :]
    end = after.rfind("</main>")
    if end < 0:
        raise PageTemplateError("no end of the content")
    found = after.rfind(_TOP, 0, end)
    top = after[found : after.index("</a>", found) + len("</a>")] if found >= 0 else ""
    return PageTemplate(page[: title.start()], tuple(_NAMED.split(head)), margin, top, after[end:])


def _once(pattern: re.Pattern[str], text: str, what: str) -> re.Match[str]:
    found = list(pattern.finditer(text))
    if len(found) != 1:
        raise PageTemplateError(f"{len(found) or 'no'} {what}")
    return found[0]


def stamp(shell: PageTemplate, body: Body, site_title: str, address: str) -> str:
    """The page of a note, as Quarto would make it. ``site_title`` is HTML; ``address`` is where the page will be."""
    described = f'<meta name="description" content="{escape(body["description"])}">\n\n' if body["description"] else ""
    title = f"{escape(body['pagetitle'], quote=False)} – {site_title}"
    head = [shell.head[0]]
    for opening, text in zip(shell.head[1::2], shell.head[2::2], strict=True):
        named = address if opening.startswith("<link") else title.replace('"', "&quot;")
        head.append(f'{opening}"{named}">{text}')
    below = appendix(body)
    contents = f"\n{body['contents']}\n{shell.margin}" if shell.margin else ""
    return "".join(
        (
            shell.before,
            described,
            f"<title>{title}</title>",
            *head,
            contents,
            _title_block(body),
            f"\n\n\n{body['body']}\n\n",
            shell.top,
            f"{_APPENDIX}{below}</div>" if below else "",
            shell.after,
        )
    )


def appendix(body: Body) -> str:
    """The footnotes as they stand at the end of a page; empty if there are none."""
    notes = body["notes"]
    opening = notes.find(">") + 1
    return f"{notes[:opening]}{_FOOTNOTES}{notes[opening:]}" if notes else ""


def _title_block(body: Body) -> str:
    lines = [
        '<header id="title-block-header" class="quarto-title-block default">\n<div class="quarto-title">',
        f'<h1 class="title">{body["title"]}</h1>',
    ]
    if body["categories"]:
        listed = "\n".join(f'<div class="quarto-category">{escape(c, quote=False)}</div>' for c in body["categories"])
        lines.append(f'<div class="quarto-categories">\n{listed}\n</div>')
    lines.append('</div>\n\n\n\n<div class="quarto-title-meta">')
    if body["modified"]:
        lines.append(
            '<div>\n<div class="quarto-title-meta-heading">Modified</div>\n<div class="quarto-title-meta-contents">\n'
            f'<p class="date-modified">{day(body["modified"])}</p>\n</div>\n</div>'
        )
    lines.append("</div>\n\n\n</header>")
    return "\n".join(lines)


def day(iso: str) -> str:
    """A day in English, as Quarto writes it; other text as it is."""
    try:
        found = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{found:%B} {found.day}, {found.year}"
