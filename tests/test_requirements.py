"""Requirements of Environment pages: how they are read, merged along a path, and checked for conflicts."""

from __future__ import annotations

import shlex
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement as PipRequirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conftest import ROOT
from test_resolve import SCHEMA, resolve_wiki
from typedwiki.audit.context import Context
from typedwiki.audit.rules_graph import REQUIREMENT_RULES
from typedwiki.config import Settings, load_config
from typedwiki.model import RawFile, WikiPage
from typedwiki.pipeline import load_wiki
from typedwiki.problems import Problem
from typedwiki.requirements.inherit import wiki_requirements
from typedwiki.requirements.install import environment_yml, install_commands, requirements_txt
from typedwiki.requirements.merge import MergedRequirements, environments_on_path, merge
from typedwiki.requirements.model import (
    Origin,
    PageRequirements,
    Requirement,
    combine,
    format_specifier,
    read_specifier,
)
from typedwiki.requirements.read import read_page

HYPOTHESIS_SETTINGS = settings(database=None, deadline=None)
"""Without files beside the project, and without a deadline."""


def pip_command(merged: MergedRequirements) -> str:
    """The command that installs the required packages for Python; empty if there are none."""
    return dict(install_commands(merged.packages)).get("pip", "")


def read_requirements(text: str) -> PageRequirements:
    """The requirements of a page with this text."""
    graph, _ = resolve_wiki({"Environment/E": f"# E\n\n{text}\n"})
    return read_page(graph.pages["Environment/E"], f"# E\n\n{text}\n")


def format_row(row: Requirement) -> str:
    """A row in the notation of tests/cases/requirements.md."""
    if row.kind in ("fact", "prose"):
        text = f"{row.kind} {row.name}" + (f": {row.written}" if row.kind == "fact" and row.written else "")
    else:
        extras = f"[{','.join(row.extras)}]" if row.extras else ""
        text = f"{row.kind} {row.name}{extras}{','.join(sorted(map(str, row.specifier))) or row.constraint}"
    text += f" @ {row.url}" if row.url else ""
    text += f"; {row.marker}" if row.marker else ""
    text += f" ? {row.condition}".rstrip() if row.optional else ""
    if row.alternative:
        text += f" {{{'some' if row.alternative.several else 'one'}: {row.alternative.name}}}"
    return text


def load_cases() -> list[tuple[str, str, list[str]]]:
    """Heading path, lines and expected rows of tests/cases/requirements.md."""
    text = (ROOT / "tests/cases/requirements.md").read_text(encoding="utf-8").partition("\n\n")[2]
    result: list[tuple[str, str, list[str]]] = []
    heading, subheading = "", ""
    lines: list[str] = []
    expected: list[str] = []
    for line in [*text.splitlines(), ""]:
        if expected and not line.startswith("=>"):
            result.append(
                (f"{heading}\n\n{subheading}".strip(), "\n".join(lines), [row for row in expected if row != "nothing"])
            )
            lines, expected = [], []
        if line.startswith("## "):
            heading, subheading = line, ""
        elif line.startswith("### "):
            subheading = line
        elif line.startswith("=> "):
            expected.append(line[3:])
        elif line:
            lines.append(line)
    return result


@pytest.mark.parametrize(("heading", "lines", "expected"), load_cases())
def test_cases_of_requirement_lines(heading: str, lines: str, expected: list[str]) -> None:
    assert [format_row(row) for row in read_requirements(f"{heading}\n\n{lines}").rows] == expected


