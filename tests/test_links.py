"""The link grammar, by its table of cases."""

from __future__ import annotations

import pytest

import cases
from typedwiki.text.links import scan


@pytest.mark.parametrize("case", cases.load("links"), ids=lambda case: case.title)
def test_grammar(case: cases.Case) -> None:
    found = scan(case.given, wiki=case.flags == "wiki")
    shown = []
    for link in found.links:
        parts = (link.edge, link.type, link.target, link.fragment, link.label)
        shown.append((link.span, " ".join(part or "-" for part in parts)))
    shown += [(a.span, f"@{a.name} {'|'.join(a.values)}") for a in found.annotations]
    shown.sort(key=lambda row: row[0].start)
    assert "\n".join(f"{span.line}:{span.column} {text}" for span, text in shown) == case.expected


def test_spans_delimit_what_is_written() -> None:
    text = "a\r\n[[Principle:X|label]] b".replace("\r\n", "\n")
    (link,) = scan(text).links
    assert text[link.span.start : link.span.end] == "[[Principle:X|label]]"
