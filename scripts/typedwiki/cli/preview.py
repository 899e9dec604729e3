"""Follow edits: `preview` in a browser, `follow` for `quarto preview`."""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from msgspec.structs import replace
from yaml import YAMLError

from ..atomic import replace_file
from ..build import BuildOutcome, build, build_elsewhere
from ..config import Config, ConfigError, load_config
from ..lock import LockedError, exclusive, hold_lock
from ..problems import expected_error
from ..read import display_path
from ..render import SITE
from ..render.bodies import DraftError
from ..render.draft import clear_site
from ..render.finish import finish
from ..render.preview import PreviewSession, changed_problems, watch_files
from ..render.processes import interruptible, is_running, notify_preview
from ..render.quarto import RenderError, inputs
from ..render.render import find_quarto, render
from ..words import count
from ..write import MANIFEST, CollisionError
from . import OK, Add, print_status, progress

STYLES = "assets/types.css"
"""Generated from the schema, so it may change without any note."""
LOCK_TIMEOUT = 600
"""Seconds to wait for other commands, so that no saved change is missed."""
MAX_NAMED_NOTES = 3
"""Maximum number of notes named on one line."""


def register_preview(add: Add) -> None:
    """Add the command and its options."""
    text = "show the site in a browser and follow what is edited, until Ctrl-C; with --source another wiki, as a draft"
    command = add("preview", run_preview, text)
    command.add_argument("--draft", action="store_true", help="with pandoc alone: faster, without Quarto's theme")
    command.add_argument("--port", type=int, default=4848, metavar="N", help="default: 4848")
    command.add_argument("--no-browser", action="store_true", help="do not open a browser")


def run_preview(options: argparse.Namespace, config: Config) -> int:
    """Build, show, and follow changes until interrupted.

    Raises:
        OSError: the port is taken.
        LockedError: another preview of this project is running.
        RenderError: Quarto failed.
        DraftError: pandoc failed.
    """
    quarto = None if options.draft or options.source else find_quarto()
    if not quarto and not options.draft:
        print_status(
            "previewing another wiki, as a draft" if options.source else "Quarto was not found; previewing the draft"
        )
    _refuse_taken_port(options.port)
    try:
        with interruptible():
            _preview(options, config, quarto)
    except KeyboardInterrupt:
        print_status("preview ended")
    return OK


def _preview(options: argparse.Namespace, config: Config, quarto: str | None) -> None:
    from ..render.preview import serving

    session = PreviewSession(replace(config, drafts=True))
    with ExitStack() as stack:
        if options.source:  # not the project's wiki: the project's notes and site stay unchanged
            site = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        else:
            site = config.project / SITE
            stack.enter_context(hold_lock(config.project, "preview", "preview"))
        show = _quarto(quarto, config.project) if quarto else _draft(site, session, not options.source)
        show = show if options.source else _with_locks(show, session)
        following = builds(options, session)
        show(next(built for built in following if built), True)
        if quarto and (message := finish(config, site)):
            print_status(message)
        address, changed = stack.enter_context(serving(site, options.port))
        print_status(f"the {'site' if quarto else 'draft'} is at {address}")
        if not options.no_browser:
            webbrowser.open(address)
        for built in following:
            try:
                if built and show(built, False):
                    changed.announce()
                    print_status(f"shown after {time.perf_counter() - session.since:.2f} s")
            except (RenderError, DraftError, CollisionError, LockedError, OSError, ValueError, YAMLError) as error:
                complain(error)


Show = Callable[[BuildOutcome, bool], bool]
"""Makes the site of a build, the first or a later one. Returns whether the site has changed."""


def _with_locks(show: Show, session: PreviewSession) -> Show:
    """Wrap ``show`` so that no other command makes the site at the same time."""

    def show_locked(built: BuildOutcome, first: bool) -> bool:
        with (
            exclusive(session.config, "site", "preview", LOCK_TIMEOUT),
            exclusive(session.config, "wiki", "preview", LOCK_TIMEOUT),  # its notes are read meanwhile
        ):
            return show(built, first)

    return show_locked


def _quarto(quarto: str, project: Path) -> Show:
    """Return a function that renders changes with Quarto. Quarto's own preview loses changes saved during a render."""

    def show(built: BuildOutcome, first: bool) -> bool:
        if (project / SITE / MANIFEST).exists():  # a draft
            clear_site(project / SITE)
        if STYLES in built.written.changed and (project / SITE / "notes" / STYLES).exists():
            replace_file(project / SITE / "notes" / STYLES, built.files[STYLES])
        try:
            result = render(project, quarto, quiet=not first)
        except RenderError as error:
            # Hand-written notes and cells may be broken for the moment; the others are rendered anyway.
            complain(error)
            broken = [name for name in inputs(project) if Path(name).parent in (Path(), Path("notes"))]
            result = render(project, quarto, quiet=True, skipped=broken)
        return bool(result.rendered or result.deleted)

    return show


