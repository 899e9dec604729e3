"""Facts about a real wiki that this project's authors did not write."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from conftest import ROOT
from typedwiki.config import load_config
from typedwiki.pipeline import Wiki, load_wiki


@pytest.fixture(scope="module")
def wiki(corpus: Path) -> Wiki:
    return load_wiki(load_config(ROOT, [corpus / "huggingface_transformers"]))


def test_page_counts(wiki: Wiki) -> None:
    assert Counter(page.page_type for page in wiki.graph.pages.values()) == {
        "Workflow": 6,
        "Principle": 43,
        "Implementation": 79,
        "Environment": 6,
        "Heuristic": 9,
    }
    assert {page.namespace for page in wiki.graph.pages.values()} == {"huggingface_transformers"}


def test_edge_counts(wiki: Wiki) -> None:
    counts = Counter(edge.type for edge in wiki.graph.edges)
    actual = {name: counts[name] for name in ("step", "implemented_by", "requires_env", "uses_heuristic")}
    assert actual == {"step": 43, "implemented_by": 43, "requires_env": 43, "uses_heuristic": 25}


def test_steps_of_each_workflow(wiki: Wiki) -> None:
    steps = Counter(edge.source for edge in wiki.graph.edges if edge.type == "step")
    assert sorted(steps.values()) == [6, 7, 7, 7, 8, 8]


def test_only_one_link_is_broken(wiki: Wiki) -> None:
    assert [p.message for p in wiki.problems if p.severity == "error"] == ["`Library` is not a page type"]


def test_every_page_has_overview_date_and_content(wiki: Wiki) -> None:
    for page in wiki.graph.pages.values():
        assert page.overview, page.id
        assert page.last_updated, page.id
        assert page.content, page.id


def test_rules_that_its_own_audit_checked_pass(wiki: Wiki) -> None:
    # Its report names them: executability, targets, orphans, steps, index references, index contents.
    checked = {"S003", "L001", "L002", "S004", "S005", "I001", "I002", "I003", "I004", "I005"}
    assert [str(p) for p in wiki.problems if p.code in checked] == []


def test_graph_has_no_cycle_and_requirements_agree(wiki: Wiki) -> None:
    assert [str(p) for p in wiki.problems if p.code in ("S002", "Q001")] == []
