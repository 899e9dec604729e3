"""`quarto preview` follows the wiki: what is edited shows in the browser by itself, and one process sees to it."""

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
"""Within which something shows; 5 on a machine that has nothing else to do."""

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups")]


class Preview:
    """A running `quarto preview`, and what it has printed."""

    def __init__(self, here: Path, log: Path, process: subprocess.Popen[bytes]) -> None:
        self.here, self.log, self.process = here, log, process
        self.pages = here / "data/wikis"

    def said(self) -> str:
        return re.sub(r"\x1b\[[0-9;]*m", "", self.log.read_text(encoding="utf-8", errors="replace"))

    def hear(self, pattern: str, seconds: float = SECONDS) -> None:
        until(
            lambda: bool(re.search(pattern, self.said())),
            seconds,
            lambda: f"never said {pattern}: {self.said()[-2000:]}",
        )


def until(holds: Callable[[], bool], seconds: float, why: Callable[[], str]) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(Exception):
            if holds():
                return
        time.sleep(0.1)
    pytest.fail(why())


def shows(tab: Page, text: str) -> None:
    until(lambda: text in tab.inner_text("body"), SECONDS, lambda: f"`{text}` does not show at {tab.url}")


def go(tab: Page, address: str) -> None:
    """Open a page; a reload that comes between only delays that."""

    def opened() -> bool:
        tab.goto(f"{SITE}{address}")
        return True

    until(opened, SECONDS, lambda: f"{address} cannot be opened")


@pytest.fixture(scope="module")
def preview(quarto: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    here = copy_project(tmp_path_factory.mktemp("preview"), GOLDEN / "two_dialects/wiki", with_about_pages=False)
    for path in (here / "data/wikis").rglob("*"):
        if path.parent.name not in ("Principle", "workflows") and path.is_file() and path.suffix != ".png":
            path.unlink()  # fewer pages to wait for
    log = here / "preview.log"
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    subprocess.run([sys.executable, "scripts/wiki.py", "build"], cwd=here, check=True, capture_output=True)
    with log.open("ab") as out:  # two write to it
        command = [quarto, "preview", "--no-browser", "--port", str(PORT)]
        process = subprocess.Popen(
            command, cwd=here, env=environment, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True
        )
        shown = Preview(here, log, process)
        try:
            shown.hear("Listening on|Browse at", 600)
            yield shown
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
    go(page, "/notes/principle/acme_kit_Loss.html")
    yield page
    page.close()


def edit(path: Path, more: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + f"\n\n{more}\n", encoding="utf-8")


def test_an_edit_shows_by_itself(preview: Preview, tab: Page) -> None:
    for text in ("The first new words.", "The second new words."):
        edit(preview.pages / "Principle/acme_kit_Loss.md", text)
        shows(tab, text)


def test_new_renamed_and_deleted_pages(preview: Preview, tab: Page) -> None:
    new = preview.pages / "Principle/acme_kit_Fresh.md"
    new.write_text("# Fresh\n\n## Overview\n\nA page just made.\n", encoding="utf-8")
    site = preview.here / "_site/notes/principle"
    until(lambda: b"A page just made" in (site / "acme_kit_Fresh.html").read_bytes(), SECONDS, lambda: "not rendered")
    go(tab, "/notes/principle/acme_kit_Fresh.html")
    shows(tab, "A page just made.")
    new.rename(new.with_name("acme_kit_Newer.md"))
    until(lambda: b"A page just made" in (site / "acme_kit_Newer.html").read_bytes(), SECONDS, lambda: "not rendered")
    until(lambda: "A page just made." not in tab.inner_text("body"), SECONDS, lambda: "the old page still shows")
    go(tab, "/notes/principle/acme_kit_Newer.html")
    shows(tab, "A page just made.")
    new.with_name("acme_kit_Newer.md").unlink()
    until(lambda: "A page just made." not in tab.inner_text("body"), SECONDS, lambda: "the deleted page still shows")


def test_a_mistake_is_told_on_the_page_and_in_the_terminal(preview: Preview, tab: Page) -> None:
    path = preview.pages / "Principle/acme_kit_Loss.md"
    before = path.read_text(encoding="utf-8")
    edit(path, "See [[Principle:Nowhere_At_All]].")
    shows(tab, "Nowhere At All")
    assert "problem" in tab.inner_text("main")
    preview.hear(r"acme_kit_Loss\.md:\d+:\d+: error L001 no page `Principle:Nowhere_At_All`")
    path.write_text(before, encoding="utf-8")
    preview.hear(r"mended: .*Nowhere_At_All")
    until(lambda: "Nowhere At All" not in tab.inner_text("main"), SECONDS, lambda: "the mistake still shows")


def test_one_process_follows_and_ends_with_the_preview(preview: Preview) -> None:
    """The last of them: it ends the preview."""
    assert preview.said().count("following the wiki") == 1
    assert is_held(preview.here / FOLLOWER)
    os.killpg(preview.process.pid, signal.SIGINT)
    preview.process.wait(SECONDS)
    until(lambda: not is_held(preview.here / FOLLOWER), SECONDS, lambda: "it goes on")


def test_a_plain_render_starts_none(tmp_path: Path) -> None:
    here = copy_project(tmp_path, GOLDEN / "two_dialects/wiki")
    shutil.rmtree(here / ".quarto", ignore_errors=True)
    hook = [sys.executable, "scripts/prebuild.py"]
    assert subprocess.run(hook, cwd=here, capture_output=True, check=False).returncode == 0
    (here / ".quarto/preview").mkdir(parents=True)
    (here / ".quarto/preview/lock").write_text("1", encoding="utf-8")  # some preview's, but not the one of this render
    assert subprocess.run(hook, cwd=here, capture_output=True, check=False).returncode == 0
    time.sleep(1)
    assert not (here / FOLLOWER).exists()
