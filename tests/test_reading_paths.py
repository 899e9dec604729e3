"""Reading paths, trails and the pages below a page, in wikis given as lists of edges."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import ROOT
from typedwiki import schema
from typedwiki.config import load_config
from typedwiki.model import Edge, Graph, WikiPage
from typedwiki.notes.note_links import ReadingPath, reading_paths, trails
from typedwiki.pipeline import load_wiki

SCHEMA = schema.load(
    {
        "types": {"Dataset": {"rank": 3}},
        "edges": {
            "trained_on": {"from": ["Workflow"], "to": ["Dataset"]},
            "covers": {"from": ["Workflow"], "to": ["Principle"]},
            "stage": {"from": ["Workflow"], "to": ["any"], "carries": "order"},
            "back_to": {"from": ["any"], "to": ["any"]},
        },
    }
)
TYPES = {name[0]: name for name in SCHEMA.types}
"""The first letter of a page's name gives its type."""
VERBS = {"step": "step", "by": "implemented_by", "env": "requires_env", "uses": "uses_heuristic", "data": "trained_on"}


def page_id(name: str) -> str:
    return f"{TYPES[name[0]]}/{name}"


def parse_graph(edges: str) -> Graph:
    """A graph from lines such as ``W1 step P1 P2``; a page alone on its line has no edges."""
    pages: dict[str, WikiPage] = {}
    outgoing: dict[str, tuple[Edge, ...]] = {}
    incoming: dict[str, tuple[Edge, ...]] = {}
    for line in filter(None, map(str.strip, edges.split(";"))):
        source, _, rest = line.partition(" ")
        verb, _, targets = rest.partition(" ")
        for name in (source, *targets.split()):
            pages.setdefault(page_id(name), WikiPage(page_id(name), name, TYPES[name[0]], "", ""))
        for target in targets.split():
            edge = Edge(page_id(source), VERBS.get(verb, verb), page_id(target))
            outgoing[edge.source] = (*outgoing.get(edge.source, ()), edge)
            incoming[edge.target] = (*incoming.get(edge.target, ()), edge)
    all_edges = tuple(edge for page_edges in outgoing.values() for edge in page_edges)
    return Graph(pages, all_edges, dict.fromkeys(pages, ()), outgoing, incoming)


def format_path(path: ReadingPath) -> str:
    """``W1: H1 | P1: I1 E1``: the step and the pages of each phase."""
    parts = [" ".join([f"{phase.step}:", *phase.items]) for phase in path.phases]
    return " | ".join(" ".join(word.partition("/")[2] for word in part.split()) for part in parts)


@pytest.mark.parametrize(
    ("edges", "path"),
    [
        pytest.param("W1 step P1 P2; P1 by I1; P2 by I2", "P1: I1 | P2: I2", id="steps in their order"),
        pytest.param("W1 step P2 P1", "P2: | P1:", id="steps without anything"),
        pytest.param(
            "W1 step P1 P2; P1 by I1; P2 by I1 I2; I1 env E1; I2 env E1",
            "P1: I1 E1 | P2: I2",
            id="shared pages at their first step",
        ),
        pytest.param(
            "W1 step P1; P1 uses H1; P1 by I1 I2; I1 uses H2; I1 env E1; I2 env E2",
            "P1: I1 I2 E1 E2 H1 H2",
            id="by type within a step, then by first link",
        ),
        pytest.param(
            "W1 step P1; P1 by I1; W1 uses H1; I1 uses H1", "W1: H1 | P1: I1", id="pages linked by the Workflow itself"
        ),
        pytest.param("W1 uses H1; H1 uses H2", "W1: H1 H2", id="no steps, and pages below linked pages"),
        pytest.param("W1 covers P1; P1 by I1; I1 env E1", "W1: P1 I1 E1", id="steps by an edge without order"),
        pytest.param("W1 step P1; P1 by I1; I1 back_to P1 W1", "P1: I1", id="cycles end"),
        pytest.param("W1 step P1 P2; P1 back_to P2; P2 back_to P1", "P1: | P2:", id="a later step is not an item"),
        pytest.param("W1 step P1; W1 data D1; P1 by I1", "W1: D1 | P1: I1", id="custom types"),
        pytest.param("W1 step P1; W1 stage I1; I1 env E1", "P1: | I1: E1", id="custom ordered edges"),
        pytest.param("W1 step P1 P1; W1 related P2; P1 likes I1", "P1:", id="associations are not followed"),
        pytest.param("W1 step P1 P2; W1 covers P1; P2 covers P1", "P1: | P2:", id="named twice, once a step"),
    ],
)
def test_reading_path(edges: str, path: str) -> None:
    graph = parse_graph(edges)
    actual = reading_paths(graph, SCHEMA)
    assert format_path(actual["Workflow/W1"]) == path
    assert sorted(actual["Workflow/W1"].pages()) == sorted(["Workflow/W1", *graph.below(["Workflow/W1"], SCHEMA)]), (
        "not every page is included once"
    )