def test_there_are_enough_cases() -> None:
    assert len(load_cases()) >= 60


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("| Python | Python >= 3.10 | note |", "fact Python: >= 3.10"),
        ("| OS | Linux x86-64 (glibc >= 2.28) | |", "fact OS: Linux x86-64 (glibc >= 2.28)"),
        ("| GPU | compute capability >= 7.0 |", "fact compute capability: compute capability >= 7.0"),
        (
            "| GPU (optional) | NVIDIA, compute capability >= 7.5 | |",
            "fact compute capability: NVIDIA, compute capability >= 7.5 ?",
        ),
        ("| GPU | 8 GB VRAM | |", "fact VRAM: 8 GB"),
        ("| GPU VRAM | 24GB | |", "fact VRAM: 24 GB"),
        ("| Driver | >= 525.60.13 for CUDA 12.x | |", "fact NVIDIA driver: >= 525.60.13 for CUDA 12.x"),
        ("| CUDA Toolkit | 12.x, **optional** | builds |", "fact CUDA: 12.x ?"),
        ("| RAM | 16 GB | 8+ may do |", "fact Memory: 16 GB"),
        ("| Memory | 16-32 GB |", "fact Memory: 16 GB"),
        ("| RAM | 8GB min, 16GB recommended |", "fact Memory: 8 GB"),
        ("| Disk | ~2GB |", "fact Disk: 2 GB"),
        ("| Packages | `bran` >= 2.0 |", "pip bran>=2.0"),
    ],
)
def test_rows_of_system_requirements(row: str, expected: str) -> None:
    table = f"| Category | Requirement | Notes |\n|---|---|---|\n{row}"
    assert [
        format_row(requirement) for requirement in read_requirements(f"## System Requirements\n\n{table}").rows
    ] == [expected]


def test_none_is_not_a_requirement() -> None:
    table = "| Category | Requirement |\n|---|---|\n| GPU | none |\n| Disk | None required |\n"
    assert read_requirements(f"## System Requirements\n\n{table}").rows == ()


def test_only_a_package_column_names_packages() -> None:
    table = (
        "| Supplier | Package | Version | Required |\n|---|---|---|---|"
        "\n| Mill | `Bran` | >= 2.2, < 3 | yes |\n| Sons | husk | any | No |\n"
    )
    rows = read_requirements(f"## Requirements\n\n{table}").rows
    assert [format_row(row) for row in rows] == ["pip bran<3,>=2.2", "pip husk ?"]
    assert [row.note for row in rows] == ["Mill", "Sons"]
    assert [
        format_row(row)
        for row in read_requirements("## Dependencies\n\n| Name | Version |\n|---|---|\n| bran | 2 |").rows
    ] == ["fact bran: 2"]


def test_install_column_gives_the_ecosystem_and_conflicts_are_reported() -> None:
    table = (
        "| Maker | Package | Install command |\n|---|---|---|"
        "\n| A | `bran` | `pip install 'bran[x]>=1'` |\n| B | `husk` | `npm install husk` |\n| C"
        " | `germ` | `pip install evil` |\n"
    )
    page = read_requirements(f"## Optional sieves\n\n{table}")
    assert [format_row(row) for row in page.rows] == ["pip bran[x]>=1 ?", "npm husk ?", "pip germ ?"]
    assert ["evil" in remark.message for remark in page.disagreements] == [True]


def test_html_tables_are_read() -> None:
    table = (
        "<table><tr><th>Package</th><th>Version</th></tr><tr><td><code>bran</code></td><td>&gt;= 2</td></tr></table>"
    )
    page = WikiPage("Environment/E", "E", "Environment", "", f"## Dependencies\n\n{table}\n")
    assert [format_row(row) for row in read_page(page, "").rows] == ["pip bran>=2"]


