"""Manage the project around a wiki: `init`, `add` and `doctor`."""

from __future__ import annotations

import argparse
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from ..atomic import create_file, replace_file, rewrite_file
from ..config import Config, ConfigError
from ..lock import locked
from ..notes.permalinks import LOCK
from ..program import EXTENSION, extension, machinery, root
from ..render import SITE
from ..words import count, join_names
from . import OK, VERSION, Add, print_status, shortest


def register_init(add: Add) -> None:
    """Add the command and its options."""
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

    target = Path(os.path.abspath(options.folder or config.project))  # noqa: PTH100 - a link stays a link
    _refuse_wiki(options, target, config)
    title = options.title or _asked("Title of the site", target.name.replace("_", " ").replace("-", " ").title())
    description = options.description
    if description is None:
        description = _asked("What it is about, in a sentence", "")
    pages = options.pages or (not options.source and _asked("A first page of each type? (y/n)", "n")[:1] in "yY")
    _refuse_other_site(target)
    if target != config.project or not (target / "_quarto.yml").exists():
        _copy_machinery(target)
    else:
        _remove_sample(target, unchanged_sample(target))
    wiki = Path(os.path.abspath(options.source[0])) if options.source else target / "data/wikis"  # noqa: PTH100
    wiki.mkdir(parents=True, exist_ok=True)
    source = Path(options.source[0]) if options.source else wiki
    source_setting = (
        wiki.as_posix() if source.is_absolute() and options.source else Path(shortest(wiki, target)).as_posix()
    )
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
    print_status(f"next: cd {target}; python scripts/wiki.py new Principle 'A title'; python scripts/wiki.py preview")
    return OK


def _refuse_other_site(target: Path) -> None:
    """Refuse to replace the settings of another website."""
    path = target / "_quarto.yml"
    if path.is_file() and "typedwiki:" not in path.read_text(encoding="utf-8", errors="replace"):
        raise ConfigError(f"{target} is a Quarto project of its own; add Typedwiki to it: typedwiki add")


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
    from ..author.new import is_foreign

    pairs = [(path, target / to) for path, to in machinery()]
    if foreign := [str(to) for path, to in pairs if is_foreign(path, to)]:
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
filters: [typedwiki]
typedwiki: {source: FOLDER}"""


def register_add(add: Add) -> None:
    """Add the command."""
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
    extension_folder = extension(project)
    files = [(path, _extension_place(to, project, extension_folder)) for path, to in machinery(EXTENSION)]
    if (project / "scripts/typedwiki").is_dir():
        files += [(path, project / to) for path, to in machinery("scripts")]
    changed = [(path, to) for path, to in files if not to.is_file() or to.read_bytes() != path.read_bytes()]
    targets = {to for _, to in files}
    folders = {
        extension_folder if extension_folder.is_relative_to(project) else project / EXTENSION,
        project / "scripts/typedwiki",
    }
    outdated = [p for folder in folders if folder.is_dir() for p in folder.rglob("*") if _is_left(p, targets)]
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
        print_status(f"these lines belong into _quarto.yml:\n\n{SETTINGS_TO_ADD}\n\nthen run: typedwiki doctor")
    return OK


def _extension_place(to: str, project: Path, extension_folder: Path) -> Path:
    """Return the target of a file of the extension: the folder that `quarto add` uses, if it exists."""
    folder = extension_folder if extension_folder.is_relative_to(project) else project / EXTENSION
    return folder / Path(to).relative_to(EXTENSION)


def _is_left(path: Path, targets: set[Path]) -> bool:
    return path.is_file() and path not in targets and "__pycache__" not in path.parts and path.suffix != ".pyc"


OLDEST, NEWEST = (1, 5), (1, 10)
"""Versions of Quarto that this program supports."""
MAX_PATH_LENGTH = 259
"""Default maximum number of characters of a path on Windows."""
PRESENT, NOTE, MISSING = "ok", "note", "MISSING"


class Finding(NamedTuple):
    """One line of the doctor's output."""

    subject: str
    state: str
    text: str


def register_doctor(add: Add) -> None:
    """Add the command."""
    add("doctor", run_doctor, "say in ten lines what was found, and what to do about each thing that is missing")


def run_doctor(options: argparse.Namespace, config: Config) -> int:
    """Check everything. Return 0 if the site can be built, 2 if something required is missing."""
    findings = list(check_setup(config))
    for subject, state, text in findings:
        print(f"{state:<8}{subject:<12}{text}")
    wrong = sum(finding.state == MISSING for finding in findings)
    print(f"{count(wrong, 'thing')} to do before a site can be made" if wrong else "a site can be made")
    return 2 if wrong else OK


