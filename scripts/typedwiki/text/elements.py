"""HTML elements that a page may hold."""

from __future__ import annotations

import re

ALLOWED_TAGS = frozenset(
    re.findall(
        r"\w+",
        "a abbr b bdi big blockquote br caption center cite code col colgroup dd del details dfn div dl dt em"
        " figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike"
        " strong sub summary sup table tbody td tfoot th thead tr tt u ul var wbr",
    )
)
"""Elements whose meaning a note keeps, or that stand for their content. All lose their attributes but for the
size of images, the spans of cells, and addresses (see ``html.lua``)."""