def test_block_of_requirements_is_read() -> None:
    block = "```text\nbran>=2\nhusk==1.4  # pinned\n-e .\n```"
    assert [format_row(row) for row in read_requirements(f"## Dependencies\n\n{block}").rows] == [
        "pip bran>=2",
        "pip husk==1.4",
    ]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ('pip install "bran>=2.2" x', ["pip bran>=2.2", "pip x"]),
        ("$ python3 -m pip install -U bran>=2.2 --index-url https://a.org/b", ["pip bran>=2.2"]),
        ("uv pip install 'bran[b]==1.*' \\\n   husk  # d", ["pip bran[b]==1.*", "pip husk"]),
        ("uv add bran && poetry add husk", ["pip bran", "pip husk"]),
        ("sudo apt-get install -y libmill && pip3 install bran; echo b", ["apt libmill", "pip bran"]),
        ("X=1 !pip install bran", ["pip bran"]),
        ("pip install \"bran>=1; python_version < '3.11'\"", ['pip bran>=1; python_version < "3.11"']),
        ("pip install 'bran @ git+https://a.org/b'", ["pip bran @ git+https://a.org/b"]),
        ("pip install -r requirements.txt -e . bran.whl $X ./b", []),
        ("# pip install bran", []),
        ("pip check", []),
        ("# With extras\npip install bran", ["pip bran ? with extras"]),
        (
            "# Option A\npip install bran\n# Option B\npip install husk",
            ["pip bran {one: Option A}", "pip husk {one: Option B}"],
        ),
        ("pip install bran==1\npip install bran==2", ["pip bran"]),
        ("conda install mill=2.2 -c mills", ["conda mill=2.2"]),
        ("npm install mill-board@^4", ["npm mill-board^4"]),
        ("cargo add mill", ["cargo mill"]),
        ("docker pull mill/stone:2", ["docker mill/stone:2"]),
        ("pip install 'bran;rm -rf /' '$(id)' 'husk[a' \"germ; python_version < '3'\"\"'\"", []),
        ("pip install 'bran husk", []),
    ],
)
def test_install_commands_are_read(command: str, expected: list[str]) -> None:
    page = read_requirements(f"## Quick Install\n\n```bash\n{command}\n```\n\n```python\npip install no\n```")
    assert [format_row(row) for row in page.rows] == expected


def test_lists_prevail_over_commands_and_differences_are_reported() -> None:
    lists = "## Dependencies\n\n- `bran` >= 1\n- `husk`\n\n### Optional\n- `germ`\n"
    page = read_requirements(f"{lists}\n## Install\n\n```bash\npip install bran 'husk<3' chaff\n```")
    assert [format_row(row) for row in page.rows] == [
        "pip bran>=1",
        "pip husk",
        "pip germ ?",
        "pip husk<3",
        "pip chaff",
    ]
    (remark,) = page.disagreements
    assert remark.origin.line == 14
    assert "bran>=1" in remark.message
    assert "chaff" in remark.message


def test_package_installed_by_another_tool_is_not_a_pip_package() -> None:
    text = "## Dependencies\n- `libmill` >= 2\n\n## Install\n\n```bash\nsudo apt-get install -y libmill\n```"
    assert [format_row(row) for row in read_requirements(text).rows] == ["apt libmill>=2"]


def test_every_row_has_its_location() -> None:
    text = "## Dependencies\n\n- `bran` >= 2.6 (see [[Environment:Mill|the mill]])\n- `bran`\n"
    first, second = read_requirements(text).rows
    assert (first.origin.line, first.written, first.note) == (5, "bran >= 2.6", "see the mill")
    assert second.origin.line == 6
    assert first.origin.text == "bran >= 2.6 (see the mill)"


def test_unclear_line_is_reported_with_a_hint() -> None:
    (remark,) = read_requirements("## Dependencies\n\n- Use `bran` where it helps\n- a compiler\n").unclear
    assert remark.origin.line == 5
    assert "`bran` >= 1.0" in remark.hint


@pytest.mark.parametrize(
    ("specifiers", "expected"),
    [
        ([">=2.1", ">=2.3,<3"], ">=2.3,<3"),
        (["==2.*", "==2.1.0", ">=2.1,<2.3"], "==2.1.0"),
        ([">=1", "!=0.9"], ">=1"),
        ([">=3", "<2"], ">=3,<2"),
        (["===weird", ">=2"], "===weird,>=2"),
        ([">=1", ">=1"], ">=1"),
    ],
)
def test_implied_clauses_are_omitted(specifiers: list[str], expected: str) -> None:
    assert format_specifier(combine(map(SpecifierSet, specifiers))) == expected


RELEASES = [f"{a}.{b}" for a in (0, 1, 2) for b in (0, 1, 2)] + ["1", "1.0.0", "1.1.1", "1!1.0"]
PHASES = [
    f"{v}{s}" for v in ("1.0", "1.1") for s in ("a1", "rc1", "rc1.dev1", ".dev0", ".dev1", ".post1", ".post2.dev1")
]
LATER_RELEASES = ["0.3", "1.0.1", "1.1.2", "1.3", "2.3", "3", "1!1.1"]
"""A release past the end of each series."""
GRID = [Version(f"{v}{s}") for v in [*RELEASES, *LATER_RELEASES] for s in ("", ".0.1", "a1", ".dev0", ".post1", "+x")]
GRID += [Version(f"{v}{s}") for v in PHASES for s in ("", "+x")]


