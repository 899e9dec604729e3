"""What decides a note, as a fingerprint: equal ones mean an equal note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cached_property
from operator import attrgetter

from ..fingerprint import fingerprint
from ..model import Ambiguous, Found, Missing, WikiPage
from ..parsed import ParsedPage
from ..requirements.merge import environments_on_path
from .embeds import DEEPEST
from .note_file import path_minutes
from .note_links import Site
from .code_references import repository

_TEXTS = {"content", "lead", "sources_text", "connections_text", "outgoing_links", "annotations", "images"}
_face = attrgetter(*(field.name for field in fields(WikiPage) if field.name not in _TEXTS))


class Dependencies:
    """Fingerprints of what notes, and pages about the whole wiki, are made from, ``made_by`` a program with its
    settings."""

    def __init__(self, site: Site, parsed: Mapping[str, ParsedPage], made_by: str) -> None:
        self._site = site
        self._parsed = parsed
        self._made_by = made_by
        self._rows: dict[str, str] = {}

    @cached_property
    def faces(self) -> dict[str, str]:
        """Of all that a page says of itself beside its text, by page id."""
        names = self._site.names
        return {page.id: fingerprint(_face(page), names[page.id]) for page in self._site.graph.pages.values()}

    @cached_property
    def titles(self) -> str:
        """Of what the pages are called, and where their notes are."""
        names = self._site.names
        pages = self._site.graph.pages.values()
        return fingerprint([(p.id, p.page_title, p.page_type, p.namespace, p.path, names[p.id]) for p in pages])

    @cached_property
    def edges(self) -> str:
        """Of all edges."""
        return fingerprint([(edge.source, edge.type, edge.target) for edge in self._site.graph.edges])

    def note(self, page: WikiPage) -> str:
        """Of a page's note. Of other pages it shows titles and addresses only, and their text where it embeds them."""
        site, graph = self._site, self._site.graph
        outgoing, incoming = graph.outgoing.get(page.id, ()), graph.incoming.get(page.id, ())
        ordered = {name for name, edge in site.schema.edges.items() if edge.ordered}
        steps = [(edge.source, graph.outgoing[edge.source]) for edge in incoming if edge.type in ordered]
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
            [self._shown(other) for other in sorted(shown)],
            [self._requirements(environment) for environment in environments],
            site.redirects.get(page.id),
            page.id in site.trusted,
            site.several_namespaces,
        )

    def _page(self, page: WikiPage, chain: tuple[str, ...]) -> object:
        """What decides a page's text with its links, on its own note or where it is embedded."""
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
        found: list[object] = []
        for link, resolution in zip(page.outgoing_links, graph.resolutions[page.id], strict=True):
            match resolution:
                case Found(page_id, swapped):
                    text = self._parsed[page_id].fingerprint if link.fragment or link.embed else ""
                    embedded = link.embed and page_id not in chain and len(chain) <= DEEPEST
                    within = self._page(graph.pages[page_id], (*chain, page_id)) if embedded else ()
                    found.append((self._shown(page_id), swapped, text, within))
                case Ambiguous(candidates):
                    found.append([self._shown(candidate) for candidate in candidates])
                case Missing(_, unknown_type, held_back, is_value):
                    found.append((unknown_type, bool(held_back), is_value))
        return found

    def _shown(self, page_id: str) -> tuple[str, str, str, str, bool]:
        """What other pages show of a page."""
        page = self._site.graph.pages[page_id]
        return page_id, page.page_title, page.page_type, self._site.names[page_id], page.is_deprecated

    def _requirements(self, environment: str) -> str:
        if environment not in self._rows:
            self._rows[environment] = fingerprint(self._site.requirements.get(environment, ()))
        return self._rows[environment]
