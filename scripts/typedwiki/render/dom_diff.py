"""Whether two pages are the same to a browser: elements, attributes and text, whatever the white space."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import zip_longest

_VOID = "area base br col embed hr img input link meta source track wbr"
VOID = frozenset(_VOID.split())
_EXACT = frozenset({"pre", "textarea", "script", "style"})
"""Elements in which white space counts."""
_BESIDE_TEXT = (
    "a abbr b bdi bdo br button cite code data del dfn em i img input ins kbd label mark math q s samp small span"
    " strong sub sup time u var wbr"
)
_INLINE = frozenset(_BESIDE_TEXT.split())
"""Elements beside which white space is seen."""
Event = tuple[str, ...]
"""("<", element, attribute, value, ...) in the order of names, (">", element), or ("text", text)."""


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
        named = sorted((name, _value(name, value or "")) for name, value in attributes)
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


def _value(name: str, value: str) -> str:
    return " ".join(value.split()) if name in ("class", "style") else value


def events(page: str) -> list[Event]:
    """The page as its parser meets it. Comments are left out."""
    parser = _Events()
    parser.feed(page)
    parser.close()
    return parser.events


def first_difference(ours: str, theirs: str) -> str:
    """Where two pages differ first: the elements around it and what stands there; empty if nowhere."""
    open_elements: list[str] = []
    for our, their in zip_longest(events(ours), events(theirs), fillvalue=("nothing", "")):
        if our != their:
            return f"in {' > '.join(open_elements[-4:]) or 'the page'}: {_shown(our)} where Quarto has {_shown(their)}"
        if our[0] == "<" and our[1] not in VOID:
            open_elements.append(_named(our))
        elif our[0] == ">" and open_elements:
            open_elements.pop()
    return ""


def _attributes(event: Event) -> Iterator[tuple[str, str]]:
    yield from zip(event[2::2], event[3::2], strict=True)


def _named(event: Event) -> str:
    attributes = dict(_attributes(event))
    name = f"#{attributes['id']}" if "id" in attributes else ".".join(["", *attributes.get("class", "").split()[:2]])
    return event[1] + name


def _shown(event: Event) -> str:
    match event[0]:
        case "<":
            return f"<{' '.join([event[1], *(f'{name}={value!r:.80}' for name, value in _attributes(event))])}>"
        case ">":
            return f"</{event[1]}>"
        case "text":
            return f"{event[1]!r:.120}"
    return event[0]
