"""Lines of a text: where they begin, and which of them contain a mark."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate

from ..model import Span


@lru_cache(maxsize=8)  # several stages ask for the same page in turn
def line_starts(text: str) -> list[int]:
    """Return the offsets at which the lines of a text begin."""
    return list(accumulate([len(line) + 1 for line in text.split("\n")[:-1]], initial=0))


def span_at(starts: list[int], start: int, end: int) -> Span:
    """Return the span of two offsets, given ``line_starts``."""
    line = bisect_right(starts, start)
    return Span(start, end, line, start - starts[line - 1] + 1)


def lines_with(text: str, *marks: str) -> list[int]:
    """Return the numbers of the lines that contain one of the marks, in order, from 0.

    To ask for lines that begin with a mark, put a line end before both the text and the mark. Searching for literals
    is several times as fast as looking at each line.
    """
    places: list[int] = []
    for mark in marks:
        place = text.find(mark)
        while place >= 0:
            places.append(place)
            end = text.find("\n", place + 1)
            place = text.find(mark, end) if end >= 0 else -1
    numbers: list[int] = []
    number = before = 0
    for place in sorted(places):
        number += text.count("\n", before, place)
        before = place
        if number not in numbers[-1:]:
            numbers.append(number)
    return numbers
