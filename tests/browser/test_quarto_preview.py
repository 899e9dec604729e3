"""`quarto preview` follows the wiki: edits show in the browser, and a single process rebuilds the notes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conftest import GOLDEN, copy_project
from typedwiki.lock import is_held
from typedwiki.render.processes import FOLLOWER

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PORT = 5127
SITE = f"http://localhost:{PORT}"
SECONDS = float(os.environ.get("TYPEDWIKI_PREVIEW_SECONDS", "180"))
"""How long an edit may take to show; 5 on an idle machine."""

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="needs process groups")]


class Preview:
    """A running `quarto preview` and its log."""

    def __init__(self, project: Path, log: Path, process: subprocess.Popen[bytes]) -> None:
        self.project, self.log, self.process = project, log, process
        self.pages = project / "data/wikis"

    def output(self) -> str:
        return re.sub(r"\x1b\[[0-9;]*m", "", self.log.read_text(encoding="utf-8", errors="replace"))

    def wait_for_output(self, pattern: str, seconds: float = SECONDS) -> None:
        wait_until(
            lambda: bool(re.search(pattern, self.output())),
            seconds,
            lambda: f"no output matches {pattern}: {self.output()[-2000:]}",
        )


def wait_until(condition: Callable[[], bool], seconds: float, message: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(Exception):
            if condition():
                return
        time.sleep(0.1)
    pytest.fail(message())


def wait_for_text(tab: Page, text: str) -> None:
    wait_until(lambda: text in tab.inner_text("body"), SECONDS, lambda: f"`{text}` does not show at {tab.url}")


def open_page(tab: Page, address: str) -> None:
    """Open a page; retry if a reload interrupts."""

    def opened() -> bool:
        tab.goto(f"{SITE}{address}")
        return True

    wait_until(opened, SECONDS, lambda: f"{address} cannot be opened")


@pytest.fixture(scope="module")
def preview(quarto: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    project = copy_project(tmp_path_factory.mktemp("preview"), GOLDEN / "two_dialects/wiki", with_about_pages=False)
    for path in (project / "data/wikis").rglob("*"):
        if path.parent.name not in ("Principle", "workflows") and path.is_file() and path.suffix != ".png":
            path.unlink()  # fewer pages to wait for
    log = project / "preview.log"
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    subprocess.run([sys.executable, "scripts/wiki.py", "build"], cwd=project, check=True, capture_output=True)
    with log.open("ab") as out:  # two processes write to it
        command = [quarto, "preview", "--no-browser", "--port", str(PORT)]
        process = subprocess.Popen(
            command,
            cwd=project,
            env=environment,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        running = Preview(project, log, process)
        try:
            running.wait_for_output("Listening on|Browse at", 600)
            yield running
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def tab(browser: Browser, preview: Preview) -> Iterator[Page]:
    page = browser.new_page()
    open_page(page, "/notes/principle/acme_kit_Loss.html")
    yield page
    page.close()


def append_text(path: Path, more: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + f"\n\n{more}\n", encoding="utf-8")


def test_edit_shows_without_reload(preview: Preview, tab: Page) -> None:
    for text in ("The first new words.", "The second new words."):
        append_text(preview.pages / "Principle/acme_kit_Loss.md", text)
        wait_for_text(tab, text)


def test_new_renamed_and_deleted_pages(preview: Preview, tab: Page) -> None:
    new = preview.pages / "Principle/acme_kit_Fresh.md"
    new.write_text("# Fresh\n\n## Overview\n\nA page just made.\n", encoding="utf-8")
    site = preview.project / "_site/notes/principle"
    wait_until(
        lambda: b"A page just made" in (site / "acme_kit_Fresh.html").read_bytes(), SECONDS, lambda: "not rendered"
    )
    open_page(tab, "/notes/principle/acme_kit_Fresh.html")
    wait_for_text(tab, "A page just made.")
    new.rename(new.with_name("acme_kit_Newer.md"))
    wait_until(
        lambda: b"A page just made" in (site / "acme_kit_Newer.html").read_bytes(), SECONDS, lambda: "not rendered"
    )
    wait_until(lambda: "A page just made." not in tab.inner_text("body"), SECONDS, lambda: "the old page still shows")
    open_page(tab, "/notes/principle/acme_kit_Newer.html")
    wait_for_text(tab, "A page just made.")
    new.with_name("acme_kit_Newer.md").unlink()
    wait_until(
        lambda: "A page just made." not in tab.inner_text("body"), SECONDS, lambda: "the deleted page still shows"
    )


def test_mistake_shows_on_the_page_and_in_the_terminal(preview: Preview, tab: Page) -> None:
    path = preview.pages / "Principle/acme_kit_Loss.md"
    before = path.read_text(encoding="utf-8")
    append_text(path, "See [[Principle:Nowhere_At_All]].")
    wait_for_text(tab, "Nowhere At All")
    assert "problem" in tab.inner_text("main")
    preview.wait_for_output(r"acme_kit_Loss\.md:\d+:\d+: error L001 no page `Principle:Nowhere_At_All`")
    path.write_text(before, encoding="utf-8")
    preview.wait_for_output(r"mended: .*Nowhere_At_All")
    wait_until(lambda: "Nowhere At All" not in tab.inner_text("main"), SECONDS, lambda: "the mistake still shows")


def test_single_follower_ends_with_the_preview(preview: Preview) -> None:
    """Must be the last test that uses the preview: it ends it."""
    assert preview.output().count("following the wiki") == 1
    assert is_held(preview.project / FOLLOWER)
    os.killpg(preview.process.pid, signal.SIGINT)
    preview.process.wait(SECONDS)
    wait_until(lambda: not is_held(preview.project / FOLLOWER), SECONDS, lambda: "the follower still runs")


def test_plain_render_starts_no_follower(tmp_path: Path) -> None:
    project = copy_project(tmp_path, GOLDEN / "two_dialects/wiki")
    shutil.rmtree(project / ".quarto", ignore_errors=True)
    hook = [sys.executable, "scripts/prebuild.py"]
    assert subprocess.run(hook, cwd=project, capture_output=True, check=False).returncode == 0
    (project / ".quarto/preview").mkdir(parents=True)
    (project / ".quarto/preview/lock").write_text("1", encoding="utf-8")  # the lock of another preview
    assert subprocess.run(hook, cwd=project, capture_output=True, check=False).returncode == 0
    time.sleep(1)
    assert not (project / FOLLOWER).exists()
