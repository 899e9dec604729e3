"""Resolve links: find the page that each link leads to, and collect the edges in canonical direction."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import unquote

import msgspec
from msgspec.structs import replace
from rapidfuzz import fuzz, process

from .model import Ambiguous, Edge, Found, Graph, Link, Missing, Resolution, Span, WikiPage
from .problems import Problem, problem
from .schema import RESERVED, Schema, key
from .text.inline_fields import is_quantity
from .text.links import PAGE_FILES
from .text.markdown import ESCAPED
from .text.names import display_name
from .words import nearest

MENTIONS = "mentions"
"""The association that a link without an edge type states."""
RELATED = "related"
PAGE_SUFFIXES = frozenset({"", ".qmd", ".html", *PAGE_FILES})
_SUGGESTIONS = 3


@lru_cache(maxsize=1 << 16)  # many links have the same targets
def normalise(name: str) -> str:
    """Return a page name in the form in which names are compared: underscores for spaces, the first letter in upper
    case, and composed Unicode letters (file systems differ in that)."""
    text = re.sub(r"[\s_]+", "_", unicodedata.normalize("NFC", name).strip(" _"))
    return text[:1].upper() + text[1:]


def _folded(name: str) -> str:
    """Return a page name without its case. Dashes stand for spaces, as in the files of GitHub's and Azure's wikis."""
    return re.sub("[-_]+", "_", normalise(name)).casefold()


def _path_key(path: str) -> str:
    return re.sub("[-_ ]+", "_", unicodedata.normalize("NFC", path)).casefold()


def unique_ids(pages: Iterable[WikiPage]) -> tuple[list[WikiPage], list[Problem]]:
    """Make the ids of pages unique: a second page of the same type and stem gets a number."""
    by_id: dict[str, WikiPage] = {}
    problems = []
    for page in pages:
        page_id, number = page.id, 1
        while page_id in by_id:
            number += 1
            page_id = f"{page.id}-{number}"
        if number > 1:
            message = f"has the same type and name as {by_id[page.id].path}; its id is {page_id}"
            problems.append(problem("S001", page.path, 1, 1, message, "rename one of them"))
        by_id[page_id] = page if page_id == page.id else replace(page, id=page_id)
    return list(by_id.values()), problems


def without_redirects(pages: Iterable[WikiPage]) -> tuple[list[WikiPage], list[Problem]]:
    """Turn redirects into aliases of their targets. Return the remaining pages and problems.

    A redirect without a target, or in a cycle of redirects, stays a page.
    """
    pages = list(pages)
    redirects = {page.id: page for page in pages if page.redirect}
    if not redirects:
        return pages, []
    index = Index(pages)
    aliases: dict[str, list[str]] = defaultdict(list)
    problems = []
    removed = set()
    for page in redirects.values():
        target: str | None = page.id
        visited: set[str] = set()
        while target in redirects and target not in visited:
            visited.add(target)
            name = redirects[target].redirect.partition("#")[0]
            page_type, colon, bare_name = name.partition(":")
            candidates = index.candidates(name, None) or (
                index.candidates(bare_name, frozenset({page_type})) if colon else []
            )
            resolution = _choose(candidates, page, index)
            target = resolution.page_id if isinstance(resolution, Found) else None
        if target is None or target in redirects:
            message, hint = f"redirects to no page `{page.redirect}`", ""
            if target:
                message = f"redirects to `{page.redirect}`, which redirects in a circle"
                hint = "name a page with a text"
            elif nearest := index.nearest(bare_name if colon else name, None, page):
                hint = f"did you mean {nearest[0].replace('/', ':', 1)}?"
            problems.append(problem("L001", page.path, 1, 1, message, hint))
            continue
        removed.add(page.id)
        same_type = index.pages[target].page_type == page.page_type
        aliases[target] += [page.stem] if same_type else [page.stem, f"{page.page_type}:{page.stem}"]
    remaining = [page for page in pages if page.id not in removed]
    return [replace(p, aliases=(*p.aliases, *aliases[p.id])) if p.id in aliases else p for p in remaining], problems


class Index:
    """Finds pages by the names that a link may use: stem, then title, then alias."""

    def __init__(self, pages: Iterable[WikiPage]) -> None:
        self.pages = {page.id: page for page in pages}
        self.by_path = {page.path: page.id for page in self.pages.values()}
        self.by_path_key = {_path_key(page.path): page.id for page in self.pages.values()}
        self.folded: dict[str, set[str]] = defaultdict(set)
        self.tiers: tuple[dict[str, list[str]], ...] = tuple(defaultdict(list) for _ in range(3))
        for page in self.pages.values():
            short = display_name(page.stem, page.namespace)
            former = [display_name(alias, page.namespace) for alias in page.other_names]
            tiers = ((page.stem,), (page.page_title, short), (*page.other_names, *former))
            for tier, names in zip(self.tiers, tiers, strict=True):
                for name in {normalise(name) for name in names}:
                    tier[name].append(page.id)
                    self.folded[_folded(name)].add(page.id)
        self.spaces = sorted({page.namespace for page in self.pages.values() if page.namespace}, key=len, reverse=True)
        self.names: dict[str | None, dict[str, str]] = defaultdict(dict)
        for page in self.pages.values():
            short = display_name(page.stem, page.namespace).casefold()
            self.names[page.page_type][page.id] = self.names[None][page.id] = short

    def candidates(self, name: str, types: frozenset[str] | None) -> list[str]:
        """Return the ids of the pages with this name, from the first tier that has any."""
        found = (self._of_types(tier.get(normalise(name), ()), types) for tier in self.tiers)
        return next(filter(None, found), [])

    def _of_types(self, ids: Iterable[str], types: frozenset[str] | None) -> list[str]:
        return [page_id for page_id in ids if types is None or self.pages[page_id].page_type in types]

    def in_any_case(self, name: str, types: frozenset[str] | None, root: str) -> list[str]:
        """Return the id of the only page whose name differs only in case and dashes; those of the same root first."""
        ids = self._of_types(self.folded.get(_folded(name), ()), types)
        preferred = [page_id for page_id in ids if self.pages[page_id].root == root] or ids
        return preferred if len(preferred) == 1 else []

    def nearest(self, name: str, page_type: str | None, page: WikiPage) -> tuple[str, ...]:
        """Return the ids of pages with similar names: of the right type, otherwise of any type; the same root first.

        Namespaces are ignored, because a common prefix would make all names similar.
        """
        stem = re.sub(r"\s+", "_", name)
        space = next((s for s in self.spaces if stem.startswith(f"{s}_")), "")
        target = display_name(stem, space).casefold()
        ranked: list[tuple[float, bool, str]] = []
        for candidate_type in (page_type, None) if page_type else (None,):
            for scorer, cutoff in ((fuzz.ratio, 75), (fuzz.token_set_ratio, 85)):
                matches = process.extract(
                    target, self.names[candidate_type], scorer=scorer, limit=4 * _SUGGESTIONS, score_cutoff=cutoff
                )
                best = [(-score, self.pages[i].root != page.root, i) for _, score, i in matches]
                ranked += sorted(best)[:_SUGGESTIONS]
            if ranked:
                break
        return tuple(dict.fromkeys(page_id for _, _, page_id in ranked))[:_SUGGESTIONS]


def resolve(
    pages: Iterable[WikiPage], schema: Schema, held_back: Iterable[WikiPage] = ()
) -> tuple[Graph, list[Problem]]:
    """Resolve every link and build the graph. Return it and the problems of links.

    Pages must have unique ids. Pages ``held_back`` are not part of the wiki, but links to them are reported as such.
    """
    index, hidden = Index(pages), Index(held_back)
    resolutions: dict[str, tuple[Resolution, ...]] = {}
    problems: list[Problem] = []
    declared: dict[tuple[str, str, str], list[tuple[str, Span]]] = defaultdict(list)
    mentions: list[tuple[str, str, Span]] = []
    for page in index.pages.values():
        page_resolutions = tuple(resolve_link(link, page, index, schema) for link in page.outgoing_links)
        if hidden.pages:
            page_resolutions = tuple(
                _mark_held_back(k, r, page, hidden, schema)
                for k, r in zip(page.outgoing_links, page_resolutions, strict=True)
            )
        resolutions[page.id] = page_resolutions
    _mark_values(index.pages.values(), resolutions, schema)
    for page in index.pages.values():
        for link, resolution in zip(page.outgoing_links, resolutions[page.id], strict=True):
            if isinstance(resolution, Found) and resolution.swapped:
                message = f"`{link.target}|{link.label}` names its page last, as GitHub's wikis do"
                problems.append(problem("L013", page.path, link.span.line, link.span.column, message))
            if not isinstance(resolution, Found):
                if found_problem := _link_problem(page, link, resolution, index, schema):
                    problems.append(found_problem)
            elif resolution.page_id == page.id:
                continue
            elif link.edge is None:
                mentions.append((page.id, resolution.page_id, link.span))
            else:
                edge = canonical(link.edge, page, index.pages[resolution.page_id], schema)
                declared[edge].append((page.id, link.span))
    joined = {frozenset((source, target)) for source, edge_name, target in declared if edge_name != MENTIONS}
    for source, target, span in mentions:
        if frozenset((source, target)) not in joined:
            declared[source, MENTIONS, target].append((source, span))
    return _build_graph(index.pages, declared, resolutions), problems


def _mark_values(pages: Iterable[WikiPage], resolutions: dict[str, tuple[Resolution, ...]], schema: Schema) -> None:
    """Mark the values of properties of Semantic MediaWiki, ``[[Has year::1871]]``: numbers and dates, and all values of
    a property that never names a page."""
    with_values = [page for page in pages if page.dialect == "mediawiki"]
    rows = [
        (page, number, link)
        for page in with_values
        for number, link in enumerate(page.outgoing_links)
        if link.edge and not link.type and all(reading.edge.open for reading in schema.orientations(link.edge))
    ]
    naming = {key(link.edge or "") for page, n, link in rows if not isinstance(resolutions[page.id][n], Missing)}
    for page, number, link in rows:
        found = resolutions[page.id][number]
        if isinstance(found, Missing) and (key(link.edge or "") not in naming or is_quantity(link.target)):
            whole = list(resolutions[page.id])
            whole[number] = Missing(is_value=True)
            resolutions[page.id] = tuple(whole)


def _mark_held_back(link: Link, resolution: Resolution, page: WikiPage, hidden: Index, schema: Schema) -> Resolution:
    """Mark a link without a target if it leads to a page that is held back."""
    if not isinstance(resolution, Missing) or resolution.unknown_type:
        return resolution
    target = resolve_link(link, page, hidden, schema)
    return Missing(held_back=target.page_id) if isinstance(target, Found) else resolution


def canonical(written: str, page: WikiPage, target: WikiPage, schema: Schema) -> tuple[str, str, str]:
    """Return the edge (source, type, target) that a link states, whichever page it is written on."""
    readings = schema.orientations(written)
    for reading in readings:
        if reading.allows(page.page_type, target.page_type):
            source, to = (target, page) if reading.backwards else (page, target)
            return source.id, reading.edge.name, to.id
    # An edge of the schema between types that it does not join becomes an association.
    return page.id, RELATED if key(written) in schema.edges else key(written), target.id


def resolve_link(link: Link, page: WikiPage, index: Index, schema: Schema) -> Resolution:
    """Find what one link of a page leads to."""
    if link.is_path:
        found = _resolve_path(link, page, index)
        return Missing(is_value=True) if isinstance(found, Missing) and may_be_elsewhere(link) else found
    if not link.target and link.fragment:
        return Found(page.id)
    page_type = schema.page_type(link.type) if link.type else None
    if link.type and not page_type:
        names = (f"{link.type}:{link.target}", f"{link.type}: {link.target}")  # a title may hold a colon
        named = [index.candidates(n, None) or index.in_any_case(n, None, page.root) for n in names]
        by_whole_name = named[0] or named[1]
        return _choose(by_whole_name, page, index) or Missing(unknown_type=True)
    types = frozenset({page_type.name}) if page_type else None
    candidates = index.candidates(link.target, types)
    if len(candidates) > 1 and not types and link.edge:
        readings = schema.orientations(link.edge)
        fitting = [c for c in candidates if any(r.allows(page.page_type, index.pages[c].page_type) for r in readings)]
        candidates = fitting or candidates
    name = page_type.name if page_type else None
    if name and not candidates:  # a page that has changed its type has an alias with the old type
        candidates = index.candidates(f"{name}:{link.target}", None)
    candidates = candidates or index.in_any_case(link.target, types, page.root)
    if not candidates and any(sign in link.target for sign in "%&\\"):
        plain_name = html.unescape(unquote(ESCAPED.sub(r"\1", link.target)))
        candidates = index.candidates(plain_name, types)
    if not candidates and link.target.endswith("#"):  # `[[Page##Section]]`, as Obsidian completes it
        candidates = index.candidates(link.target.rstrip("# "), types)
    resolved = _choose(candidates, page, index)
    by_label = _by_label(link, page, index) if not types and not isinstance(resolved, Found) else None
    if resolved:
        return by_label if by_label and "/" in (link.label or "") else resolved
    path = PurePosixPath(link.target)
    if not types and ("/" in link.target or path.suffix.lower() in PAGE_SUFFIXES - {""}):
        by_path = _resolve_path(link, page, index)
        if not isinstance(by_path, Missing):
            return by_path
    return by_label or Missing(index.nearest(link.target, name, page))


def _by_label(link: Link, page: WikiPage, index: Index) -> Found | None:
    """Return the page that the label of a link names: GitHub's wikis write the label first."""
    if not link.label or link.edge:
        return None
    candidates = index.candidates(link.label, None) or index.in_any_case(link.label, None, page.root)
    found: Resolution | None = _choose(candidates, page, index)
    if not candidates and "/" in link.label:
        found = _resolve_path(msgspec.structs.replace(link, target=link.label), page, index)
    return Found(found.page_id, swapped=True) if isinstance(found, Found) else None