def _draft(site: Path, session: PreviewSession, own_wiki: bool) -> Show:
    from jinja2 import TemplateError

    from ..render.draft import draft

    def show(built: BuildOutcome, first: bool) -> bool:
        from ..pipeline import with_types

        on_progress = progress("pages converted") if first else lambda done, total: None
        config = with_types(session.config, built.wiki)
        try:
            writing = draft(config, built.files, site, on_progress, own_wiki, cache=session.draft_cache)
        except TemplateError as error:  # somebody is editing the extension
            raise DraftError(f"page.html: {error}") from None
        return bool(writing.changed or writing.deleted)

    return show


def builds(options: argparse.Namespace, session: PreviewSession) -> Iterator[BuildOutcome | None]:
    """Yield the first build, then one after each change; None each half second, and when a build is not possible."""
    yield _built(options, session)
    current = True
    while True:
        for changed in watch_files(session.config):
            before, built = session.config, None
            session.since = time.perf_counter()
            try:
                if changed and (not current or before.project / "_quarto.yml" in changed):
                    current = False
                    session.config = replace(load_config(options.project, options.source or ()), drafts=True)
                    current = True
                if changed:
                    if session.edited is not None:
                        session.edited = frozenset(display_path(path, session.config.project) for path in changed)
                    built = _built(options, session)
            except (ConfigError, CollisionError, LockedError, OSError, ValueError) as error:
                complain(error)
            yield built
            if session.config != before:
                break


def _built(options: argparse.Namespace, session: PreviewSession) -> BuildOutcome:
    config = session.config
    for folder in config.sources:
        if not folder.is_dir():  # perhaps moved away for a moment: no reason to delete its notes
            raise ConfigError(f"`{folder}` is gone; waiting for it")
    on_progress = progress("pages read") if not session.cache.pages else lambda done, total: None
    if options.source:
        built = build_elsewhere(config, on_progress, session.cache)
    else:
        with exclusive(config, "wiki", "preview", LOCK_TIMEOUT):
            built = build(config, on_progress, session.cache, session.edited)
    _print_changes(built, session)
    return built


def _print_changes(built: BuildOutcome, session: PreviewSession) -> None:
    appeared, mended = changed_problems(built, session)
    for problem in appeared:
        print(problem, flush=True)
    for problem in mended:
        print(f"mended: {problem}", flush=True)
    notes = [name for name in built.written.changed if name.endswith(".qmd")]
    if notes or built.written.deleted:
        note_names = f": {', '.join(notes)}" if 0 < len(notes) <= MAX_NAMED_NOTES else ""
        deleted = sum(name.endswith(".qmd") for name in built.written.deleted)
        print_status(f"{count(len(notes), 'note')} written, {deleted} deleted{note_names}")


def complain(error: Exception) -> None:
    print(f"typedwiki: {expected_error(error) or error}", file=sys.stderr, flush=True)


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        if sys.platform != "win32":  # on Windows it would take the port from its owner
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            message = f"port {port} cannot be used ({error.strerror}); is another preview running? else choose one with"
            raise OSError(f"{message} --port") from None


def register_follow(add: Add) -> None:
    """Add the command and its options."""
    command = add(
        "follow", run_follow, "bring the notes up to date as pages are edited; `quarto preview` starts this itself"
    )
    command.add_argument("--until", type=int, default=0, metavar="PID", help="end when this process ends")


def run_follow(options: argparse.Namespace, config: Config) -> int:
    """Follow the wiki until interrupted, or until a process has ended. Only one process does so."""
    options.source = None
    try:
        with interruptible(), hold_lock(config.project, "follow", "follow"):
            _follow(options, config)
    except LockedError:
        if not options.until:
            raise
    except KeyboardInterrupt:
        pass
    return OK


def _follow(options: argparse.Namespace, config: Config) -> None:
    session = PreviewSession(replace(config, drafts=True), edited=frozenset())
    print_status("following the wiki")
    for built in builds(options, session):
        if built:
            try:
                notify_preview(session.config, built)
            except OSError as error:
                complain(error)
        if options.until and not is_running(options.until):
            return
