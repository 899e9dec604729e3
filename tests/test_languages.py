"""Names of types, edges, sections and fields in other languages, and names that a wiki defines itself."""

from __future__ import annotations

import json
import unicodedata
from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from build_steps import generate
from test_cli import run_wiki
from typedwiki import schema
from typedwiki.config import load_config
from typedwiki.model import WikiPage
from wiki_project import load_project, read_wiki_files, run_command, write_project

TRANSLATED_FOLDERS = [
    ("Prinzipien", "Abläufe", "Umgebungen"),
    ("principes", "recettes", "environnements"),
    ("Principios", "Flujos de trabajo", "Entornos"),
    ("原理", "流程", "环境"),
]


@pytest.mark.parametrize("folders", TRANSLATED_FOLDERS)
def test_translated_folders_are_recognized_and_kept(folders: tuple[str, str, str], tmp_path: Path) -> None:
    project = write_project(tmp_path, {f"{folder}/Page.md": "# Page\n" for folder in folders})
    assert set(load_project(project).graph.pages) == {"Principle/Page", "Workflow/Page", "Environment/Page"}
    assert run_command(project, "new", "Principle", "Another") == 0
    assert f"{folders[0]}/Another.md" in read_wiki_files(project)


@pytest.mark.parametrize(
    ("name", "edge", "backwards"),
    [
        ("umgesetzt_durch", "implemented_by", False),
        ("setzt um", "implemented_by", True),
        ("nécessite", "requires_env", False),
        ("paso_de", "step", True),
        ("步骤", "step", False),
    ],
)
def test_translated_edges_are_recognized(name: str, edge: str, backwards: bool) -> None:
    best = schema.load().orientations(name)[0]
    assert (best.edge.name, best.backwards) == (edge, backwards)


def test_wiki_defines_its_own_names(tmp_path: Path) -> None:
    project = write_project(
        tmp_path, {"Gesetze/Loss.md": "# Loss\n\n[[folgt_aus::Principle:Gain]]\n", "Gesetze/Gain.md": "# Gain\n"}
    )
    (problem,) = [p for p in load_project(project).problems if p.code == "R007"]
    assert "`typedwiki: names: {Principle: [Gesetze]}`" in problem.hint
    names = {"Principle": ["Gesetze"], "Overview": "Worum es geht"}
    (project / "_quarto.yml").write_text(json.dumps({"typedwiki": {"names": names}}), encoding="utf-8")
    assert set(load_project(project).graph.pages) == {"Principle/Loss", "Principle/Gain"}
    assert schema.load(None, names).sections["worum_es_geht"] == "overview"


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("{Prinziple: [X]}", "1:21: error W003 typedwiki: names: Prinziple: `Prinziple` is no type, edge or section"),
        ("{Principle: 3}", "1:21: error W003 typedwiki: names: Principle: must be a list of names"),
    ],
)
def test_invalid_names_are_reported(names: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "data/wikis").mkdir(parents=True)
    (tmp_path / "_quarto.yml").write_text(f"typedwiki: {{names: {names}}}")
    result = run_wiki("--project", tmp_path, "check")
    assert result.returncode == 2
    assert message in result.stderr


# Sections and fields

