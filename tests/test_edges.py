"""Edges from front matter, inline fields and properties: the same edges as from typed links, with their locations."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

from typedwiki.config import load_config
from typedwiki.model import RawFile, WikiPage
from typedwiki.notes.note_file import note
from typedwiki.pipeline import load_wiki, site_context
from typedwiki.schema import load
from typedwiki.text.inline_fields import as_typed_links, extract_field_lines
from typedwiki.text.parse import parse
from wiki_project import load_project, problem_codes, run_command, write_project

WIKIS = Path(__file__).parent / "wikis"
SCHEMA = load()


def page(text: str, suffix: str = "md") -> WikiPage:
    return parse(RawFile(f"wiki/Idea/P.{suffix}", "Note", "P", "wiki", text), SCHEMA)[0]


def edges(text: str, suffix: str = "md") -> list[tuple[str | None, str, str]]:
    """Edge, target, and the text at the link's location."""
    links = page(text, suffix).outgoing_links
    return [(link.edge, link.target, text[link.span.start : link.span.end]) for link in links]


FRONT_MATTER = {
    "a key": ('uses: "[[A]]"', [("uses", "A", "[[A]]")]),
    "without quotes": ("uses: [[A b]]", [("uses", "A b", "[[A b]]")]),
    "single quotes and a label": ("uses: '[[A|the A]]'", [("uses", "A", "[[A|the A]]")]),
    "a list": ('up:\n  - "[[A]]"\n  - [[B]]', [("up", "A", "[[A]]"), ("up", "B", "[[B]]")]),
    "a flow list": ('up: ["[[A]]", "[[B]]"]', [("up", "A", "[[A]]"), ("up", "B", "[[B]]")]),
    "several in one text": ('up: "[[A]], [[B]]"', [("up", "A", "[[A]]"), ("up", "B", "[[B]]")]),
    "words in the key": ('Depends on: "[[A]]"', [("depends_on", "A", "[[A]]")]),
    "letters of many bytes": ('größer_als: "[[Äpfel]]"', [("größer_als", "Äpfel", "[[Äpfel]]")]),
    "a text that holds a link": ('about: "See [[A]] first"', []),
    "relationships": (
        'relationships:\n  - target: "[[A]]"\n    type: uses\n  - {target: ideas/B.md, type: depends on}\n'
        "  - {type: extends, target: 'Big C'}\n  - target: /x/D.md",
        [
            ("uses", "A", "[[A]]"),
            ("depends_on", "ideas/B.md", "ideas/B.md"),
            ("extends", "Big C", "Big C"),
            ("related", "/x/D.md", "/x/D.md"),
        ],
    ),
    "relationships by edge": ('relationships:\n  uses: ["[[A]]"]', [("uses", "A", "[[A]]")]),
    "a type and a section": ('uses: "[[Principle:A#Part]]"', [("uses", "A", "[[Principle:A#Part]]")]),
    "no edges: metadata of the page": ('aliases: ["[[A]]"]\ntags: ["[[B]]"]\ntitle: "[[C]]"', []),
    "a source that is a page": ('sources:\n  - "[[A]]"', [("source", "A", "[[A]]")]),
    "invalid YAML": ('uses: "[[A]]', []),
    "not in comments": ('uses: "[[A]]" # or [[B]]', [("uses", "A", "[[A]]")]),
}


@pytest.mark.parametrize(("yaml", "expected"), FRONT_MATTER.values(), ids=FRONT_MATTER)
def test_front_matter(yaml: str, expected: list[tuple[str, str, str]]) -> None:
    assert edges(f"---\n{yaml}\n---\n# P\n\nText.\n") == expected


