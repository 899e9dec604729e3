"""The vocabulary of requirements: what the lines of an Environment page ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct
from packaging.specifiers import SpecifierSet

Kind = Literal["pip", "conda", "npm", "apt", "cargo", "docker", "fact", "prose"]
ECOSYSTEMS: tuple[Kind, ...] = ("pip", "conda", "npm", "apt", "cargo", "docker")
"""The kinds that have an install command, in display order."""
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
    """Where a requirement is written."""

    page: str
    """Page id."""
    line: int
    """Line of the page's file, from 1."""
    text: str
    """The item or table row, in plain text."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """The place of a requirement in a group of alternatives from which the reader chooses."""

    group: str
    """Unique in the wiki."""
    name: str
    """Requirements of a group with the same name form one alternative."""
    several: bool = False
    """The reader may choose more than one alternative."""


class Systems(Struct, frozen=True, tag=True):
    """Operating systems, any of which is enough."""

    names: frozenset[str]


class Amount(Struct, frozen=True, tag=True):
    """A minimum size in bytes."""

    size: int


class Versions(Struct, frozen=True, tag=True):
    """Alternatives of things and their versions: CUDA 12.1 or later, or ROCm 6."""

    choices: tuple[tuple[str, SpecifierSet], ...]


Value = Systems | Amount | Versions | None
"""The parsed value of a system fact; None if its words are not understood."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that a page asks for: a package, a fact about the system, or a line of prose."""

    kind: Kind
    name: str
    """The name as its ecosystem normalises it; for a fact, the label."""
    origin: Origin
    written: str = ""
    """The text on the page, without the note; for a fact, its value."""
    specifier: SpecifierSet = field(default_factory=SpecifierSet)
    """Versions of a pip package (PEP 440)."""
    constraint: str = ""
    """Versions of a package of another ecosystem, in that ecosystem's syntax."""
    extras: tuple[str, ...] = ()
    url: str = ""
    """URL from which a pip package is installed."""
    marker: str = ""
    """Environment marker (PEP 508)."""
    optional: bool = False
    condition: str = ""
    """When an optional requirement is needed, in the page's words."""
    note: str = ""
    alternative: Alternative | None = None
    value: Value = None
    label: str = ""
    """For a fact: the normal form of its label."""
    command: bool = False
    """Read from an install command, not from a list or table."""


@dataclass(frozen=True, slots=True)
class Inheritance:
    """A line that inherits the requirements of another page."""

    target: str
    """The other page, as the line names it."""
    scope: Literal["all", "packages", "facts"]
    label: str
    """If not empty, only facts with this label are inherited."""
    named: bool
    """The name is code or a link, so there must be such a page."""
    linked: bool
    """The name is a link. Other rules check links."""
    optional: bool
    condition: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Remark:
    """A problem of a line."""

    origin: Origin
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class PageRequirements:
    """The requirements of one page, without inherited ones."""

    rows: tuple[Requirement, ...] = ()
    inherited: tuple[Inheritance, ...] = ()
    unclear: tuple[Remark, ...] = ()
    """Lines that seem to name a dependency, but are not understood."""
    disagreements: tuple[Remark, ...] = ()
    """Install commands that contradict the lists."""


@dataclass(frozen=True, slots=True)
class WikiRequirements:
    """The requirements of every Environment of a wiki, and the problems in them."""

    rows: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict)
    """Requirements by page id, inherited ones included."""
    inheritance: tuple[Remark, ...] = ()
    """Names of no page, and pages that inherit from each other."""
    unclear: tuple[Remark, ...] = ()
    disagreements: tuple[Remark, ...] = ()


def as_plain(value: object) -> object:
    """Return the form in which a cache stores a value of a foreign type.

    Raises:
        TypeError: this module does not use values of that type.
    """
    if isinstance(value, SpecifierSet):
        return str(value)
    raise TypeError(type(value))


def from_plain(kind: type, value: object) -> object:
    """Restore a value that ``as_plain`` has converted.

    Raises:
        ValueError: the value is not of that type.
    """
    if kind is SpecifierSet and isinstance(value, str):
        return SpecifierSet(value)
    raise ValueError(f"no {kind.__name__}")


@dataclass(slots=True)
class Collected:
    """What has been read so far from the lines of a page."""

    rows: list[Requirement] = field(default_factory=list)
    inherited: list[Inheritance] = field(default_factory=list)
    unclear: list[Remark] = field(default_factory=list)
    disagreements: list[Remark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """A line to read: its text with code in backticks, links shown by label (``text``) or by target (``targets``)."""

    text: str
    targets: str
    origin: Origin
    linked: bool = False
