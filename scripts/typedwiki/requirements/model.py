"""The vocabulary of requirements: what one line of an Environment page asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct
from packaging.specifiers import SpecifierSet

Kind = Literal["pip", "conda", "npm", "apt", "cargo", "docker", "fact", "prose"]
ECOSYSTEMS: tuple[Kind, ...] = ("pip", "conda", "npm", "apt", "cargo", "docker")
"""Those that have an install command, in the order in which they are shown."""
TITLES: Mapping[Kind, str] = {
    "fact": "System",
    "pip": "Python packages",
    "conda": "Conda packages",
    "npm": "npm packages",
    "apt": "System packages",
    "cargo": "Rust crates",
    "docker": "Docker images",
    "prose": "Also",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a requirement was read."""

    page: str
    """Page id."""
    line: int
    """Line of the page's source file, from 1."""
    text: str
    """The item or table row, in plain text."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A requirement's place in a group of which a reader chooses."""

    group: str
    """The same for all members of the group, and for no other group of the wiki."""
    name: str
    """Requirements of a group that share it go together."""
    several: bool = False
    """The reader may choose more than one."""


class Systems(Struct, frozen=True, tag=True):
    """Operating systems, each of which will do."""

    names: frozenset[str]


class Amount(Struct, frozen=True, tag=True):
    """Bytes, at least."""

    size: int


class Versions(Struct, frozen=True, tag=True):
    """Versions of things, each of which will do: CUDA 12.1 or later, or ROCm 6."""

    choices: tuple[tuple[str, SpecifierSet], ...]


Value = Systems | Amount | Versions | None
"""What a system fact asks; None if it is said in words that are not understood."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that a page asks for: a package, a system fact, or a line kept as it is written."""

    kind: Kind
    name: str
    """As its ecosystem normalises it; of a fact its label."""
    origin: Origin
    written: str = ""
    """As the page says it, without the note; of a fact its value."""
    specifier: SpecifierSet = field(default_factory=SpecifierSet)
    """Versions of a pip package (PEP 440)."""
    constraint: str = ""
    """Versions of another ecosystem's package, in its own syntax."""
    extras: tuple[str, ...] = ()
    url: str = ""
    """Direct address of a pip package."""
    marker: str = ""
    """Environment marker (PEP 508)."""
    optional: bool = False
    condition: str = ""
    """When an optional requirement is needed, in the page's words."""
    note: str = ""
    alternative: Alternative | None = None
    value: Value = None
    label: str = ""
    """Of a fact: how its table row is called, in its normal form."""
    command: bool = False
    """Read from an install command, not from a list or table."""


@dataclass(frozen=True, slots=True)
class Inheritance:
    """A line that takes over what another page asks for."""

    target: str
    """The other page, as it is named."""
    scope: Literal["all", "packages", "facts"]
    label: str
    """If not empty, only facts of this label."""
    named: bool
    """The name is code or a link, so it must be a page's."""
    linked: bool
    """It is a link, which other rules look after."""
    optional: bool
    condition: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to report of a line."""

    origin: Origin
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class PageRequirements:
    """What one page says by itself."""

    rows: tuple[Requirement, ...] = ()
    inherited: tuple[Inheritance, ...] = ()
    unclear: tuple[Remark, ...] = ()
    """Lines that name a dependency in no form that is understood."""
    disagreements: tuple[Remark, ...] = ()
    """Install commands that say something else than the lists."""


@dataclass(frozen=True, slots=True)
class WikiRequirements:
    """What every Environment of a wiki asks for, and what is wrong with how it is said."""

    rows: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict)
    """By page id, with what each takes over from other pages."""
    inheritance: tuple[Remark, ...] = ()
    """Names that are no page, and pages that take over each other."""
    unclear: tuple[Remark, ...] = ()
    disagreements: tuple[Remark, ...] = ()


def as_plain(value: object) -> object:
    """What a cache holds of a value that it has no form for.

    Raises:
        TypeError: it is none of this module.
    """
    if isinstance(value, SpecifierSet):
        return str(value)
    raise TypeError(type(value))


def from_plain(kind: type, value: object) -> object:
    """The value of what ``as_plain`` has given.

    Raises:
        ValueError: the value is none of that kind.
    """
    if kind is SpecifierSet and isinstance(value, str):
        return SpecifierSet(value)
    raise ValueError(f"no {kind.__name__}")
