"""A build makes what has changed, all of it and nothing else: the files are always those of a clean build."""

from __future__ import annotations

import os
import random
import struct
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

import wiki as command_line
from build_steps import generate
from conftest import ALL_CASES, GOLDEN, copy_project
from typedwiki import incremental, parsed, pipeline, read
from typedwiki.build import build, build_if_changed, summarize
from typedwiki.config import Config, load_config
from typedwiki.incremental import Cache
from typedwiki.model import RawFile, WikiPage
from typedwiki.notes import note_file
from typedwiki.notes.note_links import Site
from typedwiki.pipeline import load_wiki
from wiki_generator import write_wiki

PAGE = Path("data/wikis/Principle/Broken.md")

# Nothing has changed


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A project, built, its files long at rest."""
    folder = copy_project(tmp_path / "p", GOLDEN / "problems/wiki")
    (folder / "notes/mine.qmd").write_text("---\ntitle: Mine\n---\n\nA note.\n", encoding="utf-8")
    rest(folder)
    build_if_changed(load_config(folder))
    return folder


def rest(folder: Path) -> None:
    """Let all files be an hour old."""
    for path in folder.rglob("*"):
        if path.is_file():
            hour_ago = path.stat().st_mtime_ns - 3_600 * 10**9
            os.utime(path, ns=(hour_ago, hour_ago))


def is_current(config: Config) -> bool:
    return incremental.is_current(incremental.load(config), incremental.inputs(config), config)


def refuse(*_: object) -> None:
    raise AssertionError("the wiki was looked at")


def test_an_unchanged_wiki_is_not_looked_at(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(here)
    (here / incremental.CACHE).unlink()
    rest(here)
    first, _ = build_if_changed(config)
    monkeypatch.setattr(pipeline, "load_wiki", refuse)
    second, written = build_if_changed(config)
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


def in_settings(here: Path, setting: str) -> None:
    path = here / "_quarto.yml"
    text = path.read_text(encoding="utf-8")
    assert "\ntypedwiki:" in f"\n{text}"
    path.write_text(text.replace("typedwiki:\n", f"typedwiki:\n  {setting}\n", 1), encoding="utf-8")


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
    "the settings": lambda p: in_settings(p, "overview-limit: 7"),
    "the addresses": lambda p: append(p / "notes/addresses.json", "\n"),
    "a generated note edited": lambda p: append(p / "notes/heuristic/Same.qmd"),
    "a generated note deleted": lambda p: (p / "notes/principle/Same.qmd").unlink(),
    "a shared file deleted": lambda p: (p / "notes/assets/pages.js").unlink(),
    "the manifest deleted": lambda p: (p / "notes/.typedwiki.json").unlink(),
    "the cache cut short": lambda p: (p / incremental.CACHE).write_bytes(incremental.FORMAT + b"\x01"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_is_noticed(here: Path, change: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch) -> None:
    rest(here)
    build_if_changed(load_config(here))
    assert is_current(load_config(here))
    change(here)
    monkeypatch.setattr(pipeline, "load_wiki", refuse)
    with pytest.raises(AssertionError, match="looked at"):
        build_if_changed(load_config(here))


def test_a_file_that_is_still_fresh_is_not_trusted(here: Path) -> None:
    """Its time would be the same if it changed again at once."""
    append(here / PAGE)
    config = load_config(here)
    build_if_changed(config)
    assert not is_current(config)


def test_the_packages_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def program() -> str:
        incremental.program.cache_clear()
        return incremental.program()

    before = program()
    with monkeypatch.context() as patched:
        patched.syspath_prepend(str(tmp_path / "site-packages"))
        (tmp_path / "site-packages/pyvis-99.dist-info").mkdir(parents=True)
        assert program() != before
    assert program() == before


def test_another_wiki_or_folder_is_another_build(here: Path, tmp_path: Path) -> None:
    rest(here)
    config = load_config(here)
    build_if_changed(config)
    for other in (load_config(here, [GOLDEN / "two_dialects/wiki"]), load_config(here, output=tmp_path / "o")):
        assert not is_current(other)


# Something has changed


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by the name of each page that is read, parsed or written."""
    done: list[str] = []
    read_page, parse_page, note = read.read_page, parsed.parse_page, note_file.note

    def reading(file: read.PageFile) -> object:
        done.append(f"read {file.path.stem}")
        return read_page(file)

    def parsing(raw: RawFile, *others: Any) -> object:
        done.append(f"parse {raw.stem}")
        return parse_page(raw, *others)

    def writing(page: WikiPage, site: Site) -> str:
        done.append(f"note {page.stem}")
        return note(page, site)

    monkeypatch.setattr(read, "read_page", reading)
    monkeypatch.setattr(parsed, "parse_page", parsing)
    monkeypatch.setattr(note_file, "note", writing)
    return done


