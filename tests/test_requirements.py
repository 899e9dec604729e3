"""What Environment pages ask for, what that comes to along a path, and when it cannot hold."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement as PipRequirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conftest import ROOT
from test_resolve import SCHEMA, wiki
from typedwiki.audit.context import Context
from typedwiki.audit.rules_requirements import RULES
from typedwiki.config import Settings, load_config
from typedwiki.model import RawFile
from typedwiki.needs.requirements import environments_on_path, requirements_of
from typedwiki.needs.versions import (
    Merged,
    Requirement,
    combined,
    install_command,
    merge,
    read_specifier,
    shown,
    unsatisfiable,
)
from typedwiki.pipeline import understand
from typedwiki.problems import Problem

QUIET = settings(database=None, deadline=None)
"""Without files beside the project, and without a clock."""


def asked(text: str) -> list[Requirement]:
    graph, _ = wiki({"Environment/E": f"# E\n\n{text}\n"})
    return list(requirements_of(graph.pages["Environment/E"]))


def brief(found: Requirement) -> str:
    """kind name[extras]specifier, with a question mark if it is optional."""
    extras = f"[{','.join(found.extras)}]" if found.extras else ""
    versions = shown(found.specifier) if found.specifier is not None else ""
    return f"{found.kind} {found.name}{extras}{versions}{'?' if found.optional else ''}"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("- `torch` >= 2.2 - For DTensor", ["package torch>=2.2"]),
        ("- **torch** >= 2.2,<3", ["package torch>=2.2,<3"]),
        ("- **PyTorch >= 2.2:** required", ["package torch>=2.2"]),
        ("- `torch>=2.2,<3`", ["package torch>=2.2,<3"]),
        ("- torch (>=2.2)", ["package torch>=2.2"]),
        ("- Python 3.10+", ["python python>=3.10"]),
        ("- Python >= 3.10", ["python python>=3.10"]),
        ("- **Python**: 3.10 or newer", ["python python>=3.10"]),
        ("- Python 3.10-3.12", ["python python>=3.10,<3.13"]),
        ("- Python 3.10, 3.11 or 3.12", ["python python"]),
        ("- CUDA Toolkit 11.8", ["system CUDA==11.8.*"]),
        ("- CUDA 12.x", ["system CUDA==12.*"]),
        ("- `cuda-toolkit` >= 11.8 - For NVIDIA GPUs", ["system CUDA>=11.8"]),
        ("- NVIDIA GPU with compute capability >= 7.0", ["system compute capability>=7.0"]),
        ("- 16 GB of RAM", ["system 16 GB of RAM"]),
        ("- RAM: 16 GB", ["system RAM"]),
        ("- `tokenizers` 0.22.0-0.23.0", ["package tokenizers>=0.22.0,<=0.23.0"]),
        ("- `tokenizers` >= 0.22.0, < 0.23", ["package tokenizers>=0.22.0,<0.23"]),
        ("- `tokenizers` ≥ 0.22.0 and < 0.23", ["package tokenizers>=0.22.0,<0.23"]),
        ("- `transformers` 4.57.1", ["package transformers==4.57.1"]),
        ("- `torch` ==2.*", ["package torch==2.*"]),
        ("- `foo` (this package)", ["package foo"]),
        ("- `regex` (not 2019.12.17)", ["package regex!=2019.12.17"]),
        ("- `make` (GNU) >= 3.82", ["system GNU Make>=3.82"]),
        ("- `ray[tune,data]` >= 2.7.0", ["package ray[data,tune]>=2.7.0"]),
        ("- `Flash_Attn` ~= 2.5", ["package flash-attn~=2.5"]),
        ("- `deepspeed` >= 0.9.3 (optional)", ["package deepspeed>=0.9.3?"]),
        ("- `a` >= 1, `b` and `c` - three", ["package a>=1", "package b", "package c"]),
        ("- `a`, `b` or `c` - any", ["package a?", "package b?", "package c?"]),
        ("- `torchvision` matching the `torch` release", ["package torchvision"]),
        ("- `torch` 2 or 3, as you like", ["package torch"]),
        ("- `torch` ^2.2", ["package torch"]),
        ("- `nvidia/cuda` image", ["system nvidia/cuda"]),
        ("- a C++ compiler, only for builds", ["system a C++ compiler"]),
        ("- Docker Engine >= 23.0", ["system Docker>=23.0"]),
        ("- None required", []),
        ("Python 3.10+", ["python python>=3.10"]),
        ("The floor of 2.4 gives `torch` names that are the same on every device.", []),
        ("- Python packages:\n  - `a` >= 1\n  - `git` >= 2", ["package a>=1", "package git>=2"]),
        ("- `a` >= 1\n  - because of `b` >= 2", ["package a>=1"]),
        ("- Optional:\n  - `a` >= 1", ["package a>=1?"]),
    ],
)
def test_items(line: str, found: list[str]) -> None:
    assert [brief(one) for one in asked(f"## Dependencies\n\n{line}")] == found


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("| Python | Python >= 3.10 | note |", "python python>=3.10"),
        ("| Python | 3.11+ | `x` alone accepts 3.10+ |", "python python>=3.11"),
        ("| GPU | compute capability >= 7.0 |", "system compute capability>=7.0"),
        ("| GPU (optional) | NVIDIA, compute capability >= 7.5 | |", "system compute capability>=7.5?"),
        ("| Hardware | NVIDIA GPU (Ampere+) | compute capability >= 7.0 |", "system Hardware"),
        ("| OS | Linux x86-64 (glibc >= 2.28) | |", "system OS"),
        ("| Driver | >= 525.60.13 for CUDA 12.x | |", "system NVIDIA driver>=525.60.13"),
        ("| CUDA Toolkit | 12.x, **optional** | builds |", "system CUDA==12.*?"),
        ("| RAM | 16 GB | 8+ may do |", "system RAM"),
        ("| Software | PyTorch 2.0+ | |", "package torch>=2.0"),
    ],
)
def test_system_rows(row: str, found: str) -> None:
    table = f"| Category | Requirement | Notes |\n|---|---|---|\n{row}"
    assert [brief(one) for one in asked(f"## System Requirements\n\n{table}")] == [found]


def test_nothing_needed_is_no_requirement() -> None:
    table = "| Category | Requirement |\n|---|---|\n| GPU | none |\n"
    assert asked(f"## System Requirements\n\n{table}") == []


def test_a_table_of_packages() -> None:
    table = "| Package | Version | Required |\n|---|---|---|\n| `Torch` | >= 2.2, < 3 | yes |\n| wandb | any | No |\n"
    assert [brief(one) for one in asked(f"## Requirements\n\n{table}")] == ["package torch>=2.2,<3", "package wandb?"]


@pytest.mark.parametrize(
    ("heading", "found"),
    [
        ("### Python Packages", ["package docker>=7"]),
        ("### System Packages", ["system Docker>=7"]),
        ("### Optional Dependencies", ["system Docker>=7?"]),
        ("### Backends (choose one)", ["system Docker>=7?"]),
        ("### Environment variables", []),
        ("### Why these floors", []),
    ],
)
def test_headings_decide(heading: str, found: list[str]) -> None:
    assert [brief(one) for one in asked(f"## Dependencies\n\n{heading}\n\n- `docker` >= 7")] == found


def test_only_sections_about_requirements_count() -> None:
    assert asked("## Description\n\n- `torch` >= 2.2\n\n## Common Errors\n\n- `numpy` >= 1") == []


def test_what_is_written_and_noted_is_kept() -> None:
    (one,) = asked("## Dependencies\n\n- `torch` >= 2.6, < 3 (see [[Environment:CUDA|the build]])")
    assert (one.written, one.note, one.environment) == ("torch >= 2.6, < 3", "see the build", "Environment/E")
    (one,) = asked("## Dependencies\n\n- any GPU of this decade - newer is faster")
    assert (one.written, one.specifier, one.note) == ("any GPU of this decade", None, "newer is faster")


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ('pip install "torch>=2.2" x', ["package torch>=2.2", "package x"]),
        ("$ python3 -m pip install -U torch>=2.2 --index-url https://a.org/b", ["package torch>=2.2"]),
        ("uv pip install 'a[b]==1.*' \\\n   c  # d", ["package a[b]==1.*", "package c"]),
        ("sudo apt-get install git && pip3 install a; echo b", ["package a"]),
        ("X=1 !pip install a", ["package a"]),
        ("pip install \"a>=1; python_version < '3.11'\"", ["package a>=1?"]),
        ("pip install 'a @ git+https://a.org/b'", ["package a"]),
        ("pip install git+https://a.org/b", ["system git+https://a.org/b"]),
        ("pip install -r requirements.txt -e . a.whl $X ./b", []),
        ("# pip install a", []),
        ("pip check", []),
        ("# With extras\npip install a", ["package a?"]),
        ("pip install a==1\npip install a==2", ["package a"]),
        ("pip install 'a b", ["package a", "package b"]),
        ("conda install pytorch=2.2 -c pytorch", ["package torch==2.2.*"]),
        (
            "mamba create -n x conda-forge::numpy=1.26.4=py3 cudatoolkit=11.8 python=3.10",
            ["package numpy==1.26.4.*", "system CUDA==11.8.*", "python python==3.10.*"],
        ),
    ],
)
def test_commands(command: str, found: list[str]) -> None:
    read = asked(f"## Quick Install\n\n```bash\n{command}\n```\n\n```python\npip install no\n```")
    assert [brief(one) for one in read] == found


def test_commands_add_to_the_lists_only_what_is_new() -> None:
    listed = "## Dependencies\n\n### Required\n- `a` >= 1\n\n### Optional\n- `b`\n"
    read = asked(f"{listed}\n## Install\n\n```bash\npip install 'a>=1' 'b<3' c\n```")
    assert [brief(one) for one in read] == ["package a>=1", "package b?", "package b<3?", "package c"]


def test_what_the_system_installs_is_no_package() -> None:
    text = "## Dependencies\n- `libfoo` >= 2\n\n## Install\n\n```bash\nsudo apt-get install -y libfoo\n```"
    assert [brief(one) for one in asked(text)] == ["system libfoo>=2"]


def one(name: str, versions: str, environment: str = "Environment/A", optional: bool = False) -> Requirement:
    specifier = SpecifierSet(versions) if versions else None
    return Requirement(name, specifier, f"{name} {versions}".strip(), "package", optional, "", environment)


def test_merge() -> None:
    python = Requirement("python", SpecifierSet(">=3.10"), "Python 3.10+", "python", False, "", "Environment/B")
    merged = merge([one("a", ">=1"), one("b", "", optional=True), one("a", ">=2,<3"), python])
    assert [(m.name, shown(m.specifier), m.optional, len(m.requirements)) for m in merged] == [
        ("python", ">=3.10", False, 1),
        ("a", ">=2,<3", False, 2),
        ("b", "", True, 1),
    ]


def test_what_is_optional_does_not_bind() -> None:
    (merged,) = merge([one("a", ">=2"), one("a", "<1", optional=True)])
    assert (shown(merged.specifier), merged.optional, merged.conflict) == (">=2", False, False)
    (merged,) = merge([one("a", ">=2", optional=True), one("a", "<1", optional=True)])
    assert (merged.optional, merged.conflict) == (True, True)


def test_system_things_never_conflict() -> None:
    cuda = [Requirement("CUDA", SpecifierSet(v), v, "system", False, "", "E") for v in ("==11.*", "==12.*")]
    assert not merge(cuda)[0].conflict


@pytest.mark.parametrize(
    "versions",
    [
        ">=2,<2", ">2,<2", ">2,<=2", ">=2.4,<2.2", "==2.1,==2.2", "==2.1.*,>=2.2", "==2.1.*,<2.1", "~=2.2,>=3",
        "~=2.2.1,>=2.3", "==2.2,!=2.2", "==2.2.*,!=2.2.*", ">=2,<3,!=2.*", "==2.0,!=2", "==1!2.0,<3", ">2,==2.0.0",
        ">=2,<=2,!=2.0.0", "==2.2.*,==2.*,>=2.3", "==2.0.*,>=2.1", ">=2,<3,!=2.0.*,!=2.*", ">2,==2.post1",
    ],
)  # fmt: skip
def test_conflicts(versions: str) -> None:
    assert unsatisfiable(SpecifierSet(versions))


@pytest.mark.parametrize(
    "versions",
    [
        "", ">=2,<=2", ">2,<2.0.1", "==2.1.*,>=2.1.5", "~=2.2,<3", "~=2.2,!=2.2", "==2,==2.0.0", "==2.0.*,==2",
        "==2.0,==2.0+cu118", ">=2.0rc1,<2.0rc2", ">2.0rc1,<=2.0", ">=2,!=2.*", ">=1!1,>5", "==2.*,!=2.0.*",
        ">=2.6,<3", "==2.0.post1,>2.0rc1", "===weird,>=2", ">=2,<2.0.post1", "==2+a,!=2+b",
    ],
)  # fmt: skip
def test_no_conflicts(versions: str) -> None:
    assert not unsatisfiable(SpecifierSet(versions))


RELEASES = [f"{a}.{b}" for a in (0, 1, 2) for b in (0, 1, 2)] + ["1", "1.0.0", "1.1.1", "1!1.0"]
PHASES = [
    f"{v}{s}" for v in ("1.0", "1.1") for s in ("a1", "rc1", "rc1.dev1", ".dev0", ".dev1", ".post1", ".post2.dev1")
]
BEYOND = ["0.3", "1.0.1", "1.1.2", "1.3", "2.3", "3", "1!1.1"]
"""A release past the end of each series."""
GRID = [Version(f"{v}{s}") for v in [*RELEASES, *BEYOND] for s in ("", ".0.1", "a1", ".dev0", ".post1", "+x")]
GRID += [Version(f"{v}{s}") for v in PHASES for s in ("", "+x")]


def clauses(versions: list[str]) -> st.SearchStrategy[str]:
    plain = st.tuples(st.sampled_from([">=", ">", "<=", "<", "==", "!="]), st.sampled_from(versions))
    series = st.tuples(st.sampled_from(["==", "!="]), st.sampled_from([f"{v}.*" for v in RELEASES]))
    compatible = st.tuples(st.just("~="), st.sampled_from([v for v in versions if "." in v]))
    each = st.one_of(plain, series, compatible).map("".join)
    return st.lists(each, min_size=1, max_size=5).map(",".join)


@QUIET
@given(clauses([*RELEASES, *PHASES]))
def test_a_conflict_is_never_claimed_wrongly(written: str) -> None:
    specifier = SpecifierSet(written)
    if unsatisfiable(specifier):
        assert not [v for v in GRID if specifier.contains(v, prereleases=True)]


@QUIET
@given(clauses(RELEASES))
def test_no_conflict_between_releases_is_missed(written: str) -> None:
    specifier = SpecifierSet(written)
    assert unsatisfiable(specifier) == (not any(specifier.contains(v, prereleases=True) for v in GRID))


@QUIET
@given(clauses([*RELEASES, *PHASES]), clauses([*RELEASES, *PHASES]))
def test_combining_changes_nothing(a: str, b: str) -> None:
    both = combined([SpecifierSet(a), SpecifierSet(b)])
    for version in GRID:
        each = all(SpecifierSet(s).contains(version, prereleases=True) for s in (a, b))
        assert both.contains(version, prereleases=True) == each


@QUIET
@given(st.text(alphabet="0123456789.x*+ <>=!~-,rcapost\u2265or", max_size=30))
def test_any_text_can_be_read(text: str) -> None:
    read = read_specifier(text)
    assert read is None or text.endswith(read[1])


@QUIET
@given(st.text(alphabet="`ab[]()|\\*<>=0123456789.,:- \n#", max_size=80))
def test_any_page_can_be_read(text: str) -> None:
    for found in asked(f"## Dependencies\n\n{text}\n\n```bash\npip install {text}\n```"):
        assert found.written or found.name


COMMAND = 'pip install "torch>=2.6,<3" "ray[tune]>=2.7,!=2.8.*" numpy'


def merged_packages() -> list[Merged]:
    ray = Requirement("ray", SpecifierSet(">=2.7,!=2.8.*"), "ray", "package", False, "", "E", ("tune",))
    git = Requirement("git", SpecifierSet(">=2"), "git", "system", False, "", "E")
    return merge([one("torch", ">=2.6,<3"), ray, one("numpy", ""), one("wandb", ">=1", optional=True), git])


def test_install_command() -> None:
    assert install_command(merged_packages()) == COMMAND
    assert install_command(merge([one("wandb", "", optional=True)])) == ""


def test_pip_accepts_the_command() -> None:
    words = shlex.split(install_command(merged_packages()))[2:]
    assert [PipRequirement(word).name for word in words] == ["torch", "ray", "numpy"]
    constructors = pytest.importorskip("pip._internal.req.constructors")
    assert [constructors.install_req_from_line(word).name for word in words] == ["torch", "ray", "numpy"]


PATH = {
    "Workflow/W": "# The workflow\n[[step::Principle:P]] [[step::Principle:Q]] [[related::Environment:Z]]",
    "Principle/P": "[[implemented_by::Implementation:I]]",
    "Principle/Q": "[[implemented_by::Implementation:J]]",
    "Implementation/I": "[[requires_env::Environment:B]]",
    "Implementation/J": "[[requires_env::Environment:A]] [[requires_env::Environment:B]]",
    "Environment/A": "# A\n\nTorch is heavy.\n\n## Dependencies\n- `torch` < 2.2\n- `numpy` < 1\n",
    "Environment/B": (
        "== Overview ==\nAll about torch.\n== Dependencies ==\n=== Required ===\n* <code>torch</code> >= 2.4, < 3\n"
        "=== Optional ===\n* `numpy` >= 2\n"
    ),
    "Environment/Z": "## Dependencies\n- `torch` > 9\n",
}


def test_environments_on_path_in_reading_order() -> None:
    graph, _ = wiki(PATH)
    assert environments_on_path("Workflow/W", graph, SCHEMA) == ["Environment/B", "Environment/A"]
    assert environments_on_path("Implementation/J", graph, SCHEMA) == ["Environment/A", "Environment/B"]
    assert environments_on_path("Environment/Z", graph, SCHEMA) == ["Environment/Z"]
    assert environments_on_path("Workflow/None", graph, SCHEMA) == []


def q001(pages: dict[str, str]) -> list[Problem]:
    graph, _ = wiki(pages)
    files = {
        page.id: RawFile(page.path, page.page_type, page.stem, page.root, pages[page.id])
        for page in graph.pages.values()
    }
    return [p for rule in RULES for p in rule(Context(graph, SCHEMA, files, (), Settings({})))]


def test_a_conflict_is_a_problem_where_it_is_declared() -> None:
    (found,) = q001(PATH)
    assert (found.code, found.path, found.line, found.column) == ("Q001", "Environment/B.md", 5, 1)
    assert found.message == (
        "no version of torch suits Workflow `The workflow`: "
        "Environment/B asks for `torch >= 2.4, < 3`, Environment/A asks for `torch < 2.2`"
    )


def test_python_can_conflict_too() -> None:
    table = "## System Requirements\n\n| Category | Requirement |\n|---|---|\n| Python | {} |\n"
    pages = {**PATH, "Environment/A": table.format("3.12+"), "Environment/B": table.format("< 3.11")}
    (found,) = q001(pages)
    assert (found.path, found.line) == ("Environment/B.md", 5)
    assert "no version of python" in found.message


def test_the_sample_wiki_is_consistent() -> None:
    config = load_config(ROOT, [ROOT / "data/wikis"])
    graph = understand(config).graph
    on_path = environments_on_path("Workflow/QLoRA_Finetuning", graph, config.schema)
    merged = merge(r for page_id in on_path for r in requirements_of(graph.pages[page_id]))
    assert {m.name: shown(m.specifier) for m in merged if m.kind != "system" and not m.optional} == {
        "python": ">=3.11",
        "torch": ">=2.6,<3",
        "bitsandbytes": ">=0.48,<1",
        "transformers": ">=5.0,<6",
        "peft": ">=0.20",
        "accelerate": ">=1.10.1",
        "numpy": ">=1.26",
        "trl": ">=1.0,<2",
        "datasets": ">=4.7.0",
    }
    assert not [m.name for m in merged if m.conflict]


def test_real_pages(corpus: Path) -> None:
    config = load_config(ROOT, [corpus / "huggingface_transformers"])
    graph = understand(config).graph
    page_id = "Environment/huggingface_transformers_Tokenization_Environment"
    assert [brief(found) for found in requirements_of(graph.pages[page_id]) if found.kind != "system"] == [
        "python python>=3.10",
        "package transformers",
        "package tokenizers>=0.22.0,<=0.23.0",
        "package huggingface-hub>=1.2.1",
        "package regex!=2019.12.17",
        "package sentencepiece>=0.1.91,!=0.1.92?",
        "package protobuf?",
        "package tiktoken?",
        "package mistral-common[opencv]>=1.6.3?",
    ]
    for page in graph.pages.values():
        if page.page_type == "Environment":
            found = merge(requirements_of(page))
            assert install_command(found).startswith("pip install ")
            assert not [m.name for m in found if m.conflict]