PAGES = {
    "German": """# Brotteig

## Überblick
Mehl, Wasser, Salz und Zeit.

## Ablauf der Gärung
Langsam.

## Metadaten
- **Fachgebiete**: Backen, Küche
- **Quellen**: [Paper: Gluten](https://example.org/gluten)
- **Zuletzt geändert**: 2026-02-03

## Verknüpfungen
- [[verwandt::Principle:Other]]
""",
    "French": """# Pâte

## Aperçu
Mehl, Wasser, Salz und Zeit.

## Références
- [Paper: Gluten](https://example.org/gluten)

## Domaines
Backen, Küche

## Dernière mise à jour
2026-02-03

## Voir aussi
- [[apparenté::Principle:Other]]
""",
    "Spanish in MediaWiki": """= Masa =

{| class="wikitable"
|-
! Fuentes
|
* [[source::Paper|Gluten|https://example.org/gluten]]
|-
! Dominios
| Backen, Küche
|-
! Última actualización
| 2026-02-03
|}

== Descripción general ==

Mehl, Wasser, Salz und Zeit.

== Enlaces ==

* [[relacionado::Principle:Other]]
""",
    "Chinese": """# 面团

## 概述
Mehl, Wasser, Salz und Zeit.

## 元数据
- **领域**：Backen、Küche
- **来源**：[Paper: Gluten](https://example.org/gluten)
- **最后更新**：2026-02-03

## 相关页面
- [[相关::Principle:Other]]
""",
    "custom names": """---
Worum es geht: Mehl, Wasser, Salz und Zeit.
Schubladen: [Backen, Küche]
---
# Teig

**Belege**: [Paper: Gluten](https://example.org/gluten)
**Stand**: 2026-02-03

## Nachbarn
- [[verwandt::Principle:Other]]
""",
}
CUSTOM_NAMES = {
    "Overview": "Worum es geht",
    "Domains": "Schubladen",
    "Sources": ["Belege"],
    "Last Updated": ["Stand"],
    "Connections": "Nachbarn",
}
HEADINGS = {
    "German": ("Verknüpfungen", "Quellen"),
    "French": ("Voir aussi", "Références"),
    "Spanish in MediaWiki": ("Enlaces", "Fuentes"),
    "Chinese": ("相关页面", "来源"),
    "custom names": ("Nachbarn", "Belege"),
}


def load_page(project: Path, text: str, names: object = None) -> WikiPage:
    """Load this page, in a wiki with the other page that it links to."""
    files = {"Principle/Dough.md": text, "Principle/Other.md": "# Other\n"}
    (write_project(project, files) / "_quarto.yml").write_text(
        json.dumps({"typedwiki": {"names": names}}), encoding="utf-8"
    )
    return load_project(project).graph.pages["Principle/Dough"]


@pytest.mark.parametrize("language", PAGES)
def test_translated_sections_and_fields_are_recognized(language: str, tmp_path: Path) -> None:
    page = load_page(tmp_path, PAGES[language], CUSTOM_NAMES)
    assert page.overview == "Mehl, Wasser, Salz und Zeit."
    assert page.domains == ("Backen", "Küche")
    assert [(source.type, source.title, source.url) for source in page.sources] == [
        ("Paper", "Gluten", "https://example.org/gluten")
    ]
    assert page.last_updated == date(2026, 2, 3)
    assert not page.connections_text
    codes = [p.code for p in load_project(tmp_path).problems if p.path.endswith("Dough.md")]
    assert not {"C001", "C004", "C007", "C008", "L015"} & set(codes)


@pytest.mark.parametrize("language", PAGES)
def test_notes_keep_the_names_of_sections(language: str, tmp_path: Path) -> None:
    load_page(tmp_path, PAGES[language], CUSTOM_NAMES)
    files, _ = generate(load_project(tmp_path), load_config(tmp_path))
    lines = files["principle/Dough.qmd"].decode().split("\n")
    connections, sources = HEADINGS[language]
    assert f"## {connections} {{#connections}}" in lines
    assert f"## {sources} {{#sources}}" in lines


def test_standard_headings_get_standard_names(tmp_path: Path) -> None:
    load_page(tmp_path, "# Dough\n\n## References\n- [Paper: X](https://example.org)\n\n## See also\n\nmore\n")
    files, _ = generate(load_project(tmp_path), load_config(tmp_path))
    lines = files["principle/Dough.qmd"].decode().split("\n")
    assert "## Sources {#sources}" in lines
    assert "## Connections {#connections}" in lines


