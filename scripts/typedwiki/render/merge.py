"""Parts of the site put together: pages, libraries, search index and site map."""

from __future__ import annotations

import filecmp
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import IO

from ..atomic import replace_file

INDEXES = {"search.json": "href", "listings.json": "listing"}
"""Files that hold something of every page, and the key that names the page."""
SITEMAP = "sitemap.xml"
_LIBRARY = re.compile(rb"site_libs/((?:quarto-contrib/)?[^/\"'()\s]+)/")
_REDIRECT = re.compile(r'var redirects = \{"":"([^"]+)"')
_MODIFIED = re.compile(r"(?<!\s)\s*<lastmod>[^<]*</lastmod>")
"""When the note was built, which says nothing of the page."""
_URL = re.compile(r"<url>\s*<loc>([^<]*)</loc>.*?</url>", re.DOTALL)


def take(
    part: Path, site: Path, pages: Collection[str], every: Collection[str] = ()
) -> tuple[list[str], dict[str, str]]:
    """Move what a part has made into the site.

    ``pages`` are those that the part was asked for: others, such as the index.html that Quarto invents where
    there is none, stay behind, and redirects that stand where ``every`` page of the site has its place. Returns
    the files it brought and, by the path of each redirect (Quarto's `aliases:`), the page it leads to; all paths
    relative to the site.
    """
    brought: list[str] = []
    redirects: dict[str, str] = {}
    for path in sorted(p for p in part.rglob("*") if p.is_file()):
        name = path.relative_to(part).as_posix()
        if name in INDEXES or name == SITEMAP:
            continue
        if name.endswith(".html") and name not in pages:
            target = _redirect(path, name)
            if target not in pages or name in every:
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
    """One search index and so on, in the order of ``pages``: of ``fresh`` ones from the parts.

    Entries are copied as they stand in the files: those of a large wiki are too much to hold.
    """
    for name, key in INDEXES.items():
        entries: dict[str, list[tuple[Path, int, int]]] = {page: [] for page in pages}
        for folder in [site, *parts]:
            path = folder / name
            for page, start, end in _entries(path, key) if path.is_file() else ():
                if page in entries and (page in fresh) == (folder != site):
                    entries[page].append((path, start, end))
        merged = [entry for page in pages for entry in entries[page]]
        if merged or (site / name).exists():
            _join(merged, site / name)


def _entries(path: Path, key: str) -> Iterator[tuple[str, int, int]]:
    """Each object of a list in a file, as the page that ``key`` names and where it begins and ends."""
    with path.open("rb") as file:
        if file.readline().rstrip() not in (b"[", b"[]"):  # not in lines, as Quarto and we write it
            path.write_text(json.dumps(json.loads(path.read_bytes()), ensure_ascii=False, indent=2), encoding="utf-8")
        file.seek(0)
        start = position = 0
        page, named = "", f'    "{key}": '.encode()
        for line in file:
            if line.rstrip() == b"  {":
                start = position
            elif line.startswith(named):
                page = str(json.loads(line[len(named) :].rstrip(b",\r\n"))).partition("#")[0].lstrip("/")
            elif line.startswith(b"  }"):
                yield page, start, position + len(b"  }")
            position += len(line)


def _join(entries: Iterable[tuple[Path, int, int]], target: Path) -> None:
    """Write a list of entries of other files, unless it is there already."""
    made = target.with_name(f".{target.name}.tmp")
    with ExitStack() as stack:
        file = stack.enter_context(made.open("wb"))
        files: dict[Path, IO[bytes]] = {}
        before = b"[\n"
        for path, start, end in entries:
            if path not in files:
                files[path] = stack.enter_context(path.open("rb"))
            files[path].seek(start)
            file.write(before + files[path].read(end - start))
            before = b",\n"
        file.write(b"\n]" if files else b"[]")
    if target.is_file() and filecmp.cmp(made, target, shallow=False):
        made.unlink()
    else:
        made.replace(target)


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
