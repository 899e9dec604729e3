"""Make a site: `render`, `draft`, `merge` and `site`."""

from __future__ import annotations

import argparse
import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from random import SystemRandom

from msgspec.structs import replace

from ..atomic import remove_leftovers
from ..build import build_elsewhere, build_if_changed
from ..config import Config, ConfigError, absolute, load_config
from ..lock import exclusive, locked
from ..open_types import completed
from ..render import SITE
from ..render.draft import clear_site
from ..render.fast_engine import FastRun, render_inputs
from ..render.finish import add_entrances, finish, index_site
from ..render.quarto import RenderError, inputs
from ..render.render import WORK, Engine, find_quarto, merge_shards, render, render_shard
from ..render.search_index import index_files
from ..render.search_pages import entries, index_all, kept_terms
from ..settings import obstacles
from ..words import count
from ..write import MANIFEST, OverlapError, refuse_overlap, write, written_names
from . import OK, Add, open_hint, page_count, print_status, progress, show_errors, show_kept, status, strict
from .build import write_notes


def register_draft(add: Add) -> None:
    command = add("draft", run_draft, "make a browsable site with pandoc alone, in seconds", strict())
    command.add_argument("--no-search", action="store_true", help="without full-text search")
    command.add_argument("--site", type=Path, metavar="DIR", help="where the site goes (default: _site)")


@locked("site", "draft")
def run_draft(options: argparse.Namespace, config: Config) -> int:
    """Make the site in the folder that ``--site`` names."""
    return make_draft(options, config, (options.site or config.project / "_site").absolute())


def make_draft(options: argparse.Namespace, config: Config, site: Path) -> int:
    """Make the draft in ``site``. Return the exit status."""
    from ..render.draft import draft  # imported here: other commands need no template engine

    started = time.perf_counter()
    if getattr(options, "site", None):
        refuse_overlap("--site", site, config.sources)
        if config.project.resolve().is_relative_to(site.resolve()):
            raise OverlapError(f"--site: `{site}` holds the project itself; choose another folder")
    if site != config.project / "_site":  # which the project's lock covers
        remove_leftovers([site])
    if options.source:  # not the project's wiki: the project's notes stay unchanged
        # That site's record of addresses, so that its former addresses redirect.
        digest = hashlib.sha256(os.fsencode(site)).hexdigest()[:16]
        config = replace(config, record=config.project / f".typedwiki/addresses-{digest}")
        built = build_elsewhere(config, progress("pages read"))
        result, files = built.result, built.files
    else:
        with exclusive(config, "wiki", "draft"):
            result, writing = build_if_changed(config, progress("pages read"))
            show_kept(config.output, writing.kept)
            files = {name: (config.output / name).read_bytes() for name in written_names(config.output)}
    config = replace(config, schema=completed(config.schema, result.types))
    search = not getattr(options, "no_search", False)
    writing = draft(config, files, site, progress("pages converted"), not options.source, search)
    add_entrances(config, site)
    _index_draft(config, files, site, search, search and not options.source)
    show_errors(result)
    seconds = time.perf_counter() - started
    print_status(f"{page_count(result)}, {count(len(writing.changed), 'file')} written in {seconds:.1f} s")
    open_hint(site)
    return status(options, result)


def _index_draft(config: Config, files: Mapping[str, bytes], site: Path, texts: bool, keep_terms: bool) -> None:
    """Index the draft for the search, unless its index is up to date. ``keep_terms`` its terms for the next."""
    notes = {name: data for name, data in files.items() if name.endswith(".qmd")}
    if config.by_hand:
        notes |= {path.name: path.read_bytes() for path in config.by_hand.glob("*.qmd")}
    graph = files["assets/exports/graph.json"]
    state = hashlib.sha256(f"{config.language}\0{texts}\0".encode() + graph)
    for _, data in sorted(notes.items()):
        state.update(hashlib.sha256(data).digest())

    def index() -> Iterator[tuple[str, str]]:
        pages = entries(graph, notes.__getitem__, texts)
        with kept_terms(config.project) if keep_terms else nullcontext(index_all) as split:
            yield from index_files(pages, config.language, split)

    index_site(config.project, site, state.digest(), index)


def register_render(add: Add) -> None:
    command = add("render", run_render, "build the notes and render the site", strict())
    add_renderers(command)
    command.add_argument("--force", action="store_true", help="render every note, changed or not")
    command.add_argument("--shards", type=_count, default=1, metavar="N", help="Quarto processes at once (default: 1)")
    command.add_argument("--shard", type=_share, metavar="I/N", help="make only the I-th of N shards, for `merge`")
    command.add_argument("--to", type=Path, metavar="DIR", help="where the shard goes (default: .typedwiki/shards/I)")


def add_renderers(command: argparse.ArgumentParser) -> None:
    """Add the options that choose the renderer."""
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
def run_render(options: argparse.Namespace, config: Config) -> int:
    """Build the notes and render what has changed."""
    return render_site(options, config, config.project / SITE)


