"""Rules about markup that a note shows as text, does not link or does not draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..problems import Problem
from .context import Context


def shown_as_text(context: Context) -> Iterator[Problem]:
    """H001: elements, event handlers, cells and shortcodes, each kind once per page."""
    return _problems_of_markup(context, "H001", lambda detail: f"{detail} is shown as text")


def not_linked(context: Context) -> Iterator[Problem]:
    """H002: addresses that a browser would execute, or that lead to the reader's own files."""
    return _problems_of_markup(context, "H002", lambda detail: f"the address `{detail}` is not linked")


def not_drawn(context: Context) -> Iterator[Problem]:
    """H003: diagrams that would load from other hosts or change how they are drawn."""
    return _problems_of_markup(context, "H003", lambda detail: "this diagram is shown as code, not drawn")


def not_understood(context: Context) -> Iterator[Problem]:
    """H005: markup of other tools, which readers see as it is written."""
    return _problems_of_markup(context, "H005", lambda detail: f"readers see this {detail} as it is written")


def _problems_of_markup(context: Context, code: str, message: Callable[[str], str]) -> Iterator[Problem]:
    for page in context.pages():
        if not context.schema.types[page.page_type].by_hand:  # hand-written notes may use Quarto's markup
            page_outline = context.outline(page)
            for markup_code, detail, span in page_outline.active_markup:
                if markup_code != code:
                    continue
                # C005 reports the addresses of sources.
                if code != "H002" or not any(address.startswith(detail) for address, _ in page_outline.addresses):
                    yield context.problem_at(page, code, span, message(detail))


PAGE_RULES: tuple[Callable[[Context], Iterator[Problem]], ...] = (shown_as_text, not_linked, not_drawn, not_understood)
