"""Prepare a new site: its settings, home page and first pages; or a project in the user's cache for a wiki alone."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from ..atomic import replace_file
from ..config import Config, ConfigError, Settings
from ..program import EXTENSION, machinery
from ..schema import Schema, load
from .new import possible_links, skeleton

SAMPLE = ("data/wikis", "notes", "index.qmd")
"""Where the sample wiki of a clone lies."""
_LISTED = Path(__file__).with_name("sample.sha256")


@cache
def sample_digests() -> Mapping[str, str]:
    """Return the digests of the sample's files, by path. They tell which files the user has edited."""
    lines = _LISTED.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def sample_file_digests(project: Path) -> Iterator[tuple[str, str]]:
    """Yield the path and digest of each file in the sample's folders, except generated ones."""
    for place in SAMPLE:
        folder = project / place
        paths = sorted(folder.glob("*" if place == "notes" else "**/*")) if folder.is_dir() else [folder]
        for path in paths:
            generated = path.name in ("addresses.json", "README.md", ".typedwiki.json", "_metadata.yml")
            if path.is_file() and not generated:
                yield path.relative_to(project).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()


def unchanged_sample(project: Path) -> list[str]:
    """Return the sample's files that the user has not edited."""
    originals = sample_digests()
    return [name for name, digest in sample_file_digests(project) if originals.get(name) == digest]


def edit_settings(text: str, title: str, description: str, *sources: str) -> str:
    """Set the title, the description and the wiki's folder, or several, in the text of _quarto.yml. All else stays."""
    source = _quoted(sources[0]) if len(sources) == 1 else f"[{', '.join(map(_quoted, sources))}]"
    text = re.sub(r"(?m)^(  |    )title: .*$", lambda m: f"{m[1]}title: {_quoted(title)}", text)
    text = re.sub(r"(?m)^  description: .*\n", f"  description: {_quoted(description)}\n" if description else "", text)
    return re.sub(r"(?m)^  (?:# )?source: .*$", lambda _: f"  source: {source}", text)


def edit_home_page(text: str, title: str, description: str) -> str:
    """Set what index.qmd says the site is about. The site's name already stands above its title."""
    text = re.sub(r"(?m)^title: .*$", lambda _: f"title: {_quoted(description or title)}", text, count=1)
    text = re.sub(r"(?m)^description-meta: .*$", lambda _: f"description-meta: {_quoted(description or title)}", text)
    return re.sub(r"(?m)^subtitle: .*\n", "", text, count=1)


def _quoted(text: str) -> str:
    plain = re.fullmatch(r"[A-Za-z][\w .()/-]*", text) and text.lower() not in ("yes", "no", "true", "false", "null")
    return text if plain else json.dumps(text, ensure_ascii=False)


def first_pages(schema: Schema, today: date) -> dict[str, str]:
    """Return a first page of each type, by path in the wiki. The pages link to each other."""
    kinds = [t for t in schema.types.values() if not t.by_hand]
    pages = {}
    for kind in kinds:
        name = f"First_{kind.name}"
        title = name.replace("_", " ")
        overview = f"A {kind.name} is {kind.about}. This page shows how one begins." if kind.about else "A first page."
        text = skeleton(kind.name, title, name, "", "markdown", schema, today, overview, code=False)
        pairs = [
            (e, o)
            for e, o in possible_links(kind.name, schema)
            if not schema.types[o].by_hand and _is_forward(e, schema)
        ]
        listed = "".join(
            f"- [[{edge}::{other_type}:First_{other_type}]]\n" for edge, other_type in pairs if other_type != kind.name
        )
        head, _, tail = text.partition("<!-- one line for each that holds:\n")
        text = head + listed + tail.partition("-->")[2].lstrip("\n")
        text = re.sub(r"(?:(?<!\n)\n+)?<!-- typedwiki: ignore S003 [^\n]*-->", "", text)
        pages[f"{kind.name}/{name}.md"] = text
    return pages


def _is_forward(edge: str, schema: Schema) -> bool:
    return edge in schema.edges


def is_foreign(source: Path, target: Path) -> bool:
    """Whether ``target`` exists and differs from ``source``, so it must not be overwritten."""
    return target.exists() and target.read_bytes() != source.read_bytes()


PARTS = ("_quarto.yml", "index.qmd", EXTENSION)


def without_project(folder: Path, sources: Sequence[Path]) -> Config:
    """The settings that hold where there is no _quarto.yml.

    Raises:
        ConfigError: a source is not a folder.
    """
    refuse_no_folder(sources)
    here = folder.absolute()
    return Config(here, tuple(one.absolute() for one in sources), here / "notes", load(), Settings({}))


def cached_project(sources: Sequence[Path], title: str = "") -> Path:
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
    name = title or _former_title(here / "_quarto.yml") or usual
    for path, to in machinery(*PARTS):
        data = path.read_bytes()
        if to == "_quarto.yml":
            data = edit_settings(data.decode(), name, "", *(one.as_posix() for one in folders)).encode()
        elif to == "index.qmd":
            data = edit_home_page(data.decode(), name, "").encode()
        if not (here / to).is_file() or (here / to).read_bytes() != data:
            replace_file(here / to, data)
    return here


def _former_title(settings: Path) -> str:
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
