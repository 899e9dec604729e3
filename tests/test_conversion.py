"""Conversion loses nothing: pandoc, reading our notes, finds what the sources hold."""

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


def notes(source: Path | None) -> dict[Path, str]:
    """The note of each page file of a wiki."""
    config = load_config(ROOT, [source] if source else [])
    wiki = load_wiki(config)
    files, origins = generate(wiki, config)
    return {ROOT / path: files[name].decode() for name, path in origins.items()}


def assert_nothing_is_lost(made: dict[Path, str]) -> None:
    for path, note in made.items():
        text = path.read_text(encoding="utf-8")
        source = oracle.count_source(text, wiki=bool(re.search(r"^== ", text, re.MULTILINE)))
        assert oracle.missing_contents(source, oracle.count_note(note)) == {}, path.name


def prose(note: str) -> str:
    """A note without its code."""
    kept: list[str] = []

    def keep(text: str) -> str:
        kept.append(re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)|\$[^$\n]+\$", "", text))
        return text

    outside_code(note, keep)
    return "\n".join(kept)


def assert_no_markup_is_left(made: dict[Path, str]) -> None:
    for path, note in made.items():
        assert _MARKUP.findall(prose(note)) == [], path.name


@pytest.mark.parametrize("which", ["project", "corpus"])
def test_nothing_is_lost_and_no_markup_left(which: str, request: pytest.FixtureRequest) -> None:
    made = notes(request.getfixturevalue("corpus") / "huggingface_transformers" if which == "corpus" else None)
    assert len(made) > 60
    assert_nothing_is_lost(made)
    assert_no_markup_is_left(made)


def test_sources_is_always_the_last_section() -> None:
    for path, note in notes(None).items():
        headings = re.findall(r"^## (.*)", prose(note), re.MULTILINE)
        assert headings[-2:] == ["Connections {#connections}", "Sources {#sources}"], path.name
