"""`wiki.py convert`: pages in the other dialect."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ..author.page_files import DIALECTS, BadNameError, dialect_of
from ..author.rename_target import find_page
from ..author.rewrite import apply_changes, diff, encode_like, refuse_conflict
from ..config import Config
from ..journal import Change
from ..lock import locked
from ..model import WikiPage
from ..pipeline import Wiki, load_wiki
from ..read import SUFFIXES, is_utf16
from ..resolve import Index
from ..text.characters import hidden
from ..wording import count
from . import OK, WIKI_ERRORS, Add
from .console import print_status, progress

if TYPE_CHECKING:
    from ..author.convert import ConvertedPage

_LINE_END = re.compile(r"\r\n|\r|\n")


def register(add: Add) -> None:
    """Add the command and its options."""
    command = add("convert", run, "write pages in the other dialect, and say what that one cannot say")
    command.add_argument("pages", nargs="+", metavar="PAGE", help="file, or type and name such as Principle:Chain_Rule")
    command.add_argument("--to", choices=DIALECTS, required=True, help="the dialect to write")
    command.add_argument("--output", type=Path, metavar="DIR", help="write copies there (default: in place)")
    command.add_argument("--dry-run", action="store_true", help="show the changes, make none")


@locked("pages", "convert")
def run(options: argparse.Namespace, config: Config) -> int:
    """Convert each page. In place only if nothing is lost; copies overwrite nothing.

    Raises:
        BadNameError: a page does not exist.
        RewriteError: a file stands where a converted page belongs.
    """
    from ..author.convert import convert_page  # much that no other command needs

    wiki = load_wiki(config, progress("pages read"))
    pages = list(_pages(options.pages, wiki, config))
    changes: list[Change] = []
    spoilt = already = 0
    for page in pages:
        raw = wiki.context.files[page.id]
        refuse_conflict(raw)
        already += dialect_of(raw) == options.to
        made = convert_page(raw, options.to, wiki.schema, page.namespace)
        change = _change(page, made, options.to, config.project)
        if made.text != raw.text and (unwritable := _unwritable(change)):
            print(f"{page.path}:{unwritable[0]}: cannot keep the character {unwritable[1]}", file=sys.stderr)
            spoilt += 1
            continue
        for remark in made.remarks:
            print(f"{page.path}:{remark.line}: {'cannot say ' if remark.lost else ''}{remark.text}", file=sys.stderr)
        lost = any(remark.lost for remark in made.remarks)
        spoilt += lost
        if made.text != raw.text and (options.output or options.dry_run or not lost):
            changes.append(change)
    if options.dry_run:
        print(diff(changes, [str(source) for source in config.sources]), end="")
    elif options.output:
        copies = [_copy(change, wiki, options.output.absolute()) for change in changes]
        apply_changes(copies, config.project)
        print_status(f"{count(len(copies), 'page')} written to {options.output}")
    else:
        apply_changes(changes, config.project)
        were = "it is" if len(pages) == 1 else f"{already} {'was' if already == 1 else 'were'}"
        said = f"; {were} {options.to} already" if already else ""
        print_status(f"{len(changes)} of {count(len(pages), 'page')} converted{said}")
        if spoilt:
            print_status(
                f"{spoilt} left as they are, because something would be lost; --output DIR writes copies all the same"
            )
    return WIKI_ERRORS if spoilt else OK


def _unwritable(change: Change) -> tuple[int, str] | None:
    """The line and the number of a character that a page is not read with, where its line does not stay as it is."""
    old = _characters(change.old or b"")
    kept = Counter(point for _, point in hidden(_characters(change.new)))
    for offset, point in hidden(old):
        if not kept[point]:
            return len(_LINE_END.findall(old, 0, offset)) + 1, point
        kept[point] -= 1
    return None


def _characters(data: bytes) -> str:
    return data.decode("utf-16" if is_utf16(data) else "utf-8-sig", "replace")


def _pages(written: Iterable[str], wiki: Wiki, config: Config) -> Iterator[WikiPage]:
    by_file = {(config.project / page.path).resolve(): page for page in wiki.graph.pages.values()}
    index = Index(wiki.graph.pages.values())
    for name in dict.fromkeys(written):
        # Messages and diffs name a page of a wiki elsewhere by its path within that.
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


def _change(page: WikiPage, made: ConvertedPage, dialect: str, project: Path) -> Change:
    path = PurePosixPath(page.path)
    target = path.with_suffix(".md") if dialect == "markdown" else path
    old = (project / path).read_bytes()
    return Change(page.path, str(target), old, encode_like(made.text, old))


def _copy(change: Change, wiki: Wiki, folder: Path) -> Change:
    """A change that makes a new file below a folder, where the page lies below its root."""
    root = next(page.root for page in wiki.graph.pages.values() if page.path == change.path)
    target = str(folder / PurePosixPath(change.target).relative_to(root))
    return Change(target, target, None, change.new)
