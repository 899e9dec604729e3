"""A resolved page to the text of its note."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from urllib.parse import quote

from .connections import connections
from .breadcrumbs import crumbs, ways
from ..text.addresses import safe_url
from .link_table import link_table, table_block
from .note_links import Site, own_heading, page_link, path_name, relative, source_address
from ..text.markdown import attribute, category, escape, escape_smart
from ..model import Source, WikiPage
from ..okf.listings import Target, address, folder_of
from ..regex import regex
from ..requirements.section import requirements_section
from .provenance import badges, contract_section, sources_section
from ..text.quarto_syntax import switch_off
from ..text.reading_time import reading_time

FENCE = ":::::::"
"""Of the divisions of a note, which hold others."""
_UNWRITABLE = regex(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def minutes(page: WikiPage) -> int:
    """Minutes to read a page."""
    return page.minutes or reading_time(page.lead, page.content)


def note(page: WikiPage, site: Site) -> str:
    """The whole .qmd of a page: divisions of ours, and what the page says between them, as it is written.

    The filter puts them together (see ``note.lua``, which explains the form), resolves the page's links by the
    table at the top, and takes out whatever acts.
    """
    body = "\n\n".join(filter(None, (page.lead, page.content)))
    sources_text = "\n\n".join(filter(None, (page.sources_text, *_remarks(page))))
    key = sha256(f"{page.path}\0{body}\0{page.connections_text}\0{sources_text}".encode()).hexdigest()[:16]
    trusted, here = page.id in site.trusted, site.names[page.id]
    table = link_table(page, site, "\n\n".join((body, page.connections_text, sources_text)))
    table |= {"lead": True} if page.lead else {}
    table |= {"trusted": True} if trusted else {}
    needs = requirements_section(
        page,
        site.graph,
        site.schema,
        site.requirements,
        lambda environment: page_link(site.graph.pages[environment], page, site),
    )
    divisions = (
        (
            "top",
            (
                table_block(table),
                ways(here, site),
                crumbs(page, site),
                strip(page, site),
                contract_section(page, site),
            ),
            body,
        ),
        ("connections", (needs, connections(page, site)), page.connections_text),
        ("sources", (_sources(page, site),), sources_text),
    )
    parts = [_front_matter(page, site, trusted)]
    for name, ours, theirs in divisions:
        inside = "\n\n".join(filter(None, ours))
        parts.append(f"{FENCE} {{#tw-{name}-{key}}}\n{inside}\n\n{FENCE}")
        if theirs:
            parts.append(switch_off(theirs, trusted))
    return "\n\n".join(parts) + "\n"


def _front_matter(page: WikiPage, site: Site, trusted: bool) -> str:
    lines = ["---", f"title: {yaml_string(escape_smart(page.page_title))}"]
    if not trusted:
        lines.append("engine: markdown")  # which runs nothing
    if page.overview:
        lines.append(f"description-meta: {yaml_string(attribute(page.overview[:300]))}")
    if former := site.redirects.get(page.id):
        lines.append(f"aliases: [{', '.join(yaml_string(f'/notes/{name}.html') for name in former)}]")
    return "\n".join([*lines, "---"])


def yaml_string(text: str) -> str:
    """A JSON string is a YAML string, whatever the text holds."""
    clean = _UNWRITABLE.sub(" ", text)
    return json.dumps(clean, ensure_ascii=False)


def path_minutes(page: WikiPage, site: Site) -> int:
    """Minutes to read a Workflow's reading path; 0 for a page that has none."""
    path = site.paths.get(page.id)
    return sum(minutes(site.graph.pages[other]) for other in path.pages()) if path else 0


def strip(page: WikiPage, site: Site) -> str:
    """The line under the title: type, minutes, date, domains, and what leads on from here."""
    page_type, words = site.schema.types[page.page_type], site.words
    to = relative("", site.names[page.id])
    parts = [f"[{escape(page_type.name)}]{{.tw-badge .tw-{page_type.slug}}}"]
    if page.held_back:
        parts.append(f"[{escape(words('not-published', why=page.held_back))}]{{.tw-held-back}}")
    if page.namespace and site.several_namespaces:
        parts.append(f"[{escape(page.namespace)}]{{.tw-namespace}}")
    parts += badges(page, site)
    if page.root in site.contents and (folder := folder_of(page.path, page.root)):
        parts.append(f"[{escape(folder)}](<{to}{address(Target('folder', folder))}>){{.tw-folder}}")
    parts.append(f"[{words.count('minutes-read', minutes(page))}]{{.tw-minutes}}")
    if page.last_updated:
        parts.append(f"[{words.day(page.last_updated)}]{{.tw-date}}")
    if whole := path_minutes(page, site):
        parts.append(f"[{words.count('reading-path', whole)}]({to}{path_name(page.id, site)}.html){{.tw-path-link}}")
    parts += [
        f"[{escape(category(domain))}]({to}wiki/explore.html?domain={quote(category(domain))}){{.tw-domain}}"
        for domain in page.domains
    ]
    if count := site.problems.get(page.path, 0):
        anchor = site.names[page.id].replace("/", "-").lower()
        parts.append(f"[{words.count('problems', count)}]({to}wiki/audit.html#{anchor}){{.tw-problems}}")
    if file := source_address(page.path, "edit", site):
        parts.append(f"[{words('edit')}](<{file}>){{.tw-edit}}")
    return f"::: {{.tw-strip .tw-{page_type.slug}}}\n{' '.join(parts)}\n:::"


def cited(source: Source) -> str:
    """A source's title, linked to where it is if that is an address a browser may open."""
    title = escape(source.title)
    return f"[{title}](<{safe_url(source.url)}>)" if re.match(r"(?:https?|ftp)://", source.url) else title


def _remarks(page: WikiPage) -> list[str]:
    """What footnotes say beyond the sources that they are keyed to, as list items."""
    return [f"-   \\[{number}\\] {text}" if number else f"-   {text}" for number, text in page.remarks]


def _sources(page: WikiPage, site: Site) -> str:
    """The Sources section up to what the page's own says, which follows it."""
    keyed = {source.name for source in page.knowledge.sources} if page.knowledge else set()
    lines = [
        f"- [{escape(s.type)}]{{.tw-source-type}} {cited(s)}"
        for s in page.sources
        if s.title not in keyed and (not s.url or s.url not in page.sources_text)
    ]
    if page.knowledge:
        return sources_section(page, site, "\n".join(lines))
    if not lines and not page.sources_text and not site.schema.ranked:
        return ""
    body = "\n".join(lines) or ("" if page.sources_text else site.words("no-sources"))
    return "\n\n".join(filter(None, (own_heading(page, "sources", site), body)))
