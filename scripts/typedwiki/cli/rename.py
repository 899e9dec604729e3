"""`wiki.py rename`: a page under another name, with every link that leads to it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ..audit.baseline import BASELINE, load_baseline
from ..audit.context import Context
from ..audit.fix import Edit, find_edits, group_by_path
from ..author.page_files import BadNameError
from ..author.relink import Move
from ..author.rename_target import find_page, manual_move, plan_move
from ..author.rewrite import RewriteError, apply_changes, apply_edits, diff, refuse_conflict
from ..config import Config
from ..journal import Change
from ..lock import locked
from ..model import WikiPage
from ..pipeline import load_wiki
from ..read import SUFFIXES, decode
from ..resolve import Index
from ..wording import count
from . import OK, WIKI_ERRORS, Add
from .console import print_status, progress


def register(add: Add) -> None:
    """Add the command and its options."""
    command = add("rename", run, "give a page another name or type, and mend every link to it")
    command.add_argument(
        "names",
        nargs="+",
        metavar="TYPE:NAME",
        help="the page, such as Principle:Chain_Rule, and its new name, such as 'Principle:Product Rule'",
    )
    command.add_argument(
        "--from",
        dest="former",
        metavar="TYPE:OLD",
        help="the name that a page had before its file was renamed by hand: mend what led there",
    )
    command.add_argument("--dry-run", action="store_true", help="show the changes, make none")


@locked("pages", "rename")
def run(options: argparse.Namespace, config: Config) -> int:
    """Move the file and rewrite links, index entries, heading and aliases: all of it or nothing.

    Raises:
        BadNameError: there is no such page, or its new name is taken or cannot be.
        BrokenError, RewriteError: it cannot be done without harm.
    """
    from ..author.rename import plan_adoption, plan_rename
    from ..author.rename_effect import added_problems, audit_after

    if len(options.names) != (1 if options.former else 2):
        raise BadNameError("name the page and its new name, or with --from OLD the page alone")
    wiki = load_wiki(config, progress("pages read"))
    context = wiki.context
    index = Index(context.pages())
    page, named = find_page(options.names[0], index, wiki.schema)
    if options.former:
        move = manual_move(options.former, page, index, wiki.schema)
        planned = plan_adoption(context, move)
    else:
        root = config.project / page.root
        move = plan_move(options.names[1], page, named, index, wiki.schema, _entries(root))
        _refuse_taken(move, _entries((config.project / move.path).parent))
        _refuse_linked(context, move, config.project)
        refuse_conflict(context.files[page.id])
        planned = plan_rename(context, move)
    changes = _changes(context, planned.edits, move, config.project)
    before = audit_after(context, {})[1]
    effect = None if options.former else move
    after, problems = audit_after(context, _texts(changes), effect)
    if added := list(find_edits(after, [p for p in added_problems(before, problems, move) if p.code == "I002"])):
        # The index of its new type does not know the page yet.
        changes = [_with(change, added) for change in (*changes, *_untouched(changes, added, config.project))]
        problems = audit_after(context, _texts(changes), effect)[1]
    if options.dry_run:
        print(diff(changes, [str(source) for source in config.sources]), end="")
    else:
        apply_changes(changes, config.project)
        _report(page, move, len(changes) - 1, bool(options.former), config)
    for other in planned.freed:
        print_status(f"{other} was called {move.stem} before, and is no longer found by that name")
    if planned.title_stays:
        print_status(f"its title stays “{page.page_title}”: name the page by its title to change both")
    for problem in added_problems(before, problems, move):
        print(f"  new: {problem}")
    unread = [p for p in wiki.problems if p.code in ("R001", "R006")]
    for problem in unread:
        print(f"{problem}; its links stay as they are", file=sys.stderr)
    return WIKI_ERRORS if unread else OK


def _report(page: WikiPage, move: Move, others: int, former: bool, config: Config) -> None:
    if former:
        print_status(
            f"{move.page.page_type}:{move.page.stem} leads to {page.path} now; {count(others, 'other file')} changed"
        )
        return
    print_status(f"{page.path} is now {move.path}; {count(others, 'other file')} changed")
    known = {path for _, path, _ in load_baseline(config.project / BASELINE)}
    if page.path in known:
        print_status(f"{BASELINE} knows problems of this page by its old name: renew it with `check --update-baseline`")


def _entries(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []


def _refuse_taken(move: Move, names: Iterable[str]) -> None:
    """File systems that do not tell cases apart would take one file for the other."""
    path, old = PurePosixPath(move.path), PurePosixPath(move.page.path)
    for name in names:
        same = name.casefold() in (f"{move.stem}{suffix}".casefold() for suffix in SUFFIXES)
        if same and path.with_name(name) != old:
            raise BadNameError(f"{path.with_name(name)} exists, perhaps in another case; choose another name")


def _refuse_linked(context: Context, move: Move, project: Path) -> None:
    """A link to the page's file would lead nowhere."""
    path = project / move.page.path
    for page in context.pages():
        other = project / page.path
        if page.id != move.page.id and other.is_symlink() and not path.is_symlink() and other.samefile(path):
            raise RewriteError(f"{page.path}: is a link to {move.page.path} and would lead nowhere; delete it first")


def _changes(context: Context, planned: Iterable[Edit], move: Move, project: Path) -> list[Change]:
    texts = {file.path: file.text for file in (*context.files.values(), *context.indexes)}
    texts |= {one.path: one.text for one in context.listings.files}
    edits_of = {move.page.path: [], **group_by_path(planned)}
    changes = []
    for path, listed in edits_of.items():
        old = (project / path).read_bytes()
        if decode(old)[0] != texts[path]:
            raise RewriteError(f"{path}: has just been changed by somebody else; nothing was changed")
        target = move.path if path == move.page.path else path
        changes.append(Change(path, target, old, apply_edits(old, listed, path)))
    return changes


def _untouched(changes: Iterable[Change], added: Iterable[Edit], project: Path) -> list[Change]:
    """Files that only what is ``added`` changes, as they are."""
    known = {change.path for change in changes}
    paths = sorted({edit.path for edit in added} - known)
    return [Change(path, path, data, data) for path in paths if (data := (project / path).read_bytes())]


def _with(change: Change, added: Iterable[Edit]) -> Change:
    own = [edit for edit in added if edit.path == change.target]
    return change._replace(new=apply_edits(change.new, own, change.path))


def _texts(changes: Iterable[Change]) -> dict[str, str]:
    return {change.path: decode(change.new)[0] for change in changes}
