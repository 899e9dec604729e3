"""Where notes stand: stable, unique, and remembered."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from authoring import run, written
from conftest import GOLDEN, draft, project
from typedwiki.config import load_config
from typedwiki.notes import addresses
from typedwiki.pipeline import site_of, understand
from typedwiki.schema import load

SCHEMA = load()


def names(tmp_path: Path, pages: dict[str, str], locked: dict[str, str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Addresses, and earlier ones, of pages given by path and text."""
    for path, text in pages.items():
        (tmp_path / "w" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "w" / path).write_text(text, encoding="utf-8")
    (tmp_path / "_quarto.yml").write_text("typedwiki: {source: w}\n", encoding="utf-8")
    graph = understand(load_config(tmp_path)).graph
    found = addresses.note_names(graph, SCHEMA, locked)
    return found, addresses.redirects(graph, SCHEMA, found, locked)


def test_names_are_safe_and_each_once(tmp_path: Path) -> None:
    found, _ = names(tmp_path, {"Principle/A b.md": "", "Principle/a_B.md": "", "Principle/README.md": ""}, {})
    assert sorted(found.values()) == ["principle/A_b", "principle/a_B-2", "principle/page-README"]


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
    assert redirects == ({"Principle/New": list(locked.values())} if leads else {})


def test_what_is_no_address_is_ignored(tmp_path: Path) -> None:
    lock = {"Principle/A": "../../etc/passwd", "Principle/B": "principle/..", "Principle/C": "principle/C"}
    (tmp_path / addresses.LOCK).write_text(json.dumps(lock), encoding="utf-8")
    assert addresses.load(tmp_path) == {"Principle/C": "principle/C"}
    (tmp_path / addresses.LOCK).write_text("<<<<<<< ours\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"addresses\.json: .*mend it"):
        addresses.load(tmp_path)


def test_a_renamed_page_keeps_its_old_address(tmp_path: Path) -> None:
    here = project(tmp_path / "here", GOLDEN / "two_dialects/wiki")
    draft(here)
    lock = json.loads((here / "notes" / addresses.LOCK).read_text(encoding="utf-8"))
    assert lock["Principle/acme_kit_Loss"] == "principle/acme_kit_Loss"
    old = here / "data/wikis/Principle/acme_kit_Loss.md"
    text = old.read_text(encoding="utf-8")
    body = text.partition("---\n")[2].partition("---\n")[2] if text.startswith("---") else text
    new = f"---\naliases: [acme_kit_Loss]\n---\n{body}"
    old.with_name("acme_kit_Cost.md").write_text(new, encoding="utf-8")
    old.unlink()
    draft(here)
    page = BeautifulSoup((here / "_site/notes/principle/acme_kit_Loss.html").read_bytes(), "html.parser")
    link = page.select_one("a")
    assert link
    assert link["href"] == "acme_kit_Cost.html"
    config = load_config(here)
    assert site_of(understand(config), config).redirects == {"Principle/acme_kit_Cost": ["principle/acme_kit_Loss"]}


def test_what_was_never_published_or_is_gone_for_a_release_is_forgotten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=here, check=True, capture_output=True)

    def record() -> dict[str, object]:
        return dict(json.loads((here / "notes" / addresses.LOCK).read_text(encoding="utf-8")))

    names = ("Stays", "Published", "Experiment", "Renamed")
    here = written(tmp_path, {f"Principle/{name}.md": f"# {name}\n" for name in names[:2]})
    git("init", "-q")
    assert run(here, "build") == 0
    git("add", ".")
    git("commit", "-qm", "first")
    git("tag", "v1")
    (here / "data/wikis/Principle/Experiment.md").write_text("# Experiment\n", encoding="utf-8")
    assert run(here, "build") == 0
    for name in ("Published", "Experiment"):
        (here / f"data/wikis/Principle/{name}.md").unlink()
    assert run(here, "build") == 0
    assert record()["Principle/Published"] == {"address": "principle/Published", "kept": "gone"}
    assert run(here, "clean", "--addresses") == 0
    out = capsys.readouterr().out
    assert "Principle/Experiment is forgotten" in out
    assert "Principle/Published is kept: it has been published" in out
    assert set(record()) == {"Principle/Stays", "Principle/Published"}
    git("add", ".")
    git("commit", "-qm", "second")
    git("tag", "v2")
    assert run(here, "clean", "--addresses") == 0
    assert set(record()) == {"Principle/Stays"}
    assert [p.code for p in understand(load_config(here)).problems if p.code in ("S009", "S010")] == []
