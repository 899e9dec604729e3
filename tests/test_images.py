"""Pictures: sizes, and pictures of other hosts, which a site loads only if it is configured so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import site_checks
from conftest import build_draft, copy_project
from test_cli import run_wiki
from test_pages import DOT
from typedwiki.render.policy import policy
from typedwiki.text.characters import may_load
from wiki_project import load_project, write_project

ALLOWED_ADDRESS = "https://pictures.example.org/a_(b)%20c.png?x=1&y={z}"
LONG_ADDRESS = f"https://pictures.example.org/{'a' * 250}.png"
PAGE = f"""# Dot

## Overview
A dot.

## Sizes

![[dot.png]]{{width=50%}}

![[dot.png|200]]{{width=3cm}}

![[dot.png|A *dot*|20x30]]

![](dot.png){{width=50% height=3cm}}

![](dot.png){{width=5zz height=expression(1) onload=x}}

## Hosts

![One]({ALLOWED_ADDRESS})

Text ![two](https://PICTURES.example.org/b.png){{width=40px}} <img src="https://sub.wide.example/c.png" alt="three">
![four][r] ![long]({LONG_ADDRESS})

![elsewhere](https://example.org/d.png) ![plain](http://pictures.example.org/e.png)
![user](https://pictures.example.org@example.net/f.png) `![g](https://example.org/g.png)`

[r]: https://pictures.example.org/r.png
"""
SETTING = '\n  remote-images: [pictures.example.org, "*.wide.example"]\n'
LOADED = {ALLOWED_ADDRESS, LONG_ADDRESS, "https://PICTURES.example.org/b.png", "https://sub.wide.example/c.png"}
LOADED |= {"https://pictures.example.org/r.png"}
LINKED = {
    "https://example.org/d.png",
    "http://pictures.example.org/e.png",
    "https://pictures.example.org@example.net/f.png",
}


def write_picture_project(folder: Path, setting: str) -> Path:
    pages = folder / "wiki/Principle"
    pages.mkdir(parents=True)
    (pages / "Dot.md").write_text(PAGE, encoding="utf-8")
    (pages / "dot.png").write_bytes(DOT)
    project = copy_project(folder / "project", folder / "wiki", with_about_pages=False)
    config = project / "_quarto.yml"
    config.write_text(config.read_text(encoding="utf-8").rstrip() + setting, encoding="utf-8")
    return project


def run_wiki_in(project: Path, *arguments: str) -> str:
    command_line = [sys.executable, "scripts/wiki.py", *arguments]
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    result = subprocess.run(
        command_line, cwd=project, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def draft_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = write_picture_project(tmp_path_factory.mktemp("images"), SETTING)
    run_wiki_in(project, "draft", "--no-search")
    return project


def remote_pictures(project: Path, name: str = "Dot") -> set[str]:
    """The addresses of the pictures of other hosts that the note loads."""
    note = site_checks.soup(project / f"_site/notes/principle/{name}.html")
    return {src for image in note.select("main img") if "//" in (src := str(image["src"]))}


def picture_links(project: Path, name: str = "Dot") -> set[str]:
    note = site_checks.soup(project / f"_site/notes/principle/{name}.html")
    return {str(link["href"]) for link in note.select("main a[href]") if str(link["href"]).endswith(".png")}


@pytest.mark.slow
def test_draft_loads_pictures_of_allowed_hosts(draft_project: Path) -> None:
    assert remote_pictures(draft_project) == LOADED
    assert picture_links(draft_project) >= LINKED


@pytest.mark.slow
def test_no_remote_picture_is_loaded_by_default(tmp_path: Path) -> None:
    project = write_picture_project(tmp_path, "\n")
    run_wiki_in(project, "draft", "--no-search")
    assert remote_pictures(project) == set()
    assert picture_links(project) >= LINKED
    assert "img-src 'self' data:;" in run_wiki_in(project, "policy")


@pytest.mark.quarto
def test_quarto_and_the_fast_engine_load_the_same_pictures(quarto: str, tmp_path: Path) -> None:
    project = write_picture_project(tmp_path, SETTING)
    plain = f"# Dots\n\n## Overview\nDots.\n{PAGE[PAGE.index('## Hosts') :]}".replace("{width=40px}", "")
    for number in range(12):  # enough for some to be stamped
        (project / f"data/wikis/Principle/Plain_{number}.md").write_text(plain, encoding="utf-8")
    run_wiki_in(project, "render", "--engine", "fast", "--renderer", "quarto")
    stamped = json.loads((project / ".typedwiki/stamped.json").read_bytes())
    assert stamped
    for name in ("Dot", *(Path(note).stem for note in stamped)):
        assert remote_pictures(project, name) == LOADED
        assert picture_links(project, name) >= LINKED
    assert picture_sizes(project) == SIZES


SIZES = [
    {"style": "width:50.0%"},
    {"style": "width:3cm"},
    {"width": "20", "height": "30"},
    {"style": "width:50.0%;height:3cm"},
    {},
]


def picture_sizes(project: Path) -> list[dict[str, str]]:
    note = site_checks.soup(project / "_site/notes/principle/Dot.html")
    return [
        {name: str(image[name]) for name in ("width", "height", "style", "onload") if image.has_attr(name)}
        for image in note.select("#sizes img")
    ]


def test_only_sizes_are_kept(draft_project: Path) -> None:
    assert picture_sizes(draft_project) == SIZES


def test_policy_names_the_hosts(draft_project: Path) -> None:
    assert "img-src 'self' data: https://pictures.example.org https://*.wide.example;" in run_wiki_in(
        draft_project, "policy"
    )
    assert "img-src 'self' data: https:;" in policy(draft_project / "_site", ("*",))


@pytest.mark.parametrize(
    ("address", "hosts", "allowed"),
    [
        ("https://a.org/x.png", ("a.org",), True),
        ("https://a.org", ("a.org",), True),
        ("https://A.org/x.png", ("a.org",), True),
        ("https://a.org:8443/x.png", ("a.org:8443",), True),
        ("https://a.org:8443/x.png", ("a.org",), False),
        ("https://b.a.org/x.png", ("*.a.org",), True),
        ("https://a.org/x.png", ("*.a.org",), False),
        ("https://evila.org/x.png", ("*.a.org",), False),
        ("https://b.org/x.png", ("*",), True),
        ("http://a.org/x.png", ("*",), False),
        ("//a.org/x.png", ("*",), False),
        ("data:image/png;base64,AA==", ("*",), False),
        ("x.png", ("*",), False),
        ("https://a.org@b.org/x.png", ("a.org",), False),
        ("https://b.org\\@a.org/x.png", ("a.org",), False),
        ("https://b.org\\.a.org/x.png", ("*.a.org",), False),
        ("https://a.org.b.org/x.png", ("a.org",), False),
        ("https://b.org#@a.org/", ("a.org",), False),
        ("https:///a.org/x.png", ("a.org",), False),
        ("https://a.org/x.png", (), False),
    ],
)
def test_may_load(address: str, hosts: tuple[str, ...], allowed: bool) -> None:
    assert may_load(address, hosts) is allowed


@pytest.mark.parametrize(
    "value", ["3", "[a.org, 3]", "https://a.org", "[a.org/x]", "a b", "[a.org; script-src *]", '["*"]', '["a.*.org"]']
)
def test_invalid_hosts_are_refused(value: str, tmp_path: Path) -> None:
    (tmp_path / "data/wikis").mkdir(parents=True)
    (tmp_path / "_quarto.yml").write_text(f"typedwiki: {{remote-images: {value}}}")
    result = run_wiki("--project", tmp_path, "check")
    assert result.returncode == 2
    assert "error W003 typedwiki: remote-images: must be a list of hosts" in result.stderr


def remote_picture_problems(project: Path) -> list[tuple[str, str]]:
    return [(p.message, p.hint) for p in load_project(project).problems if p.code == "L011"]


def test_hint_names_the_setting(tmp_path: Path) -> None:
    project = write_project(
        tmp_path, {"Principle/A.md": "# A\n\n![x](https://Example.org/x.png)\n![y](http://b.org/y.png)\n"}
    )
    advice = "put a copy of it beside the page"
    assert [hint for _, hint in remote_picture_problems(project)] == [
        f"{advice}, or let the site load it with `typedwiki: remote-images: [example.org]`",
        f"{advice}; of other hosts only what has a full https address can be loaded",
    ]
    for value in ("example.org", ["example.org"], True):
        (project / "_quarto.yml").write_text(json.dumps({"typedwiki": {"remote-images": value}}), encoding="utf-8")
        assert [message[:40] for message, _ in remote_picture_problems(project)] == [
            "the picture `http://b.org/y.png` is link"
        ]


def test_files_are_found_by_name_and_callouts_are_embedded(tmp_path: Path) -> None:
    pages = {
        "Diary/Kiln.md": "# Kiln\n\nText.\n\n> [!tip] Care\n> Sweep it.\n\n^care\n",
        "Diary/Day.md": "![[my photo.png]] ![[Files/plan.png]] ![a](other.png) ![[none.png]]\n\n![[Kiln#^care]]\n",
        "Diary/Wall.mediawiki": "A wall. [[File:my photo.png]]\n",
    }
    for name, text in pages.items():
        path = tmp_path / "vault" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    remote_pictures = (
        "Files/my photo.png",
        "Files/plan.png",
        "Diary/plan.png",
        "Diary/near/other.png",
        "far/other.png",
    )
    for number, name in enumerate((*remote_pictures, ".trash/none.png")):
        picture = tmp_path / "vault" / name
        picture.parent.mkdir(exist_ok=True)
        picture.write_bytes(DOT + bytes([number]))
    (tmp_path / "vault/Files/my photo.png").rename(tmp_path / "vault/Files/My_photo.png")
    project = copy_project(tmp_path / "project", tmp_path / "vault")
    build_draft(project)
    day = site_checks.soup(project / "_site/notes/diary/Day.html")
    picture_numbers = [
        (project / "_site/notes/diary" / str(image["src"])).read_bytes()[-1] for image in day.select("main img")
    ]
    assert picture_numbers == [0, 1, 3]
    assert [str(missing["title"]) for missing in day.select(".tw-missing")] == ["none.png: no such file"]
    assert [box.get_text(" ", strip=True) for box in day.select(".tw-embed .callout-tip")] == ["Care Sweep it."]
    assert len(site_checks.soup(project / "_site/notes/diary/Wall.html").select("main img")) == 1
