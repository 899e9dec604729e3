"""Following a wiki during edits: watching, problems that appear and disappear, caches, the server, processes."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest

from conftest import GOLDEN, copy_project
from test_incremental import delete, retitle, reword_heading, write_note
from typedwiki.build import build
from typedwiki.config import load_config
from typedwiki.incremental import Cache
from typedwiki.lock import hold_lock
from typedwiki.render import processes
from typedwiki.render.bodies import DraftCache
from typedwiki.render.draft import draft
from typedwiki.render.preview import EVENTS, PreviewSession, changed_problems, is_watched, serving, watch_files
from wiki_project import write_project

pytestmark = pytest.mark.slow

# Problems


def problem_changes(project: Path, session: PreviewSession) -> list[str]:
    """The sign, code and line of each problem that a build reports as new or gone."""
    new, resolved = changed_problems(build(load_config(project), cache=session.cache), session)
    return [f"+{p.code} {p.line}" for p in new] + [f"-{p.code} {p.line}" for p in resolved]


def test_problems_appear_and_disappear_once(tmp_path: Path) -> None:
    project = write_project(tmp_path, {"Heuristic/A.md": "# A\n\n[[Heuristic:B]]\n", "Heuristic/B.md": "# B\n"})
    page = project / "data/wikis/Heuristic/A.md"
    session = PreviewSession(load_config(project))
    problem_changes(project, session)
    steps = [
        ("# A\n\n[[Heuristic:B]]\n[[Nope]]\n", ["+L001 4"]),
        ("# A\n\n\n[[Heuristic:B]]\n[[Nope]]\n", []),  # only moved
        ("# A\n\n\n[[Heuristic:B]]\n[[Nope]]\n[[Nope]]\n", ["+L001 6"]),
        ("# A\n\n[[Heuristic:B]]\n[[Nope]]\n", ["-L001 6"]),
        ("# A\n\n[[Heuristic:B]]\n", ["-L001 4"]),
    ]
    for text, expected in steps:
        page.write_text(text, encoding="utf-8")
        assert [line for line in problem_changes(project, session) if "L001" in line] == expected


# Watching


@pytest.mark.parametrize(
    ("path", "watched"),
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
def test_watched_files(tmp_path: Path, path: str, watched: bool) -> None:
    assert is_watched(tmp_path / path, load_config(write_project(tmp_path, {}))) is watched


def test_burst_of_changes_is_reported_once(tmp_path: Path) -> None:
    project = write_project(tmp_path, {"Heuristic/A.md": "# A\n", "Heuristic/B.md": "# B\n"})
    (project / "index.qmd").write_text("", encoding="utf-8")
    (project / "_extensions").mkdir()
    wiki = project / "data/wikis/Heuristic"
    changes = watch_files(load_config(project))
    assert next(changes) == {project / "_quarto.yml"}  # changes before the watch started
    time.sleep(0.1)
    for name in ("A", "B"):
        wiki.joinpath(f".{name}.tmp").write_text(f"# {name} again\n", encoding="utf-8")
        wiki.joinpath(f".{name}.tmp").replace(wiki / f"{name}.md")
    assert next(filter(None, changes)) == {wiki / "A.md", wiki / "B.md"}
    for text in ("one", "two"):  # a file that has been replaced is still watched
        (project / "new").write_text(text, encoding="utf-8")
        (project / "new").replace(project / "index.qmd")
        assert next(filter(None, changes)) == {project / "index.qmd"}
    source = project / "data/wikis"
    source.rename(project / "away")
    assert source in next(filter(None, changes))
    (project / "away").rename(source)
    assert source in next(filter(None, changes))
    next(changes)
    (wiki / "A.md").write_text("# A once more\n", encoding="utf-8")  # a restored folder is watched again
    assert wiki / "A.md" in next(filter(None, changes))


# The cache


def test_draft_with_a_cache_equals_a_clean_one(tmp_path: Path) -> None:
    rng = random.Random(1)
    project = copy_project(tmp_path / "project", GOLDEN / "two_dialects/wiki")
    config, cache, draft_cache = load_config(project), Cache(contents={}), DraftCache()
    template = project / "_extensions/typedwiki/draft/page.html"
    steps = [retitle, retitle, reword_heading, delete, write_note]
    for n, edit in enumerate(steps):
        edit(project / "data/wikis", rng, n)
        if n == 1:
            template.write_text(template.read_text(encoding="utf-8") + "<!-- new -->\n", encoding="utf-8")
        built = build(config, cache=cache)
        draft(config, built.files, tmp_path / "kept", lambda done, total: None, cache=draft_cache)
        draft(config, built.files, tmp_path / f"clean-{n}", lambda done, total: None)
        assert read_tree(tmp_path / "kept") == read_tree(tmp_path / f"clean-{n}")


def read_tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# The server


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - a local server
            assert answer.headers["Cache-Control"] == "no-cache"
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_page_is_notified_of_changes_before_and_after_it_listens(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!DOCTYPE html><p>Hi</p>", encoding="utf-8")
    with serving(tmp_path, 0) as (address, changed):
        status, page = get(address)
        assert (status, page[:24]) == (200, "<!DOCTYPE html><p>Hi</p>")
        events = f"{EVENTS}?{page.partition(EVENTS + '?')[2].partition(chr(34))[0]}"
        assert events in page
        status, not_found = get(f"{address}gone.html")
        assert status == 404
        assert EVENTS in not_found
        received: list[str] = []
        listener = threading.Thread(target=lambda: received.append(get(address + events[1:])[1]))
        listener.start()
        time.sleep(0.2)
        assert received == []
        changed.announce()
        listener.join(5)
        assert received == ["data: changed\n\n"]
        assert get(address + events[1:])[1] == "data: changed\n\n"  # a change while nobody listened
        assert events not in get(address)[1]


# Processes


@pytest.mark.skipif(sys.platform == "win32", reason="needs process groups")
def test_processes_started_by_a_process_end_with_it(tmp_path: Path) -> None:
    stubborn = (
        "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (2, 15)]; open('up', 'w'); time.sleep(60)"
    )
    command = ["bash", "-c", f'cd "{tmp_path}"; {sys.executable} -c "{stubborn}" & echo $! >pid; wait']
    with processes.running(command, {}, None, tmp_path) as process:
        while not (tmp_path / "up").exists():
            time.sleep(0.02)
    assert process.returncode is not None
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", (tmp_path / "pid").read_text()], capture_output=True, check=False
    )
    assert state.stdout.strip()[:1] in (b"", b"Z")


def test_interruptible_turns_sigterm_into_keyboard_interrupt() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), processes.interruptible():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before


def test_preview_lock_does_not_block_rendering(tmp_path: Path) -> None:
    with hold_lock(tmp_path, "preview", "preview"), hold_lock(tmp_path, "site", "render"):
        pass
