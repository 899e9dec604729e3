"""What editors are told."""

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


def test_the_snippets_in_the_repository_are_those_of_the_schema() -> None:
    made = schema_snippets(schema.load())
    if os.environ.get("UPDATE_GOLDEN"):
        SNIPPETS.write_text(made, encoding="utf-8")
    assert SNIPPETS.read_text(encoding="utf-8") == made


def test_skeletons_hold_no_date_and_two_stops() -> None:
    for name, snippet in json.loads(schema_snippets(schema.load())).items():
        body = "\n".join(snippet["body"]) if isinstance(snippet["body"], list) else snippet["body"]
        assert "${1:Title}" in body, name
        assert not re.search(r"\d{4}-\d\d-\d\d", body), name


def test_each_page_is_a_completion(tmp_path: Path) -> None:
    files = {"Principle/Mean_Loss.md": "# The loss\n\n## Overview\n\nSmall.\n", "Heuristic/Tip_$x}.md": "# Tip\n"}
    here = write_project(tmp_path, files)
    assert run_command(here, "completions") == 0
    path = here / ".vscode/typedwiki-pages.code-snippets"
    made = json.loads(path.read_text(encoding="utf-8"))
    loss = made["Principle/Mean_Loss"]
    assert loss["prefix"] == ["The loss", "[[Principle:Mean_Loss"]
    assert loss["body"] == "[[${1|step,implemented_by,related|}::Principle:Mean_Loss]]".replace(
        "implemented_by", "implements"
    )
    assert loss["description"] == "Small."
    assert made["Heuristic/Tip_$x}"]["body"].endswith("Heuristic:Tip_\\$x\\}]]")
    stamp = path.stat().st_mtime_ns
    assert run_command(here, "completions") == 0
    assert path.stat().st_mtime_ns == stamp
