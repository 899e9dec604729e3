"""The `typedwiki:` key of _quarto.yml and the command line's flags, as one frozen record."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from .problems import SEVERITIES, rules
from .schema import Schema, SchemaError, load

KEYS = ("source", "schema", "rules", "overview-limit", "stale-months", "pagefind-from", "fast-from", "execute")
PAGEFIND_FROM = 1000
"""Pages. Quarto's own search takes half a second for a query there, and ten times that at 25,000."""
FAST_FROM = 300
"""Notes. Quarto alone takes some minutes there."""


class ConfigError(ValueError):
    """The configuration does not make sense; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a site sets of the audit, under `typedwiki:` in _quarto.yml."""

    severities: Mapping[str, str]
    """Severity by code, where it is not the rule's own."""
    overview_limit: int = 600
    """Characters."""
    stale_months: int = 24


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that is not content."""

    project: Path
    """Folder of _quarto.yml."""
    sources: tuple[Path, ...]
    output: Path
    schema: Schema
    settings: Settings
    title: str = "Wiki"
    repo_url: str = ""
    repo_branch: str = "main"
    description: str = ""
    site_url: str = ""
    language: str = "en"
    pagefind_from: int = PAGEFIND_FROM
    """Pages from which on the site that Quarto makes searches by Pagefind."""
    fast_from: int = FAST_FROM
    """Notes above which Quarto renders a few of each kind alone, and the others are stamped."""
    execute: tuple[Path, ...] = ()
    """Folders whose pages may hold code that runs when the site is built."""
    by_hand: Path | None = None
    """Folder of the notes that people have written; none where another wiki is looked at."""


def load_config(project: Path, sources: Sequence[Path] = (), output: Path | None = None) -> Config:
    """Read ``project``/_quarto.yml; sources and output given here take precedence.

    Raises:
        ConfigError: the file is missing or wrong, or a source is not a folder.
    """
    path = project / "_quarto.yml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise ConfigError(f"{path}: not found; run this in a Typedwiki project") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: {error}") from None
    data = _mapping(data, "the whole file")
    own = _mapping(data.get("typedwiki"), "typedwiki")
    for name in own:
        if name not in KEYS:
            near = get_close_matches(str(name), KEYS, 1)
            hint = f" (did you mean `{near[0]}`?)" if near else f" (known: {', '.join(KEYS)})"
            raise ConfigError(f"{path}: typedwiki: unknown key `{name}`{hint}")
    written = own.get("source", "data/wikis")
    listed = [written] if isinstance(written, str) else written
    if not isinstance(listed, list) or not all(isinstance(s, str) for s in listed) or not listed:
        raise ConfigError(f"{path}: typedwiki: `source` must be a folder or a list of folders")
    written_paths = sources or [project / name for name in listed]
    folders = tuple(
        Path(os.path.abspath(path))  # noqa: PTH100 - a link stays a link
        for path in written_paths
    )
    for folder in folders:
        if not folder.is_dir():
            where = "--source" if sources else f"{path}: typedwiki: source"
            raise ConfigError(f"{where}: `{folder}` is not a folder")
    try:
        schema = load(_mapping(own.get("schema"), "typedwiki: schema"))
    except SchemaError as error:
        raise ConfigError(f"{path}: typedwiki: {error}") from None
    website = _mapping(data.get("website"), "website")
    return Config(
        project.absolute(),
        folders,
        (output or project / "notes").absolute(),
        schema,
        _settings(own, path),
        str(website.get("title", "Wiki")),
        str(website.get("repo-url", "")).rstrip("/"),
        str(website.get("repo-branch", "main")),
        str(website.get("description") or ""),
        str(website.get("site-url") or "").rstrip("/"),
        str(data.get("lang") or "en"),
        _whole_numbers(own, path, "pagefind-from").get("pagefind_from", PAGEFIND_FROM),
        _whole_numbers(own, path, "fast-from").get("fast_from", FAST_FROM),
        _trusted(own, project, path),
        None if sources else project.absolute() / "notes",
    )


def _trusted(own: dict[str, Any], project: Path, path: Path) -> tuple[Path, ...]:
    listed = own.get("execute", [])
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise ConfigError(f"{path}: typedwiki: `execute` must be a list of folders")
    for name in listed:
        if not (project / name).is_dir():
            raise ConfigError(f"{path}: typedwiki: execute: `{name}` is not a folder")
    return tuple(Path(os.path.abspath(project / name)) for name in listed)  # noqa: PTH100 - a link stays a link


def _settings(own: dict[str, Any], path: Path) -> Settings:
    severities = {str(code): str(value) for code, value in _mapping(own.get("rules"), "typedwiki: rules").items()}
    for code, severity in severities.items():
        if code not in rules():
            raise ConfigError(f"{path}: typedwiki: rules: no rule has the code `{code}`")
        # YAML reads a bare `off` as false.
        severities[code] = severity = "off" if severity == "False" else severity
        if severity not in SEVERITIES:
            raise ConfigError(f"{path}: typedwiki: rules: {code}: expected {', '.join(SEVERITIES)}, not `{severity}`")
    return Settings(severities, **_whole_numbers(own, path, "overview-limit", "stale-months"))


def _whole_numbers(own: dict[str, Any], path: Path, *names: str) -> dict[str, int]:
    """Those of the settings that are given, as names of fields."""
    for name in names:
        if name in own and (not isinstance(own[name], int) or own[name] < 1):
            raise ConfigError(f"{path}: typedwiki: `{name}` must be a whole number above 0")
    return {name.replace("-", "_"): own[name] for name in names if name in own}


def _mapping(value: Any, name: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigError(f"_quarto.yml: `{name}` must be a mapping")
    return value
