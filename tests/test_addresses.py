"""Addresses of notes: stable, unique and recorded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from conftest import GOLDEN, build_draft, copy_project
from typedwiki.config import load_config
from typedwiki.incremental import inputs
from typedwiki.model import Found
from typedwiki.notes import permalinks
from typedwiki.pipeline import load_wiki, site_context
from typedwiki.render.page_template import quarto_redirects
from typedwiki.render.preview import is_watched
from typedwiki.schema import load
from wiki_project import run_command, write_project

SCHEMA = load()


def note_addresses(
    tmp_path: Path, pages: dict[str, str], locked: dict[str, str]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The addresses and former addresses of pages given by path and text."""
    for path, text in pages.items():
        (tmp_path / "w" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "w" / path).write_text(text, encoding="utf-8")
    (tmp_path / "_quarto.yml").write_text("typedwiki: {source: w}\n", encoding="utf-8")
    graph = load_wiki(load_config(tmp_path)).graph
    addresses = permalinks.note_names(graph, SCHEMA, locked)
    return addresses, permalinks.redirects(graph, SCHEMA, addresses, locked)


def test_addresses_are_safe_and_unique(tmp_path: Path) -> None:
    actual, _ = note_addresses(
        tmp_path, {"Principle/A b.md": "", "Principle/a_B.md": "", "Principle/README.md": ""}, {}
    )
    assert sorted(actual.values()) == ["principle/A_b", "principle/a_B-2", "principle/page-README"]


def test_name_may_begin_with_a_dot(tmp_path: Path) -> None:
    ignored = [".DS_Store", "._.profile.md", ".#.profile.md", "..md", ".md", ".obsidian/Principle/Notes.md"]
    pages = {
        "Principle/.profile.md": "# The profile file\n",
        "Principle/profile.md": "# Profiles\n\n[[.profile]] [[Principle:.profile]] [dot](.profile.md)\n",
        **{f"Principle/{name}": "" for name in ignored},
    }
    actual, _ = note_addresses(tmp_path, pages, {})
    assert actual == {"Principle/.profile": "principle/dot-profile", "Principle/profile": "principle/profile"}
    config = load_config(tmp_path)
    links = load_wiki(config).graph.resolutions["Principle/profile"]
    assert links == (Found("Principle/.profile"),) * 3
    before = inputs(config).files
    assert {Path(path).name for path in before} == {".profile.md", "profile.md"}
    assert is_watched(tmp_path / "w/Principle/.profile.md", config)
    assert not is_watched(tmp_path / "w/Principle/.#.profile.md", config)
    assert not is_watched(tmp_path / "w/.obsidian/Principle/Notes.md", config)


def test_recorded_address_is_kept_when_pages_are_added(tmp_path: Path) -> None:
    locked = {"Principle/a_B": "principle/a_B"}
    actual, _ = note_addresses(tmp_path, {"Principle/A b.md": "", "Principle/a_B.md": ""}, locked)
    assert actual == {"Principle/A b": "principle/A_b-2", "Principle/a_B": "principle/a_B"}


@pytest.mark.parametrize(
    ("alias", "old", "expected"),
    [
        ("Old Name", "Principle/Old_Name", True),
        ('"Heuristic:Old Name"', "Heuristic/Old_Name", True),
        ("Old Name", "Heuristic/Old_Name", False),
        ("Other", "Principle/Old_Name", False),
    ],
)
def test_alias_redirects_from_the_old_address(tmp_path: Path, alias: str, old: str, expected: bool) -> None:
    locked = {old: f"{old.split('/')[0].lower()}/Old_Name"}
    page = f"---\naliases: [{alias}]\n---\n# New\n"
    _, redirects = note_addresses(tmp_path, {"Principle/New.md": page}, locked)
    assert (locked[old] in redirects["Principle/New"]) == expected


