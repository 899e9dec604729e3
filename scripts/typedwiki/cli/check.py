"""`wiki.py check`: the audit."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from ..audit.baseline import BASELINE, load, new_since, save
from ..audit.fix import apply, diff, edits, write_back
from ..audit.formats import as_records, github, sarif, text
from ..audit.since import since
from ..config import Config, ConfigError
from ..lock import at_work
from ..pipeline import Wiki, understand
from ..problems import Problem, explain, rules
from . import OK, VERSION, WIKI_ERRORS, Add
from .console import progress, say


def register(add: Add) -> None:
    """Add the command and its options."""
    command = add("check", run, "report broken links and other problems; change nothing")
    command.add_argument("--format", choices=("text", "json", "github", "sarif"), default="text", help="default: text")
    command.add_argument("--since", metavar="REV", help="only what changed since a git revision, or broke by it")
    command.add_argument("--baseline", type=Path, metavar="FILE", help=f"known problems (default: {BASELINE})")
    command.add_argument("--update-baseline", action="store_true", help="take today's problems for known")
    command.add_argument("--fix", action="store_true", help="mend what is mechanical and certain")
    command.add_argument("--dry-run", action="store_true", help="with --fix: show the changes, make none")
    command.add_argument("--explain", metavar="CODE", help="say what a rule means, with an example and its mend")


def run(options: argparse.Namespace, config: Config) -> int:
    """Report what is wrong with the wiki; without ``--fix`` and ``--update-baseline`` change nothing."""
    if options.explain:
        if options.explain not in rules():
            raise ConfigError(f"no rule has the code `{options.explain}`; the codes are {', '.join(rules())}")
        print(explain(options.explain))
        return OK
    if options.fix and not options.dry_run:
        with at_work(config, "wiki", "check --fix"):
            wiki, problems = _checked(options, config)
    else:
        wiki, problems = _checked(options, config)
    if options.since:
        problems = since(options.since, problems, config, lambda then: understand(then).problems)
    baseline = options.baseline or config.project / BASELINE
    if options.update_baseline:
        save(baseline, problems)
        say(f"{len(problems)} problems are now known in {baseline}")
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


def _checked(options: argparse.Namespace, config: Config) -> tuple[Wiki, list[Problem]]:
    wiki = understand(config, progress("pages read"))
    return wiki, _fix(options, config, wiki) if options.fix else list(wiki.problems)


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


def _as_json(wiki: Wiki, config: Config, problems: list[Problem]) -> dict[str, object]:
    graph = wiki.graph
    pages = Counter(dict.fromkeys(config.schema.types, 0))
    if (kind := config.schema.by_hand()) and not config.by_hand:
        del pages[kind.name]
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
