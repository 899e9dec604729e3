"""Dates from git: the last commit of a file is the date of a page without one (`typedwiki: dates: git`)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from .config import Config
from .model import WikiPage

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
