"""Where links lead, and which edges they state."""

from __future__ import annotations

import pytest

from typedwiki import schema
from typedwiki.model import Ambiguous, Found, Graph, Missing, RawFile
from typedwiki.problems import Problem
from typedwiki.resolve import resolve, unique_ids
from typedwiki.text.parse import parse

SCHEMA = schema.load()


def wiki(pages: dict[str, str]) -> tuple[Graph, list[Problem]]:
    """A resolved wiki from texts by "root/Type/Name", the root being optional."""
    parsed = []
    for path, text in pages.items():
        *root, page_type, stem = path.split("/")
        raw = RawFile(f"{path}.md", page_type, stem, "/".join(root), text)
        parsed.append(parse(raw, SCHEMA)[0])
    unique, problems = unique_ids(parsed)
    graph, found = resolve(unique, SCHEMA)
    return graph, problems + found


def first(pages: dict[str, str]) -> object:
    graph, _ = wiki(pages)
    return graph.resolutions[next(iter(graph.pages))][0]


TARGET = {"Principle/Chain_Rule": "# The chain of rules\n", "Principle/Other": ""}


@pytest.mark.parametrize(
    "link",
    [
        "[[Principle:Chain_Rule]]",
        "[[Principle:Chain Rule]]",
        "[[principle:chain_Rule]]",
        "[[Principles:Chain_Rule]]",
        "[[Chain_Rule]]",
        "[[The chain of rules]]",
        "[[step::Principle:The chain of rules|x]]",
        "[[step::Chain Rule]]",
        "[[Chain Rule#]]",
        "[[Chain%20Rule]]",
        "[[Chain&nbsp;Rule]]",
        "[[Chain Rule##Section]]",
        "[[chain-rule]]",
        "[x](../Principle/Chain_Rule.md)",
        "[x](/wikis/Chain_Rule.md)",
    ],
)
def test_found(link: str) -> None:
    assert first({"Workflow/W": link, **TARGET}) == Found("Principle/Chain_Rule")


@pytest.mark.parametrize(
    ("name", "text", "link"),
    [
        ("term___page", "", "[[term/page]]"),
        ("Why%3F", "", "[[Why?]]"),
        ("CMake%3A Set up", "", "[[CMake: Set up]]"),
        ("a", "---\naliases: ['Kiln: firing']\n---\n", "[[Kiln: firing]]"),
        ("a", "title:: The kiln\nalias:: stove, [[big stove]]\n\nText.\n", "[[The kiln]]"),
        ("a", "alias:: stove, [[big stove]]\n\nText.\n", "[[big stove]]"),
        ("a", "# Kiln\n", "[see]([[Kiln]])"),
        ("Kiln___init__", "# The start\n", "[[Kiln init ]]"),
        ("Node.js at work", "", "[[../Principle/Node.js at work|Node]]"),
        ("Node.js", "# At work\n", "[[elsewhere/Node.js]]"),
        ("Node.js", "# At work\n", "[x](../Principle/Node.js)"),
    ],
)
def test_names_that_other_tools_encode_or_write(name: str, text: str, link: str) -> None:
    assert first({"Workflow/W": link, f"Principle/{name}": text}) == Found(f"Principle/{name}")


@pytest.mark.parametrize(
    ("link", "suggested"),
    [
        ("[[Principle:Chain_Rul]]", "Principle/Chain_Rule"),
        ("[[Principle:Rule_Chain]]", "Principle/Chain_Rule"),
        ("[[Heuristic:Chain_Rule]]", "Principle/Chain_Rule"),
        ("[[Chain_Rle]]", "Principle/Chain_Rule"),
    ],
)
def test_missing_with_a_suggestion(link: str, suggested: str) -> None:
    found = first({"Workflow/W": link, **TARGET})
    assert isinstance(found, Missing)
    assert found.suggestions[0] == suggested


def test_a_page_behind_its_label() -> None:
    for link in ("the rule|Chain-Rule", "Other|Principle/chain rule", "W|../Principle/Chain_Rule.md"):
        found = first(
            {"a/Workflow/V": f"[[{link}]]", "a/Principle/Chain_Rule": "", "a/Workflow/W": "", "b/Workflow/W": ""}
        )
        assert found == (Found("Workflow/W") if link.startswith("W") else Found("Principle/Chain_Rule", swapped=True))
    same = {"a/Principle/Same": "", "a/Heuristic/Same": ""}
    assert first({"a/Workflow/W": "[[Same|Heuristic/Same]]", **same}) == Found("Heuristic/Same", swapped=True)


def test_missing_without_anything_near() -> None:
    assert first({"Workflow/W": "[[Principle:Zebra]]", **TARGET}) == Missing()


def test_an_alias_in_a_field_is_no_link() -> None:
    graph, problems = wiki({"Principle/a": "alias:: [[kiln]], [[stove]]\n\nText.\n"})
    assert graph.pages["Principle/a"].outgoing_links == ()
    assert not problems


def test_an_unknown_type_is_an_error_of_its_own() -> None:
    graph, problems = wiki({"Workflow/W": "[[Library:numpy]]"})
    assert graph.resolutions["Workflow/W"] == (Missing(unknown_type=True),)
    assert [(p.code, p.severity) for p in problems] == [("L003", "error")]


