"""Make the draft: the same notes as a browsable site, built by pandoc alone in seconds.

Pandoc turns notes into bodies, in batches, and a template puts a page around each. Bodies are cached by the content of
their notes, so an edit converts one page.
"""

from __future__ import annotations

import json
import posixpath
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader

from ..config import Config
from ..notes.cells import NOT_IN_THE_DRAFT, as_code, runnable
from ..notes.link_table import reader_of
from ..notes.note_file import FOLDER as BY_HAND
from ..pages.feed import LISTING, LLMS, feeds, listed_items, published
from ..pages.site import WAYS_IN
from ..problems import load_yaml
from ..program import extension, root
from ..settings import PICTURES
from ..words import words
from ..write import MANIFEST, WriteResult, write
from .bodies import Body, Converter, DraftCache, Notes, Progress, convert_notes, installed_pandoc
from .compact import compact_script
from .finish import remove_entrances, remove_index
from .page_template import draft_redirects, format_date
from .quarto import draft_note

_GENERATED = re.compile(r'^:::+ \{\.tw-generated file="notes/([^"]+)"\}\n:::+$', re.MULTILINE)
QUARTO_MARKER = Path("site_libs/quarto-html")
"""A folder that every site made by Quarto has."""
PUBLISHED_SUFFIXES = (".js", ".png")
"""Suffixes of shared files that pages load. The other shared files are for the renderer. Attachments keep theirs."""


def draft(
    config: Config,
    notes: Mapping[str, bytes],
    site: Path,
    progress: Progress,
    hand_written: bool = True,
    search: bool = False,
    cache: DraftCache | None = None,
) -> WriteResult:
    """Write a draft of the generated ``notes`` (paths relative to the notes folder) to ``site``.

    ``hand_written`` includes the hand-written notes, ``search`` a button for the full-text search. With a ``cache``,
    the next draft is faster.

    Raises:
        DraftError: pandoc is missing or fails.
        CollisionError, OSError: ``site`` contains foreign files, or cannot be written.
    """
    texts: dict[str, str] = {}
    """Texts of notes that differ from their files."""
    generated = [f"notes/{name}" for name in notes if name.endswith(".qmd")]
    images: dict[str, bytes] = {}
    for name in generated:
        text = notes[name.removeprefix("notes/")].decode()
        if runnable(text):  # only pages of trusted sources have cells that run
            texts[name], figures = draft_note(config.project, name, text)
            images |= figures
    resolved: dict[str, bytes] = {}
    if hand_written:
        for path in sorted((config.project / "notes").glob("*.qmd")):
            name = f"notes/{path.name}"
            texts[name], figures = draft_note(config.project, name, path.read_text(encoding="utf-8", errors="replace"))
            images |= figures
            resolved[name] = notes.get(f"{BY_HAND}/{path.stem}.json", b"{}")
    texts["index.qmd"] = as_code(_home_text(config, notes, hand_written), NOT_IN_THE_DRAFT)

    def read(name: str) -> str:
        return texts[name] if name in texts else notes[name.removeprefix("notes/")].decode()

    all_notes = Notes(
        tuple(dict.fromkeys([*generated, *texts])), read, {name: reader_of(name) for name in generated}, resolved
    )
    home = _home_file(config.project).read_text(encoding="utf-8", errors="replace")
    files: dict[str, bytes | Path] = dict(feeds(home, notes[LISTING], config))
    make_page = _page_renderer(
        config,
        notes,
        listed_items(notes[LISTING]),
        search,
        cache,
        "index.xml" in files,
        _neighbours(notes, config),
        {beside.removesuffix(".md") for name in notes if (beside := published(name))},
    )
    redirect_pages: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, body in convert_notes(
            Converter(config.project, installed_pandoc()), all_notes, progress, cache.bodies if cache else None
        ):
            page = f"{name.removesuffix('.qmd')}.html"
            files[page] = html = make_page(page, body)
            if not cache:  # all pages of a large wiki do not fit into memory
                files[page] = path = Path(scratch, str(len(files)))
                path.write_bytes(html)
            redirect_pages |= {redirect_path: text.encode() for redirect_path, text in draft_redirects(page, body)}
        return _write_site(config, notes, site, {**redirect_pages, **files, **images})


