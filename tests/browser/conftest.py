"""Served sites, and a page that fails a test when it reports an error."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

expect.set_options(timeout=30_000)  # a busy machine is slow


class Site(NamedTuple):
    """A served site, and the pages of it that tests open."""

    url: str
    folder: Path
    home: str
    note: str
    hub: str
    """A note with several connections."""
    note_pages: list[str]
    toggle: str


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serve(folder: Path, handler: type[SimpleHTTPRequestHandler] = QuietHandler) -> Iterator[str]:
    """Serve a folder on this machine; yield the address, without a slash at the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session", params=["draft", "quarto"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """The draft and Quarto's site. The fast engine's site equals Quarto's: test_stamped.py opens only part of it."""
    if request.param != "quarto":
        folder = request.getfixturevalue(f"{request.param}_site")
        names = ["workflow/QLoRA_Finetuning", "principle/Low_Rank_Adaptation"]
        names += ["implementation/PEFT_LoraConfig", "environment/PyTorch_CPU", "heuristic/Short_Warmup"]
        toggle = ".theme-toggle" if request.param == "draft" else ".quarto-color-scheme-toggle"
    else:
        folder = request.getfixturevalue("quarto_project") / "_site"
        note_names = ["workflow/Train_Model", "principle/Loss", "implementation/Squared_Error"]
        note_names += ["environment/Python", "heuristic/Start_Small"]
        names = [name.replace("/", "/acme_kit_") for name in note_names]
        toggle = ".quarto-color-scheme-toggle"
    pages = [f"/notes/{kind}.html" for kind in names]
    with serve(folder) as url:
        yield Site(url, folder, "/index.html", pages[1], pages[0], ["/index.html", *pages], toggle)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test if it logs an error or requests another host."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    new_page = context.new_page()
    errors: list[str] = []
    new_page.on("console", lambda message: errors.append(message.text) if _is_failure(message) else None)
    new_page.on("pageerror", lambda error: errors.append(str(error)))
    local = ("http://127.0.0.1", "file:", "data:")
    new_page.on("request", lambda r: None if r.url.startswith(local) else errors.append(r.url))
    yield new_page
    context.close()
    assert errors == []


def _is_failure(message: ConsoleMessage) -> bool:
    # Quarto's own page uses a module script, which browsers refuse to load from a disk.
    from_quarto = (
        "file:" in message.text + message.location["url"] and "quarto" in message.text + message.location["url"]
    )
    return message.type in ("error", "warning") and not from_quarto
