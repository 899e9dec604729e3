"""Whole wikis and their expected notes. UPDATE_GOLDEN=1 rewrites the expected files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from build_steps import generate
from conftest import ROOT
from typedwiki.config import load_config
from typedwiki.pipeline import load_wiki

GOLDEN = Path(__file__).parent / "golden"
UNCHECKED = ("assets/vis-network.min.js", "assets/plotly.min.js", "assets/types.css", "_metadata.yml", ".png")


@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir()))
def test_notes_match_the_golden_files(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typedwiki.generate.mermaid_script", lambda: None)  # as where Quarto is not installed
    folder = GOLDEN / case
    config = load_config(ROOT, [folder / "wiki"])
    wiki = load_wiki(config)
    files = {
        name: data for name, data in generate(wiki, config)[0].items() if name != "wiki/guide.qmd"
    }  # generated from docs/
    texts = {name: data.decode().replace("\r\n", "\n") for name, data in files.items() if not name.endswith(UNCHECKED)}
    actual = {f"notes/{name}": text for name, text in texts.items()}
    relative = f"{folder.relative_to(ROOT).as_posix()}/"
    actual["problems.txt"] = "".join(f"{p}\n" for p in wiki.problems).replace(relative, "")
    if os.environ.get("UPDATE_GOLDEN"):
        for name, text in actual.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    expected = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and "wiki" not in path.relative_to(folder).parts[:1]
    }
    assert actual.keys() == expected.keys()
    for name, text in actual.items():
        assert text == expected[name], name
