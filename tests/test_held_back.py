"""Pages that are held back appear in a preview only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from build_steps import generate
from test_author_mistakes import BREAD, FILES, page
from typedwiki.config import load_config
from typedwiki.model import RawFile, WikiPage
from typedwiki.pipeline import load_wiki
from typedwiki.problems import Problem
from typedwiki.schema import Schema
from typedwiki.text import parse
from wiki_project import run_command, write_project

SECRET = page("Secret", "implemented_by::Implementation:By_Hand", front_matter="---\ndraft: true\n---\n")
WIKI_WITH_DRAFT = FILES | {
    "Principle/Secret.md": SECRET,
    "Workflow/Bread.md": BREAD + "- [[step::Principle:Secret]]\n- [[step::Principle:Proofing]]\n",
    "_PrincipleIndex.md": "- [[Principle:Kneading]]\n- [[Principle:Proofing]]\n- [[Principle:Secret]]\n",
}


@pytest.fixture
def project_with_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose wiki has a draft; the front matter key is read without the parser."""
    original_parse = parse.parse

    def parse_with_draft(raw: RawFile, schema: Schema, namespace: str = "") -> tuple[WikiPage, list[Problem]]:
        parsed, problems = original_parse(raw, schema, namespace)
        return replace(parsed, held_back="draft" if re.match(r"---\ndraft: true\n", raw.text) else ""), problems

    monkeypatch.setattr(parse, "parse", parse_with_draft)
    return write_project(tmp_path, WIKI_WITH_DRAFT)


def test_held_back_page_is_not_published(project_with_draft: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = load_config(project_with_draft)
    wiki = load_wiki(config)
    assert [(p.code, p.severity, p.line) for p in wiki.problems] == [("L012", "info", 14)]
    files, _ = generate(wiki, config)
    names = {name for name, data in files.items() if b"Secret" in data}
    assert names <= {"workflow/Bread.qmd", "wiki/audit.qmd", "assets/exports/llms-full.txt"} | {
        name for name in names if name.startswith("assets/exports/") and name.endswith((".md", ".txt"))
    }  # the link's label, on the page with the link
    assert run_command(project_with_draft, "build") == 0
    assert "5 pages (1 held back)" in capsys.readouterr().out
    assert run_command(project_with_draft, "check") == 0
    assert capsys.readouterr().out.endswith("in 5 pages (1 held back), 5 edges\n")


def test_preview_shows_held_back_page(project_with_draft: Path) -> None:
    wiki = load_wiki(replace(load_config(project_with_draft), drafts=True))
    assert wiki.graph.pages["Principle/Secret"].held_back == "draft"
    assert wiki.problems == ()