@pytest.mark.parametrize(
    ("alias", "address"),
    [
        ("Older Name", "principle/Older_Name"),
        ('"Heuristic: Old/er?"', "heuristic/Old_er_"),
        ('".profile"', "principle/dot-profile"),
        ("New", None),  # the page itself
        ("Taken", None),  # another page
        ("Shared", None),  # an alias of another page too
        ('"???"', None),
        ("/old/", "../old/index"),
        ("/a b/old", "../a b/old/index"),
        ("/20%20years.html?x=1#top", "../20 years"),
        ("/notes/principle/Older.html", "principle/Older"),
        ("/notes/older.html", "older"),
        ("/notes.html", "../notes"),
        ("/notes/principle/taken.html", None),
        ("/notes/principle/New.html/x", None),
        ("/notes/wiki/graph.html", None),
        ("/", None),
        ("/index.html", None),
        ("/../old.html", None),
        ("/a/%2e%2e/%2e%2e/old.html", None),
        ("//example.org/old", None),
        ("/.git/config", None),
        ("/search-index/", None),
        ('"/a\\\\b"', None),
    ],
)
def test_alias_is_an_address_unless_it_is_taken(tmp_path: Path, alias: str, address: str | None) -> None:
    pages = {
        "Principle/New.md": f"---\naliases: [{alias}]\n---\n# New\n",
        "Principle/Other.md": "---\naliases: [Shared]\n---\n# Other\n",
        "Principle/Taken.md": "# Taken\n",
    }
    _, redirects = note_addresses(tmp_path, pages, {})
    assert redirects.get("Principle/New", []) == ([address] if address else [])


def test_address_alias_is_not_a_link_name(tmp_path: Path) -> None:
    texts = {"New.md": "---\naliases: [/old/, Past]\n---\n# New\n", "P.md": "# P\n\n[[/old/]] [[Past]]\n"}
    note_addresses(tmp_path, {f"Principle/{name}": text for name, text in texts.items()}, {})
    graph = load_wiki(load_config(tmp_path)).graph
    assert [type(actual).__name__ for actual in graph.resolutions["Principle/P"]] == ["Missing", "Found"]
    assert graph.pages["Principle/New"].other_names == ("Past",)


