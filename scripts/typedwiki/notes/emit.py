"""A resolved page to the text of its note."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import quote

from ..text.anchors import with_anchors
from .connections import connections
from .crumbs import crumbs
from ..text.inline import safe_url
from .linking import Site, marked, page_link, path_name, relative
from .locations import link_locations
from ..text.markdown import attribute, category, escape, escape_smart
from ..model import Source, WikiPage
from ..requirements.section import requirements_section
from ..text.sections import outside_code, pieces

READER = (
    "markdown-citations-smart-fancy_lists-example_lists-superscript-subscript-line_blocks"
    "-definition_lists-raw_tex-latex_macros"
)
"""Pandoc's reader for generated notes: without the syntax that wikis do not have."""
_FENCE = re.compile(r"\n([ \t>]*(?:-[ \t]+)?)(---[ \t]*)(?=\n|\Z)")
"""In a text with a line end before it: a pattern that begins with a literal is searched for much faster."""
WORDS_A_MINUTE = 200
CODE_LINES_A_MINUTE = 20


def minutes(page: WikiPage) -> int:
    """Minutes to read a page: 200 words of prose, or 20 lines of code, a minute; at least one."""
    return _minutes(page.lead, page.content)


@lru_cache(maxsize=1 << 20)  # lists, reading paths and the note itself all ask for it
def _minutes(lead: str, content: str) -> int:
    prose, lines = [lead], 0
    for text, is_code in pieces(content):
        if is_code:
            lines += text.count("\n")
        else:
            prose.append(text)
    return max(1, round(len("".join(prose).split()) / WORDS_A_MINUTE + lines / CODE_LINES_A_MINUTE))


def note(page: WikiPage, site: Site) -> str:
    """The whole .qmd of a page."""
    body = [_front_matter(page, site), crumbs(page, site), strip(page, site)]
    if page.lead:
        body.append(f"::: {{.tw-lead}}\n{marked(link_locations(page.lead, page, site.files), page, site)}\n:::")
    if page.content:
        content = link_locations(page.content, page, site.files)
        body.append(marked(with_anchors(content), page, site))
    body.append(
        requirements_section(
            page,
            site.graph,
            site.schema,
            site.requirements,
            lambda environment: page_link(site.graph.pages[environment], page, site),
        )
    )
    body += [connections(page, site), _sources(page, site)]
    head, *rest = (part for part in body if part)
    # Both pandoc and Quarto read a metadata block wherever it stands.
    text = outside_code("\n\n".join(rest), lambda prose: _FENCE.sub(r"\n\1\\\2", f"\n{prose}")[1:] if "---" in prose else prose)
    return f"{head}\n\n{text}\n"


def _front_matter(page: WikiPage, site: Site) -> str:
    lines = ["---", f"title: {yaml_string(escape_smart(page.page_title))}"]
    if page.overview:
        lines.append(f"description-meta: {yaml_string(attribute(page.overview[:300]))}")
    if page.last_updated:
        lines.append(f"date-modified: {page.last_updated.isoformat()}")
    if page.domains:
        lines.append(f"categories: [{', '.join(yaml_string(category(d)) for d in page.domains)}]")
    if former := site.redirects.get(page.id):
        lines.append(f"aliases: [{', '.join(yaml_string(f'/notes/{name}.html') for name in former)}]")
    return "\n".join([*lines, "---"])


def yaml_string(text: str) -> str:
    """A JSON string is a YAML string, whatever the text holds."""
    clean = re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", " ", text)
    return json.dumps(clean, ensure_ascii=False)


def path_minutes(page: WikiPage, site: Site) -> int:
    """Minutes to read a Workflow's reading path; 0 for a page that has none."""
    path = site.paths.get(page.id)
    return sum(minutes(site.graph.pages[other]) for other in path.pages()) if path else 0


def strip(page: WikiPage, site: Site) -> str:
    """The line under the title: type, namespace, minutes, and what leads on from here."""
    page_type = site.schema.types[page.page_type]
    to = relative("", site.names[page.id])
    parts = [f"[{escape(page_type.name)}]{{.tw-badge .tw-{page_type.slug}}}"]
    if page.namespace:
        parts.append(f"[{escape(page.namespace)}]{{.tw-namespace}}")
    parts.append(f"[{minutes(page)} min read]{{.tw-minutes}}")
    if whole := path_minutes(page, site):
        parts.append(f"[Reading path, {whole} min]({to}{path_name(page.id, site)}.html){{.tw-path-link}}")
    if count := site.problems.get(page.path, 0):
        anchor = site.names[page.id].replace("/", "-").lower()
        many = "problem" if count == 1 else "problems"
        parts.append(f"[{count} {many}]({to}wiki/audit.html#{anchor}){{.tw-problems}}")
    if site.edit_url and not PurePosixPath(page.path).is_absolute():
        parts.append(f"[Edit source](<{site.edit_url}{quote(page.path)}>){{.tw-edit}}")
    return f"::: {{.tw-strip}}\n{' '.join(parts)}\n:::"


def cited(source: Source) -> str:
    """A source's title, linked to where it is if that is an address a browser may open."""
    title = escape(source.title)
    return f"[{title}](<{safe_url(source.url)}>)" if re.match(r"(?:https?|ftp)://", source.url) else title


def _sources(page: WikiPage, site: Site) -> str:
    lines = [
        f"- [{escape(s.type)}]{{.tw-source-type}} {cited(s)}"
        for s in page.sources
        if not s.url or s.url not in page.sources_text
    ]
    own = marked(page.sources_text, page, site)
    listed = "\n".join(lines)
    body = "\n\n".join(part for part in (listed, own) if part)
    return f"## Sources {{#sources}}\n\n{body or 'This page names no sources.'}"
