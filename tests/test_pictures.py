"""Pictures of pages for the sites on which they are shared: what they show, where pages name them, and their cost."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from PIL import Image

from conftest import build_draft, copy_project
from typedwiki import build, incremental
from typedwiki.config import load_config
from typedwiki.pages import pictures
from typedwiki.pages.pictures import SIZE, Picture, draw

BASE = "https://tea.example/house"
PAGES = {
    "Heuristic/Warm_the_pot": '# Warm the pot\n\n## Overview\nHot water first, "always" & everywhere.\n',
    "Heuristic/Silent": "# Silent\n\nNo overview.\n",
    "Principle/Größe": "# Über Größe\n\n## Overview\nLeaves: small or large?\n",
}
TITLE, ABOUT = (80, 180, 1120, 510), (80, 530, 1120, 600)
"""Areas of a picture."""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with an address."""
    wiki = tmp_path_factory.mktemp("wiki")
    for name, text in PAGES.items():
        (wiki / name).parent.mkdir(exist_ok=True)
        (wiki / f"{name}.md").write_text(text, encoding="utf-8")
    here = copy_project(tmp_path_factory.mktemp("pictures") / "here", wiki)
    set_website(here, {"site-url": f"{BASE}/", "title": "Tea house"})
    return here


def set_website(here: Path, values: dict[str, object]) -> None:
    settings = yaml.safe_load((here / "_quarto.yml").read_text(encoding="utf-8"))
    settings["website"] |= values
    (here / "_quarto.yml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def is_blank(picture: Image.Image, area: tuple[int, int, int, int]) -> bool:
    return picture.crop(area).getcolors(1) is not None


def picture(title: str, colour: str = "#aa3300", site: str = "Tea house") -> Image.Image:
    return opened(draw(Picture("", "Heuristic", title, site, colour)))


def test_a_picture_shows_the_type_in_its_colour_the_title_and_the_site() -> None:
    drawn = picture("Warm the pot")
    assert drawn.size == SIZE == (1200, 630)
    assert drawn.getpixel((600, 5)) == (0xAA, 0x33, 0)
    assert drawn.getpixel((600, 300)) == (255, 255, 255)
    assert not is_blank(drawn, TITLE)
    assert not is_blank(drawn, ABOUT)
    assert picture("Warm the pot").tobytes() == drawn.tobytes()
    assert picture("Cool the pot").crop(TITLE).tobytes() != drawn.crop(TITLE).tobytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    "title",
    [
        "Größe",
        "Привет",
        "λόγος → π²",
        "W" * 400,
        "words " * 90,
        "a_very_long_name.with.dots_and_no_space_at_all_in_it" * 2,
    ],
)
def test_a_title_stays_within_the_picture(title: str) -> None:
    drawn = picture(title)
    assert not is_blank(drawn, TITLE)
    for margin in ((0, 40, 80, 630), (1120, 40, 1200, 630), (0, 510, 1200, 530)):
        assert is_blank(drawn, margin)


@pytest.mark.parametrize("title", ["茶の本", "tea 🫖", "شاي", ""])
def test_a_title_without_letters_in_the_font_is_left_out_instead_of_boxes(title: str) -> None:
    drawn = picture(title)
    assert is_blank(drawn, TITLE)
    assert not is_blank(drawn, ABOUT)


def cards(page: Path) -> dict[str, str]:
    """What a page says to other sites."""
    tags = BeautifulSoup(page.read_bytes(), "html.parser").select("meta[property^='og:'], meta[name^='twitter:']")
    return {str(tag.get("property") or tag.get("name")): str(tag["content"]) for tag in tags}


