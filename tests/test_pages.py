"""Pages of both dialects and of other tools are shown as their authors meant: a table of cases.

`UPDATE_GOLDEN=1` rewrites the expected bodies; read the difference before you commit it.
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

CASES = cases.load("pages")
DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
GLAZE = "# Glaze\n\n## Overview\nColour and gloss.\n\n## Safety\n> [!warning] Dust\n> Wear a mask.\n\n[TOC]\n"
KILN = "# Kiln\n\n## Overview\nA hot box.\n\n## The inner wall\nIt is thick; see [[C#]].\n"
FILE = Path(__file__).parent / "cases" / "pages.md"
BLOCKS = "p|h[1-6]|li|ul|ol|dl|dt|dd|div|table|tr|td|th|caption|figure|pre|details|summary"
MARKUP = re.compile(r"\{\.tw-|\{\.[a-z-]+ |[\ue000-\uf8ff\ufffd]|\]\(<|\]\{|\[\[Kiln|!\[|\[\^\d|\*\*\w")


def write_cases(folder: Path) -> None:
    """Write each case as a wiki of its own, so that names refer to its own pages."""
    for number, case in enumerate(CASES):
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
    write_cases(folder / "wiki")
    project = copy_project(folder / "project", folder / "wiki")
    build_draft(project)
    return project / "_site"


def note_body(page: Path) -> str:
    """The title and text of a note, with each block on its own lines."""
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


def test_every_case_has_its_expected_body(site: Path) -> None:
    bodies = [note_body(site / "notes" / "principle" / f"Case_{number:02}.html") for number in range(len(CASES))]
    if os.environ.get("UPDATE_GOLDEN"):
        rewrite_cases(bodies)
    for case, html in zip(CASES, bodies, strict=True):
        assert html == case.expected, case.title


def rewrite_cases(bodies: list[str]) -> None:
    introduction = FILE.read_text(encoding="utf-8").partition("\n## ")[0]
    rows = [
        f"## {case.title}\n\n~~~~~~ {case.flags}\n{case.given}\n~~~~~~\n\n~~~~~~\n{html}\n~~~~~~"
        for case, html in zip(CASES, bodies, strict=True)
    ]
    FILE.write_text("\n\n".join([introduction.rstrip("\n"), *rows]) + "\n", encoding="utf-8")


def test_no_markup_is_shown(site: Path) -> None:
    """Neither in pages and their descriptions, nor in cards, Explore's data or exports."""
    occurrences = []
    for path in sorted(site.rglob("*")):
        if path.name == "rules.html":  # it explains such markup
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
        occurrences += [
            f"{path.relative_to(site)}: {text[max(0, m.start() - 40) : m.end() + 40]!r}" for m in MARKUP.finditer(text)
        ]
    assert occurrences == []


def test_styles_are_published_without_comments() -> None:
    sheets = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "_extensions/typedwiki/assets").glob("*.css"))
    published = own_styles(ROOT)
    assert "/*" in sheets
    assert "/*" not in published
    assert "*/" not in published
    assert published.count("{") == sheets.count("{")
    assert published.count("}") == sheets.count("}")
