"""What people write arrives as they meant it: pages of both dialects and of other tools, by their table of cases.

`UPDATE_GOLDEN=1` rewrites the expected bodies; read the difference before it is committed.
"""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

import cases
from conftest import ROOT, build_draft, copy_project
from typedwiki.pages.site import own_styles

pytestmark = pytest.mark.slow

ROWS = cases.load("pages")
DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
GLAZE = "# Glaze\n\n## Overview\nColour and gloss.\n\n## Safety\n> [!warning] Dust\n> Wear a mask.\n\n[TOC]\n"
KILN = "# Kiln\n\n## Overview\nA hot box.\n\n## The inner wall\nIt is thick; see [[C#]].\n"
FILE = Path(__file__).parent / "cases" / "pages.md"
BLOCKS = "p|h[1-6]|li|ul|ol|dl|dt|dd|div|table|tr|td|th|caption|figure|pre|details|summary"
MARKUP = re.compile(r"\{\.tw-|\{\.[a-z-]+ |[\ue000-\uf8ff\ufffd]|\]\(<|\]\{|\[\[Kiln|!\[|\[\^\d|\*\*\w")


def write(folder: Path) -> None:
    """Each case as a wiki of its own, so that names lead to its own pages."""
    for number, case in enumerate(ROWS):
        pages = folder / f"{number:02}" / "Principle"
        pages.mkdir(parents=True)
        suffix = "mediawiki" if case.flags == "wiki" else "md"
        (pages / f"Case_{number:02}.{suffix}").write_text(f"{case.given}\n", encoding="utf-8")
        (pages / "Kiln.md").write_text(KILN, encoding="utf-8")
        (pages / "Glaze.md").write_text(GLAZE, encoding="utf-8")
        (pages / "C#.md").write_text("# C#\n\n## Overview\nA language.\n", encoding="utf-8")
        (pages / "dot.png").write_bytes(DOT)
        (pages / "plan.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    write(folder / "wiki")
    here = copy_project(folder / "project", folder / "wiki")
    build_draft(here)
    return here / "_site"


def body(page: Path) -> str:
    """The title and what the page says, each block on lines of its own."""
    main = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one("main")
    assert main
    for part in main.select(
        ".tw-strip, .tw-crumbs, .tw-beside, .tw-connections, .tw-drawn, #connections > p, #sources"
    ):
        part.decompose()
    for link in main.find_all("a", href=True):
        link["href"] = re.sub(r"(Kiln|Glaze|C_)(?:-\d+)?\.html", r"\1.html", str(link["href"]))
    for section in main.find_all("section"):
        heading = section.find(re.compile("^h[1-6]$"))
        if isinstance(heading, Tag) and section.get("id") and section.get("role") != "doc-endnotes":
            heading["id"] = str(section["id"])
        section.unwrap()
    html = re.sub(r"assets/files/\w{8}-?", "assets/files/", main.decode_contents())
    html = re.sub(r"<h2 id=\"connections\">Connections</h2>", "", html)
    html = re.sub(
        r"(</(?:p|h\d|li|ul|ol|dl|dt|dd|div|table|tr|td|th|caption|figure|pre|details|summary)>)", r"\1\n", html
    )
    return "\n".join(line.rstrip() for line in html.split("\n") if line.strip())


def test_every_page_says_what_was_meant(site: Path) -> None:
    shown = [body(site / "notes" / "principle" / f"Case_{number:02}.html") for number in range(len(ROWS))]
    if os.environ.get("UPDATE_GOLDEN"):
        rewrite(shown)
    for case, html in zip(ROWS, shown, strict=True):
        assert html == case.expected, case.title


def rewrite(shown: list[str]) -> None:
    head = FILE.read_text(encoding="utf-8").partition("\n## ")[0]
    rows = [
        f"## {case.title}\n\n~~~~~~ {case.flags}\n{case.given}\n~~~~~~\n\n~~~~~~\n{html}\n~~~~~~"
        for case, html in zip(ROWS, shown, strict=True)
    ]
    FILE.write_text("\n\n".join([head.rstrip("\n"), *rows]) + "\n", encoding="utf-8")


def test_no_markup_is_shown_anywhere(site: Path) -> None:
    """Neither in pages nor in their descriptions, in cards, in the data of Explore and in exports."""
    leaks = []
    for path in sorted(site.rglob("*")):
        if path.name == "rules.html":  # which explains such marks
            continue
        if path.suffix == ".html":
            soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
            for code in soup.select("code, pre, script, style, math"):
                code.decompose()
            attributes = [str(value) for tag in soup.find_all(True) for value in tag.attrs.values()]
            text = "\n".join([soup.get_text(), *attributes])
        elif path.suffix in (".json", ".csv", ".jsonld", ".graphml") or path.name in ("pages.js", "llms.txt"):
            text = path.read_text(encoding="utf-8")
        else:
            continue
        leaks += [
            f"{path.relative_to(site)}: {text[max(0, m.start() - 40) : m.end() + 40]!r}" for m in MARKUP.finditer(text)
        ]
    assert leaks == []


def test_styles_are_published_whole_and_without_comments() -> None:
    sheets = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "_extensions/typedwiki/assets").glob("*.css"))
    published = own_styles(ROOT)
    assert "/*" in sheets
    assert "/*" not in published
    assert "*/" not in published
    assert published.count("{") == sheets.count("{")
    assert published.count("}") == sheets.count("}")
