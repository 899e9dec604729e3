"""`wiki.py render`: the site, by Quarto or as a draft where Quarto is not to be had."""

from __future__ import annotations

import argparse
from pathlib import Path
from random import SystemRandom

from ..config import Config, ConfigError
from ..lock import exclusive, locked
from ..render import SITE
from ..render.draft import clear_site
from ..render.fast_engine import FastRun, render_inputs
from ..render.partial_render import RenderError
from ..render.project_inputs import inputs
from ..render.render import WORK, Engine, find_quarto, render
from ..render.shards import render_shard
from ..search.finish import finish
from ..website import obstacles
from ..wording import count
from ..write import MANIFEST, write
from . import Add, build, draft, strict
from .console import open_hint, print_status, progress


def register(add: Add) -> None:
    """Add the command and its options."""
    command = add("render", run, "build the notes and render the site", strict())
    add_renderers(command)
    command.add_argument("--force", action="store_true", help="render every note, changed or not")
    command.add_argument("--shards", type=_count, default=1, metavar="N", help="Quarto processes at once (default: 1)")
    command.add_argument("--shard", type=_share, metavar="I/N", help="make only the I-th of N shards, for `merge`")
    command.add_argument("--to", type=Path, metavar="DIR", help="where the shard goes (default: .typedwiki/shards/I)")


def add_renderers(command: argparse.ArgumentParser) -> None:
    """The options that say what makes the pages."""
    command.add_argument(
        "--renderer",
        choices=("auto", "quarto", "draft"),
        default="auto",
        help="auto: Quarto if it is installed, else the draft (default)",
    )
    command.add_argument(
        "--engine",
        choices=("auto", "quarto", "fast"),
        default="auto",
        help="quarto: render every note with Quarto; fast: a few of each kind, and stamp the others;"
        " auto: fast above `typedwiki: fast-from:` notes (default)",
    )


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _share(text: str) -> tuple[int, int]:
    number, _, shares = text.partition("/")
    if not (number.isdecimal() and shares.isdecimal() and 1 <= int(number) <= int(shares)):
        raise argparse.ArgumentTypeError("expected I/N, such as 1/4")
    return int(number), int(shares)


@locked("site", "render")
def run(options: argparse.Namespace, config: Config) -> int:
    """Build the notes and render what has changed."""
    return make(options, config, config.project / SITE)


def make(options: argparse.Namespace, config: Config, shown: Path) -> int:
    """Render what has changed, for people to see in the folder ``shown``; returns the exit status.

    Raises:
        ConfigError: Quarto would publish what it must not, or put its pages elsewhere.
        RenderError: Quarto is missing or fails.
    """
    quarto = find_quarto() if options.renderer != "draft" else None
    if options.renderer == "quarto" and not quarto:
        raise RenderError("Quarto is not installed (https://quarto.org/docs/get-started), nor is QUARTO_PATH set")
    if not quarto:
        if options.renderer == "auto":
            print_status("Quarto was not found; making the draft: the same notes, without Quarto's theme and search")
        return draft.make(options, config, shown)
    refuse_obstacles(config)
    if options.shard and options.engine == "fast":
        raise RenderError("--shard shares out what Quarto renders; the fast engine works on one machine")
    with exclusive(config, "wiki", "render"):  # nobody else may change the notes that are rendered
        status = build.make(options, config)
        if not status and options.shard:
            number, shards = options.shard
            folder = (options.to or config.project / f".typedwiki/shards/{number}").absolute()
            pages = render_shard(config.project, quarto, number, shards, folder)
            print_status(f"shard {number} of {shards}: {count(pages, 'page')} in {folder}")
        elif not status:
            site = config.project / SITE
            if (site / MANIFEST).exists():  # a draft
                clear_site(site)
            engine = _fast(config, quarto) if _is_fast(options, config) else None
            done = render(config.project, quarto, options.shards, options.force, engine=engine)
            if done.rendered or done.deleted:
                print_status(f"{count(done.rendered, 'page')} rendered, {done.deleted} deleted")
            else:
                print_status("nothing has changed since the last render")
            if message := finish(config, site):
                print_status(message)
            if shown != site:
                brought = write(shown, {p.relative_to(site).as_posix(): p for p in site.rglob("*") if p.is_file()}, {})
                print_status(f"{count(len(brought.changed), 'file')} written to {shown}")
            open_hint(shown)
    return status


def refuse_obstacles(config: Config) -> None:
    """See to it that Quarto's site is one that we can make.

    Raises:
        ConfigError: it is not; the message says what to change.
    """
    wrong = list(obstacles(config.website, config.project, config.sources))
    if config.website.output_dir != SITE and not wrong:
        wrong = [f"`output-dir` is not `{SITE}`, the only place for `render`; use `quarto render`, or delete that line"]
    if wrong:
        raise ConfigError("\n".join(f"{config.project / '_quarto.yml'}: {one}" for one in wrong))


def _is_fast(options: argparse.Namespace, config: Config) -> bool:
    if options.engine == "auto":
        return len(inputs(config.project)) > config.fast_from
    return bool(options.engine == "fast")


def _fast(config: Config, quarto: str) -> Engine:
    work = config.project / WORK / "stamped"
    run = FastRun(config.project, quarto, work, print_status, progress("notes converted"), SystemRandom())
    return lambda names, by_quarto: render_inputs(run, names, by_quarto)