def clauses(versions: list[str]) -> st.SearchStrategy[str]:
    plain = st.tuples(st.sampled_from([">=", ">", "<=", "<", "==", "!="]), st.sampled_from(versions))
    series = st.tuples(st.sampled_from(["==", "!="]), st.sampled_from([f"{v}.*" for v in RELEASES]))
    compatible = st.tuples(st.just("~="), st.sampled_from([v for v in versions if "." in v]))
    clause = st.one_of(plain, series, compatible).map("".join)
    return st.lists(clause, min_size=1, max_size=5).map(",".join)


@HYPOTHESIS_SETTINGS
@given(clauses([*RELEASES, *PHASES]), clauses([*RELEASES, *PHASES]))
def test_combined_specifiers_accept_the_same_versions(a: str, b: str) -> None:
    merge_facts = combine([SpecifierSet(a), SpecifierSet(b)])
    for version in GRID:
        accepted = all(SpecifierSet(s).contains(version, prereleases=True) for s in (a, b))
        assert merge_facts.contains(version, prereleases=True) == accepted


@HYPOTHESIS_SETTINGS
@given(st.text(alphabet="0123456789.x*+ <>=!~-,rcapost\u2265or", max_size=30))
def test_any_text_can_be_read_as_a_specifier(text: str) -> None:
    result = read_specifier(text)
    assert result is None or text.endswith(result[1])


@HYPOTHESIS_SETTINGS
@given(st.text(alphabet="`ab[]()|\\*<>=0123456789.,:- \n#;'$or", max_size=80))
def test_any_page_can_be_read_and_its_command_is_safe(text: str) -> None:
    page = read_requirements(f"## Dependencies\n\n{text}\n\n```bash\npip install {text}\n```")
    for kind, command in install_commands(merge(page.rows).packages):
        if kind == "pip":
            for word in shlex.split(command)[2:]:
                assert word.startswith("git+") or PipRequirement(word).name


def merged_requirements(text: str, **pages: str) -> MergedRequirements:
    """The merged requirements of a page with this text, beside other Environments by stem."""
    texts = {"Environment/E": f"# E\n\n{text}\n"} | {f"Environment/{name}": body for name, body in pages.items()}
    graph, _ = resolve_wiki(texts)
    return merge(wiki_requirements(graph.pages.values(), {}, SCHEMA, {}).rows["Environment/E"])


def merge_facts(first: str, second: str) -> MergedRequirements:
    """The merged requirements of two pages with system requirements."""
    head = "## System Requirements\n\n| Category | Requirement |\n|---|---|\n"
    graph, _ = resolve_wiki({"Environment/A": f"{head}{first}\n", "Environment/B": f"{head}{second}\n"})
    return merge(row for rows in wiki_requirements(graph.pages.values(), {}, SCHEMA, {}).rows.values() for row in rows)


@pytest.mark.parametrize(
    ("first", "second", "value", "conflict"),
    [
        ("| OS | Linux |", "| OS | Linux, macOS, Windows |", "Linux", False),
        ("| OS | Linux |", "| OS | Windows |", "Linux and Windows", True),
        ("| OS | Any platform |", "| OS | macOS or Linux |", "Linux, macOS", False),
        ("| Memory | 8GB+ |", "| RAM | 32 GB RAM |", "32 GB", False),
        ("| Disk | 500 MB |", "| Disk | 2GB |", "2 GB", False),
        ("| GPU | 8 GB VRAM |", "| GPU memory | 12 GB |", "12 GB", False),
        ("| Python | 3.10+ |", "| Python | >= 3.9, < 3.13 |", ">=3.10,<3.13", False),
        ("| Python | 3.12+ |", "| Python | < 3.11 |", ">=3.12 and <3.11", True),
        ("| CUDA | 11.8 or 12.x |", "| CUDA | 12.1+ or ROCm 6 |", "12.x, at least 12.1", False),
        ("| CUDA | 11.8 |", "| CUDA | 12.1 |", "11.8 and 12.1", False),
        ("| Network | fast |", "| Network | Fast |", "fast", False),
        ("| Hardware | a mill |", "| Hardware | a river |", "a mill; a river", False),
    ],
)
def test_facts_of_two_pages_are_merged(first: str, second: str, value: str, conflict: bool) -> None:
    (fact,) = merge_facts(first, second).facts
    assert (fact.value, fact.conflict, len(fact.rows)) == (value, conflict, 2)


