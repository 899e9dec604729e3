"""The draft: the same notes as a browsable site, by pandoc alone, in seconds.

Bodies and a shell: pandoc turns notes into bodies, in batches, and a template puts a page around
each. A body is cached by the content of its note, so an edit converts one page.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader

from ..config import Config
from ..export import LLMS
from ..notes.by_hand import FOLDER as BY_HAND
from ..notes.cells import NOT_IN_THE_DRAFT, as_code, runnable
from ..notes.link_table import reader_of
from ..pages.feed import LISTING, feeds, listed_items
from ..search.fulltext import remove as remove_index
from ..write import MANIFEST, Written, write
from .bodies import EXTENSION, Body, Converter, Notes, Progress, convert, own_pandoc
from .drafted import Drafted
from .freeze import drafted
from .page_template import day
from .redirects import redirects

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
    cache: Drafted | None = None,
) -> Written:
    """Make ``site`` a draft of the generated ``notes`` (paths relative to the notes folder).

    With ``hand_written``, the notes that people wrote beside the generated ones are part of it. With
    ``search``, its pages have a button for the full-text search. A ``cache`` makes the next time cheap.

    Raises:
        DraftError: pandoc is missing or fails.
        CollisionError, OSError: ``site`` holds a file of somebody else's, or cannot be written.
    """
    own: dict[str, str] = {}
    """The text of notes that are not shown as they stand."""
    generated = [f"notes/{name}" for name in notes if name.endswith(".qmd")]
    images: dict[str, bytes] = {}
    for name in generated:
        text = notes[name.removeprefix("notes/")].decode()
        if runnable(text):  # of a page that the site trusts
            own[name], found = drafted(config.project, name, text)
            images |= found
    resolved: dict[str, bytes] = {}
    if hand_written:
        for path in sorted((config.project / "notes").glob("*.qmd")):
            name = f"notes/{path.name}"
            own[name], found = drafted(config.project, name, path.read_text(encoding="utf-8", errors="replace"))
            images |= found
            resolved[name] = notes.get(f"{BY_HAND}/{path.stem}.json", b"{}")
    own["index.qmd"] = as_code(_home(config, notes), NOT_IN_THE_DRAFT)

    def read(name: str) -> str:
        return own[name] if name in own else notes[name.removeprefix("notes/")].decode()

    every = Notes(
        tuple(dict.fromkeys([*generated, *own])), read, {name: reader_of(name) for name in generated}, resolved
    )
    home = (config.project / "index.qmd").read_text(encoding="utf-8", errors="replace")
    files: dict[str, bytes | Path] = dict(feeds(home, notes[LISTING], config))
    shown = _shell(config, listed_items(notes[LISTING]), search, cache, "index.xml" in files)
    moved: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, body in convert(
            Converter(config.project, own_pandoc()), every, progress, cache.bodies if cache else None
        ):
            page = f"{name.removesuffix('.qmd')}.html"
            files[page] = shown(page, body) if cache else _kept(Path(scratch, str(len(files))), shown(page, body))
            moved |= {old: text.encode() for old, text in redirects(page, body)}
        return _write(config, notes, site, {**moved, **files, **images})


def _kept(path: Path, page: bytes) -> Path:
    """A page on disk: all pages of a large wiki are too much to hold."""
    path.write_bytes(page)
    return path


def _write(config: Config, notes: Mapping[str, bytes], site: Path, files: dict[str, bytes | Path]) -> Written:
    """Make a site of its pages and of what they need beside."""
    files["llms.txt"] = notes[LLMS]
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


def _home(config: Config, notes: Mapping[str, bytes]) -> str:
    """index.qmd with its generated parts, which Quarto gets from the Lua filter."""
    text = (config.project / "index.qmd").read_text(encoding="utf-8")
    return _GENERATED.sub(lambda match: notes.get(match[1], b"").decode(), text)


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


def _shell(
    config: Config, listing: list[dict[str, Any]], search: bool, cache: Drafted | None, fed: bool
) -> Callable[[str, Body], bytes]:
    """What makes a page of a body."""
    folder = config.project / EXTENSION
    template = Environment(loader=FileSystemLoader(folder / "draft"), autoescape=True).get_template("page.html")
    around = {
        "site": _site_settings(config),
        "slugs": {t.name: t.slug for t in config.schema.types.values()},
        "styles": sorted(path.name for path in (folder / "assets").glob("*.css")),
        "search": search,
    }
    known = cache.pages if cache else None
    decides = (around, (folder / "draft/page.html").read_bytes())

    def page(name: str, body: Body) -> bytes:
        home = name == "index.html"
        own = {"root": "../" * name.count("/"), "home": home, "here": name, "listing": listing if home else ()}
        own["feed"] = fed and home
        depends = (body, own, decides)
        if known is not None and name in known and known[name][0] == depends:
            return known[name][1]
        shown = template.render(body | {"modified": day(body["modified"])} | own | around).encode()
        if known is not None:
            known[name] = (depends, shown)
        return shown

    return page


def _site_settings(config: Config) -> dict[str, Any]:
    """Title and navigation, as _quarto.yml gives them to Quarto."""
    data = yaml.safe_load((config.project / "_quarto.yml").read_text(encoding="utf-8")) or {}
    website = data.get("website") or {}
    footer = website.get("page-footer") or {}
    sides = footer if isinstance(footer, dict) else {"center": footer}
    return {
        "title": config.title,
        "description": config.description,
        "language": config.language,
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
