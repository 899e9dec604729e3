"""The real Quarto, on a wiki with every construct."""

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


def select_one(page: Path, selector: str) -> Tag:
    tag = site_checks.soup(page).select_one(selector)
    assert tag, f"{page.name} has no {selector}"
    return tag


def test_references_resolve_and_request_no_other_host(quarto_project: Path) -> None:
    site = quarto_project / "_site"
    assert len(list(site.glob("notes/*/*.html"))) == 6 + PAGES
    assert not (site / "elsewhere").exists()  # a notes folder elsewhere in the tree is ignored
    assert site_checks.dead_references(site) == []
    assert site_checks.external_requests(site) == []


def test_note_has_its_parts(quarto_project: Path) -> None:
    note = quarto_project / "_site/notes/principle/acme_kit_Loss.html"
    assert select_one(note, "h1.title").get_text() == 'Loss: "how wrong" #1 --- really'
    assert select_one(note, "meta[name=description]")["content"] == "What training makes small."
    assert [c.get_text() for c in site_checks.soup(note).select(".tw-strip .tw-domain")] == ["Training", "Maths"]
    assert select_one(note, ".tw-badge.tw-principle").get_text() == "Principle"
    assert select_one(note, "math[display=block]")
    assert select_one(note, "table td:nth-of-type(2) code").get_text() == "4 | 4.0"
    assert select_one(note, "a.footnote-ref")
    link = select_one(note, "section#worked-example a.tw-link")
    assert str(link["href"]).endswith("acme_kit_Gradient_Descent.html#usage")
    graph = json.loads(str(select_one(note, ".tw-graph")["data-graph"]))
    assert {node["url"] for node in graph["nodes"]} >= {"acme_kit_Loss.html", "../workflow/acme_kit_Train_Model.html"}


def test_code_is_byte_identical(quarto_project: Path) -> None:
    note = quarto_project / "_site/notes/implementation/acme_kit_Squared_Error.html"
    code = select_one(note, "pre code").get_text()
    assert code.startswith("def squared_error(y, p):\n\treturn sum(")
    assert "# [[not a link]]" in code


def test_source_locations_link_to_the_repository(quarto_project: Path) -> None:
    link = select_one(quarto_project / "_site/notes/implementation/acme_kit_Squared_Error.html", "a.tw-location")
    assert link["href"] == "https://github.com/acme/kit/blob/HEAD/src/kit/loss.py#L10-L12"


def test_diagrams_callouts_and_images(quarto_project: Path) -> None:
    site = quarto_project / "_site/notes"
    assert "graph TD" in select_one(site / "workflow/acme_kit_Train_Model.html", ".tw-mermaid pre").get_text()
    assert select_one(site / "heuristic/acme_kit_Start_Small.html", ".callout-tip")
    assert select_one(site / "principle/acme_kit_Gradient_Descent.html", "main img")["alt"] == "A slope"


def test_missing_targets_are_marked_not_linked(quarto_project: Path) -> None:
    missing = select_one(quarto_project / "_site/notes/implementation/acme_kit_Squared_Error.html", ".tw-missing")
    assert (missing.name, missing.get_text()) == ("span", "numpy")


def test_listing_and_search_contain_every_note(quarto_project: Path) -> None:
    site = quarto_project / "_site"
    titles = [a.get_text(strip=True) for a in site_checks.soup(site / "index.html").select(".tw-list .listing-title")]
    assert len(titles) == 6
    assert 'Loss: "how wrong" #1 --- really' in titles
    entries = json.loads((site / "search.json").read_text(encoding="utf-8"))
    assert len({entry["href"].partition("#")[0] for entry in entries}) == 1 + 6 + PAGES - 1  # not 404


def test_failing_hook_prints_its_error(quarto: str, tmp_path: Path) -> None:
    project = copy_project(tmp_path, WIKI)
    config = project / "_quarto.yml"
    text = config.read_text(encoding="utf-8").replace("# source: ../our-wiki", "sorce: data/wikis")
    config.write_text(text, encoding="utf-8")
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    result = subprocess.run(
        [quarto, "render"], cwd=project, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode
    assert "W003 typedwiki: sorce: unknown key (did you mean `source`?)" in result.stderr
