"""Quarto's own syntax in the text of pages is switched off, and nothing else changes."""

from __future__ import annotations

import json
import re

import pypandoc
import pytest

from typedwiki.notes.link_table import READER
from typedwiki.text.quarto_syntax import OFF, mermaid_diagrams, switch_off

CELL = re.compile(r"^[\t >]*(?:```+|~~~+)[ \t]*\{+[ \t]*[A-Za-z]", re.MULTILINE)
"""Quarto's source finds cells in this way (``src/core/lib/break-quarto-md.ts``), also in quotes and lists."""
INLINE_CELL = re.compile(r"`[ \t]*\{+[ \t]*[A-Za-z]")
SHORTCODE = re.compile(r"\{\{[<%]")
METADATA = re.compile(r"^---[ \t]*$", re.MULTILINE)


@pytest.mark.parametrize("sign", ["<", "%"])
@pytest.mark.parametrize("context", ["{}", "`{}`", "```\n{}\n```", "> {}", "| a |\n|---|\n| {} |", "[x]({})", "    {}"])
def test_shortcodes_and_includes_are_switched_off(sign: str, context: str) -> None:
    text = context.format(f"{{{{{sign} include secret.md >}}}}")
    converted = switch_off(text)
    assert SHORTCODE.search(text)
    assert not SHORTCODE.search(converted)
    assert converted.replace(OFF, "") == text


@pytest.mark.parametrize(
    "text",
    [
        "```{python}\nx\n```",
        "```{r, echo=FALSE}\nx\n```",
        "~~~ {julia}\nx\n~~~",
        "````\n```{python}\nx\n```\n````",
        "- ```{python}\n  x\n  ```",
        "> ```{ojs}\n> x\n> ```",
        "```{{python}}\nx\n```",
        "Text ```{python}",
    ],
)
def test_cells_are_switched_off_everywhere(text: str) -> None:
    assert CELL.search(text) or INLINE_CELL.search(text)
    assert not CELL.search(switch_off(text))
    assert not INLINE_CELL.search(switch_off(text))


@pytest.mark.parametrize("text", ["`{python} 1 + 1`", "``{r} x``", "| `{julia} x` |"])
def test_inline_cells_are_switched_off(text: str) -> None:
    assert INLINE_CELL.search(text)
    assert not INLINE_CELL.search(switch_off(text))
    assert switch_off(text).replace(OFF, "") == text


@pytest.mark.parametrize(
    "text", ["---\ntitle: no\n---", "Text.\n\n---\nfilters: [x.lua]\n---\n", "```\n---\na: b\n---\n```"]
)
def test_metadata_blocks_are_switched_off(text: str) -> None:
    assert METADATA.search(text)
    assert not METADATA.search(switch_off(text))


def test_cell_becomes_code_of_its_language() -> None:
    assert switch_off("```{python}\n#| echo: false\n1\n```") == "```python\n#| echo: false\n1\n```"


def test_cells_of_trusted_pages_are_kept() -> None:
    assert switch_off("```{python}\n1\n```", trusted=True) == "```{python}\n1\n```"
    assert switch_off("```{r}\n1\n```", trusted=True) == "```r\n1\n```"


def test_safe_diagrams_keep_their_language() -> None:
    converted = switch_off("```mermaid\n%%| file: other.mmd\ngraph LR\n  A --> B\n```")
    assert converted == "```mermaid\ngraph LR\n  A --> B\n```"
    assert mermaid_diagrams(converted) == ("graph LR\n  A --> B",)


def test_unsafe_diagrams_become_code() -> None:
    converted = switch_off('```{mermaid}\ngraph LR\n  A@{ img: "https://example.org/x.png" }\n```')
    assert converted.startswith("```default\n")
    assert mermaid_diagrams(converted) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Plain words, `code`, {braces}, {{two}} and --- dashes.",
        "```python\nx = {'a': 1}\n```",
        '```{.python filename="a.py"}\nx\n```',
        "```{=html}\n<b>x</b>\n```",
        "| a |\n|---|\n| b |",
        "## Head {#id}\n\n::: {.callout-note}\nText.\n:::",
        "{{Infobox|a=b}} and {{#if: x}}",
    ],
)
def test_other_text_is_unchanged(text: str) -> None:
    assert switch_off(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "> ---\n> title: no\n> ---",
        "Text[^4]\n\n[^4]:\n    ---\n    title: no\n    ---",
        "> Words.\n>\n> ---\n> title: no\n> ...",
        "- Words.\n\n  ---\n  title: no\n  ---",
        "- Words.\n\n  - More.\n\n    ---\n    title: no\n    ---",
    ],
)
def test_metadata_blocks_in_quotes_and_lists_are_switched_off(text: str) -> None:
    def metadata(markdown: str) -> object:
        return json.loads(pypandoc.convert_text(markdown, "json", READER))["meta"]

    assert metadata(text) != {}
    assert metadata(switch_off(text)) == {}


@pytest.mark.parametrize("text", ["> Heading\n> ---", "- Heading\n  ---", "Words\n\n    code\n    ---"])
def test_headings_and_code_are_unchanged(text: str) -> None:
    assert switch_off(text) == text
