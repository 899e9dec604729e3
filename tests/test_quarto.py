"""The real Quarto, on a wiki that holds one of everything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import Tag

import site_checks
from conftest import GOLDEN, copy_project

pytestmark = pytest.mark.quarto
WIKI = GOLDEN / "two_dialects/wiki"
PAGES = 9 + 1
"""About the wiki: 404, audit, explore, graph, guide, paths, report, rules, wanted; and its one reading path."""


def one(page: Path, selector: str) -> Tag:
    found = site_checks.soup(page).select_one(selector)
    assert found, f"{page.name} has no {selector}"
    return found


def test_references_resolve_and_stay_at_home(quarto_project: Path) -> None:
    site = quarto_project / "_site"
    assert len(list(site.glob("notes/*/*.html"))) == 6 + PAGES
    assert not (site / "elsewhere").exists()  # another notes folder in the tree is none of ours
    assert site_checks.dead_references(site) == []
    assert site_checks.external_requests(site) == []


def test_a_note_has_its_parts(quarto_project: Path) -> None:
    note = quarto_project / "_site/notes/principle/acme_kit_Loss.html"
    assert one(note, "h1.title").get_text() == 'Loss: "how wrong" #1 --- really'
    assert one(note, "meta[name=description]")["content"] == "What training makes small."
    assert [c.get_text() for c in site_checks.soup(note).select(".tw-strip .tw-domain")] == ["Training", "Maths"]
    assert one(note, ".tw-badge.tw-principle").get_text() == "Principle"
    assert one(note, "math[display=block]")
    assert one(note, "table td:nth-of-type(2) code").get_text() == "4 | 4.0"
    assert one(note, "a.footnote-ref")
    link = one(note, "section#worked-example a.tw-link")
    assert str(link["href"]).endswith("acme_kit_Gradient_Descent.html#usage")
    graph = json.loads(str(one(note, ".tw-graph")["data-graph"]))
    assert {node["url"] for node in graph["nodes"]} >= {"acme_kit_Loss.html", "../workflow/acme_kit_Train_Model.html"}


def test_code_is_byte_identical(quarto_project: Path) -> None:
    note = quarto_project / "_site/notes/implementation/acme_kit_Squared_Error.html"
    code = one(note, "pre code").get_text()
    assert code.startswith("def squared_error(y, p):\n\treturn sum(")
    assert "# [[not a link]]" in code


def test_source_locations_lead_to_the_repository(quarto_project: Path) -> None:
    link = one(quarto_project / "_site/notes/implementation/acme_kit_Squared_Error.html", "a.tw-location")
    assert link["href"] == "https://github.com/acme/kit/blob/HEAD/src/kit/loss.py#L10-L12"


def test_diagrams_callouts_and_images(quarto_project: Path) -> None:
    site = quarto_project / "_site/notes"
    assert "graph TD" in one(site / "workflow/acme_kit_Train_Model.html", ".tw-mermaid pre").get_text()
    assert one(site / "heuristic/acme_kit_Start_Small.html", ".callout-tip")
    assert one(site / "principle/acme_kit_Gradient_Descent.html", "main img")["alt"] == "A slope"


def test_missing_targets_are_marked_not_linked(quarto_project: Path) -> None:
    missing = one(quarto_project / "_site/notes/implementation/acme_kit_Squared_Error.html", ".tw-missing")
    assert (missing.name, missing.get_text()) == ("span", "numpy")


def test_the_listing_and_search_know_every_note(quarto_project: Path) -> None:
    site = quarto_project / "_site"
    titles = [a.get_text(strip=True) for a in site_checks.soup(site / "index.html").select(".tw-list .listing-title")]
    assert len(titles) == 6
    assert 'Loss: "how wrong" #1 --- really' in titles
    found = json.loads((site / "search.json").read_text(encoding="utf-8"))
    assert len({entry["href"].partition("#")[0] for entry in found}) == 1 + 6 + PAGES - 1  # not 404


def test_a_failing_hook_explains_itself(quarto: str, tmp_path: Path) -> None:
    here = copy_project(tmp_path, WIKI)
    config = here / "_quarto.yml"
    text = config.read_text(encoding="utf-8").replace("# source: ../our-wiki", "sorce: data/wikis")
    config.write_text(text, encoding="utf-8")
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    done = subprocess.run(
        [quarto, "render"], cwd=here, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode
    assert "W003 typedwiki: sorce: unknown key (did you mean `source`?)" in done.stderr
