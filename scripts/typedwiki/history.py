"""When git has last changed a file: the date of a page that gives none (`typedwiki: dates: git`)."""

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

LONGEST = 60
"""Seconds for the history of a wiki; then its pages have no dates of git's."""


def revisions(config: Config) -> list[str]:
    """What decides the dates: the commit that is checked out, of each folder with pages; empty where there is no git,
    and if nobody asks for dates."""
    return [git(folder, "rev-parse", "HEAD").strip() for folder in _folders(config)] if config.dates else []


def dated(pages: Iterable[WikiPage], config: Config) -> list[WikiPage]:
    """The pages, those without a date with that of the last commit of their file, if the site asks for it."""
    found = _dates(config)
    return [
        replace(page, last_updated=found.get(str(config.project / page.path)))
        if found and page.last_updated is None
        else page
        for page in pages
    ]


def _dates(config: Config) -> Mapping[str, date]:
    found: dict[str, date] = {}
    for folder, revision in zip(_folders(config), revisions(config), strict=False):
        if revision:
            found |= _last_commits(folder, revision)
    return found


def _folders(config: Config) -> list[Path]:
    return [*config.sources, *([config.by_hand] if config.by_hand and config.by_hand.is_dir() else [])]


@lru_cache(maxsize=8)
def _last_commits(folder: Path, revision: str) -> Mapping[str, date]:
    """Author dates, by path, of the last commits of the files below a folder.

    Where history is cut off, in a shallow clone, its first commit seems to bring every file: it tells nothing.
    """
    asked = ("-z", "--format=%x01%as %D", "--name-only", "--relative", "--no-renames", "--no-color")
    found: dict[str, date] = {}
    for commit in git(folder, "log", *asked, revision, "--", ".").split("\x01")[1:]:
        head, *names = commit.split("\0")
        day, _, decoration = head.partition(" ")
        if "grafted" not in decoration.split(", "):
            for name in filter(None, (name.lstrip("\n") for name in names)):
                found.setdefault(f"{folder}{os.sep}{os.path.normpath(name)}", date.fromisoformat(day))
    return found


def git(folder: Path, *arguments: str) -> str:
    """What git says; empty if there is no git, or nothing that it knows of."""
    command = ["git", "-c", "log.showSignature=false", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="surrogateescape", timeout=LONGEST)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
