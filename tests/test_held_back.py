"""Pages that are held back are nowhere but in a preview."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from build_steps import generate
from test_author_mistakes import BREAD, FILES, page
from typedwiki.config import load_config
from typedwiki.model import RawFile, WikiPage
from typedwiki.pipeline import load_wiki
from typedwiki.problems import Problem
from typedwiki.schema import Schema
from typedwiki.text import parse
from wiki_project import run_command, write_project

SECRET = page("Secret", "implemented_by::Implementation:By_Hand", front="---\ndraft: true\n---\n")
HELD = FILES | {
    "Principle/Secret.md": SECRET,
    "Workflow/Bread.md": BREAD + "- [[step::Principle:Secret]]\n- [[step::Principle:Proofing]]\n",
    "_PrincipleIndex.md": "- [[Principle:Kneading]]\n- [[Principle:Proofing]]\n- [[Principle:Secret]]\n",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wiki with a draft; the key of the front matter is read as parsing does."""
    real = parse.parse

    def parsed(raw: RawFile, schema: Schema, namespace: str = "") -> tuple[WikiPage, list[Problem]]:
        found, problems = real(raw, schema, namespace)
        return replace(found, held_back="draft" if re.match(r"---\ndraft: true\n", raw.text) else ""), problems

    monkeypatch.setattr(parse, "parse", parsed)
    return write_project(tmp_path, HELD)


def test_it_is_in_nothing_that_is_published(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = load_config(here)
    wiki = load_wiki(config)
    assert [(p.code, p.severity, p.line) for p in wiki.problems] == [("L012", "info", 14)]
    files, _ = generate(wiki, config)
    told = {name for name, data in files.items() if b"Secret" in data}
    assert told <= {"workflow/Bread.qmd", "wiki/audit.qmd", "assets/exports/llms-full.txt"} | {
        name for name in told if name.startswith("assets/exports/") and name.endswith((".md", ".txt"))
    }  # the words of the link, on the page that holds it
    assert run_command(here, "build") == 0
    assert "5 pages (1 held back)" in capsys.readouterr().out
    assert run_command(here, "check") == 0
    assert capsys.readouterr().out.endswith("in 5 pages (1 held back), 5 edges\n")


def test_a_preview_shows_it(here: Path) -> None:
    wiki = load_wiki(replace(load_config(here), drafts=True))
    assert wiki.graph.pages["Principle/Secret"].held_back == "draft"
    assert wiki.problems == ()