def test_workflow_without_pages_below_has_no_path() -> None:
    assert reading_paths(parse_graph("W1; P1 by I1; W2 related P1"), SCHEMA) == {}
    assert reading_paths(parse_graph(""), SCHEMA) == {}


def test_pages_of_a_path_are_in_reading_order() -> None:
    path = reading_paths(parse_graph("W1 step P1; W1 uses H1; P1 by I1"), SCHEMA)["Workflow/W1"]
    assert [name.partition("/")[2] for name in path.pages()] == ["W1", "H1", "P1", "I1"]


@pytest.mark.parametrize(
    ("edges", "page", "trail"),
    [
        pytest.param("W1 step P1; P1 by I1", "I1", "W1 P1 I1", id="down"),
        pytest.param("W1 step P1; P1 by I1", "W1", "W1", id="a Workflow itself"),
        pytest.param("W1 step P1; P1 by I1; I1 uses H1; W2 uses H1", "H1", "W2 H1", id="the shortest"),
        pytest.param("W1 step P1 P2; P2 by I1; P1 by I1; W2 step P2", "I1", "W1 P1 I1", id="the first of equals"),
        pytest.param("W1 step P1; P1 back_to W1 P2; P2 back_to P1", "P2", "W1 P1 P2", id="in a cycle"),
        pytest.param("W1 step P1; P1 related P2", "P2", "", id="associations are not followed"),
        pytest.param("W1 step P1; I1 env E1", "E1", "", id="no Workflow leads there"),
    ],
)
def test_trail(edges: str, page: str, trail: str) -> None:
    actual = trails(parse_graph(edges), SCHEMA).get(page_id(page), ())
    assert " ".join(name.partition("/")[2] for name in actual) == trail


@pytest.mark.parametrize(
    ("edges", "page", "names"),
    [
        ("W1 step P1; P1 by I1; I1 env E1; W1 uses H1", "W1", "W1 P1 H1 I1 E1"),
        ("W1 step P1; P1 by I1", "I1", "I1"),
        ("P1 by I1 I2; I1 env E1; I2 env E1; P1 related P2", "P1", "P1 I1 I2 E1"),
        ("P1 back_to P2; P2 back_to P1", "P2", "P2 P1"),
    ],
)
def test_below(edges: str, page: str, names: str) -> None:
    actual = [page_id(page), *parse_graph(edges).below([page_id(page)], SCHEMA)]
    assert " ".join(name.partition("/")[2] for name in actual) == names


def test_paths_of_a_real_wiki(corpus: Path) -> None:
    config = load_config(ROOT, [corpus])
    paths = reading_paths(load_wiki(config).graph, config.schema).values()
    assert sorted(sum(phase.step != path.workflow for phase in path.phases) for path in paths) == [6, 7, 7, 7, 8, 8]
