#!/usr/bin/env python3
"""The command line of Typedwiki: `python scripts/wiki.py --help`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

try:
    from typedwiki.baseline import BASELINE, load, new_since, save
    from typedwiki.bodies import DraftError
    from typedwiki.config import Config, ConfigError, load_config
    from typedwiki.draft import clear_site, draft
    from typedwiki.fix import apply, diff, edits, write_back
    from typedwiki.formats import as_records, github, sarif, text
    from typedwiki.pipeline import Wiki, generate, understand
    from typedwiki.problems import Problem, explain, rules, summary
    from typedwiki.render import RenderError, find_quarto, render
    from typedwiki.report import report
    from typedwiki.since import since
    from typedwiki.write import MANIFEST, CollisionError, write
except ModuleNotFoundError as error:
    sys.exit(
        f"typedwiki: {sys.executable} lacks the package `{error.name}`.\n"
        f"Run:  {sys.executable} -m pip install -r requirements.txt"
    )

OK, WIKI_ERRORS, USAGE = 0, 1, 2
VERSION = "0.1.0"
PROJECT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        output = getattr(options, "output", None)
        config = load_config(options.project, options.source or (), output)
        command: Callable[[argparse.Namespace, Config], int] = options.run
        return command(options, config)
    except (ConfigError, CollisionError, DraftError, RenderError, OSError, ValueError) as error:
        print(f"typedwiki: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return 130


def build(options: argparse.Namespace, config: Config) -> int:
    """Wiki pages to notes."""
    wiki = understand(config, _progress("pages read"))
    files, origins = generate(wiki, config)
    written = write(config.output, files, origins)
    for name in written.kept:
        print(f"{config.output / name}: kept, because it was edited by hand", file=sys.stderr)
    _report(wiki)
    _say(
        f"{len(wiki.graph.pages)} pages in {config.output}: {len(written.changed)} files written, "
        f"{len(written.deleted)} deleted"
    )
    return _status(options, wiki)


def check(options: argparse.Namespace, config: Config) -> int:
    """Report what is wrong with the wiki; changes nothing."""
    if options.explain:
        if options.explain not in rules():
            raise ConfigError(f"no rule has the code `{options.explain}`; the codes are {', '.join(rules())}")
        print(explain(options.explain))
        return OK
    wiki = understand(config, _progress("pages read"))
    problems = list(wiki.problems)
    if options.fix:
        problems = _fix(options, config, wiki)
    if options.since:
        problems = since(options.since, problems, config, lambda then: understand(then).problems)
    baseline = options.baseline or config.project / BASELINE
    if options.update_baseline:
        save(baseline, problems)
        _say(f"{len(problems)} problems are now known in {baseline}")
        return OK
    problems = new_since(problems, load(baseline))
    match options.format:
        case "json":
            print(json.dumps(_as_json(wiki, config, problems), ensure_ascii=False, indent=2))
        case "github":
            print(github(problems), end="\n" if problems else "")
        case "sarif":
            print(sarif(problems, VERSION))
        case _:
            print(
                f"{text(problems, sys.stdout.isatty())} in {len(wiki.graph.pages)} pages, {len(wiki.graph.edges)} edges"
            )
    return WIKI_ERRORS if any(p.severity == "error" for p in problems) else OK


def _fix(options: argparse.Namespace, config: Config, wiki: Wiki) -> list[Problem]:
    """Mend what is certain, or show how; the problems that are left."""
    context = wiki.context
    files = {file.path: file for file in (*context.files.values(), *context.indexes)}
    texts = apply(edits(context, list(wiki.problems)), files)
    if options.dry_run:
        print(diff(texts, files), end="")
        return list(wiki.problems)
    for path in write_back(texts, files, config.project):
        print(f"{path}: mended", file=sys.stderr)
    return list(understand(config).problems)


def make_draft(options: argparse.Namespace, config: Config) -> int:
    """The whole site by pandoc alone."""
    started = time.perf_counter()
    wiki = understand(config, _progress("pages read"))
    files, origins = generate(wiki, config)
    if not options.source:
        write(config.output, files, origins)
    site = (options.site or config.project / "_site").absolute()
    written = draft(config, files, site, _progress("pages converted"), hand_written=not options.source)
    _report(wiki)
    seconds = time.perf_counter() - started
    _say(f"{len(wiki.graph.pages)} pages, {len(written.changed)} files written in {seconds:.1f} s")
    _open_hint(site, served=False)
    return _status(options, wiki)


def make_site(options: argparse.Namespace, config: Config) -> int:
    """The site: by Quarto, or as a draft where Quarto is not to be had."""
    quarto = find_quarto() if options.renderer != "draft" else None
    if options.renderer == "quarto" and not quarto:
        raise RenderError("Quarto is not installed (https://quarto.org/docs/get-started), nor is QUARTO_PATH set")
    if not quarto:
        if options.renderer == "auto":
            _say("Quarto was not found; making the draft: the same notes, without Quarto's theme and search")
        options.site = None
        return make_draft(options, config)
    status = build(options, config)
    if not status:
        if not render(config.project, quarto, options.force):
            _say("nothing has changed since the last render")
        _open_hint(config.project / "_site", served=True)
    return status


def clean(_options: argparse.Namespace, config: Config) -> int:
    """Delete what was generated, and nothing else."""
    gone = write(config.output, {}, {})
    for name in gone.kept:
        print(f"{config.output / name}: kept, because it was edited by hand", file=sys.stderr)
    (config.output / MANIFEST).unlink(missing_ok=True)
    clear_site(config.project / "_site")
    return OK


def make_report(_options: argparse.Namespace, config: Config) -> int:
    """Environments, Heuristics and coverage, as Markdown."""
    wiki = understand(config, _progress("pages read"))
    print("# Enrichment report\n")
    print(report(wiki.graph, config.schema), end="")
    return OK


def _as_json(wiki: Wiki, config: Config, problems: list[Problem]) -> dict[str, object]:
    graph = wiki.graph
    pages = Counter(dict.fromkeys(config.schema.types, 0))
    pages.update(page.page_type for page in graph.pages.values())
    edges = Counter(dict.fromkeys(config.schema.edges, 0))
    edges.update(edge.type for edge in graph.edges)
    ordered = {edge.name for edge in config.schema.edges.values() if edge.ordered}
    top = min(page_type.rank for page_type in config.schema.types.values())
    return {
        "pages": dict(pages),
        "edges": dict(edges),
        "workflows": {
            page.id: sum(edge.type in ordered for edge in graph.outgoing.get(page.id, ()))
            for page in graph.pages.values()
            if config.schema.types[page.page_type].rank == top
        },
        "problems": as_records(problems),
    }


def _report(wiki: Wiki) -> None:
    for problem in wiki.problems:
        if problem.severity == "error":
            print(problem, file=sys.stderr)
    if wiki.problems:
        print(f"typedwiki: {summary(wiki.problems)}; `check` shows all", file=sys.stderr)


def _status(options: argparse.Namespace, wiki: Wiki) -> int:
    failed = options.strict and any(p.severity == "error" for p in wiki.problems)
    return WIKI_ERRORS if failed else OK


def _say(text: str) -> None:
    print(f"typedwiki: {text}", flush=True)


def _open_hint(site: Path, served: bool) -> None:
    home = site / "index.html"
    _say(f"open {home}")
    if served:
        _say(f"with search: {Path(sys.executable).name} -m http.server -d {os.path.relpath(site)}")


def _progress(what: str) -> Callable[[int, int], None]:
    """A counter on a terminal; nothing in a pipe."""

    def show(done: int, total: int) -> None:
        if done % 20 and done != total:
            return
        end = "\n" if done == total else ""
        print(f"\r{done}/{total} {what}", end=end, file=sys.stderr, flush=True)

    return show if sys.stderr.isatty() else lambda done, total: None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wiki.py",
        description="Turn a typed knowledge-graph wiki into a website.",
        epilog="Exit status: 0 fine, 1 errors in the wiki (check, --strict), 2 wrong usage or configuration.",
    )
    parser.add_argument(
        "--project",
        type=Path,
        default=PROJECT,
        metavar="DIR",
        help="folder of _quarto.yml (default: this clone)",
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--source",
        type=Path,
        action="append",
        metavar="DIR",
        help="folder that holds the wiki; repeat for several (default: `typedwiki: source` of _quarto.yml)",
    )
    strict = argparse.ArgumentParser(add_help=False)
    strict.add_argument("--strict", action="store_true", help="exit with 1 if the wiki has errors")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(
        name: str, run: Callable[..., int], text: str, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, parents=[common, *parents])
        command.set_defaults(run=run)
        return command

    command = add("build", build, "write the notes that Quarto renders", strict)
    command.add_argument("--output", type=Path, metavar="DIR", help="where the notes go (default: notes/)")
    command = add("check", check, "report broken links and other problems; change nothing")
    command.add_argument("--format", choices=("text", "json", "github", "sarif"), default="text", help="default: text")
    command.add_argument("--since", metavar="REV", help="only what changed since a git revision, or broke by it")
    command.add_argument("--baseline", type=Path, metavar="FILE", help=f"known problems (default: {BASELINE})")
    command.add_argument("--update-baseline", action="store_true", help="take today's problems for known")
    command.add_argument("--fix", action="store_true", help="mend what is mechanical and certain")
    command.add_argument("--dry-run", action="store_true", help="with --fix: show the changes, make none")
    command.add_argument("--explain", metavar="CODE", help="say what a rule means, with an example and its mend")
    command = add("draft", make_draft, "make a browsable site with pandoc alone, in seconds", strict)
    command.add_argument("--site", type=Path, metavar="DIR", help="where the site goes (default: _site)")
    command = add("report", make_report, "print who needs what, and what each Workflow covers")
    command.add_argument("--format", choices=("md",), default="md", help="default: md")
    add("clean", clean, "delete the generated notes and the site")
    command = add("render", make_site, "build the notes and render the site", strict)
    command.add_argument(
        "--renderer",
        choices=("auto", "quarto", "draft"),
        default="auto",
        help="auto: Quarto if it is installed, else the draft (default)",
    )
    command.add_argument("--force", action="store_true", help="render even if nothing has changed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
