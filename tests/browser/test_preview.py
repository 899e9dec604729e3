"""An author's hour: a wiki is written while one open page of its preview follows by itself."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from conftest import GOLDEN, copy_project, skip_or_fail
from test_notes import CHART

pytestmark = pytest.mark.browser
PATIENCE = 180
"""Seconds that anything may take: the machine may have other work."""
PRINCIPLES = Path("data/wikis/Principle")


class Preview:
    """A running preview and what it has said."""

    def __init__(self, here: Path, *arguments: str) -> None:
        self.here = here
        self.name = uuid.uuid4().hex
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "scripts/wiki.py", "preview", "--no-browser", f"--port={self.port}", *arguments]
        # As a terminal would: Ctrl-C reaches the whole group.
        self.process = subprocess.Popen(
            command,
            cwd=here,
            env={**os.environ, "TYPEDWIKI_TEST": self.name},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )
        self.said: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        self.said.extend(line.rstrip() for line in self.process.stdout or ())

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def hear(self, pattern: str, since: int = 0, patience: float = PATIENCE) -> str:
        """The first line, from a number of lines on, that a pattern is found in."""

        def found() -> str:
            return next((line for line in self.said[since:] if re.search(pattern, line)), "")

        until(lambda: bool(found()) or self.process.poll() is not None, patience, lambda: "\n".join(self.said))
        assert found(), "\n".join(self.said)
        return found()

    def wiki(self, *arguments: str) -> None:
        """Run a command beside the preview."""
        command = [sys.executable, "scripts/wiki.py", *arguments]
        subprocess.run(command, cwd=self.here, check=True, capture_output=True)

    def left(self) -> list[str]:
        """What is running of all that the preview has started."""
        mark = f"TYPEDWIKI_TEST={self.name}".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes():
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
        return found

    def stop(self, number: int = signal.SIGINT) -> int:
        """Ctrl-C, or something else that ends it; the exit status."""
        if number == signal.SIGINT:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def until(condition: Callable[[], bool], patience: float = PATIENCE, report: Callable[[], str] = str) -> None:
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, report()
        time.sleep(0.05)


@contextmanager
def previewed(here: Path, *arguments: str) -> Iterator[Preview]:
    preview = Preview(here, *arguments)
    try:
        yield preview
    finally:
        if preview.process.poll() is None:
            preview.stop(signal.SIGTERM)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return copy_project(tmp_path / "here", GOLDEN / "two_dialects/wiki", with_about_pages=False)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in which no script fails and that asks no other host. That a page is gone is no failure here."""
    context = browser.new_context()
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "request", lambda r: None if r.url.startswith(("http://127.0.0.1", "data:")) else complaints.append(r.url)
    )
    yield opened
    context.close()
    assert complaints == []


def shows(page: Page, expression: str) -> None:
    """Wait until the open page, whatever it has turned into by itself, fulfils a condition."""
    page.wait_for_function(expression, timeout=PATIENCE * 1000)


def text(words: str) -> str:
    return f"document.querySelector('main, #quarto-content')?.innerText.includes({words!r})"


