"""`wiki.py preview`: the site in a browser, following what is being edited."""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from yaml import YAMLError

from ..atomic import replace_file
from ..build import BuildOutcome, build, build_elsewhere
from ..config import Config, ConfigError, load_config
from ..errors import expected_error
from ..lock import LockedError, exclusive, hold_lock
from ..read import display_path
from ..render import SITE
from ..render.bodies import DraftError
from ..render.draft import clear_site
from ..render.partial_render import RenderError
from ..render.project_inputs import inputs
from ..render.render import find_quarto, render
from ..render.subprocesses import interruptible
from ..render.watch import PreviewSession, changed_problems, watch_files
from ..search.finish import finish
from ..wording import count
from ..write import MANIFEST, CollisionError
from . import OK, Add
from .console import print_status, progress

STYLES = "assets/types.css"
"""Made from the schema: it may change without any note."""
PATIENCE = 600
"""Seconds to wait for commands that are at work: what has been saved must not go unseen."""
NAMED = 3
"""Notes that one line names at most."""


def register(add: Add) -> None:
    """Add the command and its options."""
    text = "show the site in a browser and follow what is edited, until Ctrl-C; with --source another wiki, as a draft"
    command = add("preview", run, text)
    command.add_argument("--draft", action="store_true", help="with pandoc alone: faster, without Quarto's theme")
    command.add_argument("--port", type=int, default=4848, metavar="N", help="default: 4848")
    command.add_argument("--no-browser", action="store_true", help="do not open a browser")


def run(options: argparse.Namespace, config: Config) -> int:
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
    _refuse_taken(options.port)
    try:
        with interruptible():
            _preview(options, config, quarto)
    except KeyboardInterrupt:
        print_status("preview ended")
    return OK


def _preview(options: argparse.Namespace, config: Config, quarto: str | None) -> None:
    from ..render.serve import serving

    session = PreviewSession(replace(config, drafts=True))
    with ExitStack() as stack:
        if options.source:  # another wiki than the project's, whose notes and site stay as they are
            site = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        else:
            site = config.project / SITE
            stack.enter_context(hold_lock(config.project, "preview", "preview"))
        show = _quarto(quarto, config.project) if quarto else _draft(site, session, not options.source)
        show = show if options.source else _at_work(show, session)
        following = builds(options, session)
        show(next(built for built in following if built), True)
        if quarto and (said := finish(config, site)):
            print_status(said)
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
"""Makes the site of a build, the first one or a later one; whether that changed the site."""


def _at_work(show: Show, session: PreviewSession) -> Show:
    """Nobody else makes the site meanwhile."""

    def shown(built: BuildOutcome, first: bool) -> bool:
        with (
            exclusive(session.config, "site", "preview", PATIENCE),
            exclusive(session.config, "wiki", "preview", PATIENCE),  # whose notes are read meanwhile
        ):
            return show(built, first)

    return shown


def _quarto(quarto: str, project: Path) -> Show:
    """Quarto renders what has changed. Its own preview would lose what is saved while it is rendering."""

    def show(built: BuildOutcome, first: bool) -> bool:
        if (project / SITE / MANIFEST).exists():  # a draft
            clear_site(project / SITE)
        if STYLES in built.written.changed and (project / SITE / "notes" / STYLES).exists():
            replace_file(project / SITE / "notes" / STYLES, built.files[STYLES])
        try:
            done = render(project, quarto, quiet=not first)
        except RenderError as error:
            # Notes and cells that people write may be broken just now: the others need not wait for them.
            complain(error)
            broken = [name for name in inputs(project) if Path(name).parent in (Path(), Path("notes"))]
            done = render(project, quarto, quiet=True, skipped=broken)
        return bool(done.rendered or done.deleted)

    return show


def _draft(site: Path, session: PreviewSession, own: bool) -> Show:
    from jinja2 import TemplateError

    from ..render.draft import draft

    def show(built: BuildOutcome, first: bool) -> bool:
        from ..pipeline import with_types

        shown = progress("pages converted") if first else lambda done, total: None
        config = with_types(session.config, built.wiki)
        try:
            written = draft(config, built.files, site, shown, own, cache=session.draft_cache)
        except TemplateError as error:  # somebody is at work on the extension
            raise DraftError(f"page.html: {error}") from None
        return bool(written.changed or written.deleted)

    return show


def builds(options: argparse.Namespace, session: PreviewSession) -> Iterator[BuildOutcome | None]:
    """The first build, then one after each change; None each half second and where it was not possible."""
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
        if not folder.is_dir():  # moved away for a moment, perhaps: no reason to delete its notes
            raise ConfigError(f"`{folder}` is gone; waiting for it")
    shown = progress("pages read") if not session.cache.pages else lambda done, total: None
    if options.source:
        built = build_elsewhere(config, shown, session.cache)
    else:
        with exclusive(config, "wiki", "preview", PATIENCE):
            built = build(config, shown, session.cache, session.edited)
    _say(built, session)
    return built


def _say(built: BuildOutcome, session: PreviewSession) -> None:
    appeared, gone = changed_problems(built, session)
    for problem in appeared:
        print(problem, flush=True)
    for problem in gone:
        print(f"mended: {problem}", flush=True)
    notes = [name for name in built.written.changed if name.endswith(".qmd")]
    if notes or built.written.deleted:
        named = f": {', '.join(notes)}" if 0 < len(notes) <= NAMED else ""
        deleted = sum(name.endswith(".qmd") for name in built.written.deleted)
        print_status(f"{count(len(notes), 'note')} written, {deleted} deleted{named}")


def complain(error: Exception) -> None:
    print(f"typedwiki: {expected_error(error) or error}", file=sys.stderr, flush=True)


def _refuse_taken(port: int) -> None:
    with socket.socket() as tried:
        if sys.platform != "win32":  # there it would take the port from whoever has it
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError as error:
            message = f"port {port} cannot be used ({error.strerror}); is another preview running? else choose one with"
            raise OSError(f"{message} --port") from None
