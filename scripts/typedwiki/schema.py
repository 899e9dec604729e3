"""Read schema.yml and a site's additions to it into frozen records."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from msgspec import Struct, field

from .problems import load_own_yaml
from .type_looks import colours_of, icons_of, plural_of
from .words import nearest

ANY = "any"
NO_NAMES: Mapping[str, str] = MappingProxyType({})
RESERVED = frozenset({"assets", "path", "wiki"})
"""Folders of the site that cannot be those of page types."""
UNRANKED = 5
"""First rank of types without one. Edges decide their order."""
ROLES = CODE, ENVIRONMENT, ADVICE = ("code", "environment", "advice")


class SchemaError(ValueError):
    """The schema, or a site's addition to it, is invalid."""

    def __init__(self, message: str, *keys: str, part: str = "schema") -> None:
        super().__init__(message)
        self.keys = (part, *keys)
        """Path of nested keys to the place."""


class PageType(Struct, frozen=True):
    """A kind of page, and its layer in the graph."""

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
    """Its pages are hand-written notes, and have no folder in the wiki."""
    ranked: bool = True
    """Whether its rank is given. Otherwise the rank only places it in drawings."""
    folder: str = ""
    """Folder of its notes, if its name cannot be one."""
    role: str = ""
    """Its use on other pages of the site: one of ``ROLES``, or ""."""
    linked_class: str = "schema:CreativeWork"
    """Class of its pages in JSON-LD."""

    @property
    def slug(self) -> str:
        """Return the folder of its notes, which is also the suffix of its CSS class."""
        return self.folder or slug_of(self.name)

    @property
    def all_names(self) -> tuple[str, ...]:
        """Return its name, its plural and its other names."""
        return (self.name, self.plural, *self.names)


class EdgeType(Struct, frozen=True):
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
    """Whether only its name is known, so no rank and no rule applies to it."""

    @property
    def all_names(self) -> tuple[str, ...]:
        """Return its name, its synonyms and its inverses."""
        return (self.name, *self.synonyms, *self.inverses)

    def allows(self, source: str, target: str) -> bool:
        """Return whether this edge may lead from a page of type ``source`` to one of type ``target``."""
        return (ANY in self.sources or source in self.sources) and (ANY in self.targets or target in self.targets)


class Orientation(Struct, frozen=True):
    """The meaning of an edge name on a page: the edge, and whether the page is its target."""

    edge: EdgeType
    backwards: bool

    def allows(self, page: str, target: str) -> bool:
        """Return whether a page of type ``page`` may state the edge in a link to one of type ``target``."""
        return self.edge.allows(*((target, page) if self.backwards else (page, target)))


class Schema(Struct, frozen=True):
    """All page types and edge types, and their spellings."""

    types: Mapping[str, PageType]
    edges: Mapping[str, EdgeType]
    sections: Mapping[str, str] = field(default_factory=dict)
    """Canonical names of sections with a meaning, and of fields, by other names; both folded: ``überblick`` is
    ``overview``.
    """
    foreign: frozenset[str] = frozenset()
    """Names from names.yml, folded: they are understood, but never suggested."""
    own: frozenset[str] = frozenset()
    """Types and edges that the site defines."""

    def edge_names(self) -> list[str]:
        """Return all names of edges that may be suggested."""
        names = [name for edge in self.edges.values() for name in edge.all_names]
        return [name for name in names if key(name) not in self.foreign]

    def type_names(self, by_hand: bool = True) -> dict[str, str]:
        """Return the types by all their names that may be suggested."""
        kinds = [t for t in self.types.values() if by_hand or not t.by_hand]
        return {name: kind.name for kind in kinds for name in kind.all_names if key(name) not in self.foreign}

    def page_type(self, written: str) -> PageType | None:
        """Return the type that a folder or a link names, in any case, singular or plural."""
        return _type_names(self).get(key(written))

    def folder_type(self, name: str) -> PageType | None:
        """Return the type of the pages in a folder with this name."""
        page_type = self.page_type(name)
        return None if page_type and page_type.by_hand else page_type

    def by_hand(self) -> PageType | None:
        """Return the type of hand-written notes."""
        return next((page_type for page_type in self.types.values() if page_type.by_hand), None)

    def orientations(self, written: str) -> tuple[Orientation, ...]:
        """Return the readings of an edge name, best first; empty if the schema lacks the name."""
        return _edge_names(self).get(key(written), ())

    @property
    def ranked(self) -> bool:
        """Return whether there are ranks, and with them reading paths, requirements and rules about layers."""
        return any(kind.ranked and not kind.by_hand for kind in self.types.values())

    def edge_label(self, name: str) -> str:
        """Return the label of an edge type, or the words of a name that the schema lacks."""
        return self.edges[name].label if name in self.edges else name.replace("_", " ").capitalize()

    def with_role(self, role: str) -> tuple[PageType, ...]:
        """Return the types with a role."""
        return tuple(kind for kind in self.types.values() if kind.role == role)

    def edges_to(self, role: str) -> frozenset[str]:
        """Return the names of the edges that lead only to pages with a role."""
        names = {kind.name for kind in self.with_role(role)}
        return frozenset(edge.name for edge in self.edges.values() if names and edge.targets <= names)

    def is_drawn_down(self, edge: str) -> bool:
        """Return whether drawings show the source of this edge type above its target."""
        edge_type = self.edges.get(edge)
        return edge_type is not None and (edge_type.open or not edge_type.association)

    def leads_down(self, edge: str) -> bool:
        """Return whether an edge type is part of the DAG: it is known, and more than an association."""
        edge_type = self.edges.get(edge)
        return edge_type is not None and not edge_type.association

    def __hash__(self) -> int:
        return id(self)


