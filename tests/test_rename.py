"""The `rename` command: every link to the page follows, and nothing else changes."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from conftest import GOLDEN, ROOT, copy_project
from typedwiki.atomic import rewrite_file
from typedwiki.author.page_files import encode_like
from typedwiki.author.page_names import stem_of
from typedwiki.read import decode
from wiki_generator import write_wiki
from wiki_project import load_project, problem_codes, read_wiki_files, run_command, write_project

LOSS = """# Mean Loss

## Overview

What training makes small.

## Metadata
- **Last Updated**: 2026-01-31

## Connections
- [[step_of::Workflow:Train]]
"""
RENAMED_LINKS = [
    ("[[step::Principle:Mean_Loss]]", "[[step::Principle:Total_Risk]]"),
    ("[[step::Principle:mean Loss|the loss]]", "[[step::Principle:total Risk|the loss]]"),
    ("[[Principle:Mean Loss#Overview|`x` *loss*]]", "[[Principle:Total Risk#Overview|`x` *loss*]]"),
    ("[[principles:Mean_Loss]]", "[[principles:Total_Risk]]"),
    ("[[Mean Loss]]", "[[Total Risk]]"),
    ("[[ mean_Loss ]]", "[[ total_Risk ]]"),
    ("[[Mean Loss#Overview]]", "[[Total Risk#Overview]]"),
    ("a [loss](../Principle/Mean_Loss.md#a 'Mean_Loss')", "a [loss](../Principle/Total_Risk.md#a 'Mean_Loss')"),
    ("a [Mean_Loss](<../Principle/Mean_Loss.md>)", "a [Mean_Loss](<../Principle/Total_Risk.md>)"),
    ("a [loss](./../Principle/./Mean%5FLoss.html)", "a [loss](./../Principle/./Total_Risk.html)"),
    ("a [loss](Principle/Mean_Loss)", "a [loss](Principle/Total_Risk)"),
]  # fmt: skip
UNTOUCHED = [
    "`[[Principle:Mean_Loss]]`",
    "<code>[[Mean Loss]]</code> and <pre>[[Mean Loss]]</pre>",
    "<math>[[Mean Loss]]</math> $[[Mean Loss]]$",
    "```\n[[Principle:Mean_Loss]]\n```",
    "<!-- [[Principle:Mean_Loss]] -->",
    "Mean Loss, Mean_Loss",
    "[[Principle:Mean_Loss_Function]]",
    "[[Heuristic:Mean_Loss]]",
    "[x](../Heuristic/Mean_Loss.md)",
    "[[Category:Mean Loss]]",
]


def test_links_of_all_kinds_are_rewritten(tmp_path: Path) -> None:
    lines = [old for old, _ in RENAMED_LINKS] + UNTOUCHED
    page = "== Overview ==\nA page.\n\n== Links ==\n" + "\n\n".join(lines) + "\n"
    other = {"Heuristic/Mean_Loss.md": page, "Principle/Mean_Loss_Function.md": "A function."}
    project = write_project(tmp_path, {"Principle/Mean_Loss.md": LOSS, "Workflow/Train.md": page, **other})
    # With two pages of that name, a link without a type is ambiguous and stays.
    unambiguous = [old for old, _ in RENAMED_LINKS if not old.startswith(("[[Mean", "[[ mean"))]
    assert run_command(project, "rename", "Principle:Mean_Loss", "Principle:Total_Risk") == 0
    text = read_wiki_files(project)["Workflow/Train.md"].decode()
    for old, new in RENAMED_LINKS:
        assert (new if old in unambiguous else old) in text
    for line in UNTOUCHED:
        assert line in text

    alone = write_project(tmp_path / "alone", {"Principle/Mean_Loss.md": LOSS, "Workflow/Train.md": page})
    assert run_command(alone, "rename", "Principle:Mean_Loss", "Principle:Total_Risk") == 0
    text = read_wiki_files(alone)["Workflow/Train.md"].decode()
    for _, new in RENAMED_LINKS:
        assert new in text


MARKDOWN_LINKS = [
    ("[a][r]\n\n[r]: ../Principle/Mean_Loss.md 'x'", "[a][r]\n\n[r]: ../Principle/Total_Risk.md 'x'"),
    ("[s]\n\n[s]: <../Principle/Mean_Loss.md#Overview>", "[s]\n\n[s]: <../Principle/Total_Risk.md#Overview>"),
    ('<a href="../Principle/Mean_Loss.md">it</a>', '<a href="../Principle/Total_Risk.md">it</a>'),
    ("[a label over\ntwo lines](../Principle/Mean_Loss.md)", "[a label over\ntwo lines](../Principle/Total_Risk.md)"),
    ("[a](../Principle/Mean_Loss.md\n'a title')", "[a](../Principle/Total_Risk.md\n'a title')"),
    ("[![p](p.png)](../Principle/Mean_Loss.md)", "[![p](p.png)](../Principle/Total_Risk.md)"),
    ("[a](../Principle/Mean\\_Loss.md)", "[a](../Principle/Total_Risk.md)"),
    ("[a](../Principle/Mean_Loss.md?plain=1#L3)", "[a](../Principle/Total_Risk.md?plain=1#L3)"),
    ("[a](../principle/mean_loss.md)", "[a](../principle/Total_Risk.md)"),
    ("[a](/Principle/Mean_Loss)", "[a](/Principle/Total_Risk)"),
    ("[[Principle/Mean_Loss]]", "[[Principle/Total_Risk]]"),
    ("[[Mean_Loss.md]]", "[[Total_Risk.md]]"),
    ("[[../Principle/mean_loss.md#Overview|x]]", "[[../Principle/Total_Risk.md#Overview|x]]"),
    ("[[the loss|Mean Loss]]", "[[the loss|Total Risk]]"),
    ("![[Mean Loss]]", "![[Total Risk]]"),
    ("[[mean loss]]", "[[total risk]]"),
    ("| a |\n|---|\n| [[Mean_Loss\\|x]] |", "| a |\n|---|\n| [[Total_Risk\\|x]] |"),
]
MARKDOWN_UNTOUCHED = [
    "[o]: https://example.org/Mean_Loss.md\n\n[o]",
    "[^1]: Mean_Loss.md\n\nWords.[^1]",
    "<https://example.org/Mean_Loss.md>",
    "~~~\n[[Mean_Loss]]\n~~~",
    "    [[Mean_Loss]]",
]


@pytest.mark.parametrize(("old", "new"), [*MARKDOWN_LINKS, *((line, line) for line in MARKDOWN_UNTOUCHED)])
def test_markdown_links_keep_their_form(old: str, new: str, tmp_path: Path) -> None:
    page = "# Train\r\n\r\n## Overview\r\n\r\nA page.\r\n\r\n{}\r\n"
    files = {"Principle/Mean_Loss.md": LOSS, "Workflow/Train.md": page.format(old), "Workflow/p.png": "png"}
    project = write_project(tmp_path, files)
    assert run_command(project, "rename", "Principle:Mean_Loss", "Principle:Total_Risk") == 0
    assert read_wiki_files(project)["Workflow/Train.md"].decode() == page.format(new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[a](../Principle/Mean_Loss.md)", "[a](../Heuristic/Mean_Loss.md)"),
        ("[a](Principle/Mean_Loss)", "[a](Heuristic/Mean_Loss)"),
        ("[a](/Principle/Mean_Loss.html)", "[a](/Heuristic/Mean_Loss.html)"),
        ("[r]\n\n[r]: ../Principle/Mean_Loss.md", "[r]\n\n[r]: ../Heuristic/Mean_Loss.md"),
        ("[[Principle/Mean_Loss]]", "[[Heuristic/Mean_Loss]]"),
        ("[[Principle:Mean_Loss]]", "[[Heuristic:Mean_Loss]]"),
        ("[[Mean_Loss]]", "[[Mean_Loss]]"),
    ],
)
def test_links_follow_to_another_type(old: str, new: str, tmp_path: Path) -> None:
    page = "# Train\n\n## Overview\n\nA page.\n\n{}\n"
    project = write_project(tmp_path, {"Principle/Mean_Loss.md": LOSS, "Workflow/Train.md": page.format(old)})
    assert run_command(project, "rename", "Principle:Mean_Loss", "Heuristic:Mean_Loss") == 0
    assert read_wiki_files(project)["Workflow/Train.md"].decode() == page.format(new)


def test_composed_and_decomposed_names_are_equal(tmp_path: Path) -> None:
    page = "# Train\n\n## Overview\n\nA [[Gro\u0308\u00dfe]], [a](../Principle/Gro\u0308\u00dfe.md).\n"
    project = write_project(tmp_path, {"Principle/Gr\u00f6\u00dfe.md": "# Size\n", "Workflow/Train.md": page})
    assert run_command(project, "rename", "Principle:Gr\u00f6\u00dfe", "Principle:Scale & size") == 0
    text = read_wiki_files(project)["Workflow/Train.md"].decode()
    assert "A [[Scale_&_size]], [a](../Principle/Scale_%26_size.md)." in text


def test_redirecting_page_adds_no_alias(tmp_path: Path) -> None:
    files = {
        "Principle/Mean_Loss.md": LOSS,
        "Principle/Cost.mediawiki": "#REDIRECT [[Mean Loss]]\n",
        "Workflow/Train.md": "# Train\n\nThe [[Cost]].\n",
    }
    project = write_project(tmp_path, files)
    assert run_command(project, "rename", "Principle:Mean_Loss", "Principle:Total_Risk") == 0
    after = read_wiki_files(project)
    assert after["Principle/Total_Risk.md"].decode().startswith("---\naliases:\n  - Mean_Loss\n---\n")
    assert after["Workflow/Train.md"].decode() == files["Workflow/Train.md"]
    assert "Principle/Cost" not in load_project(project).graph.pages


def test_file_moves_and_its_old_name_becomes_an_alias(tmp_path: Path) -> None:
    train = "# Train\n\n## Connections\n- [[step::Principle:Mean_Loss]]\n"
    project = write_project(tmp_path, {"Principle/Mean_Loss.md": LOSS, "Workflow/Train.md": train})
    assert run_command(project, "rename", "Principle:Mean_Loss", "Principle:Risk: all of it") == 0
    files = read_wiki_files(project)
    assert sorted(files) == ["Principle/Risk_all_of_it.md", "Workflow/Train.md"]
    head = "---\naliases:\n  - Mean_Loss\n---\n"
    assert files["Principle/Risk_all_of_it.md"].decode() == head + LOSS.replace("# Mean Loss", "# Risk: all of it")
    late = "# Late\n\n## Connections\n- [[related::Principle:mean Loss]]\n"
    (project / "data/wikis/Workflow/Late.md").write_text(late, encoding="utf-8")
    (edge,) = [e for e in load_project(project).graph.edges if e.source == "Workflow/Late"]
    assert edge.target == "Principle/Risk_all_of_it"


@pytest.mark.parametrize(
    ("front_matter", "expected"),
    [
        ("", "---\naliases:\n  - Mean_Loss\n---\n"),
        ("---\ntitle: Risk\n---\n", "---\ntitle: Risk\naliases:\n  - Mean_Loss\n---\n"),
        ("---\naliases: [Cost]\nx: 1\n---\n", "---\naliases:\n  - Cost\n  - Mean_Loss\nx: 1\n---\n"),
        ("---\nx: 1\nalias: Cost\n---\n", "---\nx: 1\naliases:\n  - Cost\n  - Mean_Loss\n---\n"),
        ("---\naliases:\n- Cost\n- Total Risk\n---\n", "---\naliases:\n  - Cost\n  - Mean_Loss\n---\n"),
    ],
)
def test_alias_is_added_to_existing_front_matter(front_matter: str, expected: str, tmp_path: Path) -> None:
    body = "## Overview\n\nSomething small.\n"
    project = write_project(tmp_path, {"Principle/Mean_Loss.md": front_matter + body})
    assert run_command(project, "rename", "Principle:Mean_Loss", "Principle:Total_Risk") == 0
    assert read_wiki_files(project)["Principle/Total_Risk.md"].decode() == expected + body


@pytest.mark.parametrize(
    ("heading", "old", "new", "expected"),
    [
        ("# Mean Loss", "Mean_Loss", "Total_Risk", "# Total Risk"),
        ("# Mean_Loss", "Mean_Loss", "Total_Risk", "# Total_Risk"),
        ("# Principle: Mean Loss", "Mean Loss", "Total Risk", "# Principle: Total Risk"),
        ("Mean Loss\n===", "Mean Loss", "Risk", "Risk\n==="),
        ("# The mean loss", "Mean_Loss", "Total_Risk", "# The mean loss"),
        ("# The mean loss", "The mean loss", "Risk, in all", "# Risk, in all"),
        ("# Mean Loss {#loss}", "Mean_Loss", "Total_Risk", "# Total Risk {#loss}"),
    ],
)
def test_heading_follows_if_it_was_the_name(
    heading: str, old: str, new: str, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write_project(tmp_path, {"Principle/Mean_Loss.md": f"{heading}\n\n## Overview\n\nSmall.\n"})
    assert run_command(project, "rename", f"Principle:{old}", f"Principle:{new}") == 0
    ((_, data),) = read_wiki_files(project).items()
    assert f"---\n{expected}\n\n## Overview" in data.decode()
    assert ("its title stays “The mean loss”" in capsys.readouterr().out) == (heading == expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Alpha\n", "---\naliases:\n  - Alpha\n---\n# Omega: the point\n"),
        (
            "---\ntitle: Alpha\n---\n# Alpha\n\n## Overview\n\nSmall.\n",
            '---\ntitle: "Omega: the point"\naliases:\n  - Alpha\n---\n# Omega: the point\n\n## Overview\n\nSmall.\n',
        ),
    ],
)
def test_single_word_title_becomes_several_words(text: str, expected: str, tmp_path: Path) -> None:
    project = write_project(tmp_path, {"Principle/Alpha.md": text})
    assert run_command(project, "rename", "Principle:Alpha", "Principle:Omega: the point") == 0
    assert read_wiki_files(project)["Principle/Omega_the_point.md"].decode() == expected


INDEX = """# Principles of Mean Loss

