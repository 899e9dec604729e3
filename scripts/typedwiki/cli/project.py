"""Make the project around a wiki, and bring it up to date: `init` and `add`."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from datetime import date
from pathlib import Path

from ..atomic import create_file, replace_file, rewrite_file
from ..config import Config, ConfigError, absolute
from ..lock import locked
from ..notes.permalinks import LOCK
from ..program import EXTENSION, extension, machinery, root
from ..words import count, join_names
from . import OK, VERSION, Add, print_status, shortest


def register_init(add: Add) -> None:
    command = add("init", run_init, "make a site of your own; with --source around a wiki that there is")
    command.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="where (default: this project)")
    command.add_argument("--title", metavar="TEXT", help="title of the site")
    command.add_argument("--description", metavar="TEXT", help="what it is about, in a sentence")
    command.add_argument("--pages", action="store_true", help="write a first page of each type")


@locked("pages", "init")
def run_init(options: argparse.Namespace, config: Config) -> int:
    """Write settings and home page, and remove the sample if this project is a clone that still has it.

    Raises:
        ConfigError: foreign files are in the place of ours.
    """
    from ..author.new import edit_home_page, edit_settings, first_pages, unchanged_sample

    target = absolute(options.folder or config.project)
    _refuse_wiki(options, target, config)
    title = options.title or _asked("Title of the site", target.name.replace("_", " ").replace("-", " ").title())
    description = options.description
    if description is None:
        description = _asked("What it is about, in a sentence", "")
    pages = options.pages or (not options.source and _asked("A first page of each type? (y/n)", "n")[:1] in "yY")
    old_settings = target / "_quarto.yml"
    if old_settings.is_file() and "typedwiki:" not in old_settings.read_text(encoding="utf-8", errors="replace"):
        raise ConfigError(f"{target} is a Quarto project of its own; add Typedwiki to it: typedwiki add")
    if target != config.project or not (target / "_quarto.yml").exists():
        _copy_machinery(target)
    else:
        _remove_sample(target, unchanged_sample(target))
    wiki = absolute(options.source[0]) if options.source else target / "data/wikis"
    wiki.mkdir(parents=True, exist_ok=True)
    is_absolute = options.source and options.source[0].is_absolute()
    source_setting = (wiki if is_absolute else Path(shortest(wiki, target))).as_posix()
    settings, home = target / "_quarto.yml", target / "index.qmd"
    _rewrite_if_changed(settings, edit_settings(_read_text(settings), title, description, source_setting))
    _rewrite_if_changed(home, edit_home_page(_read_text(home), title, description))
    page_count = 0
    for name, text in first_pages(config.schema, date.today()).items() if pages else ():
        if not (wiki / name).exists():
            create_file(wiki / name, text.encode())
            page_count += 1
    print_status(
        f"“{title}” is in {target}, its wiki in {wiki}"
        + (f", with {count(page_count, 'first page')}" if page_count else "")
    )
    first = "" if options.source else "python scripts/wiki.py new Principle 'A title'; "
    print_status(f"next: cd {target}; {first}python scripts/wiki.py preview")
    return OK


def _refuse_wiki(options: argparse.Namespace, target: Path, config: Config) -> None:
    """Refuse a wiki in the site's folder that is not named, because it would not be part of the site."""
    if options.source or target == config.project or not target.is_dir():
        return
    type_folders = sorted(p.name for p in target.iterdir() if p.is_dir() and config.schema.folder_type(p.name))
    if len(type_folders) > 1 and not (target / "data/wikis").exists():
        raise ConfigError(
            f"{target} holds a wiki ({join_names(type_folders)}); put the site around it:"
            f" init {shlex.quote(f'{target}-site')} --source {shlex.quote(str(target))}"
        )


