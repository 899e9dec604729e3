"""Headings of Markdown pages: underlined headings, and the title of the page."""

from __future__ import annotations

import pytest

from typedwiki import schema
from typedwiki.model import RawFile, WikiPage
from typedwiki.text.anchors import fragment_of
from typedwiki.text.markdown import plain
from typedwiki.text.parse import parse
from typedwiki.text.sections import with_number_signs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Clay\n---\nDig it.", "## Clay\nDig it."),
        ("**Wet** clay\n===", "# **Wet** clay"),
        ("Two\nlines\n---", "## Two lines"),
        ("- one\n- two\n---\nBelow", "- one\n- two\n\n---\nBelow"),
        ("Text\n- one\n---", "Text\n- one\n\n---"),
        ("1. one\n   more\n---", "1. one\n   more\n\n---"),
        ("> quoted\nlazy\n---", "> quoted\nlazy\n\n---"),
        ("Term\n:   Meaning\n---", "Term\n:   Meaning\n\n---"),
        ("- one\n\n  Inside\n  ---", "- one\n\n  Inside\n  ---"),
        ("- one\n\nOutside\n---", "- one\n\n## Outside"),
        ("Text\n### Sub\nMore\n---", "Text\n### Sub\n## More"),
        ("Text\n***\nMore", "Text\n\n***\nMore"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n---", "| a | b |\n|---|---|\n| 1 | 2 |\n---"),
        ("```\ncode\n---\n```", "```\ncode\n---\n```"),
    ],
)
def test_underlined_headings(text: str, expected: str) -> None:
    assert with_number_signs(text) == expected
    assert with_number_signs(expected) == expected


def page(text: str, stem: str = "kiln_log", page_type: str = "Principle") -> WikiPage:
    return parse(RawFile(f"{page_type}/{stem}.md", page_type, stem, "", text), schema.load())[0]


@pytest.mark.parametrize(
    ("stem", "heading", "title"),
    [
        ("gpu", "# GPU", "GPU"),
        ("café", "# Café", "Café"),
        ("kiln_log", "# Kiln_log", "kiln log"),
        ("kiln_log", "# Principle: Kilns", "Kilns"),
        ("kiln_log", "# Note: kilns are hot", "Note: kilns are hot"),
        ("kiln_log", "# Kilns ^first", "Kilns"),
        ("kiln_log", "# Kilns {#kilns}", "Kilns"),
        ("kiln_log", "# The sign {x}", "The sign {x}"),
        ("kiln_log", "# Kilns {/* #hot */}", "Kilns"),
        ("kiln_log", "# Kilns {.hot #kilns}", "Kilns"),
        ("kiln_log", "# Ash & \\*bone\\* with `x`", "Ash & *bone* with x"),
    ],
)
def test_title_from_the_first_heading(stem: str, heading: str, title: str) -> None:
    assert page(f"{heading}\n\nWords.", stem).page_title == title


def test_first_level_headings_move_below_a_front_matter_title() -> None:
    parsed = page("---\ntitle: Log\n---\n# Monday\n\nHot.\n\n## Noon\n\nHotter.\n\n# Tuesday\n\nCold.\n")
    assert [line for line in parsed.content.split("\n") if line.startswith("#")] == [
        "## Monday",
        "### Noon",
        "## Tuesday",
    ]


def test_entities_beside_code_and_escapes() -> None:
    assert plain("`a` &amp; \\*b\\* &copy;") == "a & *b* ©"


def test_sections_are_found_by_the_spelling_of_each_dialect() -> None:
    text = "{0} Kiln {0}\n\n{0} Hot & dry {0}\n\n{0} Kiln {0}\n\n"
    markdown = page(text.format("##"))
    wikitext = parse(RawFile("Principle/A.mediawiki", "Principle", "A", "", text.format("==")), schema.load())[0]
    assert fragment_of("Kiln#Hot & dry", markdown) == "hot-dry"
    assert fragment_of("hot%20%26%20dry", markdown) == "hot-dry"
    assert fragment_of("kiln-1", markdown) == fragment_of("Kiln_2", wikitext) == "kiln-1"
    assert fragment_of("Kiln_2", markdown) == ""
    assert fragment_of("set-x", page("# Log\n\n## Set {x}\n")) == "set-x"
    assert fragment_of("hot", page("# Log\n\n## Kilns {/* #hot */}\n")) == "hot"


def test_infobox_keeps_its_links_and_lists() -> None:
    text = "{{Infobox tool\n| made of = [[Clay]]\n| parts =\n* Lid\n* [[Grate|grate]]\n}}\nA kiln. <chem>H2O</chem>\n"
    parsed = parse(RawFile("Principle/A.mediawiki", "Principle", "A", "", text), schema.load())[0]
    assert [link.target for link in parsed.outgoing_links] == ["Clay", "Grate"]
    assert "-   **parts**:\n\n    -   Lid\n" in parsed.content
    assert "$\\mathrm{H_{2}O}$" in parsed.lead


def test_sources_are_found_after_first_level_sections() -> None:
    sources = "## Metadata\n- **Sources**: [Repo: kiln](https://github.com/acme/kiln)\n"
    divided = page(f"---\ntitle: The Kiln\n---\n# Firing\n\nHot.\n\n# Cooling\n\nSlow.\n\n{sources}")
    assert divided.content == "## Firing\n\nHot.\n\n## Cooling\n\nSlow."
    assert [source.title for source in divided.sources] == ["kiln"]
    mixed = page(f"---\ntitle: The Kiln\n---\n## Overview\nHot.\n\n# Not a title\n\n{sources}")
    assert mixed.overview == "Hot."
    assert [source.title for source in mixed.sources] == ["kiln"]