def render_site(options: argparse.Namespace, config: Config, target: Path) -> int:
    """Render changed notes to the folder ``target``. Return the exit status.

    Raises:
        ConfigError: Quarto would publish files that it must not, or put its pages elsewhere.
        RenderError: Quarto is missing or fails.
    """
    quarto = find_quarto() if options.renderer != "draft" else None
    if options.renderer == "quarto" and not quarto:
        raise RenderError("Quarto is not installed (https://quarto.org/docs/get-started), nor is QUARTO_PATH set")
    if not quarto:
        if options.renderer == "auto":
            print_status("Quarto was not found; making the draft: the same notes, without Quarto's theme")
        return make_draft(options, config, target)
    refuse_obstacles(config)
    if options.shard and options.engine == "fast":
        raise RenderError("--shard shares out what Quarto renders; the fast engine works on one machine")
    with exclusive(config, "wiki", "render"):  # nobody else may change the notes during a render
        status = write_notes(options, config)
        if not status and options.shard:
            number, shards = options.shard
            folder = (options.to or config.project / f".typedwiki/shards/{number}").absolute()
            pages = render_shard(config.project, quarto, number, shards, folder)
            print_status(f"shard {number} of {shards}: {count(pages, 'page')} in {folder}")
        elif not status:
            site = config.project / SITE
            if (site / MANIFEST).exists():  # a draft
                clear_site(site)
            is_large = options.engine == "auto" and len(inputs(config.project)) > config.fast_from
            engine = _fast(config, quarto) if is_large or options.engine == "fast" else None
            result = render(config.project, quarto, options.shards, options.force, engine=engine)
            if result.rendered or result.deleted:
                print_status(f"{count(result.rendered, 'page')} rendered, {result.deleted} deleted")
            else:
                print_status("nothing has changed since the last render")
            if message := finish(config, site):
                print_status(message)
            if target != site:
                copying = write(target, {p.relative_to(site).as_posix(): p for p in site.rglob("*") if p.is_file()}, {})
                print_status(f"{count(len(copying.changed), 'file')} written to {target}")
            open_hint(target)
    return status


def refuse_obstacles(config: Config) -> None:
    """Check that we can make Quarto's site.

    Raises:
        ConfigError: we cannot; the message says what to change.
    """
    wrong = list(obstacles(config.website, config.project, config.sources))
    if config.website.output_dir != SITE and not wrong:
        wrong = [f"`output-dir` is not `{SITE}`, the only place for `render`; use `quarto render`, or delete that line"]
    if wrong:
        raise ConfigError("\n".join(f"{config.project / '_quarto.yml'}: {obstacle}" for obstacle in wrong))


def _fast(config: Config, quarto: str) -> Engine:
    work = config.project / WORK / "stamped"
    run = FastRun(config.project, quarto, work, print_status, progress("notes converted"), SystemRandom())
    return lambda names, by_quarto: render_inputs(run, names, by_quarto)


def register_merge(add: Add) -> None:
    command = add("merge", run_merge, "put the shards of `render --shard` together into the site")
    command.add_argument("shards", type=Path, nargs="+", metavar="DIR", help="all shards of one render")


@locked("site", "merge")
def run_merge(options: argparse.Namespace, config: Config) -> int:
    """Build the notes, which the search index needs, and merge. The shards are consumed."""
    with exclusive(config, "wiki", "merge"):
        build_if_changed(config)
    result = merge_shards(config.project, options.shards)
    print_status(f"{count(result.rendered, 'page')} merged, {result.deleted} deleted")
    if message := finish(config, config.project / "_site"):
        print_status(message)
    return OK


def register_site(add: Add) -> None:
    command = add("site", run_site, "make a website of a folder of pages, without a project", strict())
    command.add_argument("--site", type=Path, metavar="DIR", help="where the site goes (default: _site)")
    command.add_argument("--title", default="", metavar="TEXT", help="title of the site (default: the folder's name)")
    add_renderers(command)


def run_site(options: argparse.Namespace, config: Config) -> int:
    """Render the wiki that ``--source`` names, or that of this project.

    Raises:
        ConfigError: no wiki is named, and there is no project.
        OverlapError: the site's folder contains the wiki, or other files.
    """
    site = absolute(options.site or Path(SITE))
    if options.source:
        from ..author import new

        config = load_config(new.cached_project(options.source, options.title))
    elif not (config.project / "_quarto.yml").is_file():
        raise ConfigError("name the folder that holds the pages: typedwiki site --source DIR --site DIR")
    else:
        site = site if options.site else config.project / SITE
    if site != config.project / SITE:
        refuse_overlap("--site", site, config.sources)
    settings = argparse.Namespace(
        **vars(options) | {"source": None, "site": None, "force": False, "shards": 1, "shard": None, "to": None}
    )
    return locked("site", "site")(lambda options, config: render_site(options, config, site))(settings, config)