def may_be_elsewhere(link: Link) -> bool:
    """Return whether a link is the ``resource`` of a concept and may name a file outside the wiki, such as the code
    that the concept describes.
    """
    return link.is_path and link.edge == "resource" and not link.target.startswith(("/", "./", "../"))


def _resolve_path(link: Link, page: WikiPage, index: Index) -> Resolution:
    path = PurePosixPath(link.target)
    if not path.stem:
        return _choose(index.candidates(link.target, None), page, index) or Missing()
    names_page = path.suffix.lower() in PAGE_SUFFIXES
    places = [PurePosixPath(page.path).parent / path, PurePosixPath(page.root, link.target.lstrip("/"))]
    for place in places if not link.target.startswith("/") else places[1:]:
        parts: list[str] = []
        for part in place.parts:
            if part == ".." and parts:
                parts.pop()
            elif part != ".":
                parts.append(part)
        written = "/".join(parts).replace("//", "/", 1)  # an absolute path begins with a part that is a slash
        for name in (written, f"{written}.md", f"{written}.mediawiki")[not names_page :]:
            if exact := index.by_path.get(name) or index.by_path_key.get(_path_key(name)):
                return Found(exact)
    if not names_page:  # a file, or a name with a dot
        candidates = index.candidates(link.target, None) or ([] if link.is_path else index.candidates(path.name, None))
        return _choose(candidates, page, index) or Missing()
    parent = path.parent.name
    types = frozenset({parent}) if parent in index.names else None
    candidates = (
        index.candidates(path.stem, types)
        or index.candidates(path.stem, None)
        or index.in_any_case(path.stem, types, page.root)
    )
    return _choose(candidates, page, index) or Missing(index.nearest(path.stem, None, page))


