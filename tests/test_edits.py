"""An edit of a page's text is written without building the whole wiki, to the very same files."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT, project
from typedwiki import edits, pipeline
from typedwiki.build import bring_up_to_date, follow
from typedwiki.config import Config, load_config
from typedwiki.notes.memo import Memo
from typedwiki.pipeline import generate, understand

pytestmark = pytest.mark.slow

WORDS = ["attention", "memory", "kernel", "gradient", "tokens", "precision", "batch", "schedule"]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    here = project(tmp_path / "p", ROOT / "data/wikis")
    os.utime(here / "_quarto.yml", (0, 0))  # what has just been written might change unnoticed
    return load_config(here)


@pytest.fixture
def whole_builds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with each build of the whole wiki."""
    builds: list[int] = []

    def counted(config: Config, progress: pipeline.Progress, memo: Memo | None = None) -> pipeline.Wiki:
        builds.append(1)
        return understand(config, progress, memo)

    monkeypatch.setattr(pipeline, "understand", counted)
    return builds


def pages(config: Config) -> list[Path]:
    return sorted(path for path in config.sources[0].rglob("*.md") if not path.name.startswith("_"))


def assert_as_built_anew(config: Config) -> None:
    expected, _ = generate(understand(config), config)
    for name, data in expected.items():
        assert (config.output / name).read_bytes() == data, name
    ours = {path.relative_to(config.output).as_posix() for path in config.output.rglob("*") if path.is_file()}
    assert ours - {".typedwiki.json", "addresses.json"} == expected.keys()


def in_the_end(text: str) -> str:
    """An edit of the last paragraph before the sections that lead elsewhere."""
    lines = text.split("\n")
    last = max(i for i, line in enumerate(lines) if line[:1].isalpha() and len(line) > 60)
    lines[last] += " That is all."
    return "\n".join(lines)


def in_prose(edit: Callable[[str, random.Random], str]) -> Callable[[list[str], random.Random], None]:
    """An edit of some line that begins with a letter."""

    def edited(lines: list[str], rng: random.Random) -> None:
        candidates = [i for i, line in enumerate(lines) if line[:1].isalpha()]
        if candidates:
            i = rng.choice(candidates)
            lines[i] = edit(lines[i], rng)

    return edited


def anywhere(text: str) -> Callable[[list[str], random.Random], None]:
    return lambda lines, rng: lines.insert(rng.randrange(len(lines) + 1), text)


EDITS: dict[str, Callable[[list[str], random.Random], None]] = {
    "a word": in_prose(lambda line, rng: f"{line} {rng.choice(WORDS)}"),
    "another word": in_prose(lambda line, rng: line.replace(" the ", f" {rng.choice(WORDS)} ", 1)),
    "a paragraph": anywhere("\nA paragraph that says no more than this.\n"),
    "many words": anywhere("\n" + "many words " * 300 + "\n"),
    "a heading": anywhere("\n== Further ==\n\n## Further\n"),
    "a link": anywhere("\nSee [[Principle:Quantization]].\n"),
    "an edge": anywhere("\n* [[uses_heuristic::Heuristic:Nothing_Like_It]]\n"),
    "a requirement": anywhere("\n* `torch>=2.9`\n"),
    "a code block": anywhere("\n```python\nprint('more')\n```\n"),
    "a file of the repository": anywhere("\nSee `src/peft/tuners/more/model.py:L10-20`.\n"),
    "a line less": lambda lines, rng: lines.__delitem__(rng.randrange(len(lines))),
    "a line twice": lambda lines, rng: lines.insert(i := rng.randrange(len(lines)), lines[i]),
    "an opener": anywhere("<pre>"),
    "nothing": lambda lines, rng: None,
}


def test_random_edits_lead_to_what_a_new_build_makes(config: Config, whole_builds: list[int]) -> None:
    """Two thirds of the edits stay, so that they add up; now and then several come at once."""
    rng = random.Random(5)
    bring_up_to_date(config)
    alone = 0
    for turn in range(30):
        undone: dict[Path, bytes] = {}
        for path in rng.sample(pages(config), 3 if turn % 9 == 8 else 1):
            name = list(EDITS)[turn % len(EDITS)]
            before = path.read_bytes()
            lines = before.decode().split("\n")
            EDITS[name](lines, rng)
            path.write_text("\n".join(lines), encoding="utf-8")
            if turn % 3 == 0:
                undone[path] = before
        whole_builds.clear()
        bring_up_to_date(config)
        alone += not whole_builds
        assert_as_built_anew(config)
        for path, data in undone.items():
            path.write_bytes(data)
    assert 3 <= alone < 30  # else one of the two ways was hardly taken


def test_an_edit_of_the_text_is_written_alone(config: Config, whole_builds: list[int]) -> None:
    bring_up_to_date(config)
    whole_builds.clear()
    page = next(path for path in pages(config) if path.parent.name == "Principle")
    text = page.read_text(encoding="utf-8")
    page.write_text(in_the_end(text), encoding="utf-8")
    _, written = bring_up_to_date(config)
    assert not whole_builds
    assert f"principle/{page.stem}.qmd" in written.changed
    assert all(name.startswith("assets/exports/bundle-") for name in set(written.changed[1:]))
    assert_as_built_anew(config)
    page.write_text(text, encoding="utf-8")
    assert bring_up_to_date(config)[1].changed == written.changed
    assert not whole_builds
    assert_as_built_anew(config)


def test_a_process_that_follows_edits_writes_them_alone(config: Config, whole_builds: list[int]) -> None:
    memo = Memo()
    follow(config, lambda done, total: None, memo)
    whole_builds.clear()
    page = next(path for path in pages(config) if path.parent.name == "Implementation")
    page.write_text(in_the_end(page.read_text(encoding="utf-8")), encoding="utf-8")
    built = follow(config, lambda done, total: None, memo)
    assert not whole_builds
    assert f"implementation/{page.stem}.qmd" in built.written.changed
    assert dict(built.files) == generate(understand(config), config)[0]


def test_a_base_that_cannot_be_read_is_no_base(config: Config, whole_builds: list[int]) -> None:
    bring_up_to_date(config)
    whole_builds.clear()
    (config.project / edits.BASE).write_bytes(b"\x80\x05nonsense")
    page = pages(config)[0]
    page.write_text(page.read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")
    bring_up_to_date(config)
    assert whole_builds
    assert_as_built_anew(config)
