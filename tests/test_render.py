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

from conftest import GOLDEN, project

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


@pytest.mark.parametrize("seed", [1, 2])
def test_incremental_equals_full(quarto: str, tmp_path: Path, seed: int) -> None:
    here = project(tmp_path / "here", GOLDEN / "two_dialects/wiki")
    config = (here / "_quarto.yml").read_text(encoding="utf-8")
    address = "website:\n  site-url: https://example.org/wiki/\n"
    (here / "_quarto.yml").write_text(config.replace("website:\n", address), encoding="utf-8")
    wiki(here, "render", "--shards", "2")
    dice = random.Random(seed)
    for step in range(4):
        edit(here, dice, step)
        wiki(here, "render")
    fresh = tmp_path / "fresh"
    skip = shutil.ignore_patterns("_site", ".typedwiki", ".quarto")
    shutil.copytree(here, fresh, ignore=skip)
    wiki(fresh, "render", "--force")
    ours, full = site(here), site(fresh)
    assert ours.keys() == full.keys()
    assert [name for name in full if ours[name] != full[name]] == []
    assert "typedwiki: nothing has changed since the last render" in wiki(here, "render").splitlines()
    check_against_plain_quarto(quarto, fresh, full)


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


def test_an_edit_renders_only_what_it_changes(quarto: str, tmp_path: Path) -> None:
    here = project(tmp_path / "here", GOLDEN / "two_dialects/wiki")
    wiki(here, "render")
    before = {path: path.stat().st_mtime_ns for path in (here / "_site/notes").rglob("*.html")}
    with (here / "data/wikis/heuristics/acme_kit_Start_Small.md").open("a", encoding="utf-8") as file:
        file.write("\nMore.\n")
    wiki(here, "render")
    changed = {path.stem for path, time in before.items() if path.stat().st_mtime_ns != time}
    assert changed == {"acme_kit_Start_Small"}


def test_an_interrupted_merge_is_made_good(quarto: str, tmp_path: Path) -> None:
    here = project(tmp_path / "here", GOLDEN / "two_dialects/wiki")
    wiki(here, "render")
    right = site(here)
    victim = here / "_site/notes/principle/acme_kit_Loss.html"
    victim.write_text("half a pa", encoding="utf-8")
    (here / "_site/notes/wiki/audit.html").unlink()
    wiki(here, "render")
    assert site(here) == right


def test_shards_from_several_machines_make_the_same_site(quarto: str, tmp_path: Path) -> None:
    here = project(tmp_path / "here", GOLDEN / "two_dialects/wiki")
    machines = [tmp_path / f"machine-{number}" for number in (1, 2, 3)]
    for number, machine in enumerate(machines, 1):
        shutil.copytree(here, machine)
        wiki(machine, "render", "--shard", f"{number}/3", "--to", str(tmp_path / f"shard-{number}"))
    wiki(here, "render", "--force")
    merged = tmp_path / "merged"
    shutil.copytree(here, merged, ignore=shutil.ignore_patterns("_site", ".typedwiki"))
    done = subprocess.run(
        [sys.executable, "scripts/wiki.py", "merge", *(str(tmp_path / f"shard-{n}") for n in (1, 3))],
        cwd=merged,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, "typedwiki: 2 of 3 shards given; missing: 2\n")
    wiki(merged, "merge", *(str(tmp_path / f"shard-{n}") for n in (1, 2, 3)))
    assert site(merged) == site(here)
