"""Invisible characters: those that languages and emoji need are kept, those that can hide text are replaced."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from conftest import build_draft, copy_project
from typedwiki.text.characters import (
    decode_entities,
    escape_for_terminal,
    hidden_characters,
    hidden_entities,
    replace_hidden,
)


def invisible_tags(text: str) -> str:
    """A text as invisible tag characters."""
    return "".join(chr(0xE0000 + ord(letter)) for letter in text)


KEPT = {
    "plain text": "Plain text\twith a tab,\nand lines.",
    "Persian": "می‌خواهم",  # with a zero-width non-joiner
    "Hindi": "क्‍ष",  # with a joiner
    "a family": "👩\u200d👩\u200d👧\u200d👦",
    "a heart": "❤\ufe0f 1\ufe0f\u20e3",
    "England": f"\U0001f3f4{invisible_tags('gbeng')}\U000e007f",
    "Scotland and Wales": f"\U0001f3f4{invisible_tags('gbsct')}\U000e007f\U0001f3f4{invisible_tags('gbwls')}\U000e007f",
    "a form of an ideograph": "葛\U000e0100飾区",
    "a soft hyphen": "hyphen\u00adation",
    "a word joiner": "10\u2060km",
    "a break": "long\u200bword",
    "Hebrew with a mark": "\u05d0\u200f!",
    "Braille": "\u2801\u2800\u2802",
}

REPLACED = {
    "a control character": ("a\x1bb", "a�b"),
    "an override": ("a\u202eb", "a�b"),
    "tags": (f"Read {invisible_tags('ignore')} this", f"Read {'�' * 6} this"),
    "tags after an unknown flag": (f"\U0001f3f4{invisible_tags('usca')}\U000e007f", f"\U0001f3f4{'�' * 5}"),
    "tags after a flag": (
        f"\U0001f3f4{invisible_tags('gbeng')}\U000e007f{invisible_tags('x')}",
        f"\U0001f3f4{invisible_tags('gbeng')}\U000e007f�",
    ),
    "an open flag": (f"\U0001f3f4{invisible_tags('gbeng')}", f"\U0001f3f4{'�' * 5}"),
    "bytes in selectors": ("a\U000e0101\U000e0145", "a��"),
    "two selectors after an ideograph": ("葛\U000e0100\U000e0101", "葛��"),
    "bytes in other selectors": ("a\ufe00\ufe01\ufe0f", "a\ufe00��"),
    "bits in joiners": ("a\u200b\u200c\u200c\u200b\u200db", "a�����b"),
    "three joiners": ("a\u200b\u200d\u200bb", "a���b"),
    "invisible operators": ("f\u2061(x)\u2062y\u2064z", "f�(x)�y�z"),
    "a mark of a file's start": ("a\ufeffb", "a�b"),
    "fillers": ("a\u3164b\uffa0", "a�b�"),
    "deprecated controls": ("a\u206ab", "a�b"),
    "annotations": ("\ufff9a\ufffab\ufffb", "�a�b�"),
}


@pytest.mark.parametrize("kind", KEPT)
def test_characters_of_languages_and_emoji_are_kept(kind: str) -> None:
    assert replace_hidden(KEPT[kind]) == KEPT[kind]
    assert hidden_characters(KEPT[kind]) == []


@pytest.mark.parametrize("kind", REPLACED)
def test_hidden_characters_are_replaced_and_located(kind: str) -> None:
    text, expected = REPLACED[kind]
    assert replace_hidden(text) == expected
    assert [offset for offset, _ in hidden_characters(text)] == [n for n, sign in enumerate(expected) if sign == "�"]
    assert len(replace_hidden(text)) == len(text)


def test_hidden_entities_and_terminal_output() -> None:
    assert decode_entities("a&#xE0041;&#x202E;&amp;") == "a��&"
    assert hidden_entities("a&#xE0041;&#8238; &#65; &amp; &#x200d; &#9999999;") == [(1, "U+E0041"), (10, "U+202E")]
    assert hidden_characters(invisible_tags("A"))[0] == (0, "U+E0041")
    assert escape_for_terminal(f"a{invisible_tags('A')}\u202e\nb") == "a\\ue0041\\u202e\\u000ab"


def test_hidden_entities_are_replaced_in_the_draft(tmp_path: Path) -> None:
    page = tmp_path / "wiki" / "Principle" / "A.md"
    page.parent.mkdir(parents=True)
    text = "A&#xE0041;&#x202E;c **b&#917570;** [d&#xE0043;](https://example.org 'e&#xE0044;') <b>f&#xE0045;</b> é"
    page.write_text(f"# A\n\n## Overview\n\nWords.\n\n## More\n\n{text} `&#xE0041;`\n", encoding="utf-8")
    project = copy_project(tmp_path / "project", tmp_path / "wiki")
    build_draft(project)
    soup = BeautifulSoup((project / "_site/notes/principle/A.html").read_text(encoding="utf-8"), "html.parser")
    paragraph = soup.select_one("#more p")
    assert paragraph
    assert paragraph.get_text() == "A\ufffd\ufffdc b\ufffd d\ufffd f\ufffd é &#xE0041;"
    assert [link["title"] for link in paragraph.select("a[title]")] == ["e\ufffd"]
