"""schema.yml, and what a site adds to it, as frozen records."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from .type_looks import colours_of, icons_of, plural_of
from .wording import nearest
from .yaml_errors import load_own_yaml

ANY = "any"
NO_NAMES: Mapping[str, str] = MappingProxyType({})
RESERVED = frozenset({"assets", "path", "wiki"})
"""Folders of the site beside those of the page types."""
UNRANKED = 5
"""Types without a rank stand from here on, in the order that edges tell."""
ROLES = CODE, ENVIRONMENT, ADVICE = ("code", "environment", "advice")


class SchemaError(ValueError):
    """The schema, or a site's addition to it, does not make sense."""

    def __init__(self, message: str, *keys: str, part: str = "schema") -> None:
        super().__init__(message)
        self.keys = (part, *keys)
        """Where, as keys within keys."""


@dataclass(frozen=True, slots=True)
class PageType:
    """A kind of page and the layer of the graph it lives in."""

    name: str
    plural: str
    rank: int
    colour: tuple[str, str]
    """CSS colours on a light and on a dark background."""
    icon: str
    """SVG path data in a 24 × 24 box."""
    about: str
    names: tuple[str, ...] = ()
    by_hand: bool = False
    """Its pages are written as notes: there is no folder of the wiki for them."""
    ranked: bool = True
    """Whether somebody has given its rank; that of another type only places it in drawings."""
    folder: str = ""
    """Folder of its notes, where its name alone cannot be one."""
    role: str = ""
    """What other pages of the site ask its pages for: one of ``ROLES``, or ""."""
    linked_class: str = "schema:CreativeWork"
    """What JSON-LD calls its pages."""

    @property
    def slug(self) -> str:
        """Folder of its notes, and CSS class suffix."""
        return self.folder or slug_of(self.name)


@dataclass(frozen=True, slots=True)
class EdgeType:
    """A kind of edge in its canonical direction."""

    name: str
    sources: frozenset[str]
    targets: frozenset[str]
    label: str
    inverse_label: str
    inverses: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    ordered: bool = False
    association: bool = False
    open: bool = False
    """Whether no rank, and no rule, goes by it: its name alone is known."""

    def allows(self, source: str, target: str) -> bool:
        """Whether pages of these two types may be joined, in this direction."""
        return (ANY in self.sources or source in self.sources) and (ANY in self.targets or target in self.targets)


@dataclass(frozen=True, slots=True)
class Orientation:
    """What an edge name written on a page means: the edge, and whether the page is its target."""

    edge: EdgeType
    backwards: bool


@dataclass(frozen=True)
class Schema:
    """All page types and edge types, and the ways people spell them."""

    types: Mapping[str, PageType]
    edges: Mapping[str, EdgeType]
    sections: Mapping[str, str] = field(default_factory=dict)
    """By further names of sections with a meaning, and of fields, what they are called here; both folded:
    ``überblick`` is ``overview``."""
    foreign: frozenset[str] = frozenset()
    """The names, folded, that come from names.yml: understood, but never suggested."""
    own: frozenset[str] = frozenset()
    """The types and edges that the site gives."""

    def edge_names(self) -> list[str]:
        """All names of edges that may be suggested."""
        names = [n for e in self.edges.values() for n in (e.name, *e.synonyms, *e.inverses)]
        return [name for name in names if key(name) not in self.foreign]

    def type_names(self, by_hand: bool = True) -> dict[str, str]:
        """All names of types that may be suggested, with the type that each is of."""
        kinds = [t for t in self.types.values() if by_hand or not t.by_hand]
        names = {name: t.name for t in kinds for name in (t.name, t.plural, *t.names)}
        return {name: kind for name, kind in names.items() if key(name) not in self.foreign}

    def page_type(self, written: str) -> PageType | None:
        """The type that a folder or a link names, in any case, singular or plural."""
        return _type_names(self).get(key(written))

    def folder_type(self, name: str) -> PageType | None:
        """The type whose pages a folder of the wiki holds, by the folder's name."""
        found = self.page_type(name)
        return None if found and found.by_hand else found

    def by_hand(self) -> PageType | None:
        """The type of the notes that people write by hand."""
        return next((page_type for page_type in self.types.values() if page_type.by_hand), None)

    def orientations(self, written: str) -> tuple[Orientation, ...]:
        """The readings of an edge name, best first; empty for a name that the schema lacks."""
        return _edge_names(self).get(key(written), ())

    @property
    def ranked(self) -> bool:
        """Whether there are ranks, and so reading paths, requirements and rules about layers."""
        return any(kind.ranked and not kind.by_hand for kind in self.types.values())

    def with_role(self, role: str) -> tuple[PageType, ...]:
        """The types with a role."""
        return tuple(kind for kind in self.types.values() if kind.role == role)

    def edges_to(self, role: str) -> frozenset[str]:
        """The names of the edges that lead to pages with a role alone."""
        names = {kind.name for kind in self.with_role(role)}
        return frozenset(edge.name for edge in self.edges.values() if names and edge.targets <= names)

    def is_drawn_down(self, edge: str) -> bool:
        """Whether drawings have the ends of an edge type in this order."""
        known = self.edges.get(edge)
        return known is not None and (known.open or not known.association)

    def leads_down(self, edge: str) -> bool:
        """Whether an edge type is part of the DAG: known, and more than an association."""
        known = self.edges.get(edge)
        return known is not None and not known.association

    def __hash__(self) -> int:
        return id(self)


