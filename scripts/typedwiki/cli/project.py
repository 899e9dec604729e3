"""Make a project and its notes: `init`, `add`, `build`, `clean`, and Quarto's hooks."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from datetime import date
from pathlib import Path

from ..atomic import create_file, replace_file, rewrite_file
from ..build import build_if_changed
from ..config import Config, ConfigError, absolute
from ..hooks import postrender, prebuild
from ..lock import exclusive, locked
from ..notes import permalinks
from ..notes.permalinks import LOCK, KeptAddress
from ..program import EXTENSION, extension, gc_paused_for_good, machinery, root
from ..repository import run_git
from ..words import count, join_names
from ..write import MANIFEST, refuse_overlap, write
from . import OK, VERSION, Add, page_count, print_status, progress, shortest, show_errors, show_kept, status, strict


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


def register_build(add: Add) -> None:
    command = add("build", run_build, "write the notes that Quarto renders", strict())
    command.add_argument("--output", type=Path, metavar="DIR", help="where the notes go (default: notes/)")


@locked("wiki", "build")
def run_build(options: argparse.Namespace, config: Config) -> int:
    """Write the notes that have changed."""
    gc_paused_for_good()
    if getattr(options, "output", None):
        refuse_overlap("--output", config.output, config.sources)
    return write_notes(options, config)


def write_notes(options: argparse.Namespace, config: Config) -> int:
    """Write notes like ``run_build``, for callers that hold the lock already."""
    result, writing = build_if_changed(config, progress("pages read"))
    show_kept(config.output, writing.kept)
    show_errors(result)
    changed, deleted = count(len(writing.changed), "file"), len(writing.deleted)
    print_status(f"{page_count(result)} in {config.output}: {changed} written, {deleted} deleted")
    return status(options, result)


def register_clean(add: Add) -> None:
    command = add("clean", run_clean, "delete the generated notes and the site")
    text = "instead forget the addresses of pages that were never published, or have been gone for a release"
    command.add_argument("--addresses", action="store_true", help=text)


@locked("site", "clean")
def run_clean(options: argparse.Namespace, config: Config) -> int:
    """Delete the notes, their manifest and the site."""
    if options.addresses:
        return _forget_addresses(config)
    from ..render.draft import clear_site

    with exclusive(config, "wiki", "clean"):
        deletion = write(config.output, {}, {})
        show_kept(config.output, deletion.kept)
        (config.output / MANIFEST).unlink(missing_ok=True)
    notes = sum(name.endswith(".qmd") for name in deletion.deleted)
    other_files = len(deletion.deleted) - notes
    if deletion.deleted:
        print_status(f"{count(notes, 'note')} and {count(other_files, 'other file')} deleted from {config.output}")
    site = config.project / "_site"
    files_before = sum(path.is_file() for path in site.rglob("*")) if site.is_dir() else 0
    clear_site(site)
    files_after = sum(path.is_file() for path in site.rglob("*")) if site.is_dir() else 0
    if files_before > files_after:
        print_status(f"{count(files_before - files_after, 'file')} deleted from {site}")
    elif not deletion.deleted:
        print_status("nothing to delete")
    if files_after:
        print_status(f"{count(files_after, 'file')} in {site} kept: not made by Typedwiki, or edited since")
    return OK


def _forget_addresses(config: Config) -> int:
    """Remove unneeded addresses from the record, and print why the others are kept."""
    from ..pipeline import load_wiki

    if not config.record:
        raise ConfigError("--addresses is about the record of this project; leave --source out")
    with exclusive(config, "wiki", "clean"):
        pages_gone = load_wiki(config).gone
        recorded = permalinks.record(config.record)
        release = run_git(config.project, "describe", "--tags", "--abbrev=0").strip()  # the newest tag before HEAD
        committed, released = (_record_at(config.project, revision, LOCK) for revision in ("HEAD", release))
        forgotten = []
        for page_id, address in pages_gone.items():
            released_address = address if released is None else released.get(page_id)
            was_gone = released is not None and (not released_address or released_address.why == "gone")
            if address.why != "gone":
                print_status(f"{page_id} is kept: {address.why}")
            elif committed is None:
                print_status(f"{page_id} is kept: no git repository says whether it was published")
            elif page_id not in committed or was_gone:
                forgotten.append(page_id)
            else:
                print_status(
                    f"{page_id} is kept: it has been published, and has not been gone for a release (a git tag) yet"
                )
        remaining = {page_id: address for page_id, address in recorded.items() if page_id not in forgotten}
        names = {page_id: address.name for page_id, address in remaining.items() if page_id not in pages_gone}
        permalinks.keep(config.record, remaining, names, {i: k for i, k in pages_gone.items() if i not in forgotten})
    for page_id in forgotten:
        print_status(f"{page_id} is forgotten")
    if not pages_gone:
        print_status("every address on record is that of a page")
    return OK


def _record_at(project: Path, revision: str, name: str) -> dict[str, KeptAddress] | None:
    """Return the record at a revision; None if there is none."""
    try:
        return permalinks.parsed(run_git(project, "show", f"{revision}:./notes/{name}")) if revision else None
    except ValueError:
        return None


def register_prebuild(add: Add) -> None:
    text = "bring the notes up to date before Quarto renders: the hook for `project: pre-render:`"
    add("prebuild", lambda _, config: prebuild(config.project), text)


def register_postrender(add: Add) -> None:
    text = "finish what Quarto has rendered: the hook for `project: post-render:`"
    add("postrender", lambda _, config: postrender(config.project), text)
