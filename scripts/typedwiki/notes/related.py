"""Pages that say similar things and that no edge joins: cosine similarity of their overviews.

An edit of one page moves the document frequency of its words by one, and must not reorder lists all
over the wiki. So weights are whole numbers that change only when a frequency passes a power of two,
and who is related is told in the order of titles, not of similarities.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from math import isqrt

from ..model import Graph, WikiPage
from ..regex import regex

MOST = 5
"""Related pages that a page names."""
FLOOR = 16
"""Similarity in percent below which two pages are not related."""
TERMS = 12
"""Of a page's terms, so many of the heaviest are compared."""
FEW_PAGES = 3
"""Terms in no more pages than this weigh the same."""
LEAST_RARITY = 2
"""Terms that are less rare than this, in more than a quarter to a half of all pages, are not compared."""
MANY_PAGES = 64
"""Nor are terms in so many pages or more, which bounds the work; a power of two."""

_WORD = regex(r"[^\W\d_]{2,}")
_HUMP = regex(r"(?<=[a-z])(?=[A-Z])")
_STOP = frozenset(
    _WORD.findall(
        "an and any are as at be both but by can each for from has have how if in into is it its may more most no not"
        " of on one only or other out over so such than that the their them then there these they this those through"
        " to up use used uses using via was what when where which while who whose will with without you your"
    )
)


def terms(page: WikiPage) -> Counter[str]:
    """How often each word occurs in a page's title and overview: without case, inflection by a plural
    ``s``, and English words that only join others. ``AutoConfig`` is two words."""
    text = _HUMP.sub(" ", f"{page.page_title} {page.overview}")
    found = Counter(map(_term, _WORD.findall(text)))
    del found[""]
    return found


@lru_cache(maxsize=1 << 14)  # a wiki has few words
def _term(written: str) -> str:
    """The term that a word is; empty for one that only joins others."""
    word = written.casefold()
    if word in _STOP:
        return ""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def related(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Ids of the pages that are most like each page, by title; a page without any is left out.

    A term weighs (1 + log tf) · log(N / df), both logarithms to base 2 and rounded down, and pages are
    compared by the cosine of the angle between their weights: "ltc" in Manning, Raghavan and Schütze,
    Introduction to Information Retrieval (2008), section 6.4, after Salton and Buckley,
    Term-weighting approaches in automatic text retrieval (1988). tf counts a term in a page, df the
    pages that have it, N all pages.
    """
    counts = {page_id: terms(page) for page_id, page in graph.pages.items()}
    frequency = Counter(term for counted in counts.values() for term in counted)
    size = len(counts).bit_length()
    rarity = {term: size - max(df, FEW_PAGES).bit_length() for term, df in frequency.items()}
    compared = {term for term, df in frequency.items() if 1 < df < MANY_PAGES and rarity[term] >= LEAST_RARITY}
    weights = {
        page_id: {term: tf.bit_length() * rarity[term] for term, tf in counted.items()}
        for page_id, counted in counts.items()
    }
    lengths = {page_id: isqrt(10_000 * sum(w * w for w in found.values())) for page_id, found in weights.items()}
    joined = _joined(graph)
    similar: dict[str, list[tuple[int, str]]] = defaultdict(list)
    postings: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for page_id, weighed in weights.items():
        products: defaultdict[str, int] = defaultdict(int)
        for term, weight in _heaviest(weighed, compared):
            for other, its_weight in postings[term]:  # pages before this one: each pair is met once
                products[other] += weight * its_weight
            postings[term].append((page_id, weight))
        for other, product in products.items():
            percent = 1_000_000 * product // (lengths[page_id] * lengths[other])
            if percent >= FLOOR and other not in joined[page_id]:
                similar[page_id].append((-percent, other))
                similar[other].append((-percent, page_id))
    return {
        page_id: tuple(sorted((other for _, other in sorted(similar[page_id])[:MOST]), key=_title(graph)))
        for page_id in weights
        if page_id in similar
    }


def _title(graph: Graph) -> Callable[[str], tuple[str, str]]:
    return lambda page_id: (graph.pages[page_id].page_title.casefold(), page_id)


def _heaviest(weighed: Mapping[str, int], compared: AbstractSet[str]) -> list[tuple[str, int]]:
    shared = [(term, weight) for term, weight in weighed.items() if term in compared]
    return sorted(shared, key=lambda item: (-item[1], item[0]))[:TERMS]


def _joined(graph: Graph) -> dict[str, set[str]]:
    joined: dict[str, set[str]] = defaultdict(set)
    for edge in graph.edges:
        joined[edge.source].add(edge.target)
        joined[edge.target].add(edge.source)
    return joined
