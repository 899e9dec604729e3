"""`typedwiki preview`: an open page follows while its wiki is written."""

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
from test_hand_written_notes import CHART_NOTE

pytestmark = pytest.mark.browser
TIMEOUT = 180
"""Seconds that anything may take: the machine may be busy."""
PRINCIPLES = Path("data/wikis/Principle")


class Preview:
    """A running preview and its output."""

    def __init__(self, project: Path, *arguments: str) -> None:
        self.project = project
        self.name = uuid.uuid4().hex
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "scripts/wiki.py", "preview", "--no-browser", f"--port={self.port}", *arguments]
        # A process group of its own, so that a signal reaches all of it, as Ctrl-C in a terminal does.
        self.process = subprocess.Popen(
            command,
            cwd=project,
            env={**os.environ, "TYPEDWIKI_TEST": self.name},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )
        self.output: list[str] = []
        threading.Thread(target=self._read_output, daemon=True).start()

    def _read_output(self) -> None:
        self.output.extend(line.rstrip() for line in self.process.stdout or ())

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def wait_for_output(self, pattern: str, since: int = 0, timeout: float = TIMEOUT) -> str:
        """Wait for a line of output that a pattern matches, from line ``since`` on; return it."""

        def matching_line() -> str:
            return next((line for line in self.output[since:] if re.search(pattern, line)), "")

        wait_until(
            lambda: bool(matching_line()) or self.process.poll() is not None, timeout, lambda: "\n".join(self.output)
        )
        assert matching_line(), "\n".join(self.output)
        return matching_line()

    def run_command(self, *arguments: str) -> None:
        """Run another command beside the preview."""
        command = [sys.executable, "scripts/wiki.py", *arguments]
        subprocess.run(command, cwd=self.project, check=True, capture_output=True)

    def running_processes(self) -> list[str]:
        """The processes that still run of all that the preview has started."""
        mark = f"TYPEDWIKI_TEST={self.name}".encode()
        result = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes():
                    result.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
        return result

    def stop(self, signal_number: int = signal.SIGINT) -> int:
        """Stop the preview by Ctrl-C or another signal; return the exit status."""
        if signal_number == signal.SIGINT:
            os.killpg(self.process.pid, signal_number)
        else:
            self.process.send_signal(signal_number)
        return self.process.wait(TIMEOUT)


