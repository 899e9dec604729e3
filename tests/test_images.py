"""Pictures: their sizes, and those of other hosts, which a site loads only if it says so."""

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

SHOWN = "https://pictures.example.org/a_(b)%20c.png?x=1&y={z}"
LONG = f"https://pictures.example.org/{'a' * 250}.png"
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

![One]({SHOWN})

Text ![two](https://PICTURES.example.org/b.png){{width=40px}} <img src="https://sub.wide.example/c.png" alt="three">
![four][r] ![long]({LONG})

![elsewhere](https://example.org/d.png) ![plain](http://pictures.example.org/e.png)
![user](https://pictures.example.org@example.net/f.png) `![g](https://example.org/g.png)`

[r]: https://pictures.example.org/r.png
"""
SETTING = '\n  remote-images: [pictures.example.org, "*.wide.example"]\n'
REMOTE = {SHOWN, LONG, "https://PICTURES.example.org/b.png", "https://sub.wide.example/c.png"}
REMOTE |= {"https://pictures.example.org/r.png"}
LINKED = {
    "https://example.org/d.png",
    "http://pictures.example.org/e.png",
    "https://pictures.example.org@example.net/f.png",
}


def prepared(folder: Path, setting: str) -> Path:
    pages = folder / "wiki/Principle"
    pages.mkdir(parents=True)
    (pages / "Dot.md").write_text(PAGE, encoding="utf-8")
    (pages / "dot.png").write_bytes(DOT)
    here = copy_project(folder / "project", folder / "wiki", with_about_pages=False)
    config = here / "_quarto.yml"
    config.write_text(config.read_text(encoding="utf-8").rstrip() + setting, encoding="utf-8")
    return here


def command(here: Path, *arguments: str) -> str:
    line = [sys.executable, "scripts/wiki.py", *arguments]
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    done = subprocess.run(line, cwd=here, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = prepared(tmp_path_factory.mktemp("images"), SETTING)
    command(here, "draft", "--no-search")
    return here


def pictures(here: Path, name: str = "Dot") -> set[str]:
    """Addresses of the pictures of other hosts that the note loads."""
    note = site_checks.soup(here / f"_site/notes/principle/{name}.html")
    return {src for image in note.select("main img") if "//" in (src := str(image["src"]))}


def links(here: Path, name: str = "Dot") -> set[str]:
    note = site_checks.soup(here / f"_site/notes/principle/{name}.html")
    return {str(link["href"]) for link in note.select("main a[href]") if str(link["href"]).endswith(".png")}


@pytest.mark.slow
def test_a_draft_shows_pictures_of_the_hosts_that_are_named(drafted: Path) -> None:
    assert pictures(drafted) == REMOTE
    assert links(drafted) >= LINKED


@pytest.mark.slow
def test_no_other_host_is_asked_unless_the_site_says_so(tmp_path: Path) -> None:
    here = prepared(tmp_path, "\n")
    command(here, "draft", "--no-search")
    assert pictures(here) == set()
    assert links(here) >= LINKED
    assert "img-src 'self' data:;" in command(here, "policy")


@pytest.mark.quarto
def test_quarto_and_the_fast_engine_show_the_same(quarto: str, tmp_path: Path) -> None:
    here = prepared(tmp_path, SETTING)
    plain = f"# Dots\n\n## Overview\nDots.\n{PAGE[PAGE.index('## Hosts') :]}".replace("{width=40px}", "")
    for number in range(12):  # so that some are stamped
        (here / f"data/wikis/Principle/Plain_{number}.md").write_text(plain, encoding="utf-8")
    command(here, "render", "--engine", "fast", "--renderer", "quarto")
    stamped = json.loads((here / ".typedwiki/stamped.json").read_bytes())
    assert stamped
    for name in ("Dot", *(Path(note).stem for note in stamped)):
        assert pictures(here, name) == REMOTE
        assert links(here, name) >= LINKED
    assert sizes(here) == SIZES


SIZES = [
    {"style": "width:50.0%"},
    {"style": "width:3cm"},
    {"width": "20", "height": "30"},
    {"style": "width:50.0%;height:3cm"},
    {},
]


def sizes(here: Path) -> list[dict[str, str]]:
    note = site_checks.soup(here / "_site/notes/principle/Dot.html")
    return [
        {name: str(image[name]) for name in ("width", "height", "style", "onload") if image.has_attr(name)}
        for image in note.select("#sizes img")
    ]


def test_sizes_are_kept_and_nothing_else(drafted: Path) -> None:
    assert sizes(drafted) == SIZES


def test_the_policy_names_the_hosts(drafted: Path) -> None:
    assert "img-src 'self' data: https://pictures.example.org https://*.wide.example;" in command(drafted, "policy")
    assert "img-src 'self' data: https:;" in policy(drafted / "_site", ("*",))


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
def test_which_pictures_are_loaded(address: str, hosts: tuple[str, ...], allowed: bool) -> None:
    assert may_load(address, hosts) is allowed


@pytest.mark.parametrize(
    "value", ["3", "[a.org, 3]", "https://a.org", "[a.org/x]", "a b", "[a.org; script-src *]", '["*"]', '["a.*.org"]']
)
def test_a_host_is_a_host(value: str, tmp_path: Path) -> None:
    (tmp_path / "data/wikis").mkdir(parents=True)
    (tmp_path / "_quarto.yml").write_text(f"typedwiki: {{remote-images: {value}}}")
    done = run_wiki("--project", tmp_path, "check")
    assert done.returncode == 2
    assert "error W003 typedwiki: remote-images: must be a list of hosts" in done.stderr


def told(here: Path) -> list[tuple[str, str]]:
    return [(p.message, p.hint) for p in load_project(here).problems if p.code == "L011"]


def test_the_info_names_the_setting_which_mends_it(tmp_path: Path) -> None:
    here = write_project(
        tmp_path, {"Principle/A.md": "# A\n\n![x](https://Example.org/x.png)\n![y](http://b.org/y.png)\n"}
    )
    copied = "put a copy of it beside the page"
    assert [hint for _, hint in told(here)] == [
        f"{copied}, or let the site load it with `typedwiki: remote-images: [example.org]`",
        f"{copied}; of other hosts only what has a full https address can be loaded",
    ]
    for value in ("example.org", ["example.org"], True):
        (here / "_quarto.yml").write_text(json.dumps({"typedwiki": {"remote-images": value}}), encoding="utf-8")
        assert [message[:40] for message, _ in told(here)] == ["the picture `http://b.org/y.png` is link"]


def test_files_are_found_by_their_names_and_boxes_in_what_is_embedded(tmp_path: Path) -> None:
    pages = {
        "Diary/Kiln.md": "# Kiln\n\nText.\n\n> [!tip] Care\n> Sweep it.\n\n^care\n",
        "Diary/Day.md": "![[my photo.png]] ![[Files/plan.png]] ![a](other.png) ![[none.png]]\n\n![[Kiln#^care]]\n",
        "Diary/Wall.mediawiki": "A wall. [[File:my photo.png]]\n",
    }
    for name, text in pages.items():
        path = tmp_path / "vault" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    pictures = ("Files/my photo.png", "Files/plan.png", "Diary/plan.png", "Diary/near/other.png", "far/other.png")
    for number, name in enumerate((*pictures, ".trash/none.png")):
        picture = tmp_path / "vault" / name
        picture.parent.mkdir(exist_ok=True)
        picture.write_bytes(DOT + bytes([number]))
    (tmp_path / "vault/Files/my photo.png").rename(tmp_path / "vault/Files/My_photo.png")
    here = copy_project(tmp_path / "project", tmp_path / "vault")
    build_draft(here)
    day = site_checks.soup(here / "_site/notes/diary/Day.html")
    shown = [(here / "_site/notes/diary" / str(image["src"])).read_bytes()[-1] for image in day.select("main img")]
    assert shown == [0, 1, 3]
    assert [str(gone["title"]) for gone in day.select(".tw-missing")] == ["none.png: no such file"]
    assert [box.get_text(" ", strip=True) for box in day.select(".tw-embed .callout-tip")] == ["Care Sweep it."]
    assert len(site_checks.soup(here / "_site/notes/diary/Wall.html").select("main img")) == 1