@pytest.mark.slow
def test_aliases_redirect_in_the_draft(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", GOLDEN / "two_dialects/wiki")
    path = project / "data/wikis/Principle/acme_kit_Loss.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("---\n", "---\naliases: [Waste, /archive/loss/]\n", 1), encoding="utf-8")
    build_draft(project)
    for old, to in {
        "notes/principle/Waste.html": "acme_kit_Loss.html",
        "archive/loss/index.html": "../../notes/principle/acme_kit_Loss.html",
    }.items():
        link = BeautifulSoup((project / "_site" / old).read_bytes(), "html.parser").select_one("a")
        assert link
        assert link["href"] == to


def test_invalid_records_are_ignored_and_broken_files_reported(tmp_path: Path) -> None:
    lock = {"Principle/A": "../../etc/passwd", "Principle/B": "principle/..", "Principle/C": "principle/C"}
    (tmp_path / permalinks.LOCK).write_text(json.dumps(lock), encoding="utf-8")
    assert {key: record.name for key, record in permalinks.record(tmp_path).items()} == {"Principle/C": "principle/C"}
    (tmp_path / permalinks.LOCK).write_text("<<<<<<< ours\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"addresses\.json: .*mend it"):
        permalinks.record(tmp_path)


@pytest.mark.quarto
def test_aliases_redirect_on_the_quarto_site(quarto: str, tmp_path: Path) -> None:
    wiki = tmp_path / "wiki/Heuristic"
    wiki.mkdir(parents=True)
    aliases = {"One": "/past/one/", "Two": "/about.html"}  # the address of a page of the project
    for name, address in aliases.items():
        text = f"---\naliases: [Former {name}, {address}]\n---\n# {name}\n\n## Overview\nWords.\n"
        (wiki / f"{name}.md").write_text(text, encoding="utf-8")
    (wiki / ".plan.md").write_text("# The plan file\n\n## Overview\nWords.\n", encoding="utf-8")
    project = copy_project(tmp_path / "project", tmp_path / "wiki", with_about_pages=False)
    (project / "about.qmd").write_text("---\ntitle: About us\n---\n\nWords.\n", encoding="utf-8")
    settings = (project / "_quarto.yml").read_text(encoding="utf-8")
    (project / "_quarto.yml").write_text(
        settings.replace("    - index.qmd", "    - index.qmd\n    - about.qmd"), "utf-8"
    )
    command = [sys.executable, "scripts/wiki.py", "render", "--renderer", "quarto", "--shards", "2"]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    site = project / "_site"
    for name in aliases:
        assert f'{{"":"{name}.html"}}' in (site / f"notes/heuristic/Former_{name}.html").read_text(encoding="utf-8")
    old = (site / "past/one/index.html").read_text(encoding="utf-8")
    assert '{"":"../../notes/heuristic/One.html"}' in old
    for path in ("about.html", "notes/heuristic/Two.html", "notes/heuristic/dot-plan.html"):
        assert BeautifulSoup((site / path).read_bytes(), "html.parser").select_one("h1.title"), path


def test_fast_engine_writes_the_redirects_of_quarto() -> None:
    body = {"aliases": ["/notes/heuristic/Former.html", "/notes/../past/one/index.html"], "title": "One"}
    redirects = dict(quarto_redirects("notes/heuristic/One.html", body))
    assert list(redirects) == ["notes/heuristic/Former.html", "past/one/index.html"]
    assert 'var redirects = {"":"One.html"};' in redirects["notes/heuristic/Former.html"]
    assert 'var redirects = {"":"../../notes/heuristic/One.html"};' in redirects["past/one/index.html"]


@pytest.mark.slow
def test_renamed_page_keeps_its_old_address(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", GOLDEN / "two_dialects/wiki")
    build_draft(project)
    lock = json.loads((project / "notes" / permalinks.LOCK).read_text(encoding="utf-8"))
    assert lock["Principle/acme_kit_Loss"] == "principle/acme_kit_Loss"
    old = project / "data/wikis/Principle/acme_kit_Loss.md"
    text = old.read_text(encoding="utf-8")
    body = text.partition("---\n")[2].partition("---\n")[2] if text.startswith("---") else text
    new = f"---\naliases: [acme_kit_Loss]\n---\n{body}"
    old.with_name("acme_kit_Cost.md").write_text(new, encoding="utf-8")
    old.unlink()
    build_draft(project)
    page = BeautifulSoup((project / "_site/notes/principle/acme_kit_Loss.html").read_bytes(), "html.parser")
    link = page.select_one("a")
    assert link
    assert link["href"] == "acme_kit_Cost.html"
    config = load_config(project)
    assert site_context(load_wiki(config), config).redirects == {"Principle/acme_kit_Cost": ["principle/acme_kit_Loss"]}


def test_clean_forgets_unpublished_and_long_deleted_addresses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=project, check=True, capture_output=True)

    def record() -> dict[str, object]:
        return dict(json.loads((project / "notes" / permalinks.LOCK).read_text(encoding="utf-8")))

    names = ("Stays", "Published", "Experiment", "Renamed")
    project = write_project(tmp_path, {f"Principle/{name}.md": f"# {name}\n" for name in names[:2]})
    git("init", "-q")
    assert run_command(project, "build") == 0
    git("add", ".")
    git("commit", "-qm", "first")
    git("tag", "v1")
    (project / "data/wikis/Principle/Experiment.md").write_text("# Experiment\n", encoding="utf-8")
    assert run_command(project, "build") == 0
    for name in ("Published", "Experiment"):
        (project / f"data/wikis/Principle/{name}.md").unlink()
    assert run_command(project, "build") == 0
    assert record()["Principle/Published"] == {"address": "principle/Published", "kept": "gone"}
    assert run_command(project, "clean", "--addresses") == 0
    out = capsys.readouterr().out
    assert "Principle/Experiment is forgotten" in out
    assert "Principle/Published is kept: it has been published" in out
    assert set(record()) == {"Principle/Stays", "Principle/Published"}
    git("add", ".")
    git("commit", "-qm", "second")
    git("tag", "v2")
    assert run_command(project, "clean", "--addresses") == 0
    assert set(record()) == {"Principle/Stays"}
    assert [p.code for p in load_wiki(load_config(project)).problems if p.code in ("S009", "S010")] == []
