"""A wiki without a project: a folder of pages, around which a project is made in the user's cache."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from ..atomic import replace_file
from ..config import Config, ConfigError, Settings
from ..parts import EXTENSION, machinery
from ..schema import load
from . import init

PARTS = ("_quarto.yml", "index.qmd", EXTENSION)


def without_project(folder: Path, sources: Sequence[Path]) -> Config:
    """The settings that hold where there is no _quarto.yml.

    Raises:
        ConfigError: a source is not a folder.
    """
    refuse_no_folder(sources)
    here = folder.absolute()
    return Config(here, tuple(one.absolute() for one in sources), here / "notes", load(), Settings({}))


def project(sources: Sequence[Path], title: str = "") -> Path:
    """The project of a wiki that lies in these folders: made, or brought up to date, in the cache.

    It keeps from one time to the next what has been rendered, and the addresses of pages.

    Raises:
        ConfigError: a source is not a folder.
        OSError: the cache cannot be written.
    """
    refuse_no_folder(sources)
    folders = [Path(os.path.abspath(one)) for one in sources]  # noqa: PTH100 - a link stays a link
    digest = hashlib.sha256("\0".join(map(str, folders)).encode()).hexdigest()[:16]
    here = cache_folder() / "sites" / f"{folders[0].name}-{digest}"
    usual = folders[0].name.replace("_", " ").replace("-", " ").strip().title() or "Wiki"
    name = title or _title(here / "_quarto.yml") or usual
    for path, to in machinery(*PARTS):
        data = path.read_bytes()
        if to == "_quarto.yml":
            data = init.edit_settings(data.decode(), name, "", *(one.as_posix() for one in folders)).encode()
        elif to == "index.qmd":
            data = init.edit_home_page(data.decode(), name, "").encode()
        if not (here / to).is_file() or (here / to).read_bytes() != data:
            replace_file(here / to, data)
    return here


def _title(settings: Path) -> str:
    """The title that somebody has given before."""
    if not settings.is_file():
        return ""
    return str(yaml.safe_load(settings.read_text(encoding="utf-8"))["website"]["title"])


def refuse_no_folder(sources: Sequence[Path]) -> None:
    """See to it that sources are folders."""
    for one in sources:
        if not one.is_dir():
            raise ConfigError(f"--source: `{one.absolute()}` is not a folder")


def cache_folder() -> Path:
    """Where programs keep what can be made again, on this system."""
    if named := os.environ.get("TYPEDWIKI_CACHE"):
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "typedwiki"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/typedwiki"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "typedwiki"
