"""Compare two pages as a browser sees them: elements, attributes and text, ignoring white space."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import zip_longest

_VOID = "area base br col embed hr img input link meta source track wbr"
VOID = frozenset(_VOID.split())
_EXACT = frozenset({"pre", "textarea", "script", "style"})
"""Elements in which white space is significant."""
_INLINE_NAMES = (
    "a abbr b bdi bdo br button cite code data del dfn em i img input ins kbd label mark math q s samp small span"
    " strong sub sup time u var wbr"
)
_INLINE = frozenset(_INLINE_NAMES.split())
"""Elements beside which white space is visible."""
Event = tuple[str, ...]
"""("<", element, attribute, value, ...) with sorted attributes, (">", element), or ("text", text)."""


class _Events(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.events: list[Event] = []
        self.text: list[str] = []
        self.exact = 0

    def _flush(self, block: bool) -> None:
        text = "".join(self.text)
        self.text.clear()
        if self.exact:
            pass
        else:
            text = re.sub(r"\s+", " ", text)
            if block:
                text = text.rstrip()
            if not self.events or self.events[-1][1].removeprefix("/") not in _INLINE:
                text = text.lstrip()
        if text:
            self.events.append(("text", text))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._flush(tag not in _INLINE)
        named = sorted((name, _normalise_value(name, value or "")) for name, value in attributes)
        self.events.append(("<", tag, *(part for pair in named for part in pair)))
        self.exact += tag in _EXACT

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        self._flush(tag not in _INLINE)
        self.exact -= tag in _EXACT
        self.events.append((">", tag))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def close(self) -> None:
        super().close()
        self._flush(True)


def _normalise_value(name: str, value: str) -> str:
    return " ".join(value.split()) if name in ("class", "style") else value


def parse_events(page: str) -> list[Event]:
    """Return the elements and texts of a page in order. Comments are left out."""
    parser = _Events()
    parser.feed(page)
    parser.close()
    return parser.events


def first_difference(ours: str, theirs: str) -> str:
    """Describe the first difference between two pages; empty if there is none."""
    open_elements: list[str] = []
    for our, their in zip_longest(parse_events(ours), parse_events(theirs), fillvalue=("nothing", "")):
        if our != their:
            place = " > ".join(open_elements[-4:]) or "the page"
            return f"in {place}: {_format_event(our)} where Quarto has {_format_event(their)}"
        if our[0] == "<" and our[1] not in VOID:
            open_elements.append(_selector(our))
        elif our[0] == ">" and open_elements:
            open_elements.pop()
    return ""


def _attributes(event: Event) -> Iterator[tuple[str, str]]:
    yield from zip(event[2::2], event[3::2], strict=True)


def _selector(event: Event) -> str:
    attributes = dict(_attributes(event))
    name = f"#{attributes['id']}" if "id" in attributes else ".".join(["", *attributes.get("class", "").split()[:2]])
    return event[1] + name


def _format_event(event: Event) -> str:
    match event[0]:
        case "<":
            return f"<{' '.join([event[1], *(f'{name}={value!r:.80}' for name, value in _attributes(event))])}>"
        case ">":
            return f"</{event[1]}>"
        case "text":
            return f"{event[1]!r:.120}"
    return event[0]
