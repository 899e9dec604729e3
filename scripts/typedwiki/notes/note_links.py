"""Addresses and links between notes, and what writing one note needs to know of the whole wiki."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import quote

from .code_references import FileIndex
from ..text.markdown import escape
from ..model import Graph, WikiPage
from ..pages.paths import ReadingPath
from ..schema import Schema
from ..requirements.model import Requirement
from ..words import Words, words


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
    repositories: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Where the sources of pages are (see ``repository``)."""
    requirements: Mapping[str, Sequence[Requirement]] = field(default_factory=dict)
    """What each Environment asks for, by page id."""
    problems: Mapping[str, int] = field(default_factory=dict)
    """How many problems each page has, by path, where it has any."""
    paths: Mapping[str, ReadingPath] = field(default_factory=dict)
    """Reading paths by the id of their Workflow."""
    trails: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The shortest way from a Workflow to each page, by page id."""
    redirects: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Further addresses of pages, which lead to theirs, by page id: as names of notes (``../old/index``: outside)."""
    trusted: frozenset[str] = frozenset()
    """Ids of the pages whose cells may run."""
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Pages with similar overviews that no edge joins with a page, by its id."""
    remote_images: Sequence[str] = ()
    """Hosts whose pictures pages may show."""
    words: Words = field(default_factory=words)
    """In the language of the site."""
    several_namespaces: bool = False
    """Whether it tells readers anything to which namespace a page belongs."""
    contents: frozenset[str] = frozenset()
    """Folders of bundles whose index files are shown on a page of their own."""
    changes: bool = False
    """Whether a page shows what the logs of bundles say."""
    ways: bool = False
    """Whether each note leads to Explore, Graph and Paths, because the navigation of the site does not."""
    absent: frozenset[str] = frozenset()
    """Pages about the whole wiki that would have nothing to show, such as ``paths``."""


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


def page_address(target: WikiPage, page: WikiPage, site: Site, fragment: str = "") -> str:
    """The address of another note's page, relative to a page's."""
    name = site.names[target.id]
    address = relative(name if "/" in name else quote(name), site.names[page.id])
    return f"{address}.html#{fragment}" if fragment else f"{address}.html"


def page_link(target: WikiPage, page: WikiPage, site: Site, label: str = "", fragment: str = "") -> str:
    """A typed link to another note, as Markdown; ``label`` is plain text."""
    words = escape(label or target.page_title)
    classes = " ".join(f".{name}" for name in link_classes(target, site))
    return f"[{words}]({page_address(target, page, site, fragment)}){{{classes}}}"


def link_classes(target: WikiPage, site: Site) -> list[str]:
    """The classes of a link to a page: what type it has, and whether it is no longer current."""
    classes = ["tw-link", f"tw-{site.schema.types[target.page_type].slug}"]
    return [*classes, "tw-deprecated"] if target.is_deprecated else classes


def source_address(path: str, action: Literal["edit", "blob"], site: Site) -> str:
    """Where the file of a page is edited, or shown, in its repository; empty if it is in none that is known."""
    for prefix, (address, below) in site.repositories.items():
        if path.startswith(prefix) and (prefix or not PurePosixPath(path).is_absolute()):
            return f"{address}/{action}/{below}{quote(path.removeprefix(prefix))}"
    return ""


def own_heading(page: WikiPage, section: str, site: Site) -> str:
    """The heading of ``sources`` or ``connections``, as the page calls it."""
    title = dict(page.written).get(section) or site.words(section)
    return f"## {escape(title)} {{#{section}}}"


def attached(path: str, page: WikiPage, site: Site, here: WikiPage | None = None) -> str:
    """The site's copy of a file beside a page, relative to the note of ``here``, the page itself unless it is
    given; "" if there is none."""
    copied = site.assets.get((page.path, path))
    return relative(copied, site.names[(here or page).id]) if copied else ""
