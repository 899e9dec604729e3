"""The exports: the same graph in every format, read by independent libraries."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

import networkx
import pytest
import rdflib
from rdflib.namespace import RDF, SKOS

from build_steps import generate
from conftest import ROOT
from typedwiki.config import Config, load_config
from typedwiki.pages.exports import BUNDLE_LIMIT, export_files
from typedwiki.pages.exports import _harmless as escape_cell
from typedwiki.pages.graph_exports import clean
from typedwiki.pipeline import load_wiki, site_context

EXPORTS = "assets/exports/"
BASE = "https://wiki.example/notes/assets/exports/wiki.jsonld"
HOSTILE = """---
title: "=HYPERLINK(\\"https://evil.example\\") \\u0007 ]]> <b> 'x'"
domains: ["@SUM(A1)", "a; b", "\\x1b[31m"]
aliases: ["-1"]
---
## Overview
+1 is text, "quoted", <script>alert(1)</script> \x08 \ufffe and `]]>`.

## Connections
- [[odd edge::Principle:Other]]
- [[related::Principle:Other]]
"""
OTHER = """---
title: "Other [x](y) | z"
---

## Overview
Second line.

# Not a title

## Metadata
- **Sources**: [Repo: kit](https://github.com/acme/kit), [Paper: On <things>](https://example.org/a?b=1&c=2)
"""
WORKFLOW = """# Do it

## Overview
How.

## First
Read [[Principle:Other|the other]] and [[Missing Page]]. ![A picture](none.png)

### Deeper

```{mermaid}
graph TD
# not a heading
```

::: {.callout-tip}
Mind {{< env X >}}.
:::

## Connections
- [[step::Principle:Other]]
- [[step::Principle:Hostile]]
"""


def export(config: Config) -> dict[str, bytes]:
    return export_files(site_context(load_wiki(config), config), config)


@pytest.fixture(scope="module")
def sample() -> dict[str, bytes]:
    """The exports of this project's own wiki."""
    return export(load_config(ROOT))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("hostile")
    pages = {"Principle/Hostile": HOSTILE, "Principle/Other": OTHER, "Workflow/Do_It": WORKFLOW}
    for name, text in pages.items():
        path = folder / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return export(load_config(ROOT, [folder]))


def read_csv(files: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[EXPORTS + name].decode(), newline=""), strict=True))


def parse_json_ld(files: Mapping[str, bytes]) -> rdflib.Graph:
    return rdflib.Graph().parse(data=files[f"{EXPORTS}wiki.jsonld"], format="json-ld", publicID=BASE)


@pytest.mark.parametrize("run_wiki", ["sample", "hostile"])
def test_every_format_has_the_same_graph(run_wiki: str, request: pytest.FixtureRequest) -> None:
    files: dict[str, bytes] = request.getfixturevalue(run_wiki)
    data = json.loads(files[f"{EXPORTS}graph.json"])
    nodes = {node["id"]: node for node in data["nodes"]}
    edges = {(edge["source"], edge["type"], edge["target"]) for edge in data["edges"]}
    assert nodes
    assert edges
    assert len(edges) == len(data["edges"])
    node_link_graph = networkx.node_link_graph(data, edges="edges")
    assert set(node_link_graph.nodes) == set(nodes)

    graphml = networkx.read_graphml(io.BytesIO(files[f"{EXPORTS}graph.graphml"]), force_multigraph=True)
    assert {node: attributes["label"] for node, attributes in graphml.nodes(data=True)} == {
        n: v["title"] for n, v in nodes.items()
    }
    assert {(a, attributes["label"], b) for a, b, attributes in graphml.edges(data=True)} == edges
    assert all(isinstance(attributes["minutes"], int) for _, attributes in graphml.nodes(data=True))

    assert [row["id"] for row in read_csv(files, "nodes.csv")] == list(nodes)
    assert {(row["source"], row["relation"], row["target"]) for row in read_csv(files, "edges.csv")} == edges

    graph = parse_json_ld(files)
    identifiers = {str(subject): str(name) for subject, name in graph.subject_objects(rdflib.SDO.identifier)}
    json_ld_edges = {
        (identifiers[str(s)], unquote(str(p).rpartition(":")[2]), identifiers[str(o)])
        for s, p, o in graph
        if str(p).startswith("urn:typedwiki:edge:")
    }
    assert set(identifiers.values()) == set(nodes)
    assert json_ld_edges == edges