@lru_cache(maxsize=1 << 6)
def slug_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


@lru_cache(maxsize=1 << 12)  # fields and headings are the same on page after page
def key(name: str) -> str:
    """Fold case, spaces, hyphens, underscores and the forms of accents: how names are compared."""
    return unicodedata.normalize("NFC", re.sub(r"[\s_-]+", "_", name.strip()).lower())


@lru_cache(maxsize=8)
def _type_names(schema: Schema) -> dict[str, PageType]:
    return {
        key(name): page_type
        for page_type in schema.types.values()
        for name in (page_type.name, page_type.plural, *page_type.names)
    }


@lru_cache(maxsize=8)
def _edge_names(schema: Schema) -> dict[str, tuple[Orientation, ...]]:
    # Every name is also read backwards: a leaf page that lists its users with the edge's own name
    # states the same edge from the other end.
    readings: dict[str, tuple[Orientation, ...]] = {}
    for edge in schema.edges.values():
        forward, backward = Orientation(edge, False), Orientation(edge, True)
        for name in (edge.name, *edge.synonyms):
            readings[key(name)] = (forward,) if edge.association else (forward, backward)
        for name in edge.inverses:
            readings[key(name)] = (backward, forward)
    return readings


def load(extra: Mapping[str, Any] | None = None, names: Mapping[str, Any] | None = None) -> Schema:
    """Read schema.yml and merge a site's own `types` and `edges` over it. ``names`` are further names that a site
    gives types, edges and sections, by the names that these have; those of names.yml go without saying.

    Raises:
        SchemaError: an entry is not a mapping, or has a value that is none of its kind.
    """
    data: dict[str, dict[str, Any]] = load_own_yaml("schema.yml")
    for part, entries in (extra or {}).items():
        if part not in data or not isinstance(entries, Mapping):
            raise SchemaError(f"expected `types` and `edges` mappings, found `{part}`", str(part))
        for name, entry in entries.items():
            if not isinstance(entry, Mapping):
                raise SchemaError("expected a mapping", part, str(name))
            data[part][str(name)] = {**data[part].get(str(name), {}), **entry}
    _declare_ends(data)
    sections, foreign = _add_names(data, names or {})
    types = {name: _page_type(name, entry) for name, entry in data["types"].items()}
    edges = {name: _edge_type(name, entry, types) for name, entry in data["edges"].items()}
    return Schema(types, edges, sections, foreign)


def _declare_ends(data: dict[str, dict[str, Any]]) -> None:
    """Add the types that only the ends of edges name, unless they look like a misspelling of another."""
    for name, entry in data["edges"].items():
        for end in ("from", "to"):
            for one in _strings(entry, end, "edges", name):
                if one != ANY and one not in data["types"] and not nearest(one, data["types"]):
                    data["types"][one] = {}


SECTIONS = (
    *("Overview", "Metadata", "Connections", "Sources", "Domains", "Last Updated"),
    *("Requirements", "System Requirements", "Hardware", "Dependencies", "Packages", "Python Packages", "Optional"),
)
"""The sections with a meaning; some may be fields as well, and the second line is read on Environments."""


