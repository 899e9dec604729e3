"""Rendering what changed gives the site that rendering everything gives."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ALL_CASES, GOLDEN, copy_project

pytestmark = pytest.mark.quarto


def wiki(here: Path, *arguments: str) -> str:
    """Run a command in a project; what it prints."""
    command = [sys.executable, "scripts/wiki.py", *arguments]
    done = subprocess.run(command, cwd=here, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def site(here: Path) -> dict[str, object]:
    """Every file of a site; of the site map all but the times of files."""
    files: dict[str, object] = {}
    for path in sorted((here / "_site").rglob("*")):
        name = path.relative_to(here / "_site").as_posix()
        if name == "sitemap.xml":
            files[name] = re.sub(r"<lastmod>.*?</lastmod>", "", path.read_text(encoding="utf-8"))
        elif path.is_file():
            files[name] = path.read_bytes()
    return files


def page(kind: str, title: str, text: str) -> str:
    return f"# {title}\n\n## Overview\n\n{title} is a {kind}.\n\n## Content\n\n{text}\n"


def edit(here: Path, dice: random.Random, step: int) -> None:
    """One to three of the things that an author does."""
    root = here / "data/wikis"
    pages = sorted(p for p in root.rglob("*.md*") if not p.name.startswith("_"))
    for _ in range(dice.randint(1, 3)):
        match dice.randrange(5):
            case 0:
                with dice.choice(pages).open("a", encoding="utf-8") as file:
                    file.write(f"\nWords of step {step}.\n")
            case 1:
                text = page("Heuristic", f"Tip {step}", "```mermaid\ngraph TD\n A-->B\n```\n\n[[Principle:Loss]]")
                (root / "heuristics").mkdir(exist_ok=True)
                (root / "heuristics" / f"acme_kit_Tip_{step}.md").write_text(text, encoding="utf-8")
            case 2 if len(pages) > 4:
                pages.pop(dice.randrange(len(pages))).unlink()
            case 3:
                text = f"---\ntitle: By hand {step}\naliases: [earlier-{step}.html]\n---\n\nWords.\n"
                (here / "notes" / f"hand-{step % 2}.qmd").write_text(text, encoding="utf-8")
            case _:
                (here / "notes/hand-0.qmd").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def here(quarto: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that tests edit one after the other: rendering brings it up to date."""
    here = copy_project(tmp_path_factory.mktemp("render") / "here", GOLDEN / "two_dialects/wiki")
    config = (here / "_quarto.yml").read_text(encoding="utf-8")
    address = "website:\n  site-url: https://example.org/wiki/\n"
    (here / "_quarto.yml").write_text(config.replace("website:\n", address), encoding="utf-8")
    wiki(here, "render")
    return here


def copied(here: Path, to: Path) -> Path:
    """A project as a clone has it: without a site, and nothing known of what was rendered."""
    shutil.copytree(here, to, ignore=shutil.ignore_patterns("_site", ".typedwiki", ".quarto"))
    return to


def test_an_edit_renders_only_what_it_changes(here: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (here / "_site/notes").rglob("*.html")}
    with (here / "data/wikis/heuristics/acme_kit_Start_Small.md").open("a", encoding="utf-8") as file:
        file.write("\nMore.\n")
    wiki(here, "render")
    changed = {path.stem for path, time in before.items() if path.stat().st_mtime_ns != time}
    assert changed == {"acme_kit_Start_Small"}


def test_rendering_again_does_nothing(here: Path) -> None:
    wiki(here, "render")
    before = {p: p.stat().st_mtime_ns for p in (here / "_site").rglob("*")}
    assert "typedwiki: nothing has changed since the last render" in wiki(here, "render").splitlines()
    assert {p: p.stat().st_mtime_ns for p in (here / "_site").rglob("*")} == before


def test_an_interrupted_merge_is_made_good(here: Path) -> None:
    right = site(here)
    victim = here / "_site/notes/principle/acme_kit_Loss.html"
    victim.write_text("half a pa", encoding="utf-8")
    (here / "_site/notes/wiki/audit.html").unlink()
    wiki(here, "render")
    assert site(here) == right


@pytest.mark.parametrize("seed", range(1, 6 if ALL_CASES else 2))
def test_incremental_equals_full(quarto: str, here: Path, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    for step in range(4):
        edit(here, dice, step)
        wiki(here, "render")
    check_against_plain_quarto(quarto, copied(here, tmp_path / "fresh"), site(here))


def check_against_plain_quarto(quarto: str, here: Path, ours: dict[str, object]) -> None:
    """Quarto itself writes its search index and site map in the order of the file system."""
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    subprocess.run([quarto, "render"], cwd=here, env=environment, capture_output=True, check=True)
    plain = site(here)
    assert ours.keys() == plain.keys()
    different = {name for name in plain if ours[name] != plain[name]}
    assert different <= {"search.json", "sitemap.xml", "robots.txt"}

    def entries(text: object) -> list[str]:
        assert isinstance(text, bytes)
        return sorted(json.dumps(entry, sort_keys=True) for entry in json.loads(text))

    assert entries(ours["search.json"]) == entries(plain["search.json"])


def test_shards_from_several_machines_make_the_same_site(here: Path, tmp_path: Path) -> None:
    """The same as edits have made of it, byte for byte."""
    wiki(here, "render")
    for number in (1, 2):
        machine = copied(here, tmp_path / f"machine-{number}")
        wiki(machine, "render", "--shard", f"{number}/2", "--to", str(tmp_path / f"shard-{number}"))
    merged = copied(here, tmp_path / "merged")
    done = subprocess.run(
        [sys.executable, "scripts/wiki.py", "merge", str(tmp_path / "shard-1")],
        cwd=merged,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, "typedwiki: 1 of 2 shards given; missing: 2\n")
    wiki(merged, "merge", *(str(tmp_path / f"shard-{n}") for n in (1, 2)))
    assert site(merged) == site(here)
