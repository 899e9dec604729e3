"""Properties of the link grammar and of resolution that hold for any input."""

from __future__ import annotations

import re
import string
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from test_resolve import first
from typedwiki.model import Found
from typedwiki.resolve import normalise
from typedwiki.text.links import scan

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_.-]{0,12}( [A-Za-z0-9]{1,6})?", fullmatch=True)
EDGES = st.from_regex(r"[a-z]{2,8}(_[a-z]{2,6})?", fullmatch=True).filter(
    lambda name: name not in ("source", "domain", "last_updated")
)
LABELS = st.text(string.ascii_letters + string.digits + " .,:;é„-", min_size=1, max_size=15).filter(str.strip)
TYPES = st.sampled_from(["Principle", "Heuristic"])
PROSE = st.text(string.ascii_letters + string.digits + " \n.,:;*_#é|", max_size=40)


@given(
    PROSE, st.none() | EDGES, st.none() | st.sampled_from(["Principle", "Heuristic"]), NAMES, st.none() | LABELS, PROSE
)
def test_what_is_written_is_read_and_where(
    before: str, edge: str | None, kind: str | None, name: str, label: str | None, after: str
) -> None:
    link = f"[[{f'{edge}::' if edge else ''}{f'{kind}:' if kind else ''}{name}{f'|{label}' if label else ''}]]"
    text = f"{before}{link}{after}"
    (found,) = scan(text, wiki=True).links
    assert (found.edge, found.type, found.target) == (edge, kind, name)
    assert found.label == (label.strip() if label else None)
    assert text[found.span.start : found.span.end] == link
    lines = text.split("\n")
    assert lines[found.span.line - 1][found.span.column - 1 :].startswith(link)


@given(st.text(string.printable + "[]|:`$<>{}é\ufffd", max_size=200))
def test_any_text_is_read_without_error_and_spans_are_in_order(text: str) -> None:
    found = scan(text)
    spans = sorted((part.start, part.end) for part in found.verbatim_parts)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    for link in found.links:
        assert "[" in text[link.span.start : link.span.end]
        assert not any(start <= link.span.start < end for start, end in spans)


@given(NAMES)
def test_spaces_underscores_and_the_first_letter_do_not_matter(name: str) -> None:
    stem = re.sub(r"\s+", "_", name)
    other = stem[:1].swapcase() + stem[1:].replace("_", " ")
    assert normalise(stem) == normalise(other) == normalise(f" {other} ")
    assert first({"Workflow/Zz": f"[[Principle:{other}]]", f"Principle/{stem}": ""}) == Found(f"Principle/{stem}")