def _asked(question: str, otherwise: str) -> str:
    """Return the answer given in a terminal; without a terminal, ``otherwise``."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return otherwise
    hint = f" [{otherwise}]" if otherwise else ""
    return input(f"{question}{hint}: ").strip() or otherwise


def _read_text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _rewrite_if_changed(path: Path, text: str) -> None:
    if text != _read_text(path):
        rewrite_file(path, text.encode())


def _copy_machinery(target: Path) -> None:
    """Copy the files that a project needs besides its wiki. Overwrite nothing."""
    pairs = [(path, target / to) for path, to in machinery()]
    if foreign := [str(to) for path, to in pairs if to.exists() and to.read_bytes() != path.read_bytes()]:
        raise ConfigError(f"these are there already, and not ours: {', '.join(foreign[:5])}; nothing was changed")
    for path, to in pairs:
        if not to.exists():
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, to)


def _remove_sample(project: Path, names: list[str]) -> None:
    """Remove the unmodified files of the sample, except the home page, which is rewritten."""
    sample_files = [name for name in names if name != "index.qmd"]
    for name in sample_files:
        (project / name).unlink()
    for folder in sorted({parent for name in sample_files for parent in (project / name).parents}, reverse=True):
        if folder.is_relative_to(project / "data") and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    if sample_files:
        (project / "notes" / LOCK).unlink(missing_ok=True)  # the addresses of the sample
        print_status(f"{count(len(sample_files), 'file')} of the sample deleted")


REPLACED = Path(".typedwiki/replaced")
"""Backups of replaced files."""
SETTINGS_TO_ADD = """\
project:
  pre-render: typedwiki prebuild
  render: ["*.qmd", "*.md", "*.ipynb", "!/FOLDER/**", "!/notes/assets/**"]
filters: [typedwiki]
typedwiki: {source: FOLDER}"""
"""FOLDER stands for the folder of the wiki."""


def register_add(add: Add) -> None:
    add("add", run_add, "put this version's extension into a Quarto project, or bring a project up to date with it")


def run_add(options: argparse.Namespace, config: Config) -> int:
    """Copy changed files, and back up the files that they replace.

    Raises:
        ConfigError: there is no Quarto project, or it is the one that this program runs from.
    """
    project = config.project
    if not (project / "_quarto.yml").is_file():
        raise ConfigError(f"{project} is no Quarto project: it has no _quarto.yml; `typedwiki init` makes a new site")
    if root().resolve() == project.resolve():
        raise ConfigError("this project runs its own scripts; run the `typedwiki` that is to be brought here")
    extension_folder = extension(project)  # perhaps where `quarto add` has put it
    if not extension_folder.is_relative_to(project):
        extension_folder = project / EXTENSION
    files = [(path, extension_folder / Path(to).relative_to(EXTENSION)) for path, to in machinery(EXTENSION)]
    if (project / "scripts/typedwiki").is_dir():
        files += [(path, project / to) for path, to in machinery("scripts")]
    changed = [(path, to) for path, to in files if not to.is_file() or to.read_bytes() != path.read_bytes()]
    targets = {to for _, to in files}
    folders = (extension_folder, project / "scripts/typedwiki")
    present = (path for folder in folders for path in folder.rglob("*") if path.is_file() and path not in targets)
    outdated = [path for path in present if "__pycache__" not in path.parts and path.suffix != ".pyc"]
    for to in (*(to for _, to in changed if to.exists()), *outdated):
        backup = project / REPLACED / to.relative_to(project)
        backup.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(to, backup)
    for path, to in changed:
        replace_file(to, path.read_bytes())
    if changed or outdated:
        print_status(
            f"version {VERSION} is in {project}: {count(len(changed), 'file')} written, {len(outdated)} removed"
        )
    else:
        print_status(f"version {VERSION} is in {project} already")
    if not config.website.hooked or not config.website.filtered:
        lines = SETTINGS_TO_ADD
        if all(source.is_dir() and source.is_relative_to(project) for source in config.sources[:1]):
            lines = lines.replace("FOLDER", config.sources[0].relative_to(project).as_posix())
        print_status(f"these lines belong into _quarto.yml:\n\n{lines}\n\nthen run: typedwiki doctor")
    return OK