def _choose(candidates: list[str], page: WikiPage, index: Index) -> Found | Ambiguous | None:
    """Choose one page, preferring those of the same root; None if there is no candidate.

    Of pages of one type and name, which no link can tell apart, it is the one in the page's own folder, as in Obsidian.
    """
    if len(candidates) > 1:
        same_root = [c for c in candidates if index.pages[c].root == page.root]
        candidates = same_root or candidates
    if len({index.pages[c].page_type for c in candidates}) == 1 < len(candidates):
        folder = PurePosixPath(page.path).parent
        beside = [c for c in candidates if PurePosixPath(index.pages[c].path).parent == folder]
        candidates = beside or candidates
    if len(candidates) > 1:
        return Ambiguous(tuple(sorted(candidates)))
    return Found(candidates[0]) if candidates else None


def _link_problem(page: WikiPage, link: Link, resolution: Resolution, index: Index, schema: Schema) -> Problem | None:
    written = f"{link.type}:{link.target}" if link.type else link.target
    place = (page.path, link.span.line, link.span.column)
    if isinstance(resolution, Ambiguous):
        names = ", ".join(resolution.candidates)
        chosen = [index.pages[candidate] for candidate in resolution.candidates]
        kinds = {candidate.page_type for candidate in chosen}
        full_names = [f"{candidate.page_type}:{candidate.stem}" for candidate in chosen]
        if len(kinds) == len(chosen):
            hint = "name its type"
        elif len(set(full_names)) == len(full_names):
            hint = f"write {' or '.join(full_names)}"
        else:
            hint = "give the pages different names"
        return problem("L002", *place, f"`{written}` could be any of {names}", hint)
    if not isinstance(resolution, Missing) or resolution.is_value:
        return None
    if resolution.held_back:
        return problem("L012", *place, f"`{written}` is held back: the link is shown as text")
    if resolution.unknown_type:
        types = schema.type_names()
        suggestion = nearest(link.type or "", types)
        hint = f"did you mean {types[suggestion]}?" if suggestion else f"the types are {', '.join(schema.types)}"
        if not link.edge and schema.orientations(link.type or ""):
            return problem("L003", *place, f"`{link.type}` is an edge", f"write [[{link.type}::{link.target}]]")
        return problem("L003", *place, f"`{link.type}` is not a page type", hint)
    if link.is_path:
        path = PurePosixPath(link.target)
        is_generated = schema.types[page.page_type].by_hand and path.parent.name in RESERVED
        if is_generated or path.suffix.lower() not in PAGE_SUFFIXES:  # a page of the site, or a file
            return None
    hint = " or ".join(s.replace("/", ":", 1) for s in resolution.suggestions)
    edge, colons, name = link.target.partition("::")
    if colons and link.type:  # the type precedes the edge
        return problem("L001", *place, f"no page `{written}`", f"write [[{edge}::{link.type}:{name}]]")
    ascii_name = written.replace("：", ":")
    head = ascii_name.partition(":")[0]
    if ascii_name != written and (schema.page_type(head) or schema.orientations(head)):
        return problem("L001", *place, f"no page `{written}`", f"write [[{ascii_name}]]")
    return problem("L001", *place, f"no page `{written}`", f"did you mean {hint}?" if hint else "")


def _build_graph(
    pages: Mapping[str, WikiPage],
    declared: Mapping[tuple[str, str, str], list[tuple[str, Span]]],
    resolutions: Mapping[str, tuple[Resolution, ...]],
) -> Graph:
    edges = [
        Edge(source, name, target, tuple(sorted(places, key=lambda p: (p[0] != source, p[0], p[1].start))))
        for (source, name, target), places in declared.items()
    ]
    # In the order of the source page. Edges that only the target page states follow, sorted by name.
    edges.sort(
        key=lambda e: (
            e.source,
            e.type,
            e.declared[0][1].start if e.declared[0][0] == e.source else float("inf"),
            e.target,
        )
    )
    outgoing: dict[str, list[Edge]] = defaultdict(list)
    incoming: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        outgoing[edge.source].append(edge)
        incoming[edge.target].append(edge)
    return Graph(
        pages,
        tuple(edges),
        resolutions,
        {page_id: tuple(page_edges) for page_id, page_edges in outgoing.items()},
        {page_id: tuple(page_edges) for page_id, page_edges in incoming.items()},
    )
