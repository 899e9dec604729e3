"""Where we write, and what of the machine is published."""

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


def run(*arguments: str | Path, here: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts/wiki.py"), *map(str, arguments)]
    return subprocess.run(command, cwd=here, capture_output=True, encoding="utf-8", check=False)


def files_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.slow
def test_nothing_published_names_a_folder_of_the_machine(wiki: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert run("draft", "--source", wiki, "--site", site).returncode == 0
    assert run("export", "--source", wiki, "--output", tmp_path / "exports").returncode == 0
    published = {**files_of(site), **files_of(tmp_path / "exports")}
    assert "_PrincipleIndex.md" in published["notes/wiki/audit.html"].decode()  # a problem's place is still told
    for part in (str(tmp_path), str(tmp_path).replace("_", "\\_"), tmp_path.name):
        assert [name for name, data in published.items() if part.encode() in data] == []


@pytest.mark.slow
@pytest.mark.parametrize("place", [".", "..", "Principle", "notes_of_mine"])
@pytest.mark.parametrize("command", [("draft", "--site"), ("build", "--output"), ("export", "--output")])
def test_the_wiki_is_not_written_into(wiki: Path, command: tuple[str, str], place: str) -> None:
    (wiki / "notes_of_mine").mkdir()
    (wiki / "notes_of_mine/todo.txt").write_text("mine")
    before = files_of(wiki.parent)
    done = run(command[0], "--source", wiki, command[1], wiki / place)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert command[1] in done.stderr
    assert files_of(wiki.parent) == before


@pytest.mark.slow
def test_a_folder_of_its_own_inside_the_wiki_works_again_and_again(wiki: Path) -> None:
    for _ in range(2):
        done = run("draft", "--source", ".", "--site", "_site", here=wiki)
        assert done.returncode == 0, done.stderr
    assert (wiki / "_site/notes/principle").is_dir()


def test_what_is_written_inside_the_wiki_is_never_read_as_wiki(wiki: Path) -> None:
    write(wiki / "Principle/out", {"Workflow/Page.md": b"# Page\n"}, {})
    files, _, _ = read_pages([wiki], load({}), wiki)
    assert "Page" not in [file.stem for file in files]


def test_refusals_name_what_is_in_the_way(tmp_path: Path) -> None:
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
