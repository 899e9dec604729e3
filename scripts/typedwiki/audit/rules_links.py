"""Rules about single links. ``resolve`` finds L001 to L003."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from rapidfuzz import fuzz, process

from ..model import Found, Link, WikiPage
from ..problems import Problem
from ..regex import regex
from ..resolve import PAGE_SUFFIXES, may_be_elsewhere
from ..schema import ANY, Orientation, Schema, key
from ..text.anchors import fragment_of, headings
from ..text.characters import may_load
from ..text.links import scan
from ..text.markdown import plain
from ..text.okf_fields import FIELD_EDGES
from ..text.verbatim import inside_any
from ..words import join_names, names_setting, nearest
from .context import Context
from .rules_content import ON_MACHINE

_ELSEWHERE = regex(r"\]\(\s?<?(?:https?:)?//", re.IGNORECASE)
_PICTURE = regex(r"!\[[^\[\]\n]{0,500}\]\(\s?<?(?P<address>(?:https?:)?//[^()<>\s]{1,2000})", re.IGNORECASE)
_OWN_EDGE = "an edge of its own is declared under `typedwiki: schema: edges:`"
FEWEST_PAGES = 3
"""An edge name on this many pages is intended."""
_SECTIONS = frozenset({"requirements", "reading-path", "reading_path"})
"""Sections that a note has, but its page does not."""


def unknown_edge(context: Context) -> Iterator[Problem]:
    """L004: an edge name that looks like a misspelling of a known one."""
    names = context.schema.edge_names()
    for page, link, _ in _links(context):
        if link.edge and link.edge not in FIELD_EDGES and not context.schema.orientations(link.edge):
            if not context.schema.ranked and context.schema.page_type(link.edge):
                continue  # `project: "[[Kiln]]"`, a property that is named after the type of its values
            closest = process.extractOne(key(link.edge), names, scorer=fuzz.ratio, score_cutoff=85)
            if page_type := context.schema.page_type(link.edge):
                message = f"`{link.edge}` is a type of page, not an edge"
                yield context.problem_at(page, "L004", link.span, message, f"write [[{page_type.name}:{link.target}]]")
            elif closest:
                message = f"`{link.edge}` is not an edge of the schema"
                yield context.problem_at(page, "L004", link.span, message, f"did you mean `{closest[0]}`?")


def unnamed_edge(context: Context) -> Iterator[Problem]:
    """L015: an edge name on several pages that the schema lacks, perhaps a known edge in another language.

    Without ranks every name is an edge.
    """
    if not context.schema.ranked:
        return
    uses: dict[str, list[tuple[WikiPage, Link, WikiPage | None]]] = defaultdict(list)
    misspelt_places = {(p.path, p.line, p.column) for p in unknown_edge(context)}
    for page, link, target in _links(context):
        misspelt = (page.path, link.span.line, link.span.column) in misspelt_places
        if link.edge and not context.schema.orientations(link.edge) and not misspelt:
            uses[key(link.edge)].append((page, link, target))
    for name, places in uses.items():
        pages = len({page.id for page, _, _ in places})
        if pages >= FEWEST_PAGES:
            page, link, _ = places[0]
            message = f"`{link.edge}`, on {pages} pages, is no edge of the schema: it is shown as an association"
            intended = _translate_edge(name, context.schema)
            if (
                not intended or not context.schema.orientations(intended)[0].edge.association
            ):  # then the types are a better clue than the words
                intended = _edge_between(places, context.schema) or intended
            hint = f"if it means `{intended}`, say so with {names_setting(intended, name)}" if intended else _OWN_EDGE
            yield context.problem_at(page, "L015", link.span, message, hint)


def _translate_edge(name: str, schema: Schema) -> str:
    """Return the edge with a similar name in another language; empty if there is none."""
    foreign_names = [n for e in schema.edges.values() for n in (*e.synonyms, *e.inverses) if key(n) in schema.foreign]
    closest = process.extractOne(name, list(map(key, foreign_names)), scorer=fuzz.ratio, score_cutoff=75)
    return _edge_name(schema.orientations(closest[0])[0]) if closest else ""


def _edge_between(places: Sequence[tuple[WikiPage, Link, WikiPage | None]], schema: Schema) -> str:
    """Return the typed edge of the schema between the types that most of these links join; empty if there is none."""
    counts: Counter[str] = Counter()
    for page, link, target in places:
        link_type = schema.page_type(link.type or "")
        target_type = target.page_type if target else link_type.name if link_type else ""
        for edge in schema.edges.values() if target_type else ():
            for reading in (Orientation(edge, False), Orientation(edge, True)):
                if not edge.association and reading.allows(page.page_type, target_type):
                    counts[_edge_name(reading)] += 1
    best = counts.most_common(1)
    return best[0][0] if best and 2 * best[0][1] > len(places) else ""


def _edge_name(reading: Orientation) -> str:
    edge = reading.edge
    return edge.inverses[0] if reading.backwards and edge.inverses else edge.name


def not_allowed(context: Context) -> Iterator[Problem]:
    """L005: a known edge between types that it does not join."""
    for page, link, target in _links(context):
        readings = context.schema.orientations(link.edge or "")
        # An inverse such as `used_by` is also an everyday word. Then it is an association.
        if not target or target.id == page.id or key(link.edge or "") not in context.schema.edges:
            continue
        if any(reading.allows(page.page_type, target.page_type) for reading in readings):
            continue
        edge = readings[0].edge
        ends = f"{_names(edge.sources)} to {_names(edge.targets)}"
        message = f"`{edge.name}` leads from {ends}, not from {page.page_type} to {target.page_type}"
        yield context.problem_at(page, "L005", link.span, message, f"use {_allowed_edges(context, page, target)}")


def upward(context: Context) -> Iterator[Problem]:
    """L006: an association from a page up to one of a lower rank."""
    types = context.schema.types
    for page, link, target in _links(context):
        if not link.edge or link.edge in FIELD_EDGES or not target:
            continue
        upper, lower = types[target.page_type], types[page.page_type]
        if not (upper.ranked and lower.ranked and upper.rank < lower.rank):
            continue
        known_edge = context.schema.edges.get(key(link.edge))
        if known_edge and not known_edge.association:  # then L005 reports it
            continue
        readings = context.schema.orientations(link.edge)
        typed = [reading for reading in readings if not reading.edge.association]
        if not any(reading.allows(page.page_type, target.page_type) for reading in typed):
            message = f"`{link.edge}` leads up, from {page.page_type} to {target.page_type}"
            yield context.problem_at(page, "L006", link.span, message, "state it on the upper page")


def self_link(context: Context) -> Iterator[Problem]:
    """L007: an edge from a page to itself."""
    for page, link, target in _links(context):
        if link.edge and target and target.id == page.id:
            yield context.problem_at(page, "L007", link.span, f"`{link.edge}` leads to this very page")


def malformed(context: Context) -> Iterator[Problem]:
    """L008: brackets outside code that look like a link, but are not one."""
    for page in context.pages():
        for code, markup, span in context.outline(page).active_markup:
            if code == "L008":
                hint = "[[edge::Type:Title]]" if markup.startswith("[[") else "[words](path.md)"
                if markup.startswith("](") and markup.endswith(")") and markup[2:-1].strip("#"):
                    hint = f"write ](<{markup[2:-1]}>)"
                yield context.problem_at(page, code, span, _bracket_fault(markup), hint)


def single_brackets(context: Context) -> Iterator[Problem]:
    """L008: a typed link in single brackets or none, if its page exists or it has an edge."""
    for page in context.pages():
        for link in context.outline(page).single:
            if link.edge or link.page_id(context.schema) in context.graph.pages:
                message = f"`{link.text}` is no link: it needs double brackets"
                hint = f"write [{link.text}]" if link.text.startswith("[") else f"write [[{link.text}]]"
                yield context.problem_at(page, "L008", link.span, message, hint)


def missing_section(context: Context) -> Iterator[Problem]:
    """L010: a link to a section that its page does not have."""
    for page, link, target in _links(context):
        if not link.fragment or not target or fragment_of(link.fragment, target):
            continue
        if link.fragment.casefold() in _SECTIONS:
            continue
        titles = [plain(title) for title, _ in headings(target.content)]
        closest = nearest(link.fragment.replace("-", " ").replace("_", " "), titles, 0.6)
        hint = (
            f"did you mean `#{closest}`?"
            if closest
            else f"its sections are {join_names(titles)}"
            if titles
            else "it has none"
        )
        where = "this page" if target.id == page.id else f"`{target.page_type}:{target.stem}`"
        yield context.problem_at(page, "L010", link.span, f"{where} has no section `{link.fragment}`", hint)


def picture_elsewhere(context: Context) -> Iterator[Problem]:
    """L011: a picture on another host, which the site links to instead of loading it."""
    for page in context.pages():
        text = context.files[page.id].text
        if "](" not in text or context.schema.types[page.page_type].by_hand:
            continue
        pictures = list(_PICTURE.finditer(text)) if _ELSEWHERE.search(text) else []
        if pictures:
            is_code = inside_any(scan(text).verbatim_parts)
            for match in pictures:
                address = match["address"]
                if not is_code(match.start()) and not may_load(address, context.settings.remote_images):
                    span = context.span(page, match.start(), match.end())
                    message = f"the picture `{address[:80]}` is linked, not loaded: it lies on another host"
                    yield context.problem_at(page, "L011", span, message, _how_to_show(address))


def _how_to_show(address: str) -> str:
    """Return what to do so the site shows a picture of another host."""
    host = address.partition("//")[2].partition("/")[0].lower()
    copied = "put a copy of it beside the page"
    if may_load(address, (host,)):
        return f"{copied}, or let the site load it with `typedwiki: remote-images: [{host}]`"
    return f"{copied}; of other hosts only what has a full https address can be loaded"


def _bracket_fault(markup: str) -> str:
    """Return what is wrong with brackets that are not a link."""
    if markup.startswith("]("):
        if not markup.endswith(")"):
            return f"`)` is missing after `{markup}`"
        return f"the address `{markup[2:-1]}` holds a space" if markup[2:-1].strip("#") else f"`{markup}` leads nowhere"
    if not markup.endswith("]]"):
        return f"`]]` is missing after `{markup}`"
    if not markup[2:-2].rpartition(":")[2].strip():
        return f"`{markup}` names no page"
    return f"`{markup}` is not a link"


def missing_file(context: Context) -> Iterator[Problem]:
    """L009: an image or a file beside the page that does not exist."""
    for page in context.pages():
        paths = {path: -1 for path in page.images if not path.startswith(("http:", "https:", "//", "data:"))}
        paths |= {
            link.target: link.span.start
            for link in page.outgoing_links
            if link.is_path
            and PurePosixPath(link.target).suffix.lower() not in PAGE_SUFFIXES
            and not may_be_elsewhere(link)
        }
        for path, offset in paths.items():
            if (page.path, path) not in context.attached and not ON_MACHINE.match(path):  # H002 reports those
                start = offset if offset >= 0 else context.files[page.id].text.find(path)
                span = context.span(page, start, start + len(path)) if start >= 0 else None
                slashed = path.replace("\\", "/")
                hint = f"write {slashed}" if slashed != path else ""
                yield context.problem_at(
                    page, "L009", span, *context.unpublished.get((page.path, path), (f"no file `{path}`", hint))
                )


def embed_cycle(context: Context) -> Iterator[Problem]:
    """L014: a page that would embed itself."""
    embedded: dict[str, list[tuple[Link, str]]] = {}
    for page, link, target_page in _links(context):
        if link.embed and target_page:
            embedded.setdefault(page.id, []).append((link, target_page.id))
    for page in context.pages():
        for link, target in embedded.get(page.id, ()):
            if chain := _embed_chain(target, page.id, embedded):
                names = " → ".join((page.id, *chain))
                yield context.problem_at(
                    page, "L014", link.span, f"would embed itself: {names}", "it is shown as a link"
                )


def _embed_chain(start: str, end: str, embedded: Mapping[str, list[tuple[Link, str]]]) -> tuple[str, ...]:
    """Return the pages from one to another, each of which embeds the next; empty if there is no such chain."""
    todo: list[tuple[str, ...]] = [(start,)]
    visited = {start}
    while todo:
        chain = todo.pop()
        if chain[-1] == end:
            return chain
        for _, next_page in embedded.get(chain[-1], ()):
            if next_page not in visited:
                visited.add(next_page)
                todo.append((*chain, next_page))
    return ()


def _links(context: Context) -> Iterator[tuple[WikiPage, Link, WikiPage | None]]:
    """Yield every link with the page that it leads to, if there is one."""
    pages = context.graph.pages
    for page in pages.values():
        for link, resolution in context.graph.links(page):
            yield page, link, pages[resolution.page_id] if isinstance(resolution, Found) else None


def _allowed_edges(context: Context, page: WikiPage, target: WikiPage) -> str:
    names = [
        edge.name
        for edge in context.schema.edges.values()
        if edge.allows(page.page_type, target.page_type) or edge.allows(target.page_type, page.page_type)
    ]
    return " or ".join(f"`{name}`" for name in names)


def _names(types: frozenset[str]) -> str:
    return "any page" if ANY in types else " or ".join(sorted(types))


PAGE_RULES = (malformed, picture_elsewhere)
"""Rules that need only one page's file."""
RULES = (
    unnamed_edge,
    single_brackets,
    unknown_edge,
    not_allowed,
    upward,
    self_link,
    missing_file,
    missing_section,
    embed_cycle,
)
"""All other rules."""
