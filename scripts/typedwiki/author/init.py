"""Prepare a new site: its settings, home page and first pages. Nothing is written here."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from ..schema import Schema
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
