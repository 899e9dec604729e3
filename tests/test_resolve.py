"""Link resolution, and the edges that links state."""

from __future__ import annotations

import pytest

from typedwiki import schema
from typedwiki.model import Ambiguous, Found, Graph, Missing, RawFile
from typedwiki.problems import Problem
from typedwiki.resolve import resolve, unique_ids
from typedwiki.text.parse import parse

SCHEMA = schema.load()


def resolve_wiki(pages: dict[str, str]) -> tuple[Graph, list[Problem]]:
    """Resolve a wiki from texts by "root/Type/Name", where the root is optional."""
    parsed = []
    for path, text in pages.items():
        *root, page_type, stem = path.split("/")
        raw = RawFile(f"{path}.md", page_type, stem, "/".join(root), text)
        parsed.append(parse(raw, SCHEMA)[0])
    unique, problems = unique_ids(parsed)
    graph, more_problems = resolve(unique, SCHEMA)
    return graph, problems + more_problems


def first_resolution(pages: dict[str, str]) -> object:
    """The resolution of the first page's first link."""
    graph, _ = resolve_wiki(pages)
    return graph.resolutions[next(iter(graph.pages))][0]


TARGET_PAGES = {"Principle/Chain_Rule": "# The chain of rules\n", "Principle/Other": ""}


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
        "[[Chain\\_Rule]]",
        "[[Chain&nbsp;Rule]]",
        "[[Chain Rule##Section]]",
        "[[chain-rule]]",
        "[x](../Principle/Chain_Rule.md)",
        "[x](/wikis/Chain_Rule.md)",
    ],
)
def test_forms_of_links_to_a_page(link: str) -> None:
    assert first_resolution({"Workflow/W": link, **TARGET_PAGES}) == Found("Principle/Chain_Rule")


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
def test_names_as_other_tools_write_them(name: str, text: str, link: str) -> None:
    assert first_resolution({"Workflow/W": link, f"Principle/{name}": text}) == Found(f"Principle/{name}")


@pytest.mark.parametrize(
    ("link", "suggested"),
    [
        ("[[Principle:Chain_Rul]]", "Principle/Chain_Rule"),
        ("[[Principle:Rule_Chain]]", "Principle/Chain_Rule"),
        ("[[Heuristic:Chain_Rule]]", "Principle/Chain_Rule"),
        ("[[Chain_Rle]]", "Principle/Chain_Rule"),
    ],
)
def test_missing_page_has_a_suggestion(link: str, suggested: str) -> None:
    resolution = first_resolution({"Workflow/W": link, **TARGET_PAGES})
    assert isinstance(resolution, Missing)
    assert resolution.suggestions[0] == suggested


def test_swapped_label_and_target() -> None:
    for link in ("the rule|Chain-Rule", "Other|Principle/chain rule", "W|../Principle/Chain_Rule.md"):
        resolution = first_resolution(
            {"a/Workflow/V": f"[[{link}]]", "a/Principle/Chain_Rule": "", "a/Workflow/W": "", "b/Workflow/W": ""}
        )
        assert resolution == (
            Found("Workflow/W") if link.startswith("W") else Found("Principle/Chain_Rule", swapped=True)
        )
    same = {"a/Principle/Same": "", "a/Heuristic/Same": ""}
    assert first_resolution({"a/Workflow/W": "[[Same|Heuristic/Same]]", **same}) == Found(
        "Heuristic/Same", swapped=True
    )


def test_missing_page_without_similar_names() -> None:
    assert first_resolution({"Workflow/W": "[[Principle:Zebra]]", **TARGET_PAGES}) == Missing()


def test_alias_in_a_field_is_no_link() -> None:
    graph, problems = resolve_wiki({"Principle/a": "alias:: [[kiln]], [[stove]]\n\nText.\n"})
    assert graph.pages["Principle/a"].outgoing_links == ()
    assert not problems


def test_unknown_type_has_its_own_error() -> None:
    graph, problems = resolve_wiki({"Workflow/W": "[[Library:numpy]]"})
    assert graph.resolutions["Workflow/W"] == (Missing(unknown_type=True),)
    assert [(p.code, p.severity) for p in problems] == [("L003", "error")]


def test_ambiguous_name_lists_the_candidates() -> None:
    pages = {"Workflow/W": "[[Same]]", "Principle/Same": "", "Heuristic/Same": ""}
    assert first_resolution(pages) == Ambiguous(("Heuristic/Same", "Principle/Same"))


def test_edge_type_selects_the_candidate() -> None:
    pages = {"Workflow/W": "[[step::Same]]", "Principle/Same": "", "Heuristic/Same": ""}
    assert first_resolution(pages) == Found("Principle/Same")


def test_page_of_the_same_root_is_preferred() -> None:
    pages = {"a/Workflow/W": "[[Principle:Same]]", "b/Principle/Same": "", "a/Principle/Same": ""}
    assert first_resolution(pages) == Found("Principle/Same-2")


def test_page_in_the_same_folder_is_preferred() -> None:
    graph, _ = resolve(
        unique_ids(
            parse(RawFile(path, "Principle", path.split("/")[-1][:-3], "", text), SCHEMA)[0]
            for path, text in {
                "a/From.md": "[[Same]]",
                "b/Same.md": "",
                "a/Same.md": "",
                "c/From_C.md": "[[Same]]",
            }.items()
        )[0],
        SCHEMA,
    )
    assert graph.resolutions["Principle/From"] == (Found("Principle/Same-2"),)
    assert graph.resolutions["Principle/From_C"] == (Ambiguous(("Principle/Same", "Principle/Same-2")),)


def test_alias_is_a_name() -> None:
    pages = {"Workflow/W": "[[Old name]]", "Principle/New": "---\naliases: [Old name]\n---\n"}
    assert first_resolution(pages) == Found("Principle/New")


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
    graph, _ = resolve_wiki({name: link if name == page else "" for name in names})
    assert [(e.source, e.type, e.target) for e in graph.edges] == [edge]


def test_edge_declared_several_times_is_one() -> None:
    link = "[[step::Principle:P]] text [[step::Principle:P]] [[Principle:P]]"
    graph, _ = resolve_wiki({"Workflow/W": link, "Principle/P": "[[step_of::Workflow:W]]"})
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
    graph, _ = resolve_wiki(pages)
    assert [e.target for e in graph.outgoing["Workflow/W"]] == ["Principle/C", "Principle/A", "Principle/B"]


def test_two_pages_with_the_same_name_are_kept() -> None:
    graph, problems = resolve_wiki({"a/Principle/Same": "", "b/Principle/Same": ""})
    assert list(graph.pages) == ["Principle/Same", "Principle/Same-2"]
    assert [(p.code, p.path) for p in problems] == [("S001", "b/Principle/Same.md")]


def test_link_to_the_same_page_is_not_an_edge() -> None:
    graph, _ = resolve_wiki({"Principle/P": "[[Principle:P#Usage]]"})
    assert graph.edges == ()


def test_schema_adds_types_and_edges() -> None:
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