def _write_site(config: Config, notes: Mapping[str, bytes], site: Path, files: dict[str, bytes | Path]) -> WriteResult:
    """Write the pages of a site and the files that they need."""
    files["llms.txt"] = notes[LLMS]
    for name, data in notes.items():
        if beside := published(name):
            files[beside] = data
        if name.startswith(("assets/files/", "assets/exports/")) or (
            name.startswith("assets/") and name.endswith(PUBLISHED_SUFFIXES)
        ):
            files[f"notes/{name}"] = data
    for folder in ("assets", "draft"):
        for asset in (extension(config.project) / folder).iterdir():
            if asset.suffix == ".js":
                files[f"assets/{asset.name}"] = compact_script(asset.read_text(encoding="utf-8")).encode()
            elif asset.suffix == ".svg":
                files[f"assets/{asset.name}"] = asset.read_bytes()
    stylesheet = (extension(config.project) / "draft/draft.css").read_bytes()
    files["assets/site.css"] = stylesheet + notes["assets/types.css"]
    if site == config.project / "_site" and not (site / MANIFEST).exists():
        clear_site(site)
    return write(site, files, {})


def _home_text(config: Config, notes: Mapping[str, bytes], is_own: bool) -> str:
    """Return index.qmd with the generated parts that the Lua filter inserts for Quarto.

    If the wiki is not the project's own, the home page shows only the wiki's name.
    """
    text = _home_file(config.project).read_text(encoding="utf-8")
    if not is_own:
        title = json.dumps(config.title, ensure_ascii=False)
        text = f'---\ntitle: {title}\n---\n\n::: {{.tw-generated file="notes/{WAYS_IN}"}}\n:::\n'
    return _GENERATED.sub(lambda match: notes.get(match[1], b"").decode(), text)


def _home_file(project: Path) -> Path:
    """Return the project's home page, or the default one if the project has none that the draft can show."""
    home = project / "index.qmd"
    return home if home.is_file() else root() / home.name


def clear_site(site: Path) -> None:
    """Delete a site: only our own files of a draft, but everything of Quarto's site, as Quarto does."""
    if (site / MANIFEST).exists():
        if write(site, {}, {}).kept:
            return
        (site / MANIFEST).unlink()
        remove_index(site)
        remove_entrances(site)
        if not any(site.iterdir()):
            site.rmdir()
    elif (site / QUARTO_MARKER).is_dir():
        marker = site / QUARTO_MARKER  # deleted last: after an interruption it still shows that the site is Quarto's
        for path in (*site.iterdir(), *marker.parent.iterdir()):
            if path.is_dir() and not path.is_symlink():
                if path not in (marker, marker.parent):
                    shutil.rmtree(path)
            else:
                path.unlink()
        shutil.rmtree(marker)
        marker.parent.rmdir()
        if not site.is_symlink():
            site.rmdir()


