"""Guards: which folders commands refuse to write to, and which paths of the machine they never publish."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from build_steps import read_pages
from conftest import ROOT
from typedwiki.schema import load
from typedwiki.write import MANIFEST, OverlapError, refuse_overlap, write

PAGES = {
    "Principle/Milling.md": "# Milling\n\n## Overview\n\nGrain is milled.\n\n[[implemented_by::Implementation:X]]\n",
    "Principle/Sub/Milling.md": "# Milling\n\n## Overview\n\nThe same name again.\n",
    "Environment/Mill.md": "# Mill\n\n## Dependencies\n\n- `bran` >= 2\n- All packages from `Mil`\n",
    "Workflow/Bake.md": "# Bake\n\n[[step::Principle:Milling]]\n",
    "_PrincipleIndex.md": "# Index\n\n| Page | File |\n|---|---|\n| Gone | [→](./Principle/Gone.md) |\n",
}


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    for name, text in PAGES.items():
        path = tmp_path / "our_wiki" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "our_wiki"


def run_wiki(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts/wiki.py"), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", check=False)


def read_tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.slow
def test_published_files_contain_no_local_paths(wiki: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert run_wiki("draft", "--source", wiki, "--site", site).returncode == 0
    assert run_wiki("export", "--source", wiki, "--output", tmp_path / "exports").returncode == 0
    published = {**read_tree(site), **read_tree(tmp_path / "exports")}
    assert (
        "_PrincipleIndex.md" in published["notes/wiki/audit.html"].decode()
    )  # relative locations of problems are kept
    for part in (str(tmp_path), str(tmp_path).replace("_", "\\_"), tmp_path.name):
        assert [name for name, data in published.items() if part.encode() in data] == []


@pytest.mark.slow
@pytest.mark.parametrize("folder", [".", "..", "Principle", "notes_of_mine"])
@pytest.mark.parametrize("command", [("draft", "--site"), ("build", "--output"), ("export", "--output")])
def test_output_into_the_wiki_is_refused(wiki: Path, command: tuple[str, str], folder: str) -> None:
    (wiki / "notes_of_mine").mkdir()
    (wiki / "notes_of_mine/todo.txt").write_text("mine")
    before = read_tree(wiki.parent)
    result = run_wiki(command[0], "--source", wiki, command[1], wiki / folder)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert command[1] in result.stderr
    assert read_tree(wiki.parent) == before


@pytest.mark.slow
def test_site_folder_inside_the_wiki_can_be_rebuilt(wiki: Path) -> None:
    for _ in range(2):
        result = run_wiki("draft", "--source", ".", "--site", "_site", cwd=wiki)
        assert result.returncode == 0, result.stderr
    assert (wiki / "_site/notes/principle").is_dir()


def test_output_inside_the_wiki_is_not_read_as_pages(wiki: Path) -> None:
    write(wiki / "Principle/out", {"Workflow/Page.md": b"# Page\n"}, {})
    files, _, _ = read_pages([wiki], load({}), wiki)
    assert "Page" not in [file.stem for file in files]


def test_refusals_name_the_foreign_file(tmp_path: Path) -> None:
    inside = tmp_path / "wiki/out"
    refuse_overlap("--site", tmp_path / "other", [tmp_path / "wiki"])
    refuse_overlap("--site", inside, [tmp_path / "wiki"])
    write(inside, {"a.html": b"a"}, {})
    refuse_overlap("--site", inside, [tmp_path / "wiki"])
    (inside / "mine.md").write_text("mine")
    with pytest.raises(OverlapError, match=r"mine\.md"):
        refuse_overlap("--site", inside, [tmp_path / "wiki"])
    (inside / MANIFEST).unlink()
    with pytest.raises(OverlapError, match=r"a\.html"):
        refuse_overlap("--site", inside, [tmp_path / "wiki"])
    with pytest.raises(OverlapError, match="holds the wiki itself"):
        refuse_overlap("--site", tmp_path, [tmp_path / "wiki"])
