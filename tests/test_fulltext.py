"""What is indexed for full-text search, and when; with the real Pagefind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import GOLDEN, draft, project
from typedwiki.config import ConfigError, load_config
from typedwiki.pipeline import generate, load_wiki
from typedwiki.search import finish as finishing
from typedwiki.search.finish import finish
from typedwiki.search.fulltext import FLAG, FOLDER, KEPT, PARTS, available, index, remove
from typedwiki.search.stubs import note_html, stubs
from typedwiki.write import write

pytestmark = pytest.mark.slow

WIKI = GOLDEN / "two_dialects/wiki"
NOTE = "---\ntitle: x\n---\n\n{}\n\n## Connections {{#connections}}\n\nnone of this\n\n## Sources {{#sources}}\n"


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("One *two* `a_b` [three](x.html){.tw-link .tw-x}.", "<p>One two a_b three.</p>"),
        ("::: {.tw-lead}\nLead.\n:::", "<p>Lead.</p>"),
        ("::: {.tw-strip}\n[Principle]{.tw-badge .tw-principle}\n:::\n\nText.", "<p>Text.</p>"),
        ("## A *b* {#a-b}\n\nc", '<h2 id="a-b">A b</h2><p>c</p>'),
        ("```python\nx = '<b>' # y\n```", "<pre>x = &#x27;&lt;b&gt;&#x27; # y</pre>"),
        ("| A | B |\n|---|---|\n| c | `d` |", "<p>A B c d</p>"),
        ("-   one\n-   two[^1]\n\n[^1]: See.", "<p>one two See.</p>"),
        ('[who]{.tw-missing title="no such page"}?', "<p>who?</p>"),
        ("rate $x^2$ and $$\\frac{a}{b}$$, not \\$5", "<p>rate x^2 and …, not $5</p>"),
        ("\\<script\\>", "<p>&lt;script&gt;</p>"),
        ("## Requirements {#requirements}\n\n| a |", ""),
        ("量化 saves 显存，很多。", "<p>量 化 saves 显 存， 很 多。</p>"),
        ("用LoRA微调 A1", "<p>用 LoRA 微 调 A1</p>"),
        ("작은 모델", "<p>작 은\u2060 모 델</p>"),
        ("## メモリ {#メモリ}\n\n```\n# 例\n```", '<h2 id="メモリ">メ モ リ</h2><pre># 例</pre>'),
        (
            "::::::: {#tw-top-0a}\n```{=typedwiki}\n{}\n```\n\n::: {.tw-strip}\nx\n:::\n\n:::::::\n\n"
            "One [[Principle:A_b]].\n\n"
            "## [[step::Principle:C|c d]]\n\n`{{\ue000< e >}}`\n\n## A\n\n## A\n\n"
            "::::::: {#tw-connections-0a}\n## Connections {#connections}\n\n:::::::\n\nOwn words.\n\n"
            "::::::: {#tw-sources-0a}\n## Sources {#sources}\n\n:::::::\n",
            '<p>One A b.</p><h2 id="c-d">c d</h2><p>{{&lt; e &gt;}}</p>'
            '<h2 id="a">A</h2><h2 id="a-1">A</h2><p>Own words.</p>',
        ),
        ("Élan naïve Ωmega หน่วย", "<p>Élan naïve Ωmega หน่วย</p>"),
    ],
)
def test_what_a_note_says(markdown: str, html: str) -> None:
    assert note_html(NOTE.format(markdown)) == html


def test_a_record_has_the_facets_and_escapes_them() -> None:
    node = {"url": "a%20b/c.html", "title": "<T>", "type": "X", "namespace": "", "overview": 'an "o"'}
    graph = json.dumps({"nodes": [node | {"domains": ["D", 'E"'], "aliases": ["<also>"]}]}).encode()
    ((path, html),) = stubs(graph, lambda name: NOTE.format(name).encode(), "de")
    assert path == "notes/a b/c.html"
    assert '<html lang="de">' in html
    assert "<h1>&lt;T&gt;</h1><p>&lt;also&gt;</p><p>a b/c.qmd</p>" in html
    assert '<meta data-pagefind-filter="domain[content]" content="E&quot;">' in html
    assert 'data-pagefind-meta="overview[content]" content="an &quot;o&quot;"' in html
    assert "namespace" not in html


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """The notes of a small wiki that is searched by Pagefind."""
    (tmp_path / "_quarto.yml").write_text("typedwiki: {source: wiki, pagefind-from: 6}\n", encoding="utf-8")
    shutil.copytree(WIKI, tmp_path / "wiki")
    config = load_config(tmp_path)
    files, origins = generate(load_wiki(config), config)
    write(config.output, files, origins)
    return config.output


def test_the_index_is_made_once(notes: Path) -> None:
    site = notes.parent / "_site"
    assert available()
    assert "indexed" in finish(load_config(notes.parent), site)
    assert (site / "llms.txt").read_bytes() == (notes / "assets/llms.txt").read_bytes()
    entry = json.loads((site / FOLDER / "pagefind-entry.json").read_text(encoding="utf-8"))
    assert entry["languages"]["en"]["page_count"] == 6
    assert not list((site / FOLDER).glob("*ui*"))
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*")}
    assert finish(load_config(notes.parent), site) == ""
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*")} == before
    shutil.rmtree(site)  # Quarto does so before a render
    made = {path.name for path in (notes.parent / ".typedwiki" / FOLDER).iterdir()}
    assert "indexed" in finish(load_config(notes.parent), site)
    assert {path.name for path in (notes.parent / ".typedwiki" / FOLDER).iterdir()} == made


def test_a_large_index_is_made_in_parts(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = notes.parent / "_site"
    monkeypatch.setattr("typedwiki.search.fulltext.PART", 1_000)
    finish(load_config(notes.parent), site)
    parts = json.loads((site / FOLDER / PARTS).read_text(encoding="utf-8"))
    assert len(parts) > 1
    folders = [site / FOLDER, *(site / FOLDER / part for part in parts)]
    found = [json.loads((folder / "pagefind-entry.json").read_text(encoding="utf-8")) for folder in folders]
    assert sum(entry["languages"]["en"]["page_count"] for entry in found) == 6
    assert [len(list(folder.glob("*.js"))) > 0 for folder in folders] == [True, *(False for _ in parts)]


def test_a_wiki_that_has_become_small_loses_its_index(notes: Path) -> None:
    site = notes.parent / "_site"
    finish(load_config(notes.parent), site)
    styles = notes / "assets/types.css"
    (site / "notes/assets").mkdir(parents=True)
    shutil.copy(styles, site / "notes/assets/types.css")
    styles.write_text(styles.read_text(encoding="utf-8").replace(FLAG, ""), encoding="utf-8")
    assert finish(load_config(notes.parent), site) == ""
    assert not (site / FOLDER).exists()
    assert FLAG not in (site / "notes/assets/types.css").read_text(encoding="utf-8")


def test_without_pagefind_the_site_says_so_and_stands(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finishing, "available", lambda: False)
    assert "Pagefind is not installed" in finish(load_config(notes.parent), notes.parent / "_site")
    assert (notes.parent / "_site/llms.txt").exists()


def test_a_failing_pagefind_is_reported(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(1, "pagefind")

    monkeypatch.setattr("typedwiki.search.fulltext.subprocess.run", fail)
    assert "no full-text search" in finish(load_config(notes.parent), notes.parent / "_site")


def test_what_others_made_stays(notes: Path) -> None:
    site = notes.parent / "_site"
    (notes.parent / "llms.txt").write_text("mine", encoding="utf-8")
    (site / FOLDER).mkdir(parents=True)
    (site / FOLDER / "mine.js").write_text("", encoding="utf-8")
    assert "was not made by this program" in finish(load_config(notes.parent), site)
    remove(site)
    assert (site / FOLDER / "mine.js").exists()
    assert not (site / "llms.txt").exists()


def test_the_cache_is_bounded(tmp_path: Path) -> None:
    def pages() -> Iterator[tuple[str, str]]:
        yield "notes/x/y.html", "<!DOCTYPE html><html lang=en><body data-pagefind-body><h1>x</h1></body></html>"

    for number in range(KEPT + 2):
        assert index(tmp_path, tmp_path / "site", str(number).encode(), pages)
    assert len(list((tmp_path / ".typedwiki" / FOLDER).iterdir())) == KEPT
    assert not index(tmp_path, tmp_path / "site", str(KEPT + 1).encode(), pages)


def test_the_size_from_which_on_pagefind_is_used(tmp_path: Path) -> None:
    for text, flagged in (
        ("{}", False),
        ("typedwiki: {pagefind-from: 6}", True),
        ("typedwiki: {pagefind-from: 7}", False),
    ):
        (tmp_path / "_quarto.yml").write_text(text, encoding="utf-8")
        config = load_config(tmp_path, [WIKI])
        files, _ = generate(load_wiki(config), config)
        assert (FLAG.encode() in files["assets/types.css"]) == flagged
    (tmp_path / "_quarto.yml").write_text("typedwiki: {pagefind-from: many}", encoding="utf-8")
    with pytest.raises(ConfigError, match="pagefind-from: must be a whole number above 0"):
        load_config(tmp_path, [WIKI])


def test_a_note_that_somebody_has_written_is_found(notes: Path) -> None:
    site = notes.parent / "_site"
    (notes / "thoughts.qmd").write_text("---\ntitle: Thoughts\n---\n\nOn zebras.\n", encoding="utf-8")
    config = load_config(notes.parent)
    files, origins = generate(load_wiki(config), config)
    write(notes, files, origins)
    finish(load_config(notes.parent), site)
    entry = json.loads((site / FOLDER / "pagefind-entry.json").read_text(encoding="utf-8"))
    assert entry["languages"]["en"]["page_count"] == 7
    (notes / "thoughts.qmd").write_text("---\ntitle: Thoughts\n---\n\nOn okapis.\n", encoding="utf-8")
    assert "indexed" in finish(load_config(notes.parent), site)


def test_the_draft_is_indexed_unless_told_otherwise(tmp_path: Path) -> None:
    here = project(tmp_path / "project", WIKI)
    draft(here)
    site = here / "_site"
    page = site / "index.html"
    assert "tw-search-open" in page.read_text(encoding="utf-8")
    mark = (site / FOLDER / ".typedwiki").stat().st_mtime_ns
    draft(here)
    assert (site / FOLDER / ".typedwiki").stat().st_mtime_ns == mark
    command = [sys.executable, "scripts/wiki.py"]
    subprocess.run([*command, "draft", "--no-search"], cwd=here, check=True, capture_output=True)
    assert not (site / FOLDER).exists()
    assert "tw-search-open" not in page.read_text(encoding="utf-8")
    draft(here)
    subprocess.run([*command, "clean"], cwd=here, check=True, capture_output=True)
    assert not site.exists()


@pytest.mark.quarto
def test_plain_quarto_indexes_a_large_wiki(quarto: str, tmp_path: Path) -> None:
    here = project(tmp_path / "project", WIKI)
    for page in sorted((here / "data/wikis").rglob("*.md"))[2:]:
        page.unlink()
    config = here / "_quarto.yml"
    text = config.read_text(encoding="utf-8").replace("\ntypedwiki:\n", "\ntypedwiki:\n  pagefind-from: 1\n")
    config.write_text(text, encoding="utf-8")
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    command = [quarto, "render", "index.qmd"]
    subprocess.run([sys.executable, "scripts/wiki.py", "build"], cwd=here, check=True, capture_output=True)
    done = subprocess.run(command, cwd=here, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "indexed the notes for full-text search" in done.stderr + done.stdout
    assert (here / "_site/pagefind/pagefind.js").is_file()
    assert (here / "_site/llms.txt").read_bytes() == (here / "notes/assets/llms.txt").read_bytes()
    assert FLAG in (here / "_site/notes/assets/types.css").read_text(encoding="utf-8")


def test_exports_of_the_footer_exist(draft_site: Path) -> None:
    for name in ("graph.json", "wiki.jsonld", "graph.graphml", "nodes.csv", "edges.csv"):
        assert (draft_site / "notes/assets/exports" / name).is_file()
        assert f'href="../../notes/assets/exports/{name}"' in (
            draft_site / "notes/workflow/QLoRA_Finetuning.html"
        ).read_text(encoding="utf-8")
    assert 'href="llms.txt"' in (draft_site / "index.html").read_text(encoding="utf-8")
