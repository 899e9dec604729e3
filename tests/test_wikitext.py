"""Conversion of both dialects, by its table of cases."""

from __future__ import annotations

import re

import pytest

import cases
from typedwiki.text.links import MARK, scan
from typedwiki.text.wikitext import convert


def converted(text: str, wiki: bool) -> str:
    markdown = convert(text, scan(text, indented_code=not wiki), wiki).markdown
    return re.sub(r"\n{3,}", "\n\n", MARK.sub(lambda m: f"⟦{m[2]}⟧", markdown)).strip()


@pytest.mark.parametrize("case", cases.load("wikitext"), ids=lambda case: case.title)
def test_conversion(case: cases.Case) -> None:
    lines = [line.rstrip() for line in converted(case.given, case.flags == "wiki").split("\n")]
    assert "\n".join(lines) == case.expected


@pytest.mark.parametrize(
    "text",
    [
        "Plain text.",
        "## Heading\n\nText with **bold**, *italic* and `code`.",
        "-   a\n-   b\n    -   c",
        "1.  a\n2.  b",
        "| a | b |\n|-----|-----|\n| c | d |",
        "> quoted",
        "```python\nx = 1\n```",
        "::: {.callout-note}\n\nText\n\n:::",
        "Text[^a].\n\n[^a]: Note.",
    ],
)
def test_plain_markdown_is_left_alone(text: str) -> None:
    assert converted(text, wiki=False) == text
