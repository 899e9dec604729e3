"""Determine the type of each page, and the schema with the types and edges that pages bring.

A page has the type that its front matter states; otherwise that of its folder; otherwise the site's ``default-type``.
If the first two are different types of schema.yml, the folder counts, and the audit reports it. In a wiki without any
folder of the schema's types, such as a vault, the first folder below the source is the type.

The types of a wiki without ranks are arranged in layers that follow from its edges.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from msgspec.structs import replace
from rapidfuzz import fuzz, process

from .model import Graph
from .problems import load_own_yaml
from .regex import regex
from .resolve import MENTIONS, RELATED
from .schema import RESERVED, UNRANKED, EdgeType, PageType, Schema, key
from .text.front_matter import FRONT_MATTER, read_front_matter
from .type_looks import alike, colours_of, icons_of, plural_of, singular_of
from .words import Words, nearest

_UPWARD = frozenset({"up", "part_of"})
"""Edges that lead from the smaller to the larger."""
FEWEST_USES = 3
"""An edge name used so often is intended, however similar it is to another."""
_MISSPELT = 85
"""Similarity in percent from which a rare name counts as a misspelling of a frequent one."""


def without_ranks(schema: Schema, used_types: Sequence[str], certain: bool) -> Schema:
    """Return the schema of a wiki whose pages have these types. It is unchanged if its pages have ranks.

    ``certain``: folders or links, too, name types of schema.yml. Otherwise most pages must have such a type: a single
    ``type: workflow`` among concepts is a word.

    Without ranks, the types of schema.yml that have no pages are left out, and its edges are replaced by the common
    ones.
    """
    names = set(used_types)
    ranked = {name for name, kind in schema.types.items() if kind.ranked and not kind.by_hand}
    stated = sum(name in ranked for name in used_types)
    if not names or ranked & schema.own or (stated and (certain or 2 * stated >= len(used_types))):
        return schema
    kept_types = names | schema.own
    types = {
        name: replace(kind, rank=UNRANKED, ranked=False, role="", about="") if name in ranked else kind
        for name, kind in schema.types.items()
        if name in kept_types or kind.by_hand
    }
    edges = {name: edge for name, edge in schema.edges.items() if name in schema.own or name == RELATED}
    known_names = {key(name) for edge in edges.values() for name in edge.all_names}
    for name, edge in _common_edges().items():
        if known_names.isdisjoint(map(key, edge.all_names)):
            edges[name] = edge
    return replace(schema, types=types, edges=edges)


def _common_edges() -> dict[str, EdgeType]:
    return {name: _open_edge(name, **entry) for name, entry in load_own_yaml("common_edges.yml")["edges"].items()}


def _open_edge(
    name: str, label: str, inverse_label: str, inverses: Iterable[str] = (), synonyms: Iterable[str] = ()
) -> EdgeType:
    any_type = frozenset({"any"})
    return EdgeType(
        name, any_type, any_type, label, inverse_label, tuple(inverses), tuple(synonyms), association=True, open=True
    )


def with_edges(schema: Schema, graph: Graph, words: Words) -> Schema:
    """Return the schema with the edges that a wiki without ranks uses, and without common edges that it does not use.

    Its types are arranged in layers. ``words`` are those of the site's language.
    """
    if schema.ranked:
        return schema
    counts = Counter(edge.type for edge in graph.edges if edge.type != MENTIONS)
    edges = {
        name: _translated(edge, words) if edge.open else edge
        for name, edge in schema.edges.items()
        if not edge.open or name in counts
    }
    for name, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if name in edges or (number < FEWEST_USES and _like_another(name, edges)):
            continue
        label = name.replace("_", " ").capitalize()
        edges[name] = _open_edge(name, label, words("from", label=label))
    related = {RELATED: edges.pop(RELATED)} if RELATED in edges else {}
    schema = replace(schema, edges={**edges, **related})
    layers = type_layers(schema, graph)
    types = {
        name: kind if kind.ranked else replace(kind, rank=UNRANKED + layers.get(name, 0))
        for name, kind in schema.types.items()
    }
    return replace(schema, types=types)


def _translated(edge: EdgeType, words: Words) -> EdgeType:
    labels = words.edges.get(edge.name)
    return replace(edge, label=labels["label"], inverse_label=labels["inverse_label"]) if labels else edge


def _like_another(name: str, edges: Mapping[str, EdgeType]) -> bool:
    names = [key(edge_name) for edge in edges.values() for edge_name in edge.all_names]
    return process.extractOne(key(name), names, scorer=fuzz.ratio, score_cutoff=_MISSPELT) is not None


def type_layers(schema: Schema, graph: Graph) -> dict[str, int]:
    """Return the layer of each type that has pages; 0 is the top.

    A type is below the types from which more edges lead to it than back. In a cycle, the type with the largest surplus
    of outgoing edges comes first.
    """
    joined: Counter[tuple[str, str]] = Counter()
    for edge in graph.edges:
        ends = graph.pages[edge.source].page_type, graph.pages[edge.target].page_type
        if ends[0] != ends[1] and schema.is_drawn_down(edge.type):
            joined[ends[::-1] if edge.type in _UPWARD else ends] += 1
    balance: Counter[str] = Counter({page.page_type: 0 for page in graph.pages.values()})
    for (source, target), number in joined.items():
        balance[source] += number
        balance[target] -= number
    order = sorted(balance, key=lambda name: (-balance[name], name))
    layers: dict[str, int] = {}
    for name in order:
        above = [layers[other] for other in layers if joined[other, name] > joined[name, other]]
        layers[name] = max(above, default=-1) + 1
    return layers


PAGE = "Page"
"""Type of pages about which nothing is known."""
TYPE_KEYS = frozenset({"type", "page_type"})
LONGEST = 60
"""Longest name of a type, in characters."""
_TYPE_LINE = regex(r"^[\"']?(?:page[ _-]?)?type[\"']?[ \t]*:", re.IGNORECASE | re.MULTILINE)
_TYPED_LINK = regex(r"(?:\[\[|::)[ \t]*(?P<type>[^\W\d_]\w{1,40})[ \t]*:(?!:)")
_ORDER = regex(r"^\d+[-_. )]+(?=\D)")
"""The number that puts a folder in its place: ``03-notes``."""
_SIGNS = regex(r"[^\w\x00-\x7f]+[ ]?")
"""Emoji, which some vaults put before the name of a type."""
_UNUSABLE = regex(r"[/\\:|\[\]#<>{}\"`\s]+")
"""Characters that a type's name cannot contain, because it is part of links, page ids and addresses."""


