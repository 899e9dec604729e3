"""Write the note of a resolved page, and fingerprint its inputs: equal fingerprints mean equal notes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from operator import attrgetter
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..incremental import fingerprint
from ..listings import Target, address, folder_of
from ..model import Ambiguous, Found, Missing, Source, WikiPage
from ..regex import regex
from ..requirements.merge import environments_on_path
from ..settings import SITE_PICTURE
from ..text.characters import safe_url
from ..text.markdown import attribute, category, escape, escape_smart
from ..text.quarto_syntax import switch_off
from ..text.sections import reading_time
from .connections import connections, crumbs, ways
from .link_table import DEEPEST, link_table, table_block
from .note_links import Site, own_heading, path_name, relative, repository, source_address
from .provenance import badges, contract_section, sources_section
from .requirements_section import requirements_section

if TYPE_CHECKING:
    from ..parsed import ParsedPage

DESCRIPTION = "description-meta: "
FENCE = ":::::::"
"""Opens and closes the outer divisions of a note."""
_UNWRITABLE = regex(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def minutes(page: WikiPage) -> int:
    """Return the minutes to read a page."""
    return page.minutes or reading_time(page.lead, page.content)


def note(page: WikiPage, site: Site) -> str:
    """Return the whole .qmd of a page: generated divisions, and the page's own text between them, unchanged.

    The filter arranges them (see ``note.lua``, which explains the format), resolves the page's links by the table at
    the top, and removes active content.
    """
    body = "\n\n".join(filter(None, (page.lead, page.content)))
    remarks = (f"-   \\[{number}\\] {text}" if number else f"-   {text}" for number, text in page.remarks)
    sources_text = "\n\n".join(filter(None, (page.sources_text, *remarks)))
    key = sha256(f"{page.path}\0{body}\0{page.connections_text}\0{sources_text}".encode()).hexdigest()[:16]
    trusted, here = page.id in site.trusted, site.names[page.id]
    table = link_table(page, site, "\n\n".join((body, page.connections_text, sources_text)))
    table |= {"lead": True} if page.lead else {}
    table |= {"trusted": True} if trusted else {}
    top = (table_block(table), ways(here, site), crumbs(page, site), strip(page, site), contract_section(page, site))
    divisions = (
        ("top", top, body),
        ("connections", (requirements_section(page, site), connections(page, site)), page.connections_text),
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
    title = re.sub(r"(?<=[A-Za-z]):(?=\S)", r"\:", escape_smart(page.page_title))  # `File:x` would be an address
    lines = ["---", f"title: {yaml_string(title)}"]
    if not trusted:
        lines.append("engine: markdown")  # runs nothing
    if page.overview:
        lines.append(f"description-meta: {yaml_string(attribute(page.overview[:300]))}")
    lines += _card(lines, site.pictures.get(page.id, ""), site)
    if former := site.redirects.get(page.id):
        lines.append(f"aliases: [{', '.join(yaml_string(f'/notes/{name}.html') for name in former)}]")
    return "\n".join([*lines, "---"])


def _card(lines: Iterable[str], picture: str, site: Site) -> Iterator[str]:
    """Yield what front matter says to Quarto for other sites (Open Graph): its description, and the picture.

    Quarto would take the description of the site, and the first picture of the note. Other sites could not load that
    from a site without an address.
    """
    for line in lines:
        if line.startswith(DESCRIPTION):
            yield from (f"{name}: {{description: {line.removeprefix(DESCRIPTION)}}}" for name in site.cards)
    if picture:
        yield f"image: ../{picture}"
    elif site.cards and not site.has_address:
        yield "image: false"


def with_card(text: str, site: Site) -> str:
    """Return a generated note about the whole wiki, with its card added to its front matter."""
    head, fence, rest = text.partition("\n---\n")
    return "\n".join([head, *_card(head.splitlines(), SITE_PICTURE if site.pictures else "", site)]) + fence + rest


def yaml_string(text: str) -> str:
    """Return a text as a YAML string. Every JSON string is one."""
    clean = _UNWRITABLE.sub(" ", text)
    return json.dumps(clean, ensure_ascii=False)


def path_minutes(page: WikiPage, site: Site) -> int:
    """Return the minutes to read a Workflow's reading path; 0 for a page without one."""
    path = site.paths.get(page.id)
    return sum(minutes(site.graph.pages[other]) for other in path.pages()) if path else 0


