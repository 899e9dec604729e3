"""Completions and snippets for editors."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from conftest import ROOT
from editor_schemas import schema_snippets
from typedwiki import schema
from wiki_project import run_command, write_project

SNIPPETS = ROOT / ".vscode/typedwiki.code-snippets"


def test_published_snippets_match_the_schema() -> None:
    snippets = schema_snippets(schema.load())
    if os.environ.get("UPDATE_GOLDEN"):
        SNIPPETS.write_text(snippets, encoding="utf-8")
    assert SNIPPETS.read_text(encoding="utf-8") == snippets


def test_skeletons_have_a_title_stop_and_no_fixed_date() -> None:
    for name, snippet in json.loads(schema_snippets(schema.load())).items():
        body = "\n".join(snippet["body"]) if isinstance(snippet["body"], list) else snippet["body"]
        assert "${1:Title}" in body, name
        assert not re.search(r"\d{4}-\d\d-\d\d", body), name


def test_each_page_has_a_completion(tmp_path: Path) -> None:
    files = {"Principle/Mean_Loss.md": "# The loss\n\n## Overview\n\nSmall.\n", "Heuristic/Tip_$x}.md": "# Tip\n"}
    project = write_project(tmp_path, files)
    assert run_command(project, "completions") == 0
    path = project / ".vscode/typedwiki-pages.code-snippets"
    completions = json.loads(path.read_text(encoding="utf-8"))
    loss = completions["Principle/Mean_Loss"]
    assert loss["prefix"] == ["The loss", "[[Principle:Mean_Loss"]
    assert loss["body"] == "[[${1|step,implements,related|}::Principle:Mean_Loss]]"
    assert loss["description"] == "Small."
    assert completions["Heuristic/Tip_$x}"]["body"].endswith("Heuristic:Tip_\\$x\\}]]")
    stamp = path.stat().st_mtime_ns
    assert run_command(project, "completions") == 0
    assert path.stat().st_mtime_ns == stamp
