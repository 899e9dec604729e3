"""Read the Open Knowledge Format's front matter into records: provenance, trust, lifecycle and contracts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from msgspec import Struct

from ..schema import key

UNVERIFIED, MACHINE, HUMAN = "unverified", "machine-confirmed", "human-reviewed"
"""The tiers of trust, lowest first."""
STATUSES = ("draft", "stable", "deprecated")
ATTESTED = "attested_computation"
"""The folded type of a concept that is a contract."""
FIELD_EDGES = frozenset({"source", "executor", "attester", "computation", "resource"})
"""Edges that paths in a concept's fields state."""
_SUFFIX = re.compile(r"\.(?:md|mediawiki|sql|py|js|ts|sh|r|ipynb|json|ya?ml|toml|csv|tsv|txt|pdf|html)$", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


class Event(Struct, frozen=True):
    """A person or program, and the time of an action, both as they are written."""

    by: str
    at: str = ""


class CitedSource(Struct, frozen=True):
    """An entry of ``sources``: a source of the concept, and signals for readers to judge it."""

    resource: str
    """An address, a path within the bundle, or words that describe a scope."""
    id: str = ""
    title: str = ""
    author: str = ""
    usage_count: str = ""
    last_modified: str = ""
    kind: str = ""
    """Its kind as a Typedwiki page states it: ``Paper``, ``Repo``."""
    window: tuple[str, str] = ("", "")
    """The first and the last time that ``usage_count`` covers."""

    @property
    def name(self) -> str:
        """Return its name for readers."""
        return self.title or self.resource or self.id


class Parameter(Struct, frozen=True):
    """A parameter of a computation."""

    name: str
    type: str = ""
    required: str = ""


class Contract(Struct, frozen=True):
    """How to run an Attested Computation, and how to check a run."""

    runtime: str = ""
    parameters: tuple[Parameter, ...] = ()
    computation: str = ""
    """A path; empty if the page itself holds the computation."""
    executor: str = ""
    receipt: tuple[str, ...] = ()
    attester: str = ""


class Knowledge(Struct, frozen=True):
    """The OKF fields of a page."""

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
        """Return the tier of trust, which depends on who has verified the page."""
        if not self.verified:
            return UNVERIFIED
        return HUMAN if any(event.by.startswith("human:") for event in self.verified) else MACHINE

    @property
    def last_verified(self) -> Event | None:
        """Return the newest verification; by a person, if there is one."""
        people = [event for event in self.verified if event.by.startswith("human:")]
        return max(people or self.verified, key=lambda event: instant(event.at) or EARLIEST, default=None)


EARLIEST = datetime.min.replace(tzinfo=timezone.utc)


def instant(value: str) -> datetime | None:
    """Return the time in an ISO 8601 text, or None. A text without an offset means UTC."""
    text = value.strip()
    try:
        moment = datetime.fromisoformat(f"{text[:-1]}+00:00" if text[-1:] in ("Z", "z") else text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def is_stale(knowledge: Knowledge, now: datetime) -> bool:
    """Return whether a page's ``stale_after`` has passed."""
    end = instant(knowledge.stale_after)
    return end is not None and now >= end


def path_of(resource: str) -> str:
    """Return a resource that is a path within the bundle; empty for an address or a description of a scope."""
    if not resource or _SCHEME.match(resource) or re.search(r"\s", resource):
        return ""
    is_path = resource.startswith(("/", "./", "../")) or _SUFFIX.search(resource.partition("#")[0])
    return resource if is_path else ""


Fields = dict[str, Any]
Place = tuple[str | int, ...]
"""The place of a value, as a path of nested keys and indexes."""


def read_knowledge(fields: Mapping[str, Any]) -> tuple[Knowledge | None, Fields]:
    """Return the OKF metadata in the fields of a page's front matter, and the remaining fields.

    Only a page that states its type is read so, because words such as ``status`` may mean anything elsewhere.
    """
    remaining = dict(fields)
    if not isinstance(fields.get("type"), str) or not str(fields["type"]).strip():
        return None, remaining
    generated = _event(remaining.get("generated"))
    if generated:
        del remaining["generated"]
    elif isinstance(remaining.get("timestamp"), str) and instant(remaining["timestamp"]):  # OKF 0.1
        generated = Event("", remaining.pop("timestamp"))
    verified = tuple(_events(remaining.get("verified")))
    if verified:
        del remaining["verified"]
    status = str(remaining.get("status", "")).strip().lower()
    if status in STATUSES:
        del remaining["status"]
    stale_after = str(remaining.pop("stale_after")) if instant(str(remaining.get("stale_after", ""))) else ""
    sources = _sources(remaining.get("sources"), _window(remaining.get("usage_window")))
    if sources:
        del remaining["sources"]
        remaining.pop("usage_window", None)
    resource = str(remaining.pop("resource")).strip() if isinstance(remaining.get("resource"), str) else ""
    contract = _contract(remaining)
    status = status if status in ("draft", "deprecated") else ""
    knowledge = Knowledge(resource, generated, verified, status, stale_after, sources, contract)
    return (knowledge if knowledge != Knowledge() else None), remaining


def path_fields(fields: Mapping[str, Any]) -> list[tuple[str, str, Place]]:
    """Return the paths in a concept's fields: edge, path and place.

    The fields must be those of a page that ``read_knowledge`` has understood.
    """
    candidates: list[tuple[str, Any, Place]] = [("resource", fields.get("resource"), ("resource",))]
    sources = fields.get("sources")
    for number, entry in enumerate(sources if isinstance(sources, list) else []):
        if isinstance(entry, Mapping):
            candidates.append(("source", entry.get("resource"), ("sources", number, "resource")))
    if isinstance(sources, Mapping):
        candidates.append(("source", sources.get("resource"), ("sources", "resource")))
    candidates.append(("computation", fields.get("computation"), ("computation",)))
    for name in ("executor", "attester"):
        value = fields.get(name)
        if isinstance(value, Mapping):
            candidates.append((name, value.get("resource"), (name, "resource")))
        else:
            candidates.append((name, value, (name,)))
    return [
        (edge, path, place)
        for edge, value, place in candidates
        if isinstance(value, str) and (path := path_of(value.strip()))
    ]


def _event(value: Any) -> Event | None:
    if not isinstance(value, Mapping) or not value.get("by"):
        return None
    return Event(_text(value["by"]), _text(value.get("at")))


def _events(value: Any) -> list[Event]:
    """Return verifications. A single mapping is a list of one; a list that holds anything else is empty."""
    entries = value if isinstance(value, list) else [value]
    events = [_event(entry) for entry in entries]
    return [event for event in events if event] if all(events) else []


def _sources(value: Any, window: tuple[str, str]) -> tuple[CitedSource, ...]:
    """Return the entries of ``sources`` if all of them are mappings with a resource; otherwise none."""
    entries = [value] if isinstance(value, Mapping) else value
    if not isinstance(entries, list) or not entries:
        return ()
    if not all(isinstance(entry, Mapping) and entry.get("resource") for entry in entries):
        return ()
    return tuple(
        CitedSource(
            _text(entry["resource"]),
            _text(entry.get("id")),
            _text(entry.get("title")),
            _text(entry.get("author")),
            _text(entry.get("usage_count")),
            _text(entry.get("last_modified")),
            _text(entry.get("type")),
            _window(entry.get("usage_window")) if entry.get("usage_window") else window,
        )
        for entry in entries
    )


def _window(value: Any) -> tuple[str, str]:
    return (_text(value.get("from")), _text(value.get("to"))) if isinstance(value, Mapping) else ("", "")


def _contract(fields: Fields) -> Contract | None:
    """Remove the contract of an Attested Computation from the fields and return it."""
    attested = key(str(fields["type"])) == ATTESTED
    roles = [name for name in ("executor", "attester") if isinstance(fields.get(name), Mapping)]
    if not attested and not roles:
        return None
    executor = fields.pop("executor", None)
    attester = fields.pop("attester", None)
    parameters = fields.get("parameters")
    records: tuple[Parameter, ...] = ()
    if isinstance(parameters, list) and all(
        isinstance(record, Mapping) and record.get("name") for record in parameters
    ):
        records = tuple(
            Parameter(_text(record["name"]), _text(record.get("type")), _text(record.get("required")))
            for record in parameters
        )
        del fields["parameters"]
    receipt = executor.get("receipt") if isinstance(executor, Mapping) else None
    receipt_fields = receipt if isinstance(receipt, list) else [receipt] if receipt else []
    return Contract(
        _text(fields.pop("runtime", "")),
        records,
        _text(fields.pop("computation", "")),
        _resource(executor),
        tuple(map(_text, receipt_fields)),
        _resource(attester),
    )


def _resource(value: Any) -> str:
    return _text(value.get("resource") if isinstance(value, Mapping) else value)


def _text(value: Any) -> str:
    """Return a value on one line. Nested values are not shown."""
    return " ".join(str(value).split()) if isinstance(value, (str, int, float)) else ""