def wait_until(condition: Callable[[], bool], timeout: float = TIMEOUT, report: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, report()
        time.sleep(0.05)


@contextmanager
def run_preview(project: Path, *arguments: str) -> Iterator[Preview]:
    preview = Preview(project, *arguments)
    try:
        yield preview
    finally:
        if preview.process.poll() is None:
            preview.stop(signal.SIGTERM)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path / "here", GOLDEN / "two_dialects/wiki", with_about_pages=False)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in which no script fails and that requests no other host. Missing pages are allowed."""
    context = browser.new_context()
    open_page = context.new_page()
    errors: list[str] = []
    open_page.on("pageerror", lambda error: errors.append(str(error)))
    open_page.on("request", lambda r: None if r.url.startswith(("http://127.0.0.1", "data:")) else errors.append(r.url))
    yield open_page
    context.close()
    assert errors == []


def wait_for_condition(page: Page, expression: str) -> None:
    """Wait until the open page, whatever page it has become, fulfils a condition."""
    page.wait_for_function(expression, timeout=TIMEOUT * 1000)


def contains_text(words: str) -> str:
    return f"document.querySelector('main, #quarto-content')?.innerText.includes({words!r})"


def edit(path: Path, old: str, new: str) -> None:
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("renderer", ["draft", pytest.param("quarto", marks=pytest.mark.quarto)])
def test_open_page_follows_edits(renderer: str, project: Path, page: Page, request: pytest.FixtureRequest) -> None:
    if renderer == "quarto":
        request.getfixturevalue("quarto")
        if not (find_spec("nbclient") and find_spec("ipykernel")):
            skip_or_fail("quarto", "Jupyter is not installed")
    new_page, other_page = project / PRINCIPLES / "acme_kit_Idea.md", project / PRINCIPLES / "acme_kit_Loss.md"
    with run_preview(project, *(["--draft"] if renderer == "draft" else [])) as preview:
        preview.wait_for_output(r"is at http", timeout=3 * TIMEOUT)

        # A new page: a reader who opens its address too early sees it appear.
        page.goto(preview.url("notes/principle/acme_kit_Idea.html"))
        preview.run_command("new", "Principle", "Idea")
        wait_for_condition(page, "document.title.startsWith('Idea')")

        edit(new_page, "## Overview\n", "## Overview\n\nAll begins here.\n")
        wait_for_condition(page, contains_text("All begins here."))
        preview.wait_for_output("mended: .*acme_kit_Idea.md.* C001")

        # Saved again while the first save is being rendered.
        edit(new_page, "All begins", "Everything begins")
        if renderer == "quarto":
            wait_until(lambda: any("quarto.js render" in command for command in preview.running_processes()))
        edit(new_page, "Everything begins", "All begins anew and")
        wait_for_condition(page, contains_text("All begins anew and here."))

        # A link to it, and a link from it that is broken and repaired.
        edit(other_page, "What training makes small.", "What training makes small. See [[Principle:Idea]].")
        wait_for_condition(page, "!!document.querySelector('main a.tw-link[href*=acme_kit_Loss]')")
        edit(new_page, "All begins", "[[Principle:Los]] All begins")
        wait_for_condition(page, "!!document.querySelector('main .tw-missing')")
        preview.wait_for_output("acme_kit_Idea.md:.* L001 .*Los")
        edit(new_page, "Principle:Los]]", "Principle:Loss]]")
        wait_for_condition(page, "!document.querySelector('main .tw-missing')")
        preview.wait_for_output("mended: .*acme_kit_Idea.md:.* L001 .*Los")

        # Renamed: the old address redirects, and links are updated.
        preview.run_command("rename", "Principle:Idea", "Principle:Thought")
        wait_for_condition(page, "location.pathname.endsWith('/acme_kit_Thought.html')")
        page.goto(preview.url("notes/principle/acme_kit_Loss.html"))
        wait_for_condition(page, "!!document.querySelector('main a.tw-link[href*=acme_kit_Thought]')")

        # Deleted: the link is marked missing, and both addresses return 404.
        (project / PRINCIPLES / "acme_kit_Thought.md").unlink()
        wait_for_condition(page, "!!document.querySelector('main .tw-missing')")
        for name in ("Idea", "Thought"):
            answer = page.request.get(preview.url(f"notes/principle/acme_kit_{name}.html"))
            assert answer.status == 404
        if renderer == "quarto":
            entries = page.request.get(preview.url("search.json")).json()
            assert not [entry for entry in entries if "acme_kit_Thought.html" in entry["href"]]

        # A note written by hand, with a link that is resolved at once and a figure.
        page.goto(preview.url("notes/chart.html"))
        note = project / "notes/chart.qmd"
        note.write_text(CHART_NOTE.replace("rises.", "rises. See [[Principle:Loss]]."), encoding="utf-8")
        wait_for_condition(page, "!!document.querySelector('main a.tw-link[href*=acme_kit_Loss]')")
        if renderer == "quarto":
            page.locator(".tw-figure").scroll_into_view_if_needed()
            page.wait_for_selector(".tw-figure[data-drawn]", timeout=TIMEOUT * 1000)
        else:
            wait_for_condition(page, contains_text("go.Figure"))
        edit(note, "Principle:Loss", "Environment:Python")
        wait_for_condition(page, "!!document.querySelector('main a.tw-link[href*=acme_kit_Python]')")

        assert preview.stop() == 0
        assert preview.output[-1] == "typedwiki: preview ended"
        wait_until(lambda: not preview.running_processes(), report=lambda: str(preview.running_processes()))


def test_wrong_settings_are_reported_and_preview_continues(project: Path, page: Page) -> None:
    settings, index = project / "_quarto.yml", project / "index.qmd"
    with run_preview(project, "--draft") as preview:
        preview.wait_for_output("is at http")
        page.goto(preview.url(""))
        good = settings.read_text(encoding="utf-8")
        settings.write_text(good + "  : : [\n", encoding="utf-8")
        preview.wait_for_output(r"_quarto\.yml:\d+:\d+: error W002 is not YAML")
        edit(index, "\n---\n\n", "\n---\n\nHello.\n\n")
        wait_until(lambda: sum("is not YAML" in line for line in preview.output) > 1)
        moved = good.replace("# source: ../our-wiki", "source: other")
        settings.with_suffix(".new").write_text(moved, encoding="utf-8")
        (project / "data/wikis").rename(project / "other")
        settings.with_suffix(".new").replace(settings)  # an atomic save, as many editors do
        wait_for_condition(page, contains_text("Hello."))
        edit(
            project / "other/Principle/acme_kit_Loss.md", "What training", "Whatever training"
        )  # the new source is watched
        wait_for_condition(page, contains_text("Whatever training"))


def test_second_preview_and_used_port_are_refused(project: Path) -> None:
    with run_preview(project, "--draft") as preview:
        preview.wait_for_output("is at http")
        with run_preview(project, "--draft") as second:
            second.wait_for_output("another preview of this project is running")
            assert second.process.wait(TIMEOUT) == 2
        with run_preview(project, "--draft", f"--port={preview.port}") as second:
            second.wait_for_output(f"port {preview.port} cannot be used.*--port")
            assert second.process.wait(TIMEOUT) == 2
        assert preview.stop(signal.SIGHUP) == 0


def test_preview_of_another_wiki_leaves_the_project_unchanged(project: Path, tmp_path: Path, page: Page) -> None:
    other = tmp_path / "other/Principle/Guest.md"
    other.parent.mkdir(parents=True)
    other.write_text("# Guest\n\n## Overview\n\nFrom afar.\n", encoding="utf-8")
    before = sorted(path for path in project.rglob("*") if "__pycache__" not in path.parts)
    with run_preview(project, "--source", str(other.parent.parent)) as preview:
        preview.wait_for_output("is at http")
        page.goto(preview.url("notes/principle/Guest.html"))
        edit(other, "From afar", "From near")
        wait_for_condition(page, contains_text("From near."))
        assert preview.stop() == 0
    after = {path for path in project.rglob("*") if "__pycache__" not in path.parts} - set(before)
    assert {path.relative_to(project).parts[0] for path in after} <= {".typedwiki"}


@pytest.mark.quarto
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_ends_all_processes(project: Path, quarto: str, number: signal.Signals) -> None:
    """Also when it is stopped during its first render."""
    with run_preview(project) as preview:
        wait_until(lambda: any("quarto.js render" in command for command in preview.running_processes()))
        assert preview.stop(number) == 0
        wait_until(lambda: not preview.running_processes(), report=lambda: str(preview.running_processes()))
