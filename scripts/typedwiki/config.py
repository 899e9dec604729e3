"""Read the `typedwiki:` key of _quarto.yml and the command line's flags into one frozen record."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct, field
from msgspec.structs import replace

from .problems import SAFE_LOADER, SEVERITIES, explain_yaml_error, load_yaml, rules
from .schema import Schema, SchemaError, load
from .settings import DATES, SETTINGS, TYPE_NAME, WHOLE_NUMBERS, Website, website
from .text.characters import ANY_HOST, is_host
from .words import words

KEYS = tuple(SETTINGS)
SOURCES = ("data/wikis", "wiki")
"""Default folders of the wiki. The first that exists is used."""
FAST_FROM = 30
"""Number of notes. For so many, Quarto alone takes most of a minute."""


class ConfigError(ValueError):
    """The configuration is invalid. The message says where, and what to do."""


class _SettingError(ValueError):
    """A setting is invalid."""

    def __init__(self, message: str, *keys: str) -> None:
        super().__init__(message)
        self.keys = keys
        """Path of nested keys to the place in the file. It may be longer than the keys that exist."""


class Settings(Struct, frozen=True):
    """The site's settings for the audit and for the content of pages, under `typedwiki:` in _quarto.yml."""

    severities: Mapping[str, str]
    """Severity by code, where it differs from the rule's own."""
    overview_limit: int = 600
    """Characters."""
    stale_months: int = 24
    remote_images: tuple[str, ...] = ()
    """Hosts from which the site may load pictures."""


class Config(Struct, frozen=True):
    """All settings of a project."""

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
    fast_from: int = FAST_FROM
    """Number of notes above which Quarto renders only a few of each kind, and the others are stamped."""
    execute: tuple[Path, ...] = ()
    """Folders whose pages may contain code that runs when the site is built."""
    dates: bool = False
    """Whether pages without a date get that of the last commit of their file."""
    by_hand: Path | None = None
    """Folder of the hand-written notes; None if another wiki is read."""
    record: Path | None = None
    """Folder of the record of addresses."""
    default_type: str = ""
    """Type of pages for which neither front matter nor a folder gives one."""
    drafts: bool = False
    """Whether pages that are held back are shown, as in a preview."""
    website: Website = field(default_factory=Website)


def load_config(project: Path, sources: Sequence[Path] = (), output: Path | None = None) -> Config:
    """Read ``project``/_quarto.yml. The arguments ``sources`` and ``output`` take precedence.

    Raises:
        ConfigError: the file is missing or wrong, or a source is not a folder.
    """
    path = project / "_quarto.yml"
    check_sources(sources)
    try:
        text = path.read_text(encoding="utf-8")
        data = load_yaml(text)
    except FileNotFoundError:
        raise ConfigError(f"{path}: not found; run this in a project, or name the pages: --source DIR") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: not UTF-8, or an invalid date
        line, column, message = explain_yaml_error(error, path.read_text(encoding="utf-8", errors="replace"))
        raise ConfigError(f"{path}:{line}:{column}: error W002 is not YAML: {message}") from None
    try:
        config = _config(data, project, sources, output)
    except (_SettingError, SchemaError) as error:
        keys = ("typedwiki", *error.keys) if isinstance(error, SchemaError) else error.keys
        line, column = _place(text, keys)
        raise ConfigError(f"{path}:{line}:{column}: error W003 {': '.join((*keys, str(error)))}") from None
    if duplicate := _duplicate_key(text):
        line, column, name = duplicate
        raise ConfigError(f"{path}:{line}:{column}: error W003 typedwiki: `{name}` stands here twice; delete one")
    return config


def check_sources(sources: Iterable[Path]) -> None:
    """Check that the arguments of ``--source`` are folders.

    Raises:
        ConfigError: one is not.
    """
    for folder in sources:
        if not folder.is_dir():
            raise ConfigError(f"--source: `{folder.absolute()}` is not a folder")


