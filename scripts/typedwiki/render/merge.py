"""Merge parts of the site: pages, libraries, search index and site map."""

from __future__ import annotations

import filecmp
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import IO

from ..atomic import replace_if_changed

INDEXES = {"search.json": "href", "listings.json": "listing"}
"""Files with entries of every page, and the key that names the page."""
SITEMAP = "sitemap.xml"
_LIBRARY = re.compile(rb"site_libs/((?:quarto-contrib/)?[^/\"'()\s]+)/")
_REDIRECT = re.compile(r'var redirects = \{"":"([^"]+)"')
_MODIFIED = re.compile(r"(?<!\s)\s*<lastmod>[^<]*</lastmod>")
"""The time when the note was built. It says nothing about the page."""
_URL = re.compile(r"<url>\s*<loc>([^<]*)</loc>.*?</url>", re.DOTALL)


def move_part(
    part: Path, site: Path, pages: Collection[str], site_pages: Collection[str]
) -> tuple[list[str], dict[str, str]]:
    """Move the files of a part into the site.

    ``pages`` are the pages that belong to the part. Other pages stay behind, such as the index.html that Quarto
    adds, and so do redirects at the path of one of ``site_pages``. Return the files moved, and the target of each
    redirect (Quarto's `aliases:`) by its path; all paths are relative to the site.
    """
    moved_files: list[str] = []
    redirects: dict[str, str] = {}
    for path in sorted(p for p in part.rglob("*") if p.is_file()):
        name = path.relative_to(part).as_posix()
        if name in INDEXES or name == SITEMAP:
            continue
        if name.endswith(".html") and name not in pages:
            target = _redirect_target(path, name)
            if target not in pages or name in site_pages:
                continue
            redirects[name] = target
        moved_files.append(name)
        target_path = site / name
        if not (target_path.is_file() and filecmp.cmp(path, target_path, shallow=False)):
            target_path.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target_path)
    return moved_files, redirects


def _redirect_target(path: Path, name: str) -> str:
    match = _REDIRECT.search(path.read_text(encoding="utf-8", errors="replace")[:2000])
    if not match:
        return ""
    return os.path.normpath(PurePosixPath(name).parent / match[1]).replace(os.sep, "/")


def merge_indexes(site: Path, parts: Sequence[Path], pages: Sequence[str], fresh: Collection[str]) -> None:
    """Merge the search index and the listings, in the order of ``pages``. Entries of ``fresh`` pages come from parts.

    Entries are copied from file to file: those of a large wiki do not fit into memory.
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
            _write_entries(merged, site / name)


def _entries(path: Path, key: str) -> Iterator[tuple[str, int, int]]:
    """Yield for each object of a list in a file: the page that ``key`` names, and the offsets of the object."""
    with path.open("rb") as file:
        if file.readline().rstrip() not in (b"[", b"[]"):  # not in lines, as Quarto and we write it
            path.write_text(json.dumps(json.loads(path.read_bytes()), ensure_ascii=False, indent=2), encoding="utf-8")
        file.seek(0)
        start = position = 0
        page, page_key = "", f'    "{key}": '.encode()
        for line in file:
            if line.rstrip() == b"  {":
                start = position
            elif line.startswith(page_key):
                page = str(json.loads(line[len(page_key) :].rstrip(b",\r\n"))).partition("#")[0].lstrip("/")
            elif line.startswith(b"  }"):
                yield page, start, position + len(b"  }")
            position += len(line)


def _write_entries(entries: Iterable[tuple[Path, int, int]], target: Path) -> None:
    """Write a list of entries from other files, unless the target already has that content."""
    temporary = target.with_name(f".{target.name}.tmp")
    with ExitStack() as stack:
        file = stack.enter_context(temporary.open("wb"))
        files: dict[Path, IO[bytes]] = {}
        separator = b"[\n"
        for path, start, end in entries:
            if path not in files:
                files[path] = stack.enter_context(path.open("rb"))
            files[path].seek(start)
            file.write(separator + files[path].read(end - start))
            separator = b",\n"
        file.write(b"\n]" if files else b"[]")
    if target.is_file() and filecmp.cmp(temporary, target, shallow=False):
        temporary.unlink()
    else:
        temporary.replace(target)


def merge_sitemap(site: Path, parts: Sequence[Path], base: str, pages: Sequence[str], fresh: Collection[str]) -> None:
    """Merge the site maps, in the order of ``pages``. There is one only if the site has an address, ``base``."""
    if not base:
        return
    head = foot = ""
    entries: dict[str, str] = {}
    for folder in [site, *parts]:
        path = folder / SITEMAP
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for url in _URL.finditer(text):
            page = url[1].removeprefix(f"{base}/")
            if (page in fresh) == (folder != site):
                entries[page] = _MODIFIED.sub("", url[0])
            head, foot = head or text[: url.start()], text[text.rindex("</url>") + len("</url>") :]
    ordered = [entries[page] for page in pages if page in entries]
    if ordered:
        replace_if_changed(site / SITEMAP, (head + "\n  ".join(ordered) + foot).encode())


def used_libraries(page: Path) -> list[str]:
    """Return the folders of site_libs that a page uses."""
    return sorted({name.decode() for name in _LIBRARY.findall(page.read_bytes())})


def delete_obsolete(site: Path, files: Iterable[str], kept: Collection[str]) -> list[str]:
    """Delete the ``files`` that are not ``kept``, and folders that become empty. Return the deleted files."""
    deleted = sorted(set(files) - set(kept))
    for name in deleted:
        path = site / name
        path.unlink(missing_ok=True)
        while path.parent != site and path.parent.is_dir() and not any(path.parent.iterdir()):
            path = path.parent
            path.rmdir()
    return deleted


def files_to_keep(
    files: Iterable[str], moved_files: Collection[str], pages: Mapping[str, Collection[str]], fresh: Collection[str]
) -> set[str]:
    """Return the files that belong to the site: ``moved_files`` of this render, and some of earlier renders.

    ``pages`` holds the libraries of each page. Pages that were not rendered keep their file and figures; libraries
    stay while some page uses them. Every render brings all resources of the project again, so others are obsolete.
    """
    library_folders = tuple({f"site_libs/{name}/" for libraries in pages.values() for name in libraries})

    def is_needed(name: str) -> bool:
        if name.startswith("site_libs/"):
            return name.startswith(library_folders)
        page = re.sub(r"_files/.*", ".html", name)
        return page in pages and page not in fresh

    return set(filter(is_needed, files)).union(moved_files)