def test_excluded_alternative_is_noted() -> None:
    (fact,) = merge_facts("| CUDA | 11.8 or 12.x |", "| CUDA | 12.1+ or ROCm 6 |").facts
    assert "ROCm 6 is an alternative of B that A does not allow" in fact.notes


MILL = (
    "# Mill\n\n## System Requirements\n\n| Category | Requirement |\n|---|---|"
    "\n| GPU | 8 GB VRAM |\n\n## Dependencies\n\n- `bran` >= 1\n"
)


@pytest.mark.parametrize(
    "line",
    [
        "All packages from `Mill`",
        "All dependencies of [[Environment:Mill]]",
        "Everything from [the mill](../Environment/Mill.md)",
        "Same as [[Environment:Mill|the mill]]",
        "Everything listed in Mill",
        "Includes all packages from the Mill environment",
    ],
)
def test_page_inherits_requirements_of_another(line: str) -> None:
    merged = merged_requirements(f"## Dependencies\n\n- {line}\n- `husk`", Mill=MILL)
    assert pip_command(merged) == "pip install 'bran>=1' husk"
    assert [row.origin.page for package in merged.packages for row in package.rows] == [
        "Environment/Mill",
        "Environment/E",
    ]
    assert not merged.facts
    assert not merged.also


def test_single_fact_is_inherited() -> None:
    row = "## System Requirements\n\n| Category | Requirement |\n|---|---|\n| GPU | Same as `Mill` |"
    merged = merged_requirements(row, Mill=MILL)
    assert [(fact.name, fact.value) for fact in merged.facts] == [("VRAM", "8 GB")]
    assert not merged.packages


def test_circular_and_unknown_inheritance_is_reported() -> None:
    pages = {
        "Environment/A": "## Dependencies\n- `bran`\n- All packages from `B`\n- All packages from `Mil`\n",
        "Environment/B": "## Dependencies\n- `husk`\n- Everything from `A`\n",
        "Environment/Mill": MILL,
    }
    graph, _ = resolve_wiki(pages)
    requirements = wiki_requirements(graph.pages.values(), {}, SCHEMA, {})
    assert [pip_command(merge(requirements.rows[page_id])) for page_id in ("Environment/A", "Environment/B")] == [
        "pip install bran husk"
    ] * 2
    unknown, circle = requirements.inheritance
    assert (unknown.message, unknown.hint) == ("`Mil` is no Environment of this wiki", "did you mean `Mill`?")
    assert "Environment/A (line" in circle.message
    assert "Environment/B (line" in circle.message


@pytest.mark.slow
def test_long_chain_is_no_cycle() -> None:
    pages = {f"Environment/E{n}": f"## Dependencies\n- All packages from `E{n + 1}`\n" for n in range(1000)}
    graph, _ = resolve_wiki({**pages, "Environment/E1000": MILL})
    assert wiki_requirements(graph.pages.values(), {}, SCHEMA, {}).inheritance == ()


def pip_requirement(
    name: str, versions: str, environment: str = "Environment/A", optional: bool = False
) -> Requirement:
    origin = Origin(environment, 1, f"{name} {versions}")
    return Requirement("pip", name, origin, f"{name} {versions}".strip(), SpecifierSet(versions), optional=optional)


