"""The parts of a note around the page's own text: breadcrumbs, connections and facts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import Tag

import site_checks
from conftest import ROOT


def normalized_text(tag: Tag) -> str:
    return " ".join(tag.get_text(" ", strip=True).split())


def connection_group(note: Path, label: str) -> list[Tag]:
    """The items of a group of connections, by its label."""
    for tag in site_checks.soup(note).select("#connections .tw-edge"):
        if tag.get_text().partition(" · ")[0] == label and tag.parent:
            items = tag.parent.find_next_sibling(["ul", "ol"])
            return items.find_all("li", recursive=False) if items else []
    return []


@pytest.mark.parametrize(
    ("note", "trail"),
    [
        ("workflow/QLoRA_Finetuning", None),
        ("principle/Low_Rank_Adaptation", ["QLoRA Finetuning"]),
        ("implementation/PEFT_LoraConfig", ["QLoRA Finetuning", "Low Rank Adaptation"]),
    ],
)
def test_breadcrumbs_start_at_a_workflow(draft_site: Path, note: str, trail: list[str] | None) -> None:
    soup = site_checks.soup(draft_site / f"notes/{note}.html")
    crumbs = soup.select_one('main [role=navigation][aria-label="Breadcrumb"]')
    if trail is None:
        assert crumbs is None
        return
    assert crumbs
    assert [normalized_text(item) for item in crumbs.select("ol > li")] == trail
    assert [normalized_text(link) for link in crumbs.select("a")] == trail
    strip = crumbs.find_next(class_="tw-strip")
    assert strip is soup.select_one(".tw-strip")


def test_groups_show_their_counts(draft_site: Path) -> None:
    note = draft_site / "notes/principle/Low_Rank_Adaptation.html"
    labels = {tag.get_text() for tag in site_checks.soup(note).select("#connections .tw-edge")}
    assert {"Step of · 2", "Implemented by · 3", "Uses"} <= labels
    for page in draft_site.glob("notes/*/*.html"):
        for label in site_checks.soup(page).select("#connections .tw-edge"):
            name, _, count = label.get_text().partition(" · ")
            if name != "Similar pages":
                assert len(connection_group(page, name)) == int(count or 1), page


def test_step_shows_its_position_and_neighbours(draft_site: Path) -> None:
    first, *_ = connection_group(draft_site / "notes/principle/Low_Rank_Adaptation.html", "Step of")
    assert normalized_text(first).startswith(
        "QLoRA Finetuning step 2 of 8, after Block Wise Quantization and before Inst"
    )
    assert [link["href"] for link in first.select(".tw-place a")] == [
        "Block_Wise_Quantization.html",
        "Instruction_Formatting.html",
    ]
    (start,) = connection_group(draft_site / "notes/principle/Binary_Number_Representation.html", "Step of")[:1]
    assert "step 1 of" in normalized_text(start)
    assert "after" not in normalized_text(start)


def test_similar_pages_are_last_and_not_linked_otherwise(draft_site: Path) -> None:
    note = draft_site / "notes/implementation/Torch_Utils_Checkpoint.html"
    labels = [tag.get_text() for tag in site_checks.soup(note).select("#connections .tw-edge")]
    assert labels[-1] == "Similar pages"
    assert labels.count("Similar pages") == 1
    related = {normalized_text(item) for item in connection_group(note, "Similar pages")}
    assert "Checkpoint Activations When Memory Bound" in related
    others = {
        normalized_text(item) for label in labels[:-1] for item in connection_group(note, label.partition(" · ")[0])
    }
    assert not related & others


def test_graph_links_to_the_graph_page_at_this_note(draft_site: Path) -> None:
    note = draft_site / "notes/principle/Low_Rank_Adaptation.html"
    link = site_checks.soup(note).select_one("#connections a.tw-whole")
    assert link
    assert link["href"] == "../wiki/graph.html#focus=principle/Low_Rank_Adaptation"


def test_markup_in_titles_is_escaped(tmp_path: Path) -> None:
    title = "<b onclick=x>](y) {{< meta title >}} [z]{.a} *w* `c`"
    steps = {"A": "Plain", "B": title, "C": "Last"}
    (tmp_path / "wiki/Workflow").mkdir(parents=True)
    (tmp_path / "wiki/Principle").mkdir()
    links = "".join(f"- [[step::Principle:{stem}]]\n" for stem in steps)
    (tmp_path / "wiki/Workflow/W.md").write_text(f"---\ntitle: '{title}'\n---\n## Overview\nX.\n\n{links}")
    for stem, name in steps.items():
        (tmp_path / f"wiki/Principle/{stem}.md").write_text(f"---\ntitle: '{name}'\n---\n## Overview\nX.\n")
    command = [sys.executable, "scripts/wiki.py", "draft", f"--source={tmp_path}/wiki", f"--site={tmp_path}/site"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    for stem in steps:
        main = site_checks.soup(tmp_path / f"site/notes/principle/{stem}.html").select_one("main")
        assert main
        assert not main.select("b, em, .a, [onclick]")
        crumbs = main.select_one(".tw-crumbs")
        assert crumbs
        assert [item.get_text(strip=True) for item in crumbs.select("li")] == [title]
    (position,) = site_checks.soup(tmp_path / "site/notes/principle/A.html").select(".tw-place")
    assert position.get_text() == f"step 1 of 3, before {title}"


def test_facts_of_a_note_are_in_one_line(draft_site: Path) -> None:
    """Type, minutes, date and subjects are in one line with the type's colour, and nowhere else."""
    soup = site_checks.soup(draft_site / "notes/principle/Low_Rank_Adaptation.html")
    strip = soup.select_one(".tw-strip.tw-principle")
    assert strip
    assert [normalized_text(part) for part in strip.find_all(recursive=False)] == [
        "Principle",
        "3 min read",
        "Oct 12, 2026",
        "Fine Tuning",
        "Linear Algebra",
    ]
    assert [a["href"] for a in strip.select("a.tw-domain")] == [
        "../wiki/explore.html?domain=Fine%20Tuning",
        "../wiki/explore.html?domain=Linear%20Algebra",
    ]
    assert not soup.select("#title-block-header :is(.categories, .modified)")
