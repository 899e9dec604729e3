"""What a concept of the Open Knowledge Format says of its origin, of trust and of its life."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone

UNVERIFIED, MACHINE, HUMAN = "unverified", "machine-confirmed", "human-reviewed"
"""The tiers of trust, lowest first."""
STATUSES = ("draft", "stable", "deprecated")
ATTESTED = "attested_computation"
"""The type of a concept that is a contract, folded."""
FIELD_EDGES = frozenset({"source", "executor", "attester", "computation", "resource"})
"""Edges that the paths in a concept's fields state."""
_SUFFIX = re.compile(r"\.(?:md|mediawiki|sql|py|js|ts|sh|r|ipynb|json|ya?ml|toml|csv|tsv|txt|pdf|html)$", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


@dataclass(frozen=True, slots=True)
class Event:
    """Who did something, and when, both as they are written."""

    by: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class CitedSource:
    """An entry of ``sources``: what a concept derives from, and the signals by which readers judge it."""

    resource: str
    """An address, a path within the bundle, or words that describe a scope."""
    id: str = ""
    title: str = ""
    author: str = ""
    usage_count: str = ""
    last_modified: str = ""
    kind: str = ""
    """What it is, where a wiki of ours has said so: ``Paper``, ``Repo``."""
    window: tuple[str, str] = ("", "")
    """The first and the last moment that ``usage_count`` covers."""

    @property
    def name(self) -> str:
        """What readers see of it."""
        return self.title or self.resource or self.id


@dataclass(frozen=True, slots=True)
class Parameter:
    """A hole of a computation that its caller fills."""

    name: str
    type: str = ""
    required: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """How an Attested Computation is run, and how a run is checked."""

    runtime: str = ""
    parameters: tuple[Parameter, ...] = ()
    computation: str = ""
    """A path; empty where the page itself holds the computation."""
    executor: str = ""
    receipt: tuple[str, ...] = ()
    attester: str = ""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The fields of OKF's families that a page has."""

    resource: str = ""
    generated: Event | None = None
    verified: tuple[Event, ...] = ()
    status: str = ""
    """``draft`` or ``deprecated``; empty for a stable page."""
    stale_after: str = ""
    """ISO 8601, as it is written."""
    sources: tuple[CitedSource, ...] = ()
    contract: Contract | None = None

    @property
    def tier(self) -> str:
        """How far the page may be trusted, by who has confirmed it."""
        if not self.verified:
            return UNVERIFIED
        return HUMAN if any(event.by.startswith("human:") for event in self.verified) else MACHINE

    @property
    def last_verified(self) -> Event | None:
        """The newest confirmation: of a person, where there is one."""
        people = [event for event in self.verified if event.by.startswith("human:")]
        return max(people or self.verified, key=lambda event: instant(event.at) or EARLIEST, default=None)


EARLIEST = datetime.min.replace(tzinfo=timezone.utc)


def instant(written: str) -> datetime | None:
    """The moment that an ISO 8601 text names, or None. A text without an offset means UTC."""
    text = written.strip()
    try:
        moment = datetime.fromisoformat(f"{text[:-1]}+00:00" if text[-1:] in ("Z", "z") else text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def is_stale(knowledge: Knowledge, now: datetime) -> bool:
    """Whether a page's time is over."""
    end = instant(knowledge.stale_after)
    return end is not None and now >= end


def path_of(resource: str) -> str:
    """A resource that is a path within the bundle; empty for an address, and for words that describe a scope."""
    if not resource or _SCHEME.match(resource) or re.search(r"\s", resource):
        return ""
    return resource if resource.startswith(("/", "./", "../")) or _SUFFIX.search(resource) else ""
