"""`wiki.py new`: a page of a type, to be filled in."""

from __future__ import annotations

import argparse
import re
from datetime import date
from pathlib import Path

from ..atomic import create_file
from ..author.new import holds_code, possible_links, skeleton, suggest_links, used_links
from ..author.page_files import (
    DIALECTS,
    BadNameError,
    folder_of,
    namespace_of,
    page_type_of,
    spelled_like,
    stem_of,
    usual_dialect_and_suffix,
    with_namespace,
)
from ..config import Config
from ..lock import locked
from ..model import WikiPage
from ..pipeline import Wiki, load_wiki, with_types
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
    wiki = load_wiki(config, progress("pages read"))
    config = with_types(config, wiki)
    page_type = page_type_of(options.type, config.schema)
    title = re.sub(r"\s+", " ", options.title).strip()
    if page_type.by_hand:
        raise BadNameError(
            f"a {page_type.name} is written by hand: make notes/{stem_of(title)}.qmd, in Quarto's Markdown"
        )
    pages = [page for page in wiki.graph.pages.values() if not config.schema.types[page.page_type].by_hand]
    root = _root(pages, config)
    space = namespace_of(root, pages)
    stem = with_namespace(spelled_like(stem_of(title), pages, config.schema), space)
    files = [wiki.context.files[page.id] for page in pages]
    dialect, suffix = usual_dialect_and_suffix(files, page_type.name, options.dialect or "")
    folder = config.project / folder_of(page_type, root, pages, _folders(config.project / root), config.schema)
    path = folder / f"{stem}{suffix}"
    _refuse_known(wiki, page_type, title, stem, root, path)
    overview = re.sub(r"\s+", " ", options.overview).strip()
    code = holds_code(file.text for file in files)
    links = list(possible_links(page_type.name, config.schema))
    if not page_type.ranked:
        links = used_links(page_type.name, wiki.graph)
    text = skeleton(page_type.name, title, stem, space, dialect, config.schema, date.today(), overview, code, links)
    text = _with_type(text, page_type, folder, wiki, config)
    create_file(path, text.encode())
    print_status(f"wrote {path}")
    shown = display_path(path, config.project)
    for problem in load_wiki(config).problems:
        if problem.path == shown:
            print(f"  to do: {problem}")
    print_status("links that it may have:")
    beside = [page for page in pages if page.root == root]
    for line in suggest_links(links, dialect, beside, config.schema, title):
        print(line)
    print_status("the link to it, for other pages:")
    print(f"[[{page_type.name}:{stem}]]")
    return OK


def _with_type(text: str, page_type: PageType, folder: Path, wiki: Wiki, config: Config) -> str:
    """The text of the new page with its type in front matter, if most pages of the type state it there, or its folder
    is not named like it."""
    stated = [wiki.parsed[page.id].stated for page in wiki.graph.pages.values() if page.page_type == page_type.name]
    written = [name for name in stated if name]
    below = folder.relative_to(config.project).parts if folder.is_relative_to(config.project) else folder.parts
    kinds = [kind for part in below if (kind := config.schema.folder_type(part))]
    if 2 * len(written) <= len(stated) and kinds and kinds[-1].name == page_type.name:
        return text
    name = max(written, key=written.count) if written else page_type.name
    return f"---\ntype: {name}\n---\n\n{text}"


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