def test_ambiguous_names_the_candidates() -> None:
    pages = {"Workflow/W": "[[Same]]", "Principle/Same": "", "Heuristic/Same": ""}
    assert first(pages) == Ambiguous(("Heuristic/Same", "Principle/Same"))


def test_an_edge_type_decides_between_candidates() -> None:
    pages = {"Workflow/W": "[[step::Same]]", "Principle/Same": "", "Heuristic/Same": ""}
    assert first(pages) == Found("Principle/Same")


def test_a_page_of_the_same_root_is_preferred() -> None:
    pages = {"a/Workflow/W": "[[Principle:Same]]", "b/Principle/Same": "", "a/Principle/Same": ""}
    assert first(pages) == Found("Principle/Same-2")


def test_an_alias_is_a_name_too() -> None:
    pages = {"Workflow/W": "[[Old name]]", "Principle/New": "---\naliases: [Old name]\n---\n"}
    assert first(pages) == Found("Principle/New")


@pytest.mark.parametrize(
    ("page", "link", "edge"),
    [
        ("Workflow/W", "[[step::Principle:P]]", ("Workflow/W", "step", "Principle/P")),
        ("Principle/P", "[[step_of::Workflow:W]]", ("Workflow/W", "step", "Principle/P")),
        ("Principle/P", "[[step::Workflow:W]]", ("Workflow/W", "step", "Principle/P")),
        ("Principle/P", "[[realized_by::Implementation:I]]", ("Principle/P", "implemented_by", "Implementation/I")),
        ("Implementation/I", "[[implements::Principle:P]]", ("Principle/P", "implemented_by", "Implementation/I")),
        ("Environment/E", "[[requires_env::Implementation:I]]", ("Implementation/I", "requires_env", "Environment/E")),
        ("Environment/E", "[[required_by::Implementation:I]]", ("Implementation/I", "requires_env", "Environment/E")),
        ("Heuristic/H", "[[applies_to::Principle:P]]", ("Principle/P", "uses_heuristic", "Heuristic/H")),
        ("Heuristic/H", "[[uses_heuristic::Workflow:W]]", ("Workflow/W", "uses_heuristic", "Heuristic/H")),
        ("Implementation/I", "[[used_by::Principle:P]]", ("Implementation/I", "used_by", "Principle/P")),
        ("Workflow/W", "[[related_to::Principle:P]]", ("Workflow/W", "related", "Principle/P")),
        ("Workflow/W", "[[precedes::Principle:P]]", ("Workflow/W", "precedes", "Principle/P")),
        ("Workflow/W", "[[Principle:P]]", ("Workflow/W", "mentions", "Principle/P")),
        ("Implementation/I", "[[step::Environment:E]]", ("Implementation/I", "related", "Environment/E")),
    ],
)  # fmt: skip
def test_edges_in_canonical_direction(page: str, link: str, edge: tuple[str, str, str]) -> None:
    names = ("Workflow/W", "Principle/P", "Implementation/I", "Environment/E", "Heuristic/H")
    graph, _ = wiki({name: link if name == page else "" for name in names})
    assert [(e.source, e.type, e.target) for e in graph.edges] == [edge]


def test_an_edge_is_one_however_often_and_from_whichever_side_it_is_declared() -> None:
    link = "[[step::Principle:P]] text [[step::Principle:P]] [[Principle:P]]"
    graph, _ = wiki({"Workflow/W": link, "Principle/P": "[[step_of::Workflow:W]]"})
    (edge,) = graph.edges
    assert [(page, span.column) for page, span in edge.declared] == [
        ("Workflow/W", 1),
        ("Workflow/W", 28),
        ("Principle/P", 1),
    ]


def test_steps_keep_the_order_of_the_workflow() -> None:
    pages = {
        "Workflow/W": "[[step::Principle:C]] [[step::Principle:A]]",
        "Principle/A": "",
        "Principle/B": "[[step_of::Workflow:W]]",
        "Principle/C": "",
    }
    graph, _ = wiki(pages)
    assert [e.target for e in graph.outgoing["Workflow/W"]] == ["Principle/C", "Principle/A", "Principle/B"]


def test_two_pages_of_one_name_are_both_kept() -> None:
    graph, problems = wiki({"a/Principle/Same": "", "b/Principle/Same": ""})
    assert list(graph.pages) == ["Principle/Same", "Principle/Same-2"]
    assert [(p.code, p.path) for p in problems] == [("S001", "b/Principle/Same.md")]


def test_a_link_to_oneself_is_no_edge() -> None:
    graph, _ = wiki({"Principle/P": "[[Principle:P#Usage]]"})
    assert graph.edges == ()


def test_a_site_adds_types_and_edges() -> None:
    extended = schema.load(
        {
            "types": {"Dataset": {"rank": 3}},
            "edges": {"trained_on": {"from": ["Workflow"], "to": ["Dataset"], "inverses": ["trains"]}},
        }
    )
    pages = [
        parse(RawFile("w.md", "Workflow", "W", "", ""), extended)[0],
        parse(RawFile("d.md", "Dataset", "D", "", "[[trains::Workflow:W]]"), extended)[0],
    ]
    graph, problems = resolve(pages, extended)
    assert [(e.source, e.type, e.target) for e in graph.edges] == [("Workflow/W", "trained_on", "Dataset/D")]
    assert problems == []
