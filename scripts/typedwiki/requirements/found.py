"""What goes into the reading of a page's lines, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field

from .model import Inheritance, Origin, Remark, Requirement


@dataclass(slots=True)
class Found:
    """What a page's lines ask for, as far as it has been read."""

    rows: list[Requirement] = field(default_factory=list)
    inherited: list[Inheritance] = field(default_factory=list)
    unclear: list[Remark] = field(default_factory=list)
    disagreements: list[Remark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """A line to be read: its text with code marked, once with labels of links and once with their targets."""

    text: str
    targets: str
    origin: Origin
    linked: bool = False
