"""The report's tables, compared with those that maintainers wrote by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from conftest import ROOT
from test_resolve import SCHEMA, resolve_wiki
from typedwiki.config import load_config
from typedwiki.model import Graph
from typedwiki.pages.report import first_sentence, key_requirements, report
from typedwiki.pipeline import load_wiki
from typedwiki.requirements.inherit import wiki_requirements
from typedwiki.requirements.model import Requirement

PAGES = {
    "Workflow/W": "# A | B\n[[step::Principle:P]] [[step::Principle:Q]]",
    "Workflow/Empty": "",
    "Principle/P": "[[implemented_by::Implementation:I]]",
    "Principle/Q": "[[uses_heuristic::Heuristic:H]]",
    "Implementation/I": "# The code\n[[requires_env::Environment:E]]",
    "Environment/E": "## Dependencies\n- Python 3.10+\n- `torch` >= 2.2\n- `tqdm`\n- `wandb` >= 1 (optional)\n",
    "Heuristic/H": (
        "## Overview\nUse a|b, e.g. 2.0 of *them*. Not more.\n## Connections\n- [[applies_to::Workflow:W]]\n"
        "- [[uses_heuristic::Principle:Q]]\n"
    ),
}


def requirements_of(graph: Graph) -> Mapping[str, Sequence[Requirement]]:
    return wiki_requirements(graph.pages.values(), {}, SCHEMA, {}).rows


def tables(markdown: str) -> dict[str, list[list[str]]]:
    """The rows of the table below each heading, without head and rule."""
    result: dict[str, list[list[str]]] = {}
    for part in re.split(r"^#+ ", markdown, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        rows = [line for line in body.splitlines() if line.startswith("|")]
        cells = [[re.sub(r"\\(?=\W|_)", "", c.strip()) for c in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]
        result[heading] = cells[2:]
    return result


def test_report_of_a_small_wiki() -> None:
    graph, _ = resolve_wiki(PAGES)
    report_tables = tables(report(graph, SCHEMA, requirements_of(graph)))
    assert report_tables["Environments"] == [["E (`Environment/E`)", "1", "The code", "Python >=3.10, torch >=2.2"]]
    assert report_tables["Heuristics"] == [["H (`Heuristic/H`)", "2", "Q, A | B", "Use a|b, e.g. 2.0 of them."]]
    assert report_tables["A \\| B (`Workflow/W`)"] == [
        ["1", "P", "yes", "yes", "no"],
        ["2", "Q", "no", "no", "yes"],
        ["", "Covered: 50%", "1 of 2, 50%", "1 of 2, 50%", "1 of 2, 50%"],
    ]
    totals = {name: int(count) for name, count in report_tables["Totals"]}
    assert totals == {
        "Workflows": 2,
        "Principles": 2,
        "Implementations": 1,
        "Environments": 1,
        "Heuristics": 1,
        "Edges: step": 2,
        "Edges: implemented_by": 1,
        "Edges: requires_env": 1,
        "Edges: uses_heuristic": 2,
        "Environment links": 1,
        "Heuristic links": 2,
    }
    assert "No steps." in report(graph, SCHEMA, requirements_of(graph))


def test_every_row_has_as_many_cells_as_the_head() -> None:
    pages = {"Environment/a|b`c": "# One\\|two\n\n## Dependencies\n- `torch` >= 2 | 3\n", **PAGES}
    graph, _ = resolve_wiki(pages)
    widths: set[int] = set()
    for line in [*report(graph, SCHEMA, requirements_of(graph)).splitlines(), ""]:
        if line.startswith("|"):
            widths.add(len(re.findall(r"(?<!\\)\|", line)))
            assert len(widths) == 1, line
        else:
            widths.clear()


def test_report_of_an_empty_wiki() -> None:
    graph, _ = resolve_wiki({})
    assert tables(report(graph, SCHEMA, requirements_of(graph)))["Environments"] == []


def test_key_requirements_include_the_graphics_card() -> None:
    table = "## System Requirements\n\n| A | B |\n|---|---|\n| Hardware | NVIDIA GPU |\n| RAM | 16 GB |\n"
    graph, _ = resolve_wiki({"Environment/E": table})
    rows = requirements_of(graph)["Environment/E"]
    assert key_requirements(rows) == ("Hardware NVIDIA GPU", 0)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One. Two.", "One."),
        ("Use 2.0 here! Then rest.", "Use 2.0 here!"),
        ("As J. Doe said, i.e. This. Then rest.", "As J. Doe said, i.e. This."),
        ("No end", "No end"),
        ("", ""),
    ],
)
def test_first_sentence(text: str, first: str) -> None:
    assert first_sentence(text) == first


def test_report_reproduces_one_written_by_hand(corpus: Path) -> None:
    folder = corpus / "huggingface_transformers"
    config = load_config(ROOT, [folder])
    loaded = load_wiki(config)
    actual = tables(report(loaded.graph, config.schema, loaded.context.requirements.rows))
    by_hand = tables((folder / "_reports/phase3_enrichment.md").read_text(encoding="utf-8"))

    def linked_names(cell: str) -> set[str]:
        return {name.removesuffix(" workflow").replace("_", " ") for name in cell.split(", ")}

    environments = {re.findall(r"`Environment/(.*)`", row[0])[0]: row for row in actual["Environments"]}
    assert {name: linked_names(row[2]) for name, row in environments.items()} == {
        row[0]: linked_names(row[1]) for row in by_hand["Environments Created"]
    }
    assert sum(int(row[1]) for row in environments.values()) == 43
    heuristics = {re.findall(r"`Heuristic/(.*)`", row[0])[0]: row for row in actual["Heuristics"]}
    heuristics_by_hand = {row[0]: linked_names(row[1]) for row in by_hand["Heuristics Created"]}
    assert {name: linked_names(heuristics[name][2]) for name in heuristics_by_hand} == heuristics_by_hand
    assert sum(int(heuristics[name][1]) for name in heuristics_by_hand) == 24
    totals = dict(actual["Totals"])
    assert (totals["Environment links"], totals["Heuristic links"]) == ("43", "25")
