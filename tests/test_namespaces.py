"""Namespaces are derived from common prefixes of names."""

from __future__ import annotations

import pytest

from typedwiki.text.names import namespaces

TYPES = ("Workflow", "Principle", "Implementation", "Heuristic")


def typed_stems(*stems: str) -> list[tuple[str, str]]:
    return [(stem, TYPES[i % len(TYPES)]) for i, stem in enumerate(stems)]


@pytest.mark.parametrize(
    ("stems", "expected"),
    [
        (("a_b_One", "a_b_Two_x", "a_b_Three"), {"a_b"}),
        (("a_b_One", "a_b_Two", "a_b"), {"a"}),
        (("Low_Rank", "Chain_Rule", "Batching"), {""}),
        (("One", "Two"), {""}),
        (("a_b_One", "a_b_Two"), {""}),
        (tuple(f"{o}_{r}_P{i}" for o, r in (("x", "y"), ("u", "v")) for i in range(6)), {"x_y", "u_v"}),
        (tuple(f"x_{r}_P{i}" for r in ("y", "v") for i in range(6)), {"x_y", "x_v"}),
        ((*(f"x_y_P{i}" for i in range(19)), "Outlier"), {"x_y", ""}),
    ],
)
def test_namespaces(stems: tuple[str, ...], expected: set[str]) -> None:
    assert set(namespaces(typed_stems(*stems)).values()) == expected


def test_prefix_of_a_single_type_is_not_a_namespace() -> None:
    pages = [(f"Torch_{i}", "Implementation") for i in range(5)]
    pages += [(name, "Principle") for name in ("Chain_Rule", "Batching", "Rank", "Loss", "Data")]
    assert set(namespaces(pages).values()) == {""}
