"""Pages about the whole wiki stay small in a large one: the rest of their lists loads on request."""

from __future__ import annotations

import json

import pypandoc
import pytest
from bs4 import BeautifulSoup

from build_steps import generate
from typedwiki.config import load_config
from typedwiki.pipeline import load_wiki
from wiki_generator import write_wiki

pytestmark = pytest.mark.slow

PAGES = 2500
MOST_ELEMENTS = 2600
"""Elements within the content; a page of Quarto has some 300 around it."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The notes of a large wiki in which 400 pages have problems."""
    project = tmp_path_factory.mktemp("growth")
    write_wiki(project / "data/wikis", PAGES)
    for number in range(400):
        folder = project / "data/wikis/more/Workflow"
        folder.mkdir(parents=True, exist_ok=True)
        text = f"# Flow {number}\n\n## Overview\n\nWords.\n\n[[step::Principle:None_{number}]]\n"
        (folder / f"Flow_{number}.md").write_text(text, encoding="utf-8")
    (project / "_quarto.yml").write_text("website: {title: Large}\n", encoding="utf-8")
    config = load_config(project)
    notes, _ = generate(load_wiki(config), config)
    return notes


def content(files: dict[str, bytes], name: str) -> BeautifulSoup:
    markdown = files[name].decode()
    return BeautifulSoup(pypandoc.convert_text(markdown, "html", "markdown"), "html.parser")


@pytest.mark.parametrize("name", ["wiki/audit.qmd", "wiki/report.qmd", "wiki/paths.qmd", "assets/ways-in.md"])
def test_page_does_not_grow_with_the_wiki(files: dict[str, bytes], name: str) -> None:
    assert len(content(files, name).find_all()) < MOST_ELEMENTS


def test_home_page_lists_a_limited_number_of_pages(files: dict[str, bytes]) -> None:
    assert files["assets/listing.yml"].count(b"\n") <= 150


def test_complete_list_is_in_a_data_file(files: dict[str, bytes]) -> None:
    box = content(files, "wiki/audit.qmd").select_one(".tw-filter")
    assert box
    name = str(box["data-file"])
    rows = json.loads(files[f"assets/{name}"].decode().partition("=[")[2].rpartition(";")[0].join(("[", "")))
    assert len(rows) == int(str(box["data-total"])) > len(box.select("li"))
    assert BeautifulSoup(rows[0], "html.parser").get_text() == box.select("li")[0].get_text()


def test_audit_lists_pages_with_the_worst_problems_first(files: dict[str, bytes]) -> None:
    items = content(files, "wiki/audit.qmd").select(".tw-filter li")
    severity = [
        ("error", "warning", "info").index(str(item.select(".tw-severity")[0]["class"][1])[3:]) for item in items
    ]
    pages = [str((item.select_one(".tw-at > a, .tw-at > code") or item).get_text()) for item in items]
    worst = {page: min(s for s, other in zip(severity, pages, strict=True) if other == page) for page in pages}
    assert len(set(severity)) > 1
    assert list(worst.values()) == sorted(worst.values())
