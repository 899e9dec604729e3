"""Edges from front matter, inline fields and properties: the same edges as those of typed links, with their places."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

from authoring import codes, run, understood, written
from typedwiki.config import load_config
from typedwiki.model import RawFile, WikiPage
from typedwiki.notes.note_file import note
from typedwiki.pipeline import load_wiki, site_context
from typedwiki.schema import load
from typedwiki.text.inline_fields import as_typed_links, extract_field_lines
from typedwiki.text.parse import parse

WIKIS = Path(__file__).parent / "wikis"
SCHEMA = load()


def page(text: str, suffix: str = "md") -> WikiPage:
    return parse(RawFile(f"wiki/Idea/P.{suffix}", "Note", "P", "wiki", text), SCHEMA)[0]


def edges(text: str, suffix: str = "md") -> list[tuple[str | None, str, str]]:
    """Edge, target, and what the text has at the link's place."""
    links = page(text, suffix).outgoing_links
    return [(link.edge, link.target, text[link.span.start : link.span.end]) for link in links]


FRONT = {
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
    "no edges: what a page says of itself": ('aliases: ["[[A]]"]\ntags: ["[[B]]"]\ntitle: "[[C]]"', []),
    "a source that is a page": ('sources:\n  - "[[A]]"', [("source", "A", "[[A]]")]),
    "no YAML": ('uses: "[[A]]', []),
    "not in comments": ('uses: "[[A]]" # or [[B]]', [("uses", "A", "[[A]]")]),
}


@pytest.mark.parametrize(("yaml", "expected"), FRONT.values(), ids=FRONT)
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


PROPERTIES = {
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
    "not in nowiki": ("<nowiki>{{#set:Has part=A}}</nowiki>", []),
}


