"""What Quarto acts on before there is a document is switched off in a page's text, and nothing else is touched."""

from __future__ import annotations

import json
import re

import pypandoc
import pytest

from typedwiki.notes.link_table import READER
from typedwiki.text.quarto_syntax import OFF, mermaid_diagrams, switch_off

CELL = re.compile(r"^[\t >]*(?:```+|~~~+)[ \t]*\{+[ \t]*[A-Za-z]", re.MULTILINE)
"""As Quarto's source finds cells (``src/core/lib/break-quarto-md.ts``), in quotes and lists as well."""
INLINE_CELL = re.compile(r"`[ \t]*\{+[ \t]*[A-Za-z]")
SHORTCODE = re.compile(r"\{\{[<%]")
METADATA = re.compile(r"^---[ \t]*$", re.MULTILINE)


@pytest.mark.parametrize("sign", ["<", "%"])
@pytest.mark.parametrize("place", ["{}", "`{}`", "```\n{}\n```", "> {}", "| a |\n|---|\n| {} |", "[x]({})", "    {}"])
def test_shortcodes_and_includes(sign: str, place: str) -> None:
    text = place.format(f"{{{{{sign} include secret.md >}}}}")
    shown = switch_off(text)
    assert SHORTCODE.search(text)
    assert not SHORTCODE.search(shown)
    assert shown.replace(OFF, "") == text


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
def test_cells_wherever_they_stand(text: str) -> None:
    assert CELL.search(text) or INLINE_CELL.search(text)
    assert not CELL.search(switch_off(text))
    assert not INLINE_CELL.search(switch_off(text))


@pytest.mark.parametrize("text", ["`{python} 1 + 1`", "``{r} x``", "| `{julia} x` |"])
def test_expressions_in_running_text(text: str) -> None:
    assert INLINE_CELL.search(text)
    assert not INLINE_CELL.search(switch_off(text))
    assert switch_off(text).replace(OFF, "") == text


@pytest.mark.parametrize(
    "text", ["---\ntitle: no\n---", "Text.\n\n---\nfilters: [x.lua]\n---\n", "```\n---\na: b\n---\n```"]
)
def test_metadata_in_the_middle(text: str) -> None:
    assert METADATA.search(text)
    assert not METADATA.search(switch_off(text))


def test_a_cell_is_shown_as_code_of_its_language() -> None:
    assert switch_off("```{python}\n#| echo: false\n1\n```") == "```python\n#| echo: false\n1\n```"


def test_cells_of_trusted_pages_stay() -> None:
    assert switch_off("```{python}\n1\n```", trusted=True) == "```{python}\n1\n```"
    assert switch_off("```{r}\n1\n```", trusted=True) == "```r\n1\n```"


def test_diagrams_that_may_be_drawn_keep_their_language() -> None:
    drawn = switch_off("```mermaid\n%%| file: other.mmd\ngraph LR\n  A --> B\n```")
    assert drawn == "```mermaid\ngraph LR\n  A --> B\n```"
    assert mermaid_diagrams(drawn) == ("graph LR\n  A --> B",)


def test_other_diagrams_are_code() -> None:
    shown = switch_off('```{mermaid}\ngraph LR\n  A@{ img: "https://example.org/x.png" }\n```')
    assert shown.startswith("```default\n")
    assert mermaid_diagrams(shown) == ()


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
def test_all_else_stays(text: str) -> None:
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
def test_metadata_in_quotes_and_lists(text: str) -> None:
    def metadata(markdown: str) -> object:
        return json.loads(pypandoc.convert_text(markdown, "json", READER))["meta"]

    assert metadata(text) != {}
    assert metadata(switch_off(text)) == {}


@pytest.mark.parametrize("text", ["> Heading\n> ---", "- Heading\n  ---", "Words\n\n    code\n    ---"])
def test_headings_and_code_stay(text: str) -> None:
    assert switch_off(text) == text
