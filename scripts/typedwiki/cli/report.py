"""Report on the wiki and its project, to people and programs: `report`, `export`, `completions`, `policy`, `doctor`."""

from __future__ import annotations

import argparse
import platform
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..atomic import replace_if_changed
from ..config import Config, ConfigError
from ..lock import READ_TIMEOUT, exclusive, lock_folder
from ..pages.bundles import is_own, okf_files
from ..pages.exports import FORMATS, export_files, requirement_files
from ..pages.report import report, report_json
from ..pipeline import load_wiki, site_context
from ..program import extension, root
from ..read import display_path
from ..render import SITE
from ..render.policy import policy
from ..settings import obstacles
from ..words import count, join_names
from ..write import refuse_overlap
from . import OK, VERSION, Add, print_status, progress


def register_report(add: Add) -> None:
    command = add("report", run_report, "print who needs what, and what each Workflow covers")
    command.add_argument("--format", choices=("md", "json"), default="md", help="default: md")


def run_report(options: argparse.Namespace, config: Config) -> int:
    """Print the report."""
    wiki = load_wiki(config, progress("pages read"))
    requirements = wiki.context.requirements.rows
    if options.format == "json":
        print(report_json(wiki.graph, wiki.schema, requirements), end="")
        return OK
    print("# Enrichment report\n")
    print(report(wiki.graph, wiki.schema, requirements), end="")
    return OK


EXPORTS = Path("exports")


def register_export(add: Add) -> None:
    command = add(
        "export",
        run_export,
        "write the graph as JSON, JSON-LD, GraphML or CSV, texts for programs, requirements, or a bundle",
    )
    command.add_argument(
        "--format", choices=(*FORMATS, "llms", "requirements", "okf", "all"), default="all", help="default: all"
    )
    # Not "output", which is the notes folder in other commands.
    command.add_argument(
        "--output", dest="folder", type=Path, metavar="DIR", help=f"default: {EXPORTS}/, or one file to stdout"
    )


def run_export(options: argparse.Namespace, config: Config) -> int:
    """Write the files of one format, or of all; print a format that is a single file to stdout."""
    wiki = load_wiki(config, progress("pages read"))
    site = site_context(wiki, config)
    files: dict[str, bytes] = {}
    if options.format == "okf":
        places = {name: display_path(path, config.project) for name, path in wiki.places.items()}
        texts, pages = wiki.context.files, wiki.graph.pages
        concepts = {i: texts[i] for i, page in pages.items() if is_own(page, wiki.parsed[i].stated)}
        files = okf_files(site, concepts, wiki.copies, places, wiki.context.listings)
    elif options.format != "requirements":
        exports = {PurePosixPath(name).name: data for name, data in export_files(site, config).items()}
        formats = {name: format_name for format_name, names in FORMATS.items() for name in names}
        files = {n: data for n, data in exports.items() if options.format in ("all", formats.get(n, "llms"))}
    else:
        files = requirement_files(site)
    if len(FORMATS.get(options.format, ())) == 1 and not options.folder:
        sys.stdout.buffer.write(*files.values())
        return OK
    folder = options.folder or EXPORTS
    refuse_overlap("--output", folder, config.sources, files)
    with lock_folder(config.project, folder.absolute(), "export"):
        for name, data in files.items():
            replace_if_changed(folder / name, data)
    print_status(f"{count(len(files), 'file')} in {folder}")
    return OK


SNIPPETS = Path(".vscode/typedwiki-pages.code-snippets")


def register_completions(add: Add) -> None:
    add("completions", run_completions, f"write a completion for a link to each page ({SNIPPETS})")


def run_completions(_options: argparse.Namespace, config: Config) -> int:
    """Write the completions file if it has changed."""
    from ..author.new import page_snippets

    wiki = load_wiki(config, progress("pages read"))
    path = config.project / SNIPPETS
    replace_if_changed(path, page_snippets(wiki.graph.pages.values(), wiki.schema).encode())
    print_status(f"{count(len(wiki.graph.pages), 'page')} in {path}")
    return OK


def register_policy(add: Add) -> None:
    command = add("policy", run_policy, "print the Content-Security-Policy for the site's host")
    command.add_argument("--site", type=Path, metavar="DIR", help="a built site (default: _site)")


def run_policy(options: argparse.Namespace, config: Config) -> int:
    """Print the policy, as the value of the header."""
    site = (options.site or config.project / "_site").absolute()
    try:
        with exclusive(config, "site", "policy", READ_TIMEOUT, site):
            header = policy(site, config.settings.remote_images)
    except OSError as error:
        raise ConfigError(f"{site}: is no site yet ({error.strerror}: {error.filename}); build it first") from None
    print(header)
    return OK


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
    python = f"{platform.python_version()} ({sys.executable})"
    yield Finding("Python", PRESENT, f"{python}, Typedwiki {VERSION}, files in {root()}")
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
    site = config.project / (config.website.output_dir or SITE) / "notes"
    names = site_context(load_wiki(config), config).names.values()
    return sum(len(str(site / f"{name}.html")) > MAX_PATH_LENGTH for name in names)


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
