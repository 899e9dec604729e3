"""A build after which nothing has changed does nothing; any change at all is built."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import project
from typedwiki import pipeline, unchanged
from typedwiki.build import bring_up_to_date
from typedwiki.config import Config, load_config

GOLDEN = Path(__file__).parent / "golden"
PAGE = Path("data/wikis/Principle/Broken.md")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A project, built, its files long at rest."""
    folder = project(tmp_path / "p", GOLDEN / "problems/wiki")
    (folder / "notes/mine.qmd").write_text("---\ntitle: Mine\n---\n\nA note.\n", encoding="utf-8")
    rest(folder)
    bring_up_to_date(load_config(folder))
    return folder


def rest(folder: Path) -> None:
    """Let all files be an hour old."""
    for path in folder.rglob("*"):
        if path.is_file():
            hour_ago = path.stat().st_mtime_ns - 3_600 * 10**9
            os.utime(path, ns=(hour_ago, hour_ago))


def is_unchanged(config: Config) -> bool:
    known = unchanged.load(config)
    return known is not None and unchanged.is_unchanged(known[0], unchanged.inputs(config))


def refuse(*_: object) -> None:
    raise AssertionError("pages were read again")


def test_an_unchanged_wiki_is_not_read_again(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(here)
    (here / unchanged.RECORD).unlink()
    rest(here)
    first, _ = bring_up_to_date(config)
    monkeypatch.setattr(pipeline, "understand", refuse)
    second, written = bring_up_to_date(config)
    assert second == first
    assert (second.pages, len(second.errors)) == (7, 8)
    assert not written.changed
    assert not written.deleted


def append(path: Path, text: str = "\nMore.\n") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def same_size_later(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("a", "b"), encoding="utf-8")


CHANGES: dict[str, Callable[[Path], object]] = {
    "a page edited": lambda p: append(p / PAGE),
    "a page edited without changing its size": lambda p: same_size_later(p / PAGE),
    "a page added": lambda p: append(p / "data/wikis/Principle/New.md", "# New\n\n## Overview\nText.\n"),
    "a page deleted": lambda p: (p / PAGE).unlink(),
    "a page renamed": lambda p: (p / PAGE).rename(p / "data/wikis/Principle/Mended.md"),
    "a page that takes another's place": lambda p: (p / "data/wikis/Heuristic/Empty.md").replace(p / PAGE),
    "a file beside pages": lambda p: append(p / "data/wikis/Principle/picture.svg", "<svg/>"),
    "a note written by hand": lambda p: append(p / "notes/mine.qmd"),
    "another note written by hand": lambda p: append(p / "notes/other.qmd"),
    "the settings": lambda p: append(p / "_quarto.yml", "\n# a comment\n"),
    "the addresses": lambda p: append(p / "notes/addresses.json", "\n"),
    "a generated note edited": lambda p: append(p / "notes/heuristic/Same.qmd"),
    "a generated note deleted": lambda p: (p / "notes/principle/Same.qmd").unlink(),
    "a shared file deleted": lambda p: (p / "notes/assets/pages.js").unlink(),
    "the manifest deleted": lambda p: (p / "notes/.typedwiki.json").unlink(),
    "the record cut short": lambda p: (p / unchanged.RECORD).write_text('{"inputs":'),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_is_noticed(here: Path, change: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(here)
    rest(here)
    bring_up_to_date(config)
    assert is_unchanged(config)
    change(here)
    monkeypatch.setattr(pipeline, "understand", refuse)
    with pytest.raises(AssertionError, match="read again"):
        bring_up_to_date(config)


def test_a_file_that_is_still_fresh_is_not_trusted(here: Path) -> None:
    """Its time would be the same if it changed again at once."""
    append(here / PAGE)
    config = load_config(here)
    bring_up_to_date(config)
    assert not is_unchanged(config)


def test_the_day_and_the_packages_count(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(here)
    rest(here)
    bring_up_to_date(config)
    before = unchanged.inputs(config).frame
    with monkeypatch.context() as patched:
        patched.syspath_prepend(str(here / "site-packages"))
        (here / "site-packages/pyvis-99.dist-info").mkdir(parents=True)
        assert unchanged.inputs(config).frame != before
    assert unchanged.inputs(config).frame == before


def test_another_wiki_or_folder_is_another_build(here: Path, tmp_path: Path) -> None:
    rest(here)
    config = load_config(here)
    bring_up_to_date(config)
    for other in (load_config(here, [GOLDEN / "two_dialects/wiki"]), load_config(here, output=tmp_path / "o")):
        assert not is_unchanged(other)