FIELDS = {
    "a line": ("uses:: [[A]]", [("uses", "A", "[[A]]")]),
    "a line of several": ("uses:: [[A]], [[B]] and [[C]]", [("uses", n, f"[[{n}]]") for n in "ABC"]),
    "a bold name": ("**uses**:: [[A]]", [("uses", "A", "[[A]]")]),
    "a bold name with its colons": ("**uses::** [[A]]", [("uses", "A", "[[A]]")]),
    "an item": ("- uses:: [[A]]", [("uses", "A", "[[A]]")]),
    "a task": ("- [x] uses:: [[A]]", [("uses", "A", "[[A]]")]),
    "in brackets": ("Text [uses:: [[A]]] goes on.", [("uses", "A", "[[A]]")]),
    "in parentheses": ("Text (uses:: [[A]], [[B]]) on.", [("uses", "A", "[[A]]"), ("uses", "B", "[[B]]")]),
    "a Markdown link": ("uses:: [the A](../Idea/A.md)", [("uses", "../Idea/A.md", "[the A](../Idea/A.md)")]),
    "words before the link": ("uses:: see [[A]]", [(None, "A", "[[A]]")]),
    "words after it": ("uses:: [[A]] since May", [("uses", "A", "[[A]]")]),
    "in the middle of a line": ("It says: uses:: [[A]]", [(None, "A", "[[A]]")]),
    "brackets that go on": ("Text (uses:: [[A]] twice)", [(None, "A", "[[A]]")]),
    "code": ("`uses:: [[A]]`\n\n```\nuses:: [[A]]\n```", []),
    "a typed link": ("[[uses::A]]", [("uses", "A", "[[uses::A]]")]),
    "a typed link in a field": ("needs:: [[uses::A]]", [("uses", "A", "[[uses::A]]")]),
    "in a quotation": ("> uses:: [[A]]", [("uses", "A", "[[A]]")]),
    "no space before the link": ("uses::[[A]]", [("uses", "A", "[[A]]")]),
    "code of C++": ("std::cout << [[A]]", [(None, "A", "[[A]]")]),
}


@pytest.mark.parametrize(("text", "expected"), FIELDS.values(), ids=FIELDS)
def test_inline_fields(text: str, expected: list[tuple[str | None, str, str]]) -> None:
    assert edges(f"# P\n\nFirst.\n\n{text}\n") == expected


PROPERTIES: dict[str, tuple[str, list[tuple[str | None, str, str]]]] = {
    "a property": ("[[Has part::A]]", [("has_part", "A", "[[Has part::A]]")]),
    "with a label": ("[[Has part::A|an a]]", [("has_part", "A", "[[Has part::A|an a]]")]),
    "set without being shown": (
        "{{#set:Has part=A b|Built by= C\n|Empty=}}",
        [("has_part", "A b", "A b"), ("built_by", "C", "C")],
    ),
    "several at once": (
        "{{#set:Has part= A; B b ;|+sep=;|Built by=C, D|+sep|Near=E, F}}",
        [
            ("has_part", "A", "A"),
            ("has_part", "B b", "B b"),
            ("built_by", "C", "C"),
            ("built_by", "D", "D"),
            ("near", "E, F", "E, F"),
        ],
    ),
    "an address": ("[[Has site::https://example.org]] [[Has email::mailto:a@example.org]]", []),
    "templates that lead to pages": (
        "{{main|A|B#More}} {{ See_also | C d |l1=c}} {{Siehe auch|[[D]]}} {{flag|E}}",
        [(None, "A", "A"), (None, "B", "B#More"), (None, "C d", "C d"), (None, "D", "[[D]]")],
    ),
    "not in nowiki": ("<nowiki>{{#set:Has part=A}}</nowiki>", []),
}


@pytest.mark.parametrize(("text", "expected"), PROPERTIES.values(), ids=PROPERTIES)
def test_properties(text: str, expected: list[tuple[str | None, str, str]]) -> None:
    assert edges(f"'''P''' is a page.\n\n{text}\n", "mediawiki") == expected


def test_fields_are_shown_and_converted() -> None:
    text = (
        "up:: [[Home]]\nrating:: 5\n\nFirst (see:: [[A]]) and [depends_on:: [[B]]].\n\n- depends_on:: [[C]]\n"
        "- **made_by**:: nobody\n\n```\nup:: [[D]]\n```\n"
    )
    remaining, rows, values, _ = extract_field_lines(text)
    assert values == "[[Home]]\n5"
    assert rows == [("Rating", "5")]
    assert remaining == (
        "\nFirst [[A]] and depends on: [[B]].\n\n- **Depends on**: [[C]]\n- **Made by**: nobody\n"
        "\n```\nup:: [[D]]\n```\n"
    )
    assert as_typed_links(text).startswith(
        "- [[up::Home]]\n- **Rating**: 5\n\nFirst [[see::A]] and [[depends_on::B]].\n\n- [[depends_on::C]]\n"
    )


