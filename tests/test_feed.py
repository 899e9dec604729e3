"""The feed of the home page's listing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from bs4 import BeautifulSoup

from conftest import build_draft, copy_project
from typedwiki.config import Config, load_config
from typedwiki.pages.feed import feeds

BASE = "https://wiki.example/sub"
PAGES = {
    "Heuristic/Ask_@first": "# Ask @first\n\n## Overview\nThanks to @robin.\n",
    "Heuristic/Old": "---\ndate: 2019-08-07\ndomains: Tea\n---\n# An old hint\n\n## Overview\nOld.\n",
    "Heuristic/New": "---\ndate: 2023-04-05\n---\n# A new hint\n\n## Overview\nNew.\n",
    "Heuristic/Später": "---\ndate: 2022-01-01\ndomains: Tea\n---\n# Später\n\n## Overview\nMore.\n",
}


@pytest.fixture(scope="module")
def feed_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose home page has a feed."""
    wiki = tmp_path_factory.mktemp("wiki")
    for name, text in PAGES.items():
        (wiki / name).with_suffix(".md").parent.mkdir(exist_ok=True)
        (wiki / f"{name}.md").write_text(text, encoding="utf-8")
    project = copy_project(tmp_path_factory.mktemp("feed") / "project", wiki, with_about_pages=False)
    settings = yaml.safe_load((project / "_quarto.yml").read_text(encoding="utf-8"))
    settings["website"] |= {"site-url": f"{BASE}/", "title": "Hints & more"}
    (project / "_quarto.yml").write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    home = (project / "index.qmd").read_text(encoding="utf-8")
    home = home.replace("listing:\n", "listing:\n  feed:\n    items: 3\n    categories: Tea\n", 1)
    (project / "index.qmd").write_text(home, encoding="utf-8")
    return project


def parse_xml(data: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(data)  # noqa: S314 - generated here


def channel(path: Path) -> ElementTree.Element:
    result = parse_xml(path.read_bytes()).find("channel")
    assert result is not None
    return result


def texts(items: list[ElementTree.Element], name: str) -> list[str | None]:
    return [item.findtext(name) for item in items]


def check_feed(site: Path) -> None:
    feed = channel(site / "index.xml")
    assert feed.findtext("title") == "Hints & more"
    assert feed.findtext("link") == f"{BASE}/"
    assert feed.findtext("lastBuildDate") == "Wed, 05 Apr 2023 00:00:00 GMT"
    items = feed.findall("item")
    addresses = [f"{BASE}/notes/heuristic/{name}.html" for name in ("New", "Sp%C3%A4ter", "Old")]
    assert texts(items, "link") == texts(items, "guid") == addresses
    assert texts(items, "title") == ["A new hint", "Später", "An old hint"]
    assert texts(items, "pubDate")[2] == "Wed, 07 Aug 2019 00:00:00 GMT"
    assert [category.text for category in items[2].findall("category")] == ["Heuristic", "Tea"]
    tea = channel(site / "index-tea.xml")
    assert texts(tea.findall("item"), "title") == ["Später", "An old hint"]
    link = BeautifulSoup((site / "index.html").read_bytes(), "html.parser").select_one(
        "link[type='application/rss+xml']"
    )
    assert link
    assert link["href"] == "index.xml"


@pytest.mark.slow
def test_draft_has_the_feed(feed_project: Path) -> None:
    build_draft(feed_project)
    check_feed(feed_project / "_site")


@pytest.mark.quarto
def test_quarto_site_has_the_feed_after_partial_renders(feed_project: Path, quarto: str) -> None:
    command = [sys.executable, "scripts/wiki.py", "render", "--renderer", "quarto"]
    subprocess.run(command, cwd=feed_project, check=True, capture_output=True)
    check_feed(feed_project / "_site")
    path = feed_project / "data/wikis/Heuristic/Old.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n## Body\nText.\n", encoding="utf-8")
    subprocess.run(command, cwd=feed_project, check=True, capture_output=True)  # a partial render without the home page
    check_feed(feed_project / "_site")
    subprocess.run(
        [quarto, "render"],
        cwd=feed_project,
        env={**os.environ, "QUARTO_PYTHON": sys.executable},
        check=True,
        capture_output=True,
    )
    check_feed(feed_project / "_site")


def home_page(listing: str) -> str:
    return f"---\ntitle: Home\nlisting: {listing}\n---\n"


ITEM = (
    '- {"path": "notes/x/A.html", "title": "\\\\@a \\\\{\u2060\\\\{b\\\\}", "description": "\\\\*c\\\\* < & d",'
    ' "categories": ["X"]}\n'
)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "wiki").mkdir()
    site = "website: {title: T, site-url: https://wiki.example}\ntypedwiki: {source: wiki}\n"
    (tmp_path / "_quarto.yml").write_text(site, encoding="utf-8")
    return load_config(tmp_path)


def test_item_is_plain_text_and_may_lack_a_date(config: Config) -> None:
    files = feeds(home_page("{contents: /notes/assets/listing.yml, feed: true}"), ITEM.encode(), config)
    (item,) = parse_xml(files["index.xml"]).iter("item")
    assert (item.findtext("title"), item.findtext("description")) == ("@a {{b}", "*c* < & d")
    assert item.find("pubDate") is None


@pytest.mark.parametrize(
    ("listing", "names"),
    [
        ("{contents: /notes/assets/listing.yml, feed: true}", ["index.xml"]),
        (
            "[{contents: [notes/assets/listing.yml], feed: {categories: [X, Y z]}}]",
            ["index.xml", "index-x.xml", "index-y z.xml"],
        ),
        ("{contents: /notes/assets/listing.yml, feed: false}", []),
        ("{contents: /notes/assets/listing.yml}", []),
        ("{contents: posts, feed: true}", []),  # Quarto writes this feed
        ("[{contents: /notes/assets/listing.yml, feed: true}, {contents: posts}]", []),
        ("{contents: /notes/assets/listing.yml, feed: {categories: ../x}}", ["index.xml"]),
        ("true", []),
        ("[", []),
    ],
)
def test_feeds_follow_the_listing_options(listing: str, names: list[str], config: Config) -> None:
    assert list(feeds(home_page(listing), ITEM.encode(), config)) == names


def test_site_without_address_has_no_feed(config: Config, tmp_path: Path) -> None:
    (tmp_path / "_quarto.yml").write_text("typedwiki: {source: wiki}\n", encoding="utf-8")
    assert (
        feeds(home_page("{contents: /notes/assets/listing.yml, feed: true}"), ITEM.encode(), load_config(tmp_path))
        == {}
    )