def strip(page: WikiPage, site: Site) -> str:
    """Return the line under the title: type, minutes, date, domains, and links to follow."""
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
        parts.append(
            f"[{words.count('problems', count)}]({to}wiki/audit.html#{problem_anchor(page, site)}){{.tw-problems}}"
        )
    if file := source_address(page.path, "edit", site):
        parts.append(f"[{words('edit')}](<{file}>){{.tw-edit}}")
    return f"::: {{.tw-strip .tw-{page_type.slug}}}\n{' '.join(parts)}\n:::"


def problem_anchor(page: WikiPage, site: Site) -> str:
    """Return the anchor of a page's problems in the audit."""
    return site.names[page.id].replace("/", "-").lower()


def cited(source: Source) -> str:
    """Return a source's title, linked to its address if a browser may open that."""
    title = escape(source.title)
    return f"[{title}](<{safe_url(source.url)}>)" if re.match(r"(?:https?|ftp)://", source.url) else title


def _sources(page: WikiPage, site: Site) -> str:
    """Return the Sources section up to the page's own text, which follows it."""
    listed = page.knowledge.sources if page.knowledge else ()
    keyed = {name for source in listed for name in (source.name, source.resource)}
    lines = [
        f"- [{escape(s.type)}]{{.tw-source-type}} {cited(s)}"
        for s in page.sources
        if keyed.isdisjoint((s.title, s.url)) and (not s.url or s.url not in page.sources_text)
    ]
    if page.knowledge:
        return sources_section(page, site, "\n".join(lines))
    if not lines and not page.sources_text and not site.schema.ranked:
        return ""
    body = "\n".join(lines) or ("" if page.sources_text else site.words("no-sources"))
    return "\n\n".join(filter(None, (own_heading(page, "sources", site), body)))


FOLDER = "assets/by-hand"


def by_hand_file(page: WikiPage, site: Site) -> dict[str, bytes]:
    """Return the JSON file of a hand-written note, ``assets/by-hand/<stem>.json``: its link table, with

    - strip: type, minutes and problems, for the top
    - connections: the section of that name, to be inserted before Sources
    - sources: the heading of Sources, if the note has another name for it
    """
    table = link_table(page, site, "")
    table |= {
        "strip": "\n\n".join(filter(None, (ways(site.names[page.id], site), strip(page, site)))),
        "connections": connections(page, site),
    }
    table |= {"sources": title} if (title := dict(page.written).get("sources")) else {}
    return {f"{FOLDER}/{page.stem}.json": json.dumps(table, ensure_ascii=False, indent=1).encode()}


_TEXTS = {"content", "lead", "sources_text", "connections_text", "outgoing_links", "annotations", "images"}
_face = attrgetter(*(name for name in WikiPage.__struct_fields__ if name not in _TEXTS))


