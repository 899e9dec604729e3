"""What several pages ask for, put together: one entry for each package and each fact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from packaging.specifiers import SpecifierSet

from ..model import Graph
from ..schema import Schema
from .facts import common_versions, shown_amount, shown_systems, shown_versions
from .model import ECOSYSTEMS, Amount, Kind, Requirement, Systems, Versions
from .versions import combined, shown


@dataclass(frozen=True, slots=True)
class MergedRequirement:
    """What several pages ask of one thing."""

    kind: Kind
    name: str
    rows: tuple[Requirement, ...]
    value: str = ""
    """Its versions, or what a fact comes to, as readers see it."""
    specifier: SpecifierSet = field(default_factory=SpecifierSet)
    constraint: str = ""
    extras: tuple[str, ...] = ()
    url: str = ""
    marker: str = ""
    optional: bool = False
    """Nobody requires it."""
    conditions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    conflict: bool = False
    """Nothing satisfies all who ask."""


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """Alternatives of which a reader takes one, or one or more."""

    alternatives: tuple[tuple[MergedRequirement, ...], ...]
    several: bool
    optional: bool
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MergedRequirements:
    """All that a page's Environments ask for."""

    facts: tuple[MergedRequirement, ...] = ()
    packages: tuple[MergedRequirement, ...] = ()
    """Required ones, by ecosystem, then by name."""
    choices: tuple[ChoiceGroup, ...] = ()
    optional: tuple[MergedRequirement, ...] = ()
    also: tuple[Requirement, ...] = ()
    """Lines that are kept as they are written."""

    def __bool__(self) -> bool:
        return any((self.facts, self.packages, self.choices, self.optional, self.also))

    def entries(self) -> tuple[MergedRequirement, ...]:
        """All facts and packages, those of alternatives included."""
        chosen = (one for group in self.choices for alternative in group.alternatives for one in alternative)
        return (*self.facts, *self.packages, *chosen, *self.optional)


def merge(rows: Iterable[Requirement]) -> MergedRequirements:
    """Put together what pages ask for: packages and facts each once, alternatives and options apart."""
    facts: dict[str, list[Requirement]] = {}
    packages: dict[tuple[int, str], list[Requirement]] = {}
    groups: dict[str, list[Requirement]] = {}
    also: dict[tuple[str, str], Requirement] = {}
    for row in dict.fromkeys(rows):
        if row.kind == "fact":
            facts.setdefault(row.name.casefold(), []).append(row)
        elif row.kind == "prose":
            also.setdefault((row.origin.page, row.written), row)
        elif row.alternative:
            groups.setdefault(row.alternative.group, []).append(row)
        else:
            packages.setdefault((ECOSYSTEMS.index(row.kind), row.name), []).append(row)
    merged = [_package(packages[place]) for place in sorted(packages)]
    choices, single = _choices(groups.values())
    return MergedRequirements(
        tuple(_fact(group) for group in facts.values()),
        tuple(one for one in merged if not one.optional),
        choices,
        tuple(one for one in (*merged, *single) if one.optional),
        tuple(also.values()),
    )


def environments_on_path(page_id: str, graph: Graph, schema: Schema) -> list[str]:
    """Every Environment that typed edges lead to from a page, itself included, in reading order."""
    found: list[str] = []
    seen: set[str] = set()
    todo = [page_id]
    while todo:
        here = todo.pop()
        if here in seen or here not in graph.pages:
            continue
        seen.add(here)
        if graph.pages[here].page_type == "Environment":
            found.append(here)
        for edge in reversed(graph.outgoing.get(here, ())):
            known = schema.edges.get(edge.type)
            if known and not known.association:
                todo.append(edge.target)
    return found


def _package(rows: Sequence[Requirement]) -> MergedRequirement:
    binding = [row for row in rows if not row.optional] or list(rows)
    first = rows[0]
    specifier = combined(row.specifier for row in binding)
    constraints = list(dict.fromkeys(row.constraint for row in binding if row.constraint))
    urls = list(dict.fromkeys(row.url for row in binding if row.url))
    markers = list(dict.fromkeys(row.marker for row in binding))
    optional = all(row.optional for row in rows)
    return MergedRequirement(
        first.kind,
        first.name,
        tuple(rows),
        shown(specifier) if first.kind == "pip" else ", ".join(constraints),
        specifier,
        constraints[0] if len(constraints) == 1 else "",
        tuple(sorted({extra for row in binding for extra in row.extras})),
        urls[0] if urls else "",
        "" if "" in markers else " or ".join(f"({m})" for m in markers) if len(markers) > 1 else markers[0],
        optional,
        _each(row.condition for row in rows if row.optional) if optional else (),
        _each(row.note for row in binding),
        specifier.is_unsatisfiable() or len(urls) > 1,
    )


def _choices(groups: Iterable[Sequence[Requirement]]) -> tuple[tuple[ChoiceGroup, ...], list[MergedRequirement]]:
    """Groups of alternatives, equal ones of several pages once, and what a group leaves no choice of."""
    found: dict[object, list[Sequence[Requirement]]] = {}
    single: list[MergedRequirement] = []
    for rows in groups:
        sets: dict[str, list[Requirement]] = {}
        for row in rows:
            if row.alternative:
                sets.setdefault(row.alternative.name, []).append(row)
        if len(sets) < 2:
            single += [_package([row]) for row in rows]
            continue
        key = frozenset(
            frozenset((r.kind, r.name, r.specifier, r.constraint, r.extras) for r in one) for one in sets.values()
        )
        found.setdefault(key, []).append(rows)
    return tuple(_choice(several) for several in found.values()), [_as_optional(one) for one in single]


