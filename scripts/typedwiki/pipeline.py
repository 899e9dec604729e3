"""The house from front to back: read, parse, resolve, check, emit."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import emit, linking, namespaces, parse, read, resolve
from .audit import audit_files
from .check import check
from .config import Config
from .context import Context
from .locations import file_index
from .model import Graph, RawFile, WikiPage
from .problems import Problem
from .requirements import requirements_of
from .site import site_files

Progress = Callable[[int, int], None]
"""Told how many of how many pages have been read."""
LARGEST_ASSET = 20_000_000
"""Bytes; a bigger file beside a page is not copied."""
ASSET_SUFFIXES = frozenset(
    re.findall(
        r"\.\w+",
        ".png .jpg .jpeg .gif .webp .avif .svg .pdf .csv .tsv .json .txt .ipynb .py .zip",
    )
)


@dataclass(frozen=True)
class Wiki:
    """A wiki that has been read and understood, and what is wrong with it."""

    graph: Graph
    problems: tuple[Problem, ...]
    context: Context
    copies: Mapping[str, bytes]
    """Files beside pages that the site shows, by path relative to the notes folder."""


def understand(config: Config, progress: Progress = lambda done, total: None) -> Wiki:
    """Read the sources, parse each page, resolve the whole and check it."""
    raw, indexes, problems = read.read(config.sources, config.schema, config.project)
    spaces = namespaces_of(raw)
    pages: list[WikiPage] = []
    for file in raw:
        page, found = parse.parse(file, config.schema, spaces[file.root, file.stem])
        pages.append(page)
        progress(len(pages), len(raw))
        problems += found
    pages, found = resolve.unique_ids(pages)
    problems += found
    graph, found = resolve.resolve(pages, config.schema)
    files = {page.id: file for page, file in zip(pages, raw, strict=True)}
    attached, copies = _attached(pages, config)
    context = Context(graph, config.schema, files, tuple(indexes), config.settings, attached)
    return Wiki(graph, tuple(check(context, [*problems, *found])), context, copies)


def generate(wiki: Wiki, config: Config) -> tuple[dict[str, bytes], dict[str, str]]:
    """Every generated file by path relative to the notes folder, and the page each comes from."""
    graph = wiki.graph
    site = linking.Site(
        graph,
        config.schema,
        linking.note_names(graph, config.schema),
        file_index(graph.pages.values()),
        wiki.context.attached,
        f"{config.repo_url}/edit/{config.repo_branch}/" if config.repo_url else "",
        f"{config.repo_url}/blob/{config.repo_branch}/" if config.repo_url else "",
        {page.id: requirements_of(page) for page in graph.pages.values() if page.page_type == "Environment"},
        Counter(p.path for p in wiki.problems if p.severity != "info"),
    )
    about = audit_files(site, wiki.problems, dict(config.settings.severities))
    files = {f"{site.names[p.id]}.qmd": emit.note(p, site).encode() for p in graph.pages.values()}
    origins = {f"{site.names[p.id]}.qmd": p.path for p in graph.pages.values()}
    return {**files, **about, **site_files(site), **wiki.copies}, origins


def namespaces_of(raw: Iterable[RawFile]) -> dict[tuple[str, str], str]:
    """The namespace of each page, by root and stem."""
    roots: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for file in raw:
        roots[file.root].append((file.stem, file.page_type))
    return {
        (root, stem): space for root, pages in roots.items() for stem, space in namespaces.namespaces(pages).items()
    }


def _attached(pages: Iterable[WikiPage], config: Config) -> tuple[dict[tuple[str, str], str], dict[str, bytes]]:
    """Files beside pages that pages show: where each goes in the notes folder, and its bytes."""
    targets: dict[tuple[str, str], str] = {}
    copies: dict[str, bytes] = {}
    roots = [source.resolve() for source in config.sources]
    for page in pages:
        links = (link.target for link in page.outgoing_links if link.is_path)
        for path in {*(path for path, _ in page.images), *links}:
            file = (config.project / page.path).parent / path
            if file.suffix.lower() not in ASSET_SUFFIXES:
                continue
            try:
                real = file.resolve()
                # Nothing from outside the wiki enters the site, by ".." or by symbolic link.
                if not any(real.is_relative_to(root) for root in roots) or not real.is_file():
                    continue
                if real.stat().st_size > LARGEST_ASSET:
                    continue
                data = real.read_bytes()
            except (OSError, ValueError):
                continue
            stamp = hashlib.sha256(data).hexdigest()[:8]
            name = "".join(c if c.isalnum() or c in "-_." else "_" for c in Path(path).name)
            target = f"assets/files/{stamp}-{name}"
            targets[page.path, path] = target
            copies[target] = data
    return targets, copies
