"""A site of one's own: the settings, the home page and the first pages, worked out before anything is written."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from ..schema import Schema
from .new import links, skeleton

MACHINERY = (
    "_quarto.yml", "index.qmd", "_extensions", "scripts", "requirements.txt", "Makefile", ".gitignore", ".vscode",
    "notes/README.md", ".github",
)  # fmt: skip
"""What a project needs beside its wiki."""
SAMPLE = ("data/wikis", "notes", "index.qmd")
"""Where the sample lies that a clone comes with."""
_LISTED = Path(__file__).with_name("sample.sha256")


@cache
def sample() -> Mapping[str, str]:
    """Digests of the files of the sample, by path: whoever has edited one keeps it."""
    lines = _LISTED.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def digests(project: Path) -> Iterator[tuple[str, str]]:
    """Path and digest of each file in the folders of the sample that is not generated."""
    for place in SAMPLE:
        folder = project / place
        paths = sorted(folder.glob("*" if place == "notes" else "**/*")) if folder.is_dir() else [folder]
        for path in paths:
            generated = path.name in ("addresses.json", "README.md", ".typedwiki.json", "_metadata.yml")
            if path.is_file() and not generated:
                yield path.relative_to(project).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()


def unchanged_sample(project: Path) -> list[str]:
    """The files of the sample that are as they came."""
    known = sample()
    return [name for name, digest in digests(project) if known.get(name) == digest]


def settings(text: str, title: str, description: str, source: str) -> str:
    """_quarto.yml with a title, a description and the folder of the wiki; comments and all else stay."""
    text = re.sub(r"(?m)^(  |    )title: .*$", lambda m: f"{m[1]}title: {_quoted(title)}", text)
    text = re.sub(r"(?m)^  description: .*\n", f"  description: {_quoted(description)}\n" if description else "", text)
    return re.sub(r"(?m)^  source: .*$", lambda _: f"  source: {_quoted(source)}", text)


def home(text: str, title: str, description: str) -> str:
    """index.qmd with another title, and the description as its subtitle."""
    text = re.sub(r"(?m)^title: .*$", lambda _: f"title: {_quoted(title)}", text, count=1)
    subtitle = f"subtitle: {_quoted(description)}\n" if description else ""
    return re.sub(r"(?m)^subtitle: .*\n", lambda _: subtitle, text, count=1)


def _quoted(text: str) -> str:
    plain = re.fullmatch(r"[A-Za-z][\w .()/-]*", text) and text.lower() not in ("yes", "no", "true", "false", "null")
    return text if plain else json.dumps(text, ensure_ascii=False)


def first_pages(schema: Schema, today: date) -> dict[str, str]:
    """A first page of each type, by path in the wiki, with the links that join them."""
    kinds = [t for t in schema.types.values() if not t.by_hand]
    pages = {}
    for kind in kinds:
        name = f"First_{kind.name}"
        title = name.replace("_", " ")
        overview = f"A {kind.name} is {kind.about}. This page shows how one begins." if kind.about else "A first page."
        text = skeleton(kind.name, title, name, "", "markdown", schema, today, overview, code=False)
        own = [(e, o) for e, o in links(kind.name, schema) if not schema.types[o].by_hand and _downwards(e, schema)]
        listed = "".join(f"- [[{edge}::{other}:First_{other}]]\n" for edge, other in own if other != kind.name)
        before, _, rest = text.partition("<!-- one line for each that holds:\n")
        text = before + listed + rest.partition("-->")[2].lstrip("\n")
        text = re.sub(r"(?:(?<!\n)\n+)?<!-- typedwiki: ignore S003 [^\n]*-->", "", text)
        pages[f"{kind.name}/{name}.md"] = text
    return pages


def _downwards(edge: str, schema: Schema) -> bool:
    return edge in schema.edges


def is_foreign(source: Path, target: Path) -> bool:
    """Whether another file stands where one of ours belongs."""
    return target.exists() and target.read_bytes() != source.read_bytes()