@pytest.fixture
def large(tmp_path: Path) -> Config:
    folder = tmp_path / "wiki"
    write_wiki(folder, 60)
    here = copy_project(tmp_path / "p", folder)
    rest(here)
    return load_config(here)


def the_pages(config: Config, kind: str = "*") -> list[Path]:
    return sorted(path for path in config.sources[0].glob(f"**/{kind}/*.md") if not path.name.startswith("_"))


def in_the_end(path: Path, words: str = " That is all.") -> None:
    """An edit of the last paragraph before the sections that lead elsewhere."""
    lines = path.read_text(encoding="utf-8").split("\n")
    last = max(i for i, line in enumerate(lines) if line[:1].isalpha() and len(line) > 60)
    lines[last] += words
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.parametrize("process", ["new", "same"])
def test_an_edit_of_a_text_reads_parses_and_writes_its_page_alone(large: Config, work: list[str], process: str) -> None:
    cache = Cache()
    if process == "new":
        build_if_changed(large)
    else:
        build(large, cache=cache)
    page = the_pages(large, "Principle")[0]
    work.clear()
    in_the_end(page)
    written = build_if_changed(large)[1] if process == "new" else build(large, cache=cache).written
    assert work == [f"read {page.stem}", f"parse {page.stem}", f"note {page.stem}"]
    bundles = [name for name in written.changed if name.startswith("assets/exports/bundle-")]
    note = f"principle/{page.stem}"
    assert set(written.changed) - set(bundles) == {f"{note}.qmd", f"assets/markdown/{note}.html.md"}


def test_check_parses_what_the_last_build_has_not(
    large: Config, work: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    build_if_changed(large)
    page = the_pages(large, "Principle")[3]
    append(page, "\nSee [[Principle:Nowhere]].\n")
    arguments = ["--project", str(large.project), "check"]
    work.clear()
    assert command_line.main(arguments) == 1
    told = capsys.readouterr().out
    assert [line for line in work if line.startswith("parse")] == [f"parse {page.stem}"]
    incremental.path_of(large).unlink()
    assert command_line.main(arguments) == 1
    assert capsys.readouterr().out == told
    assert "Nowhere" in told


def test_a_file_that_was_only_touched_is_read_and_nothing_more(large: Config, work: list[str]) -> None:
    build_if_changed(large)
    page = the_pages(large)[0]
    work.clear()
    os.utime(page)
    assert build_if_changed(large)[1].changed == ()
    assert work == [f"read {page.stem}"]


def test_a_generated_file_that_is_gone_is_made_again_alone(large: Config, work: list[str]) -> None:
    build_if_changed(large)
    note = next((large.output / "principle").glob("*.qmd"))
    before = note.read_bytes()
    note.unlink()
    work.clear()
    assert build_if_changed(large)[1].changed == (f"principle/{note.name}",)
    assert work == [f"note {note.stem}"]
    assert note.read_bytes() == before


def test_settings_of_the_audit_parse_nothing_again(large: Config, work: list[str]) -> None:
    build_if_changed(large)
    work.clear()
    in_settings(large.project, "rules: {C002: off}")
    build_if_changed(load_config(large.project))
    assert not work


def test_a_preview_begins_with_what_a_build_has_left(large: Config, work: list[str]) -> None:
    build_if_changed(large)
    work.clear()
    cache = incremental.load(large)
    cache.contents = {}
    built = build(replace(large, drafts=True), cache=cache)
    assert not work
    assert dict(built.files) == generate(load_wiki(large), large)[0]


# The cache


def damaged(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    match rng.randrange(3):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]
        case _:
            return data[:at] + rng.randbytes(9) + data[at:]


def test_a_damaged_cache_harms_nothing(large: Config) -> None:
    build_if_changed(large)
    path = large.project / incremental.CACHE
    whole = path.read_bytes()
    expected, _ = generate(load_wiki(large), large)
    rng = random.Random(3)
    for _ in range(6):
        path.write_bytes(damaged(whole, rng))
        in_the_end(the_pages(large)[0], "")
        os.utime(the_pages(large)[0])
        build_if_changed(large)
        for name, data in expected.items():
            assert (large.output / name).read_bytes() == data, name


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x05nonsense",
        b"typedwiki build cache 0\n",
        incremental.FORMAT + b"\xff" * 8,
        incremental.FORMAT + struct.pack("<II", 1, 0) + b"\xc0",
    ],
)
def test_what_is_no_cache_of_this_version_is_none(here: Path, data: bytes) -> None:
    (here / incremental.CACHE).write_bytes(data)
    assert incremental.load(load_config(here)) == Cache()


