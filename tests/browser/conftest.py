"""The served sites and the watchful page that browser tests use."""

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

expect.set_options(timeout=30_000)  # a busy machine needs time


class Site(NamedTuple):
    """A site being served, and the pages of it that tests open."""

    url: str
    folder: Path
    home: str
    note: str
    hub: str
    """A note with several connections."""
    kinds: list[str]
    toggle: str


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served(folder: Path, handler: type[SimpleHTTPRequestHandler] = Quiet) -> Iterator[str]:
    """Serve a folder on this machine; yields the address, without a slash at the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session", params=["draft", "quarto"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """Each kind of site. The fast engine's is Quarto's, as test_fast.py shows; test_stamped.py opens some of it."""
    if request.param != "quarto":
        folder = request.getfixturevalue(f"{request.param}_site")
        kinds = ["workflow/QLoRA_Finetuning", "principle/Low_Rank_Adaptation"]
        kinds += ["implementation/PEFT_LoraConfig", "environment/PyTorch_CPU", "heuristic/Short_Warmup"]
        toggle = ".theme-toggle" if request.param == "draft" else ".quarto-color-scheme-toggle"
    else:
        folder = request.getfixturevalue("quarto_project") / "_site"
        names = ["workflow/Train_Model", "principle/Loss", "implementation/Squared_Error"]
        names += ["environment/Python", "heuristic/Start_Small"]
        kinds = [name.replace("/", "/acme_kit_") for name in names]
        toggle = ".quarto-color-scheme-toggle"
    pages = [f"/notes/{kind}.html" for kind in kinds]
    with served(folder) as url:
        yield Site(url, folder, "/index.html", pages[1], pages[0], ["/index.html", *pages], toggle)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test if anything goes wrong in it or leaves this machine."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text) if _counts(message) else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    home = ("http://127.0.0.1", "file:", "data:")
    opened.on("request", lambda r: None if r.url.startswith(home) else complaints.append(r.url))
    yield opened
    context.close()
    assert complaints == []


def _counts(message: ConsoleMessage) -> bool:
    # Quarto's own page uses a module script, which browsers refuse to load from a disk.
    own = "file:" in message.text + message.location["url"] and "quarto" in message.text + message.location["url"]
    return message.type in ("error", "warning") and not own
