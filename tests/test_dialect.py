"""Dialect detection, and the reason it gives."""

from __future__ import annotations

from time import process_time

import pytest

from typedwiki.text.dialect import dialect

MARKDOWN = {
    "numbered signs alone": "# Guide\n\nSome _words_.\n",
    "a docstring in code": "# Guide\n\n```python\ndef f():\n    '''Doc.'''\n```\n",
    "a docstring in indented code": "Guide\n\n    '''Doc.'''\n    {| x\n",
    "marked text on a line of its own": "# Guide\n\n==important==\n\nText.\n",
    "the same without a heading": "==important==\n\nText.\n",
    "underlined headings": "Guide\n=====\n\nParts\n-----\n\n'''x'''\n",
    "headings right below each other": "# Guide\n## Overview\nText with '''x'''.\n",
    "wikitext in code": "Write `== A ==` and\n\n~~~\n== B ==\n{|\n|}\n~~~\n",
    "wikitext in front matter": "---\ntitle: x\n---\n# A\n\n'''x'''\n",
    "more headings of its own": "# A\n\n## B\n\n== C ==\n\n## D\n",
    "nothing at all": "Text.\n",
}
MEDIAWIKI = {
    "headings": "== Overview ==\nText.\n",
    "close headings": "==Overview==\nText.\n===Parts===\nText.\n",
    "nested numbers": "== Steps ==\n# First\n## sub a\n## sub b\n# Second\n## sub c\n",
    "a Markdown title above a metadata table": "# Environment: tools\n\n{| class='wikitable'\n|-\n| a\n|}\n",
    "some Markdown headings": "== A ==\n\n== B ==\n\n## Code\n\nText.\n",
    "four tildes on a line": "~~~~\n== Overview ==\nText.\n",
    "bold words alone": "'''Tool''' is one.\n",
    "a category alone": "A tool.\n\n[[Category:Tools]]\n",
}


@pytest.mark.parametrize("case", MARKDOWN)
def test_markdown(case: str) -> None:
    assert dialect("Principle/Page.md", MARKDOWN[case]).name == "markdown"


@pytest.mark.parametrize("case", MEDIAWIKI)
def test_mediawiki(case: str) -> None:
    assert dialect("Principle/Page.md", MEDIAWIKI[case]).name == "mediawiki"


@pytest.mark.parametrize("suffix", [".mediawiki", ".wiki", ".wikitext", ".MediaWiki"])
def test_suffix_decides_first(suffix: str) -> None:
    result = dialect(f"Principle/Page{suffix}", "# A\n\n## B\n")
    assert result.name == "mediawiki"
    assert result.reason == f"the file name ends in {suffix.lower()}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x\n\n== A ==\n\n== B ==\n", "2 headings such as `== A ==` (line 3) and no Markdown heading"),
        ("# A\n\n## B\n\n==c==\n", "2 headings such as `# A` (line 1) and no heading of MediaWiki"),
        ("# A\n\n{|\n|}\n", "a table (line 3) and the heading `# A` (line 1)"),
        ("Text.\n", "nothing outside code is MediaWiki's"),
    ],
)
def test_reason_is_given(text: str, reason: str) -> None:
    assert dialect("Page.md", text).reason == reason


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["== a" + " " * 40, "# ", "~~~\n", "`", "'''", "[[", "<pre>", "== a ==\n", "\n"])
def test_cost_is_linear(piece: str) -> None:
    start = process_time()
    dialect("Page.md", piece * (40_000 // len(piece)))
    assert process_time() - start < 1
