"""The audit's rules about links and the graph: where each reports a problem, and where it must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit_helpers import find_locations, find_problems, write_context
from typedwiki.audit import rules_graph, rules_links
from typedwiki.audit.rules_graph import cycle, few_steps, isolated, one_sided, unreached, unused, without_implementation
from typedwiki.audit.rules_links import malformed, not_allowed, self_link, unknown_edge, upward

WIKI = {
    "Workflow/W.md": "[[step::Principle:P]] [[step::Principle:Q]]",
    "Principle/P.md": "[[implemented_by::Implementation:I]]",
    "Principle/Q.md": "[[implemented_by::Implementation:I]] [[uses_heuristic::Heuristic:H]]",
    "Implementation/I.md": "[[requires_env::Environment:E]]",
    "Environment/E.md": "",
    "Heuristic/H.md": "",
}


def with_texts(tmp_path: Path, **texts: str) -> dict[str, str]:
    """The clean wiki with new texts for some pages, named by their letter."""
    return {path: texts.get(Path(path).stem, text) for path, text in WIKI.items()}


GRAPH_RULES = (*rules_links.PAGE_RULES, *rules_links.RULES, *rules_graph.EDGE_RULES)


@pytest.mark.parametrize("rule", [rule for rule in GRAPH_RULES if rule is not one_sided])
def test_clean_wiki_has_no_problem(tmp_path: Path, rule: object) -> None:
    assert find_locations([rule], write_context(tmp_path, WIKI)) == []  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("page", "text", "expected"),
    [
        ("E", "[[requird_by::Implementation:I]]", ["Environment/E.md:1:1 L004"]),
        ("I", "x\n [[requires_envs::Environment:E]]", ["Implementation/I.md:2:2 L004"]),
        ("I", "[[precedes::Implementation:I]]", []),
        ("I", "[[requires::Environment:E]]", []),
    ],
)
def test_unknown_edge(tmp_path: Path, page: str, text: str, expected: list[str]) -> None:
    assert find_locations([unknown_edge], write_context(tmp_path, with_texts(tmp_path, **{page: text}))) == expected


@pytest.mark.parametrize(
    ("page", "text", "expected"),
    [
        ("W", "[[step::Environment:E]]", ["Workflow/W.md:1:1 L005"]),
        ("P", "a [[requires_env::Environment:E]]", ["Principle/P.md:1:3 L005"]),
        ("E", "[[requires_env::Implementation:I]]", []),  # the same edge from its other end
        ("I", "[[used_by::Principle:P]]", []),  # a common word, not the inverse
        ("W", "[[related::Environment:E]]", []),
        ("W", "[[step::Environment:Missing]]", []),
    ],
)
def test_edge_not_allowed(tmp_path: Path, page: str, text: str, expected: list[str]) -> None:
    assert find_locations([not_allowed], write_context(tmp_path, with_texts(tmp_path, **{page: text}))) == expected


def test_edge_not_allowed_suggests_allowed_ones(tmp_path: Path) -> None:
    (problem,) = find_problems([not_allowed], write_context(tmp_path, with_texts(tmp_path, W="[[step::Heuristic:H]]")))
    assert problem.message == "`step` leads from Workflow to Principle, not from Workflow to Heuristic"
    assert problem.hint == "use `uses_heuristic` or `related`"


@pytest.mark.parametrize(
    ("page", "text", "expected"),
    [
        ("E", "[[related::Workflow:W]]", ["Environment/E.md:1:1 L006"]),
        ("E", "[[required_by::Implementation:I]]", []),
        ("H", "[[applies_to::Workflow:W]]", []),
        ("E", "[[Workflow:W]] in prose", []),
        ("P", "[[related::Principle:Q]]", []),
    ],
)
def test_upward(tmp_path: Path, page: str, text: str, expected: list[str]) -> None:
    assert find_locations([upward], write_context(tmp_path, with_texts(tmp_path, **{page: text}))) == expected


def test_self_link(tmp_path: Path) -> None:
    pages = with_texts(tmp_path, P="[[related::Principle:P]] and [[#Section]]", Q="[[Principle:Q]]")
    assert find_locations([self_link], write_context(tmp_path, pages)) == ["Principle/P.md:1:1 L007"]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("a [[step::Principle:]] b", [3]),
        ("[[step::Principle:P\n]]", [1]),
        ("[[Principle:P]", [1]),
        ("`[[step::` and x[[0]] and [[1,2],[3,4]] and \\[[Principle:P", []),
        ("```\n[[step::Principle:]]\n```", []),
        ("[[Principle:P]] ![[a.png]]", []),
    ],
)
def test_malformed(tmp_path: Path, text: str, columns: list[int]) -> None:
    expected = [f"Principle/P.md:1:{column} L008" for column in columns]
    assert find_locations([malformed], write_context(tmp_path, with_texts(tmp_path, P=text))) == expected


def test_cycle_is_reported_with_every_edge(tmp_path: Path) -> None:
    pages = {
        "Heuristic/A.md": "x\n[[uses_heuristic::Heuristic:B]]",
        "Heuristic/B.md": "[[uses_heuristic::Heuristic:C]]",
        "Heuristic/C.md": "\n\n[[uses_heuristic::Heuristic:A]]",
    }
    (problem,) = find_problems([cycle], write_context(tmp_path, pages))
    assert (problem.path, problem.line, problem.column) == ("Heuristic/A.md", 2, 1)
    assert problem.message == (
        "cycle: Heuristic/A (Heuristic/A.md:2) → Heuristic/B (Heuristic/B.md:1) → "
        "Heuristic/C (Heuristic/C.md:3) → Heuristic/A"
    )


def test_associations_form_no_cycle(tmp_path: Path) -> None:
    pages = with_texts(tmp_path, P="[[related::Principle:Q]] [[precedes::Principle:Q]]", Q="[[related::Principle:P]]")
    assert find_locations([cycle], write_context(tmp_path, pages)) == []


def test_principle_without_implementation(tmp_path: Path) -> None:
    context = write_context(tmp_path, with_texts(tmp_path, P=""))
    assert find_locations([without_implementation], context) == ["Principle/P.md:1:1 S003"]


def test_implementation_may_state_the_edge(tmp_path: Path) -> None:
    pages = with_texts(tmp_path, P="", I="[[implements::Principle:P]]")
    assert find_locations([without_implementation], write_context(tmp_path, pages)) == []


def test_unreached(tmp_path: Path) -> None:
    pages = with_texts(tmp_path, W="[[step::Principle:P]] [[related::Principle:Q]]")
    assert find_locations([unreached], write_context(tmp_path, pages)) == ["Principle/Q.md:1:1 S004"]


def test_few_steps(tmp_path: Path) -> None:
    pages = with_texts(tmp_path, W="[[step::Principle:P]] [[step::Principle:P]]")
    assert find_locations([few_steps], write_context(tmp_path, pages)) == ["Workflow/W.md:1:1 S005"]


def test_unused(tmp_path: Path) -> None:
    pages = with_texts(tmp_path, I="[[related::Environment:E]]", Q="[[implemented_by::Implementation:I]]")
    context = write_context(tmp_path, pages)
    assert find_locations([unused], context) == ["Environment/E.md:1:1 S006", "Heuristic/H.md:1:1 S006"]


def test_isolated_unless_a_rule_of_the_type_applies(tmp_path: Path) -> None:
    pages = {**WIKI, "Implementation/Alone.md": "", "Heuristic/Alone.md": ""}
    context = write_context(tmp_path, pages)
    assert find_locations([isolated, unused], context) == [
        "Heuristic/Alone.md:1:1 S006",
        "Implementation/Alone.md:1:1 S007",
    ]


def test_one_sided_links_are_reported_if_enabled(tmp_path: Path) -> None:
    pages = {"Workflow/W.md": "a [[step::Principle:P]]", "Principle/P.md": ""}
    assert find_locations([one_sided], write_context(tmp_path, pages)) == []
    assert find_locations([one_sided], write_context(tmp_path, pages, {"S008": "info"})) == ["Workflow/W.md:1:3 S008"]
    two_sided = {**pages, "Principle/P.md": "[[step_of::Workflow:W]]"}
    assert find_locations([one_sided], write_context(tmp_path, two_sided, {"S008": "info"})) == []
