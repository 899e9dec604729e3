"""`typedwiki doctor`: what was found, what is missing and what to do about it, in ten lines."""

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
from typing import NamedTuple

from ..config import Config
from ..parts import extension, root
from ..render import SITE
from ..wording import count, join_names
from . import OK, VERSION, Add

OLDEST, NEWEST = (1, 5), (1, 10)
"""Versions of Quarto that this program supports."""
LONGEST = 259
"""Characters of a path on Windows, unless somebody has set that otherwise."""
FOUND, TO_DO, MISSING = "ok", "note", "MISSING"


class Finding(NamedTuple):
    """One line."""

    what: str
    state: str
    text: str


def register(add: Add) -> None:
    """Add the command."""
    add("doctor", run, "say in ten lines what was found, and what to do about each thing that is missing")


def run(options: argparse.Namespace, config: Config) -> int:
    """Look at everything; 0 if the site can be made, 2 if something is missing that it needs."""
    findings = list(look(config))
    for what, state, text in findings:
        print(f"{state:<8}{what:<12}{text}")
    wrong = sum(one.state == MISSING for one in findings)
    print(f"{count(wrong, 'thing')} to do before a site can be made" if wrong else "a site can be made")
    return 2 if wrong else OK


def look(config: Config) -> Iterator[Finding]:
    """Each thing that was looked at."""
    yield _python()
    yield _quarto()
    yield _module("jupyter", "nbclient", "runs the cells of notes", "without it, cells are shown as code")
    yield _pandoc()
    if not (config.project / "_quarto.yml").is_file() and not config.sources:
        yield Finding("project", MISSING, "no _quarto.yml here; name a folder of pages with --source, or run init")
        return
    yield _wiki(config)
    yield from _project(config)
    yield Finding("writes", FOUND, _writes(config))
    if sys.platform == "win32" and (long := too_long(config)):
        text = f"{count(long, 'page')} would be longer than {LONGEST} characters with its folder: move the project up"
        yield Finding("paths", TO_DO, f"{text}, or enable long paths (LongPathsEnabled)")


def too_long(config: Config) -> int:
    """How many pages of the site would have a path that Windows refuses."""
    from ..pipeline import load_wiki, site_context

    site = config.project / (config.website.output_dir or SITE) / "notes"
    names = site_context(load_wiki(config), config).names.values()
    return sum(len(str(site / f"{name}.html")) > LONGEST for name in names)


def _python() -> Finding:
    version = platform.python_version()
    return Finding("Python", FOUND, f"{version} ({sys.executable}), Typedwiki {VERSION}, files in {root()}")


def _quarto() -> Finding:
    from ..render.render import find_quarto

    path = find_quarto()
    if not path:
        text = "not found, so the site is made as a draft, by pandoc alone; https://quarto.org has installers"
        return Finding("Quarto", TO_DO, text)
    version = _version(path)
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if len(numbers) == 2 and numbers < OLDEST:
        text = f"{version} ({path}) is too old; install 1.5 or newer: https://quarto.org"
        return Finding("Quarto", MISSING, text)
    if numbers > NEWEST:
        text = f"{version} ({path}) is newer than {NEWEST[0]}.{NEWEST[1]}, the newest that this program was made for"
        return Finding("Quarto", TO_DO, text)
    return Finding("Quarto", FOUND, f"{version} ({path})")


def _version(program: str) -> str:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, encoding="utf-8", check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return "of unknown version"
    return (done.stdout.splitlines() or ["of unknown version"])[0].strip()


def _module(what: str, name: str, does: str, without: str) -> Finding:
    if find_spec(name):
        return Finding(what, FOUND, does)
    return Finding(what, TO_DO, f"{without}; {sys.executable} -m pip install {name}")


def _pandoc() -> Finding:
    from ..render.bodies import DraftError, installed_pandoc

    try:
        path = installed_pandoc()
    except (DraftError, ModuleNotFoundError, OSError):
        path = ""
    if not path or not shutil.which(path):
        command = f"{sys.executable} -m pip install pypandoc_binary"
        return Finding("pandoc", MISSING, f"not found; drafts and the fast engine need it: {command}")
    return Finding("pandoc", FOUND, f"{_version(path).removeprefix('pandoc ')} makes drafts; no browser is needed")


def _wiki(config: Config) -> Finding:
    from ..pipeline import load_wiki

    wiki = load_wiki(config)
    roots = join_names([str(one) for one in config.sources])
    if not wiki.graph.pages:
        types = join_names([t.plural for t in config.schema.types.values() if not t.by_hand])
        return Finding("wiki", MISSING, f"no page in {roots}; a page lies in a folder named like its type: {types}")
    kinds = Counter(page.page_type for page in wiki.graph.pages.values())
    named = [(number, wiki.schema.types[name]) for name, number in kinds.items()]
    types = ", ".join(f"{number} {kind.plural if number > 1 else kind.name}" for number, kind in named)
    written = Counter(page.dialect for page in wiki.graph.pages.values())
    dialects = ", ".join(f"{number} in {name}" for name, number in written.items())
    errors = sum(problem.severity == "error" for problem in wiki.problems)
    told = f"; {count(errors, 'error')}, see `check`" if errors else ""
    return Finding("wiki", FOUND, f"{count(len(wiki.graph.pages), 'page')} in {roots}: {types}; {dialects}{told}")


def _project(config: Config) -> Iterator[Finding]:
    from ..website import obstacles

    if not (config.project / "_quarto.yml").is_file():
        yield Finding("project", FOUND, "none is needed: `typedwiki site --source DIR` makes one in the cache")
        return
    site = config.website
    wrong = [*obstacles(site, config.project, config.sources)]
    if not site.filtered:
        wrong.append("notes are not presented; add the line  filters: [typedwiki]")
    if not site.hooked:
        wrong.append("Quarto does not make the notes; add to `project:` the line  pre-render: typedwiki prebuild")
    if not extension(config.project).is_relative_to(config.project):
        wrong.append("the extension is missing; run  typedwiki add")
    for one in wrong:
        yield Finding("project", MISSING, f"_quarto.yml: {one}")
    if not site.leads_here:
        text = "nothing in the navigation leads to the wiki but its own pages; add  - notes/wiki/explore.qmd"
        yield Finding("navigation", TO_DO, text)


def _writes(config: Config) -> str:
    return f"notes to {config.output}, the site to {config.project / (config.website.output_dir or SITE)}"