def test_notes_are_identified_by_their_addresses(sample: dict[str, bytes]) -> None:
    note = rdflib.URIRef("https://wiki.example/notes/workflow/Memory_Budgeting.html")
    graph = parse_json_ld(sample)
    assert str(graph.value(note, rdflib.SDO.name)) == "Memory Budgeting"
    node = next(n for n in json.loads(sample[f"{EXPORTS}graph.json"])["nodes"] if n["title"] == "Memory Budgeting")
    assert node["url"] == "workflow/Memory_Budgeting.html"


def test_linked_data_uses_standard_terms(sample: dict[str, bytes]) -> None:
    graph = parse_json_ld(sample)
    note = rdflib.URIRef("https://wiki.example/notes/workflow/QLoRA_Finetuning.html")
    assert (note, RDF.type, rdflib.SDO.HowTo) in graph
    steps = {
        int(str(graph.value(step, rdflib.SDO.position))): str(graph.value(step, rdflib.SDO.name))
        for step in graph.objects(note, rdflib.SDO.step)
    }
    assert steps[1] == "Block Wise Quantization"
    assert sorted(steps) == list(range(1, len(steps) + 1))
    principle = rdflib.URIRef("https://wiki.example/notes/principle/Low_Rank_Adaptation.html")
    assert (principle, RDF.type, SKOS.Concept) in graph
    assert graph.value(principle, SKOS.inScheme) == rdflib.URIRef("https://wiki.example/index.html")
    assert not list(graph.subject_objects(SKOS.broader))


def test_linked_data_uses_the_site_address(tmp_path: Path) -> None:
    text = (ROOT / "_quarto.yml").read_text(encoding="utf-8")
    text = text.replace("website:\n", "website:\n  site-url: https://wiki.example/base/\n")
    (tmp_path / "_quarto.yml").write_text(text, encoding="utf-8")
    files = export(load_config(tmp_path, [ROOT / "tests/golden/two_dialects/wiki"]))
    assert json.loads(files[f"{EXPORTS}wiki.jsonld"])["@context"]["@base"] == "https://wiki.example/base/notes/"
    assert "](https://wiki.example/base/notes/workflow/" in files["assets/llms.txt"].decode()


def test_csv_cells_are_not_formulas(hostile: dict[str, bytes]) -> None:
    cells = [cell for row in read_csv(hostile, "nodes.csv") for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert any(cell.startswith("'=HYPERLINK(") for cell in cells)
    assert b"\r\n" in hostile[f"{EXPORTS}nodes.csv"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("=cmd()", "'=cmd()"),
        ("-1+1", "'-1+1"),
        ("a; =cmd(); b", "a; '=cmd(); b"),
        ("a;=cmd()", "a;'=cmd()"),
        ("a;;@SUM(A1)", "a;;'@SUM(A1)"),
        (" =cmd()", " '=cmd()"),
        ("\u00a0+cmd()", "\u00a0'+cmd()"),
        ("\t=cmd()", "\t'=cmd()"),
        ("＝cmd()", "'＝cmd()"),
        ("a; ＠b", "a; '＠b"),
        ("x = y; z", "x = y; z"),
        ("a-b, -c", "a-b, -c"),
        ("https://example.org/?a=b;c=d", "https://example.org/?a=b;c=d"),
    ],
)
def test_no_part_of_a_csv_cell_is_a_formula(cell: str, expected: str) -> None:
    assert escape_cell(cell) == expected


def test_exports_contain_no_invalid_characters(hostile: dict[str, bytes]) -> None:
    for name, data in hostile.items():
        text = data.decode("utf-8")
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe]", text), name


@pytest.mark.parametrize(
    ("text", "expected"),
    [("plain  text é 𝛼", "plain  text é 𝛼"), ("a\nb\tc", "a b c"), ("a\x00b\ud800c\ufffed", "a b c d"), ("", "")],
)
def test_texts_of_records_are_one_valid_line(text: str, expected: str) -> None:
    assert clean(text) == expected


def parse_llms_txt(files: Mapping[str, bytes]) -> tuple[str, str, dict[str, list[tuple[str, str]]]]:
    """Parse llms.txt by https://llmstxt.org: title, summary and the links of each section."""
    text = files["assets/llms.txt"].decode()
    head, *sections = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    head_match = re.fullmatch(r"# (.+)\n\n(?:> (.+)\n\n)?[^#]+", head)
    assert head_match
    links = {}
    for name, body in zip(sections[::2], sections[1::2], strict=True):
        items = body.strip().split("\n")
        matches = [re.fullmatch(r"- \[((?:\\.|[^\[\]\\])+)\]\(([^()\s]+)\)(?:: .+)?", item) for item in items]
        assert all(matches), body
        links[name] = [(match[1], match[2]) for match in matches if match]
    return head_match[1], head_match[2] or "", links


