"""The pages of reading paths and their Markdown, as pandoc reads them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pypandoc
import pytest
from bs4 import BeautifulSoup, Tag

import site_checks
from build_steps import generate
from conftest import ROOT
from typedwiki.config import load_config
from typedwiki.notes.link_table import PLAIN_READER
from typedwiki.pipeline import load_wiki

PAGES = {
    "Workflow/Train": "# Train\n## Overview\n1. is no list. It trains.\n\n[[step::Principle:Loss]]"
    " [[step::Principle:Update]] [[uses_heuristic::Heuristic:Small]]\n\n## Metadata\n- **Sources**: [Paper: One](https://example.org/1)",
    "Principle/Loss": "# Loss\n## Overview\nHow wrong it is. A number.\n\n[[implemented_by::Implementation:MSE]]\n\n"
    "## Metadata\n- **Sources**: [Paper: One](https://example.org/1), [Book: Two](https://example.org/2)",
    "Principle/Update": "# Update\n## Overview\nA step downhill.\n\n[[implemented_by::Implementation:MSE]]"
    " [[implemented_by::Implementation:SGD]]",
    "Implementation/MSE": "# MSE\n## Overview\nSquares differences. And averages them.\n\n" + "word " * 500
    + "\n\n[[requires_env::Environment:Py]]",
    "Implementation/SGD": "# SGD",
    "Environment/Py": "# Py\n## Overview\nPython.\n\n[[required_by::Implementation:SGD]]",
    "Heuristic/Small": "# Small\n## Overview\nStart small.",
}  # fmt: skip
HOSTILE = (
    "<script>x</script>",
    "</label>{{< env HOME >}}](javascript:x){onclick=y}",
    "**b** `c` | [x](y) $z$ {#id}",
    "- [ ] # h",
    "<img src=x onerror=y> ![i](https://evil.example/i.png)",
)


def generate_texts(folder: Path, wiki: dict[str, str]) -> dict[str, str]:
    """The generated text files of a wiki given by "Type/Name"."""
    for name, tag_text in wiki.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.md").write_text(tag_text, encoding="utf-8")
    folder.mkdir(exist_ok=True)
    config = load_config(ROOT, [folder])
    files, _ = generate(load_wiki(config), config)
    return {name: data.decode() for name, data in files.items() if name.endswith((".qmd", ".md"))}


def render_html(markdown: str, reader: str = PLAIN_READER) -> BeautifulSoup:
    command = [str(pypandoc.get_pandoc_path()), "-f", reader, "-t", "html", "--section-divs", "--wrap=none"]
    result = subprocess.run(command, input=markdown, capture_output=True, encoding="utf-8", check=True)
    return BeautifulSoup(result.stdout, "html.parser")


def tag_text(tag: Tag | None) -> str:
    assert tag
    return tag.get_text(" ", strip=True)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return generate_texts(tmp_path_factory.mktemp("paths") / "w", PAGES)


def test_path_lists_every_page_once_in_its_step(files: dict[str, str]) -> None:
    page = render_html(files["path/Train.qmd"])
    actual = {
        tag_text(section.h2): [tag_text(item) for item in section.select("ul.task-list > li")]
        for section in page.select("section.level2")
    }
    assert actual == {
        "Before you start 2 min": ["Train Workflow 1 min", "Small Heuristic 1 min"],
        "Step 1: Loss 5 min": ["Loss Principle 1 min", "MSE Implementation 3 min", "Py Environment 1 min"],
        "Step 2: Update 2 min": ["Update Principle 1 min", "SGD Implementation 1 min"],
        "Sources": [],
    }
    assert tag_text(page.select_one(".tw-strip .tw-minutes")) == "2 steps · 7 pages · 9 min"
    assert tag_text(page.select_one(".tw-lead")) == "1. is no list. It trains."
    assert len(page.select("li > label > input[type=checkbox]")) == 7, "each item has a checkbox without a script"


def test_checkpoints_summarize_their_pages(files: dict[str, str]) -> None:
    before, first, second = render_html(files["path/Train.qmd"]).select(".tw-checkpoint")
    assert [tag_text(item) for item in before.select("li")] == ["Small: Start small."]
    expected = ["Loss: How wrong it is. A number.", "MSE: Squares differences.", "Py: Python."]
    assert [tag_text(item) for item in first.select("li")] == expected
    assert [tag_text(item) for item in second.select("li")] == ["Update: A step downhill."]


def test_path_ends_with_its_deduplicated_sources(files: dict[str, str]) -> None:
    last = render_html(files["path/Train.qmd"]).select("section")[-1]
    assert last["id"] == "sources"
    assert [tag_text(item) for item in last.select("li")] == ["Paper One", "Book Two"]


def test_workflow_and_its_path_link_to_each_other(files: dict[str, str]) -> None:
    link = render_html(files["workflow/Train.qmd"]).select_one(".tw-strip a[href='../path/Train.html']")
    assert tag_text(link) == "Reading path, 9 min"
    assert render_html(files["path/Train.qmd"]).select_one(".tw-strip a[href='../workflow/Train.html']")


def test_exported_markdown_is_self_contained(files: dict[str, str]) -> None:
    exported = files["assets/exports/path-Train.md"]
    page = render_html(exported, "commonmark+task_lists")
    assert tag_text(page.h1) == "Reading path: Train"
    assert [tag_text(h) for h in page.select("h2")] == [
        "Before you start (2 min)", "Step 1: Loss (5 min)", "Step 2: Update (2 min)", "Sources",
    ]  # fmt: skip
    assert "MSE (Implementation, 3 min): Squares differences. And averages them." in tag_text(page)
    assert len(page.select("input[type=checkbox]")) == 7
    assert page.select("ol") == []
    assert {str(a["href"]) for a in page.select("a")} == {"https://example.org/1", "https://example.org/2"}
    assert not re.search(r"tw-|:::|\{", exported)
    assert render_html(files["path/Train.qmd"]).select_one("a[download][href='../assets/exports/path-Train.md']")


def test_index_compares_paths(tmp_path: Path) -> None:
    other = {"Workflow/Other": "[[step::Principle:Loss]]", "Workflow/Alone": "Leads nowhere."}
    page = render_html(generate_texts(tmp_path / "w", PAGES | other)["wiki/paths.qmd"])
    rows = [[tag_text(part) for part in row.find_all("span", recursive=False)] for row in page.select(".tw-paths li")]
    assert rows == [
        ["Other", "1 step", "4 pages", "6 min", "Needs Py"],
        ["Train", "2 steps", "7 pages", "9 min", "Needs Py"],
    ]
    assert tag_text(page.select_one(".tw-size")).startswith("2 paths lead to 8 pages, 10 min in all")
    assert page.select_one("li a[href='../path/Train.html']")


def test_empty_wiki_has_no_paths_and_says_so(tmp_path: Path) -> None:
    actual = generate_texts(tmp_path / "w", {})
    assert "No Workflow leads to other pages yet." in actual["wiki/paths.qmd"]
    assert [name for name in actual if name.startswith("path/")] == []


def test_paths_of_two_top_types_have_distinct_names(tmp_path: Path) -> None:
    wiki = {"Workflow/A": "[[uses_heuristic::Heuristic:H]]", "Course/A": "[[uses_heuristic::Heuristic:H]]"}
    for name, body in (wiki | {"Heuristic/H": ""}).items():
        path = tmp_path / "data/wikis" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body, encoding="utf-8")
    (tmp_path / "_quarto.yml").write_text("typedwiki: {schema: {types: {Course: {rank: 0}}}}\n", encoding="utf-8")
    config = load_config(tmp_path)
    files, _ = generate(load_wiki(config), config)
    assert {name for name in files if name.startswith("path/")} >= {"path/A.qmd", "path/course~A.qmd"}


@pytest.mark.parametrize("attack", HOSTILE)
def test_markup_in_titles_overviews_and_sources_is_escaped(tmp_path: Path, attack: str) -> None:
    quoted = attack.replace("'", "''")
    front_matter = f"---\ntitle: '{quoted}'\ndescription: '{quoted}'\nsources: ['{quoted}']\n---\n"
    wiki = {
        "Workflow/W": f"{front_matter}## Overview\n{attack}\n\n[[step::Principle:P]]\n",
        "Principle/P": f"{front_matter}## Overview\n{attack}\n\n[[uses_heuristic::Heuristic:H]]\n",
        "Heuristic/H": f"{front_matter}## Overview\n{attack}\n",
    }
    files = generate_texts(tmp_path / "w", wiki)
    pages = {name: render_html(files[name]) for name in ("path/W.qmd", "wiki/paths.qmd")}
    pages["export"] = render_html(files["assets/exports/path-W.md"], "commonmark+task_lists")
    for name, page in pages.items():
        assert page.select("script, img, [onclick], [onerror], code, math, h3") == [], name
        assert not [a for a in page.select("a") if str(a["href"]).startswith("javascript")], name
        for markdown in (files["path/W.qmd"], files["wiki/paths.qmd"]):
            assert "{{<" not in markdown
    assert len(pages["path/W.qmd"].select("input")) == len(pages["export"].select("input")) == 3
    assert attack.split()[-1].strip("*") in tag_text(pages["path/W.qmd"])


@pytest.mark.slow
def test_real_wiki_has_a_path_for_each_workflow(corpus: Path) -> None:
    config = load_config(ROOT, [corpus])
    files, _ = generate(load_wiki(config), config)
    steps = [data.count(b"\n## Step ") for name, data in files.items() if re.match(r"path/.*\.qmd$", name)]
    assert sorted(steps) == [6, 7, 7, 7, 8, 8]


def test_links_of_sample_paths_work(draft_site: Path) -> None:
    pages = sorted((draft_site / "notes/path").glob("*.html"))
    assert len(pages) == 6
    for page in pages:
        for link in site_checks.soup(page).select("main a[href]"):
            address = str(link["href"])
            if not address.startswith(("http", "#")):
                assert (page.parent / address.partition("#")[0]).resolve().is_file(), address
