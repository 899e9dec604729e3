"""Notes that people write: what Quarto's filter and the draft put into them, resolved here."""

from __future__ import annotations

import json
import re

from .connections import connections
from .emit import READER, strip
from .linking import Site, written_link
from ..model import RawFile, WikiPage

FOLDER = "assets/by-hand"
_QUOTES = str.maketrans("‘’“”–—", "''\"\"--")


def by_hand_files(site: Site, files: dict[str, RawFile]) -> dict[str, bytes]:
    """For each note written by hand a JSON file, ``assets/by-hand/<stem>.json``, with

    - reader: pandoc's reader for the Markdown below
    - links: what each typed link becomes, by what stands between its brackets (see ``link_key``)
    - strip: type, minutes and problems, for the top
    - connections: the section of that name, for the place before Sources
    """
    return {
        f"{FOLDER}/{page.stem}.json": _entry(page, files[page.id].text, site)
        for page in site.graph.pages.values()
        if site.schema.types[page.page_type].by_hand
    }


def _entry(page: WikiPage, text: str, site: Site) -> bytes:
    links = {}
    for link, resolution in zip(page.outgoing_links, site.graph.resolutions[page.id], strict=True):
        written = text[link.span.start : link.span.end]
        if not link.is_path and written.startswith("[["):
            links[link_key(written[2:-2])] = written_link(link, resolution, page, site)
    data = {"reader": READER, "links": links, "strip": strip(page, site), "connections": connections(page, site)}
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def link_key(inner: str) -> str:
    """What stands between a link's brackets, as it is after pandoc has read it as running text.

    The filter computes the same from pandoc's inlines: emphasis has lost its marks, straight quotes
    may have become curly, hyphens dashes, and space is space.
    """
    said = re.sub(r"\\([^\w\s])", r"\1", inner.translate(_QUOTES))
    return re.sub(r"[\s_*`\\]+", " ", re.sub(r"-+", "-", said)).strip()
