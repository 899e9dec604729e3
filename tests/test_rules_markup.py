"""The audit's rules about markup that is shown as text and addresses that are not linked."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit_helpers import find_locations, find_problems, write_context
from typedwiki.audit.rules_content import markup


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a]: javascript:x", ["1:1 H002"]),
        ("Text.\n\n  [a]: javascript:x", ["3:1 H002"]),
        ("See [x](javascript:y).", ["1:7 H002"]),
        ("<javascript:y>", ["1:1 H002"]),
        ("`[x](javascript:y)` [x](https://example.org)", []),
        ("A <b>b</b> <SCRIPT>x</SCRIPT>", ["1:12 H001"]),
        ("<b onclick=x>b</b>", ["1:1 H001"]),
        ("<unknown onclick=x>", []),
        ("{{< include x >}} `{{< include x >}}`", ["1:1 H001"]),
        ("```{python}\nx\n```", ["1:1 H001"]),
        ("```mermaid\ngraph TD\n  A@{img: https://example.org}\n```", ["1:1 H003"]),
    ],
)
def test_unsafe_markup_is_reported_at_its_location(tmp_path: Path, text: str, expected: list[str]) -> None:
    context = write_context(tmp_path, {"Principle/P.md": f"{text}\n"})
    assert find_locations([markup], context) == [f"Principle/P.md:{place}" for place in expected]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("P.md", "A {{ site.name }} and {% include note.html %}.", ["1:3 H005", "1:23 H005"]),
        ("P.md", "`{{ site.name }}` and {{Box|a=b}}", ["1:23 H005"]),
        ("P.md", "---\ntitle: '{{ x }}'\n---\n:material-check:", ["4:1 H005"]),
        ("P.md", "{{< figure src=x >}}", ["1:1 H001"]),
        ("P.md", '+++\ntitle = "Oven"\ntags = ["a"]\n+++\n\n# Oven', ["1:1 H005"]),
        ("P.md", "+++\n\nA sum, and no end of it.", []),
        ("P.md", "% Oven\n% Ann Example\n% 2026\n\n# Oven", ["1:1 H005"]),
        ("P.md", "Text\n\n% Oven\n\n%% a comment %%", []),
        ("P.mediawiki", "{{Flag|a|b=c}} {{!}} {{DEFAULTSORT:P}} {{reflist|2}}", ["1:1 H005"]),
        ("P.md", "{{embed [[A]]}} {{video https://example.org}}", []),
        ("P.md", "See ((67d04b34-b6c8-4ed5-a63f-aee1d3d57a69)) and ((67d04b34)).", ["1:5 H005"]),
        ("P.md", "- #+BEGIN_CENTER\n  a\n  #+END_CENTER\n- #+BEGIN_TIP\n  a\n  #+END_TIP", ["1:1 H005"]),
        ("P.mediawiki", "{{#if: a | {{b|c}} }} __NOTOC__ __SOMEWORD__", ["1:1 H005", "1:33 H005"]),
        ("P.mediawiki", "{{Infobox tool\n| version = {{version|1}}\n| [[a|b]] = c\n}}", []),
        ("P.mediawiki", "<hiero>a</hiero> <b>b</b> <name> <nowiki>{{c}}</nowiki> <ref>d</ref>", ["1:1 H005"]),
    ],
)
def test_unknown_markup_is_reported_once(tmp_path: Path, name: str, text: str, expected: list[str]) -> None:
    context = write_context(tmp_path, {f"Principle/{name}": f"{text}\n"})
    assert find_locations([markup], context) == [f"Principle/{name}:{place}" for place in expected]


def test_links_in_directives_are_read(tmp_path: Path) -> None:
    text = "````{note}\n```python\n[[Principle:Code]]\n```\n[[Principle:Gone]]\n````\n[[Principle:Away]]\n"
    context = write_context(tmp_path, {"Principle/P.md": text})
    assert [link.target for link in context.graph.pages["Principle/P"].outgoing_links] == ["Gone", "Away"]
    assert find_locations([markup], context) == []


@pytest.mark.parametrize("text", ["+++\na = 1\n+++\n", "% Oven\n\nText\n"])
def test_title_blocks_of_other_tools_have_a_hint(tmp_path: Path, text: str) -> None:
    (problem,) = find_problems([markup], write_context(tmp_path, {"Principle/P.md": text}))
    assert problem.hint.endswith("between two lines `---`")