@lru_cache(maxsize=1 << 6)
def slug_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


@lru_cache(maxsize=1 << 12)  # the same fields and headings are on many pages
def key(name: str) -> str:
    """Return the form in which names are compared: without differences in case, spaces, hyphens, underscores and forms
    of accents.
    """
    return unicodedata.normalize("NFC", re.sub(r"[\s_-]+", "_", name.strip()).lower())


@lru_cache(maxsize=8)
def _type_names(schema: Schema) -> dict[str, PageType]:
    return {key(name): page_type for page_type in schema.types.values() for name in page_type.all_names}


@lru_cache(maxsize=8)
def _edge_names(schema: Schema) -> dict[str, tuple[Orientation, ...]]:
    # Every name can also be read backwards: a leaf page that lists its users with the edge's own name states the same
    # edge from the other end.
    readings: dict[str, tuple[Orientation, ...]] = {}
    for edge in schema.edges.values():
        forward, backward = Orientation(edge, False), Orientation(edge, True)
        for name in (edge.name, *edge.synonyms):
            readings[key(name)] = (forward,) if edge.association else (forward, backward)
        for name in edge.inverses:
            readings[key(name)] = (backward, forward)
    return readings


def load(extra: Mapping[str, Any] | None = None, names: Mapping[str, Any] | None = None) -> Schema:
    """Read schema.yml and merge a site's own `types` and `edges` into it.

    ``names`` are a site's additional names of types, edges and sections, by canonical name. Those of names.yml are
    always added.

    Raises:
        SchemaError: an entry is not a mapping, or has an invalid value.
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
    """Add types that are named only at the ends of edges, unless they look like a misspelling of another type."""
    for name, entry in data["edges"].items():
        for end in ("from", "to"):
            for type_name in _strings(entry, end, "edges", name):
                if type_name != ANY and type_name not in data["types"] and not nearest(type_name, data["types"]):
                    data["types"][type_name] = {}


SECTIONS = (
    *("Overview", "Metadata", "Connections", "Sources", "Domains", "Last Updated"),
    *("Requirements", "System Requirements", "Hardware", "Dependencies", "Packages", "Python Packages", "Optional"),
)
"""Sections with a meaning. Some may also be fields; the second line applies to Environments."""


def _add_names(data: dict[str, dict[str, Any]], own: Mapping[str, Any]) -> tuple[dict[str, str], frozenset[str]]:
    """Add names in other languages to types and edges, a site's ``own`` first.

    Return the names of sections, folded, and all names that are not the site's own.
    """
    foreign: set[str] = set()
    built_in = load_own_yaml("names.yml")
    taken: set[str] = {key(name) for part in data.values() for name in part}
    sections: dict[str, str] = {}
    inverses = {key(i): (e, "inverses") for e, entry in data["edges"].items() for i in _strings(entry, "inverses", e)}
    canonical = {key(name): (name, "names") for name in data["types"]} | inverses
    canonical |= {key(name): (name, "synonyms") for name in data["edges"]}
    canonical |= {key(name): (key(name), "") for name in SECTIONS}
    for part in (own, *built_in.values()):
        is_own = part is own
        for name, value in part.items():
            canonical_name, field_name = canonical.get(key(str(name)), ("", ""))
            if not canonical_name and is_own:
                near = nearest(str(name), [known_name for known_name, _ in canonical.values()])
                hint = f" (did you mean `{near}`?)" if near else ""
                raise SchemaError(f"`{name}` is no type, edge or section{hint}", str(name), part="names")
            for alias in _strings({"names": value}, "names", str(name), part="names" if is_own else "schema"):
                other_name = canonical.get(key(alias), (canonical_name, ""))[0]
                if is_own and other_name != canonical_name:
                    raise SchemaError(f"`{alias}` is a name of {other_name} already", str(name), part="names")
                if not canonical_name or (key(alias) in taken and not is_own):
                    continue
                taken.add(key(alias))
                if not is_own:
                    foreign.add(key(alias))
                if not field_name:
                    sections[key(alias)] = canonical_name
                    continue
                entry = data["types" if field_name == "names" else "edges"][canonical_name]
                entry[field_name] = [*_strings(entry, field_name, canonical_name), alias]
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


def _strings(entry: Mapping[str, Any], field: str, *keys: str, part: str = "schema") -> tuple[str, ...]:
    """Return a list of names; a single one may be written without brackets."""
    value = entry.get(field, [])
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise SchemaError("must be a list of names", *keys, *([field] if part == "schema" else []), part=part)
    return tuple(names)
