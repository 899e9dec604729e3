"""Properties of the link grammar and of resolution that hold for any input."""

from __future__ import annotations

import re
import string
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from test_resolve import first_resolution
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
def test_written_link_is_parsed_with_its_span(
    before: str, edge: str | None, kind: str | None, name: str, label: str | None, after: str
) -> None:
    link = f"[[{f'{edge}::' if edge else ''}{f'{kind}:' if kind else ''}{name}{f'|{label}' if label else ''}]]"
    text = f"{before}{link}{after}"
    (parsed,) = scan(text, wiki=True).links
    assert (parsed.edge, parsed.type, parsed.target) == (edge, kind, name)
    assert parsed.label == (label.strip() if label else None)
    assert text[parsed.span.start : parsed.span.end] == link
    lines = text.split("\n")
    assert lines[parsed.span.line - 1][parsed.span.column - 1 :].startswith(link)


@given(st.text(string.printable + "[]|:`$<>{}é\ufffd", max_size=200))
def test_any_text_is_parsed_and_spans_are_ordered(text: str) -> None:
    scanned = scan(text)
    spans = sorted((part.start, part.end) for part in scanned.verbatim_parts)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    for link in scanned.links:
        assert "[" in text[link.span.start : link.span.end]
        assert not any(start <= link.span.start < end for start, end in spans)


@given(NAMES)
def test_spaces_underscores_and_case_of_the_first_letter_are_ignored(name: str) -> None:
    stem = re.sub(r"\s+", "_", name)
    other = stem[:1].swapcase() + stem[1:].replace("_", " ")
    assert normalise(stem) == normalise(other) == normalise(f" {other} ")
    assert first_resolution({"Workflow/Zz": f"[[Principle:{other}]]", f"Principle/{stem}": ""}) == Found(
        f"Principle/{stem}"
    )