def _add_names(data: dict[str, dict[str, Any]], own: Mapping[str, Any]) -> tuple[dict[str, str], frozenset[str]]:
    """Give types and edges their names in other languages, a site's ``own`` first; those of sections, folded, and
    which of all names are not the site's own."""
    foreign: set[str] = set()
    built_in = load_own_yaml("names.yml")
    taken: set[str] = {key(name) for part in data.values() for name in part}
    sections: dict[str, str] = {}
    inverses = {key(i): (e, "inverses") for e, entry in data["edges"].items() for i in _strings(entry, "inverses", e)}
    known = {key(name): (name, "names") for name in data["types"]} | inverses
    known |= {key(name): (name, "synonyms") for name in data["edges"]}
    known |= {key(name): (key(name), "") for name in SECTIONS}
    for part in (own, *built_in.values()):
        for name, listed in part.items():
            meant, field_name = known.get(key(str(name)), ("", ""))
            if not meant and part is own:
                near = nearest(str(name), [value for value, _ in known.values()])
                hint = f" (did you mean `{near}`?)" if near else ""
                raise SchemaError(f"`{name}` is no type, edge or section{hint}", str(name), part="names")
            for one in _strings({"names": listed}, "names", str(name), part="names" if part is own else "schema"):
                other = known.get(key(one), (meant, ""))[0]
                if part is own and other != meant:
                    raise SchemaError(f"`{one}` is a name of {other} already", str(name), part="names")
                if not meant or (key(one) in taken and part is not own):
                    continue
                taken.add(key(one))
                if part is not own:
                    foreign.add(key(one))
                if not field_name:
                    sections[key(one)] = meant
                    continue
                entry = data["types" if field_name == "names" else "edges"][meant]
                entry[field_name] = [*_strings(entry, field_name, meant), one]
    return sections, frozenset(foreign)


def _page_type(name: str, entry: Mapping[str, Any]) -> PageType:
    if name.lower() in RESERVED:
        raise SchemaError("this name is taken by a folder of the site", "types", name)
    rank = entry.get("rank", UNRANKED)
    if not isinstance(rank, int) or isinstance(rank, bool):
        raise SchemaError("must be a whole number", "types", name, "rank")
    colour = entry.get("colour", list(colours_of(name)))
    shades = [colour, colour] if isinstance(colour, str) else colour if isinstance(colour, list) else []
    if len(shades) != 2 or not all(re.fullmatch(r"#[0-9a-fA-F]{3,8}", str(c)) for c in shades):
        raise SchemaError("must be one or two #rrggbb values", "types", name, "colour")
    icon = str(entry.get("icon", icons_of(name)[0]))
    if not re.fullmatch(r"[-MmLlHhVvCcSsQqTtAaZz0-9., ]+", icon):
        raise SchemaError("must be SVG path data", "types", name, "icon")
    role = str(entry.get("role", ""))
    if role and role not in ROLES:
        raise SchemaError(f"expected {', '.join(ROLES)}", "types", name, "role")
    return PageType(
        name,
        str(entry.get("plural", plural_of(name))),
        rank,
        (shades[0], shades[1]),
        icon,
        str(entry.get("about", "")),
        _strings(entry, "names", "types", name),
        bool(entry.get("by_hand", False)),
        "rank" in entry,
        role=role,
        linked_class=str(entry.get("class", "schema:CreativeWork")),
    )


def _edge_type(name: str, entry: Mapping[str, Any], types: Mapping[str, PageType]) -> EdgeType:
    ends = {}
    for end in ("from", "to"):
        ends[end] = frozenset(_strings(entry, end, "edges", name) if end in entry else (ANY,))
        for unknown in sorted(ends[end] - types.keys() - {ANY}):
            near = nearest(unknown, types)
            hint = f" (did you mean `{near}`?)" if near else ""
            raise SchemaError(f"names unknown type `{unknown}`{hint}", "edges", name, end)
    label = str(entry.get("label", name.replace("_", " ").capitalize()))
    return EdgeType(
        name,
        ends["from"],
        ends["to"],
        label,
        str(entry.get("inverse_label", f"{label} (from)")),
        _strings(entry, "inverses", "edges", name),
        _strings(entry, "synonyms", "edges", name),
        entry.get("carries") == "order",
        bool(entry.get("association", False)),
    )


def _strings(entry: Mapping[str, Any], field: str, *where: str, part: str = "schema") -> tuple[str, ...]:
    """A list of names; one alone may stand without brackets."""
    value = entry.get(field, [])
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise SchemaError("must be a list of names", *where, *([field] if part == "schema" else []), part=part)
    return tuple(listed)
