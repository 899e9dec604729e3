"""`wiki.py follow`: the notes brought up to date as pages are edited, for `quarto preview`, which starts it itself."""

from __future__ import annotations

import argparse
from dataclasses import replace

from ..config import Config
from ..lock import LockedError, hold_lock
from ..render.follower import is_running, notify_preview
from ..render.subprocesses import interruptible
from ..render.watch import PreviewSession
from . import OK, Add
from .console import print_status
from .preview import builds, complain


def register(add: Add) -> None:
    """Add the command and its options."""
    command = add("follow", run, "bring the notes up to date as pages are edited; `quarto preview` starts this itself")
    command.add_argument("--until", type=int, default=0, metavar="PID", help="end when this process ends")


def run(options: argparse.Namespace, config: Config) -> int:
    """Follow the wiki until interrupted, or until a process has ended; only one process does so."""
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
