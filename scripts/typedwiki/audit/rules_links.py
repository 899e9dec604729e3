"""Rules about single links. What resolution itself finds (L001 to L003) is in resolve.py."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from rapidfuzz import fuzz, process

from ..model import Found, Link, WikiPage
from ..problems import Problem
from ..regex import regex
from ..resolve import PAGE_SUFFIXES
from ..schema import ANY, Orientation, Schema, key
from ..text.addresses import may_load
from ..text.anchors import fragment_of, headings
from ..text.links import scan
from ..text.plain import plain
from ..wording import listed, naming, nearest
from .context import Context

_ELSEWHERE = regex(r"\]\(\s?<?(?:https?:)?//", re.IGNORECASE)
_PICTURE = regex(r"!\[[^\[\]\n]{0,500}\]\(\s?<?(?P<address>(?:https?:)?//[^()<>\s]{1,2000})", re.IGNORECASE)
_OWN_EDGE = "an edge of its own is declared under `typedwiki: schema: edges:`"
FEWEST_PAGES = 3
"""On so many an edge name is no slip."""
_SECTIONS = frozenset({"requirements", "reading-path", "reading_path"})
"""Sections that a note has and its page has not."""


def unknown_edge(context: Context) -> Iterator[Problem]:
    """L004: an edge name that looks like a misspelling of a known one."""
    names = context.schema.edge_names()
    for page, link, _ in _links(context):
        if link.edge and not context.schema.orientations(link.edge):
            near = process.extractOne(key(link.edge), names, scorer=fuzz.ratio, score_cutoff=85)
            if kind := context.schema.page_type(link.edge):
                message = f"`{link.edge}` is a type of page, not an edge"
                yield context.at(page, "L004", link.span, message, f"write [[{kind.name}:{link.target}]]")
            elif near:
                message = f"`{link.edge}` is not an edge of the schema"
                yield context.at(page, "L004", link.span, message, f"did you mean `{near[0]}`?")


def unnamed_edge(context: Context) -> Iterator[Problem]:
    """L015: an edge name that the schema lacks, on several pages: perhaps an edge of ours in another language."""
    uses: dict[str, list[tuple[WikiPage, Link, WikiPage | None]]] = defaultdict(list)
    told = {(p.path, p.line, p.column) for p in unknown_edge(context)}
    for page, link, target in _links(context):
        misspelt = (page.path, link.span.line, link.span.column) in told
        if link.edge and not context.schema.orientations(link.edge) and not misspelt:
            uses[key(link.edge)].append((page, link, target))
    for name, places in uses.items():
        pages = len({page.id for page, _, _ in places})
        if pages >= FEWEST_PAGES:
            page, link, _ = places[0]
            message = f"`{link.edge}`, on {pages} pages, is no edge of the schema: it is shown as an association"
            meant = _translated(name, context.schema)
            if (
                not meant or not context.schema.orientations(meant)[0].edge.association
            ):  # then the types tell more than the words
                meant = _between(places, context.schema) or meant
            hint = f"if it means `{meant}`, say so with {naming(meant, name)}" if meant else _OWN_EDGE
            yield context.at(page, "L015", link.span, message, hint)


def _translated(name: str, schema: Schema) -> str:
    """The edge of which a name in another language is nearly this one."""
    known = [n for e in schema.edges.values() for n in (*e.synonyms, *e.inverses) if key(n) in schema.foreign]
    near = process.extractOne(name, list(map(key, known)), scorer=fuzz.ratio, score_cutoff=75)
    return _called(schema.orientations(near[0])[0]) if near else ""


def _between(places: Sequence[tuple[WikiPage, Link, WikiPage | None]], schema: Schema) -> str:
    """The typed edge that the schema has between the types that most of these links join."""
    found: Counter[str] = Counter()
    for page, link, target in places:
        named = schema.page_type(link.type or "")
        to = target.page_type if target else named.name if named else ""
        for edge in schema.edges.values() if to else ():
            for backwards, ends in ((False, (page.page_type, to)), (True, (to, page.page_type))):
                if not edge.association and edge.allows(*ends):
                    found[_called(Orientation(edge, backwards))] += 1
    best = found.most_common(1)
    return best[0][0] if best and 2 * best[0][1] > len(places) else ""


def _called(reading: Orientation) -> str:
    edge = reading.edge
    return edge.inverses[0] if reading.backwards and edge.inverses else edge.name


def not_allowed(context: Context) -> Iterator[Problem]:
    """L005: an edge of the schema between types that it does not join."""
    for page, link, target in _links(context):
        readings = context.schema.orientations(link.edge or "")
        # An inverse such as `used_by` has an everyday meaning too: then it is an association.
        if not target or target.id == page.id or key(link.edge or "") not in context.schema.edges:
            continue
        if any(_fits(reading, page, target) for reading in readings):
            continue
        edge = readings[0].edge
        ends = f"{_names(edge.sources)} to {_names(edge.targets)}"
        message = f"`{edge.name}` leads from {ends}, not from {page.page_type} to {target.page_type}"
        yield context.at(page, "L005", link.span, message, f"use {_fitting(context, page, target)}")


def upward(context: Context) -> Iterator[Problem]:
    """L006: an association from a lower page up to a higher one."""
    types = context.schema.types
    for page, link, target in _links(context):
        if not link.edge or not target or types[target.page_type].rank >= types[page.page_type].rank:
            continue
        named = context.schema.edges.get(key(link.edge))
        if named and not named.association:  # then L005 says what is wrong
            continue
        readings = context.schema.orientations(link.edge)
        if not any(_fits(reading, page, target) and not reading.edge.association for reading in readings):
            message = f"`{link.edge}` leads up, from {page.page_type} to {target.page_type}"
            yield context.at(page, "L006", link.span, message, "state it on the upper page")


def self_link(context: Context) -> Iterator[Problem]:
    """L007: an edge from a page to itself."""
    for page, link, target in _links(context):
        if link.edge and target and target.id == page.id:
            yield context.at(page, "L007", link.span, f"`{link.edge}` leads to this very page")


def malformed(context: Context) -> Iterator[Problem]:
    """L008: double brackets outside code that look like a link and are none."""
    for page in context.pages():
        for code, shown, span in context.outline(page).odd:
            if code == "L008":
                hint = "[[edge::Type:Title]]" if shown.startswith("[[") else "[words](path.md)"
                if shown.startswith("](") and shown.endswith(")") and shown[2:-1].strip("#"):
                    hint = f"write ](<{shown[2:-1]}>)"
                yield context.at(page, code, span, _fault(shown), hint)


def single_brackets(context: Context) -> Iterator[Problem]:
    """L008: a typed link in single brackets, where its page exists or an edge stands before it."""
    for page in context.pages():
        for one in context.outline(page).single:
            kind = context.schema.types.get(one.page_type)
            name = one.name.strip().replace(" ", "_")
            known = kind and f"{kind.name}/{name[:1].upper()}{name[1:]}" in context.graph.pages
            if one.edge or known:
                message = f"`{one.written}` is no link: it needs double brackets"
                yield context.at(page, "L008", one.span, message, f"write [{one.written}]")


def missing_section(context: Context) -> Iterator[Problem]:
    """L010: a link to a section that its page does not have."""
    for page, link, target in _links(context):
        if not link.fragment or not target or fragment_of(link.fragment, target):
            continue
        if link.fragment.casefold() in _SECTIONS:
            continue
        titles = [plain(title) for title, _ in headings(target.content)]
        near = nearest(link.fragment.replace("-", " ").replace("_", " "), titles, 0.6)
        hint = f"did you mean `#{near}`?" if near else f"its sections are {listed(titles)}" if titles else "it has none"
        where = "this page" if target.id == page.id else f"`{target.page_type}:{target.stem}`"
        yield context.at(page, "L010", link.span, f"{where} has no section `{link.fragment}`", hint)


def picture_elsewhere(context: Context) -> Iterator[Problem]:
    """L011: a picture on another host, which the site links to and does not load."""
    for page in context.pages():
        text = context.files[page.id].text
        if "](" not in text or context.schema.types[page.page_type].by_hand:
            continue
        pictures = list(_PICTURE.finditer(text)) if _ELSEWHERE.search(text) else []
        if pictures:
            covered = [(part.start, part.end) for part in scan(text).verbatim_parts]
            for match in pictures:
                address = match["address"]
                inside = any(start <= match.start() < end for start, end in covered)
                if not inside and not may_load(address, context.settings.remote_images):
                    span = context.span(page, match.start(), match.end())
                    message = f"the picture `{address[:80]}` is linked, not loaded: it lies on another host"
                    yield context.at(page, "L011", span, message, _how_to_show(address))


def _how_to_show(address: str) -> str:
    """What makes the site show a picture of another host."""
    host = address.partition("//")[2].partition("/")[0].lower()
    copied = "put a copy of it beside the page"
    if may_load(address, (host,)):
        return f"{copied}, or let the site load it with `typedwiki: remote-images: [{host}]`"
    return f"{copied}; of other hosts only what has a full https address can be loaded"


def _fault(shown: str) -> str:
    """What is wrong with brackets that are no link."""
    if shown.startswith("]("):
        if not shown.endswith(")"):
            return f"`)` is missing after `{shown}`"
        return f"the address `{shown[2:-1]}` holds a space" if shown[2:-1].strip("#") else f"`{shown}` leads nowhere"
    if not shown.endswith("]]"):
        return f"`]]` is missing after `{shown}`"
    if not shown[2:-2].rpartition(":")[2].strip():
        return f"`{shown}` names no page"
    return f"`{shown}` is not a link"


def missing_file(context: Context) -> Iterator[Problem]:
    """L009: an image or a file beside the page that is not there."""
    for page in context.pages():
        wanted = {path: -1 for path in page.images if not path.startswith(("http:", "https:", "//", "data:"))}
        wanted |= {
            link.target: link.span.start
            for link in page.outgoing_links
            if link.is_path and PurePosixPath(link.target).suffix.lower() not in PAGE_SUFFIXES
        }
        for path, place in wanted.items():
            if (page.path, path) not in context.attached:
                start = place if place >= 0 else context.files[page.id].text.find(path)
                span = context.span(page, start, start + len(path)) if start >= 0 else None
                yield context.at(page, "L009", span, *context.unshown.get((page.path, path), (f"no file `{path}`", "")))


def embed_cycle(context: Context) -> Iterator[Problem]:
    """L014: a page that would embed itself."""
    embedded: dict[str, list[tuple[Link, str]]] = {}
    for page in context.graph.pages.values():
        for link, found in zip(page.outgoing_links, context.graph.resolutions[page.id], strict=True):
            if link.embed and isinstance(found, Found):
                embedded.setdefault(page.id, []).append((link, found.page_id))
    for page in context.pages():
        for link, target in embedded.get(page.id, ()):
            if chain := _chain(target, page.id, embedded):
                names = " → ".join((page.id, *chain))
                yield context.at(page, "L014", link.span, f"would embed itself: {names}", "it is shown as a link")


def _chain(start: str, end: str, embedded: Mapping[str, list[tuple[Link, str]]]) -> tuple[str, ...]:
    """The pages from one to another, each of which embeds the next; empty if there is no such way."""
    todo: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    while todo:
        chain = todo.pop()
        if chain[-1] == end:
            return chain
        for _, other in embedded.get(chain[-1], ()):
            if other not in seen:
                seen.add(other)
                todo.append((*chain, other))
    return ()


def _links(context: Context) -> Iterator[tuple[WikiPage, Link, WikiPage | None]]:
    """Every link with the page that it is found to lead to."""
    pages, resolutions = context.graph.pages, context.graph.resolutions
    for page in pages.values():
        for link, found in zip(page.outgoing_links, resolutions[page.id], strict=True):
            yield page, link, pages[found.page_id] if isinstance(found, Found) else None


def _fits(reading: Orientation, page: WikiPage, target: WikiPage) -> bool:
    source, to = (target, page) if reading.backwards else (page, target)
    return reading.edge.allows(source.page_type, to.page_type)


def _fitting(context: Context, page: WikiPage, target: WikiPage) -> str:
    names = [
        edge.name
        for edge in context.schema.edges.values()
        if edge.allows(page.page_type, target.page_type) or edge.allows(target.page_type, page.page_type)
    ]
    return " or ".join(f"`{name}`" for name in names)


def _names(types: frozenset[str]) -> str:
    return "any page" if ANY in types else " or ".join(sorted(types))


PAGE_RULES = (malformed, picture_elsewhere)
"""Those for which the file of a page is enough."""
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
"""The others."""
