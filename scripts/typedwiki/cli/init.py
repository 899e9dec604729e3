"""`wiki.py init`: a site of one's own, from nothing or around a wiki that there is."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
from datetime import date
from pathlib import Path

from ..atomic import create_file, rewrite_file
from ..config import Config, ConfigError
from ..lock import locked
from ..notes.permalinks import LOCK
from ..parts import machinery
from ..wording import count, join_names
from . import OK, Add
from .console import print_status, shortest


def register(add: Add) -> None:
    """Add the command and its options."""
    command = add("init", run, "make a site of your own; with --source around a wiki that there is")
    command.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="where (default: this project)")
    command.add_argument("--title", metavar="TEXT", help="title of the site")
    command.add_argument("--description", metavar="TEXT", help="what it is about, in a sentence")
    command.add_argument("--pages", action="store_true", help="write a first page of each type")


@locked("pages", "init")
def run(options: argparse.Namespace, config: Config) -> int:
    """Write settings and home page, and take the sample away where this project is a clone that still has it.

    Raises:
        ConfigError: the folder holds files of somebody else's where ours belong.
    """
    from ..author.init import edit_home_page, edit_settings, first_pages, unchanged_sample

    target = Path(os.path.abspath(options.folder or config.project))  # noqa: PTH100 - a link stays a link
    _refuse_wiki(options, target, config)
    title = options.title or _asked("Title of the site", target.name.replace("_", " ").replace("-", " ").title())
    description = options.description
    if description is None:
        description = _asked("What it is about, in a sentence", "")
    pages = options.pages or (not options.source and _asked("A first page of each type? (y/n)", "n")[:1] in "yY")
    _refuse_other_site(target)
    if target != config.project or not (target / "_quarto.yml").exists():
        _copy(target)
    else:
        _remove(target, unchanged_sample(target))
    wiki = Path(os.path.abspath(options.source[0])) if options.source else target / "data/wikis"  # noqa: PTH100
    wiki.mkdir(parents=True, exist_ok=True)
    written = Path(options.source[0]) if options.source else wiki
    shown = wiki.as_posix() if written.is_absolute() and options.source else Path(shortest(wiki, target)).as_posix()
    for name, new in (("_quarto.yml", edit_settings(_text(target / "_quarto.yml"), title, description, shown)),
                      ("index.qmd", edit_home_page(_text(target / "index.qmd"), title, description))):  # fmt: skip
        if new != _text(target / name):
            rewrite_file(target / name, new.encode())
    made = 0
    for name, text in first_pages(config.schema, date.today()).items() if pages else ():
        if not (wiki / name).exists():
            create_file(wiki / name, text.encode())
            made += 1
    print_status(
        f"“{title}” is in {target}, its wiki in {wiki}" + (f", with {count(made, 'first page')}" if made else "")
    )
    print_status(f"next: cd {target}; python scripts/wiki.py new Principle 'A title'; python scripts/wiki.py preview")
    return OK


def _refuse_other_site(target: Path) -> None:
    """A website with settings of its own keeps them."""
    path = target / "_quarto.yml"
    if path.is_file() and "typedwiki:" not in path.read_text(encoding="utf-8", errors="replace"):
        raise ConfigError(f"{target} is a Quarto project of its own; add Typedwiki to it: typedwiki add")


def _refuse_wiki(options: argparse.Namespace, target: Path, config: Config) -> None:
    """A wiki that lies where the site is to go would not be in it, unless it is named."""
    if options.source or target == config.project or not target.is_dir():
        return
    found = sorted(p.name for p in target.iterdir() if p.is_dir() and config.schema.folder_type(p.name))
    if len(found) > 1 and not (target / "data/wikis").exists():
        raise ConfigError(
            f"{target} holds a wiki ({join_names(found)}); put the site around it:"
            f" init {shlex.quote(f'{target}-site')} --source {shlex.quote(str(target))}"
        )


def _asked(question: str, otherwise: str) -> str:
    """What is answered in a terminal; what would be the answer where nobody can be asked."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return otherwise
    hint = f" [{otherwise}]" if otherwise else ""
    return input(f"{question}{hint}: ").strip() or otherwise


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _copy(target: Path) -> None:
    """What a project needs beside its wiki; nothing that is there is overwritten."""
    from ..author.init import is_foreign

    pairs = [(path, target / to) for path, to in machinery()]
    if foreign := [str(to) for path, to in pairs if is_foreign(path, to)]:
        raise ConfigError(f"these are there already, and not ours: {', '.join(foreign[:5])}; nothing was changed")
    for path, to in pairs:
        if not to.exists():
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, to)


def _remove(project: Path, names: list[str]) -> None:
    """Take away what the sample holds, as far as it is as it came; the home page stays, to be written anew."""
    gone = [name for name in names if name != "index.qmd"]
    for name in gone:
        (project / name).unlink()
    for folder in sorted({parent for name in gone for parent in (project / name).parents}, reverse=True):
        if folder.is_relative_to(project / "data") and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    if gone:
        (project / "notes" / LOCK).unlink(missing_ok=True)  # the addresses of the sample
        print_status(f"{count(len(gone), 'file')} of the sample deleted")
