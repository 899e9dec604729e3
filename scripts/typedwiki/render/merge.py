"""Parts of the site put together: pages, libraries, search index and site map."""

from __future__ import annotations

import filecmp
import json
import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from ..atomic import replace_file

INDEXES = {"search.json": "href", "listings.json": "listing"}
"""Files that hold something of every page, and the key that names the page."""
SITEMAP = "sitemap.xml"
_LIBRARY = re.compile(rb"site_libs/((?:quarto-contrib/)?[^/\"'()\s]+)/")
_REDIRECT = re.compile(r'var redirects = \{"":"([^"]+)"')
_MODIFIED = re.compile(r"\s*<lastmod>.*?</lastmod>")
"""When the note was built, which says nothing of the page."""
_URL = re.compile(r"<url>\s*<loc>([^<]*)</loc>.*?</url>", re.DOTALL)


def take(part: Path, site: Path, pages: Collection[str]) -> tuple[list[str], dict[str, str]]:
    """Move what a part has made into the site.

    ``pages`` are those that the part was asked for: others, such as the index.html that Quarto
    invents where there is none, stay behind. Returns the files it brought and, by the path of each
    redirect (Quarto's `aliases:`), the page it leads to; all paths relative to the site.
    """
    brought: list[str] = []
    redirects: dict[str, str] = {}
    for path in sorted(p for p in part.rglob("*") if p.is_file()):
        name = path.relative_to(part).as_posix()
        if name in INDEXES or name == SITEMAP:
            continue
        if name.endswith(".html") and name not in pages:
            target = _redirect(path, name)
            if target not in pages:
                continue
            redirects[name] = target
        brought.append(name)
        here = site / name
        if not (here.is_file() and filecmp.cmp(path, here, shallow=False)):
            here.parent.mkdir(parents=True, exist_ok=True)
            path.replace(here)
    return brought, redirects


def _redirect(path: Path, name: str) -> str:
    found = _REDIRECT.search(path.read_text(encoding="utf-8", errors="replace")[:2000])
    if not found:
        return ""
    return os.path.normpath(PurePosixPath(name).parent / found[1]).replace(os.sep, "/")


def merge_indexes(site: Path, parts: Sequence[Path], pages: Sequence[str], fresh: Collection[str]) -> None:
    """One search index and so on, in the order of ``pages``: of ``fresh`` ones from the parts."""
    for name, key in INDEXES.items():
        entries: dict[str, list[object]] = {page: [] for page in pages}
        for folder in [site, *parts]:
            path = folder / name
            for entry in json.loads(path.read_bytes()) if path.is_file() else ():
                page = str(entry[key]).partition("#")[0].lstrip("/")
                if page in entries and (page in fresh) == (folder != site):
                    entries[page].append(entry)
        merged = [entry for page in pages for entry in entries[page]]
        if merged or (site / name).exists():
            _write(site / name, json.dumps(merged, ensure_ascii=False, indent=2))


def merge_sitemap(site: Path, parts: Sequence[Path], base: str, pages: Sequence[str], fresh: Collection[str]) -> None:
    """One site map in the order of ``pages``; Quarto makes one if the site has an address, ``base``."""
    if not base:
        return
    head = foot = ""
    entries: dict[str, str] = {}
    for folder in [site, *parts]:
        path = folder / SITEMAP
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for url in _URL.finditer(text):
            page = url[1].removeprefix(base.rstrip("/") + "/")
            if (page in fresh) == (folder != site):
                entries[page] = _MODIFIED.sub("", url[0])
            head, foot = head or text[: url.start()], text[text.rindex("</url>") + len("</url>") :]
    listed = [entries[page] for page in pages if page in entries]
    if listed:
        _write(site / SITEMAP, head + "\n  ".join(listed) + foot)


def libraries(page: Path) -> list[str]:
    """The folders of site_libs that a page uses."""
    return sorted({found.decode() for found in _LIBRARY.findall(page.read_bytes())})


def prune(site: Path, files: Iterable[str], keep: Collection[str]) -> list[str]:
    """Delete those of our files that no page needs any more, and the folders that this empties."""
    gone = sorted(set(files) - set(keep))
    for name in gone:
        path = site / name
        path.unlink(missing_ok=True)
        while path.parent != site and path.parent.is_dir() and not any(path.parent.iterdir()):
            path = path.parent
            path.rmdir()
    return gone


def still_needed(
    files: Iterable[str], brought: Collection[str], pages: Mapping[str, Collection[str]], fresh: Collection[str]
) -> set[str]:
    """Which files of earlier renders belong to the site besides those that this one ``brought``.

    ``pages`` holds the libraries of each page. Pages that were not rendered keep their file and
    figures; libraries stay while some page uses them. What the project's resources were is brought
    anew by every render, so what is not brought is gone.
    """
    used = {library for found in pages.values() for library in found}
    kept = set()
    for name in files:
        if name.startswith("site_libs/"):
            parts = name.split("/")
            library = "/".join(parts[1:3]) if parts[1] == "quarto-contrib" else parts[1]
            stays = library in used
        else:
            page = re.sub(r"_files/.*", ".html", name)
            stays = page in pages and page not in fresh
        if stays:
            kept.add(name)
    return kept | set(brought)


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        replace_file(path, text.encode())