def test_packages_are_merged_by_intersection() -> None:
    merged = merge(
        [
            pip_requirement("bran", ">=1"),
            pip_requirement("husk", "", optional=True),
            pip_requirement("bran", ">=2,<3", "Environment/B"),
        ]
    )
    assert [(m.name, m.value, len(m.rows)) for m in merged.packages] == [("bran", ">=2,<3", 2)]
    assert [m.name for m in merged.optional] == ["husk"]


def test_optional_requirements_do_not_restrict() -> None:
    (merged,) = merge([pip_requirement("bran", ">=2"), pip_requirement("bran", "<1", optional=True)]).packages
    assert (merged.value, merged.conflict) == (">=2", False)
    (merged,) = merge(
        [pip_requirement("bran", ">=2", optional=True), pip_requirement("bran", "<1", optional=True)]
    ).optional
    assert merged.conflict


def test_install_commands_have_the_syntax_of_package_managers() -> None:
    text = (
        "## Dependencies\n\n- `bran` >= 2.1, < 3\n- `Husk[b,a]`\n- `germ` = 2.1.4\n- `rye ~= 3.4` ; only on Linux\n"
        "- `oats @ git+https://example.org/oats.git@v1`\n\n### npm\n- `mill-board` ^4.2.0\n"
        "\n### System Packages\n- `libmill` >= 3\n"
        "\n### Conda\n- `mill=11.8`\n\n### Docker\n- `mill/stone:2.1`\n\n### Cargo\n- `grind` 1.0"
    )
    assert install_commands(merged_requirements(text).packages) == [
        (
            "pip",
            "pip install 'bran<3,>=2.1' germ==2.1.4 'husk[a,b]' 'oats @ git+https://example.org/oats.git@v1' "
            "'rye~=3.4; sys_platform == \"linux\"'",
        ),
        ("conda", "conda install mill=11.8"),
        ("npm", "npm install mill-board@^4.2.0"),
        ("apt", "sudo apt-get install libmill"),
        ("cargo", "cargo add grind@1.0"),
        ("docker", "docker pull mill/stone:2.1"),
    ]


def test_pip_command_and_requirements_file_are_valid() -> None:
    merged = merged_requirements(
        "## Dependencies\n\n- `bran` >= 2, != 2.3\n- `husk[a]` ; only on Linux\n- `rye` or `oats`\n- `germ` (optional)"
    )
    words = shlex.split(pip_command(merged))[2:]
    assert [PipRequirement(word).name for word in words] == ["bran", "husk"]
    lines = [line for line in requirements_txt(merged, "W").splitlines() if line and not line.startswith("#")]
    assert [PipRequirement(line).name for line in lines] == ["bran", "husk"]


def test_conda_environment_file() -> None:
    assert environment_yml(merged_requirements("## Dependencies\n- `bran`"), "W") == ""
    text = "## Dependencies\n- `bran` >= 2\n- Python 3.11+\n\n### Conda\n- `mill=11.8`"
    data = yaml.safe_load(environment_yml(merged_requirements(text), "The mill"))
    assert data == {
        "name": "the-mill",
        "channels": ["conda-forge"],
        "dependencies": ["python >=3.11", "mill=11.8", "pip", {"pip": ["bran>=2"]}],
    }


