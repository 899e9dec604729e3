"""Pictures of pages for social media: their content, the tags of pages, and their cost."""

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
def tea_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a site address."""
    wiki = tmp_path_factory.mktemp("wiki")
    for name, text in PAGES.items():
        (wiki / name).parent.mkdir(exist_ok=True)
        (wiki / f"{name}.md").write_text(text, encoding="utf-8")
    tea_project = copy_project(tmp_path_factory.mktemp("pictures") / "here", wiki)
    set_website(tea_project, {"site-url": f"{BASE}/", "title": "Tea house"})
    return tea_project


def set_website(project: Path, values: dict[str, object]) -> None:
    settings = yaml.safe_load((project / "_quarto.yml").read_text(encoding="utf-8"))
    settings["website"] |= values
    (project / "_quarto.yml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")


def open_image(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def is_blank(draw_picture: Image.Image, area: tuple[int, int, int, int]) -> bool:
    return draw_picture.crop(area).getcolors(1) is not None


def draw_picture(title: str, colour: str = "#aa3300", site: str = "Tea house") -> Image.Image:
    return open_image(draw(Picture("", "Heuristic", title, site, colour)))


def test_picture_shows_type_colour_title_and_site() -> None:
    image = draw_picture("Warm the pot")
    assert image.size == SIZE == (1200, 630)
    assert image.getpixel((600, 5)) == (0xAA, 0x33, 0)
    assert image.getpixel((600, 300)) == (255, 255, 255)
    assert not is_blank(image, TITLE)
    assert not is_blank(image, ABOUT)
    assert draw_picture("Warm the pot").tobytes() == image.tobytes()
    assert draw_picture("Cool the pot").crop(TITLE).tobytes() != image.crop(TITLE).tobytes()


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
def test_title_fits_the_picture(title: str) -> None:
    image = draw_picture(title)
    assert not is_blank(image, TITLE)
    for margin in ((0, 40, 80, 630), (1120, 40, 1200, 630), (0, 510, 1200, 530)):
        assert is_blank(image, margin)


@pytest.mark.parametrize("title", ["茶の本", "tea 🫖", "شاي", ""])
def test_title_missing_in_the_font_is_omitted(title: str) -> None:
    image = draw_picture(title)
    assert is_blank(image, TITLE)
    assert not is_blank(image, ABOUT)


def read_card(page: Path) -> dict[str, str]:
    """The Open Graph and Twitter tags of a page."""
    tags = BeautifulSoup(page.read_bytes(), "html.parser").select("meta[property^='og:'], meta[name^='twitter:']")
    return {str(tag.get("property") or tag.get("name")): str(tag["content"]) for tag in tags}


def check_cards(site: Path) -> None:
    pages = {
        "notes/heuristic/Warm_the_pot.html": "Hot water first, “always” & everywhere.",
        "notes/principle/Größe.html": "Leaves: small or large?",
        "notes/heuristic/Silent.html": None,
        "notes/wiki/explore.html": None,
        "index.html": None,
    }
    cards = {name: read_card(site / name) for name in pages}
    for name, description in pages.items():
        card = cards[name]
        assert card["twitter:card"] == "summary_large_image"
        assert (card["og:image:width"], card["og:image:height"]) == ("1200", "630")
        assert card["og:image"].startswith(f"{BASE}/notes/assets/pictures/")
        assert card.get("twitter:image", card["og:image"]) == card["og:image"]
        assert open_image((site / card["og:image"].removeprefix(f"{BASE}/")).read_bytes()).size == SIZE
        assert not description or card["og:description"] == card.get("twitter:description", description) == description
    site_picture = f"{BASE}/notes/assets/pictures/site.png"
    assert cards["index.html"]["og:image"] == cards["notes/wiki/explore.html"]["og:image"] == site_picture
    assert len({card["og:image"] for card in cards.values()}) == 4


@pytest.mark.slow
def test_draft_pages_have_picture_tags(tea_project: Path) -> None:
    build_draft(tea_project)
    check_cards(tea_project / "_site")


@pytest.mark.quarto
def test_quarto_pages_have_picture_tags_and_a_new_title_a_new_picture(tea_project: Path, quarto: str) -> None:
    command = [sys.executable, "scripts/wiki.py", "render", "--renderer", "quarto", "--engine", "quarto"]
    subprocess.run(command, cwd=tea_project, check=True, capture_output=True)
    site = tea_project / "_site"
    check_cards(site)
    page = tea_project / "data/wikis/Heuristic/Silent.md"
    before = read_card(site / "notes/heuristic/Silent.html")["og:image"].rpartition("/")[2]
    page.write_text("# Loud\n\nNo overview.\n", encoding="utf-8")
    subprocess.run(command, cwd=tea_project, check=True, capture_output=True)
    check_cards(site)
    after = read_card(site / "notes/heuristic/Silent.html")["og:image"].rpartition("/")[2]
    names = {path.name for path in (site / "notes/assets/pictures").iterdir()}
    assert after in names
    assert before not in names
    page.write_text(PAGES["Heuristic/Silent"], encoding="utf-8")


def test_only_changed_pictures_are_drawn_again(tea_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    titles: list[str] = []

    def count_and_draw(picture: Picture) -> bytes:
        titles.append(picture.title)
        return draw(picture)

    monkeypatch.setattr("typedwiki.generate.draw", count_and_draw)

    def newly_drawn() -> list[str]:
        titles.clear()
        build.build_if_changed(load_config(tea_project))
        return sorted(titles)

    incremental.path_of(load_config(tea_project)).unlink(missing_ok=True)
    assert newly_drawn() == ["Silent", "Tea house", "Warm the pot", "Über Größe"]
    page = tea_project / "data/wikis/Heuristic/Silent.md"
    page.write_text(PAGES["Heuristic/Silent"] + "\nMore text.\n", encoding="utf-8")
    assert newly_drawn() == []
    page.write_text("# Quiet\n\nNo overview.\n", encoding="utf-8")
    assert newly_drawn() == ["Quiet"]
    page.write_text(PAGES["Heuristic/Silent"], encoding="utf-8")
    assert newly_drawn() == ["Silent"]


def test_large_wiki_has_one_picture_for_each_type(tea_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST", 2)
    config = load_config(tea_project)
    build.build(config)
    images = [
        yaml.safe_load((tea_project / f"notes/{name}.qmd").read_text(encoding="utf-8").split("---\n")[1])["image"]
        for name in ("heuristic/Silent", "heuristic/Warm_the_pot", "principle/Größe")
    ]
    assert images[0] == images[1] != images[2]
    files = [path.name for path in (tea_project / "notes/assets/pictures").iterdir()]
    assert sorted(files) == sorted({*(name.rpartition("/")[2] for name in images), "site.png"})


@pytest.mark.parametrize(
    ("website", "has_site_picture"),
    [({"site-url": None}, True), ({"open-graph": False, "twitter-card": False}, False), ({"image": "own.png"}, False)],
    ids=["no address", "no cards", "a custom picture"],
)
def test_no_page_pictures_without_address_or_cards(
    tea_project: Path, tmp_path: Path, website: dict[str, object], has_site_picture: bool
) -> None:
    project = copy_project(tmp_path / "mine", tea_project / "data/wikis")
    set_website(project, {"site-url": BASE, **website})
    build.build(load_config(project))
    text = (project / "notes/heuristic/Silent.qmd").read_text(encoding="utf-8")
    assert "pictures/" not in text.split("---\n")[1]
    names = [path.name for path in (project / "notes/assets").glob("pictures/*")]
    assert names == (["site.png"] if has_site_picture else [])
