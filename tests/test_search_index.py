"""The search index: its content, and when it is rebuilt."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from build_steps import generate
from conftest import GOLDEN, build_draft, copy_project
from typedwiki.config import load_config
from typedwiki.pipeline import load_wiki
from typedwiki.render.finish import (
    _CACHED_INDEXES,
    INDEX_FOLDER,
    NOT_FOUND,
    NOT_FOUND_PAGE,
    OPENSEARCH,
    finish,
    index_site,
    remove_index,
)
from typedwiki.render.search_index import index_files
from typedwiki.render.search_pages import CACHE, Entry, Indexed, Section, entries, indexed, kept_terms, note_sections
from typedwiki.render.search_terms import all_terms, terms, tokens
from typedwiki.write import write

pytestmark = pytest.mark.slow

WIKI = GOLDEN / "two_dialects/wiki"
NOTE_TEMPLATE = (
    "---\ntitle: x\n---\n\n{}\n\n## Connections {{#connections}}\n\nnone of this\n\n## Sources {{#sources}}\n"
)


@pytest.mark.parametrize(
    ("markdown", "sections"),
    [
        ("One *two* `a_b` [three](x.html){.tw-link .tw-x}.", [("", "", "One two a_b three.", "", "a_b")]),
        ("::: {.tw-lead}\nLead.\n:::", [("", "", "Lead.", "", "")]),
        ("::: {.tw-strip}\n[Principle]{.tw-badge .tw-principle}\n:::\n\nText.", [("", "", "Text.", "", "")]),
        ("## A *b* {#a-b}\n\nc", [("a-b", "A b", "c", "", "")]),
        ("```python\nx = '<b>' # y\n```", [("", "", "", "x = '<b>' # y", "")]),
        ("| A | B |\n|---|---|\n| c | `d` |", [("", "", "A B c d", "", "d")]),
        ("-   one\n-   two[^1]\n\n[^1]: See.", [("", "", "one two See.", "", "")]),
        ('[who]{.tw-missing title="no such page"}?', [("", "", "who?", "", "")]),
        ("rate $x^2$ and $$\\frac{a}{b}$$, not \\$5", [("", "", "rate x^2 and …, not $5", "", "")]),
        ("With `{'a': 1}` and `b`{.python}.", [("", "", "With {'a': 1} and b.", "", "{'a': 1} b")]),
        ("## Requirements {#requirements}\n\n| a |", [("", "", "", "", "")]),
        ("## メモリ {#メモリ}\n\n```\n# 例\n```", [("メモリ", "メモリ", "", "# 例", "")]),
        (
            "::::::: {#tw-top-0a}\n```{=typedwiki}\n{}\n```\n\n::: {.tw-strip}\nx\n:::\n\n:::::::\n\n"
            "One [[Principle:A_b]].\n\n"
            "## [[step::Principle:C|c d]]\n\n`{{\ue000< e >}}`\n\n## A\n\n## A\n\n"
            "::::::: {#tw-connections-0a}\n## Connections {#connections}\n\n:::::::\n\nOwn words.\n\n"
            "::::::: {#tw-sources-0a}\n## Sources {#sources}\n\n:::::::\n",
            [
                ("", "", "One A b.", "", ""),
                ("c-d", "c d", "{{< e >}}", "", "{{< e >}}"),
                ("a", "A", "", "", ""),
                ("a-1", "A", "Own words.", "", ""),
            ],
        ),
    ],
)
def test_sections_of_a_note(markdown: str, sections: list[tuple[str, ...]]) -> None:
    assert note_sections(NOTE_TEMPLATE.format(markdown)) == sections


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("Größe", {"grosse"}),
        ("model.bind_tools", {"model.bind_tools", "model", "bind_tools", "bind", "tools"}),
        ("std::vector", {"std::vector", "std", "vector"}),
        ("C#", {"c#", "c"}),
        (".env", {".env", "env"}),
        ("--no-cache-dir", {"--no-cache-dir", "no-cache-dir", "cache-dir", "no", "cache", "dir"}),
        ("fine-tuning", {"fine-tuning", "fine", "tuning", "finetuning"}),
        ("HttpParser().feedAll", {"httpparser.feedall", "httpparser", "http", "parser", "feedall", "feed", "all"}),
        ("__init__", {"__init__", "init"}),
        ("注意力", {"注", "意", "力", "注意", "意力"}),
        ("الشبكات", {"شبكات", "الشبكات"}),
        ("x" * 200, set()),
    ],
)
def test_terms_of_a_token(token: str, expected: set[str]) -> None:
    assert expected <= set(terms(token))


@pytest.mark.parametrize(
    "text",
    [
        "See `model.bind_tools(x)`, C#; (std::vector) .env --no-cache-dir, x.y-z/w. e.g. src/a.py:L1-2",
        "Größe des\u00a0Modells,\u3000注意力LoRA メモリ\u2028الشبكات -x ->y a--b $HOME/.env\t@p 'don't' ﬁne\n#x",
        "x" * 300 + ".long " + "注意力" * 60,
    ],
)
def test_terms_of_a_text_are_those_of_its_words(text: str) -> None:
    expected = [term for token in tokens(text) for term in terms(token)]
    assert [term for word in text.split() for term in all_terms(word)] == expected


def build_index(**sections: str) -> dict[str, Any]:
    """The files of an index of one page, parsed."""
    section = Section("", "", *(sections.get(part, "") for part in ("text", "code", "names")))
    page = Entry("x/y", "A Title", "X", "", "An overview", ["D"], ["Alias"], "y", lambda: [section])
    files = index_files([page], "en")
    return {name: json.loads(re.sub(r"^.*?\]=|;\n$", "", text)) for name, text in files}


def test_terms_store_their_level() -> None:
    files = build_index(text="words title", code="def made(): code", names="some_name")
    lines = dict(line.split("\t") for line in files["terms-0.js"].split("\n"))
    levels = {term: (ord(posting[-1]) - 65) // 3 for term, posting in lines.items()}
    assert levels["title"] == levels["=a title"] == 6
    assert levels["=alias"] == levels["alias"] == 5
    assert (levels["some_name"], levels["made"], levels["overview"], levels["words"], levels["code"]) == (3, 3, 2, 1, 0)
    assert files["facets.js"] == {"type": {"X": "A"}, "domain": {"D": "A"}, "namespace": {}}
    assert files["pages-0.js"] == [["x/y", "A Title", "X", "", "An overview"]]
    assert files["text-0.js"] == [["", "", "words title", "def made(): code"]]
    assert files["meta.js"]["language"] == "en"


def test_large_index_has_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typedwiki.render.search_index._SHARD", 100)
    monkeypatch.setattr("typedwiki.render.search_index._ONE_BLOCK", 100)
    monkeypatch.setattr("typedwiki.render.search_index._BLOCK", 16)
    pages = [Entry(f"x/{i}", f"Page {i}", "X", "", f"word{i}", [], [], str(i), list) for i in range(40)]
    files = dict(index_files(pages, "en"))
    assert {"pages-0.js", "pages-1.js", "pages-2.js", "terms-3.js"} <= files.keys()
    starts = json.loads(files["meta.js"].partition("]=")[2].rstrip(";\n"))["starts"]
    assert starts == sorted(starts)


def test_page_text_cannot_end_a_script() -> None:
    assert "</script" not in str(dict(index_files([Entry("x", "</script>", "X", "", "", [], [], "x", list)], "en")))


def test_entries_of_a_graph() -> None:
    node = {"url": "a%20b/c.html", "title": "<T>", "type": "X", "namespace": "", "overview": 'an "o"'}
    graph = json.dumps({"nodes": [node | {"domains": ["D"], "aliases": ["also"]}]}).encode()
    (entry,) = entries(graph, lambda name: NOTE_TEMPLATE.format(name).encode())
    assert (entry.name, entry.stem, entry.sections()[0].text) == ("a%20b/c", "c", "a b/c.qmd")
    (entry,) = entries(graph, lambda _: b"", texts=False)
    assert not entry.sections()


def random_notes(rng: random.Random, names: list[str]) -> tuple[bytes, dict[str, bytes]]:
    """A graph of notes in random order, and their text with names, other scripts and stop words."""
    rng.shuffle(names)
    words = ["gradient", "model.bind_tools(x)", "注意力", "Größe", "C#", "naïve_name", "…", "x" * 100]

    def text() -> str:
        return " ".join(rng.choices(words, k=rng.randrange(20)))

    node = {"type": "X", "namespace": "", "domains": ["D"]}
    nodes = [
        node
        | {"url": f"x/{name}.html", "title": f"{name} {text()[:20]}", "overview": text(), "aliases": [text()[:9]]}
        | ({"title": "\ud800"} if rng.random() < 0.1 else {})
        for name in names
    ]
    notes = {
        f"x/{name}.qmd": NOTE_TEMPLATE.format(f"## {text()}\n\n{text()}\n\n```\n{text()}\n```").encode()
        for name in names
    }
    return json.dumps({"nodes": nodes}).encode(), notes


@pytest.mark.parametrize("seed", range(5))
def test_incremental_index_equals_a_fresh_one(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    graph, notes = random_notes(rng, [f"p{n}" for n in range(30)])
    for _ in range(6):
        with kept_terms(tmp_path) as index_all:
            incremental = dict(index_files(entries(graph, notes.__getitem__), "en", index_all))
        assert incremental == dict(index_files(entries(graph, notes.__getitem__), "en"))
        other_graph, other_notes = random_notes(rng, rng.choices([f"p{n}" for n in range(40)], k=30))
        nodes = {node["url"]: node for node in json.loads(graph)["nodes"] if rng.random() < 0.8}
        nodes |= {node["url"]: node for node in json.loads(other_graph)["nodes"] if rng.random() < 0.3}
        notes = other_notes | {name: text for name, text in notes.items() if rng.random() < 0.8}
        kept_nodes = [node for url, node in nodes.items() if url.replace(".html", ".qmd") in notes]
        graph = json.dumps({"nodes": kept_nodes}).encode()
        cache = tmp_path / CACHE
        if rng.random() < 0.5:  # corrupt the cache
            data = bytearray(cache.read_bytes())
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            cache.write_bytes(data[: rng.choice([len(data), rng.randrange(len(data))])])


def test_only_changed_notes_are_indexed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    indexed_stems: list[str] = []

    def count_and_index(entry: Entry) -> Indexed:
        indexed_stems.append(entry.stem)
        return indexed(entry)

    monkeypatch.setattr("typedwiki.render.search_pages.indexed", count_and_index)
    graph, notes = random_notes(random.Random(1), ["a", "b", "c"])
    graph = graph.replace(rb"\ud800", b"plain")

    def newly_indexed() -> list[str]:
        indexed_stems.clear()
        with kept_terms(tmp_path) as index_all:
            list(index_files(entries(graph, notes.__getitem__), "en", index_all))
        return sorted(indexed_stems)

    assert newly_indexed() == ["a", "b", "c"]
    assert newly_indexed() == []
    notes["x/b.qmd"] += b"\nMore.\n"
    assert newly_indexed() == ["b"]
    graph = graph.replace(b'"title": "c', b'"title": "d')
    assert newly_indexed() == ["c"]
    monkeypatch.setattr("typedwiki.render.search_pages.program", lambda: "another version")
    assert newly_indexed() == ["a", "b", "c"]


def test_failed_index_leaves_the_cache_unchanged(tmp_path: Path) -> None:
    graph, notes = random_notes(random.Random(2), ["a", "b"])
    with kept_terms(tmp_path) as index_all:
        list(index_files(entries(graph, notes.__getitem__), "en", index_all))
    before = {path: path.read_bytes() for path in (tmp_path / ".typedwiki").iterdir()}
    del notes["x/a.qmd"]
    with pytest.raises(KeyError), kept_terms(tmp_path) as index_all:
        list(index_files(entries(graph, notes.__getitem__), "en", index_all))
    assert {path: path.read_bytes() for path in (tmp_path / ".typedwiki").iterdir()} == before


@pytest.fixture
def notes_folder(tmp_path: Path) -> Path:
    """The notes folder of a small wiki."""
    (tmp_path / "_quarto.yml").write_text("typedwiki: {source: wiki}\n", encoding="utf-8")
    shutil.copytree(WIKI, tmp_path / "wiki")
    config = load_config(tmp_path)
    files, origins = generate(load_wiki(config), config)
    write(config.output, files, origins)
    return config.output


def test_index_is_built_once(notes_folder: Path) -> None:
    site = notes_folder.parent / "_site"
    assert "indexed" in finish(load_config(notes_folder.parent), site)
    assert (site / "llms.txt").read_bytes() == (notes_folder / "assets/llms.txt").read_bytes()
    assert '"pages":6' in (site / INDEX_FOLDER / "meta.js").read_text(encoding="utf-8")
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*")}
    assert finish(load_config(notes_folder.parent), site) == ""
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*")} == before
    shutil.rmtree(site)  # as Quarto does before a render
    names = {path.name for path in (notes_folder.parent / ".typedwiki" / INDEX_FOLDER).iterdir()}
    assert "indexed" in finish(load_config(notes_folder.parent), site)
    assert {path.name for path in (notes_folder.parent / ".typedwiki" / INDEX_FOLDER).iterdir()} == names


def test_another_language_rebuilds_the_index(notes_folder: Path) -> None:
    site, settings = notes_folder.parent / "_site", notes_folder.parent / "_quarto.yml"
    finish(load_config(notes_folder.parent), site)
    settings.write_text(settings.read_text(encoding="utf-8") + "lang: de\n", encoding="utf-8")
    assert "indexed" in finish(load_config(notes_folder.parent), site)
    assert '"language":"de"' in (site / INDEX_FOLDER / "meta.js").read_text(encoding="utf-8")


def test_not_found_page_and_opensearch_are_written_but_never_overwrite(notes_folder: Path) -> None:
    site, settings = notes_folder.parent / "_site", notes_folder.parent / "_quarto.yml"
    (site / "notes/wiki").mkdir(parents=True)
    rendered = '<a href="../../index.html">Home</a><div class="tw-explore" data-not-found="true"></div>'
    (site / f"notes/{NOT_FOUND_PAGE}.html").write_text(rendered, encoding="utf-8")
    finish(load_config(notes_folder.parent), site)
    assert '<a href="/index.html">' in (site / NOT_FOUND).read_text(encoding="utf-8")
    assert not (site / OPENSEARCH).exists()
    text = settings.read_text(encoding="utf-8")
    settings.write_text(f"{text}website: {{title: A & B, site-url: 'https://example.org/w/'}}\n", encoding="utf-8")
    finish(load_config(notes_folder.parent), site)
    assert '<a href="/w/index.html">' in (site / NOT_FOUND).read_text(encoding="utf-8")
    description = (site / OPENSEARCH).read_text(encoding="utf-8")
    assert 'template="https://example.org/w/notes/wiki/explore.html?q={searchTerms}"' in description
    assert "A &amp; B: search the wiki" in description
    settings.write_text(text, encoding="utf-8")
    (site / NOT_FOUND).write_text("mine", encoding="utf-8")
    finish(load_config(notes_folder.parent), site)
    assert not (site / OPENSEARCH).exists()
    assert (site / NOT_FOUND).read_text(encoding="utf-8") == "mine"


def test_own_not_found_page_of_a_project_is_kept(notes_folder: Path) -> None:
    site = notes_folder.parent / "_site"
    (site / "notes/wiki").mkdir(parents=True)
    (site / f"notes/{NOT_FOUND_PAGE}.html").write_text('<div data-not-found="true"></div>', encoding="utf-8")
    finish(load_config(notes_folder.parent), site)
    assert (site / NOT_FOUND).exists()
    (notes_folder.parent / "404.qmd").write_text("---\ntitle: Gone\n---\n", encoding="utf-8")
    finish(load_config(notes_folder.parent), site)
    assert not (site / NOT_FOUND).exists()


def test_foreign_files_are_kept(notes_folder: Path) -> None:
    site = notes_folder.parent / "_site"
    (notes_folder.parent / "llms.txt").write_text("mine", encoding="utf-8")
    (site / INDEX_FOLDER).mkdir(parents=True)
    (site / INDEX_FOLDER / "mine.js").write_text("", encoding="utf-8")
    assert "was not made by this program" in finish(load_config(notes_folder.parent), site)
    remove_index(site)
    assert (site / INDEX_FOLDER / "mine.js").exists()
    assert not (site / "llms.txt").exists()


def test_cache_is_limited(tmp_path: Path) -> None:
    def pages() -> Iterator[tuple[str, str]]:
        yield "meta.js", "x"

    for number in range(_CACHED_INDEXES + 2):
        assert index_site(tmp_path, tmp_path / "site", str(number).encode(), pages)
    assert len(list((tmp_path / ".typedwiki" / INDEX_FOLDER).iterdir())) == _CACHED_INDEXES
    assert not index_site(tmp_path, tmp_path / "site", str(_CACHED_INDEXES + 1).encode(), pages)


def test_hand_written_note_is_indexed(notes_folder: Path) -> None:
    site = notes_folder.parent / "_site"
    (notes_folder / "thoughts.qmd").write_text("---\ntitle: Thoughts\n---\n\nOn zebras.\n", encoding="utf-8")
    config = load_config(notes_folder.parent)
    files, origins = generate(load_wiki(config), config)
    write(notes_folder, files, origins)
    finish(load_config(notes_folder.parent), site)
    assert "On zebras." in (site / INDEX_FOLDER / "text-6.js").read_text(encoding="utf-8")
    (notes_folder / "thoughts.qmd").write_text("---\ntitle: Thoughts\n---\n\nOn okapis.\n", encoding="utf-8")
    assert "indexed" in finish(load_config(notes_folder.parent), site)


def test_draft_is_indexed_unless_switched_off(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", WIKI)
    build_draft(project)
    site = project / "_site"
    page = site / "index.html"
    assert "tw-search-open" in page.read_text(encoding="utf-8")
    mark = (site / INDEX_FOLDER / ".typedwiki").stat().st_mtime_ns
    build_draft(project)
    assert (site / INDEX_FOLDER / ".typedwiki").stat().st_mtime_ns == mark
    command = [sys.executable, "scripts/wiki.py"]
    subprocess.run([*command, "draft", "--no-search"], cwd=project, check=True, capture_output=True)
    assert not list((site / INDEX_FOLDER).glob("text-*"))  # Explore's box needs the rest
    assert "tw-search-open" not in page.read_text(encoding="utf-8")
    build_draft(project)
    subprocess.run([*command, "clean"], cwd=project, check=True, capture_output=True)
    assert not site.exists()


@pytest.mark.quarto
def test_plain_quarto_site_has_the_search(quarto_project: Path) -> None:
    site = quarto_project / "_site"
    assert (site / INDEX_FOLDER / "meta.js").is_file()
    assert (site / "llms.txt").read_bytes() == (quarto_project / "notes/assets/llms.txt").read_bytes()
    assert "Page not found" in (site / NOT_FOUND).read_text(encoding="utf-8")


def test_exports_linked_in_the_footer_exist(draft_site: Path) -> None:
    for name in ("graph.json", "wiki.jsonld", "graph.graphml", "nodes.csv", "edges.csv"):
        assert (draft_site / "notes/assets/exports" / name).is_file()
        assert f'href="../../notes/assets/exports/{name}"' in (
            draft_site / "notes/workflow/QLoRA_Finetuning.html"
        ).read_text(encoding="utf-8")
    assert 'href="llms.txt"' in (draft_site / "index.html").read_text(encoding="utf-8")
