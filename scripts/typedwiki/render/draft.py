"""The draft: the same notes as a browsable site, by pandoc alone, in seconds.

Bodies and a shell: pandoc turns notes into bodies, in batches, and a template puts a page around
each. A body is cached by the content of its note, so an edit converts one page.
"""

from __future__ import annotations

import json
import posixpath
import re
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from jinja2 import Environment, FileSystemLoader

from ..config import Config
from ..export.files import LLMS
from ..notes.by_hand import FOLDER as BY_HAND
from ..notes.cells import NOT_IN_THE_DRAFT, as_code, runnable
from ..notes.emit import READER
from ..notes.memo import Memo
from ..search.fulltext import remove as remove_index
from ..write import MANIFEST, Written, write
from .bodies import EXTENSION, Body, Progress, convert
from .frozen import drafted

_GENERATED = re.compile(r'^:::+ \{\.tw-generated file="notes/([^"]+)"\}\n:::+$', re.MULTILINE)


QUARTOS = Path("site_libs/quarto-html")
"""A folder of every site that Quarto has made."""
PUBLISHED = (".js", ".css")
"""Kinds of shared file that pages load; the others are for the renderer. Attachments keep theirs."""


def draft(
    config: Config,
    notes: Mapping[str, bytes],
    site: Path,
    progress: Progress,
    hand_written: bool = True,
    search: bool = False,
    memo: Memo | None = None,
) -> Written:
    """Make ``site`` a draft of the generated ``notes`` (paths relative to the notes folder).

    With ``hand_written``, the notes that people wrote beside the generated ones are part of it. With
    ``search``, its pages have a button for the full-text search. A ``memo`` makes the next time cheap.

    Raises:
        DraftError: pandoc is missing or fails.
        CollisionError, OSError: ``site`` holds a file of somebody else's, or cannot be written.
    """
    texts = {f"notes/{n}": d.decode() for n, d in notes.items() if n.endswith(".qmd")}
    readers = dict.fromkeys(texts, READER)
    images: dict[str, bytes] = {}
    for name in [name for name, text in texts.items() if runnable(text)]:  # of a page that the site trusts
        texts[name], found = drafted(config.project, name, texts[name])
        images |= found
    resolved: dict[str, bytes] = {}
    if hand_written:
        for path in sorted((config.project / "notes").glob("*.qmd")):
            name = f"notes/{path.name}"
            texts[name], found = drafted(config.project, name, path.read_text(encoding="utf-8", errors="replace"))
            images |= found
            resolved[name] = notes.get(f"{BY_HAND}/{path.stem}.json", b"{}")
    texts["index.qmd"] = as_code(_home(config, notes), NOT_IN_THE_DRAFT)
    bodies = convert(config.project, texts, readers, progress, resolved, memo.bodies if memo else None)
    for name in readers:  # in generated notes categories are plain text, as Quarto takes them
        bodies[name]["categories"] = _categories(texts[name])
    files = _pages(config, bodies, _listing(notes), search, memo)
    for name, page in _redirects(bodies).items():
        files.setdefault(name, page)
    files["llms.txt"] = notes[LLMS]
    files |= images
    for name, data in notes.items():
        if name.startswith(("assets/files/", "assets/exports/")) or (
            name.startswith("assets/") and name.endswith(PUBLISHED)
        ):
            files[f"notes/{name}"] = data
    for folder in ("assets", "draft"):
        for asset in (config.project / EXTENSION / folder).iterdir():
            files[f"assets/{asset.name}"] = asset.read_bytes()
    del files["assets/page.html"]
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
        remove_index(site)
        if not any(site.iterdir()):
            site.rmdir()
    elif (site / QUARTOS).is_dir():
        last = site / QUARTOS  # by which we know whose site it is, should we be interrupted
        for path in (*site.iterdir(), *last.parent.iterdir()):
            if path.is_dir() and not path.is_symlink():
                if path not in (last, last.parent):
                    shutil.rmtree(path)
            else:
                path.unlink()
        shutil.rmtree(last)
        last.parent.rmdir()
        if not site.is_symlink():
            site.rmdir()


def _pages(
    config: Config, bodies: Mapping[str, Body], listing: list[dict[str, Any]], search: bool, memo: Memo | None
) -> dict[str, bytes]:
    folder = config.project / EXTENSION
    template = Environment(loader=FileSystemLoader(folder / "draft"), autoescape=True).get_template("page.html")
    around = {
        "site": _site_settings(config),
        "slugs": {t.name: t.slug for t in config.schema.types.values()},
        "styles": sorted(path.name for path in (folder / "assets").glob("*.css")),
        "search": search,
    }
    known = memo.drafted if memo else {}
    decides = (around, (folder / "draft/page.html").read_bytes())
    pages = {}
    for name, body in bodies.items():
        home = name == "index.qmd"
        page = f"{name.removesuffix('.qmd')}.html"
        own = {"root": "../" * name.count("/"), "home": home, "here": page, "listing": listing if home else ()}
        depends = (body, own, decides)
        if page not in known or known[page][0] != depends:
            shown = template.render(body | {"modified": _day(body["modified"])} | own | around)
            known[page] = (depends, shown.encode())
        pages[page] = known[page][1]
    return pages


def _redirects(bodies: Mapping[str, Body]) -> dict[str, bytes]:
    """Pages at the earlier addresses of notes, which lead to where they are now."""
    found = {}
    for name, body in bodies.items():
        here = f"{name.removesuffix('.qmd')}.html"
        for alias in body["aliases"]:
            old = posixpath.normpath(posixpath.join("/", posixpath.dirname(here), alias)).lstrip("/")
            if not old.endswith(".html"):
                old = f"{old}/index.html"
            to = quote(posixpath.relpath(here, posixpath.dirname(old) or "."))
            found[old] = (
                '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Moved</title>'
                f'<link rel="canonical" href="{to}"><meta http-equiv="refresh" content="0; url={to}"></head>'
                f'<body><p>This page has moved: <a href="{to}">{body["title"]}</a></p></body></html>\n'
            ).encode()
    return found


def _site_settings(config: Config) -> dict[str, Any]:
    """Title and navigation, as _quarto.yml gives them to Quarto."""
    data = yaml.safe_load((config.project / "_quarto.yml").read_text(encoding="utf-8")) or {}
    website = data.get("website") or {}
    footer = website.get("page-footer") or {}
    sides = footer if isinstance(footer, dict) else {"center": footer}
    return {
        "title": config.title,
        "description": config.description,
        "links": _links((website.get("navbar") or {}).get("left")),
        "footer": [(side, _links(sides[side])) for side in ("left", "center", "right") if side in sides],
    }


def _links(written: object) -> list[dict[str, str]]:
    """Entries of a menu or a footer; text alone has no address."""
    entries = written if isinstance(written, list) else [{"text": written}]
    return [
        {"text": str(entry["text"]), "href": re.sub(r"\.qmd$", ".html", str(entry.get("href", "")))}
        for entry in entries
        if isinstance(entry, dict) and entry.get("text")
    ]


def _day(iso: str) -> str:
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{day:%B} {day.day}, {day.year}"
