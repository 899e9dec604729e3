"""Conversion loses nothing: pandoc finds in the notes what the sources contain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import oracle
from build_steps import generate
from conftest import ROOT
from typedwiki.config import load_config
from typedwiki.pipeline import load_wiki
from typedwiki.text.sections import outside_code

pytestmark = pytest.mark.slow

_MARKUP = re.compile(r"'''|^\{\||^\|\}|^==+ |</?syntaxhighlight", re.MULTILINE)


def convert_wiki(source: Path | None) -> dict[Path, str]:
    """The note of each page file of a wiki."""
    config = load_config(ROOT, [source] if source else [])
    wiki = load_wiki(config)
    files, origins = generate(wiki, config)
    return {ROOT / path: files[name].decode() for name, path in origins.items()}


def assert_nothing_is_lost(notes: dict[Path, str]) -> None:
    for path, note in notes.items():
        text = path.read_text(encoding="utf-8")
        source = oracle.count_source(text, wiki=bool(re.search(r"^== ", text, re.MULTILINE)))
        assert oracle.missing_contents(source, oracle.count_note(note)) == {}, path.name


def without_code(note: str) -> str:
    """A note without its code and formulas."""
    parts: list[str] = []

    def keep(text: str) -> str:
        parts.append(re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)|\$[^$\n]+\$", "", text))
        return text

    outside_code(note, keep)
    return "\n".join(parts)


def assert_no_markup_is_left(notes: dict[Path, str]) -> None:
    for path, note in notes.items():
        assert _MARKUP.findall(without_code(note)) == [], path.name


@pytest.mark.parametrize("wiki", ["project", "corpus"])
def test_nothing_is_lost_and_no_markup_is_left(wiki: str, request: pytest.FixtureRequest) -> None:
    notes = convert_wiki(request.getfixturevalue("corpus") / "huggingface_transformers" if wiki == "corpus" else None)
    assert len(notes) > 60
    assert_nothing_is_lost(notes)
    assert_no_markup_is_left(notes)


def test_sources_is_the_last_section() -> None:
    for path, note in convert_wiki(None).items():
        headings = re.findall(r"^## (.*)", without_code(note), re.MULTILINE)
        assert headings[-2:] == ["Connections {#connections}", "Sources {#sources}"], path.name
