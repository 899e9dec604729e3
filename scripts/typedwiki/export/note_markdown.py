"""Each note as Markdown beside its page, ``X.html.md`` beside ``X.html``, for programs that read the site."""

from __future__ import annotations

import posixpath

from ..model import RawFile, WikiPage
from ..notes.note_links import Site
from .concept import Places, concept

FOLDER = "assets/markdown"
"""Where the files wait, below the notes folder, until the site is rendered: Quarto would take them for notes."""
SUFFIX = ".html.md"


def note_markdown(page: WikiPage, raw: RawFile | None, site: Site) -> dict[str, bytes]:
    """The Markdown of a page's note by path relative to the notes folder; ``raw`` is the page's file if that is
    a concept already."""

    def beside(name: str, here: WikiPage) -> str:
        return posixpath.relpath(name, posixpath.dirname(site.names[here.id]) or ".")

    places = Places(
        lambda target, here: beside(f"{site.names[target.id]}{SUFFIX}", here),
        lambda address, here: beside(copied, here) if (copied := site.assets.get((here.path, address))) else "",
        keeps_fields=False,
    )
    return {f"{FOLDER}/{site.names[page.id]}{SUFFIX}": concept(page, raw, site, places).encode()}


def published(name: str) -> str:
    """Where a file of ``FOLDER`` stands on the site, relative to its root; "" for any other file."""
    return f"notes/{name.removeprefix(f'{FOLDER}/')}" if name.startswith(f"{FOLDER}/") else ""
