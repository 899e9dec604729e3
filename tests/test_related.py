"""Similar pages: which are found, and how far an edit reaches."""

from __future__ import annotations

import random
import re
import time

import pytest
from msgspec.structs import replace

from typedwiki.model import Edge, Graph, Span, WikiPage
from typedwiki.notes.connections import MOST, related, terms

SPAN = Span(0, 0, 1, 1)
FILLER = re.findall(r"\w+", "alpha beta gamma delta epsilon zeta eta theta iota kappa omega sigma tau phi chi psi")


def page(page_id: str, overview: str, title: str = "") -> WikiPage:
    return WikiPage(page_id, title or page_id, "Principle", overview, "")


def make_graph(overviews: dict[str, str], edges: tuple[tuple[str, str], ...] = ()) -> Graph:
    """Pages by id, among unrelated others."""
    unrelated = {f"z{i}": f"{word} {word}one {word}two" for i, word in enumerate(FILLER)}
    pages = {page_id: page(page_id, text) for page_id, text in {**overviews, **unrelated}.items()}
    return Graph(pages, tuple(Edge(a, "related", b, ((a, SPAN),)) for a, b in edges), {}, {}, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The learning rates of a model", {"learning": 1, "rate": 1, "model": 1}),
        ("Loss, loss and LOSS", {"loss": 3}),
        ("AutoConfig reads 4-bit weights", {"auto": 1, "config": 1, "read": 1, "bit": 1, "weight": 1}),
        ("Länge der Matrizen", {"länge": 1, "der": 1, "matrizen": 1}),
        ("1 + 2", {}),
    ],
)
def test_terms_of_a_page(text: str, expected: dict[str, int]) -> None:
    assert terms(page("", text)) == expected


TEXT = "Keys and values are kept in a cache for decoding"
SIMILAR = {"a": TEXT, "b": "A cache of keys and values makes decoding fast", "c": "Tokenizers split a text"}


def test_similar_pages_are_related_in_both_directions() -> None:
    assert related(make_graph(SIMILAR)) == {"a": ("b",), "b": ("a",)}


@pytest.mark.parametrize("edge", [("a", "b"), ("b", "a")])
def test_linked_pages_are_not_related(edge: tuple[str, str]) -> None:
    assert related(make_graph(SIMILAR, (edge,))) == {}


def test_single_common_word_is_not_enough() -> None:
    long = "Gradients flow through layers norms residuals heads projections biases and one cache"
    assert related(make_graph({"a": TEXT, "b": long})) == {}


def test_frequent_words_are_ignored() -> None:
    assert related(make_graph({f"p{i}": f"model q{chr(97 + i)}" for i in range(20)})) == {}


def test_at_most_five_related_pages_sorted_by_title() -> None:
    many = make_graph({f"p{i}": f"{TEXT} p{chr(97 + i)}" for i in range(7)})
    titles = {f"p{i}": f"{'zyxwvut'[i]} title" for i in range(7)}
    pages = {k: replace(p, page_title=titles.get(k, k)) for k, p in many.pages.items()}
    actual = related(replace(many, pages=pages))
    assert {len(names) for names in actual.values()} == {MOST}
    for names in actual.values():
        assert list(names) == sorted(names, key=lambda name: titles[name])


def test_order_of_pages_does_not_matter() -> None:
    forward = make_graph({**SIMILAR, "d": "Values of a decoding cache"})
    backward = replace(forward, pages=dict(list(forward.pages.items())[::-1]))
    assert related(forward) == related(backward)


def test_empty_overviews_and_wikis_have_no_related_pages() -> None:
    assert related(Graph({}, (), {}, {}, {})) == {}
    assert related(Graph({"a": page("a", ""), "b": page("b", "")}, (), {}, {}, {})) == {}


def random_pages(size: int, rng: random.Random) -> dict[str, WikiPage]:
    """Pages with overviews of 30 words, whose frequencies fall as in real text."""
    words = ["".join(rng.choices("abcdefghijklmnoprstuw", k=rng.randint(4, 9))) for _ in range(3 * size)]
    odds = [1 / (rank + 10) for rank in range(len(words))]
    texts = rng.choices(words, odds, k=30 * size)
    return {f"p{i}": page(f"p{i}", " ".join(texts[30 * i : 30 * i + 30]), f"t{i}") for i in range(size)}


def test_edit_changes_few_other_pages() -> None:
    rng = random.Random(5)
    pages = random_pages(300, rng)
    texts = [p.overview for p in pages.values()]
    for i in range(0, 300, 2):  # every second page shares words with the one before
        words = texts[i].split()
        pages[f"p{i + 1}"] = replace(pages[f"p{i + 1}"], overview=" ".join(words[:20] + texts[i + 1].split()[:10]))
    before = related(Graph(pages, (), {}, {}, {}))
    assert len(before) == 300
    changed = []
    for _ in range(20):
        edited = rng.choice(list(pages))
        words = pages[edited].overview.split()
        words[:3] = rng.choice(texts).split()[:3]
        after = related(Graph({**pages, edited: replace(pages[edited], overview=" ".join(words))}, (), {}, {}, {}))
        changed.append(sum(before.get(name) != after.get(name) for name in pages if name != edited))
    assert sum(changed) / len(changed) < 3


def test_cost_is_below_quadratic() -> None:
    def cost(count: int) -> float:
        random_graph = Graph(random_pages(count, random.Random(3)), (), {}, {}, {})
        start = time.process_time()
        related(random_graph)
        return time.process_time() - start

    small, large = cost(1_000), cost(4_000)
    assert large < 10 * small  # quadratic cost would be 16 times