class Dependencies:
    """Fingerprints of the inputs of notes and of pages about the whole wiki. ``made_by`` covers program and
    settings."""

    def __init__(self, site: Site, parsed: Mapping[str, ParsedPage], made_by: str) -> None:
        self._site = site
        self._parsed = parsed
        self._made_by = made_by
        self._rows: dict[str, str] = {}
        self._ordered = {name for name, edge in site.schema.edges.items() if edge.ordered}

    @cached_property
    def faces(self) -> dict[str, str]:
        """Return fingerprints of each page's metadata, by page id."""
        names = self._site.names
        return {page.id: fingerprint(_face(page), names[page.id]) for page in self._site.graph.pages.values()}

    @cached_property
    def titles(self) -> str:
        """Return the fingerprint of the titles and note paths of all pages."""
        names = self._site.names
        pages = self._site.graph.pages.values()
        return fingerprint([(p.id, p.page_title, p.page_type, p.namespace, p.path, names[p.id]) for p in pages])

    @cached_property
    def edges(self) -> str:
        """Return the fingerprint of all edges."""
        return fingerprint([(edge.source, edge.type, edge.target) for edge in self._site.graph.edges])

    def note(self, page: WikiPage) -> str:
        """Return the fingerprint of a page's note. Of other pages it shows titles and addresses, and embedded text."""
        site, graph = self._site, self._site.graph
        outgoing, incoming = graph.outgoing.get(page.id, ()), graph.incoming.get(page.id, ())
        steps = [(edge.source, graph.outgoing[edge.source]) for edge in incoming if edge.type in self._ordered]
        environments = environments_on_path(page.id, graph, site.schema)
        trail, similar = site.trails.get(page.id, ()), site.related.get(page.id, ())
        shown = {edge.target for edge in outgoing} | {edge.source for edge in incoming}
        shown.update(trail, similar, environments, (edge.target for _, edges in steps for edge in edges))
        shown.update(row.origin.page for one in environments for row in site.requirements.get(one, ()))
        return fingerprint(
            self._made_by,
            self._page(page, (page.id,)),
            _face(page),
            [(edge.type, edge.target) for edge in outgoing],
            [(edge.type, edge.source) for edge in incoming],
            [(source, [(edge.type, edge.target) for edge in edges]) for source, edges in steps],
            trail,
            similar,
            path_minutes(page, site),
            site.problems.get(page.path, 0),
            [self._displayed(other) for other in sorted(shown)],
            [self._requirements(environment) for environment in environments],
            site.redirects.get(page.id),
            page.id in site.trusted,
            site.several_namespaces,
            site.pictures.get(page.id),
        )

    def _page(self, page: WikiPage, chain: tuple[str, ...]) -> object:
        """Return what determines a page's text and links, on its own note or embedded."""
        site = self._site
        parsed = self._parsed[page.id]
        paths = {*page.images, *(link.target for link in page.outgoing_links if link.is_path)}
        repo = repository(page) if parsed.places else ""
        return (
            parsed.fingerprint,
            page.minutes,  # 0 where the whole page is shown as text
            site.names[page.id],
            self._links(page, chain),
            [site.assets.get((page.path, path), "") for path in sorted(paths)],
            [sorted(site.files.get((repo, place), ())) for place in parsed.places],
        )

    def _links(self, page: WikiPage, chain: tuple[str, ...]) -> list[object]:
        graph = self._site.graph
        links: list[object] = []
        for link, resolution in graph.links(page):
            match resolution:
                case Found(page_id, swapped):
                    text = self._parsed[page_id].fingerprint if link.fragment or link.embed else ""
                    embedded = link.embed and page_id not in chain and len(chain) <= DEEPEST
                    within = self._page(graph.pages[page_id], (*chain, page_id)) if embedded else ()
                    links.append((self._displayed(page_id), swapped, text, within))
                case Ambiguous(candidates):
                    links.append([self._displayed(candidate) for candidate in candidates])
                case Missing(_, unknown_type, held_back, is_value):
                    links.append((unknown_type, bool(held_back), is_value))
        return links

    def _displayed(self, page_id: str) -> tuple[str, str, str, str, bool]:
        """Return the parts of a page that other pages show."""
        page = self._site.graph.pages[page_id]
        return page_id, page.page_title, page.page_type, self._site.names[page_id], page.is_deprecated

    def _requirements(self, environment: str) -> str:
        if environment not in self._rows:
            self._rows[environment] = fingerprint(self._site.requirements.get(environment, ()))
        return self._rows[environment]
