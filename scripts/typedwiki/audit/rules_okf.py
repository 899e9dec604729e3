"""Rules of the Open Knowledge Format: stale pages, and the conformance of a bundle, which a site turns on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from ..listings import INDEX, index_faults, log_faults
from ..model import WikiPage
from ..problems import Problem, problem
from ..schema import key
from ..text.anchors import headings
from ..text.front_matter import read_front_matter
from ..text.lines import line_starts, span_at
from ..text.okf_fields import ATTESTED, STATUSES, Place, instant, is_stale
from ..text.okf_page import footnote_labels, value_places
from .context import Context

_OFFSET = re.compile(r"(?:[Zz]|[+-]\d{2}:?\d{2})\Z")


def past_its_time(context: Context) -> Iterator[Problem]:
    """O001: a page whose ``stale_after`` has passed."""
    now = datetime.now(timezone.utc)
    for page in context.pages():
        if page.knowledge and is_stale(page.knowledge, now):
            places = value_places(context.files[page.id].text)
            span = context.span(page, *places.get(("stale_after",), (0, 0)))
            yield context.problem_at(page, "O001", span, f"stale since {page.knowledge.stale_after}")


def front_matter(context: Context) -> Iterator[Problem]:
    """O002 and O003: a concept without readable front matter, or without a type."""
    if not _is_on(context, "O002", "O003"):
        return
    for path in context.left_out:
        yield problem("O002", path, 1, 1, "has no front matter with a type, and is no page")
    for page in context.pages():
        if context.schema.types[page.page_type].by_hand:
            continue
        front = read_front_matter(context.files[page.id].text)
        if front.error or not front.end:
            why = f"its front matter is not YAML: {front.error[2]}" if front.error else "has no front matter"
            yield context.problem_at(page, "O002", None, why)
        elif not str(front.fields.get("type") or "").strip():
            yield context.problem_at(page, "O003", None, "its front matter has no `type`", f"type: {page.page_type}")


def reserved_files(context: Context) -> Iterator[Problem]:
    """O004: an index or a log that violates the specification."""
    if _is_on(context, "O004"):
        for listing in context.listings.files:
            for line, message in index_faults(listing) if listing.kind == INDEX else log_faults(listing):
                yield problem("O004", listing.path, line, 1, message)


def fields(context: Context) -> Iterator[Problem]:
    """O005 and O006: fields and footnotes that violate the specification."""
    if not _is_on(context, "O005", "O006"):
        return
    for page in context.pages():
        text = context.files[page.id].text
        front = read_front_matter(text)
        if not front.fields.get("type"):
            continue
        places = value_places(text)
        starts = line_starts(text)
        for place, message in _field_faults(front.fields, page):
            offsets = next((places[p] for p in places if p[: len(place)] == place), (0, 0))
            yield context.problem_at(page, "O005", span_at(starts, *offsets), message)
        ids = {source.id for source in page.knowledge.sources} if page.knowledge else set()
        for label, start, end in footnote_labels(text):
            if label not in ids:
                message = f"no source has the id `{label}`"
                yield context.problem_at(page, "O006", span_at(starts, start, end), message)


def _field_faults(data: Mapping[str, Any], page: WikiPage) -> Iterator[tuple[Place, str]]:
    """Yield place and message of each field that violates the specification."""
    generated = data.get("generated")
    if generated is not None:
        yield from _event_faults(generated, ("generated",))
    for place, event in _entries(data, "verified"):
        yield from _event_faults(event, place)
    if "status" in data and data["status"] not in STATUSES:
        yield ("status",), f"`status` is {', '.join(STATUSES[:-1])} or {STATUSES[-1]}, not `{data['status']}`"
    if "stale_after" in data:
        yield from _moment_faults(data["stale_after"], ("stale_after",))
    for place, entry in _entries(data, "sources"):
        if not isinstance(entry, Mapping) or not entry.get("resource"):
            yield place, "a source has a `resource`"
            continue
        if "last_modified" in entry:
            yield from _moment_faults(entry["last_modified"], (*place, "last_modified"))
        yield from _window_faults(entry, place)
    yield from _window_faults(data, ())
    if key(str(data["type"])) == ATTESTED:
        if not data.get("runtime"):
            yield ("type",), "an Attested Computation has a `runtime`"
        if not data.get("computation") and not any(h.text.strip() == "Computation" for h in headings(page.content)):
            yield ("type",), "an Attested Computation has a section Computation, or names its file"
        parameters = data.get("parameters")
        for number, parameter in enumerate(parameters if isinstance(parameters, list) else []):
            if not isinstance(parameter, Mapping) or not parameter.get("name"):
                yield ("parameters", number), "a parameter has a `name`"


def _entries(data: Mapping[str, Any], name: str) -> Iterator[tuple[Place, Any]]:
    """Yield the entries of a field that is a list or a single entry, each with its place."""
    value = data.get(name)
    if isinstance(value, list):
        yield from (((name, number), entry) for number, entry in enumerate(value))
    elif value is not None:
        yield (name,), value


def _window_faults(fields: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, str]]:
    window = fields.get("usage_window")
    if isinstance(window, Mapping):
        for name in ("from", "to"):
            yield from _moment_faults(window.get(name, ""), (*place, "usage_window", name))


def _event_faults(event: object, place: Place) -> Iterator[tuple[Place, str]]:
    if not isinstance(event, Mapping) or not event.get("by"):
        yield place, f"`{place[0]}` says `by` whom"
    elif "at" in event:
        yield from _moment_faults(event["at"], (*place, "at"))


def _moment_faults(value: object, place: Place) -> Iterator[tuple[Place, str]]:
    text = str(value).strip()
    if not instant(text) or not _OFFSET.search(text):
        yield place, f"`{text}` is no moment in ISO 8601 with an offset, such as 2026-01-31T09:00:00Z"


def _is_on(context: Context, *codes: str) -> bool:
    return any(context.settings.severities.get(code, "off") != "off" for code in codes)


RULES = (past_its_time, front_matter, reserved_files, fields)
