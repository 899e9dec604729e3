"""Incremental builds: a build updates everything that has changed and nothing else; the result equals a clean build."""

from __future__ import annotations

import os
import random
import struct
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

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

# Unchanged wikis


@pytest.fixture
def built_project(tmp_path: Path) -> Path:
    """A built project whose files are old."""
    folder = copy_project(tmp_path / "p", GOLDEN / "problems/wiki")
    (folder / "notes/mine.qmd").write_text("---\ntitle: Mine\n---\n\nA note.\n", encoding="utf-8")
    age_files(folder)
    build_if_changed(load_config(folder))
    return folder


def age_files(folder: Path) -> None:
    """Make all files an hour old."""
    for path in folder.rglob("*"):
        if path.is_file():
            hour_ago = path.stat().st_mtime_ns - 3_600 * 10**9
            os.utime(path, ns=(hour_ago, hour_ago))


def is_current(config: Config) -> bool:
    return incremental.is_current(incremental.load(config), incremental.inputs(config), config)


def fail_if_loaded(*_: object) -> None:
    raise AssertionError("the wiki was loaded")


def test_unchanged_wiki_is_not_loaded(built_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(built_project)
    (built_project / incremental.CACHE).unlink()
    age_files(built_project)
    first, _ = build_if_changed(config)
    monkeypatch.setattr(pipeline, "load_wiki", fail_if_loaded)
    second, result = build_if_changed(config)
    assert second == first
    assert (second.pages, len(second.errors)) == (7, 8)
    assert not result.changed
    assert not result.deleted


def append(path: Path, text: str = "\nMore.\n") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def edit_without_changing_size(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("a", "b"), encoding="utf-8")


def add_setting(project: Path, setting: str) -> None:
    path = project / "_quarto.yml"
    text = path.read_text(encoding="utf-8")
    assert "\ntypedwiki:" in f"\n{text}"
    path.write_text(text.replace("typedwiki:\n", f"typedwiki:\n  {setting}\n", 1), encoding="utf-8")


CHANGES: dict[str, Callable[[Path], object]] = {
    "a page edited": lambda p: append(p / PAGE),
    "a page edited without changing its size": lambda p: edit_without_changing_size(p / PAGE),
    "a page added": lambda p: append(p / "data/wikis/Principle/New.md", "# New\n\n## Overview\nText.\n"),
    "a page deleted": lambda p: (p / PAGE).unlink(),
    "a page renamed": lambda p: (p / PAGE).rename(p / "data/wikis/Principle/Mended.md"),
    "a page that takes another's place": lambda p: (p / "data/wikis/Heuristic/Empty.md").replace(p / PAGE),
    "a file beside pages": lambda p: append(p / "data/wikis/Principle/picture.svg", "<svg/>"),
    "a note written by hand": lambda p: append(p / "notes/mine.qmd"),
    "another note written by hand": lambda p: append(p / "notes/other.qmd"),
    "the settings": lambda p: add_setting(p, "overview-limit: 7"),
    "the addresses": lambda p: append(p / "notes/addresses.json", "\n"),
    "a generated note edited": lambda p: append(p / "notes/heuristic/Same.qmd"),
    "a generated note deleted": lambda p: (p / "notes/principle/Same.qmd").unlink(),
    "a shared file deleted": lambda p: (p / "notes/assets/pages.js").unlink(),
    "the manifest deleted": lambda p: (p / "notes/.typedwiki.json").unlink(),
    "the cache cut short": lambda p: (p / incremental.CACHE).write_bytes(incremental.FORMAT + b"\x01"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_is_detected(
    built_project: Path, change: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    age_files(built_project)
    build_if_changed(load_config(built_project))
    assert is_current(load_config(built_project))
    change(built_project)
    monkeypatch.setattr(pipeline, "load_wiki", fail_if_loaded)
    with pytest.raises(AssertionError, match="was loaded"):
        build_if_changed(load_config(built_project))


def test_recently_written_file_is_not_trusted(built_project: Path) -> None:
    """Another change right after it might leave the same modification time."""
    append(built_project / PAGE)
    config = load_config(built_project)
    build_if_changed(config)
    assert not is_current(config)


def test_installed_packages_are_part_of_the_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def program() -> str:
        incremental.program.cache_clear()
        return incremental.program()

    before = program()
    with monkeypatch.context() as patched:
        patched.syspath_prepend(str(tmp_path / "site-packages"))
        (tmp_path / "site-packages/pyvis-99.dist-info").mkdir(parents=True)
        assert program() != before
    assert program() == before


def test_another_wiki_or_folder_is_not_current(built_project: Path, tmp_path: Path) -> None:
    age_files(built_project)
    config = load_config(built_project)
    build_if_changed(config)
    for other in (
        load_config(built_project, [GOLDEN / "two_dialects/wiki"]),
        load_config(built_project, output=tmp_path / "o"),
    ):
        assert not is_current(other)


# Changed wikis


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list to which the names of pages that are read, parsed or written are appended."""
    log: list[str] = []
    read_page, parse_page, note = read.read_page, parsed.parse_page, note_file.note

    def record_read(file: read.PageFile) -> object:
        log.append(f"read {file.path.stem}")
        return read_page(file)

    def record_parse(raw: RawFile, *others: Any) -> object:
        log.append(f"parse {raw.stem}")
        return parse_page(raw, *others)

    def record_note(page: WikiPage, site: Site) -> str:
        log.append(f"note {page.stem}")
        return note(page, site)

    monkeypatch.setattr(read, "read_page", record_read)
    monkeypatch.setattr(parsed, "parse_page", record_parse)
    monkeypatch.setattr(note_file, "note", record_note)
    return log


@pytest.fixture
def large_config(tmp_path: Path) -> Config:
    folder = tmp_path / "wiki"
    write_wiki(folder, 60)
    project = copy_project(tmp_path / "p", folder)
    age_files(project)
    return load_config(project)


def page_paths(config: Config, kind: str = "*") -> list[Path]:
    return sorted(path for path in config.sources[0].glob(f"**/{kind}/*.md") if not path.name.startswith("_"))


def append_to_last_paragraph(path: Path, words: str = " That is all.") -> None:
    """Append words to the last paragraph before the sections with links."""
    lines = path.read_text(encoding="utf-8").split("\n")
    last_index = max(i for i, line in enumerate(lines) if line[:1].isalpha() and len(line) > 60)
    lines[last_index] += words
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.parametrize("process", ["new", "same"])
def test_edited_text_processes_only_its_page(large_config: Config, log: list[str], process: str) -> None:
    cache = Cache()
    if process == "new":
        build_if_changed(large_config)
    else:
        build(large_config, cache=cache)
    page = page_paths(large_config, "Principle")[0]
    log.clear()
    append_to_last_paragraph(page)
    result = build_if_changed(large_config)[1] if process == "new" else build(large_config, cache=cache).written
    assert log == [f"read {page.stem}", f"parse {page.stem}", f"note {page.stem}"]
    bundles = [name for name in result.changed if name.startswith("assets/exports/bundle-")]
    note = f"principle/{page.stem}"
    assert set(result.changed) - set(bundles) == {f"{note}.qmd", f"assets/markdown/{note}.html.md"}


def test_check_parses_only_pages_changed_since_the_build(
    large_config: Config, log: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    build_if_changed(large_config)
    page = page_paths(large_config, "Principle")[3]
    append(page, "\nSee [[Principle:Nowhere]].\n")
    arguments = ["--project", str(large_config.project), "check"]
    log.clear()
    assert command_line.main(arguments) == 1
    output = capsys.readouterr().out
    assert [line for line in log if line.startswith("parse")] == [f"parse {page.stem}"]
    incremental.path_of(large_config).unlink()
    assert command_line.main(arguments) == 1
    assert capsys.readouterr().out == output
    assert "Nowhere" in output


def test_touched_file_is_only_read(large_config: Config, log: list[str]) -> None:
    build_if_changed(large_config)
    page = page_paths(large_config)[0]
    log.clear()
    os.utime(page)
    assert build_if_changed(large_config)[1].changed == ()
    assert log == [f"read {page.stem}"]


def test_deleted_note_is_written_again_alone(large_config: Config, log: list[str]) -> None:
    build_if_changed(large_config)
    note = next((large_config.output / "principle").glob("*.qmd"))
    before = note.read_bytes()
    note.unlink()
    log.clear()
    assert build_if_changed(large_config)[1].changed == (f"principle/{note.name}",)
    assert log == [f"note {note.stem}"]
    assert note.read_bytes() == before


def test_audit_settings_cause_no_parsing(large_config: Config, log: list[str]) -> None:
    build_if_changed(large_config)
    log.clear()
    add_setting(large_config.project, "rules: {C002: off}")
    build_if_changed(load_config(large_config.project))
    assert not log


def test_preview_starts_with_the_cache_of_a_build(large_config: Config, log: list[str]) -> None:
    build_if_changed(large_config)
    log.clear()
    cache = incremental.load(large_config)
    cache.contents = {}
    built = build(replace(large_config, drafts=True), cache=cache)
    assert not log
    assert dict(built.files) == generate(load_wiki(large_config), large_config)[0]


# The cache


def damage(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    match rng.randrange(3):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]
        case _:
            return data[:at] + rng.randbytes(9) + data[at:]


def test_damaged_cache_does_no_harm(large_config: Config) -> None:
    build_if_changed(large_config)
    path = large_config.project / incremental.CACHE
    intact = path.read_bytes()
    expected, _ = generate(load_wiki(large_config), large_config)
    rng = random.Random(3)
    for _ in range(6):
        path.write_bytes(damage(intact, rng))
        append_to_last_paragraph(page_paths(large_config)[0], "")
        os.utime(page_paths(large_config)[0])
        build_if_changed(large_config)
        for name, data in expected.items():
            assert (large_config.output / name).read_bytes() == data, name


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
def test_invalid_or_old_cache_is_ignored(built_project: Path, data: bytes) -> None:
    (built_project / incremental.CACHE).write_bytes(data)
    assert incremental.load(load_config(built_project)) == Cache()


def test_malicious_cache_cannot_redirect_output(built_project: Path) -> None:
    """Names decide where notes are written, so they are never taken from a cache."""
    config = load_config(built_project)
    cache = incremental.load(config)
    cache.load_pages()
    for path, page in cache.pages.items():
        cache.pages[path] = replace(page, page=replace(page.page, stem="../../outside", id="Principle/../../outside"))
    incremental.save(config, cache)
    append(built_project / PAGE)
    build_if_changed(config)
    assert not list(built_project.parent.rglob("outside*"))
    assert differing_files(config, generate(load_wiki(config), config)[0]) == []


def load_cache(config: Config) -> Cache:
    cache = incremental.load(config)
    cache.load_pages()
    return cache


def test_cache_restores_parsed_pages(built_project: Path) -> None:
    config = load_config(built_project)
    fresh = Cache()
    load_wiki(config, cache=fresh)
    assert load_cache(config).pages == fresh.pages


def test_cache_contains_only_data(built_project: Path) -> None:
    """It is MessagePack, which contains no code."""
    data = (built_project / incremental.CACHE).read_bytes().removeprefix(incremental.FORMAT)
    while data:
        length, _ = struct.unpack("<II", data[:8])
        msgspec.msgpack.decode(data[8 : 8 + length])
        data = data[8 + length :]


# Random edits

Edit = Callable[[Path, random.Random, int], None]
WORDS = ["attention", "memory", "kernel", "gradient", "tokens", "precision", "batch", "schedule"]


def pages(wiki: Path) -> list[Path]:
    return sorted(path for path in wiki.rglob("*.md") if not path.name.startswith("_"))


def random_page(wiki: Path, rng: random.Random) -> Path:
    """A random page; a few are chosen more often, so that edits overlap."""
    return rng.choice(pages(wiki)[:: rng.choice([1, 8])])


def add_front_matter(path: Path, line: str) -> None:
    text = path.read_text(encoding="utf-8")
    text = text.removeprefix("---\n") if text.startswith("---\n") else f"---\n{text}"
    path.write_text(f"---\n{line}\n{text}", encoding="utf-8")


def retitle(wiki: Path, rng: random.Random, n: int) -> None:
    add_front_matter(random_page(wiki, rng), f"title: Title {n}")


def hold_back(wiki: Path, rng: random.Random, n: int) -> None:
    add_front_matter(random_page(wiki, rng), "draft: true")


def publish(wiki: Path, rng: random.Random, n: int) -> None:
    for path in pages(wiki):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("draft: true\n", ""), encoding="utf-8")


def alias(wiki: Path, rng: random.Random, n: int) -> None:
    add_front_matter(
        random_page(wiki, rng), f"aliases: [{rng.choice([f'Other {n % 3}', random_page(wiki, rng).stem])}]"
    )


def link(wiki: Path, rng: random.Random, n: int) -> None:
    path, other = random_page(wiki, rng), random_page(wiki, rng)
    names = [f"{other.parent.name}:{other.stem}", other.stem, "Nowhere", f"Other {n % 3}", f"Title {n - 1}"]
    edge = rng.choice(["", "step::", "implements::", "requires_env::", "uses_heuristic::", "related::"])
    fragment = rng.choice(["", "#Description", "#Description", "#Depiction"])
    append(path, f"\n- [[{edge}{rng.choice(names)}{fragment}]]\n")


def embed(wiki: Path, rng: random.Random, n: int) -> None:
    append(random_page(wiki, rng), f"\n![[{random_page(wiki, rng).stem}{rng.choice(['', '#Description'])}]]\n")


def unlink(wiki: Path, rng: random.Random, n: int) -> None:
    path = random_page(wiki, rng)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    links = [i for i, line in enumerate(lines) if "[[" in line and "::" in line and "source" not in line]
    if links:
        del lines[rng.choice(links)]
    path.write_text("".join(lines), encoding="utf-8")


def reword_heading(wiki: Path, rng: random.Random, n: int) -> None:
    path = random_page(wiki, rng)
    text = path.read_text(encoding="utf-8")
    old, new = ("Description", "Depiction") if "Description" in text else ("Depiction", "Description")
    path.write_text(text.replace(old, new), encoding="utf-8")


def reword(wiki: Path, rng: random.Random, n: int) -> None:
    path = random_page(wiki, rng)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(" the ", f" the {'very ' * 90 * (n % 3)}", 2), encoding="utf-8")


def overview(wiki: Path, rng: random.Random, n: int) -> None:
    path = random_page(wiki, rng)
    lines = path.read_text(encoding="utf-8").split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip("=# ") == "Overview"), 0)
    lines.insert(first + 1, f"{rng.choice(WORDS).capitalize()} {n}.")
    path.write_text("\n".join(lines), encoding="utf-8")


def insert_anywhere(*texts: str) -> Edit:
    def insert(wiki: Path, rng: random.Random, n: int) -> None:
        path = random_page(wiki, rng)
        lines = path.read_text(encoding="utf-8").split("\n")
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(texts))
        path.write_text("\n".join(lines), encoding="utf-8")

    return insert


def delete_line(wiki: Path, rng: random.Random, n: int) -> None:
    path = random_page(wiki, rng)
    lines = path.read_text(encoding="utf-8").split("\n")
    del lines[rng.randrange(len(lines))]
    path.write_text("\n".join(lines), encoding="utf-8")


def add(wiki: Path, rng: random.Random, n: int) -> None:
    path = random_page(wiki, rng).with_name(f"New_{n}.md")
    path.write_text(f"# New {n}\n\n## Overview\n\nNew.\n\n## Description\n\nWords.\n", encoding="utf-8")


def delete(wiki: Path, rng: random.Random, n: int) -> None:
    random_page(wiki, rng).unlink()


def move(wiki: Path, rng: random.Random, n: int) -> None:
    path, other = random_page(wiki, rng), random_page(wiki, rng)
    path.rename(other.with_name(path.name))


def rename(wiki: Path, rng: random.Random, n: int) -> None:
    path = random_page(wiki, rng)
    add_front_matter(path, f"aliases: [{path.stem}]")
    path.rename(path.with_name(f"{path.stem}_{n}.md"))


def redirect(wiki: Path, rng: random.Random, n: int) -> None:
    path, other = random_page(wiki, rng), random_page(wiki, rng)
    path.write_text(f"#REDIRECT [[{other.parent.name}:{other.stem}]]\n", encoding="utf-8")


def require(wiki: Path, rng: random.Random, n: int) -> None:
    path = rng.choice([path for path in pages(wiki) if path.parent.name == "Environment"] or pages(wiki))
    append(path, f"\n## Dependencies {n}\n\n- `torch` {rng.choice(['>=', '<'])} {rng.randint(1, 4)}.0\n")


def change_picture(wiki: Path, rng: random.Random, n: int) -> None:
    path = random_page(wiki, rng)
    image = path.with_name("shared.svg")
    match rng.randint(0, 2):
        case 0:
            append(path, "\n![A picture](shared.svg)\n")
        case 1:
            image.write_text(f"<svg>{n}</svg>", encoding="utf-8")
        case _:
            image.unlink(missing_ok=True)


def write_note(wiki: Path, rng: random.Random, n: int) -> None:
    note = wiki.parent.parent / f"notes/own-{n % 3}.qmd"
    other = random_page(wiki, rng)
    note.write_text(f"---\ntitle: Own {n}\n---\n\n[[{other.parent.name}:{other.stem}]]\n", encoding="utf-8")


def index(wiki: Path, rng: random.Random, n: int) -> None:
    path = random_page(wiki, rng)
    append(
        path.with_name(f"_{path.parent.name}Index.md"), f"\n- [[{path.parent.name}:{random_page(wiki, rng).stem}]]\n"
    )


def source(wiki: Path, rng: random.Random, n: int) -> None:
    add_front_matter(random_page(wiki, rng), f"sources: ['https://github.com/acme/kit{n % 2}']")


def settings(wiki: Path, rng: random.Random, n: int) -> None:
    path = wiki.parent.parent / "_quarto.yml"
    setting = rng.choice(["overview-limit: 20", "rules: {C002: error}", "rules: {L001: off}", "stale-months: 5"])
    title = rng.choice(["One", "Two"])
    path.write_text(f"website: {{title: {title}}}\ntypedwiki:\n  {setting}\n", encoding="utf-8")


EDITS: tuple[Edit, ...] = (
    retitle, hold_back, publish, alias, link, link, link, embed, unlink, reword_heading, reword_heading, reword,
    overview, delete_line, add, delete, move, rename, redirect, require, change_picture, write_note, index, source,
    settings,
    insert_anywhere("<pre>", "<!-- typedwiki: ignore C002 -->", "\n```python\nprint('more')\n```\n", "{{< video x >}}"),
    insert_anywhere("\nSee `src/kit/more/model.py:L10-20`.\n", "\nSee `model.py:L3`.\n", "src/other/model.py"),
)  # fmt: skip


def differing_files(config: Config, clean: Mapping[str, bytes]) -> list[str]:
    """The files that differ from a clean build, and those that only one of the two has."""
    actual_names = {path.relative_to(config.output).as_posix() for path in config.output.rglob("*") if path.is_file()}
    actual_names -= {".typedwiki.json", "addresses.json"}
    actual_names -= {path.name for path in config.output.glob("*.qmd")}
    changed = [
        name for name, data in clean.items() if name in actual_names and (config.output / name).read_bytes() != data
    ]
    return [*changed, *sorted(actual_names ^ clean.keys())]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12 if ALL_CASES else 3))
def test_random_edits_equal_a_clean_build(tmp_path: Path, seed: int) -> None:
    """A new process loads the cache from disk; within one process, as in a preview, it is an object."""
    rng = random.Random(seed)
    project = tmp_path / "project"
    write_wiki(project / "data/wikis", 30, seed)
    (project / "notes").mkdir()
    (project / "_quarto.yml").write_text("website: {title: One}\n", encoding="utf-8")
    wiki, cache = project / "data/wikis", Cache(contents={})
    for n in range(25):
        edits = [rng.choice(EDITS) for _ in range(rng.choice([1, 1, 1, 3]) if n else 0)]
        for edit in edits:
            edit(wiki, rng, n)
        config, names = load_config(project), [edit.__name__ for edit in edits]
        expected = load_wiki(config)
        clean, _ = generate(expected, config)
        preview = load_config(project, output=tmp_path / "preview")
        built = build(preview, cache=cache)
        assert built.files == clean, names
        assert (differing_files(preview, clean), built.result) == ([], summarize(expected)), names
        result, _ = build_if_changed(config)
        assert (differing_files(config, clean), result) == ([], built.result), names


def test_cache_is_valid_in_a_new_process(tmp_path: Path) -> None:
    """Another hash seed: no fingerprint depends on the order of a set."""
    built_project = copy_project(tmp_path / "p", GOLDEN / "two_dialects/wiki")
    for number in range(3):
        command = [sys.executable, "scripts/wiki.py", "build"]
        environment = {**os.environ, "PYTHONHASHSEED": str(number)}
        result = subprocess.run(
            command, cwd=built_project, env=environment, capture_output=True, encoding="utf-8", check=True
        )
        assert (" 0 files written" in result.stdout) == (number > 0)
