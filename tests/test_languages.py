"""Names of types and edges in other languages, and those that a wiki gives itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from authoring import run, snapshot, understood, written
from test_cli import wiki
from typedwiki import schema

FOLDERS = [
    ("Prinzipien", "Abläufe", "Umgebungen"),
    ("principes", "recettes", "environnements"),
    ("Principios", "Flujos de trabajo", "Entornos"),
    ("原理", "流程", "环境"),
]


@pytest.mark.parametrize("folders", FOLDERS)
def test_folders_are_understood_and_kept(folders: tuple[str, str, str], tmp_path: Path) -> None:
    here = written(tmp_path, {f"{folder}/Page.md": "# Page\n" for folder in folders})
    assert set(understood(here).graph.pages) == {"Principle/Page", "Workflow/Page", "Environment/Page"}
    assert run(here, "new", "Principle", "Another") == 0
    assert f"{folders[0]}/Another.md" in snapshot(here)


@pytest.mark.parametrize(
    ("name", "edge", "backwards"),
    [
        ("umgesetzt_durch", "implemented_by", False),
        ("setzt um", "implemented_by", True),
        ("nécessite", "requires_env", False),
        ("paso_de", "step", True),
        ("步骤", "step", False),
    ],
)
def test_edges_are_understood(name: str, edge: str, backwards: bool) -> None:
    best = schema.load().orientations(name)[0]
    assert (best.edge.name, best.backwards) == (edge, backwards)


def test_a_wiki_names_things_itself(tmp_path: Path) -> None:
    here = written(
        tmp_path, {"Gesetze/Loss.md": "# Loss\n\n[[folgt_aus::Principle:Gain]]\n", "Gesetze/Gain.md": "# Gain\n"}
    )
    (problem,) = [p for p in understood(here).problems if p.code == "R007"]
    assert "`typedwiki: names: {Principle: [Gesetze]}`" in problem.hint
    names = {"Principle": ["Gesetze"], "Overview": "Worum es geht"}
    (here / "_quarto.yml").write_text(json.dumps({"typedwiki": {"names": names}}), encoding="utf-8")
    assert set(understood(here).graph.pages) == {"Principle/Loss", "Principle/Gain"}
    assert schema.load(None, names).sections["worum_es_geht"] == "Overview"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("{Prinziple: [X]}", "1:21: error W003 typedwiki: names: Prinziple: `Prinziple` is no type, edge or section"),
        ("{Principle: 3}", "1:21: error W003 typedwiki: names: Principle: must be a list of names"),
    ],
)
def test_wrong_names_are_told(names: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "data/wikis").mkdir(parents=True)
    (tmp_path / "_quarto.yml").write_text(f"typedwiki: {{names: {names}}}")
    done = wiki("--project", tmp_path, "check")
    assert done.returncode == 2
    assert said in done.stderr
