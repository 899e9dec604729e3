"""The draft: the same notes as a browsable site, by pandoc alone, in seconds.

Bodies and a shell: pandoc turns notes into bodies, in batches, and a template puts a page around
each. A body is cached by the content of its note, so an edit converts one page.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader

from .bodies import EXTENSION, Body, Progress, convert
from .config import Config
from .emit import READER
from .write import MANIFEST, Written, write

_GENERATED = re.compile(r'^:::+ \{\.tw-generated file="notes/([^"]+)"\}\n:::+$', re.MULTILINE)


PUBLISHED = (".js", ".css")
"""Kinds of shared file that pages load; the others are for the renderer. Attachments keep theirs."""


def draft(
    config: Config, notes: Mapping[str, bytes], site: Path, progress: Progress, hand_written: bool = True
) -> Written:
    """Make ``site`` a draft of the generated ``notes`` (paths relative to the notes folder).

    With ``hand_written``, the notes that people wrote beside the generated ones are part of it.

    Raises:
        DraftError: pandoc is missing or fails.
        CollisionError, OSError: ``site`` holds a file of somebody else's, or cannot be written.
    """
    texts = {f"notes/{n}": d.decode() for n, d in notes.items() if n.endswith(".qmd")}
    readers = dict.fromkeys(texts, READER)
    if hand_written:
        for path in sorted((config.project / "notes").glob("*.qmd")):
            texts[f"notes/{path.name}"] = path.read_text(encoding="utf-8", errors="replace")
    texts["index.qmd"] = _home(config, notes)
    bodies = convert(config.project, texts, readers, progress)
    for name in readers:  # in generated notes categories are plain text, as Quarto takes them
        bodies[name]["categories"] = _categories(texts[name])
    files = _pages(config, bodies, _listing(notes))
    for name, data in notes.items():
        if name.startswith("assets/files/") or (name.startswith("assets/") and name.endswith(PUBLISHED)):
            files[f"notes/{name}"] = data
    for asset in (config.project / EXTENSION / "assets").iterdir():
        files[f"assets/{asset.name}"] = asset.read_bytes()
    if site == config.project / "_site" and not (site / MANIFEST).exists():
        clear_site(site)
    return write(site, files, {})


def _categories(note: str) -> list[str]:
    found = re.search(r"^categories: (\[.*\])$", note.partition("\n---\n")[0], re.MULTILINE)
    return list(json.loads(found[1])) if found else []


def _home(config: Config, notes: Mapping[str, bytes]) -> str:
    """index.qmd with its generated parts, which Quarto gets from the Lua filter."""
    text = (config.project / "index.qmd").read_text(encoding="utf-8")
    return _GENERATED.sub(lambda match: notes.get(match[1], b"").decode(), text)


def _listing(notes: Mapping[str, bytes]) -> list[dict[str, Any]]:
    lines = notes["assets/listing.yml"].decode().splitlines()
    items = [json.loads(line[2:]) for line in lines if line.startswith("- ")]
    for item in items:
        for name in ("title", "description"):
            item[name] = re.sub(r"\\(.)", r"\1", item[name])
    return items


def clear_site(site: Path) -> None:
    """Delete a site: a draft file by file, what Quarto made as Quarto itself would, as a whole."""
    if (site / MANIFEST).exists():
        if write(site, {}, {}).kept:
            return
        (site / MANIFEST).unlink()
        if not any(site.iterdir()):
            site.rmdir()
    elif (site / "site_libs" / "quarto-html").is_dir():
        shutil.rmtree(site)


def _pages(config: Config, bodies: Mapping[str, Body], listing: list[dict[str, Any]]) -> dict[str, bytes]:
    environment = Environment(loader=FileSystemLoader(config.project / EXTENSION), autoescape=True)
    template = environment.get_template("draft.html")
    site = _site_settings(config)
    types = [t for t in config.schema.types.values() if any(i["type"] == t.name for i in listing)]
    slugs = {t.name: t.slug for t in config.schema.types.values()}
    pages = {}
    for name, body in bodies.items():
        home = name == "index.qmd"
        page = template.render(
            body | {"modified": _day(body["modified"])},
            site=site,
            root="../" * name.count("/"),
            home=home,
            here=f"{name.removesuffix('.qmd')}.html",
            listing=listing if home else (),
            types=types,
            slugs=slugs,
        )
        pages[f"{name.removesuffix('.qmd')}.html"] = page.encode()
    return pages


def _site_settings(config: Config) -> dict[str, Any]:
    """Title and navigation, as _quarto.yml gives them to Quarto."""
    data = yaml.safe_load((config.project / "_quarto.yml").read_text(encoding="utf-8")) or {}
    website = data.get("website") or {}
    entries = (website.get("navbar") or {}).get("left") or []
    links = [
        {"text": entry["text"], "href": re.sub(r"\.qmd$", ".html", entry["href"])}
        for entry in entries
        if isinstance(entry, dict) and "text" in entry and "href" in entry
    ]
    return {"title": config.title, "description": str(website.get("description", "")), "links": links}


def _day(iso: str) -> str:
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{day:%B} {day.day}, {day.year}"
