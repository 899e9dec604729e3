"""Imitate Quarto's pages: templates extracted from a page that Quarto rendered, and redirects.

A template is the page without the parts that vary from note to note. All notes of a kind (``kind_of``) share it, byte
for byte.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from datetime import date
from html import escape
from urllib.parse import quote

from msgspec import Struct

from .bodies import Body

Kind = tuple[bool, bool]
"""Whether a note has highlighted code, and a table of contents."""
_TITLE = re.compile(r'(?:<meta name="description" content="[^"]*">\s*)?<title>[^<]*</title>')
_CONTENTS = re.compile(r'(<nav id="TOC" [^>]*>\s*<h2 id="toc-title">[^<]*</h2>).*?(</nav>)', re.DOTALL)
_HEADER = re.compile(r'<header id="title-block-header" class="quarto-title-block default">.*?</header>', re.DOTALL)
_TOP = '<a onclick="window.scrollTo(0, 0); return false;" role="button" id="quarto-back-to-top">'
_APPENDIX = '<div id="quarto-appendix" class="default">'
_FOOTNOTES = '<h2 class="anchored quarto-appendix-heading">Footnotes</h2>'
_PAGE_NAMES = re.compile(
    r'(<meta (?:property="og:|name="twitter:)(?:title|description|image)" content=|<link rel="canonical" href=)'
    r'"([^"]*)">'
)
"""Tags in the head that describe the page, besides title and description: which one, and its value."""


class PageTemplateError(Exception):
    """Quarto's page has an unknown structure."""


class PageTemplate(Struct, frozen=True):
    """The text of a page around its variable parts: title, contents, title block and body, appendix."""

    before: str
    head: tuple[str, ...]
    """From the title to the table of contents, split at the tags that describe the page (``_PAGE_NAMES``)."""
    margin: str
    """After the table of contents, up to the title block; empty if there is no such table."""
    top: str
    """Between the body and the appendix."""
    after: str


def kind_of(body: Body) -> Kind:
    """Return the kind of a body, which decides its template."""
    return body["highlighted"], bool(body["contents"])


def extract_template(page: str) -> PageTemplate:
    """Extract the template of a page.

    Raises:
        PageTemplateError: the page has an unknown structure.
    """
    title = _find_once(_TITLE, page, "title")
    after_title = page[title.end() :]
    header = _find_once(_HEADER, after_title, "title block")
    head, after = after_title[: header.start()], after_title[header.end() :]
    margin = ""
    if contents := _CONTENTS.search(head):
        head, margin = head[: contents.end(1)], head[contents.start(2) :]
    end = after.rfind("</main>")
    if end < 0:
        raise PageTemplateError("no end of the content")
    link_start = after.rfind(_TOP, 0, end)
    top = after[link_start : after.index("</a>", link_start) + len("</a>")] if link_start >= 0 else ""
    return PageTemplate(page[: title.start()], tuple(_PAGE_NAMES.split(head)), margin, top, after[end:])


def _find_once(pattern: re.Pattern[str], text: str, description: str) -> re.Match[str]:
    matches = list(pattern.finditer(text))
    if len(matches) != 1:
        raise PageTemplateError(f"{len(matches) or 'no'} {description}")
    return matches[0]


def fill_template(
    template: PageTemplate, body: Body, site_title: str, site_description: str, site_url: str, page: str
) -> str:
    """Return the page of a note, as Quarto would render it. ``site_title`` is HTML; ``page`` is the page's path."""
    description = (
        f'<meta name="description" content="{escape(body["description"])}">\n\n' if body["description"] else ""
    )
    title = f"{escape(body['pagetitle'], quote=False)} – {site_title}"
    picture = posixpath.normpath(posixpath.join(posixpath.dirname(page), body["image"])) if body["image"] else ""
    values = {
        "link": f"{site_url}/{page}",
        "title": title.replace('"', "&quot;"),
        "description": escape(body["description"] or site_description),
        "image": picture and f"{site_url}/{picture}",
    }
    head = [template.head[0]]
    for opening, old_value, text in zip(template.head[1::3], template.head[2::3], template.head[3::3], strict=True):
        value = next(value for name, value in values.items() if name in opening)
        head.append(f'{opening}"{value or old_value}">{text}')
    footnotes = appendix(body)
    contents = f"\n{body['contents']}\n{template.margin}" if template.margin else ""
    return "".join(
        (
            template.before,
            description,
            f"<title>{title}</title>",
            *head,
            contents,
            _title_block(body),
            f"\n\n\n{body['body']}\n\n",
            template.top,
            f"{_APPENDIX}{footnotes}</div>" if footnotes else "",
            template.after,
        )
    )


