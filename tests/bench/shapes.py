"""The shapes of real pages, in numbers.

Measured once over a real wiki of 143 pages about one code repository: regular expressions counted
what pages contain outside code, and of each count the minimum, the tenth percentile, the median, the ninetieth
percentile and the maximum were recorded. Real pages have 8.5 KB on average: Implementations 11.0, Workflows 6.2,
Environments 5.9, Principles 5.6 and Heuristics 4.3.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

Quantiles = tuple[float, float, float, float, float]
"""Minimum, tenth percentile, median, ninetieth percentile, maximum."""
_AT = (0.0, 0.1, 0.5, 0.9, 1.0)

PER_NAMESPACE = 143
"""Pages in one namespace: each repository has its own wiki."""
SHARES = {"Workflow": 6, "Principle": 43, "Implementation": 79, "Environment": 6, "Heuristic": 9}
"""Pages of each type in a namespace. Every Principle is a step of one Workflow and has one
Implementation; the other Implementations have no Principle.
"""
MARKDOWN = 9, (1, 5)
"""Implementations number 1 and 5 of every 9 are Markdown (18 of 79 are); all other pages are MediaWiki."""

WORD_RANKS = {1: 2.4, 2: 2.1, 4: 1.7, 10: 0.68, 31: 0.40, 100: 0.18, 300: 0.07, 1000: 0.02, 3400: 0.004}
"""Percent of all words that the word of a rank makes up; interpolated on a log-log scale.
Flatter at its head than Zipf's law: technical prose has few function words.
"""
DOMAIN_RANKS = {1: 64, 2: 32, 4: 18, 8: 14, 9: 6, 12: 4, 22: 2, 37: 1, 90: 1}
"""Pages of 143 that have the domain of a rank. 53 of 90 domains have one page."""


@dataclass(frozen=True)
class Shape:
    """Quantities of the content of pages of one type and dialect. Lengths are in characters."""

    domains: Quantiles
    sources: Quantiles
    overview: Quantiles
    paragraphs: Quantiles
    """Paragraphs of the description and, in Principles, of the theory."""
    paragraph: Quantiles
    items: Quantiles
    """List items, some nested, besides those that each page of a type has."""
    code: Quantiles
    """Blocks of code."""
    lines: Quantiles
    """Lines of a block."""
    rows: Quantiles
    """Rows of a table."""
    inline: float
    """Pieces of inline code in 100 words."""


SHAPES = {
    "Workflow": Shape(
        (4, 4, 4, 5, 5),
        (3, 3, 3, 3, 3),
        (133, 133, 181, 204, 204),
        (1, 1, 1, 2, 2),
        (120, 125, 200, 288, 400),
        (4, 5, 9, 12, 15),
        (0, 0, 0, 0, 0),
        (1, 1, 1, 1, 1),
        (1, 1, 1, 1, 1),
        0.05,
    ),
    "Principle": Shape(
        (2, 2, 2, 3, 3),
        (2, 2, 2, 3, 4),
        (90, 110, 134, 159, 187),
        (1, 1, 2, 2, 3),
        (250, 300, 450, 600, 740),
        (1, 1, 7, 28, 47),
        (0, 0, 4, 9, 10),
        (3, 6, 11, 20, 45),
        (1, 1, 1, 1, 1),
        0.0,
    ),
    "Implementation": Shape(
        (1, 2, 2, 3, 3),
        (1, 1, 2, 2, 3),
        (77, 88, 122, 200, 236),
        (1, 1, 1, 2, 2),
        (200, 300, 420, 600, 797),
        (0, 1, 6, 12, 36),
        (3, 3, 8, 11, 14),
        (1, 3, 20, 46, 177),
        (1, 2, 3, 11, 20),
        0.6,
    ),
    "Implementation (Markdown)": Shape(
        (2, 2, 3, 4, 4),
        (1, 1, 1, 1, 1),
        (284, 288, 346, 403, 424),
        (1, 1, 2, 5, 6),
        (37, 48, 210, 500, 780),
        (6, 10, 28, 64, 80),
        (7, 10, 15, 25, 28),
        (1, 3, 14, 38, 91),
        (1, 1, 4, 7, 12),
        4.0,
    ),
    "Environment": Shape(
        (3, 3, 3, 4, 4),
        (2, 2, 2, 2, 2),
        (108, 108, 126, 153, 153),
        (1, 1, 1, 1, 1),
        (280, 300, 355, 390, 400),
        (6, 6, 8, 12, 14),
        (3, 3, 4, 6, 6),
        (3, 5, 8, 15, 18),
        (4, 4, 5, 6, 7),
        4.0,
    ),
    "Heuristic": Shape(
        (3, 3, 3, 3, 3),
        (2, 2, 2, 2, 2),
        (112, 112, 126, 173, 173),
        (1, 1, 1, 1, 1),
        (200, 250, 317, 400, 423),
        (1, 2, 5, 9, 11),
        (2, 2, 3, 5, 5),
        (3, 3, 7, 24, 33),
        (4, 4, 6, 8, 8),
        3.0,
    ),
}


def draw(quantiles: Quantiles, at: float) -> float:
    """The value below which a share ``at`` (0 to 1) of all values lies."""
    for i in range(4):
        if at <= _AT[i + 1]:
            share = (at - _AT[i]) / (_AT[i + 1] - _AT[i])
            return quantiles[i] + share * (quantiles[i + 1] - quantiles[i])
    return quantiles[4]


def number(quantiles: Quantiles, rng: random.Random, size: float = 0.5) -> int:
    """A count: half random, half by the ``size`` of its page, because a long page is long in all its parts."""
    at = min(1.0, max(0.0, rng.random() + 0.4 * (size - 0.5)))
    return round(draw(quantiles, at))