def edit(path: Path, old: str, new: str) -> None:
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("renderer", ["draft", pytest.param("quarto", marks=pytest.mark.quarto)])
def test_an_hour(renderer: str, here: Path, page: Page, request: pytest.FixtureRequest) -> None:
    if renderer == "quarto":
        request.getfixturevalue("quarto")
        if not (find_spec("nbclient") and find_spec("ipykernel")):
            skip_or_fail("quarto", "Jupyter is not installed")
    idea, loss = here / PRINCIPLES / "acme_kit_Idea.md", here / PRINCIPLES / "acme_kit_Loss.md"
    with previewed(here, *(["--draft"] if renderer == "draft" else [])) as preview:
        preview.hear(r"is at http", patience=3 * PATIENCE)

        # A new page: who looks for it too early sees it appear.
        page.goto(preview.url("notes/principle/acme_kit_Idea.html"))
        preview.wiki("new", "Principle", "Idea")
        shows(page, "document.title.startsWith('Idea')")

        edit(idea, "## Overview\n", "## Overview\n\nAll begins here.\n")
        shows(page, text("All begins here."))
        preview.hear("mended: .*acme_kit_Idea.md.* C001")

        # Saved again while the first save is still on its way.
        edit(idea, "All begins", "Everything begins")
        if renderer == "quarto":
            until(lambda: any("quarto.js render" in command for command in preview.left()))
        edit(idea, "Everything begins", "All begins anew and")
        shows(page, text("All begins anew and here."))

        # Links to it, and from it to nowhere and back.
        edit(loss, "What training makes small.", "What training makes small. See [[Principle:Idea]].")
        shows(page, "!!document.querySelector('main a.tw-link[href*=acme_kit_Loss]')")
        edit(idea, "All begins", "[[Principle:Los]] All begins")
        shows(page, "!!document.querySelector('main .tw-missing')")
        preview.hear("acme_kit_Idea.md:.* L001 .*Los")
        edit(idea, "Principle:Los]]", "Principle:Loss]]")
        shows(page, "!document.querySelector('main .tw-missing')")
        preview.hear("mended: .*acme_kit_Idea.md:.* L001 .*Los")

        # Another name: the old address leads to the new one, as do links.
        preview.wiki("rename", "Principle:Idea", "Principle:Thought")
        shows(page, "location.pathname.endsWith('/acme_kit_Thought.html')")
        page.goto(preview.url("notes/principle/acme_kit_Loss.html"))
        shows(page, "!!document.querySelector('main a.tw-link[href*=acme_kit_Thought]')")

        # Gone: the link says so, the page and its former address are no more.
        (here / PRINCIPLES / "acme_kit_Thought.md").unlink()
        shows(page, "!!document.querySelector('main .tw-missing')")
        for name in ("Idea", "Thought"):
            answer = page.request.get(preview.url(f"notes/principle/acme_kit_{name}.html"))
            assert answer.status == 404
        if renderer == "quarto":
            entries = page.request.get(preview.url("search.json")).json()
            assert not [entry for entry in entries if "acme_kit_Thought.html" in entry["href"]]

        # A note by hand, with a link that is followed at once and a figure.
        page.goto(preview.url("notes/chart.html"))
        note = here / "notes/chart.qmd"
        note.write_text(CHART.replace("rises.", "rises. See [[Principle:Loss]]."), encoding="utf-8")
        shows(page, "!!document.querySelector('main a.tw-link[href*=acme_kit_Loss]')")
        if renderer == "quarto":
            page.locator(".tw-figure").scroll_into_view_if_needed()
            page.wait_for_selector(".tw-figure[data-drawn]", timeout=PATIENCE * 1000)
        else:
            shows(page, text("go.Figure"))
        edit(note, "Principle:Loss", "Environment:Python")
        shows(page, "!!document.querySelector('main a.tw-link[href*=acme_kit_Python]')")

        assert preview.stop() == 0
        assert preview.said[-1] == "typedwiki: preview ended"
        until(lambda: not preview.left(), report=lambda: str(preview.left()))


def test_says_what_is_wrong_with_the_settings_and_carries_on(here: Path, page: Page) -> None:
    settings, index = here / "_quarto.yml", here / "index.qmd"
    with previewed(here, "--draft") as preview:
        preview.hear("is at http")
        page.goto(preview.url(""))
        good = settings.read_text(encoding="utf-8")
        settings.write_text(good + "  : : [\n", encoding="utf-8")
        preview.hear(r"_quarto\.yml:\d+:\d+: error W002 is not YAML")
        edit(index, "\n---\n\n", "\n---\n\nHello.\n\n")
        until(lambda: sum("is not YAML" in line for line in preview.said) > 1)
        moved = good.replace("# source: ../our-wiki", "source: other")
        settings.with_suffix(".new").write_text(moved, encoding="utf-8")
        (here / "data/wikis").rename(here / "other")
        settings.with_suffix(".new").replace(settings)  # as many editors save
        shows(page, text("Hello."))
        edit(
            here / "other/Principle/acme_kit_Loss.md", "What training", "Whatever training"
        )  # the new source is watched
        shows(page, text("Whatever training"))


def test_refuses_what_cannot_go_well(here: Path) -> None:
    with previewed(here, "--draft") as preview:
        preview.hear("is at http")
        with previewed(here, "--draft") as second:
            second.hear("another preview of this project is running")
            assert second.process.wait(PATIENCE) == 2
        with previewed(here, "--draft", f"--port={preview.port}") as second:
            second.hear(f"port {preview.port} cannot be used.*--port")
            assert second.process.wait(PATIENCE) == 2
        assert preview.stop(signal.SIGHUP) == 0


def test_another_wiki_leaves_the_project_as_it_is(here: Path, tmp_path: Path, page: Page) -> None:
    other = tmp_path / "other/Principle/Guest.md"
    other.parent.mkdir(parents=True)
    other.write_text("# Guest\n\n## Overview\n\nFrom afar.\n", encoding="utf-8")
    before = sorted(path for path in here.rglob("*") if "__pycache__" not in path.parts)
    with previewed(here, "--source", str(other.parent.parent)) as preview:
        preview.hear("is at http")
        page.goto(preview.url("notes/principle/Guest.html"))
        edit(other, "From afar", "From near")
        shows(page, text("From near."))
        assert preview.stop() == 0
    after = {path for path in here.rglob("*") if "__pycache__" not in path.parts} - set(before)
    assert {path.relative_to(here).parts[0] for path in after} <= {".typedwiki"}


@pytest.mark.quarto
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_outlives_it(here: Path, quarto: str, number: signal.Signals) -> None:
    """Neither when it is ended in its first render."""
    with previewed(here) as preview:
        until(lambda: any("quarto.js render" in command for command in preview.left()))
        assert preview.stop(number) == 0
        until(lambda: not preview.left(), report=lambda: str(preview.left()))
