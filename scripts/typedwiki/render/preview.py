"""Watch and serve a preview: changed files, new and solved problems, pages that reload."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from ..build import BuildOutcome
from ..config import Config
from ..incremental import Cache
from ..problems import Problem, unmatched
from ..read import is_hidden
from .bodies import DraftCache

PAUSE = 50
"""Milliseconds of quiet after which a burst of changes counts as one."""
TICK = 500
"""Milliseconds after which waiting for changes is interrupted, so the caller can do other work."""


class PreviewSession(Struct):
    """The state of a preview between builds."""

    config: Config
    """From the last valid _quarto.yml."""
    cache: Cache = field(default_factory=lambda: Cache(contents={}))
    draft_cache: DraftCache = field(default_factory=DraftCache)
    problems: tuple[Problem, ...] = ()
    since: float = 0.0
    """When the last change was noticed (time.perf_counter)."""
    edited: frozenset[str] | None = None
    """The pages of the last change, if the notes of other pages shall keep their modification times."""


def changed_problems(outcome: BuildOutcome, session: PreviewSession) -> tuple[list[Problem], list[Problem]]:
    """Return the problems that are new since the last build, and those that are gone.

    A problem that has only moved to another line is neither.
    """
    problems = tuple(p for p in outcome.wiki.problems if p.severity != "info")
    old_problems, session.problems = session.problems, problems
    old_keys, keys = Counter(map(_problem_key, old_problems)), Counter(map(_problem_key, problems))
    return unmatched(problems, _problem_key, old_keys), unmatched(old_problems, _problem_key, keys)


def _problem_key(problem: Problem) -> tuple[str, str, str]:
    return problem.path, problem.code, problem.message


def watch_files(config: Config) -> Iterator[set[Path]]:
    """Yield sets of changed files, one for each burst of changes, and an empty set every half second.

    Watches the wiki, hand-written notes, the home page, the settings and the extension. The first set contains the
    settings file, to cover changes before the watch began.
    """
    from watchfiles import watch

    settings = config.project / "_quarto.yml"
    folders = [*config.sources, config.project / "_extensions", *([config.by_hand] if config.by_hand else [])]
    # Checked by name: a watch on a file is lost when an editor replaces it.
    by_name = [settings, config.project / "index.qmd", *folders]
    old_state = {path: _identity(path) for path in by_name}
    started = False
    while True:
        present = [folder for folder in folders if folder.is_dir()]
        for events in watch(
            *present, watch_filter=None, step=PAUSE, rust_timeout=TICK, yield_on_timeout=True, raise_interrupt=True
        ):
            new_state = {path: _identity(path) for path in by_name}
            changed = {path for path in by_name if new_state[path] != old_state[path]} | (
                set() if started else {settings}
            )
            old_state, started = new_state, True
            yield changed | {path for _, name in events if is_watched(path := Path(name), config)}
            if changed.intersection(folders):  # a watch follows the folder, not its name
                break


def is_watched(path: Path, config: Config) -> bool:
    """Return whether a change of this file may change the site. Temporary files of editors do not."""
    if is_hidden(path.name) or path.name.startswith("#") or path.name.endswith("~"):
        return False
    by_hand = config.by_hand
    if (
        by_hand
        and path.is_relative_to(by_hand)
        and not any(source.is_relative_to(by_hand) for source in config.sources)
    ):
        return path.parent == by_hand and path.suffix == ".qmd"
    for folder in (*config.sources, config.project / "_extensions"):
        for root in (folder, folder.resolve()):  # some systems report real paths
            if path.is_relative_to(root):
                return not any(part.startswith(".") for part in path.relative_to(root).parts[:-1])
    return False


def _identity(path: Path) -> tuple[int, ...]:
    """Return a value that changes with a file's content; for a folder, only when it is replaced."""
    try:
        state = path.stat()
    except OSError:
        return ()
    return (state.st_ino,) if path.is_dir() else (state.st_ino, state.st_size, state.st_mtime_ns)