def _place(text: str, keys: Sequence[str]) -> tuple[int, int]:
    """Return line and column, from 1, of the innermost of these nested keys that a YAML text has."""
    node, place = yaml.compose(text, Loader=yaml.SafeLoader), (1, 1)
    for key in keys:
        # Of duplicate keys, the last counts.
        pairs = reversed(node.value) if isinstance(node, yaml.MappingNode) else ()
        pair = next(((name, value) for name, value in pairs if name.value == key), None)
        if pair is None:
            break
        name, node = pair
        place = name.start_mark.line + 1, name.start_mark.column + 1
    return place


def _duplicate_key(text: str) -> tuple[int, int, str] | None:
    """Return line, column and name of the first duplicate key under `typedwiki:`; None if there is none."""
    root = yaml.compose(text, Loader=SAFE_LOADER)
    pairs = root.value if isinstance(root, yaml.MappingNode) else ()
    todo = [value for name, value in pairs if name.value == "typedwiki"]
    while todo:
        node = todo.pop(0)
        known_names: set[str] = set()
        for name, value in node.value if isinstance(node, yaml.MappingNode) else ():
            name_text = str(name.value)
            if name_text in known_names:
                return name.start_mark.line + 1, name.start_mark.column + 1, name_text
            known_names.add(name_text)
            todo.append(value)
    return None


def _config(data: Any, project: Path, sources: Sequence[Path], output: Path | None) -> Config:
    data = _mapping(data)
    if "typedwiki" not in data and (near := get_close_matches("typedwiki", map(str, data), 1, 0.8)):
        raise _SettingError("unknown key (did you mean `typedwiki`?)", near[0])
    values = _mapping(data.get("typedwiki"), "typedwiki")
    for name in map(str, values):
        if name not in KEYS:
            near = get_close_matches(name, KEYS, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(KEYS)}"
            raise _SettingError(f"unknown key ({hint})", "typedwiki", name)
    site = _mapping(data.get("website"), "website")
    numbers = _whole_numbers(values)
    if values.get("dates") not in DATES:
        raise _SettingError(f"expected `{DATES[0]}`", "typedwiki", "dates")
    usual = next((name for name in SOURCES if (project / name).is_dir()), SOURCES[0])
    return Config(
        project.absolute(),
        tuple(absolute(folder) for folder in sources) or _folders(values, project, "source", [usual]),
        (output or project / "notes").absolute(),
        _schema(values, str(data.get("lang") or "en")),
        _settings(values),
        _folder_title(sources[0]) if sources else str(site.get("title", "Wiki")),
        str(site.get("repo-url", "")).rstrip("/"),
        str(site.get("repo-branch", "main")),
        "" if sources else str(site.get("description") or ""),
        str(site.get("site-url") or "").rstrip("/"),
        str(data.get("lang") or "en"),
        numbers.get("fast_from", FAST_FROM),
        _folders(values, project, "execute", []),
        values.get("dates") == "git",
        None if sources else project.absolute() / "notes",
        None if sources else project.absolute() / "notes",
        _default_type(values),
        website=website(data),
    )


def _schema(values: dict[str, Any], language: str) -> Schema:
    """Return the schema, with labels in the site's language unless the site gives others."""
    schema = _mapping(values.get("schema"), "typedwiki", "schema")
    given_names = frozenset(str(name) for part in schema.values() if isinstance(part, Mapping) for name in part)
    return replace(_translated(values, schema, language), own=given_names)


def _translated(values: dict[str, Any], schema: dict[str, Any], language: str) -> Schema:
    translated: dict[str, Any] = {
        part: {name: dict(labels) for name, labels in entries.items()}
        for part, entries in words(language).schema.items()
    }
    if not translated:
        return load(schema, _mapping(values.get("names"), "typedwiki", "names"))
    for part, entries in schema.items():
        labels = translated.setdefault(str(part), {})
        if not isinstance(entries, Mapping):
            return load(schema)  # raises an error that says what is wrong
        for name, entry in entries.items():
            labels[name] = {**labels.get(name, {}), **entry} if isinstance(entry, Mapping) else entry
    return load(translated, _mapping(values.get("names"), "typedwiki", "names"))