def _choice(same: Sequence[Sequence[Requirement]]) -> ChoiceGroup:
    sets: dict[object, list[Requirement]] = {}
    for rows in same:
        members: dict[str, list[Requirement]] = {}
        for row in rows:
            if row.alternative:
                members.setdefault(row.alternative.name, []).append(row)
        for alternative in members.values():
            sets.setdefault(frozenset((r.kind, r.name, r.specifier, r.constraint) for r in alternative), []).extend(
                alternative
            )
    alternatives = []
    for one in sets.values():
        by_name: dict[tuple[Kind, str], list[Requirement]] = {}
        for row in one:
            by_name.setdefault((row.kind, row.name), []).append(row)
        alternatives.append(tuple(map(_package, by_name.values())))
    rows = [row for group in same for row in group]
    several = any(row.alternative and row.alternative.several for row in rows)
    optional = all(row.optional for row in rows)
    return ChoiceGroup(tuple(alternatives), several, optional, _each(row.condition for row in rows) if optional else ())


def _as_optional(one: MergedRequirement) -> MergedRequirement:
    """The only alternative that is left of a choice: still nothing that everybody needs."""
    return MergedRequirement(
        one.kind,
        one.name,
        one.rows,
        one.value,
        one.specifier,
        one.constraint,
        one.extras,
        one.url,
        one.marker,
        True,
        one.conditions,
        one.notes,
        one.conflict,
    )


def _fact(rows: Sequence[Requirement]) -> MergedRequirement:
    optional = all(row.optional for row in rows)
    binding = [row for row in rows if optional or not row.optional]
    name = rows[0].name
    value, notes, specifier, conflict = _together(name, binding)
    words = [row.written for row in binding if row.value is None and row.written]
    value = "; ".join(dict.fromkeys(filter(None, (value, *_each(words)))))
    conditions = _each(row.condition for row in rows if row.optional)
    spoken = (*notes, *_each(row.note for row in rows))
    if not optional:
        spoken += tuple(
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
        notes=spoken,
        conflict=conflict,
    )


def _together(name: str, rows: Sequence[Requirement]) -> tuple[str, list[str], SpecifierSet, bool]:
    """What the rows of a fact come to, what is to be said of it, its versions, and whether nothing satisfies all."""
    texts = {row.written for row in rows}
    sizes = [row.value.size for row in rows if isinstance(row.value, Amount)]
    if sizes:
        return shown_amount(max(sizes)), [], SpecifierSet(), False
    allowed = [row.value.names for row in rows if isinstance(row.value, Systems)]
    if allowed:
        common = frozenset.intersection(*allowed)
        if len(texts) == 1:
            return texts.pop(), [], SpecifierSet(), False
        if common:
            return shown_systems(common), [], SpecifierSet(), False
        return " and ".join(shown_systems(names) for names in allowed), [], SpecifierSet(), True
    asked = [row.value for row in rows if isinstance(row.value, Versions)]
    if not asked:
        return "", [], SpecifierSet(), False
    common_ones = common_versions(asked)
    if not common_ones:
        everything = combined(specifier for value in asked for _, specifier in value.choices[:1])
        said = " and ".join(dict.fromkeys(_choices_shown(name, value.choices) for value in asked))
        return said, [], everything, name == "Python"
    notes = _left_out(rows, common_ones) if len(asked) > 1 else []
    specifier = common_ones[0][1] if len(common_ones) == 1 else SpecifierSet()
    return _choices_shown(name, common_ones), notes, specifier, False


def _choices_shown(name: str, choices: Iterable[tuple[str, SpecifierSet]]) -> str:
    return " or ".join(
        shown_versions(other, specifier) if other == name else f"{other} {shown_versions(other, specifier)}"
        for other, specifier in choices
    )


def _left_out(rows: Sequence[Requirement], common: Sequence[tuple[str, SpecifierSet]]) -> list[str]:
    """Alternatives of one page that another does not allow."""
    said = []
    for row in rows:
        for name, specifier in row.value.choices if isinstance(row.value, Versions) else ():
            if any(name == other and not combined([specifier, both]).is_unsatisfiable() for other, both in common):
                continue
            against = next(
                (
                    other
                    for other in rows
                    if isinstance(other.value, Versions)
                    and not common_versions([Versions(((name, specifier),)), other.value])
                ),
                None,
            )
            if against:
                versions = (
                    ", ".join(clause.version.removesuffix(".*") for clause in specifier)
                    if len(specifier) == 1
                    else shown(specifier)
                )
                said.append(f"{name} {versions} is an alternative of {_page(row)} that {_page(against)} does not allow")
    return said


def _page(row: Requirement) -> str:
    return row.origin.page.partition("/")[2]


def _each(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts that say something, each once whatever its case."""
    found: dict[str, str] = {}
    for text in texts:
        if text:
            found.setdefault(text.casefold(), text)
    return tuple(found.values())
