"""Incremental rendering gives the same site as a complete one."""

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


def run_wiki(project: Path, *arguments: str) -> str:
    """Run a command in a project; return what it prints."""
    command = [sys.executable, "scripts/wiki.py", *arguments]
    result = subprocess.run(command, cwd=project, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def read_site(project: Path) -> dict[str, object]:
    """Every file of a site; the sitemap without the times of files."""
    files: dict[str, object] = {}
    for path in sorted((project / "_site").rglob("*")):
        name = path.relative_to(project / "_site").as_posix()
        if name == "sitemap.xml":
            files[name] = re.sub(r"<lastmod>.*?</lastmod>", "", path.read_text(encoding="utf-8"))
        elif path.is_file():
            files[name] = path.read_bytes()
    return files


def page(kind: str, title: str, text: str) -> str:
    return f"# {title}\n\n## Overview\n\n{title} is a {kind}.\n\n## Content\n\n{text}\n"


def edit_randomly(project: Path, rng: random.Random, step: int) -> None:
    """Make one to three random edits."""
    root = project / "data/wikis"
    pages = sorted(p for p in root.rglob("*.md*") if not p.name.startswith("_"))
    for _ in range(rng.randint(1, 3)):
        match rng.randrange(5):
            case 0:
                with rng.choice(pages).open("a", encoding="utf-8") as file:
                    file.write(f"\nWords of step {step}.\n")
            case 1:
                text = page("Heuristic", f"Tip {step}", "```mermaid\ngraph TD\n A-->B\n```\n\n[[Principle:Loss]]")
                (root / "heuristics").mkdir(exist_ok=True)
                (root / "heuristics" / f"acme_kit_Tip_{step}.md").write_text(text, encoding="utf-8")
            case 2 if len(pages) > 4:
                pages.pop(rng.randrange(len(pages))).unlink()
            case 3:
                text = f"---\ntitle: By hand {step}\naliases: [earlier-{step}.html]\n---\n\nWords.\n"
                (project / "notes" / f"hand-{step % 2}.qmd").write_text(text, encoding="utf-8")
            case _:
                (project / "notes/hand-0.qmd").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def edited_project(quarto: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that tests edit one after the other; each render brings it up to date."""
    edited_project = copy_project(tmp_path_factory.mktemp("render") / "project", GOLDEN / "two_dialects/wiki")
    config = (edited_project / "_quarto.yml").read_text(encoding="utf-8")
    address = "website:\n  site-url: https://example.org/wiki/\n"
    (edited_project / "_quarto.yml").write_text(config.replace("website:\n", address), encoding="utf-8")
    run_wiki(edited_project, "render")
    return edited_project


def copy_clean(project: Path, to: Path) -> Path:
    """A copy of a project like a fresh clone: without a site and records of builds."""
    shutil.copytree(project, to, ignore=shutil.ignore_patterns("_site", ".typedwiki", ".quarto"))
    return to


def test_edit_renders_only_changed_pages(edited_project: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (edited_project / "_site/notes").rglob("*.html")}
    with (edited_project / "data/wikis/heuristics/acme_kit_Start_Small.md").open("a", encoding="utf-8") as file:
        file.write("\nMore.\n")
    run_wiki(edited_project, "render")
    changed = {path.stem for path, time in before.items() if path.stat().st_mtime_ns != time}
    assert changed == {"acme_kit_Start_Small"}


def test_rendering_again_does_nothing(edited_project: Path) -> None:
    run_wiki(edited_project, "render")
    before = {p: p.stat().st_mtime_ns for p in (edited_project / "_site").rglob("*")}
    assert "typedwiki: nothing has changed since the last render" in run_wiki(edited_project, "render").splitlines()
    assert {p: p.stat().st_mtime_ns for p in (edited_project / "_site").rglob("*")} == before


def test_damaged_site_is_repaired(edited_project: Path) -> None:
    expected = read_site(edited_project)
    victim = edited_project / "_site/notes/principle/acme_kit_Loss.html"
    victim.write_text("half a pa", encoding="utf-8")
    (edited_project / "_site/notes/wiki/audit.html").unlink()
    run_wiki(edited_project, "render")
    assert read_site(edited_project) == expected


@pytest.mark.parametrize("seed", range(1, 6 if ALL_CASES else 2))
def test_incremental_render_equals_plain_quarto(quarto: str, edited_project: Path, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    for step in range(4):
        edit_randomly(edited_project, rng, step)
        run_wiki(edited_project, "render")
    check_against_plain_quarto(quarto, copy_clean(edited_project, tmp_path / "fresh"), read_site(edited_project))


def check_against_plain_quarto(quarto: str, project: Path, actual: dict[str, object]) -> None:
    """Compare with Quarto, whose search index and sitemap have the order of the file system."""
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    subprocess.run([quarto, "render"], cwd=project, env=environment, capture_output=True, check=True)
    expected = read_site(project)
    assert actual.keys() == expected.keys()
    different = {name for name in expected if actual[name] != expected[name]}
    assert different <= {"search.json", "sitemap.xml", "robots.txt"}

    def entries(text: object) -> list[str]:
        assert isinstance(text, bytes)
        return sorted(json.dumps(entry, sort_keys=True) for entry in json.loads(text))

    assert entries(actual["search.json"]) == entries(expected["search.json"])


def test_merged_shards_equal_the_incremental_site(edited_project: Path, tmp_path: Path) -> None:
    """Byte for byte."""
    run_wiki(edited_project, "render")
    for number in (1, 2):
        machine = copy_clean(edited_project, tmp_path / f"machine-{number}")
        run_wiki(machine, "render", "--shard", f"{number}/2", "--to", str(tmp_path / f"shard-{number}"))
    merged = copy_clean(edited_project, tmp_path / "merged")
    result = subprocess.run(
        [sys.executable, "scripts/wiki.py", "merge", str(tmp_path / "shard-1")],
        cwd=merged,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (result.returncode, result.stderr) == (2, "typedwiki: 1 of 2 shards given; missing: 2\n")
    run_wiki(merged, "merge", *(str(tmp_path / f"shard-{n}") for n in (1, 2)))
    assert read_site(merged) == read_site(edited_project)
