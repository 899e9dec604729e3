"""Notes that people write: what Quarto's filter and the draft put into them, resolved here."""

from __future__ import annotations

import json

from .connections import connections
from .breadcrumbs import ways
from .note_file import strip
from .link_table import link_table
from .note_links import Site
from ..model import WikiPage

FOLDER = "assets/by-hand"


def by_hand_file(page: WikiPage, site: Site) -> dict[str, bytes]:
    """The JSON file of a note written by hand, ``assets/by-hand/<stem>.json``: its link table, with

    - strip: type, minutes and problems, for the top
    - connections: the section of that name, for the place before Sources
    - sources: the heading of Sources, if the note calls it something else
    """
    table = link_table(page, site, "")
    table |= {"strip": "\n\n".join(filter(None, (ways(site.names[page.id], site), strip(page, site)))), "connections": connections(page, site)}
    table |= {"sources": title} if (title := dict(page.written).get("sources")) else {}
    return {f"{FOLDER}/{page.stem}.json": json.dumps(table, ensure_ascii=False, indent=1).encode()}