TEXT_WITHOUT_FIELDS = {
    "fields without a value": ("up::\ntags:: \n**near**::\n\nText.\n", "\nText.\n"),
    "an item without a value": ("- made of::\n  - clay\n* near::\n", "- **Made of**: \n  - clay\n* **Near**: \n"),
    "a star as the mark of an item": ("* rating:: 5\n", "* **Rating**: 5\n"),
    "a sentence above code": ("Example::\n\n    pip\n", "Example::\n\n    pip\n"),
    "properties of an item": (
        "- Fire\n  id:: 63-b\n  heat:: 900\n  **near**:: [[A]]\n  collapsed:: true\n\t- Ash\n\t  id:: 64",
        "- Fire\\\n  **Heat**: 900\\\n  **Near**: [[A]]\n\t- Ash\n",
    ),
    "properties of a heading": ("- ## Fire\n  heat:: 900\n", "- ## Fire\n  **Heat**: 900\n"),
    "numbered items": ("- A\n  logseq.order-list-type:: number\n- B\n", "- A\n- B\n"),
}


@pytest.mark.parametrize(("text", "expected"), TEXT_WITHOUT_FIELDS.values(), ids=TEXT_WITHOUT_FIELDS)
def test_text_without_its_fields(text: str, expected: str) -> None:
    assert extract_field_lines(text).text == expected


def test_property_values_without_a_page_are_text() -> None:
    config = load_config(WIKIS.parent.parent, [WIKIS / "smw"])
    wiki = load_wiki(config)
    text = note(wiki.graph.pages["Page/North_Rock"], site_context(wiki, config))
    table = BeautifulSoup(text, "html.parser").get_text()
    assert '"text": "1871"' in table
    assert "no such page" not in table
    assert "{.tw-missing" not in text


def test_missing_page_of_a_property_is_reported(tmp_path: Path) -> None:
    files = {"A.mediawiki": "'''A''' is [[Part of::B]] and [[Part of::Bee]].\n", "B.mediawiki": "'''B''' is whole.\n"}
    assert [code for code in problem_codes(write_project(tmp_path, files)) if "L" in code] == [
        "data/wikis/A.mediawiki L001"
    ]


def test_edge_stated_at_both_ends_is_one_edge(tmp_path: Path) -> None:
    files = {
        "A.md": "---\ntype: idea\ndown: '[[B]]'\n---\nText.\n",
        "B.md": "---\ntype: idea\n---\nparent:: [[A]]\n\nText.\n",
        "C.md": "---\ntype: idea\nrelationships: [{target: A, type: parent}]\n---\nText with [[A]].\n",
    }
    graph = load_project(write_project(tmp_path, files)).graph
    actual = [(edge.source, edge.type, edge.target, len(edge.declared)) for edge in graph.edges]
    assert actual == [("Idea/B", "up", "Idea/A", 2), ("Idea/C", "up", "Idea/A", 1)]


def test_front_matter_states_edges_of_the_schema(tmp_path: Path) -> None:
    files = {
        "principles/Loss.md": "---\nimplemented_by: '[[Loss code]]'\n---\n# Loss\n",
        "implementations/Loss_code.md": "# Loss code\n",
    }
    graph = load_project(write_project(tmp_path, files)).graph
    assert [(edge.source, edge.type, edge.target) for edge in graph.edges] == [
        ("Principle/Loss", "implemented_by", "Implementation/Loss_code")
    ]


def test_rename_updates_every_form(tmp_path: Path) -> None:
    front_matter = (
        "---\ntype: idea\nup: [[Old name]]\n"
        "relationships:\n- {target: Old name, type: uses}\n- target: 'a/Old name.md'\n---\n"
    )
    files = {
        "a/Old name.md": "---\ntype: idea\n---\nText.\n",
        "b/Other one.md": f"{front_matter}uses:: [[Old name]]\n\nText (see:: [[old_name|it]]).\n",
        "c/Set it.mediawiki": "'''Set it''' is set.\n\n{{#set:Has part=Old name}}{{Main|Old name}}\n",
        "d/Have it.mediawiki": "'''Have it''' has it.\n\n[[Has part::Old name]]\n",
    }
    project = write_project(tmp_path, files)
    assert run_command(project, "rename", "Idea:Old name", "Idea:New name") == 0
    other = (project / "data/wikis/b/Other one.md").read_text(encoding="utf-8")
    assert other == files["b/Other one.md"].replace("Old name", "New name").replace("old_name", "new_name")
    for name in ("c/Set it.mediawiki", "d/Have it.mediawiki"):
        assert (project / "data/wikis" / name).read_text(encoding="utf-8") == files[name].replace(
            "Old name", "New name"
        )


