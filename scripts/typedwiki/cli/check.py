"""`wiki.py check`: the audit."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from pathlib import Path

from .. import incremental, stray_files
from ..audit.report import (
    BASELINE,
    format_github,
    format_sarif,
    format_text,
    load_baseline,
    new_problems,
    save_baseline,
    to_records,
)
from ..config import Config, ConfigError
from ..pipeline import Wiki, load_wiki, with_types
from ..problems import Problem, StopError, expected_error, explain, rules
from ..program import gc_paused_for_good
from ..read import decode, read_whole
from ..text.dialect import dialect
from ..words import count
from . import OK, VERSION, WIKI_ERRORS, Add, print_status, progress


def register_check(add: Add) -> None:
    command = add("check", run_check, "report broken links and other problems; change nothing")
    command.add_argument("--format", choices=("text", "json", "github", "sarif"), default="text", help="default: text")
    command.add_argument("--all", action="store_true", help="list each place, where otherwise equal messages are one")
    command.add_argument("--verbose", action="store_true", help="say what became of every file of the wiki")
    command.add_argument("--watch", action="store_true", help="go on, and check again whenever a page is saved")
    command.add_argument("--since", metavar="REV", help="only what changed since a git revision, or broke by it")
    command.add_argument("--baseline", type=Path, metavar="FILE", help=f"known problems (default: {BASELINE})")
    command.add_argument("--update-baseline", action="store_true", help="take today's problems for known")
    command.add_argument("--fix", action="store_true", help="mend what is mechanical and certain")
    command.add_argument("--dry-run", action="store_true", help="with --fix: show the changes, make none")
    command.add_argument(
        "--explain",
        metavar="CODE|PAGE",
        help="say what a rule means, with an example and its mend; or as which dialect a page is read, and why",
    )


def run_check(options: argparse.Namespace, config: Config) -> int:
    """Report the wiki's problems. Change nothing without ``--fix`` and ``--update-baseline``."""
    if options.explain:
        print(_explanation(options.explain))
        return OK
    if options.watch:
        return _watch(config)
    gc_paused_for_good()
    if options.fix and not options.dry_run:
        from ..lock import exclusive

        with exclusive(config, "pages", "check --fix"):  # restores after an interrupted command
            _fix(load_wiki(config, progress("pages read")), config)
    cache = incremental.load(config, with_pages=True)
    wiki = load_wiki(config, progress("pages read"), cache if cache.pages else None)
    if options.fix and options.dry_run:
        _fix(wiki, config, dry_run=True)
    problems = list(wiki.problems)
    if options.since:
        from ..audit.report import problems_since

        problems = problems_since(options.since, problems, config, lambda old_config: load_wiki(old_config).problems)
    baseline = options.baseline or config.project / BASELINE
    if options.update_baseline:
        save_baseline(baseline, problems)
        print_status(f"{count(len(problems), 'problem')} known in {baseline}")
        return OK
    problems = new_problems(problems, load_baseline(baseline))
    if options.verbose:
        _print_file_account(wiki, config)
    match options.format:
        case "json":
            print(json.dumps(_as_json(wiki, config, problems), ensure_ascii=False, indent=2))
        case "github":
            print(format_github(problems), end="\n" if problems else "")
        case "sarif":
            print(format_sarif(problems, VERSION))
        case _:
            pages, edges = count(len(wiki.graph.pages), "page"), count(len(wiki.graph.edges), "edge")
            held_back = f" ({len(wiki.held)} held back)" if wiki.held else ""
            print(f"{format_text(problems, sys.stdout.isatty(), options.all)} in {pages}{held_back}, {edges}")
    return WIKI_ERRORS if any(p.severity == "error" for p in problems) else OK


def _explanation(name: str) -> str:
    """Explain a rule, or why a page is read as Markdown or MediaWiki."""
    if name in rules():
        return explain(name)
    if not Path(name).is_file():
        message = f"neither a code nor a page: `{name}`; the codes are {', '.join(rules())}"
        raise ConfigError(message)
    dialect_name, reason = dialect(name, decode(read_whole(Path(name)))[0])
    return f"{name}: {'MediaWiki' if dialect_name == 'mediawiki' else 'Markdown'}, since {reason}"


def _watch(config: Config) -> int:
    """Print all problems after each change, and the solved ones, between two markers that editors rely on."""
    from ..incremental import Cache
    from ..render.preview import watch_files
    from ..render.processes import interruptible

    cache, before = Cache(), Counter[str]()
    try:
        with interruptible():
            for changed in watch_files(config):
                if not changed:
                    continue
                print("typedwiki: check begins", flush=True)
                try:
                    problems = list(load_wiki(config, cache=cache).problems)
                except (StopError, OSError, ValueError) as error:
                    print(f"typedwiki: {expected_error(error) or error}")
                else:
                    # Without line numbers, which move with other edits, and in a form that editors do not take for a
                    # problem.
                    now = Counter(f"{p.severity} {p.code} {p.message} in {p.path}" for p in problems)
                    print(*problems, *(f"mended: {problem}" for problem in (before - now)), sep="\n")
                    before = now
                print("typedwiki: check ends", flush=True)
    except KeyboardInterrupt:
        pass
    return OK


def _fix(wiki: Wiki, config: Config, dry_run: bool = False) -> None:
    """Make all safe repairs, or none, and report them; or show them."""
    from ..audit.fix import apply_edits, describe_fixes, find_fixes, recodable_files
    from ..author.page_files import apply_changes, diff, fixed_files

    context = wiki.context
    files = {file.path: file for file in (*context.files.values(), *context.indexes)}
    fixes = list(find_fixes(context, list(wiki.problems)))
    texts = apply_edits((mend.edit for mend in fixes), files)
    recoded = [path for path in recodable_files(wiki.problems, config.project) if path in files]
    changes = fixed_files(texts, recoded, files, config.project)
    if dry_run:
        print(diff(changes, sorted({file.root for file in files.values()}, reverse=True)), end="")
        return
    apply_changes(changes, config.project)
    changed = {change.path for change in changes}
    lines = [f"{path}:1:1: mended R002: saved as UTF-8" for path in recoded if path in changed]
    for line in [*lines, *describe_fixes([mend for mend in fixes if mend.edit.path in changed], files)]:
        print(line, file=sys.stderr)


def _print_file_account(wiki: Wiki, config: Config) -> None:
    """Print what happened to every file in the wiki."""
    entries = stray_files.list_entries(config.sources, config.schema, hidden=True)
    context = wiki.context
    files = [*context.files.values(), *context.indexes]
    attached = {Path(os.path.realpath((config.project / page).parent / path)) for page, path in context.attached}
    held = {config.project / path for path in wiki.held}
    account = stray_files.account_for_files(entries, files, attached, wiki.problems, config.project, held)
    for line in (str(account), *(f"  no page shows {name}" for name in account.unused)):
        print(line, file=sys.stderr)


def _as_json(wiki: Wiki, config: Config, problems: list[Problem]) -> dict[str, object]:
    graph, config = wiki.graph, with_types(config, wiki)
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
        "problems": to_records(problems),
    }