@pytest.mark.parametrize("language", PAGES)
def test_converted_page_keeps_its_metadata(language: str, tmp_path: Path) -> None:
    page = load_page(tmp_path, PAGES[language], CUSTOM_NAMES)
    name = "Principle/Dough"
    other = "markdown" if page.dialect == "mediawiki" else "mediawiki"
    assert run_command(tmp_path, "convert", "--to", other, "Principle:Dough") == 0
    converted = load_project(tmp_path).graph.pages[name]
    assert converted.dialect == other
    for field in ("overview", "domains", "sources", "last_updated"):
        assert getattr(converted, field) == getattr(page, field), field


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_composed_and_decomposed_accents_are_equal(form: Literal["NFC", "NFD"], tmp_path: Path) -> None:
    files = {f"{unicodedata.normalize(form, 'Abläufe')}/Page.md": unicodedata.normalize(form, PAGES["German"])}
    page = load_project(write_project(tmp_path, files)).graph.pages["Workflow/Page"]
    assert page.overview == "Mehl, Wasser, Salz und Zeit."
    assert page.last_updated == date(2026, 2, 3)


def test_translated_requirements_are_read(tmp_path: Path) -> None:
    text = """# GPU

## Überblick
Rechner.

## Systemanforderungen
| Category | Requirement |
|---|---|
| Python | 3.10+ |

## Abhängigkeiten

### Python-Pakete
- `torch` >= 2.2

### Optionale Pakete
- `wandb`
"""
    run_wiki = load_project(write_project(tmp_path, {"Umgebungen/GPU.md": text}))
    rows = run_wiki.context.requirements.rows["Environment/GPU"]
    assert [(row.kind, row.name, row.optional) for row in rows] == [
        ("fact", "Python", False),
        ("pip", "torch", False),
        ("pip", "wandb", True),
    ]


# Suggestions

