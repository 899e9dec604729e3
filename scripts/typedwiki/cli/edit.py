"""Write and change pages: `new`, `rename` and `convert`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ..atomic import Change, create_file
from ..audit.report import BASELINE, load_baseline
from ..author.new import holds_code, possible_links, skeleton, suggest_links, used_links
from ..author.page_files import apply_changes, diff, encode_like, refuse_conflict, unwritable_character
from ..author.page_names import (
    DIALECTS,
    BadNameError,
    Move,
    dialect_of,
    find_page,
    folder_of,
    manual_move,
    namespace_of,
    page_type_of,
    plan_move,
    spelled_like,
    stem_of,
    usual_dialect_and_suffix,
    with_namespace,
)
from ..config import Config
from ..lock import locked
from ..model import WikiPage
from ..pipeline import Wiki, load_wiki, with_types
from ..read import SUFFIXES, display_path
from ..resolve import Index
from ..schema import PageType
from ..words import count
from . import OK, WIKI_ERRORS, Add, print_status, progress

if TYPE_CHECKING:
    from ..author.convert import ConvertedPage


def register_new(add: Add) -> None:
    command = add("new", run_new, "write a new page with the sections of its type")
    command.add_argument("type", metavar="TYPE", help="page type, such as Principle")
    command.add_argument("title", metavar="TITLE", help="title, such as 'Chain Rule'")
    command.add_argument("--dialect", choices=DIALECTS, help="default: that of most pages of this type")
    command.add_argument("--overview", metavar="TEXT", default="", help="one to three sentences")


@locked("pages", "new")
def run_new(options: argparse.Namespace, config: Config) -> int:
    """Write the page, and print what the audit requires of it.

    Raises:
        BadNameError: the type is unknown, or the title is unusable or taken.
    """
    wiki = load_wiki(config, progress("pages read"))
    config = with_types(config, wiki)
    page_type = page_type_of(options.type, config.schema)
    title = re.sub(r"\s+", " ", options.title).strip()
    if page_type.by_hand:
        raise BadNameError(
            f"a {page_type.name} is written by hand: make notes/{stem_of(title)}.qmd, in Quarto's Markdown"
        )
    pages = [page for page in wiki.graph.pages.values() if not config.schema.types[page.page_type].by_hand]
    root = _single_root(pages, config)
    space = namespace_of(root, pages)
    stem = with_namespace(spelled_like(stem_of(title), pages, config.schema), space)
    files = [wiki.context.files[page.id] for page in pages]
    dialect, suffix = usual_dialect_and_suffix(files, page_type.name, options.dialect or "")
    folder = config.project / folder_of(
        page_type,
        root,
        pages,
        [path.name for path in (config.project / root).iterdir() if path.is_dir()],
        config.schema,
    )
    path = folder / f"{stem}{suffix}"
    _refuse_known(wiki, page_type, title, stem, root, path)
    overview = re.sub(r"\s+", " ", options.overview).strip()
    code = holds_code(file.text for file in files)
    links = list(possible_links(page_type.name, config.schema))
    if not page_type.ranked:
        links = used_links(page_type.name, wiki.graph)
    stated = _stated_type(page_type, folder, wiki, config)
    text = skeleton(
        page_type.name, title, stem, space, dialect, config.schema, date.today(), overview, code, links, stated
    )
    create_file(path, text.encode())
    print_status(f"wrote {path}")
    path_in_project = display_path(path, config.project)
    for problem in load_wiki(config).problems:
        if problem.path == path_in_project:
            print(f"  to do: {problem}")
    print_status("links that it may have:")
    beside = [page for page in pages if page.root == root]
    for line in suggest_links(links, dialect, beside, config.schema, title):
        print(line)
    print_status("the link to it, for other pages:")
    print(f"[[{page_type.name}:{stem}]]")
    return OK


def _stated_type(page_type: PageType, folder: Path, wiki: Wiki, config: Config) -> str:
    """Return the type as a new page states it in front matter, if most pages of the type do so, or if its folder has
    another name; otherwise empty."""
    stated = [wiki.parsed[page.id].stated for page in wiki.graph.pages.values() if page.page_type == page_type.name]
    types = [name for name in stated if name]
    below = folder.relative_to(config.project).parts if folder.is_relative_to(config.project) else folder.parts
    kinds = [kind for part in below if (kind := config.schema.folder_type(part))]
    if 2 * len(types) <= len(stated) and kinds and kinds[-1].name == page_type.name:
        return ""
    return max(types, key=types.count) if types else page_type.name


def _single_root(pages: list[WikiPage], config: Config) -> str:
    roots = sorted({page.root for page in pages})
    if len(roots) > 1:
        raise BadNameError(f"these wikis lie in {len(roots)} folders: name one with --source DIR ({', '.join(roots)})")
    return roots[0] if roots else display_path(config.sources[0], config.project)


def _refuse_known(wiki: Wiki, page_type: PageType, title: str, stem: str, root: str, path: Path) -> None:
    root_pages = [page for page in wiki.graph.pages.values() if page.root == root]
    for name in (stem, title):
        for page_id in Index(root_pages).candidates(name, frozenset({page_type.name})):
            raise BadNameError(f"{page_type.name} `{title}` exists: {wiki.graph.pages[page_id].path}")
    names_in_folder = {entry.name.casefold() for entry in path.parent.iterdir()} if path.parent.is_dir() else set()
    for suffix in {path.suffix, ".md", ".mediawiki"}:
        if f"{stem}{suffix}".casefold() in names_in_folder:
            raise BadNameError(f"{path.with_suffix(suffix)} exists, perhaps in another case; choose another title")


def register_rename(add: Add) -> None:
    command = add("rename", run_rename, "give a page another name or type, and mend every link to it")
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
def run_rename(options: argparse.Namespace, config: Config) -> int:
    """Move the file and rewrite links, index entries, heading and aliases: all or nothing.

    Raises:
        BadNameError: there is no such page, or its new name is taken or invalid.
        BrokenError, RewriteError: the rename would break something.
    """
    from ..author.rename import file_changes, plan_adoption, plan_rename, refuse_linked, refuse_taken_name

    if len(options.names) != (1 if options.former else 2):
        raise BadNameError("name the page and its new name, or with --from OLD the page alone")
    wiki = load_wiki(config, progress("pages read"))
    context = wiki.context
    index = Index(context.pages())
    page, name = find_page(options.names[0], index, wiki.schema)
    if options.former:
        move = manual_move(options.former, page, index, wiki.schema)
        plan = plan_adoption(context, move)
    else:
        root = config.project / page.root
        move = plan_move(options.names[1], page, name, index, wiki.schema, _entry_names(root))
        refuse_taken_name(move, _entry_names((config.project / move.path).parent))
        refuse_linked(context, move, config.project)
        refuse_conflict(context.files[page.id])
        plan = plan_rename(context, move)
    changes, problems = file_changes(plan, context, config.project)
    if options.dry_run:
        print(diff(changes, [str(source) for source in config.sources]), end="")
    else:
        apply_changes(changes, config.project)
        _report(page, move, len(changes) - 1, bool(options.former), config)
    for page_id in plan.freed:
        print_status(f"{page_id} was called {move.stem} before, and is no longer found by that name")
    if plan.title_stays:
        print_status(f"its title stays “{page.page_title}”: name the page by its title to change both")
    for problem in problems:
        print(f"  new: {problem}")
    unread = [p for p in wiki.problems if p.code in ("R001", "R006")]
    for problem in unread:
        print(f"{problem}; its links stay as they are", file=sys.stderr)
    return WIKI_ERRORS if unread else OK


def _report(page: WikiPage, move: Move, other_files: int, former: bool, config: Config) -> None:
    changed = f"{count(other_files, 'other file')} changed"
    if former:
        print_status(f"{move.page.page_type}:{move.page.stem} leads to {page.path} now; {changed}")
        return
    print_status(f"{page.path} is now {move.path}; {changed}")
    baseline_paths = {path for _, path, _ in load_baseline(config.project / BASELINE)}
    if page.path in baseline_paths:
        print_status(f"{BASELINE} knows problems of this page by its old name: renew it with `check --update-baseline`")


def _entry_names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []


def register_convert(add: Add) -> None:
    command = add("convert", run_convert, "write pages in the other dialect, and say what that one cannot say")
    command.add_argument("pages", nargs="+", metavar="PAGE", help="file, or type and name such as Principle:Chain_Rule")
    command.add_argument("--to", choices=DIALECTS, required=True, help="the dialect to write")
    command.add_argument("--output", type=Path, metavar="DIR", help="write copies there (default: in place)")
    command.add_argument("--dry-run", action="store_true", help="show the changes, make none")


@locked("pages", "convert")
def run_convert(options: argparse.Namespace, config: Config) -> int:
    """Convert each page: in place only if nothing is lost; copies overwrite nothing.

    Raises:
        BadNameError: a page does not exist.
        RewriteError: the target of a converted page exists.
    """
    from ..author.convert import convert_page  # large, and no other command needs it

    wiki = load_wiki(config, progress("pages read"))
    pages = list(_named_pages(options.pages, wiki, config))
    changes: list[Change] = []
    spoilt = unconverted = 0
    for page in pages:
        raw = wiki.context.files[page.id]
        refuse_conflict(raw)
        unconverted += dialect_of(raw) == options.to
        converted = convert_page(raw, options.to, wiki.schema, page.namespace)
        change = _converted(page, converted, options.to, config.project)
        if converted.text != raw.text and (unwritable := unwritable_character(change)):
            print(f"{page.path}:{unwritable[0]}: cannot keep the character {unwritable[1]}", file=sys.stderr)
            spoilt += 1
            continue
        for remark in converted.remarks:
            print(f"{page.path}:{remark.line}: {'cannot say ' if remark.lost else ''}{remark.text}", file=sys.stderr)
        lost = any(remark.lost for remark in converted.remarks)
        spoilt += lost
        if converted.text != raw.text and (options.output or options.dry_run or not lost):
            changes.append(change)
    if options.dry_run:
        print(diff(changes, [str(source) for source in config.sources]), end="")
    elif options.output:
        copies = [_as_copy(change, wiki, options.output.absolute()) for change in changes]
        apply_changes(copies, config.project)
        print_status(f"{count(len(copies), 'page')} written to {options.output}")
    else:
        apply_changes(changes, config.project)
        subject = "it is" if len(pages) == 1 else f"{unconverted} {'was' if unconverted == 1 else 'were'}"
        unchanged = f"; {subject} {options.to} already" if unconverted else ""
        print_status(f"{len(changes)} of {count(len(pages), 'page')} converted{unchanged}")
        if spoilt:
            subject = "1 left as it is" if spoilt == 1 else f"{spoilt} left as they are"
            print_status(f"{subject}, because something would be lost; --output DIR writes copies all the same")
    return WIKI_ERRORS if spoilt else OK


def _named_pages(names: Iterable[str], wiki: Wiki, config: Config) -> Iterator[WikiPage]:
    by_file = {(config.project / page.path).resolve(): page for page in wiki.graph.pages.values()}
    index = Index(wiki.graph.pages.values())
    for name in dict.fromkeys(names):
        # Messages and diffs name pages of a wiki elsewhere by their path within it.
        places = [Path(name), *(source / name for source in config.sources)]
        if page := next(filter(None, (by_file.get(place.resolve()) for place in places)), None):
            yield page
        elif Path(name).is_dir():
            raise BadNameError(f"{name} is a folder; name its pages, such as {name.rstrip('/')}/*.md")
        elif Path(name).exists():
            raise BadNameError(f"{name} is not a page of this wiki: name its folder with --source DIR")
        elif ":" not in name or Path(name).suffix in SUFFIXES:
            raise BadNameError(f"{name}: no such file; give a path or TYPE:NAME, such as Principle:Chain_Rule")
        else:
            yield find_page(name, index, wiki.schema)[0]


def _converted(page: WikiPage, converted: ConvertedPage, dialect: str, project: Path) -> Change:
    path = PurePosixPath(page.path)
    target = path.with_suffix(".md") if dialect == "markdown" else path
    old = (project / path).read_bytes()
    return Change(page.path, str(target), old, encode_like(converted.text, old))


def _as_copy(change: Change, wiki: Wiki, folder: Path) -> Change:
    """Return a change that creates a new file below a folder, at the page's path below its root."""
    root = next(page.root for page in wiki.graph.pages.values() if page.path == change.path)
    target = str(folder / PurePosixPath(change.target).relative_to(root))
    return Change(target, target, None, change.new)
