"""Cells on wiki pages run only in folders that the settings trust."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from build_steps import generate
from conftest import GOLDEN, build_draft, copy_project
from test_render import run_wiki
from typedwiki.config import ConfigError, load_config
from typedwiki.notes.cells import runnable
from typedwiki.pipeline import load_wiki

PAGE = """# Sum

## Overview

A sum.

## Content

```{python}
#| echo: true
print(6 * 7)
```

````markdown
```{python}
print("shown")
```
````
"""


def notes_with_cells(folder: Path, trusted: str) -> str:
    """The notes with runnable cells, of two wikis of which some folders are trusted."""
    for name in ("ours", "theirs"):
        (folder / name / "Principle").mkdir(parents=True)
        (folder / name / "Principle" / f"{name.title()}_sum.md").write_text(PAGE, encoding="utf-8")
    (folder / "_quarto.yml").write_text(f"typedwiki: {{source: [ours, theirs], execute: {trusted}}}\n")
    config = load_config(folder)
    files, _ = generate(load_wiki(config), config)
    names = [name for name, text in files.items() if name.startswith("principle/") and runnable(text.decode())]
    return " ".join(sorted(names))


@pytest.mark.parametrize(
    ("trusted", "expected"),
    [
        ("[]", ""),
        ("[ours]", "principle/Ours_sum.qmd"),
        ("[ours, theirs/Principle]", "principle/Ours_sum.qmd principle/Theirs_sum.qmd"),
    ],
)
def test_only_trusted_folders_have_cells(tmp_path: Path, trusted: str, expected: str) -> None:
    assert notes_with_cells(tmp_path, trusted) == expected


def test_trusted_folder_must_exist(tmp_path: Path) -> None:
    (tmp_path / "data/wikis").mkdir(parents=True)
    (tmp_path / "_quarto.yml").write_text("typedwiki: {execute: [nowhere]}\n")
    with pytest.raises(ConfigError, match="`nowhere` is not a folder"):
        load_config(tmp_path)


@pytest.mark.quarto
def test_trusted_page_is_executed(quarto: str, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", GOLDEN / "two_dialects/wiki", with_about_pages=False)
    (project / "data/wikis/Principle/acme_kit_Sum.md").write_text(PAGE, encoding="utf-8")
    settings = (project / "_quarto.yml").read_text(encoding="utf-8")
    (project / "_quarto.yml").write_text(settings.replace("typedwiki:\n", "typedwiki:\n  execute: [data/wikis]\n"))
    run_wiki(project, "render")
    note = project / "_site/notes/principle/acme_kit_Sum.html"
    assert "42" in note.read_text(encoding="utf-8")
    frozen = json.loads((project / "_freeze/notes/principle/acme_kit_Sum/execute-results/html.json").read_text())
    assert "42" in frozen["result"]["markdown"]
    build_draft(project)
    assert "42" in note.read_text(encoding="utf-8")
