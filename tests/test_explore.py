"""The home page's cards and listing, and their links to the Explore page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from build_steps import generate
from conftest import ROOT
from typedwiki.config import Config, load_config
from typedwiki.pages import site
from typedwiki.pipeline import load_wiki


def generate_texts(config: Config | None = None) -> dict[str, str]:
    """The generated text files of a project, by default of this one."""
    config = config or load_config(ROOT)
    generated, _ = generate(load_wiki(config), config)
    return {name: data.decode() for name, data in generated.items() if name.endswith((".yml", ".md", ".qmd"))}


def test_home_page_lists_all_notes_and_cards_link_to_explore() -> None:
    files = generate_texts()
    cards = files["assets/ways-in.md"]
    notes = files["assets/listing.yml"].splitlines()
    assert f"[Explore all {len(notes)} pages](notes/wiki/explore.html)" in cards
    assert "[Workflows](<notes/wiki/explore.html?type=Workflow>)" in cards
    assert "list below" not in cards


@pytest.mark.slow
def test_large_home_page_lists_the_top_rank_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    all_count = len(generate_texts()["assets/listing.yml"].splitlines())
    monkeypatch.setattr(site, "LISTED", 10)
    files = generate_texts()
    items = [json.loads(line[2:]) for line in files["assets/listing.yml"].splitlines()]
    assert {item["type"] for item in items} == {"Workflow"}
    assert (
        f"[Explore all {all_count} pages](notes/wiki/explore.html). The first {len(items)} are listed here."
        in files["assets/ways-in.md"]
    )


def test_home_page_never_lists_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "LISTED", 2)
    assert len(generate_texts()["assets/listing.yml"].splitlines()) == 2


def test_types_of_any_name_have_an_address(tmp_path: Path) -> None:
    page = tmp_path / "wiki/Tips & Tricks/One.md"
    page.parent.mkdir(parents=True)
    page.write_text("# One\n\n## Overview\nText.\n", encoding="utf-8")
    (tmp_path / "_quarto.yml").write_text(
        "typedwiki:\n  source: wiki\n  schema: {types: {'Tips & Tricks': {rank: 3, plural: Tips}}}\n", encoding="utf-8"
    )
    cards = generate_texts(load_config(tmp_path))["assets/ways-in.md"]
    assert "(<notes/wiki/explore.html?type=Tips%20%26%20Tricks>)" in cards
    assert "[Explore the page](notes/wiki/explore.html)" in cards
