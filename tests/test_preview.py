"""Following a wiki that is being edited: what changes, what it does to problems, and that a memo forgets nothing."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError

import pytest

from authoring import written
from conftest import GOLDEN, project
from generated import write_wiki
from typedwiki.build import Built, build
from typedwiki.config import Config, load_config
from typedwiki.lock import alone
from typedwiki.notes.memo import Memo
from typedwiki.pipeline import generate, understand
from typedwiki.render import processes
from typedwiki.render.draft import draft
from typedwiki.render.serve import EVENTS, serving
from typedwiki.render.watch import Session, changes, news, watched

pytestmark = pytest.mark.slow

# Problems


def told(here: Path, session: Session) -> list[str]:
    """Signs and codes of what a build says of problems."""
    appeared, gone = news(build(load_config(here), memo=session.memo), session)
    return [f"+{p.code} {p.line}" for p in appeared] + [f"-{p.code} {p.line}" for p in gone]


def test_problems_appear_and_disappear_once(tmp_path: Path) -> None:
    here = written(tmp_path, {"Heuristic/A.md": "# A\n\n[[Heuristic:B]]\n", "Heuristic/B.md": "# B\n"})
    page = here / "data/wikis/Heuristic/A.md"
    session = Session(load_config(here))
    told(here, session)
    steps = [
        ("# A\n\n[[Heuristic:B]]\n[[Nope]]\n", ["+L001 4"]),
        ("# A\n\n\n[[Heuristic:B]]\n[[Nope]]\n", []),  # only moved
        ("# A\n\n\n[[Heuristic:B]]\n[[Nope]]\n[[Nope]]\n", ["+L001 6"]),
        ("# A\n\n[[Heuristic:B]]\n[[Nope]]\n", ["-L001 6"]),
        ("# A\n\n[[Heuristic:B]]\n", ["-L001 4"]),
    ]
    for text, expected in steps:
        page.write_text(text, encoding="utf-8")
        assert [line for line in told(here, session) if "L001" in line] == expected


# Watching


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("data/wikis/Principle/A.md", True),
        ("data/wikis/Principle/slope.png", True),
        ("data/wikis/Principle", True),
        ("data/wikis/_PrincipleIndex.md", True),
        ("data/wikis/Principle/.A.md.swp", False),
        ("data/wikis/Principle/A.md~", False),
        ("data/wikis/Principle/#A.md#", False),
        ("data/wikis/.git/index", False),
        ("notes/own.qmd", True),
        ("notes/principle/A.qmd", False),
        ("notes/.typedwiki.json", False),
        ("notes/addresses.json", False),
        ("_extensions/typedwiki/draft/page.html", True),
        ("README.md", False),
    ],
)
def test_what_is_watched(tmp_path: Path, path: str, counts: bool) -> None:
    assert watched(tmp_path / path, load_config(written(tmp_path, {}))) is counts


def test_a_burst_of_changes_is_one_however_files_are_saved(tmp_path: Path) -> None:
    here = written(tmp_path, {"Heuristic/A.md": "# A\n", "Heuristic/B.md": "# B\n"})
    (here / "index.qmd").write_text("", encoding="utf-8")
    (here / "_extensions").mkdir()
    wiki = here / "data/wikis/Heuristic"
    found = changes(load_config(here))
    assert next(found) == {here / "_quarto.yml"}  # what happened before the watch began
    time.sleep(0.1)
    for name in ("A", "B"):
        wiki.joinpath(f".{name}.tmp").write_text(f"# {name} again\n", encoding="utf-8")
        wiki.joinpath(f".{name}.tmp").replace(wiki / f"{name}.md")
    assert next(filter(None, found)) == {wiki / "A.md", wiki / "B.md"}
    for text in ("one", "two"):  # a file that has been replaced is still watched
        (here / "new").write_text(text, encoding="utf-8")
        (here / "new").replace(here / "index.qmd")
        assert next(filter(None, found)) == {here / "index.qmd"}
    source = here / "data/wikis"
    source.rename(here / "away")
    assert source in next(filter(None, found))
    (here / "away").rename(source)
    assert source in next(filter(None, found))
    next(found)
    (wiki / "A.md").write_text("# A once more\n", encoding="utf-8")  # a folder that has come back, too
    assert wiki / "A.md" in next(filter(None, found))


# The memo

Edit = Callable[[Path, random.Random, int], None]


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


def alias(wiki: Path, rng: random.Random, n: int) -> None:
    with_front(one(wiki, rng), f"aliases: [{rng.choice([f'Other {n % 3}', one(wiki, rng).stem])}]")


def link(wiki: Path, rng: random.Random, n: int) -> None:
    path, other = one(wiki, rng), one(wiki, rng)
    target = rng.choice(
        [f"{other.parent.name}:{other.stem}", other.stem, "Nowhere", f"Other {n % 3}", f"Title {n - 1}"]
    )
    edge = rng.choice(["", "step::", "implements::", "requires_env::", "uses_heuristic::", "related::"])
    fragment = rng.choice(["", "#Description", "#Description", "#Depiction"])
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n- [[{edge}{target}{fragment}]]\n")


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


def require(wiki: Path, rng: random.Random, n: int) -> None:
    path = rng.choice([path for path in pages(wiki) if path.parent.name == "Environment"] or pages(wiki))
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n## Dependencies {n}\n\n- `torch` {rng.choice(['>=', '<'])} {rng.randint(1, 4)}.0\n")


def picture(wiki: Path, rng: random.Random, n: int) -> None:
    path = one(wiki, rng)
    image = path.with_name("shared.svg")
    match rng.randint(0, 2):
        case 0:
            with path.open("a", encoding="utf-8") as file:
                file.write("\n![A picture](shared.svg)\n")
        case 1:
            image.write_text(f"<svg>{n}</svg>", encoding="utf-8")
        case _:
            image.unlink(missing_ok=True)


def by_hand(wiki: Path, rng: random.Random, n: int) -> None:
    note = wiki.parent.parent / f"notes/own-{n % 3}.qmd"
    other = one(wiki, rng)
    note.write_text(f"---\ntitle: Own {n}\n---\n\n[[{other.parent.name}:{other.stem}]]\n", encoding="utf-8")


EDITS: tuple[Edit, ...] = (
    retitle, alias, link, link, link, unlink, reword_heading, reword_heading, reword, add, delete, move, rename,
    require, picture, by_hand,
)  # fmt: skip


def differing(built: Built, config: Config, clean: dict[str, bytes]) -> list[str]:
    names = sorted({*built.files, *clean})
    wrong = [name for name in names if built.files.get(name) != clean.get(name)]
    return wrong + [name for name in names if (config.output / name).read_bytes() != clean[name]]


@pytest.mark.parametrize("seed", range(8))
def test_a_build_with_a_memo_is_that_of_a_clean_start(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    here = written(tmp_path / "here", {})
    wiki = here / "data/wikis"
    write_wiki(wiki, 40, seed)
    config, memo = load_config(here), Memo()
    build(config, memo=memo)
    for n in range(25):
        done = [rng.choice(EDITS) for _ in range(rng.choice([1, 1, 1, 3]))]
        for edit in done:
            edit(wiki, rng, n)
        clean, _ = generate(understand(config), config)
        assert differing(build(config, memo=memo), config, clean) == [], [edit.__name__ for edit in done]


def test_a_draft_with_a_memo_is_that_of_a_clean_start(tmp_path: Path) -> None:
    rng = random.Random(1)
    here = project(tmp_path / "here", GOLDEN / "two_dialects/wiki")
    config, memo = load_config(here), Memo()
    template = here / "_extensions/typedwiki/draft/page.html"
    steps: list[Edit] = [retitle, retitle, reword_heading, delete, by_hand]
    for n, edit in enumerate(steps):
        edit(here / "data/wikis", rng, n)
        if n == 1:
            template.write_text(template.read_text(encoding="utf-8") + "<!-- new -->\n", encoding="utf-8")
        built = build(config, memo=memo)
        draft(config, built.files, tmp_path / "kept", lambda done, total: None, memo=memo)
        draft(config, built.files, tmp_path / f"clean-{n}", lambda done, total: None)
        assert tree(tmp_path / "kept") == tree(tmp_path / f"clean-{n}")


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# The server


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own
            assert answer.headers["Cache-Control"] == "no-cache"
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_a_page_learns_of_changes_even_from_before_it_listens(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!DOCTYPE html><p>Hi</p>", encoding="utf-8")
    with serving(tmp_path, 0) as (address, changed):
        status, page = get(address)
        assert (status, page[:24]) == (200, "<!DOCTYPE html><p>Hi</p>")
        events = f"{EVENTS}?{page.partition(EVENTS + '?')[2].partition(chr(34))[0]}"
        assert events in page
        status, gone = get(f"{address}gone.html")
        assert status == 404
        assert EVENTS in gone
        heard: list[str] = []
        listener = threading.Thread(target=lambda: heard.append(get(address + events[1:])[1]))
        listener.start()
        time.sleep(0.2)
        assert heard == []
        changed.announce()
        listener.join(5)
        assert heard == ["data: changed\n\n"]
        assert get(address + events[1:])[1] == "data: changed\n\n"  # it changed while nobody listened
        assert events not in get(address)[1]


# Processes


@pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups")
def test_all_that_a_process_has_started_ends_with_it(tmp_path: Path) -> None:
    stubborn = (
        "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (2, 15)]; open('up', 'w'); time.sleep(60)"
    )
    command = ["bash", "-c", f'cd "{tmp_path}"; {sys.executable} -c "{stubborn}" & echo $! >pid; wait']
    with processes.running(command, {}) as process:
        while not (tmp_path / "up").exists():
            time.sleep(0.02)
    assert process.returncode is not None
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", (tmp_path / "pid").read_text()], capture_output=True, check=False
    )
    assert state.stdout.strip()[:1] in (b"", b"Z")


def test_being_told_to_end_is_like_ctrl_c_and_only_for_a_while() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), processes.interruptible():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_preview_keeps_no_render_from_the_project(tmp_path: Path) -> None:
    with alone(tmp_path, "preview", "preview"), alone(tmp_path, "site", "render"):
        pass