PATH_PAGES = {
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
    graph, _ = resolve_wiki(PATH_PAGES)
    assert environments_on_path("Workflow/W", graph, SCHEMA) == ["Environment/B", "Environment/A"]
    assert environments_on_path("Implementation/J", graph, SCHEMA) == ["Environment/A", "Environment/B"]
    assert environments_on_path("Environment/Z", graph, SCHEMA) == ["Environment/Z"]
    assert environments_on_path("Workflow/None", graph, SCHEMA) == []


def find_conflicts(pages: dict[str, str]) -> list[Problem]:
    graph, _ = resolve_wiki(pages)
    files = {
        page.id: RawFile(page.path, page.page_type, page.stem, page.root, pages[page.id])
        for page in graph.pages.values()
    }
    requirements = wiki_requirements(graph.pages.values(), files, SCHEMA, {})
    context = Context(graph, SCHEMA, files, (), Settings({}), requirements=requirements)
    return [problem for rule in REQUIREMENT_RULES for problem in rule(context)]


def test_conflict_is_reported_where_it_is_declared() -> None:
    (problem,) = find_conflicts(PATH_PAGES)
    assert (problem.code, problem.path, problem.line, problem.column) == ("Q001", "Environment/B.md", 5, 1)
    assert problem.message == (
        "no version of torch suits Workflow `The workflow`: "
        "Environment/B (line 5) asks for `torch >= 2.4, < 3`, Environment/A (line 6) asks for `torch < 2.2`"
    )


def test_python_versions_can_conflict() -> None:
    table = "## System Requirements\n\n| Category | Requirement |\n|---|---|\n| Python | {} |\n"
    pages = {**PATH_PAGES, "Environment/A": table.format("3.12+"), "Environment/B": table.format("< 3.11")}
    (problem,) = find_conflicts(pages)
    assert (problem.path, problem.line) == ("Environment/B.md", 5)
    assert "no version of Python" in problem.message


def test_operating_systems_can_conflict() -> None:
    table = "## System Requirements\n\n| Category | Requirement |\n|---|---|\n| OS | {} |\n"
    (problem,) = find_conflicts(
        {**PATH_PAGES, "Environment/A": table.format("Linux"), "Environment/B": table.format("Windows")}
    )
    assert problem.message.startswith("no operating system suits Workflow `The workflow`")
    assert "Linux" in problem.message
    assert "Windows" in problem.message


def test_sample_wiki_is_consistent() -> None:
    config = load_config(ROOT, [ROOT / "data/wikis"])
    loaded = load_wiki(config)
    on_path = environments_on_path("Workflow/QLoRA_Finetuning", loaded.graph, config.schema)
    merged = merge(row for page_id in on_path for row in loaded.context.requirements.rows[page_id])
    assert {m.name: m.value for m in merged.packages} == {
        "torch": ">=2.6,<3",
        "bitsandbytes": ">=0.48,<1",
        "transformers": ">=5.0,<6",
        "peft": ">=0.20",
        "accelerate": ">=1.10.1",
        "numpy": ">=1.26",
        "trl": ">=1.0,<2",
        "datasets": ">=4.7.0",
    }
    assert {m.name: m.value for m in merged.facts}["Python"] == ">=3.11"
    assert not [m.name for m in merged.entries() if m.conflict]


def test_requirements_of_a_real_wiki(corpus: Path) -> None:
    config = load_config(ROOT, [corpus / "huggingface_transformers"])
    rows = load_wiki(config).context.requirements.rows
    page_id = "Environment/huggingface_transformers_Tokenization_Environment"
    assert [format_row(row).partition(" ? ")[0] for row in rows[page_id] if row.kind == "pip"] == [
        "pip transformers",
        "pip tokenizers<=0.23.0,>=0.22.0",
        "pip huggingface-hub>=1.2.1",
        "pip regex!=2019.12.17",
        "pip sentencepiece!=0.1.92,>=0.1.91",
        "pip protobuf",
        "pip tiktoken",
        "pip mistral-common[opencv]>=1.6.3",
    ]
    assert [row.optional for row in rows[page_id] if row.kind == "pip"] == [False] * 4 + [True] * 4
    for requirements in rows.values():
        assert pip_command(merge(requirements)).startswith("pip install ")
        assert not [m.name for m in merge(requirements).entries() if m.conflict]


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "- " + "`bran`, " * 2000,
        "- " + "`bran` or " * 2000,
        "- `bran` " + "optional " * 5000,
        "- Same as " + "A " * 5000,
        "- " + "[[a|" * 5000,
        "| OS | " + "not " * 5000 + "|",
        "| Memory | " + "1 GB " * 5000 + "|",
        "```bash\npip install " + "'bran' " * 2000 + "\n```",
        "```\n=\n```\n\n" * 5000,
    ],
    ids=lambda text: text[:16],
)
def test_cost_of_long_lines_and_pages_is_linear(text: str) -> None:
    head = "| A | B |\n|---|---|\n" if text.startswith("|") else ""
    started = time.process_time()
    read_requirements(f"## System Requirements\n\n## Dependencies\n\n{head}{text}")
    assert time.process_time() - started < 10
