"""Where notes stand: stable, unique, and remembered."""

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


def names(tmp_path: Path, pages: dict[str, str], locked: dict[str, str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Addresses, and earlier ones, of pages given by path and text."""
    for path, text in pages.items():
        (tmp_path / "w" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "w" / path).write_text(text, encoding="utf-8")
    (tmp_path / "_quarto.yml").write_text("typedwiki: {source: w}\n", encoding="utf-8")
    graph = load_wiki(load_config(tmp_path)).graph
    found = permalinks.note_names(graph, SCHEMA, locked)
    return found, permalinks.redirects(graph, SCHEMA, found, locked)


def test_names_are_safe_and_each_once(tmp_path: Path) -> None:
    found, _ = names(tmp_path, {"Principle/A b.md": "", "Principle/a_B.md": "", "Principle/README.md": ""}, {})
    assert sorted(found.values()) == ["principle/A_b", "principle/a_B-2", "principle/page-README"]


def test_a_name_may_begin_with_a_dot(tmp_path: Path) -> None:
    left_behind = [".DS_Store", "._.profile.md", ".#.profile.md", "..md", ".md", ".obsidian/Principle/Notes.md"]
    pages = {
        "Principle/.profile.md": "# The profile file\n",
        "Principle/profile.md": "# Profiles\n\n[[.profile]] [[Principle:.profile]] [dot](.profile.md)\n",
        **{f"Principle/{name}": "" for name in left_behind},
    }
    found, _ = names(tmp_path, pages, {})
    assert found == {"Principle/.profile": "principle/dot-profile", "Principle/profile": "principle/profile"}
    config = load_config(tmp_path)
    links = load_wiki(config).graph.resolutions["Principle/profile"]
    assert links == (Found("Principle/.profile"),) * 3
    before = inputs(config).files
    assert {Path(path).name for path in before} == {".profile.md", "profile.md"}
    assert is_watched(tmp_path / "w/Principle/.profile.md", config)
    assert not is_watched(tmp_path / "w/Principle/.#.profile.md", config)
    assert not is_watched(tmp_path / "w/.obsidian/Principle/Notes.md", config)


def test_an_address_stays_whatever_is_added(tmp_path: Path) -> None:
    locked = {"Principle/a_B": "principle/a_B"}
    found, _ = names(tmp_path, {"Principle/A b.md": "", "Principle/a_B.md": ""}, locked)
    assert found == {"Principle/A b": "principle/A_b-2", "Principle/a_B": "principle/a_B"}


@pytest.mark.parametrize(
    ("alias", "old", "leads"),
    [
        ("Old Name", "Principle/Old_Name", True),
        ('"Heuristic:Old Name"', "Heuristic/Old_Name", True),
        ("Old Name", "Heuristic/Old_Name", False),
        ("Other", "Principle/Old_Name", False),
    ],
)
def test_an_alias_leads_from_the_old_address(tmp_path: Path, alias: str, old: str, leads: bool) -> None:
    locked = {old: f"{old.split('/')[0].lower()}/Old_Name"}
    page = f"---\naliases: [{alias}]\n---\n# New\n"
    _, redirects = names(tmp_path, {"Principle/New.md": page}, locked)
    assert (locked[old] in redirects["Principle/New"]) == leads


@pytest.mark.parametrize(
    ("alias", "leads_from"),
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
def test_an_alias_is_an_address_where_no_page_stands(tmp_path: Path, alias: str, leads_from: str | None) -> None:
    pages = {
        "Principle/New.md": f"---\naliases: [{alias}]\n---\n# New\n",
        "Principle/Other.md": "---\naliases: [Shared]\n---\n# Other\n",
        "Principle/Taken.md": "# Taken\n",
    }
    _, redirects = names(tmp_path, pages, {})
    assert redirects.get("Principle/New", []) == ([leads_from] if leads_from else [])


def test_an_address_is_no_name_that_links_use(tmp_path: Path) -> None:
    texts = {"New.md": "---\naliases: [/old/, Past]\n---\n# New\n", "P.md": "# P\n\n[[/old/]] [[Past]]\n"}
    names(tmp_path, {f"Principle/{name}": text for name, text in texts.items()}, {})
    graph = load_wiki(load_config(tmp_path)).graph
    assert [type(found).__name__ for found in graph.resolutions["Principle/P"]] == ["Missing", "Found"]
    assert graph.pages["Principle/New"].other_names == ("Past",)


@pytest.mark.slow
def test_addresses_lead_to_the_page_in_the_draft(tmp_path: Path) -> None:
    here = copy_project(tmp_path / "here", GOLDEN / "two_dialects/wiki")
    path = here / "data/wikis/Principle/acme_kit_Loss.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("---\n", "---\naliases: [Waste, /archive/loss/]\n", 1), encoding="utf-8")
    build_draft(here)
    for old, to in {
        "notes/principle/Waste.html": "acme_kit_Loss.html",
        "archive/loss/index.html": "../../notes/principle/acme_kit_Loss.html",
    }.items():
        link = BeautifulSoup((here / "_site" / old).read_bytes(), "html.parser").select_one("a")
        assert link
        assert link["href"] == to


def test_what_is_no_address_is_ignored(tmp_path: Path) -> None:
    lock = {"Principle/A": "../../etc/passwd", "Principle/B": "principle/..", "Principle/C": "principle/C"}
    (tmp_path / permalinks.LOCK).write_text(json.dumps(lock), encoding="utf-8")
    assert {key: kept.name for key, kept in permalinks.record(tmp_path).items()} == {"Principle/C": "principle/C"}
    (tmp_path / permalinks.LOCK).write_text("<<<<<<< ours\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"addresses\.json: .*mend it"):
        permalinks.record(tmp_path)


@pytest.mark.quarto
def test_addresses_lead_to_the_page_on_quartos_site(quarto: str, tmp_path: Path) -> None:
    wiki = tmp_path / "wiki/Heuristic"
    wiki.mkdir(parents=True)
    wanted = {"One": "/past/one/", "Two": "/about.html"}  # where a page of the project stands
    for name, address in wanted.items():
        text = f"---\naliases: [Former {name}, {address}]\n---\n# {name}\n\n## Overview\nWords.\n"
        (wiki / f"{name}.md").write_text(text, encoding="utf-8")
    (wiki / ".plan.md").write_text("# The plan file\n\n## Overview\nWords.\n", encoding="utf-8")
    here = copy_project(tmp_path / "here", tmp_path / "wiki", with_about_pages=False)
    (here / "about.qmd").write_text("---\ntitle: About us\n---\n\nWords.\n", encoding="utf-8")
    settings = (here / "_quarto.yml").read_text(encoding="utf-8")
    (here / "_quarto.yml").write_text(settings.replace("    - index.qmd", "    - index.qmd\n    - about.qmd"), "utf-8")
    command = [sys.executable, "scripts/wiki.py", "render", "--renderer", "quarto", "--shards", "2"]
    subprocess.run(command, cwd=here, check=True, capture_output=True)
    site = here / "_site"
    for name in wanted:
        assert f'{{"":"{name}.html"}}' in (site / f"notes/heuristic/Former_{name}.html").read_text(encoding="utf-8")
    old = (site / "past/one/index.html").read_text(encoding="utf-8")
    assert '{"":"../../notes/heuristic/One.html"}' in old
    for path in ("about.html", "notes/heuristic/Two.html", "notes/heuristic/dot-plan.html"):
        assert BeautifulSoup((site / path).read_bytes(), "html.parser").select_one("h1.title"), path


def test_the_fast_engine_makes_the_redirects_that_quarto_makes() -> None:
    body = {"aliases": ["/notes/heuristic/Former.html", "/notes/../past/one/index.html"], "title": "One"}
    made = dict(quarto_redirects("notes/heuristic/One.html", body))
    assert list(made) == ["notes/heuristic/Former.html", "past/one/index.html"]
    assert 'var redirects = {"":"One.html"};' in made["notes/heuristic/Former.html"]
    assert 'var redirects = {"":"../../notes/heuristic/One.html"};' in made["past/one/index.html"]


@pytest.mark.slow
def test_a_renamed_page_keeps_its_old_address(tmp_path: Path) -> None:
    here = copy_project(tmp_path / "here", GOLDEN / "two_dialects/wiki")
    build_draft(here)
    lock = json.loads((here / "notes" / permalinks.LOCK).read_text(encoding="utf-8"))
    assert lock["Principle/acme_kit_Loss"] == "principle/acme_kit_Loss"
    old = here / "data/wikis/Principle/acme_kit_Loss.md"
    text = old.read_text(encoding="utf-8")
    body = text.partition("---\n")[2].partition("---\n")[2] if text.startswith("---") else text
    new = f"---\naliases: [acme_kit_Loss]\n---\n{body}"
    old.with_name("acme_kit_Cost.md").write_text(new, encoding="utf-8")
    old.unlink()
    build_draft(here)
    page = BeautifulSoup((here / "_site/notes/principle/acme_kit_Loss.html").read_bytes(), "html.parser")
    link = page.select_one("a")
    assert link
    assert link["href"] == "acme_kit_Cost.html"
    config = load_config(here)
    assert site_context(load_wiki(config), config).redirects == {"Principle/acme_kit_Cost": ["principle/acme_kit_Loss"]}


def test_what_was_never_published_or_is_gone_for_a_release_is_forgotten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=here, check=True, capture_output=True)

    def record() -> dict[str, object]:
        return dict(json.loads((here / "notes" / permalinks.LOCK).read_text(encoding="utf-8")))

    names = ("Stays", "Published", "Experiment", "Renamed")
    here = write_project(tmp_path, {f"Principle/{name}.md": f"# {name}\n" for name in names[:2]})
    git("init", "-q")
    assert run_command(here, "build") == 0
    git("add", ".")
    git("commit", "-qm", "first")
    git("tag", "v1")
    (here / "data/wikis/Principle/Experiment.md").write_text("# Experiment\n", encoding="utf-8")
    assert run_command(here, "build") == 0
    for name in ("Published", "Experiment"):
        (here / f"data/wikis/Principle/{name}.md").unlink()
    assert run_command(here, "build") == 0
    assert record()["Principle/Published"] == {"address": "principle/Published", "kept": "gone"}
    assert run_command(here, "clean", "--addresses") == 0
    out = capsys.readouterr().out
    assert "Principle/Experiment is forgotten" in out
    assert "Principle/Published is kept: it has been published" in out
    assert set(record()) == {"Principle/Stays", "Principle/Published"}
    git("add", ".")
    git("commit", "-qm", "second")
    git("tag", "v2")
    assert run_command(here, "clean", "--addresses") == 0
    assert set(record()) == {"Principle/Stays"}
    assert [p.code for p in load_wiki(load_config(here)).problems if p.code in ("S009", "S010")] == []