def test_llms_txt_lists_every_page_and_bundle(sample: dict[str, bytes]) -> None:
    title, _, sections = parse_llms_txt(sample)
    assert title == "Typedwiki"
    assert list(sections)[:3] == ["Full text", "Workflows", "Principles"]
    assert list(sections)[-1] == "Optional"
    notes = {f"notes/{node['url']}" for node in json.loads(sample[f"{EXPORTS}graph.json"])["nodes"]}
    links = {address for section_links in sections.values() for _, address in section_links}
    assert notes < links
    assert links - notes <= {f"notes/{name}" for name in sample}


def test_llms_txt_escapes_titles(hostile: dict[str, bytes]) -> None:
    _, _, sections = parse_llms_txt(hostile)
    assert [label for label, _ in sections["Principles"]][1] == r"Other \[x\](y) | z"


def test_bundle_contains_every_page_of_the_path(sample: dict[str, bytes]) -> None:
    text = sample[f"{EXPORTS}bundle-QLoRA_Finetuning.md"].decode()
    assert text.startswith("# QLoRA Finetuning\n\n## Workflow: QLoRA Finetuning\n\nQLoRA adapts")
    data = json.loads(sample[f"{EXPORTS}graph.json"])
    titles = {node["id"]: f"## {node['type']}: {node['title']}" for node in data["nodes"]}
    headings = [line for line in text.split("\n") if line.startswith("## ")]
    steps = [edge["target"] for edge in data["edges"] if edge["source"].endswith("/QLoRA_Finetuning")]
    assert {titles[step] for step in steps if step.startswith("Principle")} <= set(headings)
    assert len(headings) == len(set(headings))
    assert "### Sources" in text


def test_bundle_is_plain_markdown(hostile: dict[str, bytes]) -> None:
    text = hostile[f"{EXPORTS}bundle-Do_It.md"].decode()
    assert "\n### First\n" in text
    assert "\n#### Deeper\n" in text
    assert "Read the other and Missing Page. A picture" in text
    assert "```mermaid\ngraph TD\n# not a heading\n" in text
    assert "**Tip**" in text
    assert ":::" not in text
    assert not re.search(r"[\ue000-\uf8ff]", text)
    assert "- Steps: " in text
    assert r"- Paper: On \<things\> <https://example.org/a?b=1&c=2>" in text


def test_bundle_size_is_limited_when_workflows_share_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typedwiki.pages.exports.BUNDLE_LIMIT", 2000)
    for number in range(4):
        links = "\n".join(f"- [[step::Principle:P{i}]]" for i in range(6))
        pages = {f"Workflow/W{number}": f"# W{number}\n\n## Overview\nx\n\n## Connections\n{links}\n"}
        pages |= {f"Principle/P{i}": f"# P{i}\n\n## Overview\n{'word ' * 100}\n" for i in range(6)}
        for name, text in pages.items():
            path = tmp_path / f"{name}.md"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    files = export(load_config(ROOT, [tmp_path]))
    texts = [data.decode() for name, data in files.items() if "bundle-" in name]
    assert len(texts) == 4
    assert all(len(text) < 2500 for text in texts)
    assert all("## Further pages" in text and "- P5" in text for text in texts)
    assert BUNDLE_LIMIT > 2000


def run_wiki(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, str(ROOT / "scripts/wiki.py"), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, check=True)


@pytest.mark.slow
def test_export_command_and_site_have_the_same_bytes(sample: dict[str, bytes], tmp_path: Path) -> None:
    config = load_config(ROOT)
    files, _ = generate(load_wiki(config), config)
    assert {name: files[name] for name in sample} == sample
    assert run_wiki("export", "--format", "jsonld", cwd=tmp_path).stdout == sample[f"{EXPORTS}wiki.jsonld"]
    run_wiki("export", cwd=tmp_path)
    exported = {path.name: path.read_bytes() for path in (tmp_path / "exports").iterdir()}
    assert exported == {Path(name).name: data for name, data in sample.items()}
    run_wiki("export", "--format", "csv", "--output", tmp_path / "tables", cwd=tmp_path)
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {"nodes.csv", "edges.csv"}