class Candidate(NamedTuple):
    """A file, and what its type is determined from."""

    stated: str
    """The type in its front matter, or ""."""
    folder_type: str
    """The type of the schema whose name its folder has, or ""."""
    folders: tuple[str, ...]
    """Names of the folders from the source down to the file."""
    classic: bool = False
    """Whether its links name types of the schema."""
    by_name: bool = False
    """Whether its name, such as ``README.md``, says that it is not a page. Other evidence takes precedence."""


def stated_type(text: str) -> str:
    """Return the type in the front matter of a page, as it is written; empty if there is none."""
    match = FRONT_MATTER.match(text) if text.startswith("---") else None
    if not match or not _TYPE_LINE.search(match["yaml"]):
        return ""
    fields = read_front_matter(text).fields
    texts = (value for name, value in fields.items() if key(name) in TYPE_KEYS and isinstance(value, str))
    return next((clean(text) for text in texts if any(map(str.isalnum, text))), "")


def names_types(text: str, schema: Schema) -> bool:
    """Return whether a text has links that name types of the schema, such as ``[[Principle:Chain Rule]]``."""
    return any(schema.folder_type(match["type"]) for match in _TYPED_LINK.finditer(text))


def clean(written: str) -> str:
    """Return a written type as a name: without the brackets of a link, ``/`` and ``:``, and without emoji before it."""
    name = _UNUSABLE.sub(" ", written).strip()
    signs = _SIGNS.match(name)
    return name[signs.end() if signs else 0 :][:LONGEST].strip()


def assign(
    candidates: Sequence[Candidate], schema: Schema, default: str = "", *, vault: bool = False, notes: bool = False
) -> tuple[Schema, list[str]]:
    """Return the schema with all types of the pages, and the type of each candidate; empty for files that are not
    pages.

    ``default`` is the type of a page about which nothing else is known. ``vault``: the wiki is an Obsidian vault.
    ``notes``: there are hand-written notes, which have a type of their own.
    """
    full_schema = with_types(schema, (candidate.stated for candidate in candidates), notes=notes)
    names = [_known_type(candidate, schema, full_schema) for candidate in candidates]
    if not default and not _is_open(candidates, schema, vault=vault):
        return full_schema, names
    guesses = [name or _guess(candidate, default) for candidate, name in zip(candidates, names, strict=True)]
    unknown = [guess for guess, name in zip(guesses, names, strict=True) if guess and not name]
    full_schema = with_types(full_schema, unknown, notes=notes)
    return full_schema, [kind.name if guess and (kind := full_schema.folder_type(guess)) else "" for guess in guesses]