EVENTS = "/-/changes"
HOSTS = ("127.0.0.1", "localhost", "[::1]")
"""Host names of this machine."""
# Only a visible tab listens, because browsers allow few connections to one server. It sends the number of the build
# that it shows, so it learns of builds that it has missed.
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
    """Counts builds. Threads can wait for the next one."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.count = time.time_ns() // 1000
        """Differs from that of an earlier server, so its open pages reload, too."""

    def announce(self) -> None:
        """Tell all open pages that the site has changed."""
        with self._condition:
            self.count += 1
            self._condition.notify_all()

    def wait(self, count: str, seconds: float) -> bool:
        """Wait until the count is not ``count``. Return whether that happened within some seconds."""
        with self._condition:
            return self._condition.wait_for(lambda: str(self.count) != count, seconds)


class _Handler(SimpleHTTPRequestHandler):
    changes: Changes
    root: Path
    """The folder that is served, without symbolic links."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each small file waits 40 ms for the browser's acknowledgement
    timeout = 60
    """Seconds after which an idle connection is closed."""

    def do_GET(self) -> None:
        # DNS rebinding: a page of another site may point its own host name here to read the site.
        port = self.connection.getsockname()[1]
        if self.headers.get("Host", "").lower() not in [f"{name}:{port}" for name in HOSTS]:
            self.send_error(421, "This server answers only by its own name")
            return
        address, _, query = self.path.partition("?")
        if address == EVENTS:
            self._events(query)
            return
        count = self.changes.count  # before reading the page: a change after that has a higher count
        path = self._file(address)
        if path and path.is_file() and path.suffix != ".html":
            super().do_HEAD() if self.command == "HEAD" else super().do_GET()
            return
        if path and path.is_dir() and (path / "index.html").is_file():  # relative links need the slash
            self._redirect(f"{address}/")
            return
        try:
            body = path.read_bytes() if path else None
        except OSError:
            body = None
        self._missing(count) if body is None else self._page(200, body, count)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _missing(self, count: int) -> None:
        # With the script, because the page may exist after the next build.
        self._page(404, b"<!DOCTYPE html><title>Not found</title><p>There is no such page just now.</p>\n", count)

    def _redirect(self, address: str) -> None:
        self.send_response(301)
        self.send_header("Location", f"/{address.lstrip('/')}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _file(self, address: str) -> Path | None:
        """Return the file at an address; None if it is outside the served folder, also by symbolic links."""
        try:
            path = Path(self.translate_path(self.path))
            path = (path / "index.html" if address.endswith("/") else path).resolve()
        except (OSError, ValueError, RuntimeError):  # a NUL character, or a cycle of symbolic links
            return None
        return path if path.is_relative_to(self.root) else None

    def _page(self, status: int, body: bytes, count: int) -> None:
        body += (_SCRIPT % (EVENTS, count)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _events(self, count: str) -> None:
        self.close_connection = True  # the answer has no length
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        with suppress(OSError):  # the page has been closed
            while not self.changes.wait(count, 15):
                self.wfile.write(b": still here\n\n")
                self.wfile.flush()
            self.wfile.write(b"data: changed\n\n")

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")  # a reload must not show old styles and data
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Ignore errors: usually the browser has closed the connection."""


@contextmanager
def serving(site: Path, port: int) -> Iterator[tuple[str, Changes]]:
    """Serve a folder to this machine only. Yields the address, and the object that announces changes.

    Raises:
        OSError: the port is taken.
    """
    changes = Changes()
    names: dict[str, Any] = {"changes": changes, "root": site.resolve()}
    handler = type("Handler", (_Handler,), names)
    server = _Server(("127.0.0.1", port), partial(handler, directory=str(site)))
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", changes
    finally:
        server.shutdown()
        server.server_close()
