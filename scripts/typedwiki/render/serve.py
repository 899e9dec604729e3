"""A small web server for the draft while it is edited: open pages reload when the site has changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

EVENTS = "/-/changes"
# Only a tab that is looked at listens: browsers allow few connections to one server. What it has
# missed it learns from the number of the build that it shows.
_SCRIPT = """<script>(() => {
  let events;
  const listen = () => {
    events?.close();
    if (document.hidden) return;
    events = new EventSource("%s?%d");
    events.onmessage = () => location.reload();
  };
  document.addEventListener("visibilitychange", listen);
  listen();
})();</script>
"""


class Changes:
    """Counts builds, and lets those who watch wait for the next."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.count = time.time_ns() // 1000
        """Never that of a server that ran before, so that its pages reload as well."""

    def announce(self) -> None:
        """Tell all open pages that the site has changed."""
        with self._condition:
            self.count += 1
            self._condition.notify_all()

    def wait(self, count: str, seconds: float) -> bool:
        """Whether the site is another than ``count``, now or within some seconds."""
        with self._condition:
            return self._condition.wait_for(lambda: str(self.count) != count, seconds)


class _Handler(SimpleHTTPRequestHandler):
    changes: Changes

    def do_GET(self) -> None:
        address, _, query = self.path.partition("?")
        if address == EVENTS:
            self._events(query)
            return
        count = self.changes.count  # before the page is read: whatever it misses comes with a higher one
        path = Path(self.translate_path(self.path))
        if address.endswith("/"):
            path /= "index.html"
        try:
            if path.suffix == ".html":
                self._page(200, path.read_bytes(), count)
                return
        except OSError:
            # It may be there after the next build.
            self._page(404, b"<!DOCTYPE html><title>Not found</title><p>There is no such page just now.</p>\n", count)
            return
        super().do_GET()

    def _page(self, status: int, body: bytes, count: int) -> None:
        body += (_SCRIPT % (EVENTS, count)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _events(self, count: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        with suppress(OSError):  # the page has been closed
            while not self.changes.wait(count, 15):
                self.wfile.write(b": still here\n\n")
                self.wfile.flush()
            self.wfile.write(b"data: changed\n\n")

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")  # else a reload would show old styles and data
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A browser that has gone away is no news."""


@contextmanager
def serving(site: Path, port: int) -> Iterator[tuple[str, Changes]]:
    """Serve a folder on this machine alone; yields the address, and what to tell of changes.

    Raises:
        OSError: the port is taken.
    """
    changes = Changes()
    handler = type("Handler", (_Handler,), {"changes": changes})
    server = _Server(("127.0.0.1", port), partial(handler, directory=str(site)))
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", changes
    finally:
        server.shutdown()
        server.server_close()