| Page | File | Connections |
|------|------|-------------|
| Mean_Loss | [→](./Principle/Mean_Loss.md) | ⬜Impl:Nothing, ✅Workflow:Train |
| **Other** | [Mean Loss](Principle/Other.md) | like Mean_Loss |

- [[Principle:Mean Loss|the loss]]: ✅Principle:Mean_Loss, and more
- `Mean_Loss` is code
- ⬜Impl:Nothing; here, ✅Principle:Mean_Loss; and ✅Workflow:Train, all

| Workflow | Principle |
|---|---|
| Train | `Mean_Loss` |

## Principle: Mean_Loss
"""


def test_index_files_are_updated(tmp_path: Path) -> None:
    files = {
        "Principle/Mean_Loss.md": LOSS,
        "Principle/Other.md": "# Other\n\n[[Workflow:Train]]\n",
        "Workflow/Train.md": "# Train\n\n[[step::Principle:Mean_Loss]]\n",
        "_PrincipleIndex.md": INDEX,
    }
    project = write_project(tmp_path, files)
    before = problem_codes(project)
    assert run_command(project, "rename", "Principle:Mean_Loss", "Principle:Total_Risk") == 0
    expected = INDEX
    for old in (
        "| Mean_Loss | [→](./Principle/Mean_Loss.md)",
        "[[Principle:Mean Loss|the loss]]: ✅Principle:Mean_Loss",
        "| Train | `Mean_Loss` |",
        "✅Principle:Mean_Loss; and",
        "## Principle: Mean_Loss",
    ):
        expected = expected.replace(old, old.replace("Mean_Loss", "Total_Risk").replace("Mean Loss", "Total Risk"))
    assert read_wiki_files(project)["_PrincipleIndex.md"].decode() == expected
    assert sorted(problem_codes(project)) == sorted(code.replace("Mean_Loss", "Total_Risk") for code in before)


def test_marks_of_an_index_may_contain_punctuation(tmp_path: Path) -> None:
    name = "Gauss & Newton, \u201ctwice\u201d; why"
    files = {
        "Principle/Loss.md": LOSS,
        "Workflow/Train.md": "# Train\n\n[[step::Principle:Loss]]\n",
        "_WorkflowIndex.md": "| Page | Connections |\n|---|---|\n| Train | \u2705Principle:Loss, then |\n",
    }
    project = write_project(tmp_path, files)
    assert run_command(project, "rename", "Principle:Loss", f"Principle:{name}") == 0
    stem = name.replace(" ", "_")
    assert f"\u2705Principle:{stem}, then |" in read_wiki_files(project)["_WorkflowIndex.md"].decode()
    assert [p for p in load_project(project).problems if p.code in ("I003", "L001")] == []


def test_relative_links_follow_a_change_of_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        LOSS + "\nA [curve](plots/a.png), ![curve](plots/a.png) and [other](Other.md), [me](Mean_Loss.md#overview).\n"
        '\nAnd ![[plots/a.png]], <img src="plots/a.png">, ![c][c] and [o].\n\n[c]: plots/a.png\n[o]: Other.md\n'
    )
    files = {
        "deep/Principle/Mean_Loss.md": text,
        "deep/Principle/Other.md": "# Other\n\nSee [[uses_heuristic::Principle:Mean_Loss]], [it](Mean_Loss.md).\n",
        "deep/Principle/plots/a.png": "png",
        "deep/Heuristic/sub/Tip.md": "# Tip\n",
        "deep/Heuristic/Top.md": "# Top\n",
        "deep/_PrincipleIndex.md": "| Page | File |\n|---|---|\n| Mean_Loss | [→](./Principle/Mean_Loss.md) |\n",
        "deep/_HeuristicIndex.md": "| Page | File |\n|---|---|\n| Top | [→](./Heuristic/Top.md) |\n",
    }
    project = write_project(tmp_path, files)
    assert run_command(project, "rename", "Principle:Mean_Loss", "Heuristic:Mean_Loss") == 0
    after = {name: data.decode() for name, data in read_wiki_files(project).items()}
    moved = after["deep/Heuristic/Mean_Loss.md"]
    assert "A [curve](../Principle/plots/a.png), ![curve](../Principle/plots/a.png)" in moved
    assert "[other](../Principle/Other.md), [me](Mean_Loss.md#overview)" in moved
    assert 'And ![[../Principle/plots/a.png]], <img src="../Principle/plots/a.png">, ![c][c] and [o]' in moved
    assert "[c]: ../Principle/plots/a.png\n[o]: ../Principle/Other.md\n" in moved
    assert moved.startswith('---\naliases:\n  - "Principle:Mean_Loss"\n---\n')
    other = after["deep/Principle/Other.md"]
    assert "[[uses_heuristic::Heuristic:Mean_Loss]], [it](../Heuristic/Mean_Loss.md)" in other
    assert "| Mean_Loss | [→](./Heuristic/Mean_Loss.md) |" in after["deep/_HeuristicIndex.md"]
    wiki = load_project(project)
    assert [
        p for p in wiki.problems if p.code in ("L001", "L002", "L009", "I001", "I002") and "Mean_Loss" in p.message
    ] == []
    late = "# Late\n\n[[related::Principle:Mean_Loss]]\n"
    (project / "data/wikis/deep/Principle/Late.md").write_text(late, encoding="utf-8")
    assert any(
        e.target == "Heuristic/Mean_Loss" and e.source == "Principle/Late" for e in load_project(project).graph.edges
    )


def test_link_gets_a_type_if_its_new_name_is_ambiguous(tmp_path: Path) -> None:
    files = {
        "Principle/Loss.md": LOSS,
        "Heuristic/Risk.md": "# Risk\n",
        "Workflow/Train.md": "# Train\n\nThe [[loss|Loss]].\n",
    }
    project = write_project(tmp_path, files)
    assert run_command(project, "rename", "Principle:Loss", "Principle:Risk") == 0
    assert "[[Principle:risk|Loss]]" in read_wiki_files(project)["Workflow/Train.md"].decode()


REFUSED_RENAMES = [
    ("Principle:Mean_Lost", "Principle:X", "no page `Principle:Mean_Lost` (did you mean Principle:Mean_Loss?)"),
    ("Principel:Mean_Loss", "Principle:X", "is not a page type (did you mean Principle?)"),
    ("Mean_Loss", "Principle:X", "must be a type and a name"),
    ("Principle:Mean_Loss", "Principle:Gain", "Principle `Gain` exists: data/wikis/Principle/Gain.md"),
    ("Principle:Mean_Loss", "Principle:The gain", "exists: data/wikis/Principle/Gain.md"),
    ("Principle:Mean_Loss", "Principle:GAIN", "exists, perhaps in another case"),
    ("Principle:Mean_Loss", "Heuristic:tip", "exists"),
    ("Principle:Mean_Loss", "Principle:Mean Loss", "has this name already"),
    ("Principle:Mean_Loss", "Principle:..", "no letter or digit"),
    ("Principle:Cost", "Principle:X", "is an alias of Principle:Gain"),
    ("Heuristic:Tip", "Heuristic:The gain", "it would change where links lead: data/wikis/Workflow/Train.md:3"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), REFUSED_RENAMES)
def test_refused_rename_changes_nothing(
    old: str, new: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "Principle/Mean_Loss.md": LOSS,
        "Principle/Gain.md": "---\naliases: [Cost, Profit]\n---\n# The gain\n",
        "Heuristic/Tip.md": "# Tip\n",
        "Workflow/Train.md": "# Train\n\n[[The gain]], [[step::Principle:Mean_Loss]]\n",
    }
    project = write_project(tmp_path, files)
    before = read_wiki_files(project)
    assert run_command(project, "rename", old, new) == 2
    assert message in capsys.readouterr().err
    assert read_wiki_files(project) == before


def test_dry_run_shows_a_diff_and_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(
        tmp_path, {"Principle/Mean_Loss.md": LOSS, "Workflow/Train.md": "[[step::Principle:Mean_Loss]]\n"}
    )
    before = read_wiki_files(project)
    assert run_command(project, "rename", "Principle:Mean_Loss", "Principle:Risk", "--dry-run") == 0
    out = capsys.readouterr().out
    assert "--- a/data/wikis/Principle/Mean_Loss.md\n+++ b/data/wikis/Principle/Risk.md\n" in out
    assert "-[[step::Principle:Mean_Loss]]\n+[[step::Principle:Risk]]\n" in out
    assert read_wiki_files(project) == before


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_failure_halfway_restores_everything(
    fails_at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    links = {f"Workflow/W{n}.md": "# W\n\n[[step::Principle:Mean_Loss]]\n" for n in range(3)}
    project = write_project(tmp_path, {"Principle/Mean_Loss.md": LOSS, **links})
    before = read_wiki_files(project)
    calls = iter(range(1, 100))

    def fail_once(path: Path, data: bytes) -> None:
        if next(calls) == fails_at:
            raise OSError(28, "No space left on device")
        rewrite_file(path, data)

    monkeypatch.setattr("typedwiki.author.page_files.rewrite_file", fail_once)
    assert run_command(project, "rename", "Principle:Mean_Loss", "Principle:Risk") == 2
    assert "the disk is full" in capsys.readouterr().err
    assert read_wiki_files(project) == before


def test_other_bytes_are_unchanged(tmp_path: Path) -> None:
    windows = "\ufeff# Train\r\n\r\nMixed\nends.\r\n\r\n- [[step::Principle:Mean_Loss]]\r\n".encode()
    latin = b"# Old\n\nCaf\xe9 \x81 [[step::Principle:Mean_Loss]]\n"
    project = write_project(tmp_path, {"Principle/Mean_Loss.md": LOSS, "Workflow/x.md": ""})
    (project / "data/wikis/Workflow/Train.md").write_bytes(windows)
    (project / "data/wikis/Workflow/Old.md").write_bytes(latin)
    (project / "data/wikis/Principle/Mean_Loss.md").write_bytes(LOSS.replace("\n", "\r\n").encode())
    assert run_command(project, "rename", "Principle:Mean_Loss", "Principle:Risk") == 0
    files = read_wiki_files(project)
    assert files["Workflow/Train.md"] == windows.replace(b"Mean_Loss", b"Risk")
    assert files["Workflow/Old.md"] == latin.replace(b"Mean_Loss", b"Risk")
    assert files["Principle/Risk.md"].startswith(b"---\r\naliases:\r\n  - Mean_Loss\r\n---\r\n# Risk\r\n")


def rename_and_rename_back(project: Path, ids: list[str], new: str) -> None:
    """Rename each page and rename it back: graph, problems and bytes must be as before."""
    before_all = load_project(project)
    for page in (before_all.graph.pages[page_id] for page_id in ids):
        before, problems = read_wiki_files(project), problem_codes(project)
        old = f"{page.page_type}:{page.stem}"
        assert run_command(project, "rename", old, f"{page.page_type}:{new}") == 0
        renamed_wiki = load_project(project)
        (added,) = renamed_wiki.graph.pages.keys() - before_all.graph.pages.keys()
        renamed = {page.id: added}
        edges = {
            (renamed.get(e.source, e.source), e.type, renamed.get(e.target, e.target)) for e in before_all.graph.edges
        }
        assert {(e.source, e.type, e.target) for e in renamed_wiki.graph.edges} == edges
        moved = renamed_wiki.graph.pages[added].path
        assert sorted(f"{p.path.replace(moved, page.path)} {p.code}" for p in renamed_wiki.problems) == sorted(problems)
        assert run_command(project, "rename", f"{page.page_type}:{new}", old) == 0
        after = read_wiki_files(project)
        (name,) = [name for name, data in after.items() if before.get(name) != data]
        assert after[name].endswith(before[name].removeprefix(b"---\n"))
        assert name == page.path.removeprefix("data/wikis/")
        (project / "data/wikis" / name).write_bytes(before[name])


@pytest.mark.slow
def test_rename_is_reversible_in_the_sample_wiki(tmp_path: Path) -> None:
    project = write_project(tmp_path, {})
    shutil.copytree(ROOT / "data/wikis", project / "data/wikis", dirs_exist_ok=True)
    ids = sorted(load_project(project).graph.pages)
    rename_and_rename_back(project, ids[::20], "Quite_Another_Name")


@pytest.mark.slow
def test_rename_is_reversible_in_a_generated_wiki(tmp_path: Path) -> None:
    project = write_project(tmp_path, {})
    write_wiki(project / "data/wikis", 10)
    rename_and_rename_back(project, sorted(load_project(project).graph.pages), "Quite_Another_Name")


@pytest.mark.slow
def test_rename_is_reversible_in_a_real_wiki(corpus: Path, tmp_path: Path) -> None:
    project = write_project(tmp_path, {})
    shutil.copytree(corpus / "huggingface_transformers", project / "data/wikis/real")
    ids = sorted(load_project(project).graph.pages)
    rename_and_rename_back(project, random.Random(7).sample(ids, 3), "Quite_Another_Name")


def test_namespace_of_names_may_be_omitted(tmp_path: Path) -> None:
    train = "# Train it\n\nThe [[loss|Loss]], [[step::Principle:acme_kit_Loss]].\n"
    files = {
        f"{kind}/acme_kit_{name}.md": f"# {name}\n" for kind, name in (("Heuristic", "Tip"), ("Environment", "Box"))
    }
    project = write_project(
        tmp_path, {"Principle/acme_kit_Loss.md": LOSS, "Workflow/acme_kit_Train.md": train, **files}
    )
    assert run_command(project, "rename", "Principle:Loss", "Principle:Total risk") == 0
    after = read_wiki_files(project)
    assert "Principle/acme_kit_Total_risk.md" in after
    expected = train.replace("[[loss|", "[[total_risk|").replace("acme_kit_Loss", "acme_kit_Total_risk")
    assert after["Workflow/acme_kit_Train.md"].decode() == expected
    (project / "data/wikis/Workflow/acme_kit_Late.md").write_text(
        "# Late\n\n[[related::Principle:Loss]]\n", encoding="utf-8"
    )
    edges = load_project(project).graph.edges
    assert any(e.source == "Workflow/acme_kit_Late" and e.target == "Principle/acme_kit_Total_risk" for e in edges)


# Effects on addresses and other files


def test_paths_use_the_spelling_of_the_file(tmp_path: Path) -> None:
    page = "# Train\n\n[a](../Principle/lora.md), [b](../Principle/Lora.md#use), [c](<../Principle/lora.html>)\n"
    project = write_project(tmp_path, {"Principle/Lora.md": "# Lora\n", "Workflow/Train.md": page})
    assert run_command(project, "rename", "Principle:lora", "Principle:Adapter") == 0
    text = read_wiki_files(project)["Workflow/Train.md"].decode()
    assert text == page.replace("lora", "Adapter").replace("Lora", "Adapter")


def test_rename_by_case_keeps_the_address(tmp_path: Path) -> None:
    project = write_project(tmp_path, {"Principle/Mean_Loss.md": LOSS})
    assert run_command(project, "build") == 0
    assert run_command(project, "rename", "Principle:Mean_Loss", "Principle:mean_loss") == 0
    assert run_command(project, "build") == 0
    assert [p.name for p in (project / "notes/principle").glob("*.qmd")] == ["Mean_Loss.qmd"]


def test_reading_path_of_a_renamed_workflow_keeps_its_address(tmp_path: Path) -> None:
    train = "# Train\n\n## Connections\n- [[step::Principle:Mean_Loss]]\n"
    project = write_project(tmp_path, {"Principle/Mean_Loss.md": LOSS, "Workflow/Train.md": train})
    assert run_command(project, "build") == 0
    assert run_command(project, "rename", "Workflow:Train", "Workflow:Drill") == 0
    assert run_command(project, "build") == 0
    assert 'aliases: ["/notes/path/Train.html"]' in (project / "notes/path/Drill.qmd").read_text(encoding="utf-8")
    assert 'aliases: ["/notes/workflow/Train.html"]' in (project / "notes/workflow/Drill.qmd").read_text(
        encoding="utf-8"
    )


def test_draft_of_another_wiki_redirects(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", GOLDEN / "two_dialects/wiki")
    wiki = write_project(tmp_path / "elsewhere", {"Principle/Mean_Loss.md": LOSS}) / "data/wikis"
    arguments = ("draft", "--no-search", "--source", wiki, "--site", tmp_path / "site")
    assert run_command(project, *arguments) == 0
    assert run_command(project, "rename", "--source", wiki, "Principle:Mean_Loss", "Principle:Risk") == 0
    assert run_command(project, *arguments) == 0
    old = (tmp_path / "site/notes/principle/Mean_Loss.html").read_text(encoding="utf-8")
    assert 'href="Risk.html"' in old


def test_former_name_of_another_page_may_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    late = "# Late\n\n[[Principle:Alpha]] [[Principle:Beta]]\n"
    project = write_project(
        tmp_path, {"Principle/Alpha.md": "# Alpha\n", "Principle/Beta.md": "# Beta\n", "Workflow/Late.md": late}
    )
    assert run_command(project, "rename", "Principle:Alpha", "Principle:Third") == 0
    (project / "data/wikis/Workflow/Old.md").write_text("# Old\n\nSee [[Principle:Alpha]].\n", encoding="utf-8")
    assert run_command(project, "rename", "Principle:Beta", "Principle:Alpha") == 0
    assert "Principle:Third was called Alpha before, and is no longer found by that name" in capsys.readouterr().out
    after = read_wiki_files(project)
    assert after["Principle/Third.md"] == b"# Third\n"
    assert after["Workflow/Late.md"].decode() == "# Late\n\n[[Principle:Third]] [[Principle:Alpha]]\n"
    assert "[[Principle:Third]]" in after["Workflow/Old.md"].decode()


@pytest.mark.parametrize(
    "name", ["Salt & Pepper", "Rise; then fold", "Slow, cold rise", 'The "poke" test', "Baker's ratio"]
)
def test_index_marks_with_punctuation_are_renamed(name: str, tmp_path: Path) -> None:
    stem = stem_of(name)
    index = f"# Index\n\n- [[Workflow:Bread]]: ✅Principle:{stem}, ✅Principle:Other and more\n"
    files = {
        f"Principle/{stem}.md": f"# {name}\n\n[[step_of::Workflow:Bread]]\n",
        "Principle/Other.md": "# Other\n\n[[step_of::Workflow:Bread]]\n",
        "Workflow/Bread.md": "# Bread\n",
        "_WorkflowIndex.md": index,
    }
    project = write_project(tmp_path, files)
    assert [p for p in load_project(project).problems if p.code.startswith("I")] == []
    assert run_command(project, "rename", f"Principle:{stem}", "Principle:Quite_Another") == 0
    assert read_wiki_files(project)["_WorkflowIndex.md"].decode() == index.replace(stem, "Quite_Another")


def test_symbolic_link_to_a_page_is_written_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = "# Alpha\n\n[[related::Principle:Beta]]\n"
    project = write_project(tmp_path, {"Principle/Alpha.md": page, "Principle/Beta.md": "# Beta\n"})
    (project / "data/wikis/Principle/Twin.md").symlink_to("Alpha.md")
    assert run_command(project, "rename", "Principle:Beta", "Principle:Gamma") == 0
    assert read_wiki_files(project)["Principle/Twin.md"].decode() == page.replace("Beta", "Gamma")
    assert (project / "data/wikis/Principle/Twin.md").is_symlink()
    assert run_command(project, "rename", "Principle:Alpha", "Principle:Omega") == 2
    assert "Twin.md: is a link to data/wikis/Principle/Alpha.md and would lead nowhere" in capsys.readouterr().err


def test_unreadable_pages_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path, {"Principle/Mean_Loss.md": LOSS})
    (project / "data/wikis/Workflow").mkdir()
    (project / "data/wikis/Workflow/Train.md").symlink_to("Train.md")
    assert run_command(project, "rename", "Principle:Mean_Loss", "Principle:Risk") == 1
    stderr = capsys.readouterr().err
    assert "data/wikis/Workflow/Train.md:1:1: error R001" in stderr
    assert "its links stay as they are" in stderr
    assert "Principle/Risk.md" in {
        p.relative_to(project / "data/wikis").as_posix() for p in (project / "data/wikis").rglob("*.md")
    }


def test_file_renamed_by_hand_is_reported_and_adopted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train = "# Train\n\n## Connections\n- [[step::Principle:Mean_Loss]]\n"
    project = write_project(tmp_path, {"Principle/Mean_Loss.md": LOSS, "Workflow/Train.md": train})
    assert run_command(project, "build") == 0
    (project / "data/wikis/Principle/Mean_Loss.md").rename(project / "data/wikis/Principle/Risk.md")
    for _ in range(2):  # before and after the build records the new page
        (problem,) = [p for p in load_project(project).problems if p.code == "S009"]
        assert problem.message == "notes/principle/Mean_Loss.html, where Principle:Mean_Loss stood, leads nowhere now"
        assert "rename --from Principle:Mean_Loss Principle:Risk" in problem.hint
        assert run_command(project, "build") == 0
    assert run_command(project, "rename", "--from", "Principle:Mean_Loss", "Principle:Risk") == 0
    assert (
        "Principle:Mean_Loss leads to data/wikis/Principle/Risk.md now; 1 other file changed" in capsys.readouterr().out
    )
    after = read_wiki_files(project)
    assert after["Workflow/Train.md"].decode() == train.replace("Mean_Loss", "Risk")
    assert after["Principle/Risk.md"].startswith(b"---\naliases:\n  - Mean_Loss\n---\n")
    assert [p.code for p in load_project(project).problems if p.code.startswith("S009")] == []
    assert run_command(project, "build") == 0
    assert 'aliases: ["/notes/principle/Mean_Loss.html"]' in (project / "notes/principle/Risk.qmd").read_text(
        encoding="utf-8"
    )


def test_dry_run_shows_new_problems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(
        tmp_path, {"Principle/Mean_Loss.md": LOSS, "Workflow/Train.md": "# Train\n\n[[step::Principle:Mean_Loss]]\n"}
    )
    assert run_command(project, "rename", "Principle:Mean_Loss", "Heuristic:Mean_Loss", "--dry-run") == 0
    assert "  new: data/wikis/" in capsys.readouterr().out


@pytest.mark.parametrize(
    "data",
    [
        b"# A\r\rText *a*.\r",
        b"# A\n\nText.\r\n\r\nMore *a*.\nEnd.\r\n",
        b"# A\n\nText *a*.",
        b"\xef\xbb\xbf# A\r\n\r\nText *a*.",
    ],
)  # fmt: skip
def test_encode_like_keeps_line_endings(data: bytes, tmp_path: Path) -> None:
    project = write_project(tmp_path, {})
    path = project / "data/wikis/Principle/A.md"
    path.parent.mkdir()
    path.write_bytes(data)
    assert encode_like(decode(data)[0], data) == data
    text = decode(data)[0].replace("*a*", "''a''")
    assert encode_like(text, data) == data.replace(b"*a*", b"''a''")


@pytest.mark.parametrize("sign", ["\x0c", "\x1b", "\x00"])
def test_page_with_control_characters_is_not_converted(
    sign: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write_project(tmp_path, {"Principle/A.md": f"# A\n\n## Overview\n\nA *line* with a{sign}b.\n"})
    before = read_wiki_files(project)
    assert run_command(project, "convert", "Principle:A", "--to", "mediawiki") == 1
    assert f"data/wikis/Principle/A.md:5: cannot keep the character U+{ord(sign):04X}" in capsys.readouterr().err
    assert read_wiki_files(project) == before