def _page_renderer(
    config: Config,
    notes: Collection[str],
    listing: list[dict[str, Any]],
    search: bool,
    cache: DraftCache | None,
    has_feed: bool,
    neighbours: Mapping[str, Mapping[str, object]],
    with_markdown: Collection[str],
) -> Callable[[str, Body], bytes]:
    """Return a function that renders the page of a body."""
    folder = extension(config.project)
    template = Environment(loader=FileSystemLoader(folder / "draft"), autoescape=True).get_template("page.html")
    site_values = {
        "site": _site_settings(config, notes),
        "slugs": {t.name: t.slug for t in config.schema.types.values()},
        "words": words(config.language),
        "search": search,
    }
    cached_pages = cache.pages if cache else None
    site_inputs = (site_values, (folder / "draft/page.html").read_bytes())

    def page(name: str, body: Body) -> bytes:
        home = name == "index.html"
        page_values = {"root": "../" * name.count("/"), "home": home, "here": name, "listing": listing if home else ()}
        page_values["feed"] = has_feed and home
        page_values["beside"] = neighbours.get(name)
        page_values["markdown"] = f"{quote(PurePosixPath(name).name)}.md" if name in with_markdown else ""
        page_values["address"] = f"{config.site_url}/{quote(name)}" if config.site_url else ""
        page_values["picture"] = _picture(name, body, config)
        page_inputs = (body, page_values, site_inputs)
        if cached_pages is not None and name in cached_pages and cached_pages[name][0] == page_inputs:
            return cached_pages[name][1]
        html = template.render(body | {"modified": format_date(body["modified"])} | page_values | site_values).encode()
        if cached_pages is not None:
            cached_pages[name] = (page_inputs, html)
        return html

    return page


def _picture(page: str, body: Body, config: Config) -> str:
    """Return the address of the picture of a page for other sites; empty if they could not load it."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), body["image"]))
    is_generated = path.startswith(f"notes/{PICTURES}/")  # the draft has only these
    return f"{config.site_url}/{path}" if is_generated and config.site_url and config.website.cards else ""


def _neighbours(notes: Mapping[str, bytes], config: Config) -> dict[str, dict[str, object]]:
    """Return, by page, its type and the address and title of the previous and next notes of that type, ordered by
    title."""
    neighbours: dict[str, dict[str, object]] = {}
    for page_type in config.schema.types.values():
        folder = f"{page_type.slug}/"
        type_notes = sorted(
            (_title(text), name.removeprefix(folder).removesuffix(".qmd"))
            for name, text in notes.items()
            if name.startswith(folder) and name.endswith(".qmd")
        )
        links = [None, *((f"{quote(stem)}.html", title) for (_, title), stem in type_notes), None]
        for (_, stem), previous, following in zip(type_notes, links, links[2:], strict=False):
            neighbours[f"notes/{folder}{stem}.html"] = {
                "type": page_type.name,
                "previous": previous,
                "next": following,
            }
    return neighbours


def _title(note: bytes) -> tuple[str, str]:
    """Return the title of a generated note, folded and as plain text."""
    markdown = json.loads(note.split(b"\n", 2)[1].removeprefix(b"title: "))
    title = re.sub(r"\\(.)", r"\1", markdown)
    return title.casefold(), title


def _site_settings(config: Config, notes: Collection[str]) -> dict[str, Any]:
    """Return the title and the navigation in _quarto.yml, without links to pages that are not among ``notes``."""
    data = load_yaml((config.project / "_quarto.yml").read_text(encoding="utf-8")) or {}
    website = data.get("website") or {}
    footer = website.get("page-footer") or {}
    sides = footer if isinstance(footer, dict) else {"center": footer}
    return {
        "title": config.title,
        "description": config.description,
        "language": config.language,
        "links": _menu_links((website.get("navbar") or {}).get("left"), notes),
        "footer": [(side, _menu_links(sides[side], notes)) for side in ("left", "center", "right") if side in sides],
    }


def _menu_links(setting: object, notes: Collection[str]) -> list[dict[str, str]]:
    """Return the entries of a menu or a footer. An entry of text alone has no address."""
    entries = setting if isinstance(setting, list) else [{"text": setting}]
    return [
        {"text": str(entry["text"]), "href": re.sub(r"\.qmd$", ".html", str(entry.get("href", "")))}
        for entry in entries
        if isinstance(entry, dict) and entry.get("text") and _is_there(str(entry.get("href", "")), notes)
    ]


def _is_there(address: str, notes: Collection[str]) -> bool:
    """Return whether a link works: false only for pages about the wiki that are not among ``notes``."""
    page = re.fullmatch(r"/?notes/(wiki/[\w-]+)\.(?:html|qmd)", address)
    return not page or f"{page[1]}.qmd" in notes