def check(site: Path) -> None:
    pages = {
        "notes/heuristic/Warm_the_pot.html": "Hot water first, “always” & everywhere.",
        "notes/principle/Größe.html": "Leaves: small or large?",
        "notes/heuristic/Silent.html": None,
        "notes/wiki/explore.html": None,
        "index.html": None,
    }
    shown = {name: cards(site / name) for name in pages}
    for name, about in pages.items():
        card = shown[name]
        assert card["twitter:card"] == "summary_large_image"
        assert (card["og:image:width"], card["og:image:height"]) == ("1200", "630")
        assert card["og:image"].startswith(f"{BASE}/notes/assets/pictures/")
        assert card.get("twitter:image", card["og:image"]) == card["og:image"]
        assert opened((site / card["og:image"].removeprefix(f"{BASE}/")).read_bytes()).size == SIZE
        assert not about or card["og:description"] == card.get("twitter:description", about) == about
    whole = f"{BASE}/notes/assets/pictures/site.png"
    assert shown["index.html"]["og:image"] == shown["notes/wiki/explore.html"]["og:image"] == whole
    assert len({card["og:image"] for card in shown.values()}) == 4


@pytest.mark.slow
def test_pages_of_the_draft_name_theirs(here: Path) -> None:
    build_draft(here)
    check(here / "_site")


@pytest.mark.quarto
def test_pages_of_quarto_name_theirs_and_a_retitled_page_a_new_one(here: Path, quarto: str) -> None:
    command = [sys.executable, "scripts/wiki.py", "render", "--renderer", "quarto", "--engine", "quarto"]
    subprocess.run(command, cwd=here, check=True, capture_output=True)
    site = here / "_site"
    check(site)
    page = here / "data/wikis/Heuristic/Silent.md"
    before = cards(site / "notes/heuristic/Silent.html")["og:image"].rpartition("/")[2]
    page.write_text("# Loud\n\nNo overview.\n", encoding="utf-8")
    subprocess.run(command, cwd=here, check=True, capture_output=True)
    check(site)
    after = cards(site / "notes/heuristic/Silent.html")["og:image"].rpartition("/")[2]
    pictured = {path.name for path in (site / "notes/assets/pictures").iterdir()}
    assert after in pictured
    assert before not in pictured
    page.write_text(PAGES["Heuristic/Silent"], encoding="utf-8")


def test_only_changed_pictures_are_drawn_again(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []

    def counted(one: Picture) -> bytes:
        drawn.append(one.title)
        return draw(one)

    monkeypatch.setattr("typedwiki.generate.draw", counted)

    def built() -> list[str]:
        drawn.clear()
        build.build_if_changed(load_config(here))
        return sorted(drawn)

    incremental.path_of(load_config(here)).unlink(missing_ok=True)
    assert built() == ["Silent", "Tea house", "Warm the pot", "Über Größe"]
    page = here / "data/wikis/Heuristic/Silent.md"
    page.write_text(PAGES["Heuristic/Silent"] + "\nMore text.\n", encoding="utf-8")
    assert built() == []
    page.write_text("# Quiet\n\nNo overview.\n", encoding="utf-8")
    assert built() == ["Quiet"]
    page.write_text(PAGES["Heuristic/Silent"], encoding="utf-8")
    assert built() == ["Silent"]


def test_a_large_wiki_has_one_for_each_type(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST", 2)
    config = load_config(here)
    build.build(config)
    named = [
        yaml.safe_load((here / f"notes/{name}.qmd").read_text(encoding="utf-8").split("---\n")[1])["image"]
        for name in ("heuristic/Silent", "heuristic/Warm_the_pot", "principle/Größe")
    ]
    assert named[0] == named[1] != named[2]
    files = [path.name for path in (here / "notes/assets/pictures").iterdir()]
    assert sorted(files) == sorted({*(name.rpartition("/")[2] for name in named), "site.png"})


@pytest.mark.parametrize(
    ("website", "has_site_picture"),
    [({"site-url": None}, True), ({"open-graph": False, "twitter-card": False}, False), ({"image": "own.png"}, False)],
    ids=["no address", "no cards", "a picture of its own"],
)
def test_without_an_address_or_cards_pages_have_none(
    here: Path, tmp_path: Path, website: dict[str, object], has_site_picture: bool
) -> None:
    mine = copy_project(tmp_path / "mine", here / "data/wikis")
    set_website(mine, {"site-url": BASE, **website})
    build.build(load_config(mine))
    text = (mine / "notes/heuristic/Silent.qmd").read_text(encoding="utf-8")
    assert "pictures/" not in text.split("---\n")[1]
    names = [path.name for path in (mine / "notes/assets").glob("pictures/*")]
    assert names == (["site.png"] if has_site_picture else [])