def _default_type(values: dict[str, Any]) -> str:
    """Return the name of the type of pages without one.

    Raises:
        _SettingError: it is not the name of a type.
    """
    type_name = values.get("default-type") or ""
    if not isinstance(type_name, str) or (type_name and not re.search(TYPE_NAME, type_name)):
        raise _SettingError("must be the name of a type, without `/` and `:`", "typedwiki", "default-type")
    return type_name


def _folder_title(folder: Path) -> str:
    """Return a title for a wiki, from the last part of its folder's path that is not a generic name such as `wiki`."""
    whole = folder.absolute()
    name = next(
        (part for part in reversed(whole.parts) if part.casefold() not in ("wiki", "wikis", "data", "docs")), ""
    )
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:] or "Wiki"


def _folders(values: dict[str, Any], project: Path, name: str, default: list[str]) -> tuple[Path, ...]:
    """Return a setting that is a list of folders, or a single folder. An empty name is dropped, because it would mean
    the whole project.
    """
    setting = values.get(name, default)
    entries = [setting] if isinstance(setting, str) else setting
    if not isinstance(entries, list) or not all(isinstance(text, str) and text.strip() for text in entries):
        raise _SettingError("must be a folder or a list of folders", "typedwiki", name)
    if default and not entries:
        raise _SettingError("names no folder", "typedwiki", name)
    folders = [project / os.path.expanduser(text) for text in entries]  # noqa: PTH111 - a link stays a link
    for text, folder in zip(entries, folders, strict=True):
        if not folder.is_dir():
            beside = folder.parent.iterdir() if folder.parent.is_dir() else ()
            near = get_close_matches(folder.name, (sibling.name for sibling in beside if sibling.is_dir()), 1)
            hint = f" (did you mean `{(Path(text).parent / near[0]).as_posix()}`?)" if near else ""
            hint = hint if name in values else f", and no other is named (set `{name}:`)"
            raise _SettingError(f"`{text}` is not a folder{hint}", "typedwiki", name)
    return tuple(absolute(folder) for folder in folders)


def absolute(folder: Path) -> Path:
    """Return an absolute path without ``..``, in which links are not followed."""
    return Path(os.path.abspath(folder))  # noqa: PTH100 - a link stays a link


def _settings(values: dict[str, Any]) -> Settings:
    severities: dict[str, str] = {}
    for code, value in _mapping(values.get("rules"), "typedwiki", "rules").items():
        if code not in rules():
            near = get_close_matches(str(code).upper(), rules(), 1)
            hint = f" (did you mean `{near[0]}`?)" if near else ""
            raise _SettingError(f"no rule has this code{hint}", "typedwiki", "rules", str(code))
        # YAML reads a bare `off` as false.
        severities[code] = severity = "off" if value is False else str(value)
        if severity not in SEVERITIES:
            raise _SettingError(f"expected {', '.join(SEVERITIES)}, not `{severity}`", "typedwiki", "rules", code)
    numbers = _whole_numbers(values)
    chosen = {name: numbers[name] for name in ("overview_limit", "stale_months") if name in numbers}
    return Settings(severities, **chosen, remote_images=_hosts(values))


def _hosts(values: dict[str, Any]) -> tuple[str, ...]:
    """Return the hosts from which pictures may be loaded: a list, or all of them."""
    setting = values.get("remote-images") or []
    if setting is True:
        return (ANY_HOST,)
    entries = [setting] if isinstance(setting, str) else setting
    if not isinstance(entries, list) or not all(isinstance(host, str) and is_host(host) for host in entries):
        message = "must be a list of hosts, such as `upload.wikimedia.org` or `*.example.org`, or true for all"
        raise _SettingError(message, "typedwiki", "remote-images")
    return tuple(host.lower() for host in entries)


def _whole_numbers(values: dict[str, Any]) -> dict[str, int]:
    """Return the numeric settings that are given, by field name."""
    for name in WHOLE_NUMBERS:
        if name in values and (not isinstance(values[name], int) or isinstance(values[name], bool) or values[name] < 1):
            raise _SettingError("must be a whole number above 0", "typedwiki", name)
    return {name.replace("-", "_"): values[name] for name in WHOLE_NUMBERS if name in values}


def _mapping(value: Any, *keys: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _SettingError("expected keys with values", *keys)
    return value
