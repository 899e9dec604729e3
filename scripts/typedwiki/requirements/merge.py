"""Merge the requirements of several pages: one entry for each package and each fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace
from packaging.specifiers import SpecifierSet

from ..model import Graph, grouped
from ..schema import ENVIRONMENT, Schema
from .facts import common_versions, format_amount, format_systems, format_versions
from .model import ECOSYSTEMS, Amount, Kind, Requirement, Systems, Versions, combine, format_specifier


class MergedRequirement(Struct, frozen=True):
    """A package or a fact with all requirements of it."""

    kind: Kind
    name: str
    rows: tuple[Requirement, ...]
    value: str = ""
    """Its versions, or the merged value of a fact, as readers see them."""
    specifier: SpecifierSet = field(default_factory=SpecifierSet)
    constraint: str = ""
    extras: tuple[str, ...] = ()
    url: str = ""
    marker: str = ""
    optional: bool = False
    """No page requires it."""
    conditions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    conflict: bool = False
    """Nothing satisfies all requirements."""


class ChoiceGroup(Struct, frozen=True):
    """Alternatives from which the reader chooses one, or several."""

    alternatives: tuple[tuple[MergedRequirement, ...], ...]
    several: bool
    optional: bool
    conditions: tuple[str, ...]


class MergedRequirements(Struct, frozen=True):
    """The merged requirements of several Environments."""

    facts: tuple[MergedRequirement, ...] = ()
    packages: tuple[MergedRequirement, ...] = ()
    """Required packages, by ecosystem, then by name."""
    choices: tuple[ChoiceGroup, ...] = ()
    optional: tuple[MergedRequirement, ...] = ()
    also: tuple[Requirement, ...] = ()
    """Lines of prose."""

    def __bool__(self) -> bool:
        return any((self.facts, self.packages, self.choices, self.optional, self.also))

    def entries(self) -> tuple[MergedRequirement, ...]:
        """Return all facts and packages, including alternatives."""
        chosen = (entry for group in self.choices for alternative in group.alternatives for entry in alternative)
        return (*self.facts, *self.packages, *chosen, *self.optional)


def merge(rows: Iterable[Requirement]) -> MergedRequirements:
    """Merge requirements: each package and fact once; alternatives and optional packages apart."""
    facts: dict[str, list[Requirement]] = {}
    packages: dict[tuple[int, str], list[Requirement]] = {}
    groups: dict[str, list[Requirement]] = {}
    prose: dict[tuple[str, str], Requirement] = {}
    for row in dict.fromkeys(rows):
        if row.kind == "fact":
            facts.setdefault(row.name.casefold(), []).append(row)
        elif row.kind == "prose":
            prose.setdefault((row.origin.page, row.written), row)
        elif row.alternative:
            groups.setdefault(row.alternative.group, []).append(row)
        else:
            packages.setdefault((ECOSYSTEMS.index(row.kind), row.name), []).append(row)
    merged = [_merge_package(packages[place]) for place in sorted(packages)]
    choices, single = _merge_choices(groups.values())
    return MergedRequirements(
        tuple(_merge_fact(group) for group in facts.values()),
        tuple(package for package in merged if not package.optional),
        choices,
        tuple(package for package in (*merged, *single) if package.optional),
        tuple(prose.values()),
    )


def environments_on_path(page_id: str, graph: Graph, schema: Schema) -> list[str]:
    """Return the ids of all Environments that typed edges reach from a page, itself included, in reading order."""
    environments: list[str] = []
    visited: set[str] = set()
    todo = [page_id]
    while todo:
        current = todo.pop()
        if current in visited or current not in graph.pages:
            continue
        visited.add(current)
        if schema.types[graph.pages[current].page_type].role == ENVIRONMENT:
            environments.append(current)
        for edge in reversed(graph.outgoing.get(current, ())):
            if schema.leads_down(edge.type):
                todo.append(edge.target)
    return environments


def merge_on_path(
    page_id: str, graph: Graph, schema: Schema, requirements: Mapping[str, Iterable[Requirement]]
) -> MergedRequirements:
    """Merge the ``requirements``, by page id, of all Environments that typed edges reach from a page."""
    environments = environments_on_path(page_id, graph, schema)
    return merge(row for environment in environments for row in requirements.get(environment, ()))


def _merge_package(rows: Sequence[Requirement]) -> MergedRequirement:
    binding = [row for row in rows if not row.optional] or list(rows)
    head = rows[0]
    specifier = combine(row.specifier for row in binding)
    constraints = list(dict.fromkeys(row.constraint for row in binding if row.constraint))
    urls = list(dict.fromkeys(row.url for row in binding if row.url))
    markers = list(dict.fromkeys(row.marker for row in binding))
    optional = all(row.optional for row in rows)
    return MergedRequirement(
        head.kind,
        head.name,
        tuple(rows),
        format_specifier(specifier) if head.kind == "pip" else ", ".join(constraints),
        specifier,
        constraints[0] if len(constraints) == 1 else "",
        tuple(sorted({extra for row in binding for extra in row.extras})),
        urls[0] if urls else "",
        "" if "" in markers else " or ".join(f"({m})" for m in markers) if len(markers) > 1 else markers[0],
        optional,
        _unique_texts(row.condition for row in rows if row.optional) if optional else (),
        _unique_texts(row.note for row in binding),
        specifier.is_unsatisfiable() or len(urls) > 1,
    )


def _merge_choices(groups: Iterable[Sequence[Requirement]]) -> tuple[tuple[ChoiceGroup, ...], list[MergedRequirement]]:
    """Return the groups of alternatives, equal groups of several pages once, and entries of groups without a choice."""
    equal_groups: dict[object, list[Sequence[Requirement]]] = {}
    single: list[MergedRequirement] = []  # the only alternative of their group, but not everybody needs them
    for rows in groups:
        alternatives = _alternatives(rows)
        if len(alternatives) < 2:
            single += [replace(_merge_package([row]), optional=True) for row in rows]
            continue
        content = frozenset(
            frozenset((r.kind, r.name, r.specifier, r.constraint, r.extras) for r in members)
            for members in alternatives
        )
        equal_groups.setdefault(content, []).append(rows)
    return tuple(map(_merge_choice, equal_groups.values())), single


def _alternatives(rows: Iterable[Requirement]) -> list[list[Requirement]]:
    groups = grouped(rows, lambda row: row.alternative and row.alternative.name)
    return [members for name, members in groups.items() if name is not None]


def _merge_choice(groups: Sequence[Sequence[Requirement]]) -> ChoiceGroup:
    by_content: dict[object, list[Requirement]] = {}
    for members in (members for group in groups for members in _alternatives(group)):
        content = frozenset((r.kind, r.name, r.specifier, r.constraint) for r in members)
        by_content.setdefault(content, []).extend(members)
    alternatives = []
    for members in by_content.values():
        packages = grouped(members, lambda row: (row.kind, row.name))
        alternatives.append(tuple(map(_merge_package, packages.values())))
    rows = [row for group in groups for row in group]
    several = any(row.alternative and row.alternative.several for row in rows)
    optional = all(row.optional for row in rows)
    conditions = _unique_texts(row.condition for row in rows) if optional else ()
    return ChoiceGroup(tuple(alternatives), several, optional, conditions)


def _merge_fact(rows: Sequence[Requirement]) -> MergedRequirement:
    optional = all(row.optional for row in rows)
    binding = [row for row in rows if optional or not row.optional]
    name = rows[0].name
    value, notes, specifier, conflict = _merge_values(name, binding)
    texts = [row.written for row in binding if row.value is None and row.written]
    value = "; ".join(dict.fromkeys(filter(None, (value, *_unique_texts(texts)))))
    conditions = _unique_texts(row.condition for row in rows if row.optional)
    all_notes = (*notes, *_unique_texts(row.note for row in rows))
    if not optional:
        all_notes += tuple(
            f"{row.written or 'optional'}: {row.condition}" for row in rows if row.optional and row.condition
        )
    return MergedRequirement(
        "fact",
        name,
        tuple(rows),
        value,
        specifier,
        optional=optional,
        conditions=conditions if optional else (),
        notes=all_notes,
        conflict=conflict,
    )


def _merge_values(name: str, rows: Sequence[Requirement]) -> tuple[str, list[str], SpecifierSet, bool]:
    """Merge the values of a fact. Return text, notes, versions, and whether nothing satisfies all rows."""
    texts = {row.written for row in rows}
    sizes = [row.value.size for row in rows if isinstance(row.value, Amount)]
    if sizes:
        return format_amount(max(sizes)), [], SpecifierSet(), False
    allowed = [row.value.names for row in rows if isinstance(row.value, Systems)]
    if allowed:
        common = frozenset.intersection(*allowed)
        if len(texts) == 1:
            return texts.pop(), [], SpecifierSet(), False
        if common:
            return format_systems(common), [], SpecifierSet(), False
        return " and ".join(format_systems(names) for names in allowed), [], SpecifierSet(), True
    requested = [row.value for row in rows if isinstance(row.value, Versions)]
    if not requested:
        return "", [], SpecifierSet(), False
    common_choices = common_versions(requested)
    if not common_choices:
        everything = combine(specifier for value in requested for _, specifier in value.choices[:1])
        text = " and ".join(dict.fromkeys(_format_choices(name, value.choices) for value in requested))
        return text, [], everything, name == "Python"
    notes = _excluded_alternatives(rows, common_choices) if len(requested) > 1 else []
    specifier = common_choices[0][1] if len(common_choices) == 1 else SpecifierSet()
    return _format_choices(name, common_choices), notes, specifier, False


def _format_choices(name: str, choices: Iterable[tuple[str, SpecifierSet]]) -> str:
    return " or ".join(
        format_versions(thing, specifier) if thing == name else f"{thing} {format_versions(thing, specifier)}"
        for thing, specifier in choices
    )


def _excluded_alternatives(rows: Sequence[Requirement], common: Sequence[tuple[str, SpecifierSet]]) -> list[str]:
    """Return a note for each alternative of one page that another page rules out."""
    notes = []
    values = [(row, row.value) for row in rows if isinstance(row.value, Versions)]
    for row, value in values:
        for choice in value.choices:
            alone = Versions((choice,))
            if common_versions([alone, Versions(tuple(common))]):
                continue
            if excluding := next((other for other, theirs in values if not common_versions([alone, theirs])), None):
                name, specifier = choice
                versions = format_specifier(specifier)
                if len(specifier) == 1:
                    versions = versions.lstrip("<>=!~").removesuffix(".*")
                page, other_page = _page_name(row), _page_name(excluding)
                notes.append(f"{name} {versions} is an alternative of {page} that {other_page} does not allow")
    return notes


def _page_name(row: Requirement) -> str:
    return row.origin.page.partition("/")[2]


def _unique_texts(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the texts that are not empty, each once, ignoring case."""
    unique: dict[str, str] = {}
    for text in texts:
        if text:
            unique.setdefault(text.casefold(), text)
    return tuple(unique.values())