def check_setup(config: Config) -> Iterator[Finding]:
    """Yield the finding of each check."""
    yield _python()
    yield _quarto()
    yield _jupyter()
    yield _pandoc()
    if not (config.project / "_quarto.yml").is_file() and not config.sources:
        yield Finding("project", MISSING, "no _quarto.yml here; name a folder of pages with --source, or run init")
        return
    yield _wiki(config)
    yield from _project(config)
    site = config.project / (config.website.output_dir or SITE)
    yield Finding("writes", PRESENT, f"notes to {config.output}, the site to {site}")
    if sys.platform == "win32" and (long := too_long(config)):
        pages = count(long, "page")
        text = f"{pages} would be longer than {MAX_PATH_LENGTH} characters with its folder: move the project up"
        yield Finding("paths", NOTE, f"{text}, or enable long paths (LongPathsEnabled)")


def too_long(config: Config) -> int:
    """Return how many pages of the site have a path that is too long for Windows."""
    from ..pipeline import load_wiki, site_context

    site = config.project / (config.website.output_dir or SITE) / "notes"
    names = site_context(load_wiki(config), config).names.values()
    return sum(len(str(site / f"{name}.html")) > MAX_PATH_LENGTH for name in names)


def _python() -> Finding:
    version = platform.python_version()
    return Finding("Python", PRESENT, f"{version} ({sys.executable}), Typedwiki {VERSION}, files in {root()}")


def _quarto() -> Finding:
    from ..render.render import find_quarto

    path = find_quarto()
    if not path:
        text = "not found, so the site is made as a draft, by pandoc alone; https://quarto.org has installers"
        return Finding("Quarto", NOTE, text)
    version = _program_version(path)
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if len(numbers) == 2 and numbers < OLDEST:
        text = f"{version} ({path}) is too old; install 1.5 or newer: https://quarto.org"
        return Finding("Quarto", MISSING, text)
    if numbers > NEWEST:
        text = f"{version} ({path}) is newer than {NEWEST[0]}.{NEWEST[1]}, the newest that this program was made for"
        return Finding("Quarto", NOTE, text)
    return Finding("Quarto", PRESENT, f"{version} ({path})")


def _program_version(program: str) -> str:
    try:
        process = subprocess.run([program, "--version"], capture_output=True, encoding="utf-8", check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return "of unknown version"
    return (process.stdout.splitlines() or ["of unknown version"])[0].strip()


def _jupyter() -> Finding:
    if find_spec("nbclient"):
        return Finding("jupyter", PRESENT, "runs the cells of notes")
    text = f"without it, cells are shown as code; {sys.executable} -m pip install nbclient"
    return Finding("jupyter", NOTE, text)


def _pandoc() -> Finding:
    from ..render.bodies import DraftError, installed_pandoc

    try:
        path = installed_pandoc()
    except (DraftError, ModuleNotFoundError, OSError):
        path = ""
    if not path or not shutil.which(path):
        command = f"{sys.executable} -m pip install pypandoc_binary"
        return Finding("pandoc", MISSING, f"not found; drafts and the fast engine need it: {command}")
    return Finding(
        "pandoc", PRESENT, f"{_program_version(path).removeprefix('pandoc ')} makes drafts; no browser is needed"
    )


def _wiki(config: Config) -> Finding:
    from ..pipeline import load_wiki

    wiki = load_wiki(config)
    roots = join_names([str(source) for source in config.sources])
    if not wiki.graph.pages:
        types = join_names([t.plural for t in config.schema.types.values() if not t.by_hand])
        return Finding("wiki", MISSING, f"no page in {roots}; a page lies in a folder named like its type: {types}")
    page_counts = Counter(page.page_type for page in wiki.graph.pages.values())
    type_counts = [(number, wiki.schema.types[name]) for name, number in page_counts.items()]
    types = ", ".join(f"{number} {kind.plural if number > 1 else kind.name}" for number, kind in type_counts)
    dialects_of_pages = Counter(page.dialect for page in wiki.graph.pages.values())
    dialects = ", ".join(f"{number} in {name}" for name, number in dialects_of_pages.items())
    errors = sum(problem.severity == "error" for problem in wiki.problems)
    error_count = f"; {count(errors, 'error')}, see `check`" if errors else ""
    return Finding(
        "wiki", PRESENT, f"{count(len(wiki.graph.pages), 'page')} in {roots}: {types}; {dialects}{error_count}"
    )


def _project(config: Config) -> Iterator[Finding]:
    from ..settings import obstacles

    if not (config.project / "_quarto.yml").is_file():
        yield Finding("project", PRESENT, "none is needed: `typedwiki site --source DIR` makes one in the cache")
        return
    site = config.website
    wrong = [*obstacles(site, config.project, config.sources)]
    if not site.filtered:
        wrong.append("notes are not presented; add the line  filters: [typedwiki]")
    if not site.hooked:
        wrong.append("Quarto does not make the notes; add to `project:` the line  pre-render: typedwiki prebuild")
    if not extension(config.project).is_relative_to(config.project):
        wrong.append("the extension is missing; run  typedwiki add")
    for obstacle in wrong:
        yield Finding("project", MISSING, f"_quarto.yml: {obstacle}")
    if not site.leads_here:
        text = "nothing in the navigation leads to the wiki but its own pages; add  - notes/wiki/explore.qmd"
        yield Finding("navigation", NOTE, text)
