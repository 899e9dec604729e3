"""OKF's front matter: the fields that have a meaning, by their form. Whatever has another form is left as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..schema import key
from .records import ATTESTED, STATUSES, CitedSource, Contract, Event, Knowledge, Parameter, instant, path_of

Fields = dict[str, Any]
Place = tuple[str | int, ...]
"""Where a value stands, as keys and numbers within one another."""


def read_knowledge(fields: Mapping[str, Any]) -> tuple[Knowledge | None, Fields]:
    """What the fields of a page's front matter say in OKF's words, and the fields that are left.

    Only a page that states its type is read so: elsewhere words such as ``status`` may mean anything.
    """
    left = dict(fields)
    if not isinstance(fields.get("type"), str) or not str(fields["type"]).strip():
        return None, left
    generated = _event(left.get("generated"))
    if generated:
        del left["generated"]
    elif isinstance(left.get("timestamp"), str) and instant(left["timestamp"]):  # OKF 0.1
        generated = Event("", left.pop("timestamp"))
    verified = tuple(_events(left.get("verified")))
    if verified:
        del left["verified"]
    status = str(left.get("status", "")).strip().lower()
    if status in STATUSES:
        del left["status"]
    stale_after = str(left.pop("stale_after")) if instant(str(left.get("stale_after", ""))) else ""
    sources = _sources(left.get("sources"), _window(left.get("usage_window")))
    if sources:
        del left["sources"]
        left.pop("usage_window", None)
    resource = str(left.pop("resource")).strip() if isinstance(left.get("resource"), str) else ""
    contract = _contract(left)
    status = status if status in ("draft", "deprecated") else ""
    knowledge = Knowledge(resource, generated, verified, status, stale_after, sources, contract)
    return (knowledge if knowledge != Knowledge() else None), left


def path_fields(fields: Mapping[str, Any]) -> list[tuple[str, str, Place]]:
    """The paths that a concept's fields name: edge, path, and where it stands.

    Fields are those of a page that ``read_knowledge`` has understood.
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
    """Confirmations; a mapping alone is a list of one, and a list with anything else in it is none."""
    entries = value if isinstance(value, list) else [value]
    events = [_event(entry) for entry in entries]
    return [event for event in events if event] if all(events) else []


def _sources(value: Any, window: tuple[str, str]) -> tuple[CitedSource, ...]:
    """The entries of ``sources`` if all of them are mappings with a resource; none otherwise."""
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


def _contract(left: Fields) -> Contract | None:
    """Take the contract of an Attested Computation out of the fields."""
    attested = key(str(left["type"])) == ATTESTED
    roles = [name for name in ("executor", "attester") if isinstance(left.get(name), Mapping)]
    if not attested and not roles:
        return None
    executor = left.pop("executor", None)
    attester = left.pop("attester", None)
    parameters = left.get("parameters")
    listed: tuple[Parameter, ...] = ()
    if isinstance(parameters, list) and all(isinstance(one, Mapping) and one.get("name") for one in parameters):
        listed = tuple(
            Parameter(_text(one["name"]), _text(one.get("type")), _text(one.get("required"))) for one in parameters
        )
        del left["parameters"]
    receipt = executor.get("receipt") if isinstance(executor, Mapping) else None
    fields = receipt if isinstance(receipt, list) else [receipt] if receipt else []
    return Contract(
        _text(left.pop("runtime", "")),
        listed,
        _text(left.pop("computation", "")),
        _resource(executor),
        tuple(map(_text, fields)),
        _resource(attester),
    )


def _resource(value: Any) -> str:
    return _text(value.get("resource") if isinstance(value, Mapping) else value)


def _text(value: Any) -> str:
    """A value on one line; what is nested in it is not shown."""
    return " ".join(str(value).split()) if isinstance(value, (str, int, float)) else ""