def _guess(candidate: Candidate, default: str) -> str:
    if candidate.by_name:
        return ""
    folder = clean(candidate.folders[0]) if candidate.folders else ""
    return default or _ORDER.sub("", folder) or PAGE


def _known_type(candidate: Candidate, schema: Schema, full_schema: Schema) -> str:
    """Return the type that the front matter or a folder of a file names; empty if neither does."""
    stated = full_schema.folder_type(candidate.stated) if candidate.stated else None
    if candidate.folder_type and (not stated or stated.name in schema.types.keys() - schema.own):
        return candidate.folder_type
    if stated:
        return stated.name
    types = (full_schema.folder_type(folder) for folder in reversed(candidate.folders))
    page_type = next(filter(None, types), None)
    return "" if candidate.by_name or not page_type or page_type.name in schema.types else page_type.name


def _is_open(candidates: Sequence[Candidate], schema: Schema, *, vault: bool) -> bool:
    """Return whether the wiki's folders are not those of the schema, so that every file in them is a page."""
    in_typed_folders = sum(bool(candidate.folder_type) for candidate in candidates)
    if vault and 2 * in_typed_folders < len(candidates):
        return True
    if in_typed_folders:
        return False
    if any(candidate.classic for candidate in candidates) and not any(candidate.stated for candidate in candidates):
        return False
    names = schema.type_names(by_hand=False)
    folders = {folder for candidate in candidates for folder in candidate.folders}
    return not any(nearest(folder, names) for folder in folders)


def with_types(schema: Schema, names: Iterable[str], *, notes: bool = False) -> Schema:
    """Return the schema with the types of these names added, if missing, in their most frequent spelling."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for name, number in Counter(filter(None, names)).items():
        known_type = schema.page_type(name)
        if not known_type or known_type.by_hand:
            spellings[key(singular_of(name))][name] += number
    types = dict(schema.types)
    if not notes and (kind := schema.by_hand()) and key(kind.name) in spellings:
        del types[kind.name]  # there are no hand-written notes, and pages use the name
    slugs = {kind.slug for kind in types.values()} | RESERVED
    taken_names = {key(name) for kind in types.values() for name in kind.all_names}
    for folded, counts in sorted(spellings.items()):
        if folded in taken_names:  # the type of the hand-written notes
            continue
        usual_name = min(counts.items(), key=lambda item: (-item[1], item[0]))[0]
        page_type = new_type(_capitalised(singular_of(usual_name)), slugs)
        taken_icons = {kind.icon for kind in types.values() if alike(kind.colour[0], page_type.colour[0])}
        icons = (icon for icon in icons_of(page_type.name) if icon not in taken_icons)
        page_type = replace(page_type, icon=next(icons, page_type.icon))
        slugs.add(page_type.slug)
        types[page_type.name] = page_type
    return schema if types == schema.types else replace(schema, types=types)


def completed(schema: Schema, types: Iterable[PageType]) -> Schema:
    """Return the schema with these types."""
    return replace(schema, types={**schema.types, **{kind.name: kind for kind in types}})


def new_type(name: str, slugs: Iterable[str] = ()) -> PageType:
    """Return a page type derived from its name alone. ``slugs`` are those of other types."""
    page_type = PageType(name, plural_of(name), UNRANKED, colours_of(name), icons_of(name)[0], "", ranked=False)
    if not page_type.slug or page_type.slug in slugs:
        digest = sha256(key(name).encode()).hexdigest()[:6]
        page_type = replace(page_type, folder=f"{page_type.slug or 'type'}-{digest}")
    return page_type


def _capitalised(name: str) -> str:
    """Return the name as in a title: ``data-asset`` becomes ``Data asset``, ``BigQuery Table`` stays."""
    words = name.replace("_", " ")
    words = words.replace("-", " ") if words.islower() else words
    return words[:1].upper() + words[1:]
