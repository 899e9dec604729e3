"""Regression tests for what fuzzing found, and a short fuzzing run."""

from __future__ import annotations

import pytest

from conftest import ALL_CASES
from fuzz.lost_words import lost_words
from fuzz.mutate import find_fault, run_cases
from fuzz.pipeline import Seed, run_pipeline, time_limit

pytestmark = pytest.mark.slow

PAGE_STARTS = {
    "mediawiki": "== Overview ==\nText.\n\n== Requirements ==\n",
    "markdown": "## Overview\nText.\n\n## Requirements\n",
}
LARGE_CONSTRUCTS = {
    "fences of every length": "~~" * 30_000,
    "backticks": "`" * 60_000,
    "unclosed elements": "<pre>" * 12_000,
    "unclosed source": '<source lang="python">' * 3_000,
    "unclosed labels": "[[a|" * 10_000,
    "unclosed links": "[[step::Principle: a\n\n" * 4_000,
    "spaces in a link": "[[a" + " " * 60_000,
    "equal headings": "# a\n\n" * 10_000,
    "links to sections": "[[#b1]]\n\n## b\n\n" * 4_000,
    "spaces in a heading": "## a" + " " * 60_000 + "b",
    "spaces in a wiki heading": "=== a" + " " * 60_000 + "b ===",
    "blank lines below a definition": "[a]: x\n" + "  \n" * 30_000,
    "lines below a footnote": "[^1]: a\n\n" + " b\n\n" * 15_000,
    "indented items": "- a:\n  - b\n [a]( x\n" * 4_000,
    "stars before code": "*" * 60_000 + "<pre>a</pre>",
    "escaped brackets in a source": "- **Sources**: " + "\\[" * 30_000,
    "brackets in a source": "{|\n! Sources\n|\n" + "[" * 60_000 + "\n* [[source::Doc|a|https://x.org]]\n|}",
    "brackets beside a location": "[[source::Repo|a|https://github.com/a/b]]\n\n" + "[[step::" * 8_000,
    "braces in code": "```python\n" + "{" * 60_000,
    "hashes in a shell line": "```\n" + "{#id}" * 12_000 + "\n```",
    "a shell word": "```\npip install " + "a" * 60_000 + "\n```",
    "attributes of a cell": "{|\n| " + "a=b=" * 15_000 + " 'c | d\n|}",
    "addresses": "<a:" * 20_000,
    "nested quotes": ">" * 20_000 + " deep",
    "nested tables": "{|\n| a\n" * 10_000,
    "nested templates": "{{x|" * 10_000,
    "nested brackets": "[" * 20_000 + "a" + "](b)" * 20_000,
    "nested emphasis": "**a *b " * 10_000,
    "nested elements": "<b>" * 10_000 + "deep",
    "nested lists": "\n".join(" " * n + "- a" for n in range(0, 600, 2)),
}
"""Each once was, or with an obvious pattern would be, quadratic, exponential or endlessly recursive."""
KEPT_WORDS = {
    "a row without a value": ("{|\nalone|\n|}", "alone"),
    "a row's rule with text": ("{|\n|-minus || other\n| cell\n|}", "minus other cell"),
    "code that begins on a table's first line": ("{| `one\nand two` x\n| cell\n|}", "one and two cell"),
    "a header without a name": ("|| first |\n|---|---|\n| a | b |", "first"),
    "a field without a value": ("## Metadata\n- **Lonely**:\n", "lonely"),
    "a source of an unknown type": ("## Metadata\n- **Sources**: Um: something\n", "something"),
    "a source over two lines": ("{|\n! Sources\n|\n* [[source::Doc|Lonely|https://a.org/1\n2]]\n|}", "lonely"),
    "a formula of a comment": ("<math>%comment</math> and $$x$$", "comment"),
    "a percentage in a formula": ("<math>i% 35</math> and $0%<70$", "35 70"),
    "code in an address": ("a ](http:// `code` b", "code b"),
    "an element around code": ("<p `code`>text</p>", "code text"),
    "an element around paragraphs": ('<img src="a" alone\n\n`code` and text >', "alone code and text"),
    "a heading of a taken name": ("## Listing\n\ntext\n\n## Listing\n", "listing text"),
}
UNUSUAL_FILES = {
    "empty file": b"",
    "NUL": b"# a\0b\n\n## Overview\n\0\0 text\0\n",
    "lone surrogates": b"# a\n\n## Overview\n\xed\xa0\x80 text \xed\xbf\xbf\n",
    "truncated character": "# a\n\n## Overview\ntext \u20ac".encode()[:-1],
    "internal marker characters": "# \ue000c0\ue001 \ue000l9\ue001 \ue000i3\ue001 \ue0025\ue003\n".encode(),
    "bidirectional overrides": "# a\u202eb\u2066\n\n## Overview\n\u202etxet\u202c\n".encode(),
    "UTF-16": "# a\n\n## Overview\ntext\n".encode("utf-16"),
    "every control character": bytes(range(32)) + b"text" + bytes(range(127, 160)),
    "front matter in front matter": b"---\n---\n---\n" * 500,
    "YAML nested deep": b"---\na: " + b"[" * 20_000 + b"\n---\ntext\n",
    "YAML of any type": b"---\ntitle: [a, {b: c}]\ndomains: {a: b}\nsources: 5\ndate: [1]\naliases: {a: 1}\n---\n",
    "YAML with a list for a key": b"---\n? [a]\n: b\n---\n",
    "a number too large": b"---\ntitle: " + b"9" * 10_000 + b"\ndate: 99999999999-01-01\n---\n",
}


@pytest.mark.parametrize("start", PAGE_STARTS)
@pytest.mark.parametrize("name", LARGE_CONSTRUCTS)
def test_cost_of_constructs_is_linear(name: str, start: str) -> None:
    with time_limit(20):  # seconds of processor time; 0.1 to 1 are normal
        run_pipeline(Seed("a.md", "Environment", (PAGE_STARTS[start] + LARGE_CONSTRUCTS[name]).encode()))


@pytest.mark.parametrize("name", KEPT_WORDS)
def test_words_are_kept(name: str) -> None:
    text, words = KEPT_WORDS[name]
    converted = run_pipeline(Seed("a.md", "Principle", f"# Title\n\n{text}\n\n## Text\n\nMore.\n".encode()))
    assert lost_words(converted) == []
    body = converted.note.split("---", 2)[2].casefold()
    assert [word for word in words.split() if word not in body] == []


@pytest.mark.parametrize("page_type", ["Environment", "Workflow"])
@pytest.mark.parametrize("name", UNUSUAL_FILES)
def test_any_bytes_convert_without_fault(name: str, page_type: str) -> None:
    for is_index in (False, True):
        assert find_fault(Seed("a.md", page_type, UNUSUAL_FILES[name], is_index)) == ""


def test_short_fuzzing_run_finds_nothing() -> None:
    cases = run_cases(7, iter(range(5_000 if ALL_CASES else 500)), 200)
    actual = [f"case {number} ({changes}): {fault}" for number, changes, fault, _ in cases]
    assert actual == []