def test_a_cache_that_came_with_a_project_cannot_say_what_another_file_is(here: Path) -> None:
    """Names decide where notes are written, so they are never taken from a cache."""
    config = load_config(here)
    cache = incremental.load(config)
    cache.load_pages()
    for path, page in cache.pages.items():
        cache.pages[path] = replace(page, page=replace(page.page, stem="../../outside", id="Principle/../../outside"))
    incremental.save(config, cache)
    append(here / PAGE)
    build_if_changed(config)
    assert not list(here.parent.rglob("outside*"))
    assert differing(config, generate(load_wiki(config), config)[0]) == []


def loaded(config: Config) -> Cache:
    cache = incremental.load(config)
    cache.load_pages()
    return cache


def test_a_cache_gives_back_what_was_parsed(here: Path) -> None:
    config = load_config(here)
    fresh = Cache()
    load_wiki(config, cache=fresh)
    assert loaded(config).pages == fresh.pages


def test_the_cache_is_plain_data(here: Path) -> None:
    """Any reader of MessagePack reads it: nothing in it is code."""
    data = (here / incremental.CACHE).read_bytes().removeprefix(incremental.FORMAT)
    while data:
        length, _ = struct.unpack("<II", data[:8])
        msgspec.msgpack.decode(data[8 : 8 + length])
        data = data[8 + length :]


# Any edits lead to what a clean build makes

Edit = Callable[[Path, random.Random, int], None]
WORDS = ["attention", "memory", "kernel", "gradient", "tokens", "precision", "batch", "schedule"]


def pages(wiki: Path) -> list[Path]:
    return sorted(path for path in wiki.rglob("*.md") if not path.name.startswith("_"))


def one(wiki: Path, rng: random.Random) -> Path:
    """A page; a few are edited more often, so that edits meet."""
    return rng.choice(pages(wiki)[:: rng.choice([1, 8])])


def with_front(path: Path, line: str) -> None:
    text = path.read_text(encoding="utf-8")
    text = text.removeprefix("---\n") if text.startswith("---\n") else f"---\n{text}"
    path.write_text(f"---\n{line}\n{text}", encoding="utf-8")


def retitle(wiki: Path, rng: random.Random, n: int) -> None:
    with_front(one(wiki, rng), f"title: Title {n}")


def hold_back(wiki: Path, rng: random.Random, n: int) -> None:
    with_front(one(wiki, rng), "draft: true")


def publish(wiki: Path, rng: random.Random, n: int) -> None:
    for path in pages(wiki):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("draft: true\n", ""), encoding="utf-8")


def alias(wiki: Path, rng: random.Random, n: int) -> None:
    with_front(one(wiki, rng), f"aliases: [{rng.choice([f'Other {n % 3}', one(wiki, rng).stem])}]")


