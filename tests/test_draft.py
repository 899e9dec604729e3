"""The draft of this project's own wiki: complete, linked and self-contained."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import Tag
from packaging.requirements import Requirement

import site_checks
from conftest import GOLDEN, ROOT, build_draft, copy_project
from typedwiki.config import load_config
from typedwiki.pipeline import load_wiki

pytestmark = pytest.mark.slow


def select_one(page: Path, selector: str) -> Tag:
    tag = site_checks.soup(page).select_one(selector)
    assert tag, f"{page.name} has no {selector}"
    return tag


def test_every_page_has_a_note(draft_site: Path) -> None:
    wiki = load_wiki(load_config(ROOT))
    notes = [page for page in draft_site.glob("notes/**/*.html") if page.parent.name not in ("wiki", "path")]
    assert len(notes) == len(wiki.graph.pages)


def test_references_resolve_and_request_no_other_host(draft_site: Path) -> None:
    assert site_checks.dead_references(draft_site) == []
    assert site_checks.external_requests(draft_site) == []


def test_note_has_its_parts(draft_site: Path) -> None:
    note = draft_site / "notes/workflow/QLoRA_Finetuning.html"
    assert select_one(note, "h1.title").get_text() == "QLoRA Finetuning"
    assert select_one(note, ".tw-strip .tw-badge.tw-workflow").get_text() == "Workflow"
    assert select_one(note, ".tw-lead p").get_text().startswith("QLoRA adapts")
    steps = select_one(note, "#connections .tw-edges ol").find_all("a", class_="tw-principle")
    assert [a.get_text() for a in steps][:2] == ["Block Wise Quantization", "Low Rank Adaptation"]
    sections = [str(s["id"]) for s in site_checks.soup(note).select("main > section")]
    assert sections[-2:] == ["connections", "sources"]
    assert select_one(note, "#sources a")["href"] == "https://arxiv.org/abs/2305.14314"


def test_graphs_are_small_and_complete(draft_site: Path) -> None:
    for note in (page for page in draft_site.glob("notes/*/*.html") if page.parent.name not in ("wiki", "path")):
        box = select_one(note, ".tw-graph")
        assert len(str(box)) < 15_000
        graph = json.loads(str(box["data-graph"]))
        for node in graph["nodes"]:
            assert (note.parent / node["url"]).resolve().is_file()
            assert isinstance(node["x"], int)
        numbers = {node["id"] for node in graph["nodes"]}
        assert {edge["from"] for edge in graph["edges"]} | {edge["to"] for edge in graph["edges"]} <= numbers
        assert all(edge["label"] for edge in graph["edges"])


def test_formulas_code_callouts_and_footnotes(draft_site: Path) -> None:
    note = draft_site / "notes/principle/Batching_and_Gradient_Accumulation.html"
    assert select_one(note, "math")
    assert select_one(note, ".callout .callout-header")
    assert select_one(note, "a.footnote-ref")
    assert select_one(draft_site / "notes/implementation/Torch_AdamW.html", "pre.sourceCode code span")


def test_table_columns_have_no_fixed_widths(draft_site: Path) -> None:
    """Pandoc would derive the widths of a table with a long line from the dashes below its head."""
    note = site_checks.soup(draft_site / "notes/workflow/QLoRA_Finetuning.html")
    assert [cell.get_text() for cell in note.select("#the-ten-lines th")] == ["Line", "What it really decides", "Step"]
    assert not note.select("#the-ten-lines col, #the-ten-lines table[style]")


def test_images_beside_a_page_are_copied(draft_site: Path) -> None:
    image = select_one(draft_site / "notes/principle/Binary_Number_Representation.html", "main img")
    assert (draft_site / "notes/principle" / str(image["src"])).resolve().is_file()


def test_home_page_lists_every_note(draft_site: Path) -> None:
    home = draft_site / "index.html"
    wiki = load_wiki(load_config(ROOT))
    assert len(site_checks.soup(home).select(".tw-list > li")) == len(wiki.graph.pages)
    cards = [card.get_text(" ", strip=True) for card in site_checks.soup(home).select(".tw-card")]
    assert "Workflows 6 a guide in ordered steps" in cards


def test_home_page_shows_starting_points(draft_site: Path) -> None:
    home = site_checks.soup(draft_site / "index.html")
    assert (
        select_one(draft_site / "index.html", "h1").get_text() == "Pages with types, and links that say what they mean"
    )
    size = select_one(draft_site / "index.html", ".tw-size").get_text(" ", strip=True)
    assert re.fullmatch(r"\d+ pages · \d+ connections · last changed [A-Z][a-z]{2} \d+, \d{4}", size)
    starts = [" ".join(card.get_text(" ", strip=True).split()) for card in home.select(".tw-starts .tw-card")]
    assert len(starts) == 6
    assert starts[0].startswith("Adapter Deployment From a finished adapter")
    assert starts[0].endswith("2 steps · 26 min")
    newest = [str(item.get_text(" ", strip=True)) for item in home.select(".tw-newest li")]
    assert len(newest) == 5
    order = [section["id"] for section in home.select("main > section[id]")]
    assert order == ["start", "by-type", "changed-last", "all-pages"]
    assert site_checks.soup(draft_site / "index.html").select_one("meta[name=description]")


def test_title_of_another_wiki_is_its_folder(tmp_path: Path) -> None:
    """A wiki given by --source does not take the title and description of this project."""
    wiki = tmp_path / "bread-handbook/wiki/Principle"
    wiki.mkdir(parents=True)
    (wiki / "Dough.md").write_text("# Dough\n\n## Overview\n\nFlour and water.\n", encoding="utf-8")
    command = [sys.executable, "scripts/wiki.py", "draft", f"--source={wiki.parent}", f"--site={tmp_path}/s"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert select_one(tmp_path / "s/index.html", "h1").get_text() == "Bread handbook"
    assert "language model" not in (tmp_path / "s/index.html").read_text(encoding="utf-8").lower()


def test_notes_link_to_their_neighbours_of_the_same_type(draft_site: Path) -> None:
    beside = select_one(draft_site / "notes/heuristic/Clip_the_Gradient_Norm.html", "nav.tw-beside")
    assert [(a["rel"], a["href"]) for a in beside.select("a")] == [
        (["prev"], "Checkpoint_Activations_When_Memory_Bound.html"),
        (["next"], "Effective_Batch_Size.html"),
    ]


def test_edit_changes_few_files(tmp_path: Path) -> None:
    project = copy_project(tmp_path, GOLDEN / "two_dialects/wiki")
    build_draft(project)
    assert " 0 files written" in build_draft(project)
    page = project / "data/wikis/heuristics/acme_kit_Start_Small.md"
    page.write_text(page.read_text(encoding="utf-8") + "\nIt helps.\n", encoding="utf-8")
    count = int(re.findall(r"(\d+) files? written", build_draft(project))[-1])
    assert 1 <= count <= 4  # the note, its page data, the listing


def test_titles_with_markup_are_shown_unchanged(tmp_path: Path) -> None:
    titles = [
        "a: b",
        "\"quoted\" 'q'",
        "#hash",
        "--- dashes",
        "😀 *stars* _x_",
        "<b>&amp; `c`",
        "$x$ [y](z)",
        "{{< x >}}",
    ]
    for number, title in enumerate(titles):
        page = tmp_path / f"wiki/Principle/P{number}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(
            f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\n---\n## Overview\nText.\n",
            encoding="utf-8",
        )
    source, site = tmp_path / "wiki", tmp_path / "s"
    command = [sys.executable, "scripts/wiki.py", "draft", f"--source={source}", f"--site={site}"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    notes = [site / f"notes/principle/P{number}.html" for number in range(len(titles))]
    # An invisible word joiner keeps Quarto from expanding what looks like a shortcode.
    assert [select_one(note, "h1.title").get_text().replace("\u2060", "") for note in notes] == titles


def test_temporary_files_of_a_killed_draft_are_removed(tmp_path: Path) -> None:
    site = tmp_path / "s"
    (site / "notes").mkdir(parents=True)
    (site / "notes/.half.1.typedwiki.tmp").write_bytes(b"x")
    (site / "notes/.mine").write_bytes(b"x")
    source = GOLDEN / "problems/wiki"
    command = [sys.executable, "scripts/wiki.py", "draft", f"--source={source}", f"--site={site}", "--no-search"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert sorted(path.name for path in (site / "notes").glob(".*")) == [".mine"]


def test_audit_lists_every_problem_and_notes_link_to_it(tmp_path: Path) -> None:
    site = tmp_path / "s"
    command = [sys.executable, "scripts/wiki.py", "draft", f"--source={GOLDEN / 'problems/wiki'}", f"--site={site}"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    audit = site / "notes/wiki/audit.html"
    problems = site_checks.soup(audit).select("#problems li")
    assert len(problems) == len((GOLDEN / "problems/problems.txt").read_text(encoding="utf-8").splitlines())
    link = select_one(site / "notes/principle/Broken.html", ".tw-strip a.tw-problems")
    assert link.get_text() == "7 problems"
    target = site_checks.soup(audit).find(id=str(link["href"]).partition("#")[2])
    assert target
    assert target.get_text().strip().startswith("Broken")
    wanted_rows = [
        row.get_text(" ", strip=True) for row in site_checks.soup(site / "notes/wiki/wanted.html").select("tbody tr")
    ]
    assert wanted_rows == ["Heuristic:Broken thing 1 Broken", "Principle:Brokn 1 Broken"]
    assert site_checks.dead_references(site) == []


def test_workflow_merges_requirements_of_its_environments(draft_site: Path) -> None:
    note = draft_site / "notes/workflow/QLoRA_Finetuning.html"
    rows = {
        row.select("td")[0].get_text(strip=True): [cell.get_text(" ", strip=True) for cell in row.select("td")[1:]]
        for row in site_checks.soup(note).select("#requirements tbody tr")
    }
    assert rows["torch"] == [
        ">=2.6,<3",
        "BitsAndBytes CUDA line 47 , Transformers PEFT line 26 , PyTorch CPU line 41",
    ]
    assert rows["compute capability"][0].startswith(">=7.5")
    command = shlex.split(site_checks.soup(note).select("#requirements-pip pre code")[0].get_text())
    assert command[:2] == ["pip", "install"]
    assert {Requirement(word).name for word in command[2:]} >= {"torch", "transformers", "peft", "bitsandbytes"}


def test_report_page_has_links(draft_site: Path) -> None:
    report = draft_site / "notes/wiki/report.html"
    assert [h.get_text() for h in site_checks.soup(report).select("h2")] == [
        "What each Workflow covers",
        "Environments",
        "Heuristics",
    ]
    row = select_one(report, "#environments .tw-long li")
    assert row.select_one("a.tw-environment")
    assert row.select("a.tw-implementation")
    covered = select_one(report, "#coverage .tw-long li").get_text(" ", strip=True)
    assert re.search(r"\d steps? \d+% complete Implementations \d/\d Environments \d/\d", covered)


def test_not_found_page_works_at_any_address(tmp_path: Path) -> None:
    """It is served in any folder, so its links start at the root of the site."""
    project = copy_project(tmp_path, GOLDEN / "two_dialects/wiki")
    settings = project / "_quarto.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace("website:\n", "website:\n  site-url: https://example.org/wiki\n"), encoding="utf-8"
    )
    build_draft(project)
    not_found = project / "_site/404.html"
    assert select_one(not_found, "h1").get_text() == "Page not found"
    assert select_one(not_found, ".tw-explore[data-not-found] [role=search] input[name=q]")
    assert select_one(not_found, "main a[href='/wiki/index.html']").get_text() == "Home"
    assert select_one(not_found, "meta[name='quarto:offset']")["content"] == "/wiki/"
    addresses = [str(tag[name]) for name in ("href", "src") for tag in site_checks.soup(not_found).select(f"[{name}]")]
    assert all(address.startswith(("/wiki/", "#", "https://example.org/")) for address in addresses), addresses
