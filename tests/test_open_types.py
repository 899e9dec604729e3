"""Wikis with any types: how types are determined and shown, and how wikis without ranks differ."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

from build_steps import generate
from typedwiki.config import load_config
from typedwiki.open_types import Candidate, assign, clean, stated_type, with_types
from typedwiki.pages.site import types_css
from typedwiki.pipeline import load_wiki
from typedwiki.schema import load
from typedwiki.type_looks import DARK, LIGHT, alike, colours_of, contrast, icons_of, plural_of, singular_of
from wiki_project import load_project, problem_codes, run_command, write_project

WIKIS = Path(__file__).parent / "wikis"
SCHEMA = load()
FORTY_TYPES = re.findall(
    r"\w+",
    "Actor Algorithm API Article Benchmark Book Capability Case_study Company Component Concept Constraint Course"
    " Dataset Decision Definition Device Domain Event Experiment Failure Feature Hardware Hypothesis Incident Language"
    " Lesson Library Method Metric Model Organisation Paper Person Pipeline Problem Process Project Protocol Technique",
)


def note_names(files: dict[str, bytes]) -> set[str]:
    return {name for name in files if name.endswith(".qmd")}


def page_types(project: Path) -> dict[str, str]:
    return {page.stem: page.page_type for page in load_project(project).graph.pages.values()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\ntype: concept\n---\nText\n", "concept"),
        ("---\ntype: 'BigQuery Table'\n---\n", "BigQuery Table"),
        ("---\npage_type: idea\n---\n", "idea"),
        ('---\ntype: "[[Concept]]"\n---\n', "Concept"),
        ("---\ntype: a/b: c\n---\n", ""),  # invalid YAML
        ("---\ntype: a/b\n---\n", "a b"),
        ("---\ntype: [a, b]\n---\n", ""),
        ("---\ntype:\n---\n", ""),
        ("---\nkind: concept\n---\n", ""),
        ("type: concept\n", ""),
    ],
)
def test_stated_type(text: str, expected: str) -> None:
    assert stated_type(text) == expected


def test_type_names_are_cleaned() -> None:
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
def test_plural_and_singular(name: str, plural: str) -> None:
    assert plural_of(name) == plural
    assert singular_of(plural) == name


@pytest.mark.parametrize("name", FORTY_TYPES)
def test_colours_have_contrast_and_icons_are_valid(name: str) -> None:
    light, dark = colours_of(name)
    # Cards and the graph have other backgrounds than the page: a little darker, or a little lighter.
    for background in (LIGHT, (0xF2, 0xF2, 0xF2)):
        assert contrast(light, background) >= 4.5
    for background in (DARK, (0x2B, 0x2F, 0x31)):
        assert contrast(dark, background) >= 4.5
    assert (light, dark) == colours_of(name.lower().replace("_", " "))
    assert all(re.fullmatch(r"[-MmLlHhVvCcSsQqTtAaZz0-9., ]+", icon) for icon in icons_of(name))


def test_forty_types_look_different() -> None:
    kinds = [kind for kind in with_types(SCHEMA, FORTY_TYPES).types.values() if not kind.ranked]
    assert len({(kind.colour, kind.icon) for kind in kinds}) == len(FORTY_TYPES)
    assert len({colours_of(name) for name in FORTY_TYPES}) > 20


def test_types_with_the_same_icon_differ_in_colour() -> None:
    kinds = with_types(SCHEMA, [*FORTY_TYPES, "BigQuery Table", "Reference", "Policy"]).types.values()
    for first, second in combinations(kinds, 2):
        assert first.icon != second.icon or not alike(first.colour[0], second.colour[0])


def test_spellings_of_a_type_are_one_type() -> None:
    schema = with_types(
        SCHEMA, ["concept", "concept", "Concepts", "data-asset", "Data asset", "C++", "C", "人物", "wiki"]
    )
    types = {kind.name: kind for kind in schema.types.values() if not kind.ranked}
    assert set(types) == {"Concept", "Data asset", "C++", "C", "人物", "Wiki"}
    slugs = [kind.slug for kind in schema.types.values()]
    assert len(set(slugs)) == len(slugs)
    assert all(re.fullmatch(r"[a-z0-9-]+", slug) for slug in slugs)
    assert "wiki" not in slugs
    assert schema.page_type("data_assets") == types["Data asset"]


CANDIDATES = {
    "front matter before the folder": (Candidate("concept", "", ("ideas",)), "Concept"),
    "folder of the schema": (Candidate("", "Principle", ("principles",)), "Principle"),
    "two types of the schema: the folder counts": (Candidate("Heuristic", "Principle", ("principles",)), "Principle"),
    "another type in a folder of the schema": (Candidate("Playbook", "Workflow", ("workflows",)), "Playbook"),
    "no information": (Candidate("", "", ("drafts",)), ""),
}


@pytest.mark.parametrize(("candidate", "expected"), CANDIDATES.values(), ids=CANDIDATES)
def test_type_of_a_candidate(candidate: Candidate, expected: str) -> None:
    classic = [Candidate("", "Principle", ("principles",))] * 3
    _, names = assign([candidate, *classic], SCHEMA)
    assert names[0] == expected


def test_pages_under_other_names_are_reported(tmp_path: Path) -> None:
    files = {"A.md": "# A\n\nSee [[B]].\n", "B.markdown": "# B\n", "C.wikitext": "C\n", "D.docx": "D\n"}
    codes = problem_codes(write_project(tmp_path, files))
    assert [code for code in codes if "R007" in code] == ["data/wikis/B.markdown R007", "data/wikis/C.wikitext R007"]
    assert not any("L001" in code for code in codes)  # R007 is the cause


def test_folders_of_a_vault_become_types() -> None:
    files = [Candidate("", "", ("Recipes", "Soup")), Candidate("", "", ()), Candidate("", "", (), by_name=True)]
    schema, names = assign(files, SCHEMA)
    assert names == ["Recipe", "Page", ""]
    assert schema.types["Recipe"].plural == "Recipes"


def test_leading_number_of_a_folder_is_not_part_of_the_type() -> None:
    files = [Candidate("", "", ("03-notes", "Soup")), Candidate("", "", ("1. Projects",)), Candidate("", "", ("2024",))]
    schema, names = assign(files, SCHEMA)
    assert names == ["Note", "Project", "2024"]
    assert schema.types["Note"].plural == "Notes"


def test_type_may_be_named_note() -> None:
    files = [Candidate("note", "", ("Inbox",)), Candidate("", "", ("Notes",))]
    assert assign(files, SCHEMA)[1] == ["Note", "Note"]


def test_misspelled_folder_is_not_a_type() -> None:
    assert assign([Candidate("", "", ("Principels",))], SCHEMA)[1] == [""]


def test_folder_named_like_a_stated_type() -> None:
    classic = [Candidate("", "Principle", ("principles",))] * 3
    files = [Candidate("concept", "", ()), Candidate("", "", ("Concepts",)), Candidate("", "", ("Other",)), *classic]
    assert assign(files, SCHEMA)[1][:3] == ["Concept", "Concept", ""]


def test_default_type(tmp_path: Path) -> None:
    project = write_project(
        tmp_path, {"Principle/Loss.md": "# Loss\n", "Gain.md": "# Gain\n", "README.md": "# Read me\n"}
    )
    assert page_types(project) == {"Loss": "Principle"}
    (project / "_quarto.yml").write_text("typedwiki: {default-type: Idea}")
    assert page_types(project) == {"Loss": "Principle", "Gain": "Idea"}


def test_type_exists_if_a_page_has_it(tmp_path: Path) -> None:
    files = {
        "workflows/Bake.md": "# Bake\n\nSee [[Concept:Heat]], [[Workfow:Bake]] and [[Technique:Fold]].\n",
        "ideas/Heat.md": "---\ntype: concept\n---\n# Heat\n",
    }
    project = write_project(tmp_path, files)
    assert page_types(project) == {"Bake": "Workflow", "Heat": "Concept"}
    problems = [str(problem) for problem in load_project(project).problems if problem.code == "L003"]
    assert [re.search(r"L003 (.*)", problem)[1] for problem in problems] == [  # type: ignore[index]
        "`Workfow` is not a page type (did you mean Workflow?)",
        "`Technique` is not a page type (the types are"
        " Workflow, Principle, Implementation, Environment, Heuristic, Note, Concept)",
    ]


def test_settings_name_and_rank_types(tmp_path: Path) -> None:
    project = write_project(tmp_path, {"a/Heat.md": "---\ntype: concept\n---\n# Heat\n", "a/Fold.md": "# Fold\n"})
    settings = "typedwiki: {schema: {types: {Concept: {rank: 1, plural: Ideas}, A: {about: first}}}}"
    (project / "_quarto.yml").write_text(settings)
    schema = load_project(project).schema
    assert (schema.types["Concept"].rank, schema.types["Concept"].ranked) == (1, True)
    assert schema.types["Concept"].plural == "Ideas"
    assert page_types(project) == {"Heat": "Concept", "Fold": "A"}


def test_next_build_uses_a_new_type(tmp_path: Path) -> None:
    project = write_project(tmp_path, {"a/Heat.md": "# Heat\n"})
    assert run_command(project, "build") == 0
    (project / "data/wikis/a/Heat.md").write_text("---\ntype: concept\n---\n# Heat\n")
    assert run_command(project, "build") == 0
    assert (project / "notes/concept/Heat.qmd").is_file()
    assert not (project / "notes/a/Heat.qmd").exists()
    assert run_command(project, "build") == 0  # from the cache
    assert (project / "notes/concept/Heat.qmd").is_file()


@pytest.fixture(scope="module")
def vault_files() -> dict[str, bytes]:
    config = load_config(WIKIS.parent.parent, [WIKIS / "vault"])
    files, _ = generate(load_wiki(config), config)
    return files


def test_wiki_without_ranks_has_no_empty_pages(vault_files: dict[str, bytes]) -> None:
    assert not {"wiki/paths.qmd", "wiki/report.qmd"} & note_names(vault_files)
    assert "wiki/graph.qmd" in vault_files
    # The rules and the guide are about every wiki, and the facets of the others stay hidden.
    general = {f"wiki/{name}.qmd" for name in ("rules", "guide", "audit", "explore", "not-found")}
    text = b"\n".join(vault_files[name] for name in note_names(vault_files) - general).decode()
    assert "paths.html" not in text
    for word in ("Workflow", "Heuristic", "Environment"):
        assert word not in text
    styles = vault_files["assets/types.css"].decode()
    assert "--tw-workflow:" not in styles
    assert '[href$="notes/wiki/paths.html"]' in styles


def test_graph_of_a_vault_has_edge_labels_and_layers(vault_files: dict[str, bytes]) -> None:
    page = BeautifulSoup(vault_files["wiki/graph.qmd"], "html.parser")
    labels = {label.get_text(strip=True) for label in page.select("label")}
    assert {"Up", "Next", "Uses", "Requires", "Best with", "Roasted by", "Mentions"} <= labels
    layers = load_wiki(load_config(WIKIS.parent.parent, [WIKIS / "vault"])).schema.types
    assert layers["Bean"].rank < layers["Method"].rank < layers["Equipment"].rank < layers["Person"].rank


def test_every_type_has_a_colour_and_a_card(vault_files: dict[str, bytes]) -> None:
    home_page = vault_files["assets/ways-in.md"].decode()
    for name in ("Concepts", "Beans", "Equipment", "Gear", "Methods", "Person", "Page", "Daily note"):
        assert f"[{name}](<notes/wiki/explore.html?type=" in home_page
    assert "--tw-daily-note:" in vault_files["assets/types.css"].decode()


@pytest.mark.parametrize("number", [1, 40])
def test_wiki_with_one_type_or_forty(tmp_path: Path, number: int) -> None:
    names = FORTY_TYPES[:number]
    files = {
        f"{name}.md": f"---\ntype: {name.replace('_', ' ')}\n---\n# The {name}\n\nSee [[{name}]].\n" for name in names
    }
    project = write_project(tmp_path, files)
    config = load_config(project)
    wiki = load_wiki(config)
    assert Counter(page.page_type for page in wiki.graph.pages.values()) == {n.replace("_", " "): 1 for n in names}
    assert len({kind.slug for kind in wiki.schema.types.values()}) == len(wiki.schema.types)
    generated, _ = generate(wiki, config)
    assert ("by-type" in generated["assets/ways-in.md"].decode()) == (number > 1)
    assert types_css(wiki.schema).count("--tw-type:") == len(wiki.schema.types)


def test_vault_and_mediawiki_export_have_no_problems() -> None:
    for name in ("vault", "smw"):
        problems = load_wiki(load_config(WIKIS.parent.parent, [WIKIS / name])).problems
        assert [str(problem) for problem in problems] == []


def test_new_page_of_a_vault(tmp_path: Path) -> None:
    project = write_project(
        tmp_path, {"Big Idea.md": "---\ntype: concept\nuses: '[[Tool box]]'\n---\n", "Tools/Tool box.md": "A box.\n"}
    )
    assert run_command(project, "new", "Concept", "Small Idea") == 0
    path = project / "data/wikis/Small Idea.md"
    text = path.read_text(encoding="utf-8")
    front_matter = yaml.safe_load(text.split("---\n")[1])
    assert (front_matter["type"], front_matter["title"], set(front_matter)) == (
        "concept",
        "Small Idea",
        {"type", "title", "updated"},
    )
    path.write_text(
        text.replace("# rel", "rel").replace("# - {type: uses, target: Title}", "- {type: uses, target: Tool box}")
    )
    edges = {(edge.source, edge.type, edge.target) for edge in load_project(project).graph.edges}
    assert ("Concept/Small Idea", "uses", "Tool/Tool box") in edges
    assert run_command(project, "new", "Tool", "Saw") == 0
    assert not (project / "data/wikis/Tools/Saw.md").read_text(encoding="utf-8").startswith("---")
    assert page_types(project)["Saw"] == "Tool"


def test_new_page_follows_the_naming_style(tmp_path: Path) -> None:
    front_matter = "---\ntype: concept\n---\n"
    project = write_project(
        tmp_path, {"big-idea.md": f"{front_matter}See [[old]].\n", "old.md": f"{front_matter}# Old\n"}
    )
    assert run_command(project, "new", "Concept", "Small Idea") == 0
    assert run_command(project, "rename", "Concept:old", "Concept:Next One") == 0
    assert page_types(project) == dict.fromkeys(("big-idea", "small-idea", "next-one"), "Concept")
    assert "[[next-one]]" in (project / "data/wikis/big-idea.md").read_text(encoding="utf-8")
    assert {page.page_title for page in load_project(project).graph.pages.values()} >= {"Small Idea", "Next One"}


def test_rename_changes_the_stated_type(tmp_path: Path) -> None:
    project = write_project(
        tmp_path,
        {"Heat.md": "---\ntype: concept\n---\nWarm.\n", "Fold.md": "---\ntype: method\nuses: '[[Heat]]'\n---\n"},
    )
    assert run_command(project, "rename", "Concept:Heat", "Method:Warmth") == 0
    assert page_types(project) == {"Warmth": "Method", "Fold": "Method"}
    assert "uses: '[[Warmth]]'" in (project / "data/wikis/Fold.md").read_text(encoding="utf-8")
    assert not [code for code in problem_codes(project) if "L0" in code]


def test_single_workflow_among_concepts_adds_no_ranks(tmp_path: Path) -> None:
    files = {f"{name}.md": f"---\ntype: concept\n---\n{name} is one.\n\nuses:: [[Bake]]\n" for name in ("Heat", "Oven")}
    files["Bake.md"] = "---\ntype: workflow\npublished: 2026-04-02\n---\nHow to bake.\n\n## Source\n\n- [[Heat]]\n"
    project = write_project(tmp_path, files)
    schema = load_project(project).schema
    assert not schema.ranked
    assert {kind.name for kind in schema.types.values() if not kind.by_hand} == {"Workflow", "Concept"}
    assert problem_codes(project) == []
    assert run_command(project, "build") == 0
    assert not (project / "notes/wiki/paths.qmd").exists()
    (project / "data/wikis/Knead.md").write_text("---\ntype: workflow\n---\nHow to knead.\n")
    assert load_project(project).schema.ranked


@pytest.mark.parametrize(("text", "name"), [("🧬concept", "concept"), ("🗺️ Map", "Map"), ("C++", "C++")])
def test_emoji_before_a_type_is_ignored(text: str, name: str) -> None:
    assert stated_type(f"---\ntype: '{text}'\n---\n") == name


TITLES = {
    "one heading": ("plum", "Text.\n\n# The plum tree\n\nIt blooms.\n", "The plum tree"),
    "several": ("plum-tree", "Text.\n\n# Origin\n\nIt is old.\n\n# Use\n\nJam.\n", "plum-tree"),
    "several, the first like the file": ("plum-tree", "# Plum\n\nIt is old.\n\n# Use\n\nJam.\n", "Plum"),
    "a conventional section": ("orders", "# Schema\n\nColumns.\n", "orders"),
}


@pytest.mark.parametrize(("stem", "text", "title"), TITLES.values(), ids=TITLES)
def test_title_of_a_page_without_a_stated_one(tmp_path: Path, stem: str, text: str, title: str) -> None:
    project = write_project(tmp_path, {f"{stem}.md": f"---\ntype: thing\n---\n{text}"})
    (page,) = load_project(project).graph.pages.values()
    assert page.page_title == title
    assert (heading := text.split("# ")[1].split("\n")[0]) == title or f"## {heading}" in page.content


def test_open_wiki_needs_only_what_most_pages_have(tmp_path: Path) -> None:
    front_matter = "---\ntype: concept\ntitle: A title\n"
    files = {
        f"{n}.md": f"{front_matter}week: '[[2026-W0{n}]]'\nuses: '[[{(n + 1) % 4}]]'\n---\n## Part\n" for n in range(4)
    }
    project = write_project(tmp_path, files)
    assert {line.split()[1] for line in problem_codes(project)} == {"L001", "C012"}  # missing weeks, equal titles
    (project / "data/wikis/4.md").write_text("---\ntype: concept\n---\n# Four\n\nIt is [[0]].\n")
    for number in range(2):
        (project / f"data/wikis/{number}.md").write_text(f"{front_matter}---\n#tag\n\nText with [[3]].\n")
    assert {line for line in problem_codes(project) if "C0" in line and "C012" not in line} == {
        f"data/wikis/{number}.md C001" for number in (2, 3)
    }


def test_wikilinks_to_an_index_are_resolved_as_in_obsidian(tmp_path: Path) -> None:
    files = {
        "notes/A.md": "---\ntype: concept\n---\nSee [[index]], [[wikis/kb/index|all]] and [[kb/log]].\n",
        "kb/index.md": "# All\n\n* [A](../notes/A.md)\n",
        "kb/log.md": "# Log\n\n## 2026-01-01\n\n* Begun.\n",
        "kb/B.md": "---\ntype: concept\n---\nSee [[A]].\n",
    }
    project = write_project(tmp_path, files)
    assert problem_codes(project) == []
    (project / "data/wikis/notes/index.md").write_text("# Notes\n\n* [A](A.md)\n")
    assert load_project(project).graph.pages["Concept/A"].listed[0] == ("index", "wiki/contents.html#folder-notes")
