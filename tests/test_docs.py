"""The documentation is complete and its links work: rules, commands, options and settings."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pypandoc
import pytest
from bs4 import BeautifulSoup

import wiki
from conftest import ROOT
from typedwiki.cli import VERSION
from typedwiki.config import KEYS
from typedwiki.problems import rules

PAGES = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")))
COMMANDS = ROOT / "docs/commands.md"


@cache
def html(path: Path) -> BeautifulSoup:
    """A page of the documentation as GitHub renders it, with the anchors of its headings."""
    return BeautifulSoup(pypandoc.convert_file(str(path), "html", format="gfm"), "html.parser")


def broken_links(page: Path) -> list[str]:
    references = [str(a["href"]) for a in html(page).find_all("a", href=True)]
    references += [str(image["src"]) for image in html(page).find_all("img", src=True)]
    broken = []
    for reference in references:
        parts = urlsplit(reference)
        if parts.scheme:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        if not target.exists() or (parts.fragment and not html(target).find(id=unquote(parts.fragment))):
            broken.append(reference)
    return broken


def sections(page: Path) -> dict[str, str]:
    """The text below each heading of a page, by the heading."""
    parts = re.split(r"(?m)^#{1,6} +(.+)$", page.read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def read_help(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit):
        wiki.main([*arguments, "--help"])
    return capsys.readouterr().out


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_work(page: Path) -> None:
    assert broken_links(page) == []


def test_every_page_is_linked_from_the_readme_and_the_guide() -> None:
    for start in (ROOT / "README.md", ROOT / "docs/README.md"):
        links = {(start.parent / str(a["href"]).partition("#")[0]).resolve() for a in html(start).find_all("a")}
        assert set((ROOT / "docs").glob("*.md")) - links - {ROOT / "docs/README.md"} == set()


def test_every_rule_is_in_the_table_of_rules_with_its_name_and_severity() -> None:
    rows = [[cell.get_text() for cell in row.find_all("td")] for row in html(ROOT / "docs/audit.md").find_all("tr")]
    documented = {row[0]: row[1:3] for row in rows if row and re.fullmatch(r"[A-Z]\d{3}", row[0])}
    assert documented == {rule.code: [rule.name, rule.severity] for rule in rules().values()}


@pytest.mark.parametrize("command", wiki.COMMANDS)
def test_every_command_and_option_is_documented(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    documented = sections(COMMANDS)
    text = documented[f"`{command}`"] + documented["Common options"]
    options = set(re.findall(r"(?m)^ +(?:-\w, )?(--[\w-]+)", read_help(capsys, command)))
    assert options, "the help lists options"
    assert {option for option in options if not re.search(rf"`{option}[ `]", text)} == set()


def test_every_global_option_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    options = set(re.findall(r"(?m)^ +(?:-\w, )?(--[\w-]+)", read_help(capsys)))
    assert {option for option in options if option not in sections(COMMANDS)["Common options"]} == set()


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    assert [name for name in KEYS if f"`typedwiki: {name}:" not in text] == []


def test_every_make_target_is_documented() -> None:
    targets = re.findall(r"(?m)^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"))
    text = COMMANDS.read_text(encoding="utf-8")
    assert [name for name in targets if f"| `make {name}` |" not in text and name != "help"] == []


def test_readme_is_short_and_its_pictures_are_small() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 150
    assert sum(path.stat().st_size for path in (ROOT / "docs/images").iterdir()) < 300_000


def test_version_is_the_same_everywhere() -> None:
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.findall(r'(?m)^version = "(.+?)"', settings) == [VERSION]


def test_files_in_the_architecture_page_exist() -> None:
    """A moved module must be updated on that page."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    names = set(re.findall(r"`(?:typedwiki/)?([\w/]+(?:\.(?:py|lua|yml|js|css)|/))`", text))
    folders = [ROOT, ROOT / "scripts", ROOT / "scripts/typedwiki", ROOT / "scripts/typedwiki/text"]
    folders += [ROOT / "scripts/typedwiki/audit", ROOT / "_extensions/typedwiki"]
    assert len(names) > 30
    assert {name for name in names if not any((folder / name).exists() for folder in folders)} == set()