def link(wiki: Path, rng: random.Random, n: int) -> None:
    path, other = one(wiki, rng), one(wiki, rng)
    names = [f"{other.parent.name}:{other.stem}", other.stem, "Nowhere", f"Other {n % 3}", f"Title {n - 1}"]
    edge = rng.choice(["", "step::", "implements::", "requires_env::", "uses_heuristic::", "related::"])
    fragment = rng.choice(["", "#Description", "#Description", "#Depiction"])
    append(path, f"\n- [[{edge}{rng.choice(names)}{fragment}]]\n")


def embed(wiki: Path, rng: random.Random, n: int) -> None:
    append(one(wiki, rng), f"\n![[{one(wiki, rng).stem}{rng.choice(['', '#Description'])}]]\n")


def unlink(wiki: Path, rng: random.Random, n: int) -> None:
    path = one(wiki, rng)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    links = [i for i, line in enumerate(lines) if "[[" in line and "::" in line and "source" not in line]
    if links:
        del lines[rng.choice(links)]
    path.write_text("".join(lines), encoding="utf-8")


def reword_heading(wiki: Path, rng: random.Random, n: int) -> None:
    path = one(wiki, rng)
    text = path.read_text(encoding="utf-8")
    old, new = ("Description", "Depiction") if "Description" in text else ("Depiction", "Description")
    path.write_text(text.replace(old, new), encoding="utf-8")


def reword(wiki: Path, rng: random.Random, n: int) -> None:
    path = one(wiki, rng)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(" the ", f" the {'very ' * 90 * (n % 3)}", 2), encoding="utf-8")


def overview(wiki: Path, rng: random.Random, n: int) -> None:
    path = one(wiki, rng)
    lines = path.read_text(encoding="utf-8").split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip("=# ") == "Overview"), 0)
    lines.insert(first + 1, f"{rng.choice(WORDS).capitalize()} {n}.")
    path.write_text("\n".join(lines), encoding="utf-8")


def anywhere(*texts: str) -> Edit:
    def insert(wiki: Path, rng: random.Random, n: int) -> None:
        path = one(wiki, rng)
        lines = path.read_text(encoding="utf-8").split("\n")
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(texts))
        path.write_text("\n".join(lines), encoding="utf-8")

    return insert


def line_less(wiki: Path, rng: random.Random, n: int) -> None:
    path = one(wiki, rng)
    lines = path.read_text(encoding="utf-8").split("\n")
    del lines[rng.randrange(len(lines))]
    path.write_text("\n".join(lines), encoding="utf-8")


def add(wiki: Path, rng: random.Random, n: int) -> None:
    path = one(wiki, rng).with_name(f"New_{n}.md")
    path.write_text(f"# New {n}\n\n## Overview\n\nNew.\n\n## Description\n\nWords.\n", encoding="utf-8")


def delete(wiki: Path, rng: random.Random, n: int) -> None:
    one(wiki, rng).unlink()


def move(wiki: Path, rng: random.Random, n: int) -> None:
    path, other = one(wiki, rng), one(wiki, rng)
    path.rename(other.with_name(path.name))


def rename(wiki: Path, rng: random.Random, n: int) -> None:
    path = one(wiki, rng)
    with_front(path, f"aliases: [{path.stem}]")
    path.rename(path.with_name(f"{path.stem}_{n}.md"))


def redirect(wiki: Path, rng: random.Random, n: int) -> None:
    path, other = one(wiki, rng), one(wiki, rng)
    path.write_text(f"#REDIRECT [[{other.parent.name}:{other.stem}]]\n", encoding="utf-8")


def require(wiki: Path, rng: random.Random, n: int) -> None:
    path = rng.choice([path for path in pages(wiki) if path.parent.name == "Environment"] or pages(wiki))
    append(path, f"\n## Dependencies {n}\n\n- `torch` {rng.choice(['>=', '<'])} {rng.randint(1, 4)}.0\n")


def picture(wiki: Path, rng: random.Random, n: int) -> None:
    path = one(wiki, rng)
    image = path.with_name("shared.svg")
    match rng.randint(0, 2):
        case 0:
            append(path, "\n![A picture](shared.svg)\n")
        case 1:
            image.write_text(f"<svg>{n}</svg>", encoding="utf-8")
        case _:
            image.unlink(missing_ok=True)