def test_broken_edges_are_reported_at_their_location(tmp_path: Path) -> None:
    files = {
        "A.md": "---\ntype: idea\nup: '[[Bee]]'\n---\nText.\n\nuses:: [[Cee]]\n",
        "B.md": "---\ntype: idea\n---\nText.\n",
    }
    problems = load_project(write_project(tmp_path, files)).problems
    assert [(p.code, p.line, p.column) for p in problems if p.code == "L001"] == [("L001", 3, 6), ("L001", 7, 8)]


def test_misspelled_edge_is_reported(tmp_path: Path) -> None:
    files = {f"{n}.md": f"---\ntype: idea\n---\nText.\n\nadapted_by:: [[{n + 1}]]\n" for n in range(5)}
    files |= {"5.md": "---\ntype: idea\n---\nText.\n\nadaptd_by:: [[1]]\n"}
    problems = [str(p) for p in load_project(write_project(tmp_path, files)).problems if p.code in ("L004", "L015")]
    assert [re.search(r"L004 (.*)", problem)[1] for problem in problems] == [  # type: ignore[index]
        "`adaptd_by` is not an edge of the schema (did you mean `adapted_by`?)"
    ]


def test_property_may_have_the_name_of_a_type(tmp_path: Path) -> None:
    files = {"A.md": "---\ntype: idea\nproject: '[[B]]'\n---\nText.\n", "B.md": "---\ntype: project\n---\nText.\n"}
    wiki = load_project(write_project(tmp_path, files))
    assert [(edge.source, edge.type, edge.target) for edge in wiki.graph.edges] == [("Idea/A", "project", "Project/B")]
    assert not [p for p in wiki.problems if p.code == "L004"]


def test_convert_states_fields_as_properties(tmp_path: Path) -> None:
    text = "# A\n\n## Overview\n\nAn idea (see:: [[B]]).\n\n## More\n\n- uses:: [[B]]\n"
    project = write_project(
        tmp_path, {"A.md": f"---\ntype: idea\n---\n{text}", "B.md": "---\ntype: idea\n---\n# B\n\n## Overview\n\nB.\n"}
    )
    before = [(e.source, e.type, e.target) for e in load_project(project).graph.edges]
    assert run_command(project, "convert", "--to", "mediawiki", "Idea:A") == 0
    assert "[[see::B]]" in (project / "data/wikis/A.md").read_text(encoding="utf-8")
    assert "[[uses::B]]" in (project / "data/wikis/A.md").read_text(encoding="utf-8")
    assert [(e.source, e.type, e.target) for e in load_project(project).graph.edges] == before


def test_common_edges_have_labels_in_the_language_of_the_site(tmp_path: Path) -> None:
    front_matter = "---\ntype: idea\n"
    project = write_project(
        tmp_path, {"A.md": f"{front_matter}up: '[[B]]'\n---\nText.\n", "B.md": f"{front_matter}---\nText.\n"}
    )
    (project / "_quarto.yml").write_text("lang: de")
    edge = load_project(project).schema.edges["up"]
    assert (edge.label, edge.inverse_label) == ("Übergeordnet", "Untergeordnet")


def linked_pairs(folder: Path) -> set[frozenset[str]]:
    """The pairs of pages that are linked in any form, found by file names without this program."""
    files = {path.stem.replace("_", " "): path for path in folder.rglob("*.m*")}
    pairs: set[frozenset[str]] = set()
    for name, path in files.items():
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        targets = re.findall(r"\[\[(?:[^\]|#:]*::)?([^\]|#]+)", text)
        targets += re.findall(r"(?m)target: ([\w ]+)$", text)
        targets += [unquote(address).rpartition("/")[2] for address in re.findall(r"\]\(([^)]+)\.md\)", text)]
        targets += re.findall(r"=([^|}=]+)", "".join(re.findall(r"\{\{#set:(.*?)\}\}", text)))
        pairs |= {frozenset((name, other)) for other in targets if other in files and other != name}
    return pairs


@pytest.mark.parametrize("name", ["vault", "smw"])
def test_pages_and_edges_match_an_independent_script(name: str) -> None:
    graph = load_wiki(load_config(WIKIS.parent.parent, [WIKIS / name])).graph
    assert len(graph.pages) == len(list((WIKIS / name).rglob("*.m*")))
    stems = {page.id: page.stem.replace("_", " ") for page in graph.pages.values()}
    pairs = {frozenset((stems[edge.source], stems[edge.target])) for edge in graph.edges}
    assert pairs == linked_pairs(WIKIS / name)
