"""The audit's rules about index files: what they list, compared with the wiki."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit_helpers import find_locations, load_context, write_context
from typedwiki.audit.rules_index import RULES

INDEX = "_PrincipleIndex.md"
WIKI = {
    "Principle/Loss.md": "# Loss\n\n[[implemented_by::Implementation:Trainer_init]]\n",
    "Principle/Chain_Rule.md": "# The chain of rules\n\nSee [[Heuristic:Small]].\n",
    "Implementation/Trainer_init.md": "",
    "Implementation/Adam.md": "",
    "Environment/CUDA.md": "",
    "Heuristic/Small.md": "",
    "Workflow/Train.md": "",
}
COMPLETE_LIST = "- [Loss](Principle/Loss.md)\n- [Chain](Principle/Chain_Rule.md)\n"
"""Lists every Principle, on two lines."""


def find_in_index(folder: Path, text: str, wiki: dict[str, str] | None = None, index: str = INDEX) -> list[str]:
    """The problems of one index, as "line:column CODE"."""
    context = write_context(folder, {**(WIKI if wiki is None else wiki), index: text})
    return [place.removeprefix(f"{index}:") for place in find_locations(RULES, context)]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("| Page | File |\n|---|---|\n| Gone | [→](./Principle/Gone.md) |\n", ["3:3 I001"]),
        ("| Page | Notes |\n|---|---|\n| `Gone_Page` | x |\n", ["3:3 I001"]),
        ("| # | Page |\n|---|---|\n| 1 | Gone page |\n", ["3:7 I001"]),
        ("| Page | File |\n|---|---|\n| Loss | [→](./Principle/Gone.md) |\n| Chain_Rule | |\n", ["3:10 I001"]),
        ("| Page | File |\n|---|---|\n| Gone | Principle/Gone.md |\n", ["3:3 I001"]),
        ("| Name | Where |\n|---|---|\n| Gone | [x](principles/Gone.md) |\n", ["3:3 I001"]),
        ("**File:** [→](./Principle/Gone.md)\n", ["1:11 I001"]),
        ("- [[Principle:Gone]] and [[Loss]], [[Chain Rule]]\n", ["1:3 I001"]),
        ("- [Gone](../other/Principle/Gone.md)\n", ["1:3 I001"]),
    ],
)
def test_entry_without_page(tmp_path: Path, text: str, places: list[str]) -> None:
    assert find_in_index(tmp_path, text) == places


@pytest.mark.parametrize(
    "text",
    [
        "| Page | File |\n|---|---|\n| Loss | [→](./principles/Loss.md) |\n| The chain of rules | |\n",
        "| Page |\n|:-:|\n| **Total** |\n| 79 |\n| — |\n| None |\n| |\n| Total |\n",
        "| File | Lines |\n|---|---|\n| src/loss.py | 12 |\n| README.md | 3 |\n",
        "| Workflow | Principles |\n|---|---|\n| Gone | 6 |\n",
        "| Page | File |\n|---|---|\n| Gone | ⬜ |\n| ⬜ Gone_too | |\n",
        "| Page |\n|---|\n| Loss |\n| Chain_Rule |\n| Train |\n",
        "[other](_HeuristicIndex.md) [map](./_files/x.md) [web](https://a.org/Principle/Gone.md) [part](#gone)\n",
        "`[→](Principle/Gone.md)`\n\n```\n- [Gone](Principle/Gone.md)\n```\n<!-- [[Principle:Gone]] -->\n",
        "[[Library:numpy]] [[domain::Maths]]\n",
        "",
    ],
)
def test_valid_entries_are_not_reported(tmp_path: Path, text: str) -> None:
    assert find_in_index(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("| Page |\n|---|\n| Loss |\n", ["1:1 I002"]),
        ("- [Loss](Principle/Loss.md)\n", ["1:1 I002"]),
        ("**File:** [→](Principle/Loss.md)\n", ["1:1 I002"]),
        ("[[Loss]]\n", ["1:1 I002"]),
        (COMPLETE_LIST, []),
        ("[[Loss]] [[Principle:Chain Rule]]\n", []),
        ("Not begun: [[Heuristic:Small]]\n", []),
    ],
)
def test_page_missing_from_its_index(tmp_path: Path, text: str, places: list[str]) -> None:
    assert find_in_index(tmp_path, text) == places


def test_two_indexes_of_one_type_complete_each_other(tmp_path: Path) -> None:
    wiki = {**WIKI, "Principle/_PrincipleIndex.md": "[Loss](Loss.md)\n"}
    assert find_in_index(tmp_path, "- [[Chain_Rule]]\n", wiki) == []


@pytest.mark.parametrize(
    ("mark", "places"),
    [
        ("✅Impl:Missing", ["3:4 I003"]),
        ("see **✅Env:Missing**, ✅Env:CUDA", ["3:10 I003"]),
        ("✅WF:Missing | ✅Heur:Loss", ["3:4 I003", "3:18 I003"]),
        ("✅Princ:Adam", ["3:4 I003"]),
        ("⬜Env:CUDA", ["3:4 I004"]),
        ("⬜Implementation:Trainer init, ⬜impl:Trainer_init.", ["3:4 I004", "3:34 I004"]),
        ("✅Env:CUDA ⬜WF:Train", ["3:14 I004"]),
        ("✅\ufe0f Workflow:Missing", ["3:4 I003"]),
        ("✅Impl:Adam, ✅Impl:Trainer init (done), ✅H:Small, ✅WF:Train.", []),
        ("⬜Env:ROCm and ⬜Impl:Missing", []),
        ("✅ Complete: everything, ✅ Done, ✅Type:Name", []),
        ("`✅Impl:Missing` <!-- ✅Impl:Missing -->", []),
    ],
)
def test_marks(tmp_path: Path, mark: str, places: list[str]) -> None:
    assert find_in_index(tmp_path, f"{COMPLETE_LIST} – {mark}\n") == places


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("| Page | File | Connections |\n|---|---|---|\n"
         "| Loss | [→](Principle/Loss.md) | ✅Impl:Trainer_init, ✅Impl:Adam |\n"
         "| Chain_Rule | | ✅Heur:Small, ✅Env:CUDA |\n", ["3:55 I005", "4:31 I005"]),
        ("| Page | Connections |\n|---|---|\n| Loss | ✅Princ:Loss |\n| Chain_Rule | ✅Princ:Loss |\n", ["4:16 I005"]),
        ("- [Loss](Principle/Loss.md): ✅Env:CUDA, ✅Impl:Trainer_init\n"
         "- [[Chain_Rule]] ✅Heur:Small\n", ["1:30 I005"]),
        ("## Loss\n\n**File:** [→](Principle/Loss.md)\n\n### Users\n✅Impl:Adam\n\n"
         "## Chain\n✅Impl:Adam\n\n[[Chain_Rule]]\n", ["6:1 I005"]),
        (f"{COMPLETE_LIST}\nAll: ✅Impl:Adam\n", []),
        (f"{COMPLETE_LIST}\n| Principle | Done |\n|---|---|\n| Loss | ✅Impl:Adam |\n", []),
    ],
)  # fmt: skip
def test_connection_stated_only_by_the_index(tmp_path: Path, text: str, places: list[str]) -> None:
    assert find_in_index(tmp_path, text) == places


def test_connection_may_be_stated_by_either_page(tmp_path: Path) -> None:
    text = "| Page | Connections |\n|---|---|\n| Small | ✅Princ:Chain_Rule |\n"
    assert find_in_index(tmp_path, text, index="_HeuristicIndex.md") == []


def test_names_may_omit_their_namespace(tmp_path: Path) -> None:
    names = (
        "Principle/acme_kit_Loss",
        "Principle/acme_kit_Rule",
        "Implementation/acme_kit_Adam",
        "Workflow/acme_kit_Go",
    )
    wiki = {f"{name}.md": "[[Implementation:acme_kit_Adam]]" for name in names}
    text = (
        "| Page | Connections |\n|---|---|\n"
        "| Loss | ✅Impl:Adam, ✅WF:Go, ✅Impl:acme_kit_Adam |\n| acme_kit_Rule | ⬜WF:Go ✅Impl:Gone |\n"
    )
    assert find_in_index(tmp_path, text, wiki) == ["3:22 I005", "4:19 I004", "4:26 I003"]


def test_index_belongs_to_its_own_wiki(tmp_path: Path) -> None:
    wiki = {"a/Principle/Loss.md": "", "b/Principle/Loss.md": "", "b/Principle/Rule.md": ""}
    wiki |= {"b/_PrincipleIndex.md": "[[Loss]] [[Rule]]\n"}
    assert find_in_index(tmp_path, "[[Loss]] [[Rule]]\n", wiki, "a/_PrincipleIndex.md") == ["1:10 I001"]


def test_index_above_several_wikis_belongs_to_all(tmp_path: Path) -> None:
    wiki = {"a/Principle/Loss.md": "", "b/Principle/Rule.md": "", "b/Principle/Left_out.md": ""}
    assert find_in_index(tmp_path, "[[Loss]] [[Rule]]\n", wiki) == ["1:1 I002"]


def test_indexes_of_a_real_wiki_have_no_problems(corpus: Path) -> None:
    context = load_context([corpus / "huggingface_transformers"], corpus)
    assert len(context.indexes) == 5
    assert find_locations(RULES, context) == []


def test_damaged_indexes_of_a_real_wiki_are_reported(corpus: Path, tmp_path: Path) -> None:
    """A page is deleted, and one is added that no index lists."""
    wiki = corpus / "huggingface_transformers"
    files = {str(p.relative_to(wiki)): p.read_text(encoding="utf-8") for p in wiki.rglob("*.md")}
    del files["principles/huggingface_transformers_Training_Loop.md"]
    files["heuristics/huggingface_transformers_New.md"] = ""
    assert find_locations(RULES, write_context(tmp_path, files)) == [
        "_HeuristicIndex.md:1:1 I002",
        "_ImplementationIndex.md:42:96 I003",
        "_PrincipleIndex.md:41:3 I001",
    ]
