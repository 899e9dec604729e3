"""The link grammar: a table of cases."""

from __future__ import annotations

import pytest

import cases
from typedwiki.text.links import scan


@pytest.mark.parametrize("case", cases.load("links"), ids=lambda case: case.title)
def test_cases_of_the_grammar(case: cases.Case) -> None:
    scanned = scan(case.given, wiki=case.flags == "wiki")
    rows = []
    for link in scanned.links:
        parts = (link.edge, link.type, link.target, link.fragment, link.label)
        rows.append((link.span, " ".join(part or "-" for part in parts)))
    rows += [(a.span, f"@{a.name} {'|'.join(a.values)}") for a in scanned.annotations]
    rows.sort(key=lambda row: row[0].start)
    assert "\n".join(f"{span.line}:{span.column} {text}" for span, text in rows) == case.expected


def test_span_delimits_the_link() -> None:
    text = "a\r\n[[Principle:X|label]] b".replace("\r\n", "\n")
    (link,) = scan(text).links
    assert text[link.span.start : link.span.end] == "[[Principle:X|label]]"
