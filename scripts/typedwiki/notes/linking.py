"""Links, images and names of notes: what the marks of a page's Markdown become."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from ..text.anchors import fragment_of
from ..text.links import MARK
from .locations import FileIndex
from ..text.markdown import escape
from ..model import Ambiguous, Found, Graph, Link, Missing, Resolution, WikiPage
from ..pages.paths import ReadingPath
from ..schema import Schema
from ..needs.versions import Requirement

_IMAGE_SUFFIX = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Site:
    """What emitting one note needs to know of all others."""

    graph: Graph
    schema: Schema
    names: Mapping[str, str]
    """Note of each page relative to the notes folder, without suffix: ``workflow/QLoRA``."""
    files: FileIndex
    assets: Mapping[tuple[str, str], str]
    """Copied file of each (page path, relative path), relative to the notes folder."""
    edit_url: str = ""
    """Prefix that, with a page's path, leads to where its source is edited."""
    source_url: str = ""
    """Prefix that, with a page's path, leads to where its source is shown."""
    requirements: Mapping[str, Sequence[Requirement]] = field(default_factory=dict)
    """What each Environment asks for, by page id."""
    problems: Mapping[str, int] = field(default_factory=dict)
    """How many problems each page has, by path, where it has any."""
    paths: Mapping[str, ReadingPath] = field(default_factory=dict)
    """Reading paths by the id of their Workflow."""
    trails: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The shortest way from a Workflow to each page, by page id."""
    redirects: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Earlier addresses of pages, by page id, as names of notes."""
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Pages with similar overviews that no edge joins with a page, by its id."""


def relative(name: str, here: str) -> str:
    """One note's path as seen from another, both relative to the notes folder."""
    folder, slash, _ = here.partition("/")
    if not slash:  # written by hand: it stands in the notes folder itself
        return name
    return name.removeprefix(f"{folder}/") if name.startswith(f"{folder}/") else f"../{name}"


def path_name(workflow: str, site: Site) -> str:
    """The page of a Workflow's reading path, relative to the notes folder: ``path/QLoRA``.

    Should a site have several types on top, the others' names say which one they are of; no
    name of a note has a tilde.
    """
    slug, _, stem = site.names[workflow].partition("/")
    first = min(site.schema.types.values(), key=lambda t: t.rank)
    return f"path/{stem}" if slug == first.slug else f"path/{slug}~{stem}"


def page_link(target: WikiPage, page: WikiPage, site: Site, label: str = "", fragment: str = "") -> str:
    """A typed link to another note."""
    name = site.names[target.id]
    address = relative(name if "/" in name else quote(name), site.names[page.id])
    slug = site.schema.types[target.page_type].slug
    anchor = f"#{fragment}" if fragment else ""
    return f"[{label or escape(target.page_title)}]({address}.html{anchor}){{.tw-link .tw-{slug}}}"


def marked(markdown: str, page: WikiPage, site: Site) -> str:
    """Replace the marks of links and images by what they lead to."""
    resolutions = site.graph.resolutions[page.id]

    def shown(match: re.Match[str]) -> str:
        number = int(match[2])
        if match[1] == "i":
            return _image(*page.images[number], page, site)
        return written_link(page.outgoing_links[number], resolutions[number], page, site)

    return MARK.sub(shown, markdown)


def _image(path: str, caption: str, page: WikiPage, site: Site) -> str:
    copied = attached(path, page, site)
    if not copied:
        title = re.sub(r'[\\"{}<>\n]', " ", path).strip()
        return f'[{caption or escape(path)}]{{.tw-missing title="{title}: no such file"}}'
    return f"![{caption}]({copied})" if _IMAGE_SUFFIX.search(path) else f"[{caption or escape(path)}]({copied})"


def attached(path: str, page: WikiPage, site: Site) -> str:
    copied = site.assets.get((page.path, path))
    return relative(copied, site.names[page.id]) if copied else ""


def written_link(link: Link, resolution: Resolution, page: WikiPage, site: Site) -> str:
    label = link.label or ""
    written = label or escape(link.target.replace("_", " "))
    if isinstance(resolution, Found):
        target = site.graph.pages[resolution.page_id]
        fragment = fragment_of(link.fragment or "", target)
        if target.id == page.id:
            text = label or escape(link.fragment or page.page_title)
            return f"[{text}](#{fragment})" if fragment else text
        return page_link(target, page, site, label, fragment)
    if isinstance(resolution, Ambiguous):
        choices = ", ".join(page_link(site.graph.pages[c], page, site, c) for c in resolution.candidates)
        return f"[{written}]{{.tw-missing}} (one of {choices})"
    if link.is_path and (copied := attached(link.target, page, site)):
        return f"[{written}]({copied})"
    return _missing(written, link, resolution)


def _missing(written: str, link: Link, resolution: Missing) -> str:
    what = f"{link.type}:{link.target}" if link.type else link.target
    why = "not a page of this wiki" if resolution.unknown_type else "no such page yet"
    title = re.sub(r'[\\"{}<>\n]', " ", f"{what}: {why}").strip()
    return f'[{written}]{{.tw-missing title="{title}"}}'
