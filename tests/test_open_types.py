"""Wikis of any type: where types come from, how they look, and what a wiki without ranks has and has not."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

from authoring import codes, run, understood, written
from steps import generate
from typedwiki.config import load_config
from typedwiki.open_types import Candidate, assign, clean, stated_type, with_types
from typedwiki.pages.site import types_css
from typedwiki.pipeline import load_wiki
from typedwiki.schema import load
from typedwiki.type_looks import DARK, LIGHT, alike, colours_of, contrast, icons_of, plural_of, singular_of

WIKIS = Path(__file__).parent / "wikis"
SCHEMA = load()
FORTY = re.findall(
    r"\w+",
    "Actor Algorithm API Article Benchmark Book Capability Case_study Company Component Concept Constraint Course"
    " Dataset Decision Definition Device Domain Event Experiment Failure Feature Hardware Hypothesis Incident Language"
    " Lesson Library Method Metric Model Organisation Paper Person Pipeline Problem Process Project Protocol Technique",
)


def notes(files: dict[str, bytes]) -> set[str]:
    return {name for name in files if name.endswith(".qmd")}


def types(project: Path) -> dict[str, str]:
    return {page.stem: page.page_type for page in understood(project).graph.pages.values()}


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("---\ntype: concept\n---\nText\n", "concept"),
        ("---\ntype: 'BigQuery Table'\n---\n", "BigQuery Table"),
        ("---\npage_type: idea\n---\n", "idea"),
        ('---\ntype: "[[Concept]]"\n---\n', "Concept"),
        ("---\ntype: a/b: c\n---\n", ""),  # no YAML
        ("---\ntype: a/b\n---\n", "a b"),
        ("---\ntype: [a, b]\n---\n", ""),
        ("---\ntype:\n---\n", ""),
        ("---\nkind: concept\n---\n", ""),
        ("type: concept\n", ""),
    ],
)
def test_front_matter_states_a_type(text: str, stated: str) -> None:
    assert stated_type(text) == stated


def test_a_name_of_a_type_stands_in_links_and_addresses() -> None:
    assert clean(" [[A:B]]\n#1 ") == "A B 1"
    assert len(clean("long " * 100)) <= 60


@pytest.mark.parametrize(
    ("name", "plural"),
    [
        ("Concept", "Concepts"),
        ("Case study", "Case studies"),
        ("Day", "Days"),
        ("Analysis", "Analyses"),
        ("Class", "Classes"),
        ("Hardware", "Hardware"),
        ("Physics", "Physics"),
        ("Person", "People"),
        ("raw-source", "raw-sources"),
        ("人物", "人物"),
    ],
)
def test_plurals(name: str, plural: str) -> None:
    assert plural_of(name) == plural
    assert singular_of(plural) == name


@pytest.mark.parametrize("name", FORTY)
def test_colours_can_be_read_and_icons_drawn(name: str) -> None:
    light, dark = colours_of(name)
    # Cards and the graph have other backgrounds than the page: a little darker, or a little lighter.
    for background in (LIGHT, (0xF2, 0xF2, 0xF2)):
        assert contrast(light, background) >= 4.5
    for background in (DARK, (0x2B, 0x2F, 0x31)):
        assert contrast(dark, background) >= 4.5
    assert (light, dark) == colours_of(name.lower().replace("_", " "))
    assert all(re.fullmatch(r"[-MmLlHhVvCcSsQqTtAaZz0-9., ]+", icon) for icon in icons_of(name))


def test_forty_types_differ() -> None:
    kinds = [kind for kind in with_types(SCHEMA, FORTY).types.values() if not kind.ranked]
    assert len({(kind.colour, kind.icon) for kind in kinds}) == len(FORTY)
    assert len({colours_of(name) for name in FORTY}) > 20


def test_types_of_one_icon_differ_in_colour() -> None:
    kinds = with_types(SCHEMA, [*FORTY, "BigQuery Table", "Reference", "Policy"]).types.values()
    for first, second in combinations(kinds, 2):
        assert first.icon != second.icon or not alike(first.colour[0], second.colour[0])


def test_spellings_of_one_type_are_one_type() -> None:
    schema = with_types(
        SCHEMA, ["concept", "concept", "Concepts", "data-asset", "Data asset", "C++", "C", "人物", "wiki"]
    )
    own = {kind.name: kind for kind in schema.types.values() if not kind.ranked}
    assert set(own) == {"Concept", "Data asset", "C++", "C", "人物", "Wiki"}
    slugs = [kind.slug for kind in schema.types.values()]
    assert len(set(slugs)) == len(slugs)
    assert all(re.fullmatch(r"[a-z0-9-]+", slug) for slug in slugs)
    assert "wiki" not in slugs
    assert schema.page_type("data_assets") == own["Data asset"]


CANDIDATES = {
    "front matter before the folder": (Candidate("concept", "", ("ideas",)), "Concept"),
    "folder of the schema": (Candidate("", "Principle", ("principles",)), "Principle"),
    "two types of the schema: the folder counts": (Candidate("Heuristic", "Principle", ("principles",)), "Principle"),
    "another type in a folder of the schema": (Candidate("Playbook", "Workflow", ("workflows",)), "Playbook"),
    "nothing says what it is": (Candidate("", "", ("drafts",)), ""),
}


@pytest.mark.parametrize(("candidate", "expected"), CANDIDATES.values(), ids=CANDIDATES)
def test_where_types_come_from(candidate: Candidate, expected: str) -> None:
    classic = [Candidate("", "Principle", ("principles",))] * 3
    _, names = assign([candidate, *classic], SCHEMA)
    assert names[0] == expected


def test_pages_under_other_names_are_reported(tmp_path: Path) -> None:
    files = {"A.md": "# A\n\nSee [[B]].\n", "B.markdown": "# B\n", "C.wikitext": "C\n", "D.docx": "D\n"}
    found = codes(written(tmp_path, files))
    assert [code for code in found if "R007" in code] == ["data/wikis/B.markdown R007", "data/wikis/C.wikitext R007"]
    assert not any("L001" in code for code in found)  # R007 is the cause


def test_folders_of_a_vault_are_types() -> None:
    files = [Candidate("", "", ("Recipes", "Soup")), Candidate("", "", ()), Candidate("", "", (), by_name=True)]
    schema, names = assign(files, SCHEMA)
    assert names == ["Recipe", "Page", ""]
    assert schema.types["Recipe"].plural == "Recipes"


def test_a_number_orders_folders_and_names_no_type() -> None:
    files = [Candidate("", "", ("03-notes", "Soup")), Candidate("", "", ("1. Projects",)), Candidate("", "", ("2024",))]
    schema, names = assign(files, SCHEMA)
    assert names == ["Note", "Project", "2024"]
    assert schema.types["Note"].plural == "Notes"


def test_a_type_named_as_that_of_hand_written_notes() -> None:
    files = [Candidate("note", "", ("Inbox",)), Candidate("", "", ("Notes",))]
    assert assign(files, SCHEMA)[1] == ["Note", "Note"]


def test_a_misspelt_folder_is_no_type() -> None:
    assert assign([Candidate("", "", ("Principels",))], SCHEMA)[1] == [""]


def test_a_folder_that_others_state_as_their_type() -> None:
    classic = [Candidate("", "Principle", ("principles",))] * 3
    files = [Candidate("concept", "", ()), Candidate("", "", ("Concepts",)), Candidate("", "", ("Other",)), *classic]
    assert assign(files, SCHEMA)[1][:3] == ["Concept", "Concept", ""]


def test_the_default_type(tmp_path: Path) -> None:
    here = written(tmp_path, {"Principle/Loss.md": "# Loss\n", "Gain.md": "# Gain\n", "README.md": "# Read me\n"})
    assert types(here) == {"Loss": "Principle"}
    (here / "_quarto.yml").write_text("typedwiki: {default-type: Idea}")
    assert types(here) == {"Loss": "Principle", "Gain": "Idea"}


def test_a_type_is_real_if_a_page_has_it(tmp_path: Path) -> None:
    files = {
        "workflows/Bake.md": "# Bake\n\nSee [[Concept:Heat]], [[Workfow:Bake]] and [[Technique:Fold]].\n",
        "ideas/Heat.md": "---\ntype: concept\n---\n# Heat\n",
    }
    here = written(tmp_path, files)
    assert types(here) == {"Bake": "Workflow", "Heat": "Concept"}
    problems = [str(problem) for problem in understood(here).problems if problem.code == "L003"]
    assert [re.search(r"L003 (.*)", one)[1] for one in problems] == [  # type: ignore[index]
        "`Workfow` is not a page type (did you mean Workflow?)",
        "`Technique` is not a page type (the types are"
        " Workflow, Principle, Implementation, Environment, Heuristic, Note, Concept)",
    ]


def test_a_site_names_and_ranks_types(tmp_path: Path) -> None:
    here = written(tmp_path, {"a/Heat.md": "---\ntype: concept\n---\n# Heat\n", "a/Fold.md": "# Fold\n"})
    settings = "typedwiki: {schema: {types: {Concept: {rank: 1, plural: Ideas}, A: {about: first}}}}"
    (here / "_quarto.yml").write_text(settings)
    schema = understood(here).schema
    assert (schema.types["Concept"].rank, schema.types["Concept"].ranked) == (1, True)
    assert schema.types["Concept"].plural == "Ideas"
    assert types(here) == {"Heat": "Concept", "Fold": "A"}


def test_a_new_type_is_seen_by_the_next_build(tmp_path: Path) -> None:
    here = written(tmp_path, {"a/Heat.md": "# Heat\n"})
    assert run(here, "build") == 0
    (here / "data/wikis/a/Heat.md").write_text("---\ntype: concept\n---\n# Heat\n")
    assert run(here, "build") == 0
    assert (here / "notes/concept/Heat.qmd").is_file()
    assert not (here / "notes/a/Heat.qmd").exists()
    assert run(here, "build") == 0  # from the cache
    assert (here / "notes/concept/Heat.qmd").is_file()


@pytest.fixture(scope="module")
def vault() -> dict[str, bytes]:
    config = load_config(WIKIS.parent.parent, [WIKIS / "vault"])
    files, _ = generate(load_wiki(config), config)
    return files


def test_a_wiki_without_ranks_has_no_empty_pages(vault: dict[str, bytes]) -> None:
    assert not {"wiki/paths.qmd", "wiki/report.qmd"} & notes(vault)
    assert "wiki/graph.qmd" in vault
    # The rules and the guide are about every wiki, and the facets of the others stay hidden.
    general = {f"wiki/{name}.qmd" for name in ("rules", "guide", "audit", "explore", "not-found")}
    text = b"\n".join(vault[name] for name in notes(vault) - general).decode()
    assert "paths.html" not in text
    for word in ("Workflow", "Heuristic", "Environment"):
        assert word not in text
    styles = vault["assets/types.css"].decode()
    assert "--tw-workflow:" not in styles
    assert '[href$="notes/wiki/paths.html"]' in styles


def test_its_graph_names_its_edges_and_stands_in_layers(vault: dict[str, bytes]) -> None:
    page = BeautifulSoup(vault["wiki/graph.qmd"], "html.parser")
    shown = {label.get_text(strip=True) for label in page.select("label")}
    assert {"Up", "Next", "Uses", "Requires", "Best with", "Roasted by", "Mentions"} <= shown
    layers = load_wiki(load_config(WIKIS.parent.parent, [WIKIS / "vault"])).schema.types
    assert layers["Bean"].rank < layers["Method"].rank < layers["Equipment"].rank < layers["Person"].rank


def test_every_type_has_a_colour_and_a_card(vault: dict[str, bytes]) -> None:
    home = vault["assets/ways-in.md"].decode()
    for name in ("Concepts", "Beans", "Equipment", "Gear", "Methods", "Person", "Page", "Daily note"):
        assert f"[{name}](<notes/wiki/explore.html?type=" in home
    assert "--tw-daily-note:" in vault["assets/types.css"].decode()


@pytest.mark.parametrize("number", [1, 40])
def test_one_type_or_forty(tmp_path: Path, number: int) -> None:
    names = FORTY[:number]
    files = {
        f"{name}.md": f"---\ntype: {name.replace('_', ' ')}\n---\n# The {name}\n\nSee [[{name}]].\n" for name in names
    }
    here = written(tmp_path, files)
    config = load_config(here)
    wiki = load_wiki(config)
    assert Counter(page.page_type for page in wiki.graph.pages.values()) == {n.replace("_", " "): 1 for n in names}
    assert len({kind.slug for kind in wiki.schema.types.values()}) == len(wiki.schema.types)
    made, _ = generate(wiki, config)
    assert ("by-type" in made["assets/ways-in.md"].decode()) == (number > 1)
    assert types_css(wiki.schema).count("--tw-type:") == len(wiki.schema.types)


def test_nothing_false_is_said_of_the_vault_and_the_export() -> None:
    for name in ("vault", "smw"):
        problems = load_wiki(load_config(WIKIS.parent.parent, [WIKIS / name])).problems
        assert [str(problem) for problem in problems] == []


def test_a_new_page_of_a_vault(tmp_path: Path) -> None:
    here = written(
        tmp_path, {"Big Idea.md": "---\ntype: concept\nuses: '[[Tool box]]'\n---\n", "Tools/Tool box.md": "A box.\n"}
    )
    assert run(here, "new", "Concept", "Small Idea") == 0
    path = here / "data/wikis/Small Idea.md"
    text = path.read_text(encoding="utf-8")
    front = yaml.safe_load(text.split("---\n")[1])
    assert (front["type"], front["title"], set(front)) == ("concept", "Small Idea", {"type", "title", "updated"})
    path.write_text(
        text.replace("# rel", "rel").replace("# - {type: uses, target: Title}", "- {type: uses, target: Tool box}")
    )
    edges = {(edge.source, edge.type, edge.target) for edge in understood(here).graph.edges}
    assert ("Concept/Small Idea", "uses", "Tool/Tool box") in edges
    assert run(here, "new", "Tool", "Saw") == 0
    assert not (here / "data/wikis/Tools/Saw.md").read_text(encoding="utf-8").startswith("---")
    assert types(here)["Saw"] == "Tool"


def test_a_new_page_is_named_as_the_others_are(tmp_path: Path) -> None:
    front = "---\ntype: concept\n---\n"
    here = written(tmp_path, {"big-idea.md": f"{front}See [[old]].\n", "old.md": f"{front}# Old\n"})
    assert run(here, "new", "Concept", "Small Idea") == 0
    assert run(here, "rename", "Concept:old", "Concept:Next One") == 0
    assert types(here) == dict.fromkeys(("big-idea", "small-idea", "next-one"), "Concept")
    assert "[[next-one]]" in (here / "data/wikis/big-idea.md").read_text(encoding="utf-8")
    assert {page.page_title for page in understood(here).graph.pages.values()} >= {"Small Idea", "Next One"}


def test_a_page_that_states_its_type_changes_it(tmp_path: Path) -> None:
    here = written(
        tmp_path,
        {"Heat.md": "---\ntype: concept\n---\nWarm.\n", "Fold.md": "---\ntype: method\nuses: '[[Heat]]'\n---\n"},
    )
    assert run(here, "rename", "Concept:Heat", "Method:Warmth") == 0
    assert types(here) == {"Warmth": "Method", "Fold": "Method"}
    assert "uses: '[[Warmth]]'" in (here / "data/wikis/Fold.md").read_text(encoding="utf-8")
    assert not [code for code in codes(here) if "L0" in code]


def test_one_workflow_among_concepts_brings_no_ranks(tmp_path: Path) -> None:
    files = {f"{name}.md": f"---\ntype: concept\n---\n{name} is one.\n\nuses:: [[Bake]]\n" for name in ("Heat", "Oven")}
    files["Bake.md"] = "---\ntype: workflow\npublished: 2026-04-02\n---\nHow to bake.\n\n## Source\n\n- [[Heat]]\n"
    here = written(tmp_path, files)
    schema = understood(here).schema
    assert not schema.ranked
    assert {kind.name for kind in schema.types.values() if not kind.by_hand} == {"Workflow", "Concept"}
    assert codes(here) == []
    assert run(here, "build") == 0
    assert not (here / "notes/wiki/paths.qmd").exists()
    (here / "data/wikis/Knead.md").write_text("---\ntype: workflow\n---\nHow to knead.\n")
    assert understood(here).schema.ranked


@pytest.mark.parametrize(("text", "name"), [("🧬concept", "concept"), ("🗺️ Map", "Map"), ("C++", "C++")])
def test_emoji_before_a_type_are_no_part_of_it(text: str, name: str) -> None:
    assert stated_type(f"---\ntype: '{text}'\n---\n") == name


TITLES = {
    "one heading": ("plum", "Text.\n\n# The plum tree\n\nIt blooms.\n", "The plum tree"),
    "several": ("plum-tree", "Text.\n\n# Origin\n\nIt is old.\n\n# Use\n\nJam.\n", "plum-tree"),
    "several, the first like the file": ("plum-tree", "# Plum\n\nIt is old.\n\n# Use\n\nJam.\n", "Plum"),
    "a conventional section": ("orders", "# Schema\n\nColumns.\n", "orders"),
}


@pytest.mark.parametrize(("stem", "text", "title"), TITLES.values(), ids=TITLES)
def test_titles_of_pages_that_state_none(tmp_path: Path, stem: str, text: str, title: str) -> None:
    here = written(tmp_path, {f"{stem}.md": f"---\ntype: thing\n---\n{text}"})
    (page,) = understood(here).graph.pages.values()
    assert page.page_title == title
    assert (heading := text.split("# ")[1].split("\n")[0]) == title or f"## {heading}" in page.content


def test_an_open_wiki_is_asked_only_for_what_is_usual_in_it(tmp_path: Path) -> None:
    front = "---\ntype: concept\ntitle: A title\n"
    files = {f"{n}.md": f"{front}week: '[[2026-W0{n}]]'\nuses: '[[{(n + 1) % 4}]]'\n---\n## Part\n" for n in range(4)}
    here = written(tmp_path, files)
    assert {line.split()[1] for line in codes(here)} == {"L001", "C012"}  # the weeks; the titles are equal
    (here / "data/wikis/4.md").write_text("---\ntype: concept\n---\n# Four\n\nIt is [[0]].\n")
    for number in range(2):
        (here / f"data/wikis/{number}.md").write_text(f"{front}---\n#tag\n\nText with [[3]].\n")
    assert {line for line in codes(here) if "C0" in line and "C012" not in line} == {
        f"data/wikis/{number}.md C001" for number in (2, 3)
    }


def test_wikilinks_to_an_index_are_resolved_as_in_obsidian(tmp_path: Path) -> None:
    files = {
        "notes/A.md": "---\ntype: concept\n---\nSee [[index]], [[wikis/kb/index|all]] and [[kb/log]].\n",
        "kb/index.md": "# All\n\n* [A](../notes/A.md)\n",
        "kb/log.md": "# Log\n\n## 2026-01-01\n\n* Begun.\n",
        "kb/B.md": "---\ntype: concept\n---\nSee [[A]].\n",
    }
    here = written(tmp_path, files)
    assert codes(here) == []
    (here / "data/wikis/notes/index.md").write_text("# Notes\n\n* [A](A.md)\n")
    assert understood(here).graph.pages["Concept/A"].listed[0] == ("index", "wiki/contents.html#folder-notes")
