"""Mistakes that authors make, and the message of `check` for each."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from typedwiki import stray_files
from typedwiki.config import load_config
from typedwiki.problems import first_yaml_problem
from wiki_project import load_project, read_wiki_files, run_command, write_project

pytestmark = pytest.mark.slow

BREAD = """# Bread

## Overview

Flour, water, salt and time.

## Metadata
- **Sources**: [Book: Tartine](https://example.org/tartine)
- **Last Updated**: 2025-03-01

## Connections
- [[step::Principle:Kneading]]
- [[step::Principle:Proofing]]
"""


def page(title: str, *connections: str, front_matter: str = "", body: str = "", date: str = "2025-03-01") -> str:
    """A page without problems."""
    links = "".join(f"- [[{link}]]\n" for link in connections)
    source = "[Book: Tartine](https://example.org/tartine)"
    metadata = f"## Metadata\n- **Sources**: {source}\n- **Last Updated**: {date}\n"
    overview = f"# {title}\n\n## Overview\n\nWhat a baker knows of it.\n\n"
    return f"{front_matter}{overview}{body}{metadata}\n## Connections\n{links}"


FILES = {
    "Workflow/Bread.md": BREAD,
    "Principle/Kneading.md": page(
        "Kneading", "implemented_by::Implementation:By_Hand", body="## Windowpane\n\nThin.\n\n"
    ),
    "Principle/Proofing.md": page("Proofing", "implemented_by::Implementation:By_Hand"),
    "Implementation/By_Hand.md": page("By hand", "requires_env::Environment:Kitchen"),
    "Environment/Kitchen.md": page("Kitchen"),
}


def reported_problems(project: Path, *arguments: str) -> list[str]:
    """The problems as "file:line severity CODE message (hint)"."""
    return [
        f"{Path(p.path).name}:{p.line} {p.severity} {p.code} {p.message}" + (f" ({p.hint})" if p.hint else "")
        for p in load_project(project).problems
    ]


def test_base_wiki_has_no_problems(tmp_path: Path) -> None:
    assert reported_problems(write_project(tmp_path, FILES)) == []


CONFLICT = "<<<<<<< HEAD\nSalt last.\n=======\nSalt first.\n>>>>>>> a-branch\n"
KNEADING = FILES["Principle/Kneading.md"]
MISTAKES: dict[str, tuple[Mapping[str, str], list[str]]] = {
    "conflict marks": (
        {"Principle/Kneading.md": page("Kneading", "implemented_by::Implementation:By_Hand", body=CONFLICT)},
        [
            "Kneading.md:7 error R008 git's conflict marks: two versions of the text stand here"
            " (keep one, and delete the three lines with marks)"
        ],
    ),
    "conflict marks in front matter": (
        {"Principle/Kneading.md": f"---\ntitle: a\n{CONFLICT}---\n{KNEADING}"},
        [
            "Kneading.md:3 error R008 git's conflict marks: two versions of the text stand here"
            " (keep one, and delete the three lines with marks)"
        ],
    ),
    "a section that another page lacks": (
        {"Environment/Kitchen.md": page("Kitchen", body="See [[Principle:Kneading#Windwpane]].\n\n")},
        ["Kitchen.md:7 warning L010 `Principle:Kneading` has no section `Windwpane` (did you mean `#Windowpane`?)"],
    ),
    "a section that this page lacks": (
        {"Principle/Kneading.md": KNEADING.replace("Thin.", "Thin, see [[#Nowhere]] and [[#Windowpane]].")},
        ["Kneading.md:9 warning L010 this page has no section `Nowhere` (its sections are Windowpane)"],
    ),
    "a section in a path": (
        {"Environment/Kitchen.md": page("Kitchen", body="See [it](../Principle/Kneading.md#nowhere).\n\n")},
        [
            "Kitchen.md:7 warning L010 `Principle:Kneading` has no section `nowhere` (its sections are Windowpane)"
        ],
    ),
    "a misspelt folder": (
        {"Principals/Baking.md": page("Baking"), "Principals/Cooling.md": page("Cooling")},
        [
            "Baking.md:1 warning R007 2 pages in `Principals` not read: `Principals` is no type of page"
            " (did you mean `Principles`?)"
        ],
    ),
    "a folder in another language than is known": (
        {"grundgesetze/Baking.md": page("Baking")},
        [
            "Baking.md:1 warning R007 1 page in `grundgesetze` not read: `grundgesetze` is no type of page"
            " (move it into a folder named workflows, principles, implementations, environments or heuristics;"
            " or say which type it is with `typedwiki: names: {Principle: [grundgesetze]}`)"
        ],
    ),
    "a page at the root": (
        {"Baking.md": page("Baking")},
        [
            "Baking.md:1 warning R007 is no page: it lies in no folder that is named like a type of page"
            " (move it into a folder named workflows, principles, implementations, environments or heuristics)"
        ],
    ),
    "a README at the root": ({"README.md": "# About\n", "LICENSE.md": "Free.\n"}, []),
    "a page of another kind": (
        {"Principle/Baking.markdown": page("Baking")},
        ["Baking.markdown:1 warning R007 is not read: `.markdown` is no page (pages end in .md or .mediawiki)"],
    ),
    "an index of no type": (
        {"_PrincipelIndex.md": "# Index\n"},
        ["_PrincipelIndex.md:1 warning R007 `Principel` is no type of page (did you mean `Principle`?)"],
    ),
    "front matter without its end": (
        {"Principle/Kneading.md": f"---\ntitle: Kneading\ntags: [a]\n\n{KNEADING}"},
        [
            "Kneading.md:1 error R003 the front matter that begins here has no end (close it with a line `---`)",
        ],
    ),
    "front matter that ends at a rule further down": (
        {"Principle/Kneading.md": f"---\ntitle: Kneading\n\n{KNEADING}\n---\n\nMore.\n"},
        ["Kneading.md:1 error R003 the front matter that begins here has no end (close it with a line `---`)"],
    ),
    "a misspelt edge": (
        {"Principle/Proofing.md": page("Proofing", "implmented_by::Implementation:By_Hand")},
        ["Proofing.md:12 error L004 `implmented_by` is not an edge of the schema (did you mean `implemented_by`?)"],
    ),
    "a misspelt step": (
        {"Workflow/Bread.md": BREAD.replace("step::Principle:Proofing", "step::Principle:Profing")},
        ["Bread.md:13 error L001 no page `Principle:Profing` (did you mean Principle:Proofing?)"],
    ),
    "a page that is still to be written": (
        {"Principle/Proofing.md": page("Proofing", "implemented_by::Implementation:In_a_Box")},
        ["Proofing.md:12 error L001 no page `Implementation:In_a_Box`"],
    ),
    "an unread page that others link to": (
        {
            "Principle/Proofing.md": page("Proofing", "implemented_by::Implementation:In_a_Box"),
            "Implementatoins/In_a_Box.md": page("In a box"),
        },
        [
            "In_a_Box.md:1 error R007 1 page in `Implementatoins` not read: `Implementatoins` is no type of page"
            " (did you mean `Implementations`?)"
        ],
    ),
    "a misspelt section": (
        {"Principle/Proofing.md": FILES["Principle/Proofing.md"].replace("## Overview", "## Overveiw")},
        ["Proofing.md:3 warning C017 `Overveiw` is no section that is understood (did you mean Overview?)"],
    ),
    "a date to come": (
        {"Environment/Kitchen.md": page("Kitchen", date="2162-01-01")},
        ["Kitchen.md:9 info C016 `2162-01-01` lies in the future"],
    ),
    "a date with points": (
        {"Environment/Kitchen.md": page("Kitchen", date="03.04.2025")},
        ["Kitchen.md:9 info C016 `03.04.2025` was read as 3 April 2025 (write it like 2025-04-03)"],
    ),
    "a date with slashes": (
        {"Environment/Kitchen.md": page("Kitchen", date="04/03/2025")},
        ["Kitchen.md:9 info C016 `04/03/2025` was read as 4 March 2025 (write it like 2025-03-04)"],
    ),
    "a date with one reading alone": ({"Environment/Kitchen.md": page("Kitchen", date="24.12.2025")}, []),
    "a date that no calendar has": (
        {"Environment/Kitchen.md": page("Kitchen", date="2026-13-45")},
        ["Kitchen.md:9 warning C008 `2026-13-45` is not a date; write it like 2026-01-31"],
    ),
    "a picture elsewhere": (
        {"Environment/Kitchen.md": page("Kitchen", body="![x](https://example.org/x.png) `![y](https://y.org/y.png)`\n\n")},
        [
            "Kitchen.md:7 info L011 the picture `https://example.org/x.png` is linked, not loaded: it lies on another"
            " host (put a copy of it beside the page, or let the site load it with"
            " `typedwiki: remote-images: [example.org]`)"
        ],
    ),
    "a tab": (
        {"Environment/Kitchen.md": page("Kitchen", front_matter="---\ntitle:\n\tKitchen\n---\n")},
        ["Kitchen.md:3 error R003 front matter is not YAML: a tab in the indentation; YAML wants spaces"],
    ),
    "a colon in a value": (
        {"Environment/Kitchen.md": page("Kitchen", front_matter="---\ntitle: Kitchen: a tour\n---\n")},
        ["Kitchen.md:2 error R003 front matter is not YAML: put the value in quotes: it contains `: `"],
    ),
    "a code block without an end": (
        {"Environment/Kitchen.md": FILES["Environment/Kitchen.md"] + "\n```\noven\n"},
        ["Kitchen.md:13 warning C010 the code block that begins here is never closed"],
    ),
    "a link without an end": (
        {"Environment/Kitchen.md": page("Kitchen", body="See [[uses_heuristic::Heuristic:Cool_\n\n")},
        ["Kitchen.md:7 warning L008 `]]` is missing after `[[uses_heuristic::Heuristic:Cool_` ([[edge::Type:Title]])"],
    ),
    "a link without a page": (
        {"Environment/Kitchen.md": page("Kitchen", body="See [[related::Principle:]].\n\n")},
        ["Kitchen.md:7 warning L008 `[[related::Principle:]]` names no page ([[edge::Type:Title]])"],
    ),
    "a misspelt type": (
        {"Environment/Kitchen.md": page("Kitchen", body="See [[Principal:Kneading]].\n\n")},
        ["Kitchen.md:7 error L003 `Principal` is not a page type (did you mean Principle?)"],
    ),
    "a single step": (
        {"Workflow/Bread.md": BREAD.replace("- [[step::Principle:Proofing]]\n", "")},
        [
            "Proofing.md:1 warning S004 no Workflow reaches Principle `Proofing`",
            "Bread.md:1 warning S005 Workflow `Bread` has one step",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_reported_once_without_its_consequences(
    changed: Mapping[str, str], expected: list[str], tmp_path: Path
) -> None:
    assert reported_problems(write_project(tmp_path, {**FILES, **changed})) == expected


def test_wiki_without_pages_is_reported(tmp_path: Path) -> None:
    (problem,) = load_project(write_project(tmp_path, {})).problems
    assert (problem.code, problem.path) == ("R009", "data/wikis")
    assert "principles" in problem.hint


def test_linked_folder_is_reported(tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", FILES)
    (tmp_path / "elsewhere").mkdir()
    (project / "data/wikis/Heuristic").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert reported_problems(project) == [
        "Heuristic:1 error R004 is a link to a folder; what lies there is not read"
        " (put the folder itself into the wiki)"
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf16_file_is_read_and_reported(encoding: str, tmp_path: Path) -> None:
    project = write_project(tmp_path, FILES)
    path = project / "data/wikis/Environment/Kitchen.md"
    text = page("Küche")
    path.write_bytes((b"\xfe\xff" if encoding == "utf-16-be" else b"") + text.encode(encoding))
    assert load_project(project).graph.pages["Environment/Kitchen"].page_title == "Küche"
    (problem,) = reported_problems(project)
    assert problem == "Kitchen.md:1 warning R002 is UTF-16, and read as such (save it as UTF-8; `check --fix` does)"
    assert run_command(project, "check", "--fix") == 0
    assert path.read_bytes() == text.encode()


def test_fix_lists_its_changes_and_counts_remaining_problems(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bread = BREAD.replace("Principle:Proofing", "Principle:Profing")
    project = write_project(tmp_path, FILES | {"Workflow/Bread.md": bread})
    (project / "data/wikis/Environment/Kitchen.md").write_bytes(page("Küche").encode("cp1252"))
    assert run_command(project, "check", "--fix") == 0
    captured = capsys.readouterr()
    assert captured.err.splitlines() == [
        "data/wikis/Environment/Kitchen.md:1:1: mended R002: saved as UTF-8",
        "data/wikis/Workflow/Bread.md:13:21: mended L001: `Profing` is now `Proofing`",
    ]
    assert captured.out == "no problems in 5 pages, 5 edges\n"
    assert "Küche" in (project / "data/wikis/Environment/Kitchen.md").read_text(encoding="utf-8")


# Files that are not pages

UNREAD_FILES = {
    "Principle/plot.png": "PNG",
    "Principle/shown.txt": "shown",
    "Principle/Kneading.md~": "old",
    "Principle/._hidden.md": "x",
    "Principle/_draft.md": "x",
    "_archive/Old.md": "x",
    ".obsidian/app.json": "{}",
    "_PrincipleIndex.md": "# Principles\n",
    "Principals/A.md": "x",
    "README.md": "x",
    "data.xlsx": "x",
    "deep/er/B.md": "x",
    "Principle/Words.docx": "x",
}


def test_verbose_check_accounts_for_every_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page_with_link = {"Environment/Kitchen.md": page("Kitchen", body="See [it](../Principle/shown.txt).\n\n")}
    project = write_project(tmp_path, FILES | UNREAD_FILES | page_with_link)
    (project / "data/wikis/Principle/Loop.md").symlink_to("Loop.md")
    assert run_command(project, "check", "--verbose") == 1
    stderr = capsys.readouterr().err.splitlines()
    files = [p for p in (project / "data/wikis").rglob("*") if p.is_file() or p.is_symlink()]
    assert stderr[0] == (
        f"{len(files)} files found, {len(files)} accounted for: 6 read as pages, 1 shown by pages,"
        " 5 left out by name, 4 named as problems, 3 unused"
    )
    assert stderr[1:] == [
        f"  no page shows data/wikis/{name}" for name in ("data.xlsx", "Principle/Kneading.md~", "Principle/plot.png")
    ]
    entries = list(stray_files.list_entries(load_config(project).sources, load_config(project).schema, hidden=True))
    assert len(entries) == len(files)


# Messages


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a:\n\tb: 1", 2, "a tab in the indentation; YAML wants spaces"),
        ("a: b: c", 1, "put the value in quotes: it contains `: `"),
        ("a: @home", 1, "put the value in quotes: it begins with `@`"),
        ("a: `x`", 1, "put the value in quotes: it begins with ```"),
        ("a: *star", 1, "put the value in quotes: it begins with `*`"),
        ("a: [b, c\nd: e", 1, "the bracket that opens on line 1 is never closed; put text that holds brackets in"
         " quotes"),
        ("x: 1\na: 'b\nd: e", 2, "the quote that begins on line 2 is never closed"),
        ("a: 1\nb\nc: 2", 3, "a name with a `:` and a space behind it is expected here"),
        ("a: 1\n  b: 2", 2, "this line is indented differently from those above it"),
        ("a: 'b' c", 1, "this line does not fit the lines above it: look at its indentation, and for a quote that is"
         " not closed"),
        ("<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x", 1, "git's conflict marks are still in it; choose one version"),
    ],
)  # fmt: skip
def test_yaml_problems_have_plain_messages(text: str, line: int, message: str) -> None:
    problem = first_yaml_problem(text)
    assert problem
    assert (problem.line, problem.message) == (line, message)


def test_equal_messages_are_merged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tips = {f"Heuristic/H{n}.md": page(f"H {n}", body="See [[Principle:Scalding]].\n\n") for n in range(5)}
    used = "".join(f"- [[uses_heuristic::Heuristic:H{n}]]\n" for n in range(5))
    project = write_project(tmp_path, FILES | tips | {"Workflow/Bread.md": BREAD + used})
    assert run_command(project, "check") == 1
    lines = capsys.readouterr().out.splitlines()
    location = "data/wikis/Heuristic/H{}.md:7:5"
    assert lines[0] == (
        f"{location.format(0)}: error L001 no page `Principle:Scalding`: 5 places, also {location.format(1)},"
        f" {location.format(2)} and 2 more"
    )
    assert lines[-1] == "5 errors in 10 pages, 10 edges"
    assert len(lines) == 3
    run_command(project, "check", "--all")
    lines = capsys.readouterr().out.splitlines()
    assert sum("error L001 no page `Principle:Scalding`" in line for line in lines) == 5
    run_command(project, "build")
    assert capsys.readouterr().err.count("Scalding") == 1


def test_diffs_name_paths_within_the_wiki(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path / "project", {})
    wiki = write_project(tmp_path / "elsewhere", FILES) / "data/wikis"
    (wiki / "Workflow/Bread.md").write_text(BREAD.replace("Principle:Proofing", "Principle:Profing"))
    for command in (["check", "--fix"], ["rename", "Principle:Kneading", "Principle:Folding"]):
        run_command(project, *command, "--dry-run", "--source", wiki)
        out = capsys.readouterr().out
        assert "--- a/Workflow/Bread.md\n+++ b/Workflow/Bread.md\n" in out
        assert str(tmp_path) not in out.partition("@@")[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["convert", "Nope.md", "--to", "markdown"], "Nope.md: no such file; give a path or TYPE:NAME"),
        (
            ["new", "Recipe", "X"],
            "`Recipe` is not a page type (the types are Workflow, Principle, Implementation, Environment, Heuristic,",
        ),
        (["rename", "Principle:Kneading", "Princple:X"], "`Princple` is not a page type (did you mean Principle?)"),
    ],
)
def test_refusals_say_what_to_do(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(write_project(tmp_path, FILES), *arguments) == 2
    assert message in capsys.readouterr().err


def test_messages_use_singular_and_plural(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path, {"Principle/A.md": page("A"), "Workflow/B.md": page("B", "step::Principle:A")})
    assert run_command(project, "rename", "Principle:A", "Principle:C") == 0
    assert "; 1 other file changed" in capsys.readouterr().out
    (project / "data/wikis/Workflow/B.md").unlink()
    run_command(project, "check")
    assert capsys.readouterr().out.endswith(" in 1 page, 0 edges\n")


# Wikis outside the project


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def write_outside_wiki(tmp_path: Path) -> tuple[Path, Path]:
    """A project, and its wiki in another folder that is a git repository."""
    project = write_project(tmp_path / "project", {})
    wiki = write_project(tmp_path / "elsewhere", FILES) / "data/wikis"
    (project / "_quarto.yml").write_text(json.dumps({"typedwiki": {"source": str(wiki)}}), encoding="utf-8")
    git(wiki, "init", "-q")
    git(wiki, "add", ".")
    git(wiki, "commit", "-qm", "start")
    return project, wiki


def test_since_in_a_wiki_outside_the_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project, wiki = write_outside_wiki(tmp_path)
    assert run_command(project, "check", "--since", "HEAD") == 0
    (wiki / "Principle/Proofing.md").unlink()
    capsys.readouterr()
    assert run_command(project, "check", "--since", "HEAD") == 1
    assert "Bread.md:13:3: error L001 no page `Principle:Proofing`" in capsys.readouterr().out
    assert run_command(project, "check", "--since", "nowhere") == 2
    assert f"the repository {wiki} has no revision `nowhere`" in capsys.readouterr().err


@pytest.mark.parametrize("linked", [False, True])
def test_since_in_a_part_of_a_repository_outside_the_project(
    linked: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, wiki = write_outside_wiki(tmp_path)
    (wiki / "part").mkdir()
    for folder in {name.partition("/")[0] for name in FILES}:
        git(wiki, "mv", folder, f"part/{folder}")
    kitchen = wiki / "part/Environment/Kitchen.md"
    kitchen.write_text(f"{FILES['Environment/Kitchen.md']}\n[[Principle:Known]]\n", encoding="utf-8")
    git(wiki, "commit", "-qam", "a problem that is known")
    if linked:
        (project / "pages").symlink_to(wiki / "part")
    source = "pages" if linked else str(wiki / "part")
    (project / "_quarto.yml").write_text(json.dumps({"typedwiki": {"source": source}}), encoding="utf-8")
    assert run_command(project, "check", "--since", "HEAD") == 0
    (wiki / "part/Principle/Proofing.md").unlink()
    capsys.readouterr()
    assert run_command(project, "check", "--since", "HEAD") == 1
    output = capsys.readouterr().out
    assert "Bread.md:13:3: error L001 no page `Principle:Proofing`" in output
    assert "Known" not in output


def test_missing_edit_link_to_an_outside_wiki_is_reported(tmp_path: Path) -> None:
    project, wiki = write_outside_wiki(tmp_path)
    settings = {"typedwiki": {"source": str(wiki)}, "website": {"repo-url": "https://github.com/a/b"}}
    (project / "_quarto.yml").write_text(json.dumps(settings), encoding="utf-8")
    assert [(p.code, p.severity) for p in load_project(project).problems] == [("X003", "info")]


def test_since_without_a_repository_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path, FILES)
    assert run_command(project, "check", "--since", "HEAD") == 2
    assert "lies in no git repository" in capsys.readouterr().err


def test_new_page_in_a_fresh_clone_is_written_into_the_wiki(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path, FILES)
    (project / "notes").mkdir()
    (project / "notes/mine.qmd").write_text("---\ntitle: Mine\n---\n\nBy hand.\n", encoding="utf-8")
    assert run_command(project, "new", "Principle", "My Test") == 0
    assert "Principle/My_Test.md" in read_wiki_files(project)
    assert f"wrote {project / 'data/wikis/Principle/My_Test.md'}" in capsys.readouterr().out


def test_new_page_is_written_into_an_empty_outside_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project, wiki = write_project(tmp_path / "project", {}), tmp_path / "there"
    wiki.mkdir()
    (project / "_quarto.yml").write_text(json.dumps({"typedwiki": {"source": str(wiki)}}), encoding="utf-8")
    (project / "notes").mkdir()
    (project / "notes/mine.qmd").write_text("---\ntitle: Mine\n---\n\nBy hand.\n", encoding="utf-8")
    assert run_command(project, "new", "Principle", "My Test") == 0
    assert [p.name for p in wiki.rglob("*.md")] == ["My_Test.md"]
    assert f"wrote {wiki / 'Principle/My_Test.md'}" in capsys.readouterr().out


def test_new_refuses_hand_written_notes_with_advice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path, FILES)
    assert run_command(project, "new", "Note", "Mine") == 2
    assert "notes/Mine.qmd" in capsys.readouterr().err


def test_clean_reports_what_it_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path, FILES)
    assert run_command(project, "build") == 0
    capsys.readouterr()
    assert run_command(project, "clean") == 0
    out = capsys.readouterr().out
    assert re.match(r"typedwiki: \d+ notes and \d+ other files deleted from ", out)
    run_command(project, "clean")
    assert capsys.readouterr().out == "typedwiki: nothing to delete\n"
