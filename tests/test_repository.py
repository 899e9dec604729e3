"""Edit links lead to the project's repository, or to that of a wiki outside the project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from build_steps import generate
from conftest import build_draft, copy_project
from test_author_mistakes import FILES, git, write_outside_wiki
from typedwiki.config import load_config
from typedwiki.repository import web_address
from wiki_project import load_project, run_command

SITE = {"repo-url": "https://github.com/us/site"}


def load_note(project: Path, source: Path) -> tuple[list[str], str]:
    """The codes of the problems, and a page's note, of a project with this wiki."""
    settings = {"typedwiki": {"source": str(source)}, "website": SITE}
    (project / "_quarto.yml").write_text(json.dumps(settings), encoding="utf-8")
    wiki = load_project(project)
    files, _ = generate(wiki, load_config(project))
    return [p.code for p in wiki.problems], files["principle/Kneading.qmd"].decode()


def edit_address(note: str) -> str:
    """The address of a note's Edit link."""
    return note.partition("[Edit source](<")[2].partition(">)")[0]


def test_outside_wiki_is_edited_in_its_own_repository(tmp_path: Path) -> None:
    project, wiki = write_outside_wiki(tmp_path)
    git(wiki, "checkout", "-qb", "our/pages")
    git(wiki, "remote", "add", "origin", "git@example.org:them/their-wiki.git")
    codes, note = load_note(project, wiki)
    assert codes == []
    assert edit_address(note) == "https://example.org/them/their-wiki/edit/our/pages/Principle/Kneading.md"


def test_symbolic_link_to_an_outside_wiki(tmp_path: Path) -> None:
    project, wiki = write_outside_wiki(tmp_path)
    git(wiki, "branch", "-M", "main")
    (project / "pages").symlink_to(wiki)
    assert load_note(project, Path("pages"))[0] == ["X003"]
    git(wiki, "remote", "add", "origin", "https://example.org/them/wiki")
    codes, note = load_note(project, Path("pages"))
    assert codes == []
    assert edit_address(note) == "https://example.org/them/wiki/edit/main/Principle/Kneading.md"


def test_path_is_relative_to_the_repository(tmp_path: Path) -> None:
    project, wiki = write_outside_wiki(tmp_path)
    git(wiki, "remote", "add", "upstream", "https://user:secret@example.org/them/wiki")
    git(wiki, "checkout", "-qb", "main-pages")
    (wiki / "our part").mkdir()
    for name in ("Principle", "Workflow", "Implementation", "Environment", "Heuristic"):
        if (wiki / name).is_dir():
            git(wiki, "mv", name, f"our part/{name}")
    codes, note = load_note(project, wiki / "our part")
    assert codes == []
    assert edit_address(note) == "https://example.org/them/wiki/edit/main-pages/our%20part/Principle/Kneading.md"
    assert "secret" not in note


def test_edit_link_uses_the_tracked_branch(tmp_path: Path) -> None:
    project, wiki = write_outside_wiki(tmp_path)
    git(wiki, "remote", "add", "origin", "https://example.org/them/wiki.git")
    git(wiki, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(wiki, "checkout", "-qb", "mine", "--track", "origin/main")
    assert edit_address(load_note(project, wiki)[1]) == "https://example.org/them/wiki/edit/main/Principle/Kneading.md"
    git(wiki, "checkout", "-q", "--detach")
    assert edit_address(load_note(project, wiki)[1]) == "https://example.org/them/wiki/edit/main/Principle/Kneading.md"


@pytest.mark.parametrize("remote", ["", "/srv/wiki.git", "file:///srv/wiki.git", "../wiki", "C:/wiki"])
def test_repository_without_a_web_address_is_reported(remote: str, tmp_path: Path) -> None:
    project, wiki = write_outside_wiki(tmp_path)
    if remote:
        git(wiki, "remote", "add", "origin", remote)
    codes, note = load_note(project, wiki)
    assert codes == ["X003"]
    assert not edit_address(note)


def test_next_build_uses_a_new_remote(tmp_path: Path) -> None:
    project, wiki = write_outside_wiki(tmp_path)
    load_note(project, wiki)
    note = project / "notes/principle/Kneading.qmd"
    assert run_command(project, "build") == 0
    assert not edit_address(note.read_text(encoding="utf-8"))
    git(wiki, "remote", "add", "origin", "https://example.org/them/wiki")
    assert run_command(project, "build") == 0
    assert edit_address(note.read_text(encoding="utf-8")).startswith("https://example.org/them/wiki/edit/")


def test_nothing_is_reported_without_repo_url(tmp_path: Path) -> None:
    project, wiki = write_outside_wiki(tmp_path)
    git(wiki, "remote", "add", "origin", "https://example.org/them/wiki")
    assert load_project(project).problems == ()


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/a/b.git", "https://github.com/a/b"),
        ("https://github.com/a/b/", "https://github.com/a/b"),
        ("https://me:token@git.example.org:8443/a/b", "https://git.example.org:8443/a/b"),
        ("http://git.example.org/a/b", "https://git.example.org/a/b"),
        ("git@github.com:a/b.git", "https://github.com/a/b"),
        ("github.com:a/b", "https://github.com/a/b"),
        ("ssh://git@example.org:2222/a/b.git", "https://example.org/a/b"),
        ("git://example.org/a/b", "https://example.org/a/b"),
        ("https://example.org", ""),
        ("https://example.org/a b", ""),
        ("https://example.org/a>)[x](<b", ""),
        ("file:///a/b", ""),
        ("/a/b", ""),
        ("../b", ""),
        ("C:/a/b", ""),
        ("C:\\a\\b", ""),
        ("", ""),
    ],
)
def test_web_address_of_remotes(remote: str, address: str) -> None:
    assert web_address(remote) == address


@pytest.mark.slow
def test_locations_on_the_audit_page_link_to_the_repository(tmp_path: Path) -> None:
    _, wiki = write_outside_wiki(tmp_path)
    git(wiki, "remote", "add", "origin", "https://example.org/them/wiki")
    git(wiki, "branch", "-M", "main")
    kitchen = wiki / "Environment/Kitchen.md"
    kitchen.write_text(f"{FILES['Environment/Kitchen.md']}\n[[Principle:Nowhere]]\n", encoding="utf-8")
    project = copy_project(tmp_path / "site", wiki)
    text = (project / "_quarto.yml").read_text(encoding="utf-8").replace("# source: ../our-wiki", f"source: {wiki}")
    text = text.replace("website:\n", "website:\n  repo-url: https://github.com/us/site\n", 1)
    (project / "_quarto.yml").write_text(text, encoding="utf-8")
    build_draft(project)
    audit = BeautifulSoup((project / "_site/notes/wiki/audit.html").read_text(encoding="utf-8"), "html.parser")
    links = [str(link["href"]) for link in audit.select("main a[href]")]
    assert any(link.startswith("https://example.org/them/wiki/blob/main/Environment/Kitchen.md#L") for link in links)
