"""Rules about markup that pages may not hold: what a note shows as text, does not link or does not draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..problems import Problem
from .context import Context


def shown_as_text(context: Context) -> Iterator[Problem]:
    """H001: elements, handlers, cells and shortcodes, each kind once for a page."""
    return _told(context, "H001", lambda said: f"{said} is shown as text")


def not_linked(context: Context) -> Iterator[Problem]:
    """H002: addresses that a browser would run, or that lead to the reader's own files."""
    return _told(context, "H002", lambda said: f"the address `{said}` is not linked")


def not_drawn(context: Context) -> Iterator[Problem]:
    """H003: diagrams that would ask other hosts or change how they are drawn."""
    return _told(context, "H003", lambda said: "this diagram is shown as code, not drawn")


def not_understood(context: Context) -> Iterator[Problem]:
    """H005: markup of other tools that readers see as it is written."""
    return _told(context, "H005", lambda said: f"readers see this {said} as it is written")


def _told(context: Context, code: str, message: Callable[[str], str]) -> Iterator[Problem]:
    for page in context.pages():
        if not context.schema.types[page.page_type].by_hand:  # there Quarto's own markup is meant
            told = context.outline(page)
            for found, said, span in told.odd:
                if found != code:
                    continue
                # Of a source C005 says what is wrong with its address.
                if code != "H002" or not any(address.startswith(said) for address, _ in told.addresses):
                    yield context.at(page, code, span, message(said))


PAGE_RULES: tuple[Callable[[Context], Iterator[Problem]], ...] = (shown_as_text, not_linked, not_drawn, not_understood)
