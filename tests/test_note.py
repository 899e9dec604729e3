"""What the draft's notes tell beside a page's own text: where it stands, how it is connected."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import Tag

import site_checks
from conftest import ROOT


def words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ", strip=True).split())


def group(note: Path, label: str) -> list[Tag]:
    """The items below the label of a group of connections."""
    for tag in site_checks.soup(note).select("#connections .tw-edge"):
        if tag.get_text().partition(" · ")[0] == label and tag.parent:
            listed = tag.parent.find_next_sibling(["ul", "ol"])
            return listed.find_all("li", recursive=False) if listed else []
    return []


@pytest.mark.parametrize(
    ("note", "trail"),
    [
        ("workflow/QLoRA_Finetuning", None),
        ("principle/Low_Rank_Adaptation", ["QLoRA Finetuning"]),
        ("implementation/PEFT_LoraConfig", ["QLoRA Finetuning", "Low Rank Adaptation"]),
    ],
)
def test_crumbs_lead_from_a_workflow(draft_site: Path, note: str, trail: list[str] | None) -> None:
    soup = site_checks.soup(draft_site / f"notes/{note}.html")
    crumbs = soup.select_one('main [role=navigation][aria-label="Breadcrumb"]')
    if trail is None:
        assert crumbs is None
        return
    assert crumbs
    assert [words(item) for item in crumbs.select("ol > li")] == trail
    assert [words(link) for link in crumbs.select("a")] == trail
    strip = crumbs.find_next(class_="tw-strip")
    assert strip is soup.select_one(".tw-strip")


def test_groups_of_several_are_counted(draft_site: Path) -> None:
    note = draft_site / "notes/principle/Low_Rank_Adaptation.html"
    labels = {tag.get_text() for tag in site_checks.soup(note).select("#connections .tw-edge")}
    assert {"Step of · 2", "Implemented by · 3", "Uses"} <= labels
    for page in draft_site.glob("notes/*/*.html"):
        for label in site_checks.soup(page).select("#connections .tw-edge"):
            name, _, count = label.get_text().partition(" · ")
            if name != "Similar pages":
                assert len(group(page, name)) == int(count or 1), page


def test_a_step_tells_its_place_and_its_neighbours(draft_site: Path) -> None:
    first, *_ = group(draft_site / "notes/principle/Low_Rank_Adaptation.html", "Step of")
    assert words(first).startswith("QLoRA Finetuning step 2 of 8, after Block Wise Quantization and before Inst")
    assert [link["href"] for link in first.select(".tw-place a")] == [
        "Block_Wise_Quantization.html",
        "Instruction_Formatting.html",
    ]
    (start,) = group(draft_site / "notes/principle/Binary_Number_Representation.html", "Step of")[:1]
    assert "step 1 of" in words(start)
    assert "after" not in words(start)


def test_related_pages_come_last_and_are_not_linked_otherwise(draft_site: Path) -> None:
    note = draft_site / "notes/implementation/Torch_Utils_Checkpoint.html"
    labels = [tag.get_text() for tag in site_checks.soup(note).select("#connections .tw-edge")]
    assert labels[-1] == "Similar pages"
    assert labels.count("Similar pages") == 1
    related = {words(item) for item in group(note, "Similar pages")}
    assert "Checkpoint Activations When Memory Bound" in related
    others = {words(item) for label in labels[:-1] for item in group(note, label.partition(" · ")[0])}
    assert not related & others


def test_every_graph_leads_to_the_whole_graph_at_this_note(draft_site: Path) -> None:
    note = draft_site / "notes/principle/Low_Rank_Adaptation.html"
    link = site_checks.soup(note).select_one("#connections a.tw-whole")
    assert link
    assert link["href"] == "../wiki/graph.html#focus=principle/Low_Rank_Adaptation"


def test_titles_do_no_harm_in_crumbs_and_places(tmp_path: Path) -> None:
    title = "<b onclick=x>](y) {{< meta title >}} [z]{.a} *w* `c`"
    steps = {"A": "Plain", "B": title, "C": "Last"}
    (tmp_path / "wiki/Workflow").mkdir(parents=True)
    (tmp_path / "wiki/Principle").mkdir()
    listed = "".join(f"- [[step::Principle:{stem}]]\n" for stem in steps)
    (tmp_path / "wiki/Workflow/W.md").write_text(f"---\ntitle: '{title}'\n---\n## Overview\nX.\n\n{listed}")
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
    (place,) = site_checks.soup(tmp_path / "site/notes/principle/A.html").select(".tw-place")
    assert place.get_text() == f"step 1 of 3, before {title}"


def test_one_line_says_what_a_note_is(draft_site: Path) -> None:
    """Type, minutes, date and subjects stand in one line, under a rule of the type's colour, and nowhere else."""
    soup = site_checks.soup(draft_site / "notes/principle/Low_Rank_Adaptation.html")
    strip = soup.select_one(".tw-strip.tw-principle")
    assert strip
    assert [words(part) for part in strip.find_all(recursive=False)] == [
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
