"""Ask git for the dates of a wiki's files and for their addresses on the web."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from msgspec.structs import replace

from .config import Config
from .model import WikiPage
from .read import display_path
from .regex import regex

TIMEOUT = 60
"""Seconds to read the history of a wiki. After that, its pages get no dates from git."""


def revisions(config: Config) -> list[str]:
    """Return the current commit of each folder with pages, which decides the dates.

    A commit is empty where there is no git. The list is empty if the site does not use dates from git.
    """
    return [run_git(folder, "rev-parse", "HEAD").strip() for folder in _folders(config)] if config.dates else []


def with_dates(pages: Iterable[WikiPage], config: Config) -> list[WikiPage]:
    """Return the pages. If the site uses dates from git, pages without a date get that of their last commit."""
    dates = _dates(config)
    return [
        replace(page, last_updated=dates.get(str(config.project / page.path)))
        if dates and page.last_updated is None
        else page
        for page in pages
    ]


def _dates(config: Config) -> Mapping[str, date]:
    dates: dict[str, date] = {}
    for folder, revision in zip(_folders(config), revisions(config), strict=False):
        if revision:
            dates |= _last_commits(folder, revision)
    return dates


def _folders(config: Config) -> list[Path]:
    return [*config.sources, *([config.by_hand] if config.by_hand and config.by_hand.is_dir() else [])]


@lru_cache(maxsize=8)
def _last_commits(folder: Path, revision: str) -> Mapping[str, date]:
    """Return the author date of the last commit of each file below a folder, by path.

    In a shallow clone, the oldest commit seems to add every file, so it is ignored.
    """
    options = ("-z", "--format=%x01%as %D", "--name-only", "--relative", "--no-renames", "--no-color")
    dates: dict[str, date] = {}
    for commit in run_git(folder, "log", *options, revision, "--", ".").split("\x01")[1:]:
        head, *names = commit.split("\0")
        day, _, decoration = head.partition(" ")
        if "grafted" not in decoration.split(", "):
            for name in filter(None, (name.lstrip("\n") for name in names)):
                dates.setdefault(f"{folder}{os.sep}{os.path.normpath(name)}", date.fromisoformat(day))
    return dates


def run_git(folder: Path, *arguments: str) -> str:
    """Return the output of git; empty if git is missing, fails or takes too long."""
    command = ["git", "-c", "log.showSignature=false", "-C", str(folder), *arguments]
    try:
        process = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="surrogateescape", timeout=TIMEOUT
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return process.stdout if process.returncode == 0 else ""


_REMOTE = regex(
    r"(?:(?:https?|ssh|git)://(?:[^@/\s]+@)?(?P<host>[A-Za-z0-9.-]+)(?P<port>:[0-9]+)?/"
    r"|(?:[\w.-]+@)?(?P<short>[A-Za-z0-9.-]{2,}):(?!/))(?P<path>[\w./~+-]+)"
)


def repositories(config: Config) -> dict[str, tuple[str, str]]:
    """Return the repository of each wiki, if the site has ``website: repo-url:``, which is that of the project.

    A wiki outside the project has its own, if its remote has an address on the web.
    """
    if not config.repo_url:
        return {}
    by_root: dict[str, tuple[str, str]] = {}
    for source in config.sources:
        if is_outside(source, config) and (own_repository := _remote_repository(source, config.repo_branch)):
            by_root[f"{display_path(source, config.project)}/"] = own_repository
    return {**by_root, "": (config.repo_url, f"{config.repo_branch}/")}


def is_outside(source: Path, config: Config) -> bool:
    """Return whether a wiki is outside the project, perhaps through a symbolic link."""
    return not source.resolve().is_relative_to(config.project.resolve())


def without_link(config: Config) -> list[Path]:
    """Return the wikis outside the project that have no repository of their own on the web."""
    by_root = repositories(config)
    outside = [source for source in config.sources if by_root and is_outside(source, config)]
    return [source for source in outside if f"{display_path(source, config.project)}/" not in by_root]


def web_address(remote: str) -> str:
    """Return the https address of a remote, without user names and passwords; empty if it is not on the web."""
    match = _REMOTE.fullmatch(remote.strip())
    if not match:
        return ""
    # Any port but one in a web address is that of ssh.
    port = match["port"] or "" if remote.startswith("https://") else ""
    path = match["path"].strip("/").removesuffix(".git")
    return f"https://{match['host'] or match['short']}{port}/{path}" if path else ""


def _remote_repository(source: Path, default: str) -> tuple[str, str] | None:
    """Return address, and branch and folder, of the repository that contains a wiki; None if it is not on the web."""
    top = run_git(source, "rev-parse", "--show-toplevel").strip()
    remotes = run_git(source, "remote").split() if top else []
    if not remotes:
        return None
    remote, _, tracked = run_git(source, "rev-parse", "--abbrev-ref", "@{upstream}").strip().partition("/")
    if remote not in remotes:
        remote, tracked = "origin" if "origin" in remotes else remotes[0], ""
    address = web_address(run_git(source, "remote", "get-url", remote))
    branch = tracked or run_git(source, "symbolic-ref", "--short", "HEAD").strip() or default
    folder = source.resolve().relative_to(Path(top).resolve()).as_posix()
    return (address, quote(f"{branch}/" if folder == "." else f"{branch}/{folder}/")) if address else None
