"""The files of the notes folder as products, each with a fingerprint of what decides it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .config import Config, Settings
from .export.files import bundle_file, shared_files
from .fingerprint import fingerprint, program
from .model import WikiPage
from .notes import note_file
from .notes.by_hand import by_hand_file
from .notes.dependencies import Dependencies
from .notes.note_links import Site, path_name
from .notes.plotly_figures import figure_files
from .pages.audit_pages import audit_page, missing, report_page, rules_page, wanted_page
from .pages.explore import explore_page
from .pages.overview import overview_files
from .pages.path_pages import path_files, paths_page
from .pages.site import asset_files, data_files
from .repository import repositories
from .search import fulltext

if TYPE_CHECKING:
    from .pipeline import Wiki

Files = Mapping[str, bytes]
"""Contents by path relative to the notes folder."""


@dataclass(frozen=True, slots=True)
class Product:
    """One file or a few that are made together."""

    name: str
    fingerprint: str
    make: Callable[[], Files]
    origin: str = ""
    """The path of the page that it is the note of."""


def products(wiki: Wiki, config: Config, site: Site) -> Iterator[Product]:
    """Everything that the notes folder holds. Nothing is made before it is asked for."""
    graph, types = wiki.graph, config.schema.types
    base = _base(config)
    dependencies = Dependencies(site, wiki.parsed, base)
    notes: dict[str, str] = {}
    """Fingerprints of notes, by page id."""
    drawing = []
    for page in graph.pages.values():
        notes[page.id] = dependencies.note(page)
        if types[page.page_type].by_hand:
            yield _by_hand(page, site, notes[page.id])
        else:
            yield _note(page, site, notes[page.id])
        if types[page.page_type].by_hand or page.id in wiki.trusted:
            drawing.append(page.id)
    faces, titles, edges = dependencies.faces, dependencies.titles, dependencies.edges
    every_face, every_path = fingerprint(list(faces.items())), fingerprint(list(site.paths.values()))
    counts = fingerprint(site.problems)
    texts: dict[str, bytes] = {}
    for workflow, path in site.paths.items():
        on_path = [faces[page_id] for page_id in path.pages()]
        shown = fingerprint(base, path, on_path, site.redirects.get(workflow))
        yield Product(path_name(workflow, site), shown, lambda w=workflow: path_files(w, site))  # type: ignore[misc]
        bundled = fingerprint(base, path, [notes[page_id] for page_id in path.pages()])
        name = f"bundle of {path_name(workflow, site)}"
        yield Product(name, bundled, lambda w=workflow: bundle_file(w, site, texts))  # type: ignore[misc]
    outside = [f"{folder.as_posix()}/" for folder in config.sources if not folder.is_relative_to(config.project)]
    searched = len(graph.pages) >= config.pagefind_from and fulltext.available()
    wanted = [(name, page.id) for name, page in missing(site)]
    slugs = sorted({name.partition("/")[0] for name in site.names.values() if "/" in name})

    def one(name: str, make: Callable[[], str], *parts: object) -> Product:
        return Product(name, fingerprint(base, *parts), lambda: {f"{name}.qmd": make().encode()})

    yield one(
        "wiki/audit",
        lambda: audit_page(site, wiki.problems, config.settings.severities, outside),
        wiki.problems, config.settings.severities, titles, edges,
    )  # fmt: skip
    yield one("wiki/rules", rules_page)
    yield one("wiki/wanted", lambda: wanted_page(site), wanted, titles)
    yield one("wiki/report", lambda: report_page(site), every_face, edges, sorted(site.requirements.items()))
    yield one("wiki/paths", lambda: paths_page(site), every_face, every_path)
    yield one("wiki/explore", explore_page)
    yield Product("wiki/graph", fingerprint(base, titles, edges, bool(site.paths)), lambda: overview_files(site))
    yield Product("assets", fingerprint(base, slugs, bool(site.paths), searched), lambda: asset_files(site, searched))
    yield Product("assets/pages", fingerprint(base, every_face, edges, every_path, counts), lambda: data_files(site))
    exported = fingerprint(base, every_face, edges, every_path)
    yield Product("assets/exports", exported, lambda: shared_files(site, config))
    yield Product(
        "figures",
        fingerprint(base, [wiki.parsed[page_id].fingerprint for page_id in drawing]),
        lambda: figure_files(wiki.context.files[page_id].text for page_id in drawing),
    )
    for name, data in wiki.copies.items():
        yield Product(name, fingerprint(name), lambda n=name, d=data: {n: d})  # type: ignore[misc]


def _note(page: WikiPage, site: Site, key: str) -> Product:
    name = f"{site.names[page.id]}.qmd"
    return Product(name, key, lambda: {name: note_file.note(page, site).encode()}, page.path)


def _by_hand(page: WikiPage, site: Site, key: str) -> Product:
    return Product(f"by hand: {site.names[page.id]}", key, lambda: by_hand_file(page, site))


def _base(config: Config) -> str:
    """The fingerprint of what decides every product: the program, and the settings that more than the audit has."""
    schema = config.schema
    settings = replace(config, drafts=False, settings=Settings({}, remote_images=config.settings.remote_images))
    return fingerprint(program(), settings, repositories(config), list(schema.types), list(schema.edges))
