"""More mistakes that authors make, in a wiki about bees: pages, addresses, settings, and commands."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from conftest import ROOT
from test_author_mistakes import reported_problems
from wiki_project import load_project, read_wiki_files, run_command, write_project

FOOD = """# Food stores

## Overview
How much honey a colony needs until the willows bloom.

## How it shows
The hive is heavy.

## Metadata
- **Domains**: Winter
- **Sources**: [Book: Bees](https://example.org/bees)
- **Last Updated**: 2025-03-20

## Connections
- [[implemented_by::Implementation:Hefting]]
"""


def page(title: str, *links: str) -> str:
    """A page without problems."""
    link_lines = "".join(f"- [[{link}]]\n" for link in links)
    return FOOD.replace("# Food stores", f"# {title}").partition("## Connections")[0] + f"## Connections\n{link_lines}"


FILES = {
    "workflows/Spring.md": page("Spring", "step::Principle:Food Stores", "step::Principle:Brood Nest"),
    "principles/Food_Stores.md": FOOD,
    "principles/Brood_Nest.md": page("Brood nest", "implemented_by::Implementation:Hefting"),
    "implementations/Hefting.md": page("Hefting", "requires_env::Environment:Apiary"),
    "environments/Apiary.md": page("Apiary"),
}


def with_front_matter(lines: str) -> dict[str, str]:
    return {"principles/Food_Stores.md": f"---\n{lines}---\n{FOOD}"}


def body(text: str) -> dict[str, str]:
    return {"principles/Food_Stores.md": FOOD.replace("The hive is heavy.", text)}


MISTAKES: dict[str, tuple[Mapping[str, str], list[str]]] = {
    "one colon after an edge": (
        body("[[requires_env:Environment:Apiary]]"),
        ["Food_Stores.md:7 error L003 `requires_env` is an edge (write [[requires_env::Environment:Apiary]])"],
    ),
    "the type before the edge": (
        body("[[Environment:related::Apiary]]"),
        ["Food_Stores.md:7 error L001 no page `Environment:related::Apiary` (write [[related::Environment:Apiary]])"],
    ),
    "two colons after a type": (
        body("[[Environment::Apiary]]"),
        ["Food_Stores.md:7 info L004 `environment` is a type of page, not an edge (write [[Environment:Apiary]])"],
    ),
    "single brackets": (
        body("[Environment:Apiary] and [related::Environment:Apiary], but `[Environment:Apiary]`, [Environment: any]"),
        [
            "Food_Stores.md:7 warning L008 `[Environment:Apiary]` is no link: it needs double brackets"
            " (write [[Environment:Apiary]])",
            "Food_Stores.md:7 warning L008 `[related::Environment:Apiary]` is no link: it needs double brackets"
            " (write [[related::Environment:Apiary]])",
        ],
    ),
    "no brackets": (
        {
            "principles/Food_Stores.md": FOOD.replace(
                "[[implemented_by::Implementation:Hefting]]", "implemented_by::Implementation:Hefting"
            ).replace("The hive is heavy.", "    implemented_by::Implementation:Hefting")
        },
        [
            "Food_Stores.md:15 error L008 `implemented_by::Implementation:Hefting` is no link: it needs double brackets"
            " (write [[implemented_by::Implementation:Hefting]])"
        ],
    ),
    "single brackets around an edge that a page needs": (
        {
            "principles/Food_Stores.md": FOOD.replace(
                "[[implemented_by::Implementation:Hefting]]", "[implemented_by::Implementation:Hefting]"
            )
        },
        [
            "Food_Stores.md:15 error L008 `[implemented_by::Implementation:Hefting]` is no link: it needs double"
            " brackets (write [[implemented_by::Implementation:Hefting]])"
        ],
    ),
    "wide colons": (
        body("[[Environment：Apiary]] and [[related：：Environment：Apiary]]"),
        [
            "Food_Stores.md:7 error L001 no page `Environment：Apiary` (write [[Environment:Apiary]])",
            "Food_Stores.md:7 error L001 no page `related：：Environment：Apiary`"
            " (write [[related::Environment:Apiary]])",
        ],
    ),
    "a label alone": (
        body("[[|the apiary]]"),
        ["Food_Stores.md:7 warning L008 `[[|the apiary]]` is not a link ([[edge::Type:Title]])"],
    ),
    "a space in an address": (
        body("[a](Brood_Nest.md#How it shows) and ![b](my pic.png), [c](<Brood_Nest.md#How it shows>), f[0](x.y, z)"),
        [
            "Food_Stores.md:7 warning L009 no file `my pic.png`",
            "Food_Stores.md:7 warning L009 no file `x.y, z`",
        ],
    ),
    "an address without an end": (
        body("[a](Brood_Nest.md and more."),
        ["Food_Stores.md:7 warning L008 `)` is missing after `](Brood_Nest.md` ([words](path.md))"],
    ),
    "addresses that are fine": (body('[a](Brood_Nest.md "the title"), (see [b](Brood_Nest.md)).'), []),
    "empty addresses": (
        body("[a]() [b](#)"),
        [
            "Food_Stores.md:7 warning L008 `]()` leads nowhere ([words](path.md))",
            "Food_Stores.md:7 warning L008 `](#)` leads nowhere ([words](path.md))",
        ],
    ),
    "one page in two dialects": (
        {"principles/Food_Stores.mediawiki": page("Food stores", "implemented_by::Implementation:Hefting")},
        [
            "Food_Stores.mediawiki:1 error S001 has the same type and name as data/wikis/principles/Food_Stores.md;"
            " its id is Principle/Food_Stores-2 (rename one of them)",
            "Food_Stores.mediawiki:1 warning S004 no Workflow reaches Principle `Food stores`",
        ],
    ),
    "two pages with one alias": (
        {
            **with_front_matter("aliases: Larder\n"),
            "principles/Brood_Nest.md": f"---\naliases: [Larder]\n---\n{FILES['principles/Brood_Nest.md']}",
            "environments/Apiary.md": page("Apiary", "related::Principle:Larder"),
        },
        [
            "Apiary.md:15 error L002 `Principle:Larder` could be any of Principle/Brood_Nest, Principle/Food_Stores"
            " (write Principle:Brood_Nest or Principle:Food_Stores)",
            "Food_Stores.md:4 warning C012 the alias `Larder` is a name of data/wikis/principles/Brood_Nest.md"
            " (delete the alias)",
        ],
    ),
    "an alias that is another page's name": (
        with_front_matter("aliases: [Brood nest]\n"),
        [
            "Food_Stores.md:4 warning C012 the alias `Brood nest` is a name of data/wikis/principles/Brood_Nest.md"
            " (delete the alias)"
        ],
    ),
    "names that differ in case": (
        {"principles/food_stores.md": FOOD},
        [
            "food_stores.md:1 warning C013 `food_stores.md` and `Food_Stores.md` differ in case only"
            " (rename one of them)",
            "food_stores.md:1 warning S004 no Workflow reaches Principle `Food stores`",
        ],
    ),
    "an empty file": (
        {"principles/Swarm.md": " \n", "heuristics/Warm_Day.md": ""},
        [
            "Warm_Day.md:1 warning R010 the file is empty (write the page, or delete the file)",
            "Swarm.md:1 error R010 the file is empty (write the page, or delete the file)",
        ],
    ),
    "front matter below a blank line": (
        {"principles/Food_Stores.md": f"\n---\ntitle: Food\naliases: [Larder]\n---\n{FOOD}"},
        [
            "Food_Stores.md:2 error R003 front matter must begin on the first line; here it is not read"
            " (delete the blank lines above it)"
        ],
    ),
    "a rule below a blank line": ({"principles/Food_Stores.md": f"\n---\n\n{FOOD}"}, []),
    "an indented first key": (
        with_front_matter(" title: Food\naliases: [Larder]\n"),
        ["Food_Stores.md:3 error R003 front matter is not YAML: this line is indented differently from those above it"],
    ),
    "an item that is indented more": (
        with_front_matter("aliases:\n- Winter stores\n  - Larder\n"),
        [
            "Food_Stores.md:2 warning C018 `- Larder` is read as part of `Winter stores`"
            " (indent it like the item above it)"
        ],
    ),
    "an item with a dash": (with_front_matter('aliases:\n- Stores - of food\n- "A - b"\n'), []),
    "misspelt keys": (
        with_front_matter("titel: Food\nalises: [Larder]\ndata: x\ntags: [a]\ntitles: y\n"),
        [
            "Food_Stores.md:2 warning C018 `titel` is no field that is understood (did you mean title?)",
            "Food_Stores.md:3 warning C018 `alises` is no field that is understood (did you mean aliases?)",
        ],
    ),
    "misspelt fields of Metadata": (
        {"principles/Food_Stores.md": FOOD.replace("Sources", "Soruces").replace("Last Updated", "Last Updatd")},
        [
            "Food_Stores.md:11 warning C018 `Soruces` is no field that is understood (did you mean Sources?)",
            "Food_Stores.md:12 warning C018 `Last Updatd` is no field that is understood (did you mean Last Updated?)",
        ],
    ),
    "values of another kind": (
        with_front_matter("title: [Food, stores]\naliases: {a: b}\ndraft: maybe\n"),
        [
            "Food_Stores.md:2 warning C018 `title` is a list, where text is expected (put the value in quotes)",
            "Food_Stores.md:3 warning C018 `aliases` is a mapping, where names are expected"
            " (write aliases: [One, Another])",
            "Food_Stores.md:4 warning C018 `draft` is neither true nor false: it does nothing (write true or false)",
        ],
    ),
    "a type that is not the folder's": (
        with_front_matter("type: Heuristic\n"),
        [
            "Food_Stores.md:2 warning C018 `type` says Heuristic, and the folder Principle: the folder counts"
            " (move the file into a folder of that type, or delete `type`)"
        ],
    ),
    "files in brackets that are missing": (
        body("![[wax.pdf]] and [[comb.png|a comb]], [[Food Stores.mdx]], [x](Food_Stores.markdown)"),
        [
            "Food_Stores.md:7 warning L009 no file `wax.pdf`",
            "Food_Stores.md:7 warning L009 no file `comb.png`",
        ],
    ),
    "two types": (
        with_front_matter("type: [Principle, Heuristic]\n"),
        ["Food_Stores.md:2 warning C018 `type` is a list, where text is expected (put the value in quotes)"],
    ),
    "the type of the folder": (with_front_matter("type: principle\n"), []),
    "a key that stands twice": (
        with_front_matter("title: Food\ntitle: Food stores\n"),
        ["Food_Stores.md:3 warning C018 `title` stands on line 2 too; the last one counts (delete one of them)"],
    ),
    "a misspelt section of metadata": (
        {"principles/Food_Stores.md": FOOD.replace("## Metadata", "## Meta data")},
        ["Food_Stores.md:9 warning C017 `Meta data` is no section that is understood (did you mean Metadata?)"],
    ),
    "headings without a space": (
        {"principles/Food_Stores.md": FOOD.replace("# Food", "#Food").replace("## Overview", "##Overview")},
        [
            "Food_Stores.md:1 warning C017 `#Food stores` is no heading: a space is missing (write # Food stores)",
            "Food_Stores.md:3 warning C017 `##Overview` is no heading: a space is missing (write ## Overview)",
        ],
    ),
    "tags and code that begin with signs": (body("#winter\n\n```\n##no\n```\n"), []),
    "a year with two digits": (
        {"environments/Apiary.md": page("Apiary").replace("2025-03-20", "0025-03-20")},
        ["Apiary.md:12 info C016 `0025-03-20` was read as the year 25 (write all of the year)"],
    ),
    "a comment without an end": (
        body("<!-- ask Anna"),
        ["Food_Stores.md:7 warning C010 the comment that begins here is never closed"],
    ),
    "a box and elements without an end": (
        body("::: {.callout-note}\nWarm.\n\n<details><summary>More</summary>\n\n<ref>A book<ref/>"),
        [
            "Food_Stores.md:7 warning C010 the box that begins here is never closed",
            "Food_Stores.md:10 warning C010 the `<details>` that begins here is never closed",
            "Food_Stores.md:12 warning C010 the `<ref>` that begins here is never closed",
        ],
    ),
    "boxes and elements that end": (
        body(
            "::: {.callout-note}\n:::: tip\nWarm.\n::::\n:::\n\n:::note Title\nx\n:::\n\n"
            "<details>\n<div>\nx\n</div></details>\n\n```\n::: x\n<div>\n```\n\n<ref name=a /> `<div>`"
        ),
        [],
    ),
    "footnotes that get lost": (
        body("One[^1], two[^2]: and three[^c].\n\n[^1]: A.\n\n[^1]: B.\n\n[^note]: C\n\n`[^9]` \\[^8]"),
        [
            "Food_Stores.md:7 warning C019 there is no text of the footnote `[^2]` (write a line [^2]: text)",
            "Food_Stores.md:7 warning C019 there is no text of the footnote `[^c]` (write a line [^c]: text)",
            "Food_Stores.md:11 warning C019 the footnote `[^1]` has a text on line 9 too; the last one counts"
            " (give one of them another name)",
            "Food_Stores.md:13 warning C019 nothing refers to the footnote `[^note]`: readers do not see its text"
            " (write [^note] where it belongs)",
        ],
    ),
    "what is no footnote": (body("A set [^abc] of letters[^a-z].\n"), []),
    "names of sections in bold": (
        {
            "principles/Food_Stores.md": FOOD.replace("## Overview", "**Overview**").replace(
                "## Connections", "__Connections:__"
            )
        },
        [
            "Food_Stores.md:3 warning C017 `**Overview**` is no heading (write ## Overview)",
            "Food_Stores.md:14 warning C017 `__Connections:__` is no heading (write ## Connections)",
        ],
    ),
    "bold words that are no heading": (body("**Overview** of it\n\n**Sources**\n\n```\n**Metadata**\n```"), []),
    "paths of one machine": (
        body("![a](C:\\pics\\a.png) ![b](file:///home/a/b.png) ![c](..\\pics\\c.png)"),
        [
            "Food_Stores.md:7 warning H002 the address `C:\\pics\\a.png` is not linked"
            " (copy the file into the wiki, and write its path from this page)",
            "Food_Stores.md:7 warning H002 the address `file:///home/a/b.png` is not linked"
            " (copy the file into the wiki, and write its path from this page)",
            "Food_Stores.md:7 warning L009 no file `..\\pics\\c.png` (write ../pics/c.png)",
        ],
    ),
    "a page that an editor saved as text": (
        {"principles/Swarm.md.txt": page("Swarm"), "principles/list.txt": "Anna\n"},
        ["Swarm.md.txt:1 warning R007 is not read: `.txt` is no page (pages end in .md or .mediawiki)"],
    ),
    "redirects that lead nowhere": (
        {
            "principles/Stores.md": "#REDIRECT [[Principle:Food Storse]]\n",
            "heuristics/Warm.md": "#REDIRECT [[Heuristic:Cold]]\n",
            "heuristics/Cold.md": "#REDIRECT [[Heuristic:Warm]]\n",
        },
        [
            "Cold.md:1 error L001 redirects to `Heuristic:Warm`, which redirects in a circle (name a page with a text)",
            "Warm.md:1 error L001 redirects to `Heuristic:Cold`, which redirects in a circle (name a page with a text)",
            "Stores.md:1 error L001 redirects to no page `Principle:Food Storse` (did you mean Principle:Food_Stores?)",
        ],
    ),
    "a formula without an end": (
        body("$$\nx\n"),
        ["Food_Stores.md:7 warning C010 the formula that begins here is never closed"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_reported_once(changed: Mapping[str, str], expected: list[str], tmp_path: Path) -> None:
    assert reported_problems(write_project(tmp_path, {**FILES, **changed})) == expected


def test_base_wiki_has_no_problems(tmp_path: Path) -> None:
    assert reported_problems(write_project(tmp_path, FILES)) == []


def test_reason_why_a_file_is_not_shown(tmp_path: Path) -> None:
    pictures = " ".join(f"![x]({name})" for name in ("../img/big.png", "../img/queen.png", "../../../a.png", "no.png"))
    project = write_project(tmp_path, FILES | body(f"{pictures} [x](../img/a.xyz)"))
    (project / "data/wikis/img").mkdir()
    with (project / "data/wikis/img/big.png").open("wb") as file:
        file.truncate(30_000_000)
    for name in ("Queen.PNG", "a.xyz"):
        (project / "data/wikis/img" / name).write_bytes(b"x")
    assert [line.partition("L009 ")[2] for line in reported_problems(project)] == [
        "`../img/big.png` has 30,000,000 bytes, more than 20,000,000; not shown (make it smaller)",
        "no file `../img/queen.png` (its name is Queen.PNG: case counts)",
        "`../../../a.png` leads out of the wiki; not shown (copy the file into it)",
        "no file `no.png`",
        "`../img/a.xyz` is of a kind that is not published",
    ]


def test_binary_files_and_broken_links_are_reported(tmp_path: Path) -> None:
    project = write_project(tmp_path, FILES)
    (project / "data/wikis/principles/Photo.md").write_bytes(b"\x89PNG\0\0\xff\xfe")
    (project / "data/wikis/principles/Link.md").symlink_to("nowhere.md")
    assert reported_problems(project) == [
        "Link.md:1 error R001 is a link that leads to no file (delete it, or link to a file)",
        "Photo.md:1 error R001 is not text, though it is named like a page; not read"
        " (give it the ending of what it is)",
    ]


# Addresses


def address_problems(project: Path) -> list[str]:
    return [line for line in reported_problems(project) if line.startswith("addresses.json")]


@pytest.fixture
def built_project(tmp_path: Path) -> Path:
    project = write_project(tmp_path, FILES)
    assert run_command(project, "build") == 0
    return project


def test_held_back_and_unread_pages_are_not_reported_as_gone(built_project: Path) -> None:
    food = built_project / "data/wikis/principles/Food_Stores.md"
    food.write_text(f"---\ndraft: true\n---\n{FOOD}", encoding="utf-8")
    (built_project / "data/wikis/environments").rename(built_project / "data/wikis/environmets")
    assert address_problems(built_project) == []
    assert run_command(built_project, "build") in (0, 1)
    food.write_text(FOOD, encoding="utf-8")
    (built_project / "data/wikis/environmets").rename(built_project / "data/wikis/environments")
    assert reported_problems(built_project) == []
    assert "gone" not in (built_project / "notes/addresses.json").read_text(encoding="utf-8")


def test_page_moved_to_another_type_is_recognized(built_project: Path) -> None:
    folder = built_project / "data/wikis/heuristics"
    folder.mkdir()
    (built_project / "data/wikis/principles/Brood_Nest.md").rename(folder / "Brood_Nest.md")
    (line,) = address_problems(built_project)
    assert "warning S009" in line
    assert "`rename --from Principle:Brood_Nest Heuristic:Brood_Nest`" in line


def test_page_with_another_file_name_is_recognized_by_its_title(built_project: Path) -> None:
    folder = built_project / "data/wikis/principles"
    (folder / "Brood_Nest.md").unlink()
    (folder / "Food_Stores.md").rename(folder / "A B.md")
    nest, food = address_problems(built_project)
    assert "info S010" in nest
    assert "`rename --from Principle:Food_Stores 'Principle:A B'`" in food  # quoted for a shell


def test_many_deleted_pages_are_one_message(built_project: Path) -> None:
    for name in ("implementations/Hefting.md", "principles/Food_Stores.md", "principles/Brood_Nest.md"):
        (built_project / "data/wikis" / name).unlink()
    assert len(address_problems(built_project)) == 3
    (built_project / "data/wikis/environments/Apiary.md").unlink()
    (line,) = address_problems(built_project)
    assert line.startswith(
        "addresses.json:2 info S010 4 pages are gone whose addresses lead nowhere now:"
        " Environment:Apiary, Implementation:Hefting, Principle:Brood_Nest and 1 more"
    )


# Settings and folders


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("typedwki:\n  stale-months: 3\n", "1:1: error W003 typedwki: unknown key (did you mean `typedwiki`?)"),
        (
            "typedwiki:\n  stale-months: 3\n  stale-months: 4\n",
            "3:3: error W003 typedwiki: `stale-months` stands here twice; delete one",
        ),
        (
            "typedwiki:\n  rules: {C007: off, C007: info}\n",
            "2:22: error W003 typedwiki: `C007` stands here twice; delete one",
        ),
        (
            "typedwiki:\n  source: data/wiki\n",
            "2:3: error W003 typedwiki: source: `data/wiki` is not a folder (did you mean `data/wikis`?)",
        ),
        (
            "typedwiki:\n  names: {Principal: [Lehre]}\n",
            "2:11: error W003 typedwiki: names: Principal: `Principal` is no type, edge or section"
            " (did you mean `Principle`?)",
        ),
        (
            "typedwiki:\n  names: {Workflow: [Principle]}\n",
            "2:11: error W003 typedwiki: names: Workflow: `Principle` is a name of Principle already",
        ),
        (
            "typedwiki:\n  schema: {edges: {feeds: {from: [Principel]}}}\n",
            "2:28: error W003 typedwiki: schema: edges: feeds: from: names unknown type `Principel`"
            " (did you mean `Principle`?)",
        ),
    ],
)
def test_wrong_settings_are_reported(
    settings: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write_project(tmp_path, FILES)
    (project / "_quarto.yml").write_text(settings, encoding="utf-8")
    assert run_command(project, "check") == 2
    assert capsys.readouterr().err == f"typedwiki: {project}/_quarto.yml:{message}\n"


def test_missing_default_source_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "_quarto.yml").write_text("", encoding="utf-8")
    assert run_command(tmp_path, "check") == 2
    assert "`data/wikis` is not a folder, and no other is named (set `source:`)" in capsys.readouterr().err


def test_source_may_be_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = write_project(tmp_path, FILES)
    monkeypatch.setenv("HOME", str(project / "data"))
    monkeypatch.setenv("USERPROFILE", str(project / "data"))
    (project / "_quarto.yml").write_text(json.dumps({"typedwiki": {"source": "~/wikis"}}), encoding="utf-8")
    assert len(load_project(project).graph.pages) == len(FILES)


def test_source_with_one_type_is_reported(tmp_path: Path) -> None:
    project = write_project(tmp_path, FILES)
    (project / "_quarto.yml").write_text(
        json.dumps({"typedwiki": {"source": "data/wikis/principles"}}), encoding="utf-8"
    )
    assert (
        "principles:1 warning R007 the wiki's folder holds pages of one type alone: `environments`, `implementations`"
        " and `workflows` beside it not read (name the folder above it, `data/wikis`)"
    ) in reported_problems(project)


def test_generated_files_in_the_wiki_are_not_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path, FILES)
    (project / "_quarto.yml").write_text(json.dumps({"typedwiki": {"source": "."}}), encoding="utf-8")
    assert run_command(project, "build") == 0
    assert reported_problems(project) == []
    capsys.readouterr()
    assert run_command(project, "check", "--verbose") == 0
    files = [path for path in project.rglob("*") if path.is_file()]
    summary = capsys.readouterr().err.splitlines()[0]
    assert summary.startswith(f"{len(files)} files found, {len(files)} accounted for: {len(FILES)} read as pages")


def test_draft_into_the_project_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path / "here", {})
    wiki = write_project(tmp_path / "there", FILES) / "data/wikis"
    (project / "_quarto.yml").write_text(json.dumps({"typedwiki": {"source": str(wiki)}}), encoding="utf-8")
    assert run_command(project, "draft", "--site", project) == 2
    assert "holds the project itself; choose another folder" in capsys.readouterr().err
    assert not (project / "index.html").exists()


def test_init_in_a_wiki_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wiki = write_project(tmp_path / "there", FILES) / "data/wikis"
    before = sorted(wiki.iterdir())
    assert run_command(ROOT, "init", wiki, "--title", "Bees") == 2
    assert f"put the site around it: init {wiki}-site --source {wiki}" in capsys.readouterr().err
    assert sorted(wiki.iterdir()) == before


def test_init_writes_the_source_as_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wiki = write_project(tmp_path / "there", FILES) / "data/wikis"
    monkeypatch.chdir(tmp_path / "there")
    assert run_command(ROOT, "init", "../here", "--source", "data/wikis", "--title", "Bees") == 0
    assert 'source: "../there/data/wikis"' in (tmp_path / "here/_quarto.yml").read_text(encoding="utf-8")
    assert f"“Bees” is in {tmp_path / 'here'}, its wiki in {wiki}" in capsys.readouterr().out
    assert run_command(ROOT, "init", tmp_path / "away", "--source", wiki, "--title", "Bees") == 0
    assert json.dumps(str(wiki)) in (tmp_path / "away/_quarto.yml").read_text(encoding="utf-8")


# Commands


def test_held_back_and_redirecting_pages_are_accounted_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    redirect = {"principles/Stores.mediawiki": "#REDIRECT [[Principle:Food Stores]]\n"}
    held = {"heuristics/Warm.md": f"---\ndraft: true\n---\n{page('Warm')}"}
    assert run_command(write_project(tmp_path, FILES | redirect | held), "check", "--verbose") == 0
    assert capsys.readouterr().err.splitlines()[0] == (
        "7 files found, 7 accounted for: 5 read as pages, 1 held back, 1 redirecting"
    )


def test_add_prints_the_lines_for_the_wiki_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wiki/principles").mkdir(parents=True)
    (tmp_path / "wiki/principles/Food_Stores.md").write_text(FOOD, encoding="utf-8")
    (tmp_path / "_quarto.yml").write_text("project: {type: website}\n", encoding="utf-8")
    assert run_command(tmp_path, "add") == 0
    stdout = capsys.readouterr().out
    assert '  render: ["*.qmd", "*.md", "*.ipynb", "!/wiki/**", "!/notes/assets/**"]\n' in stdout
    assert "typedwiki: {source: wiki}\n" in stdout


def test_converting_a_page_twice_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path, FILES)
    page_path = "principles/Brood_Nest.md"  # relative to the wiki, as in diffs and messages
    for message in ("1 of 1 page converted", "0 of 1 page converted; it is mediawiki already"):
        assert run_command(project, "convert", page_path, "--to", "mediawiki") == 0
        assert capsys.readouterr().out == f"typedwiki: {message}\n"
    assert run_command(project, "convert", page_path, "Principle:Food_Stores", "--to", "mediawiki") == 0
    assert capsys.readouterr().out == "typedwiki: 1 of 2 pages converted; 1 was mediawiki already\n"
    assert run_command(project, "convert", project / "data/wikis/principles", "--to", "markdown") == 2
    assert "is a folder; name its pages, such as" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["rename", "Principle:Food Stores", "Principle:Larder"],
        ["convert", "Principle:Food Stores", "--to", "mediawiki"],
    ],
)
def test_page_with_conflict_marks_is_not_changed(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write_project(tmp_path, FILES | body("<<<<<<< HEAD\nheavy\n=======\nlight\n>>>>>>> autumn"))
    before = read_wiki_files(project)
    assert run_command(project, *arguments) == 2
    assert "Food_Stores.md:7: git's conflict marks are in it; keep one version first" in capsys.readouterr().err
    assert read_wiki_files(project) == before


def test_title_that_differs_in_case_is_renamed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path, FILES)
    assert run_command(project, "rename", "Principle:Food Stores", "Principle:Winter Larder") == 0
    assert "its title stays" not in capsys.readouterr().out
    assert "# Winter Larder\n" in (project / "data/wikis/principles/Winter_Larder.md").read_text(encoding="utf-8")


def test_watch_names_the_page_of_a_resolved_problem(tmp_path: Path) -> None:
    project = write_project(tmp_path, FILES | {"principles/Swarm.md": ""})
    command = [ROOT / "scripts/wiki.py", "--project", project, "check", "--watch"]
    with subprocess.Popen(
        [sys.executable, "-u", *map(str, command)], stdout=subprocess.PIPE, encoding="utf-8"
    ) as watching:
        assert watching.stdout
        lines: list[str] = []
        try:
            while lines.count("typedwiki: check ends\n") < 2:
                lines.append(watching.stdout.readline())
                if lines[-1] == "typedwiki: check ends\n" and lines.count(lines[-1]) == 1:
                    time.sleep(1)
                    (project / "data/wikis/principles/Swarm.md").unlink()
        finally:
            watching.terminate()
    assert "mended: error R010 the file is empty in data/wikis/principles/Swarm.md\n" in lines


@pytest.fixture
def unprivileged() -> list[str]:
    """A command prefix under which file modes bind the command even if root runs it."""
    if sys.platform == "win32" or (not os.geteuid() and not shutil.which("setpriv")):
        pytest.skip("file modes do not bind this user")
    return [] if os.geteuid() else ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]


def test_unreadable_folder_is_reported_only_while_it_is_unreadable(
    built_project: Path, unprivileged: list[str]
) -> None:
    def problem_lines(*arguments: str) -> list[str]:
        command = [
            *unprivileged,
            sys.executable,
            str(ROOT / "scripts/wiki.py"),
            "--project",
            str(built_project),
            *arguments,
        ]
        result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        return [
            command
            for command in (result.stdout + result.stderr).splitlines()
            if " error R" in command or " info S" in command or " error L" in command
        ]

    folder, file = built_project / "data/wikis/environments", built_project / "data/wikis/principles/Food_Stores.md"
    folder.chmod(0)
    try:
        assert problem_lines("check") == ["data/wikis/environments:1:1: error R001 cannot be read: Permission denied"]
    finally:
        folder.chmod(0o755)
    file.chmod(0)
    try:
        expected = "data/wikis/principles/Food_Stores.md:1:1: error R001 cannot be read: Permission denied"
        assert problem_lines("build") == [expected]
    finally:
        file.chmod(0o644)
    assert problem_lines("build") == []