@pytest.mark.parametrize(("text", "expected"), PROPERTIES.values(), ids=PROPERTIES)
def test_properties(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert edges(f"'''P''' is a page.\n\n{text}\n", "mediawiki") == expected


def test_what_readers_see_of_fields() -> None:
    text = (
        "up:: [[Home]]\nrating:: 5\n\nFirst (see:: [[A]]) and [depends_on:: [[B]]].\n\n- depends_on:: [[C]]\n"
        "- **made_by**:: nobody\n\n```\nup:: [[D]]\n```\n"
    )
    shown, rows, values, _ = extract_field_lines(text)
    assert values == "[[Home]]\n5"
    assert rows == [("Rating", "5")]
    assert shown == (
        "\nFirst [[A]] and depends on: [[B]].\n\n- **Depends on**: [[C]]\n- **Made by**: nobody\n"
        "\n```\nup:: [[D]]\n```\n"
    )
    assert as_typed_links(text).startswith(
        "- [[up::Home]]\n- **Rating**: 5\n\nFirst [[see::A]] and [[depends_on::B]].\n\n- [[depends_on::C]]\n"
    )


SHOWN = {
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


@pytest.mark.parametrize(("text", "shown"), SHOWN.values(), ids=SHOWN)
def test_text_without_its_fields(text: str, shown: str) -> None:
    assert extract_field_lines(text).text == shown


def test_values_that_are_no_pages_are_text() -> None:
    config = load_config(WIKIS.parent.parent, [WIKIS / "smw"])
    wiki = load_wiki(config)
    shown = note(wiki.graph.pages["Page/North_Rock"], site_context(wiki, config))
    table = BeautifulSoup(shown, "html.parser").get_text()
    assert '"text": "1871"' in table
    assert "no such page" not in table
    assert "{.tw-missing" not in shown


def test_a_missing_page_of_a_property_is_reported(tmp_path: Path) -> None:
    files = {"A.mediawiki": "'''A''' is [[Part of::B]] and [[Part of::Bee]].\n", "B.mediawiki": "'''B''' is whole.\n"}
    assert [code for code in codes(written(tmp_path, files)) if "L" in code] == ["data/wikis/A.mediawiki L001"]


def test_both_ends_state_one_edge(tmp_path: Path) -> None:
    files = {
        "A.md": "---\ntype: idea\ndown: '[[B]]'\n---\nText.\n",
        "B.md": "---\ntype: idea\n---\nparent:: [[A]]\n\nText.\n",
        "C.md": "---\ntype: idea\nrelationships: [{target: A, type: parent}]\n---\nText with [[A]].\n",
    }
    graph = understood(written(tmp_path, files)).graph
    found = [(edge.source, edge.type, edge.target, len(edge.declared)) for edge in graph.edges]
    assert found == [("Idea/B", "up", "Idea/A", 2), ("Idea/C", "up", "Idea/A", 1)]


def test_schemas_edges_are_stated_in_front_matter(tmp_path: Path) -> None:
    files = {
        "principles/Loss.md": "---\nimplemented_by: '[[Loss code]]'\n---\n# Loss\n",
        "implementations/Loss_code.md": "# Loss code\n",
    }
    graph = understood(written(tmp_path, files)).graph
    assert [(edge.source, edge.type, edge.target) for edge in graph.edges] == [
        ("Principle/Loss", "implemented_by", "Implementation/Loss_code")
    ]


def test_rename_follows_every_form(tmp_path: Path) -> None:
    front = (
        "---\ntype: idea\nup: [[Old name]]\n"
        "relationships:\n- {target: Old name, type: uses}\n- target: 'a/Old name.md'\n---\n"
    )
    files = {
        "a/Old name.md": "---\ntype: idea\n---\nText.\n",
        "b/Other one.md": f"{front}uses:: [[Old name]]\n\nText (see:: [[old_name|it]]).\n",
        "c/Set it.mediawiki": "'''Set it''' is set.\n\n{{#set:Has part=Old name}} [[Has part::Old name]]\n",
    }
    here = written(tmp_path, files)
    assert run(here, "rename", "Idea:Old name", "Idea:New name") == 0
    other = (here / "data/wikis/b/Other one.md").read_text(encoding="utf-8")
    assert other == files["b/Other one.md"].replace("Old name", "New name").replace("old_name", "new_name")
    there = (here / "data/wikis/c/Set it.mediawiki").read_text(encoding="utf-8")
    assert there == files["c/Set it.mediawiki"].replace("Old name", "New name")


def test_broken_edges_are_reported_where_they_stand(tmp_path: Path) -> None:
    files = {
        "A.md": "---\ntype: idea\nup: '[[Bee]]'\n---\nText.\n\nuses:: [[Cee]]\n",
        "B.md": "---\ntype: idea\n---\nText.\n",
    }
    problems = understood(written(tmp_path, files)).problems
    assert [(p.code, p.line, p.column) for p in problems if p.code == "L001"] == [("L001", 3, 6), ("L001", 7, 8)]


def test_a_rare_misspelling_of_an_edge_is_reported(tmp_path: Path) -> None:
    files = {f"{n}.md": f"---\ntype: idea\n---\nText.\n\nadapted_by:: [[{n + 1}]]\n" for n in range(5)}
    files |= {"5.md": "---\ntype: idea\n---\nText.\n\nadaptd_by:: [[1]]\n"}
    problems = [str(p) for p in understood(written(tmp_path, files)).problems if p.code in ("L004", "L015")]
    assert [re.search(r"L004 (.*)", one)[1] for one in problems] == [  # type: ignore[index]
        "`adaptd_by` is not an edge of the schema (did you mean `adapted_by`?)"
    ]


def test_a_property_may_have_the_name_of_a_type(tmp_path: Path) -> None:
    files = {"A.md": "---\ntype: idea\nproject: '[[B]]'\n---\nText.\n", "B.md": "---\ntype: project\n---\nText.\n"}
    here = understood(written(tmp_path, files))
    assert [(edge.source, edge.type, edge.target) for edge in here.graph.edges] == [("Idea/A", "project", "Project/B")]
    assert not [p for p in here.problems if p.code == "L004"]


def test_convert_states_fields_as_properties(tmp_path: Path) -> None:
    text = "# A\n\n## Overview\n\nAn idea (see:: [[B]]).\n\n## More\n\n- uses:: [[B]]\n"
    here = written(
        tmp_path, {"A.md": f"---\ntype: idea\n---\n{text}", "B.md": "---\ntype: idea\n---\n# B\n\n## Overview\n\nB.\n"}
    )
    before = [(e.source, e.type, e.target) for e in understood(here).graph.edges]
    assert run(here, "convert", "--to", "mediawiki", "Idea:A") == 0
    assert "[[see::B]]" in (here / "data/wikis/A.md").read_text(encoding="utf-8")
    assert "[[uses::B]]" in (here / "data/wikis/A.md").read_text(encoding="utf-8")
    assert [(e.source, e.type, e.target) for e in understood(here).graph.edges] == before


def test_common_edges_have_labels_in_the_language_of_the_site(tmp_path: Path) -> None:
    front = "---\ntype: idea\n"
    here = written(tmp_path, {"A.md": f"{front}up: '[[B]]'\n---\nText.\n", "B.md": f"{front}---\nText.\n"})
    (here / "_quarto.yml").write_text("lang: de")
    edge = understood(here).schema.edges["up"]
    assert (edge.label, edge.inverse_label) == ("Übergeordnet", "Untergeordnet")


def joined_by_hand(folder: Path) -> set[frozenset[str]]:
    """The pairs of pages that any form joins, found without any of the program: by the names of files."""
    files = {path.stem.replace("_", " "): path for path in folder.rglob("*.m*")}
    found: set[frozenset[str]] = set()
    for name, path in files.items():
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        named = re.findall(r"\[\[(?:[^\]|#:]*::)?([^\]|#]+)", text)
        named += re.findall(r"(?m)target: ([\w ]+)$", text)
        named += [unquote(address).rpartition("/")[2] for address in re.findall(r"\]\(([^)]+)\.md\)", text)]
        named += re.findall(r"=([^|}=]+)", "".join(re.findall(r"\{\{#set:(.*?)\}\}", text)))
        found |= {frozenset((name, other)) for other in named if other in files and other != name}
    return found


@pytest.mark.parametrize("name", ["vault", "smw"])
def test_pages_and_edges_are_those_that_another_script_finds(name: str) -> None:
    graph = load_wiki(load_config(WIKIS.parent.parent, [WIKIS / name])).graph
    assert len(graph.pages) == len(list((WIKIS / name).rglob("*.m*")))
    stems = {page.id: page.stem.replace("_", " ") for page in graph.pages.values()}
    joined = {frozenset((stems[edge.source], stems[edge.target])) for edge in graph.edges}
    assert joined == joined_by_hand(WIKIS / name)
