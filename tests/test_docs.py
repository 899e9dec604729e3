"""The documentation is complete and its links work: rules, commands, options and settings."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import pypandoc
import pytest
from bs4 import BeautifulSoup

import bench.__main__
import bench.machine
import bench.tables
import wiki
from bench.measure import CommandError
from bench.tables import CostTable, Table, write_tables
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


BLOCKS = "# A\n\n<!-- bench: one -->\nold 1\n<!-- /bench -->\n\nB\n\n<!-- bench: two -->\nold 2\n<!-- /bench -->\n\nC\n"


def test_blocks_of_the_performance_page_are_parts_of_the_bench() -> None:
    lines = (ROOT / "docs/performance.md").read_text(encoding="utf-8").splitlines()
    marks = [line for line in lines if line.startswith("<!--")]
    assert marks[1::2] == ["<!-- /bench -->"] * (len(marks) // 2)
    parts = [re.sub("<!-- bench: (.+) -->", r"\1", mark) for mark in marks[::2]]
    assert len(set(parts)) == len(parts) > 5
    assert set(parts) <= set(bench.__main__.PARTS)
    tables = re.split("(?s)<!-- bench: .*?<!-- /bench -->", "\n".join(lines))
    assert not any("\n|" in prose for prose in tables), "all tables are in blocks"


def test_the_bench_replaces_the_tables_of_a_part(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(BLOCKS, encoding="utf-8")
    table = Table("sizes", "a", "b")
    table.row("first | name", "1")
    for _ in range(2):  # a second run changes nothing else
        assert write_tables(page, "two", [table, table], "Measured here.")
        before, _, after = BLOCKS.partition("old 2\n")
        rows = "sizes:\n\n|  | a | b |\n| --- | ---: | --- |\n| first \\| name | 1 |  |\n\n"
        assert page.read_text(encoding="utf-8") == f"{before}\n{rows}{rows}Measured here.\n\n{after}"


@pytest.mark.parametrize(("part", "rows"), [("three", 1), ("two", 0)], ids=["no such block", "no tables"])
def test_the_bench_leaves_other_tables_as_they_are(tmp_path: Path, part: str, rows: int) -> None:
    page = tmp_path / "page.md"
    page.write_text(BLOCKS, encoding="utf-8")
    write_tables(page, part, [Table("sizes", "a", "b")] * rows, "")
    assert page.read_text(encoding="utf-8") == BLOCKS


def test_a_block_without_an_end_is_an_error(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    text = BLOCKS.replace("<!-- /bench -->\n", "", 1)
    page.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="`<!-- bench: one -->` has no `<!-- /bench -->`"):
        write_tables(page, "one", [Table("sizes", "a", "b")], "")
    assert page.read_text(encoding="utf-8") == text


def test_a_part_that_fails_keeps_its_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next part runs, and its tables are written."""
    page = tmp_path / "page.md"
    page.write_text(BLOCKS, encoding="utf-8")

    def fail(options: object) -> list[Table]:
        raise CommandError("Quarto is not installed")

    parts = {"one": fail, "two": lambda options: [Table("sizes", "a", "b")]}
    for name, main in parts.items():
        monkeypatch.setitem(sys.modules, f"bench.{name}", SimpleNamespace(main=main))
    monkeypatch.setattr(bench.machine, "calibration", lambda: 2.0)
    monkeypatch.setattr(bench.__main__, "PAGE", page)
    monkeypatch.setattr(bench.__main__, "PARTS", tuple(parts))
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "one,two"])
    with pytest.raises(SystemExit, match="not complete: one"):
        bench.__main__.main()
    text = page.read_text(encoding="utf-8")
    assert "old 1" in text
    assert "old 2" not in text
    assert "calibration 2.00 s" in text


def test_the_bench_compares_times_with_its_calibration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.tables, "calibration", lambda: 2.0)
    table = CostTable("costs")
    table.cost("a", 3.0, most=1.5)
    table.cost("b", 3.0, most=1.4)
    table.cost("c", 3.0, "s", 0.125, most=0.1)
    table.cost("d", 3.0, "s", 1.75, least=1.7)
    table.cost("e", 1234.0, "MB", most=1200)
    assert [list(row) for row in table.rows] == [
        ["a", "3 s", "1.5", "", "at most 1.5 cal", "yes"],
        ["b", "3 s", "1.5", "", "at most 1.4 cal", "**no**"],
        ["c", "3 s", "1.5", "12.5 %", "at most 10 %", "**no**"],
        ["d", "3 s", "1.5", "1.75x", "at least 1.7x", "yes"],
        ["e", "1,234 MB", "", "", "at most 1,200 MB", "**no**"],
    ]