def by_hand(wiki: Path, rng: random.Random, n: int) -> None:
    note = wiki.parent.parent / f"notes/own-{n % 3}.qmd"
    other = one(wiki, rng)
    note.write_text(f"---\ntitle: Own {n}\n---\n\n[[{other.parent.name}:{other.stem}]]\n", encoding="utf-8")


def index(wiki: Path, rng: random.Random, n: int) -> None:
    path = one(wiki, rng)
    append(path.with_name(f"_{path.parent.name}Index.md"), f"\n- [[{path.parent.name}:{one(wiki, rng).stem}]]\n")


def source(wiki: Path, rng: random.Random, n: int) -> None:
    with_front(one(wiki, rng), f"sources: ['https://github.com/acme/kit{n % 2}']")


def settings(wiki: Path, rng: random.Random, n: int) -> None:
    path = wiki.parent.parent / "_quarto.yml"
    own = rng.choice(["overview-limit: 20", "rules: {C002: error}", "rules: {L001: off}", "stale-months: 5"])
    title = rng.choice(["One", "Two"])
    path.write_text(f"website: {{title: {title}}}\ntypedwiki:\n  {own}\n", encoding="utf-8")


EDITS: tuple[Edit, ...] = (
    retitle, hold_back, publish, alias, link, link, link, embed, unlink, reword_heading, reword_heading, reword,
    overview, line_less, add, delete, move, rename, redirect, require, picture, by_hand, index, source, settings,
    anywhere("<pre>", "<!-- typedwiki: ignore C002 -->", "\n```python\nprint('more')\n```\n", "{{< video x >}}"),
    anywhere("\nSee `src/kit/more/model.py:L10-20`.\n", "\nSee `model.py:L3`.\n", "src/other/model.py"),
)  # fmt: skip


def differing(config: Config, clean: Mapping[str, bytes]) -> list[str]:
    """The files that are not those of a clean build, and those that it would not make."""
    ours = {path.relative_to(config.output).as_posix() for path in config.output.rglob("*") if path.is_file()}
    ours -= {".typedwiki.json", "addresses.json"}
    ours -= {path.name for path in config.output.glob("*.qmd")}
    wrong = [name for name, data in clean.items() if name in ours and (config.output / name).read_bytes() != data]
    return [*wrong, *sorted(ours ^ clean.keys())]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12 if ALL_CASES else 3))
def test_any_edits_lead_to_what_a_clean_build_makes(tmp_path: Path, seed: int) -> None:
    """A new process reads what the last one has left; within one process, a preview's, the cache is an object."""
    rng = random.Random(seed)
    here = tmp_path / "here"
    write_wiki(here / "data/wikis", 30, seed)
    (here / "notes").mkdir()
    (here / "_quarto.yml").write_text("website: {title: One}\n", encoding="utf-8")
    wiki, cache = here / "data/wikis", Cache(contents={})
    for n in range(25):
        done = [rng.choice(EDITS) for _ in range(rng.choice([1, 1, 1, 3]) if n else 0)]
        for edit in done:
            edit(wiki, rng, n)
        config, names = load_config(here), [edit.__name__ for edit in done]
        expected = load_wiki(config)
        clean, _ = generate(expected, config)
        preview = load_config(here, output=tmp_path / "preview")
        built = build(preview, cache=cache)
        assert built.files == clean, names
        assert (differing(preview, clean), built.result) == ([], summarize(expected)), names
        result, _ = build_if_changed(config)
        assert (differing(config, clean), result) == ([], built.result), names


def test_a_new_process_finds_what_another_has_left(tmp_path: Path) -> None:
    """With another seed of hashes: no fingerprint depends on the order of a set."""
    here = copy_project(tmp_path / "p", GOLDEN / "two_dialects/wiki")
    for number in range(3):
        command = [sys.executable, "scripts/wiki.py", "build"]
        environment = {**os.environ, "PYTHONHASHSEED": str(number)}
        done = subprocess.run(command, cwd=here, env=environment, capture_output=True, encoding="utf-8", check=True)
        assert (" 0 files written" in done.stdout) == (number > 0)