SUGGESTIONS = {
    "an edge between two types": (
        {
            "Abläufe/Brot.md": "# Brot\n\n[[beruht_auf::Principle:Teig]]\n",
            "Abläufe/Pizza.md": "# Pizza\n\n[[beruht auf::Principle:Teig]]\n",
            "Abläufe/Zopf.md": "# Zopf\n\n[[beruht-auf::Principle:Teig]]\n",
            "Prinzipien/Teig.md": "# Teig\n",
        },
        ["L015 `beruht_auf`, on 3 pages, is no edge of the schema: it is shown as an association"
         " (if it means `step`, say so with `typedwiki: names: {step: [beruht_auf]}`)"],
    ),
    "an edge that is nearly one in another language": (
        {
            "Prinzipien/Teig.md": "# Teig\n\n[[implementiert_durch::Implementation:Ofen]]\n",
            "Prinzipien/Hefe.md": "# Hefe\n\n[[implementiert_durch::Implementation:Ofen]]\n",
            "Prinzipien/Salz.md": "# Salz\n\n[[implementiert_durch::Implementation:Ofen]]\n",
            "Umsetzung/Ofen.md": "# Ofen\n",
        },
        ["L015 `implementiert_durch`, on 3 pages, is no edge of the schema: it is shown as an association"
         " (if it means `implemented_by`, say so with `typedwiki: names: {implemented_by: [implementiert_durch]}`)"],
    ),
    "an edge backwards": (
        {
            "Umgebung/Ofen.md": "# Ofen\n\n[[steht_unter::Implementation:Brot]]\n",
            "Umgebung/Herd.md": "# Herd\n\n[[steht_unter::Implementation:Brot]]\n",
            "Umgebung/Topf.md": "# Topf\n\n[[steht_unter::Implementation:Brot]]\n",
            "Umsetzung/Brot.md": "# Brot\n",
        },
        ["L015 `steht_unter`, on 3 pages, is no edge of the schema: it is shown as an association"
         " (if it means `required_by`, say so with `typedwiki: names: {required_by: [steht_unter]}`)"],
    ),
    "an edge between pages of one type": (
        {f"Prinzipien/{name}.md": f"# {name}\n\n[[folgt_aus::Principle:Teig]]\n" for name in ("Hefe", "Salz", "Teig")},
        ["L015 `folgt_aus`, on 3 pages, is no edge of the schema: it is shown as an association"
         " (an edge of its own is declared under `typedwiki: schema: edges:`)"],
    ),
    "an edge on two pages": (
        {f"Prinzipien/{name}.md": f"# {name}\n\n[[folgt_aus::B]] [[folgt_aus::C]]\n" for name in "AB"}, []
    ),
    "an edge that is misspelt": (
        {f"Prinzipien/{name}.md": f"# {name}\n\n[[implemented_bye::B]]\n" for name in "ABC"}, []
    ),
    "an overview": (
        {f"Prinzipien/{n}.md": f"# {n}\n\n## Worum es geht\nVon {n} und Brot.\n\n## Mehr\nText.\n" for n in "AB"},
        ["C001 has no overview"
         " (if `Worum es geht` is the overview, say so with `typedwiki: names: {Overview: [Worum es geht]}`)"] * 2,
    ),
    "a section of one page": (
        {"Prinzipien/A.md": "# A\n\n## Worum es geht\nVon A.\n"}, ["C001 has no overview"]
    ),
    "sections that pages have anyway": (
        {f"Prinzipien/{n}.md": f"# {n}\n\n## Description\nVon {n}.\n" for n in "AB"}, ["C001 has no overview"] * 2
    ),
    "sources": (
        {"Prinzipien/A.md": "# A\n\n## Zum Weiterlesen: mehr\n- [Buch](https://example.org/a)\n- https://example.org/b\n"},
        ["C004 names no sources (if `Zum Weiterlesen: mehr` names the sources, say so with"
         ' `typedwiki: names: {Sources: ["Zum Weiterlesen: mehr"]}`)'],
    ),
    "fields": (
        {"Prinzipien/A.md": "# A\n\n## Metadaten\n- **Belege**: [Buch](https://b.org/a)\n- **Stand**: 2026-01-02\n"},
        ["C004 names no sources (if `Belege` names the sources, say so with `typedwiki: names: {Sources: [Belege]}`)",
         "C007 has no date (if `Stand` is the date, say so with `typedwiki: names: {Last Updated: [Stand]}`)"],
    ),
    "a section with a link in prose": (
        {"Prinzipien/A.md": "# A\n\n## Mehr\nEin [Buch](https://example.org/a) sagt mehr.\n"}, ["C004 names no sources"]
    ),
    "a misspelt section": (
        {"Prinzipien/A.md": "# A\n\n## Überblikc\nVon A.\n"}, ["C017 `Überblikc` is no section that is understood"
         " (did you mean Überblick?)"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SUGGESTIONS)
def test_check_suggests_the_setting(case: str, tmp_path: Path) -> None:
    files, expected = SUGGESTIONS[case]
    project = write_project(tmp_path, files)
    codes = {line[:4] for line in expected} or {"L015"}
    problems = [p for p in load_project(project).problems if p.code in codes]
    assert [f"{p.code} {p.message}{f' ({p.hint})' if p.hint else ''}" for p in problems] == expected


@pytest.mark.parametrize(
    "case", [case for case, (_, expected) in SUGGESTIONS.items() if any("say so" in s for s in expected)]
)
def test_suggested_setting_resolves_the_problem(case: str, tmp_path: Path) -> None:
    files, _ = SUGGESTIONS[case]
    project = write_project(tmp_path, files)
    problems = [p for p in load_project(project).problems if "say so with" in p.hint]
    entries = {p.hint.rpartition("names: ")[2].rstrip("`)").strip("{}") for p in problems}
    (project / "_quarto.yml").write_text(f"typedwiki: {{names: {{{', '.join(sorted(entries))}}}}}", encoding="utf-8")
    remaining = {(p.path, p.code) for p in load_project(project).problems}
    assert not remaining & {(p.path, p.code) for p in problems}
