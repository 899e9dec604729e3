"""Generate the files of the notes folder as products, each with a fingerprint of its inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from .config import Config, Settings
from .incremental import fingerprint, program
from .listings import CHANGES, CONTENTS
from .model import WikiPage
from .notes import note_file
from .notes.cells import figure_files, mermaid_script
from .notes.connections import with_ways
from .notes.note_file import Dependencies, by_hand_file
from .notes.note_links import Site, path_name
from .pages.bundles import is_own, note_markdown
from .pages.exports import bundle_file, shared_files
from .pages.overview import overview_files
from .pages.path_pages import path_files, paths_files
from .pages.pictures import draw, pictures
from .pages.site import asset_files, data_files, own_styles
from .pages.static_pages import explore_page, guide_page, guide_texts, not_found_page
from .pages.wiki_pages import (
    audit_files,
    changes_page,
    contents_page,
    missing,
    report_files,
    rules_page,
    wanted_page,
)
from .render.finish import NOT_FOUND_PAGE as NOT_FOUND
from .repository import repositories
from .settings import Website

if TYPE_CHECKING:
    from .pipeline import Wiki

Files = Mapping[str, bytes]
"""Contents by path relative to the notes folder."""


class Product(Struct, frozen=True):
    """One file, or several that are generated together."""

    name: str
    fingerprint: str
    make: Callable[[], Files]
    origin: str = ""
    """Path of the page, if the product is its note."""


def products(wiki: Wiki, config: Config, site: Site) -> Iterator[Product]:
    """Yield all products of the notes folder. Each is generated only when its files are requested."""
    config = replace(config, schema=wiki.schema)
    graph, types = wiki.graph, config.schema.types
    base = fingerprint(_base(config), sorted(site.contents), site.changes, site.absent, site.cards, site.has_address)
    dependencies = Dependencies(site, wiki.parsed, base)
    notes: dict[str, str] = {}
    """Fingerprints of notes, by page id."""
    with_figures = []
    for page in graph.pages.values():
        notes[page.id] = dependencies.note(page)
        if types[page.page_type].by_hand:
            yield Product(f"by hand: {site.names[page.id]}", notes[page.id], partial(by_hand_file, page, site))
        else:
            yield _note(page, site, notes[page.id])
        yield _markdown(page, wiki, site, notes[page.id])
        if types[page.page_type].by_hand or page.id in wiki.trusted:
            with_figures.append(page.id)
    faces, titles, edges = dependencies.faces, dependencies.titles, dependencies.edges
    every_face, every_path = fingerprint(list(faces.items())), fingerprint(list(site.paths.values()))
    counts = fingerprint(site.problems)
    texts: dict[str, bytes] = {}

    def product(name: str, make: Callable[[], Files], *parts: object) -> Product:
        return Product(name, fingerprint(base, *parts), lambda: _completed(make(), site))

    def page_product(name: str, make: Callable[[], str], *parts: object) -> Product:
        return product(name, lambda: {f"{name}.qmd": make().encode()}, *parts)

    for workflow, path in site.paths.items():
        name, on_path = path_name(workflow, site), [faces[page_id] for page_id in path.pages()]
        yield product(name, partial(path_files, workflow, site), path, on_path, site.redirects.get(workflow))
        bundle_key = fingerprint(base, path, [notes[page_id] for page_id in path.pages()])
        yield Product(f"bundle of {name}", bundle_key, partial(bundle_file, workflow, site, texts))
    outside = [f"{folder.as_posix()}/" for folder in config.sources if not folder.is_relative_to(config.project)]
    described = bool(config.site_url)
    missing_links = [(name, page.id) for name, page in missing(site)]
    styles = own_styles(config.project)
    mermaid = mermaid_script() if any("mermaid" in page.content for page in graph.pages.values()) else None
    slugs = sorted({name.partition("/")[0] for name in site.names.values() if "/" in name})

    severities = config.settings.severities
    audit = partial(audit_files, site, wiki.problems, severities, outside)
    yield product("wiki/audit", audit, wiki.problems, severities, titles, edges)
    yield page_product("wiki/rules", lambda: rules_page(site.words))
    yield page_product("wiki/wanted", lambda: wanted_page(site), missing_links, titles)
    if "report" not in site.absent:
        requirements = sorted(site.requirements.items())
        yield product("wiki/report", partial(report_files, site), every_face, edges, requirements)
    if "paths" not in site.absent:
        yield product("wiki/paths", partial(paths_files, site), every_face, every_path)
    yield page_product("wiki/explore", lambda: explore_page(site.words, "paths" in site.absent))
    yield page_product(NOT_FOUND, lambda: not_found_page(site.words, "paths" in site.absent))
    texts_for_authors = guide_texts(config.schema.ranked)
    yield page_product("wiki/guide", lambda: guide_page(config.schema, texts_for_authors), texts_for_authors)
    yield product("wiki/graph", partial(overview_files, site), titles, edges, bool(site.paths))
    listings = wiki.context.listings
    listing_inputs = (listings.files, sorted(listings.targets.items()), sorted(site.assets.items()))
    if listings.indexes:
        yield page_product(CONTENTS, lambda: contents_page(listings, site), *listing_inputs, every_face)
    if listings.logs:
        yield page_product(CHANGES, lambda: changes_page(listings, site), *listing_inputs, every_face)
    yield Product(
        "assets",
        fingerprint(base, slugs, bool(site.paths), described, styles, str(mermaid)),
        lambda: asset_files(site, described, styles, mermaid, config.website.chooses_math),
    )
    yield Product("assets/pages", fingerprint(base, every_face, edges, every_path, counts), lambda: data_files(site))
    export_key = fingerprint(base, every_face, edges, every_path)
    yield Product("assets/exports", export_key, lambda: shared_files(site, config))
    yield Product(
        "figures",
        fingerprint(base, [wiki.parsed[page_id].fingerprint for page_id in with_figures]),
        lambda: figure_files(wiki.context.files[page_id].text for page_id in with_figures),
    )
    for picture in pictures(config, graph.pages, site.names)[1]:
        yield Product(picture.name, picture.fingerprint(), lambda p=picture: {p.name: draw(p)})  # type: ignore[misc]
    for name, data in wiki.copies.items():
        yield Product(name, fingerprint(name), lambda n=name, d=data: {n: d})  # type: ignore[misc]


def _completed(files: Files, site: Site) -> Files:
    """Return files about the whole wiki, the notes with their card and with links to the other such pages."""
    return {
        name: with_ways(note_file.with_card(data.decode(), site), name, site).encode()
        if name.endswith(".qmd")
        else data
        for name, data in files.items()
    }


def _note(page: WikiPage, site: Site, key: str) -> Product:
    name = f"{site.names[page.id]}.qmd"
    return Product(name, key, lambda: {name: note_file.note(page, site).encode()}, page.path)


def _markdown(page: WikiPage, wiki: Wiki, site: Site, key: str) -> Product:
    is_concept = is_own(page, wiki.parsed[page.id].stated)
    name = f"Markdown of {site.names[page.id]}"
    return Product(name, key, lambda: note_markdown(page, wiki.context.files[page.id] if is_concept else None, site))


def _base(config: Config) -> str:
    """Return the fingerprint of the inputs of every product: the program, and the settings that affect more than the
    audit.
    """
    schema = config.schema
    settings = replace(
        config,
        drafts=False,
        settings=Settings({}, remote_images=config.settings.remote_images),
        website=Website(leads_here=config.website.leads_here, chooses_math=config.website.chooses_math),
    )
    return fingerprint(program(), settings, repositories(config), list(schema.types), list(schema.edges))
