"""The audit's rules about the content of pages: where each reports a problem, and where it must not."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from audit_helpers import find_locations, find_problems, write_context
from conftest import ROOT
from typedwiki.audit import rules_content as rules
from typedwiki.audit import rules_metadata
from typedwiki.problems import rules as known_rules

GOOD = """# Chain Rule

## Overview
How the derivative of a composition is made of its parts.

## Metadata
- **Sources**: [Book: Calculus](https://example.org/calculus)
- **Last Updated**: 2026-01-31
"""
WIKI_TEMPLATE = """{{| class="wikitable"
|-
! Knowledge Sources
|
* [[source::{source}]]
|-
! Last Updated
| {date}
|}}

== Overview ==
How the derivative of a composition is made of its parts.
"""
PAGE = "Principle/Chain_Rule.md"
ALL_RULES = (*rules.PAGE_RULES, *rules.RULES, *rules_metadata.PAGE_RULES, *rules_metadata.RULES)


def rule_locations(folder: Path, text: str, rule: object, **settings: int) -> list[str]:
    """Where one rule reports problems on a page, as "line:column"."""
    selected = [candidate for candidate in ALL_RULES if candidate is rule]
    context = write_context(folder, {PAGE: text}, **settings)  # type: ignore[arg-type]
    return [place.split(" ")[0].removeprefix(f"{PAGE}:") for place in find_locations(selected, context)]


def wiki_page(source: str = "Doc|Guide|https://example.org", date: str = "[[last_updated::2026-01-31]]") -> str:
    return WIKI_TEMPLATE.format(source=source, date=date)


@pytest.mark.parametrize("text", [GOOD, wiki_page()])
def test_complete_page_has_no_problem(tmp_path: Path, text: str) -> None:
    assert find_locations(ALL_RULES, write_context(tmp_path, {PAGE: text})) == []


def test_problems_of_an_empty_page(tmp_path: Path) -> None:
    context = write_context(tmp_path, {PAGE: ""})
    codes = ("C001", "C004", "C007", "R010")
    assert find_locations(ALL_RULES, context) == [f"{PAGE}:1:1 {code}" for code in codes]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("## Overview\n\n## Usage\nText.\n", ["1:1"]),
        ("\n# Title\n\n## Usage\nText.\n", ["2:1"]),
        ("# Title\n\nThe first paragraph counts.\n", []),
        ("---\noverview: Given here.\n---\n# Title\n", []),
        (GOOD, []),
    ],
)
def test_no_overview(tmp_path: Path, text: str, places: list[str]) -> None:
    assert rule_locations(tmp_path, text, rules.no_overview) == places


LONG = "word " * 20


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (f"# T\n\n## Overview\n\n{LONG}\n", ["5:1"]),
        (f"# T\n\n== Overview ==\n<!-- aside -->\n{LONG}\n", ["5:1"]),
        (f"---\ntitle: T\noverview: {LONG}\n---\n", ["3:11"]),
        (f"---\noverview: >\n  {LONG}\n---\n", ["3:3"]),
        (f"# T\n\n**Last Updated**: 2026-01-31\n\n{LONG}\n", ["5:1"]),
        (f"{{|\n| [[domain::A]]\n|}}\n\n{LONG}\n", ["5:1"]),
        ("# T\n\n## Overview\nshort\n\nAnother paragraph that goes on and on and on.\n", []),
    ],
)
def test_long_overview(tmp_path: Path, text: str, places: list[str]) -> None:
    assert rule_locations(tmp_path, text, rules.long_overview, overview_limit=50) == places


@pytest.mark.parametrize(
    ("overview", "places"),
    [
        ("Chain rule.", ["4:1"]),
        ("The **CHAIN** rule!", ["4:1"]),
        ("This page describes the chain rule principle.", ["4:1"]),
        ("…", ["4:1"]),
        ("ChainRule", ["4:1"]),
        ("The chain rule of derivatives.", []),
        ("", []),
        ("链式法则", []),
    ],
)
def test_overview_that_repeats_the_title(tmp_path: Path, overview: str, places: list[str]) -> None:
    assert rule_locations(tmp_path, f"# Chain Rule\n\n## Overview\n{overview}\n", rules.empty_overview) == places


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("# T\n", ["1:1"]),
        ("# T\n\n## Metadata\n- **Domains**: A\n", ["1:1"]),
        ("# T\n\n## Sources\nWhat we saw ourselves.\n", []),
        ("# T\n\n## Metadata\n- **Sources**: by hand\n", []),
        ("---\nsources: [https://example.org]\n---\n", []),
        (wiki_page(), []),
    ],
)
def test_no_sources(tmp_path: Path, text: str, places: list[str]) -> None:
    assert rule_locations(tmp_path, text, rules_metadata.no_sources) == places


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("## Metadata\n- **Sources**: [Paper](htp://example.org)\n", ["2:24"]),
        ("## Metadata\n- **Sources**:\n    - [A](https://a.org)\n    - [B](https:///x)\n", ["4:11"]),
        ("## Metadata\n| Key | Value |\n|-|-|\n| **Sources** | htps://example.org |\n", ["4:17"]),
        ("## Sources\n- [A](javascript:alert(1))\n", ["2:7"]),
        ("## Sources\n### Papers\n1. [A](<https://example.org/a b>)\n", ["3:9"]),
        ("## References\n- [A](data:text/html,x) and https://.\n", ["2:7", "2:29"]),
        ("## Sources\n- See https:/example.org, http://:80 too\n", ["2:7", "2:27"]),
        ("## Sources\n- [A](www.example.org/a)\n", ["2:7"]),
        ("---\nsources:\n  - htp://example.org\n---\n", ["3:5"]),
        ("---\nsources:\n  - title: A\n    url: 'example.org'\n---\n", ["4:11"]),
        ("---\nsources: htp://example.org\ntitle: T\n---\n", ["2:10"]),
        (wiki_page("Doc|Guide|htp://example.org"), ["5:23"]),
        (wiki_page("Doc|Guide|https://example.org/a b"), ["5:23"]),
        (wiki_page("Doc|Guide|javascript:alert(1)"), ["5:23"]),
        (wiki_page("Doc|Guide|www.example.org"), ["5:23"]),
        (wiki_page("Doc|Guide|https://https://example.org"), ["5:23"]),
        ("{{Principle\n|source = htp://example.org\n}}\n", ["2:11"]),
    ],
)
def test_bad_address(tmp_path: Path, text: str, places: list[str]) -> None:
    assert rule_locations(tmp_path, text, rules_metadata.bad_address) == places


@pytest.mark.parametrize(
    "text",
    [
        "## Sources\n- `htp://example.org` and\n\n```\n[A](htp://example.org)\n```\n",
        "## Sources\n- [A](https://example.org/a_(b)), <http://localhost:8000/x>. Note: ftp://example.org/x\n",
        '## Sources\n- [A](../files/paper.pdf "PDF"), [B](#below), [C](mailto:a@example.org), [[Principle:X]]\n',
        '## Sources\n- [A](https://example.org "title with spaces") (https://example.org/?q=a:b).\n',
        "## Usage\nCall htp://example.org.\n",
        "Not data: prose. https:// is safe.\n",
        wiki_page("Doc|Note: data: a study|https://example.org"),
        wiki_page("Doc|PEFT:LoRA"),
        wiki_page("Doc|Guide|Chapter 3"),
        wiki_page("Doc|Guide|Part: 3"),
    ],
)
def test_good_address(tmp_path: Path, text: str) -> None:
    assert rule_locations(tmp_path, text, rules_metadata.bad_address) == []


def pages_with_sources(*sources: str) -> dict[str, str]:
    return {f"Principle/P{n}.md": f"## Sources\n- {source}\n" for n, source in enumerate(sources)}


@pytest.mark.parametrize(
    ("sources", "places"),
    [
        (["https://a.org/b", "https://a.org/b", "http://a.org/b"], ["Principle/P2.md:2:3"]),
        (["https://a.org/b/", "https://www.a.org/b", "https://A.org/b", "https://a.org/b", "https://a.org/b"],
         ["Principle/P0.md:2:3", "Principle/P1.md:2:3", "Principle/P2.md:2:3"]),
        (["[A](https://a.org/b.git)", "[A](https://a.org/b)"], ["Principle/P0.md:2:7"]),
        (["[A](http://a.org)", "[A](https://a.org)"], ["Principle/P0.md:2:7"]),
        (["[A](https://a.org)", "[A](https://a.org)", "[B](https://a.org)"], ["Principle/P2.md:2:4"]),
        (["[A](https://a.org)", "https://a.org"], []),
        (["[A b](https://a.org)", "[a_b.](https://a.org)"], []),
        (["[A](https://a.org/x)", "[A](https://a.org/X)"], []),
        (["[A](https://a.org?x=1)", "[B](https://a.org?x=2)", "[C](htp://a.org)"], []),
    ],
)  # fmt: skip
def test_sources_spelled_differently(tmp_path: Path, sources: list[str], places: list[str]) -> None:
    context = write_context(tmp_path, pages_with_sources(*sources))
    assert find_locations([rules_metadata.spelled_differently], context) == [f"{place} C006" for place in places]


def test_other_spelling_of_a_source_names_a_page(tmp_path: Path) -> None:
    (problem,) = find_problems(
        [rules_metadata.spelled_differently],
        write_context(tmp_path, pages_with_sources("http://a.org", "https://a.org")),
    )
    assert "Principle/P1.md" in problem.message
    assert "`https://a.org`" in problem.message
    assert problem.severity == "info"


@pytest.mark.parametrize(
    ("text", "undated", "unreadable"),
    [
        ("\n# T\n", ["2:1"], []),
        ("# T\n\n## Metadata\n- **Last Updated**: last week\n", [], ["4:21"]),
        ("# T\n\n## Metadata\n- **Last Updated**:\n", ["1:1"], []),
        ("# T\n\n**Date:** soon\n", [], ["3:11"]),
        ("---\ndate: '2026-13-40'\n---\n# T\n", [], ["2:8"]),
        ("# T\n\n| Metadata | Value |\n|---|---|\n| **Last Updated** | ? ? |\n", [], ["5:22"]),
        (wiki_page(date="[[last_updated::soon]]"), [], ["8:19"]),
        (wiki_page(date="soon"), [], ["8:3"]),
        ("{{Principle\n|date = soon\n}}\n", [], ["2:9"]),
        (GOOD, [], []),
        (wiki_page(), [], []),
        (wiki_page(date="18 December 2025"), [], []),
        ("---\ndate: 2026-01-31  # reviewed\n---\n", [], []),
        ("# T\n\n## Metadata\n| Last Updated | 2026-01-31 |\n", [], []),
        (
            "2026-01-31\n\n## Usage\n- **Date**: the column of dates\n\n| Date | Change |\n|-|-|\n| x | y |\n",
            ["1:1"],
            [],
        ),
        ("| Date | Change |\n|---|---|\n| x | y |\n", ["1:1"], []),
        ("# T\n\n## Metadata\n```\n- **Last Updated**: soon\n```\n", ["1:1"], []),
    ],
)
def test_dates(tmp_path: Path, text: str, undated: list[str], unreadable: list[str]) -> None:
    assert rule_locations(tmp_path, text, rules_metadata.no_date) == undated
    assert rule_locations(tmp_path, text, rules_metadata.unreadable_date) == unreadable


def test_stale_page_is_reported_at_its_date_if_enabled(tmp_path: Path) -> None:
    files = {
        PAGE: "# T\n\n## Metadata\n- **Last Updated**: 2019-01-01\n",
        "Principle/New.md": f"# T\n\n## Metadata\n- **Last Updated**: {time.strftime('%Y-%m-%d')}\n",
        "Principle/None.md": "# T\n",
    }
    assert find_locations([rules_metadata.stale], write_context(tmp_path, files)) == []
    assert find_locations([rules_metadata.stale], write_context(tmp_path, files, {"C009": "info"})) == [
        f"{PAGE}:4:21 C009"
    ]
    assert (
        find_locations([rules_metadata.stale], write_context(tmp_path, files, {"C009": "info"}, stale_months=12_000))
        == []
    )


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Text\n\n```python\ncode\n", ["3:1"]),
        ("- item\n  ~~~\n  code\n  ~~\n", ["2:3"]),
        ("````\n```\n", ["1:1"]),
        ("> ```\n> code\n\nText\n", ["1:3"]),
        ('== A ==\nSee <syntaxhighlight lang="python">x\n', ["2:5"]),
        ("== A ==\n<pre>\nx\n", ["2:1"]),
        ("== A ==\n<math>x and <nowiki>y\n", ["2:1", "2:13"]),
        ('== A ==\n<source lang="c">x\n', ["2:1"]),
        ("{|\n| a\n\n== B ==\ntext\n|}\n", ["1:1"]),
        ("{|\n|\n  {|\n| b\n|}\n", ["1:1"]),
        ("{{Principle|a=b\n\n== A ==\n{{note|x}}\n", ["1:1"]),
        ("== A ==\n{{#mermaid:graph TD\nA-->B\n", ["2:1"]),
    ],
)
def test_unclosed(tmp_path: Path, text: str, places: list[str]) -> None:
    assert rule_locations(tmp_path, text, rules.unclosed) == places


@pytest.mark.parametrize(
    "text",
    [
        "```\n<pre>\n{|\n{{a|\n```\n~~~~\n```\n~~~~\n",
        "> ```\n> code\n> ```\n\n- item\n  ```\n  x\n  ```\n\n``` inline ```\n",
        "`<pre>` and `{|` and `{{a|`, \\<pre>, <br>, <pre/>, <nowiki />\n",
        "<audio><source src='a.ogg'></audio> cp <source> <target>\n",
        "== A ==\n{|\n|\n{|\n| b\n|}\n|}\n<pre>\n{|\n</pre>\n",
        "{{Principle\n|name = {{x}}\n|}}\n",
        "{{#mermaid:graph TD\nA{{x}}-->B\n}}\n",
        "Braces { and {{ and {{x}} and a | b\n\n$$\n\\frac{{a|b}}{c}\n$$\n",
    ],
)
def test_closed(tmp_path: Path, text: str) -> None:
    assert rule_locations(tmp_path, text, rules.unclosed) == []


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("# Title\n\n### Deep\n", ["3:1"]),
        ("## A\n#### B\n##### C\n# D\n### E\n", ["2:1", "5:1"]),
        ("== A ==\n==== B ====\n== C ==\n", ["2:1"]),
        ("# Title\n\n== A ==\n\n#### B\n", ["5:1"]),
        ("Title\n=====\n\n### Deep\n", ["4:1"]),
        ("# Title\n\n### `code`\n", ["3:1"]),
        ("### First\n## A\n### B\n# C\n", []),
        ("## A\n```\n#### not one\n```\n<!--\n#### nor this\n-->\n", []),
        ("== A ==\n== B ==\n== C ==\n# item\n## item\n#### item\n", []),
        ("== A ==\n<pre>\n==== no ====\n</pre>\n", []),
        ("---\ntitle: T\n---\n### First\n", []),
    ],
)
def test_skipped_levels(tmp_path: Path, text: str, places: list[str]) -> None:
    assert rule_locations(tmp_path, text, rules.skipped_level) == places


@pytest.mark.parametrize(
    ("pages", "places"),
    [
        ({"Principle/A.md": "# Loss", "Principle/B.md": "\n# loss", "Principle/C.md": "# LOSS"},
         ["Principle/B.md:2:1", "Principle/C.md:1:1"]),
        ({"Principle/A.md": "# Loss", "Heuristic/B.md": "# Loss"}, []),
        ({"a/Principle/Loss.md": "# Loss", "b/Principle/Loss.md": "# Loss"}, []),
        ({f"{ns}/{t}/{ns}_{n}.md": "" for ns in ("a", "b") for t in ("Principle", "Heuristic") for n in "XYZ"}, []),
    ],
)  # fmt: skip
def test_same_title(tmp_path: Path, pages: dict[str, str], places: list[str]) -> None:
    assert find_locations([rules.same_title], write_context(tmp_path, pages)) == [f"{place} C012" for place in places]


@pytest.mark.skipif(sys.platform != "linux", reason="the file system forbids such names")
def test_names_that_differ_in_case_only(tmp_path: Path) -> None:
    files = dict.fromkeys(("Principle/Loss.md", "Principle/loss.md", "Principle/x/LOSS.md", "Heuristic/loss.md"), "")
    assert find_locations([rules.same_but_case], write_context(tmp_path, files)) == ["Principle/loss.md:1:1 C013"]


@pytest.mark.skipif(sys.platform != "linux", reason="the file system forbids such names")
@pytest.mark.parametrize(
    ("path", "reported"),
    [
        ("Principle/con.md", True),
        ("Principle/COM1.notes.md", True),
        ("Principle/What?.md", True),
        ("Principle/a:b.md", True),
        ("Principle/a\\b.md", True),
        ("nul/Principle/A.md", True),
        ("Principle/more./A.md", True),
        ("Principle/more /A.md", True),
        ("Principle/console.md", False),
        ("Principle/COM10.md", False),
        ("Principle/A (b), c.md", False),
        ("Principle/Über_größe.md", False),
    ],
)
def test_names_reserved_on_windows(tmp_path: Path, path: str, reported: bool) -> None:
    context = write_context(tmp_path, {path: ""})
    assert find_locations([rules.reserved_name], context) == [f"{path}:1:1 C014"] * reported


def test_names_that_quarto_skips(tmp_path: Path) -> None:
    context = write_context(tmp_path, {"Principle/README.md": "\n# T\n", "Principle/Readme_first.md": ""})
    assert find_locations([rules.skipped_name], context) == ["Principle/README.md:2:1 C015"]


def test_every_content_rule_is_tested() -> None:
    """The codes in the docstrings are those of rules.yml."""
    documented = {rule.__doc__[:4] for rule in ALL_RULES if rule.__doc__ and rule.__doc__.startswith("C")}
    assert documented == {code for code in known_rules() if code.startswith("C")}


def test_sample_wiki_has_no_warnings(tmp_path: Path) -> None:
    sample = ROOT / "data/wikis"
    files = {str(p.relative_to(sample)): p.read_text(encoding="utf-8") for p in sample.rglob("*.md")}
    assert {p.severity for p in find_problems(ALL_RULES, write_context(tmp_path, files))} <= {"info"}


@pytest.mark.slow
def test_cost_is_linear(tmp_path: Path) -> None:
    """Hostile pages: thousands of unclosed openers, headings and addresses."""
    parts = (
        "{{a|\n",
        "<pre>\n",
        "{|\n",
        "#### x\n\n",
        "- [a](htp://x)\n",
        "**Sources**: x\n",
        "! Sources\n",
        "[[source::a|b|c]]\n",
    )
    started = time.process_time()
    for number, part in enumerate(parts):
        files = {f"Principle/P{number}.md": f"## Sources\n{part * 4000}"}
        find_locations(ALL_RULES, write_context(tmp_path / str(number), files))
    assert time.process_time() - started < 20