def appendix(body: Body) -> str:
    """Return the footnotes at the end of a page; empty if there are none."""
    notes = body["notes"]
    opening = notes.find(">") + 1
    return f"{notes[:opening]}{_FOOTNOTES}{notes[opening:]}" if notes else ""


def _title_block(body: Body) -> str:
    lines = [
        '<header id="title-block-header" class="quarto-title-block default">\n<div class="quarto-title">',
        f'<h1 class="title">{body["title"]}</h1>',
    ]
    if body["categories"]:
        names = "\n".join(f'<div class="quarto-category">{escape(c, quote=False)}</div>' for c in body["categories"])
        lines.append(f'<div class="quarto-categories">\n{names}\n</div>')
    lines.append('</div>\n\n\n\n<div class="quarto-title-meta">')
    if body["modified"]:
        lines.append(
            '<div>\n<div class="quarto-title-meta-heading">Modified</div>\n<div class="quarto-title-meta-contents">\n'
            f'<p class="date-modified">{format_date(body["modified"])}</p>\n</div>\n</div>'
        )
    lines.append("</div>\n\n\n</header>")
    return "\n".join(lines)


def format_date(iso: str) -> str:
    """Return an ISO date as Quarto writes it in English. Other text is returned unchanged."""
    try:
        parsed = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{parsed:%B} {parsed.day}, {parsed.year}"


_DRAFT_REDIRECT = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Moved</title>'
    '<link rel="canonical" href="{to}"><meta http-equiv="refresh" content="0; url={to}"></head>'
    '<body><p>This page has moved: <a href="{to}">{title}</a></p></body></html>\n'
)
_QUARTO_REDIRECT = """<html xmlns="http://www.w3.org/1999/xhtml">
<head>
  <title>Redirect</title>
  <script type="text/javascript">
    var redirects = {redirects};
    var hash = window.location.hash.startsWith('#') ? window.location.hash.slice(1) : window.location.hash;
    var redirect = redirects[hash] || redirects[""] || "/";
    window.document.title = 'Redirect to  ' +  redirect;
    if (!redirects[hash]) {{
      redirect = redirect + window.location.hash;
    }}
    redirect = redirect + window.location.search;
    window.location.replace(redirect);
  </script>
</head>
<body>
</body>
</html>
"""
"""The redirect that Quarto writes for `aliases:`."""


def draft_redirects(page: str, body: Body) -> Iterator[tuple[str, str]]:
    """Yield the path, relative to the site, and the draft's redirect for each alias of ``page``."""
    for former_path in _former_paths(page, body):
        to = quote(posixpath.relpath(page, posixpath.dirname(former_path) or "."))
        yield former_path, _DRAFT_REDIRECT.format(to=to, title=body["title"])


def quarto_redirects(page: str, body: Body) -> Iterator[tuple[str, str]]:
    """Yield the path and Quarto's redirect for each alias of ``page``."""
    for former_path in _former_paths(page, body):
        to = json.dumps({"": posixpath.relpath(page, posixpath.dirname(former_path) or ".")}, ensure_ascii=False)
        yield former_path, _QUARTO_REDIRECT.format(redirects=to.replace(": ", ":", 1))


def _former_paths(page: str, body: Body) -> Iterator[str]:
    for alias in body["aliases"]:
        former_path = posixpath.normpath(posixpath.join("/", posixpath.dirname(page), alias)).lstrip("/")
        yield former_path if former_path.endswith(".html") else f"{former_path}/index.html"
