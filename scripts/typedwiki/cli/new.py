"""`wiki.py new`: a page of a type, to be filled in."""

from __future__ import annotations

import argparse
import re
from datetime import date
from pathlib import Path

from ..atomic import create_file
from ..author.new import holds_code, skeleton, suggest_links
from ..author.page_files import (
    DIALECTS,
    BadNameError,
    folder_of,
    namespace_of,
    page_type_of,
    stem_of,
    usual_dialect_and_suffix,
    with_namespace,
)
from ..config import Config
from ..lock import locked
from ..model import WikiPage
from ..pipeline import Wiki, load_wiki
from ..read import display_path
from ..resolve import Index
from ..schema import PageType
from . import OK, Add
from .console import print_status, progress


def register(add: Add) -> None:
    """Add the command and its options."""
    command = add("new", run, "write a new page with the sections of its type")
    command.add_argument("type", metavar="TYPE", help="page type, such as Principle")
    command.add_argument("title", metavar="TITLE", help="title, such as 'Chain Rule'")
    command.add_argument("--dialect", choices=DIALECTS, help="default: that of most pages of this type")
    command.add_argument("--overview", metavar="TEXT", default="", help="one to three sentences")


@locked("pages", "new")
def run(options: argparse.Namespace, config: Config) -> int:
    """Write the page, and say what the audit asks of it.

    Raises:
        BadNameError: the type is unknown, or the title names no page or one that exists.
    """
    page_type = page_type_of(options.type, config.schema)
    title = re.sub(r"\s+", " ", options.title).strip()
    if page_type.by_hand:
        raise BadNameError(
            f"a {page_type.name} is written by hand: make notes/{stem_of(title)}.qmd, in Quarto's Markdown"
        )
    wiki = load_wiki(config, progress("pages read"))
    pages = [page for page in wiki.graph.pages.values() if not config.schema.types[page.page_type].by_hand]
    root = _root(pages, config)
    space = namespace_of(root, pages)
    stem = with_namespace(stem_of(title), space)
    files = [wiki.context.files[page.id] for page in pages]
    dialect, suffix = usual_dialect_and_suffix(files, page_type.name, options.dialect or "")
    folder = config.project / folder_of(page_type, root, pages, _folders(config.project / root), config.schema)
    path = folder / f"{stem}{suffix}"
    _refuse_known(wiki, page_type, title, stem, root, path)
    overview = re.sub(r"\s+", " ", options.overview).strip()
    code = holds_code(file.text for file in files)
    text = skeleton(page_type.name, title, stem, space, dialect, config.schema, date.today(), overview, code)
    create_file(path, text.encode())
    print_status(f"wrote {path}")
    shown = display_path(path, config.project)
    for problem in load_wiki(config).problems:
        if problem.path == shown:
            print(f"  to do: {problem}")
    print_status("links that it may have:")
    for line in suggest_links(
        page_type.name, dialect, (page for page in pages if page.root == root), config.schema, title
    ):
        print(line)
    print_status("the link to it, for other pages:")
    print(f"[[{page_type.name}:{stem}]]")
    return OK


def _root(pages: list[WikiPage], config: Config) -> str:
    roots = sorted({page.root for page in pages})
    if len(roots) > 1:
        raise BadNameError(f"these wikis lie in {len(roots)} folders: name one with --source DIR ({', '.join(roots)})")
    return roots[0] if roots else display_path(config.sources[0], config.project)


def _folders(root: Path) -> list[str]:
    return [entry.name for entry in root.iterdir() if entry.is_dir()]


def _refuse_known(wiki: Wiki, page_type: PageType, title: str, stem: str, root: str, path: Path) -> None:
    known = [page for page in wiki.graph.pages.values() if page.root == root]
    for name in (stem, title):
        for found in Index(known).candidates(name, frozenset({page_type.name})):
            raise BadNameError(f"{page_type.name} `{title}` exists: {wiki.graph.pages[found].path}")
    taken = {entry.name.casefold() for entry in path.parent.iterdir()} if path.parent.is_dir() else set()
    for suffix in {path.suffix, ".md", ".mediawiki"}:
        if f"{stem}{suffix}".casefold() in taken:
            raise BadNameError(f"{path.with_suffix(suffix)} exists, perhaps in another case; choose another title")
